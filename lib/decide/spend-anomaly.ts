import type { DailySpend } from '../meter/day-series.ts';
import { dayName, numberOfDay } from '../meter/days.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import { ascending } from '../types/lists.ts';
import type { ByProject } from '../types/meter.ts';
import { microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { DaySeries } from './spend-anomaly-series.ts';

export interface AnomalyInput {
  /** Which figures these are: all by the meter, or all as billed. The two are not compared with each other. */
  readonly by: SpendAnomaly['by'];
  /** In order. A day that is absent is not known; it is not taken for one without spend. */
  readonly days: readonly DailySpend[];
  /** The days to judge, `2026-11-25`; each by those before it alone. */
  readonly candidates: readonly string[];
}

/** So many days before a day its weekday and its level can be told from: two weeks. */
export const DAYS_NEEDED = 14;
/** Days before a candidate that it is judged by: they hold the same day of the two months before. */
export const DAYS_KNOWN = 92;

/** What is less than this above or below is not worth anybody's time. USD × 1,000,000. */
const LEAST_EXTRA = 25_000_000;
/** … nor is less than this share of what was expected. */
const LEAST_SHARE = 0.3;
/** What lasts is told once: in the days after one that was told only what is `WORSE` times as far above is told. */
const QUIET_DAYS = 7;
const WORSE = 3;
/** What has come twice in so many days is usual of the project, such as training runs. */
const SEEN_DAYS = 62;
const SEEN_TIMES = 2;
/** Those that were this share as far above count. */
const SEEN_SHARE = 0.6;

/**
 * Days on which a project spent far more than such a weekday costs it, or far less: the newest first, and of one day
 * the furthest from what was expected. A project is judged by its own days alone.
 *
 * What is expected is a robust forecast by weekday and level (`DaySeries`), and far is outside of three spreads. Left
 * out is what people could do nothing about or know already: small amounts, what goes on since it was told, what came
 * before in the same way, and monthly charges. A project younger than two weeks has no usual days.
 */
export function findAnomalies({ by, days, candidates }: AnomalyInput): readonly SpendAnomaly[] {
  const projects = new Set(days.flatMap(({ projects: some }) => [...some.keys()]));
  const numbered = new Map(days.map(({ day, projects: some }) => [numberOfDay(day), some]));
  const judged = candidates.map((day) => ({ day, number: numberOfDay(day) }));
  const found = [...projects].flatMap((project) => {
    const history = historyOf(numbered, project);
    if (history === undefined) return [];
    return judged.flatMap(({ day, number }) => {
      const index = number - history.first;
      const news = history.news(index);
      return news === undefined ? [] : [anomalyOf(history, index, { project, day, by, ...news })];
    });
  });
  return found.sort(
    (a, b) =>
      ascending(b.day, a.day) ||
      ascending(distance(b), distance(a)) ||
      ascending(a.project ?? '', b.project ?? ''),
  );
}

/** True where more was spent than is usual: what people are told of. */
export const isAbove = ({ spent, high }: Pick<SpendAnomaly, 'spent' | 'high'>): boolean => spent > high;

/** How much more, or less, than expected it is. */
export const distance = ({ spent, expected }: Pick<SpendAnomaly, 'spent' | 'expected'>): Usd =>
  microUsd(spent > expected ? spent - expected : expected - spent);

interface Far {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  /** Above what is expected; below zero is below. */
  readonly extra: number;
}

/** `news`: to be told. `same`: as far as one of the days before that was told. */
type Verdict = { readonly is: 'news' | 'same'; readonly far: Far } | undefined;

/** Amounts day by day; `undefined` = not known. */
type Services = ReadonlyMap<string, readonly (Usd | undefined)[]>;

/** The days of one project from the first on which it spent anything. */
class History {
  /** Number of the first day. */
  readonly first: number;
  /** What each service cost; few projects are asked for it. */
  readonly services: () => Services;
  readonly #series: DaySeries;
  readonly #verdicts = new Map<number, Verdict>();

  constructor(first: number, services: () => Services, all: DaySeries) {
    this.first = first;
    this.services = services;
    this.#series = all;
  }

  /** What to tell of a day; `undefined` = nothing. */
  news(index: number): Far | undefined {
    const verdict = this.#verdict(index);
    return verdict?.is === 'news' ? verdict.far : undefined;
  }

  #verdict(index: number): Verdict {
    if (this.#verdicts.has(index)) return this.#verdicts.get(index);
    const verdict = this.#judge(index);
    this.#verdicts.set(index, verdict);
    return verdict;
  }

  #judge(index: number): Verdict {
    const far = this.#far(index);
    if (far === undefined) return undefined;
    if (this.#goesOn(index, far)) return { is: 'same', far };
    return this.#isMonthly(index, far) || this.#cameBefore(index, far) ? undefined : { is: 'news', far };
  }

  /** Set where a day is far from usual, and by an amount that matters. */
  #far(index: number): Far | undefined {
    const amount = this.#series.amounts[index];
    if (amount === undefined || this.#series.known(0, index).length < DAYS_NEEDED) return undefined;
    const usual = this.#series.usual(index);
    if (usual === undefined || (usual.low <= amount && amount <= usual.high)) return undefined;
    const extra = amount - usual.expected;
    const size = Math.abs(extra);
    return size < LEAST_EXTRA || size < LEAST_SHARE * usual.expected ? undefined : { ...usual, extra };
  }

  /**
   * What starts late in a day costs many times as much on the next, its first whole one: the day after one that was told
   * is no news, however far it is, and the days to come are held against it.
   */
  #goesOn(index: number, far: Far): boolean {
    for (let day = Math.max(0, index - QUIET_DAYS); day < index; day += 1) {
      const before = this.#verdict(day);
      const times = before === undefined ? 0 : far.extra / before.far.extra;
      // Below zero one is above and the other below.
      if (times > 0 && (times < WORSE || (day === index - 1 && before?.is === 'news'))) return true;
    }
    return false;
  }

  /**
   * Charges of a month come on its first day, and work that ends it on its last. What such a day of the months before
   * had as well is usual; where none of these is known, nobody can say.
   */
  #isMonthly(index: number, far: Far): boolean {
    const before = sameDaysBefore(this.first + index).map((day) => day - this.first);
    if (before.length === 0) return false;
    const known = before.filter((day) => this.#series.amounts[day] !== undefined);
    return known.length === 0 || known.some((day) => this.#series.extra(day) / far.extra >= SEEN_SHARE);
  }

  /** Days in a row are one time. Of a short history once is as much as twice of a long one. */
  #cameBefore(index: number, far: Far): boolean {
    const isEdge = edgeOf(this.first + index) !== undefined;
    const from = Math.max(0, index - SEEN_DAYS);
    let [times, isInRow] = [0, false];
    for (let day = from; day < index; day += 1) {
      // Monthly charges say nothing of other days.
      if (!isEdge && edgeOf(this.first + day) !== undefined) continue;
      const isAsFar = this.#series.extra(day) / far.extra >= SEEN_SHARE;
      if (isAsFar && !isInRow) times += 1;
      isInRow = isAsFar;
    }
    return times >= Math.max(1, Math.round((SEEN_TIMES * (index - from)) / SEEN_DAYS));
  }
}

