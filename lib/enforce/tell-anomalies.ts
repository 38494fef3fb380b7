import { utcDay } from '../decide/sentences.ts';
import { DAYS_KNOWN, distance, findAnomalies, isAbove } from '../decide/spend-anomaly.ts';
import { anomaliesDecision, anomalyDecision } from '../decide/spend-anomaly-decision.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { billedDays, meteredDays } from '../meter/day-series.ts';
import { daysBefore } from '../meter/days.ts';
import type { Policy } from '../policy/policy.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import type { Decision } from '../types/decision.ts';
import type { ProjectSpend } from '../types/meter.ts';
import { type MeterSaysDeps, readMeterSays } from './read-meter-says.ts';

export type AnomaliesDeps = MeterSaysDeps & {
  readonly policy: Pick<Policy, 'alerts'>;
  readonly ledger: Pick<Ledger, 'spendDays' | 'once' | 'seen'>;
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
};

export interface AnomaliesInput {
  /** By project. */
  readonly spends: ReadonlyMap<string, Pick<ProjectSpend, 'discount'>>;
  /** Cost Explorer has just been asked: more days may be billed than before. */
  readonly hasNewBill: boolean;
}

/** The UTC hour in which the day before is judged by the meter: what ended at midnight is known by then. */
const HOUR = 1;
/** An older day is no news. A bill is whole three to four days after its day. */
const NEWS_DAYS = 7;
/** Alerts of one project each in a UTC day; whatever is beyond them is one alert more. */
const MOST_ALERTS = 5;
/** … which lists so many. */
const MOST_MORE = 40;

/** True in the hour of the day in which the day before is judged by the meter. */
export const isAnomalyTime = (now: Date, { alerts }: Pick<Policy, 'alerts'>): boolean =>
  alerts.anomalies && now.getUTCHours() === HOUR;

/**
 * Has people told of days on which a project spent far more than such a weekday costs: once a day of the day before by
 * the meter, and of days that have become billed. Of a project and day they are told once, whoever found it. It may be
 * called any number of times; where it breaks off, the next call does the same.
 * @throws what the ledger or the queue answers
 */
export async function tellAnomalies(
  { spends, hasNewBill }: AnomaliesInput,
  at: Date,
  deps: AnomaliesDeps,
): Promise<void> {
  const { policy, ledger, account, send } = deps;
  if (!policy.alerts.anomalies) return;
  const today = utcDay(at);
  const judged = `anomalies/${today}/judged`;
  const isDue = isAnomalyTime(at, policy) && !(await ledger.seen(judged, at));
  if (!isDue && !hasNewBill) return;
  const days = await ledger.spendDays(account, daysBefore(today, DAYS_KNOWN + NEWS_DAYS), today);
  const billed = billedDays(days);
  const oldest = daysBefore(today, NEWS_DAYS);
  const found = [
    ...findAnomalies({
      by: 'bill',
      days: billed,
      candidates: billed.flatMap(({ day }) => (day >= oldest ? [day] : [])),
    }),
  ];
  const meter = isDue ? await readMeterSays(spends, at, deps) : undefined;
  if (meter !== undefined) {
    const yesterday = daysBefore(today, 1);
    const metered = meteredDays(days, meter, yesterday);
    found.push(...findAnomalies({ by: 'meter', days: metered, candidates: [yesterday] }));
  }
  await tellNews(found.filter(isAbove), today, at, { ledger, send });
  if (isDue) await ledger.once(judged, at);
}

async function tellNews(
  found: readonly SpendAnomaly[],
  today: string,
  at: Date,
  { ledger, send }: Pick<AnomaliesDeps, 'ledger' | 'send'>,
): Promise<void> {
  const news: SpendAnomaly[] = [];
  // The first day of what lasts is the one to tell.
  for (const anomaly of [...found].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))) {
    const same = [...toldWith(anomaly, today)];
    if (news.some((one) => same.includes(toldId(one)))) continue;
    const told = await Promise.all(same.map((id) => ledger.seen(id, at)));
    if (!told.includes(true)) news.push(anomaly);
  }
  if (news.length === 0) return;
  news.sort((a, b) => Number(distance(b) - distance(a)));
  const ids = Array.from({ length: MOST_ALERTS }, (_, n) => `anomalies/${today}/alert/${n + 1}`);
  const used = await Promise.all(ids.map((id) => ledger.seen(id, at)));
  const free = ids.filter((_, n) => used[n] !== true);
  const alone = news.slice(0, free.length);
  const summedUp = `anomalies/${today}/more`;
  // What does not fit into this day's alerts is told on the next day.
  const more = (await ledger.seen(summedUp, at)) ? [] : news.slice(free.length, free.length + MOST_MORE);
  const decisions = [
    ...alone.map(anomalyDecision),
    ...(more.length === 0 ? [] : [anomaliesDecision(more, today)]),
  ];
  if (decisions.length === 0) return;
  await send(decisions, `anomalies/${at.toISOString()}`, at);
  const done = [
    ...[...alone, ...more].map(toldId),
    ...free.slice(0, alone.length),
    ...(more.length === 0 ? [] : [summedUp]),
  ];
  for (const id of done) await ledger.once(id, at);
}

const toldId = ({ project = '', day }: Pick<SpendAnomaly, 'project' | 'day'>): string =>
  `told/spend-anomaly/${day}/${project}`;

/**
 * Once one of these is told, this is no news. A bill may have the same begin on another day than the meter, which knows
 * nothing of some services: it is no news within a week of what was told.
 */
function* toldWith({ project, day, by }: SpendAnomaly, today: string): Generator<string> {
  const around = by === 'meter' ? 0 : NEWS_DAYS;
  for (let distant = -around; distant <= around; distant += 1) {
    const other = daysBefore(day, -distant);
    if (other < today) yield toldId({ project, day: other });
  }
}