/** Whether a day is the first or the last of its month. */
function edgeOf(day: number): 'first' | 'last' | undefined {
  if (dayName(day).endsWith('-01')) return 'first';
  return dayName(day + 1).endsWith('-01') ? 'last' : undefined;
}

/** Of the first or the last day of a month those of the two months before; none of any other day. */
function sameDaysBefore(day: number): readonly number[] {
  const edge = edgeOf(day);
  if (edge === undefined) return [];
  const [year = 0, month = 0] = dayName(day).split('-').map(Number);
  const first = (monthsBack: number): number => numberOfDay(isoDay(year, month - 1 - monthsBack));
  return edge === 'first' ? [first(1), first(2)] : [first(0) - 1, first(1) - 1];
}

/** Of a month that is counted from January of the year, 0, and may be below. */
const isoDay = (year: number, month: number): string => new Date(Date.UTC(year, month)).toISOString();

/**
 * @param days by number
 * @returns `undefined` where it never spent anything
 */
function historyOf(days: ReadonlyMap<number, ByProject>, project: string): History | undefined {
  const totals = new Map(
    [...days].map(([day, projects]) => [
      day,
      sumUsd([...(projects.get(project)?.values() ?? [])].map(spentOf)),
    ]),
  );
  const spent = [...totals].flatMap(([day, total]) => (total > 0n ? [day] : []));
  if (spent.length === 0) return undefined;
  const first = Math.min(...spent);
  const numbers = Array.from({ length: Math.max(...days.keys()) - first + 1 }, (_, index) => first + index);
  return new History(
    first,
    () => servicesOf(days, project, numbers),
    seriesOf(numbers.map((day) => totals.get(day))),
  );
}

function servicesOf(
  days: ReadonlyMap<number, ByProject>,
  project: string,
  numbers: readonly number[],
): Services {
  const names = new Set([...days.values()].flatMap((projects) => [...(projects.get(project)?.keys() ?? [])]));
  return new Map(
    [...names].map((service) => [
      service,
      numbers.map((day) =>
        days.has(day) ? spentOf(days.get(day)?.get(project)?.get(service) ?? ZERO_USD) : undefined,
      ),
    ]),
  );
}

/** Below zero are refunds and credits that slipped through, and they say nothing of what was spent. */
const spentOf = (amount: Usd): Usd => (amount < 0n ? ZERO_USD : amount);

const seriesOf = (amounts: readonly (Usd | undefined)[]): DaySeries =>
  new DaySeries(amounts.map((amount) => (amount === undefined ? undefined : Number(amount))));

/** More are a list that nobody reads. */
const MOST_SERVICES = 3;

function anomalyOf(
  { services }: History,
  index: number,
  {
    project,
    day,
    by,
    expected,
    low,
    high,
  }: Far & Pick<SpendAnomaly, 'day' | 'by'> & { readonly project: string },
): SpendAnomaly {
  const each = [...services()].map(([service, amounts]) => ({
    service,
    spent: amounts[index] ?? ZERO_USD,
    expected: rounded(seriesOf(amounts).expected(index) ?? 0),
  }));
  const spent = sumUsd(each.map((one) => one.spent));
  const isOver = spent > rounded(high);
  return {
    project: project === '' ? undefined : project,
    day,
    by,
    spent,
    expected: rounded(expected),
    low: rounded(low),
    high: rounded(high),
    // Those that make up the difference: one that cost less explains no day that cost more.
    services: each
      .filter((one) => (isOver ? one.spent > one.expected : one.spent < one.expected))
      .sort((a, b) => ascending(distance(b), distance(a)) || ascending(a.service, b.service))
      .slice(0, MOST_SERVICES),
  };
}

const rounded = (micros: number): Usd => microUsd(BigInt(Math.round(micros)));
