import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { utcDay } from '../decide/sentences.ts';
import { errorCode, isTransient } from '../fleet/aws-errors.ts';
import { MONTHS_KNOWN, readBilledDays, readBilledMonths } from '../fleet/billing.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { DAY_MS, daysBefore, monthsBefore } from '../meter/days.ts';
import { DAYS_BACK, isAskedLate } from '../meter/settled.ts';
import type { Policy } from '../policy/policy.ts';
import { billingRequestId, REQUESTS_A_DAY } from './billing-requests.ts';

export interface BillingDeps {
  readonly policy: Pick<Policy, 'tags' | 'teams' | 'projects'>;
  readonly ledger: Pick<
    Ledger,
    'spendDays' | 'saveBilledDays' | 'spendMonths' | 'saveSpendMonths' | 'once' | 'seen'
  >;
  readonly costExplorer: CostExplorerClient;
  readonly account: string;
  readonly now: Date;
}

export type BillingRefresh =
  /** What is known is new enough. */
  | { readonly state: 'fresh' }
  /** The last attempt is too near, or the requests of this day are used up. */
  | { readonly state: 'waiting' }
  /** Days from `from` to `to`, both included, and these months. */
  | {
      readonly state: 'refreshed';
      readonly from: string;
      readonly to: string;
      readonly months: readonly string[];
    }
  /** What was read before it is saved. It is tried again at another time, by itself. */
  | { readonly state: 'failed'; readonly error: unknown };

const HOUR_MS = 3_600_000;

/** Cost Explorer is brought up to date a few times a day; each request costs $0.01. */
const DUE_MS = 6 * HOUR_MS;
/** Asked about each time: late lines still come in. */
const DAYS_AGAIN = 4;
/** A month's bill is final by then (AWS Billing user guide: between the third and the seventh day, as a rule). */
const FINAL_AFTER_DAYS = 10;

/**
 * Asks Cost Explorer what was billed, where that is due, and keeps it: never more than four requests a UTC day, whoever
 * asks and however it ends, since each request is claimed first. Where several pages do not fit into these, nothing of
 * them counts, and fewer days are asked about from then on.
 * @throws `LedgerError`
 */
export async function refreshBilling(deps: BillingDeps): Promise<BillingRefresh> {
  const { ledger, account, now } = deps;
  const today = utcDay(now);
  const recent = await ledger.spendDays(account, daysBefore(today, DAYS_AGAIN), today);
  const newest = Math.max(0, ...recent.flatMap(({ billedAsOf }) => billedAsOf?.getTime() ?? []));
  if (now.getTime() < newest + DUE_MS) return { state: 'fresh' };
  if (!(await mayAttempt(deps))) return { state: 'waiting' };
  try {
    const days = await refreshDays(newest, deps);
    if (days.state !== 'refreshed') return days;
    return { ...days, months: await refreshMonths(deps) };
  } catch (error) {
    if (!isPassing(error)) await ledger.once(refusedId(now), now);
    return { state: 'failed', error };
  }
}

/** Too many calls at once: it says so by an error of its own. */
const isPassing = (error: unknown): boolean =>
  isTransient(error) || errorCode(error) === 'LimitExceededException';

const attemptId = (at: number): string => `billing/attempt/${new Date(at).toISOString().slice(0, 13)}`;

/** A refusal ends only when somebody mends something, so the next attempt is in the next quarter of the day. */
const refusedId = (now: Date): string =>
  `billing/refused/${utcDay(now)}/${Math.floor(now.getUTCHours() / 6)}`;

/** One attempt an hour and none in the hour after it, so that a failure does not use up the day's requests at once. */
async function mayAttempt({ ledger, now }: BillingDeps): Promise<boolean> {
  const at = now.getTime();
  if (await ledger.seen(attemptId(at - HOUR_MS), now)) return false;
  if (await ledger.seen(refusedId(now), now)) return false;
  return ledger.once(attemptId(at), now);
}

/** Claims one of the day's requests. */
async function claimRequest({ ledger, now }: BillingDeps): Promise<boolean> {
  for (let n = 1; n <= REQUESTS_A_DAY; n += 1) {
    if (await ledger.once(billingRequestId(utcDay(now), n), now)) return true;
  }
  return false;
}

/** Days, or months; both included. */
interface Span {
  readonly from: string;
  readonly to: string;
}

type Refreshed = Extract<BillingRefresh, { state: 'refreshed' }>;
type Otherwise = Exclude<BillingRefresh, Refreshed>;

async function refreshDays(
  newest: number,
  deps: BillingDeps,
): Promise<Omit<Refreshed, 'months'> | Otherwise> {
  const { policy, ledger, costExplorer, account, now } = deps;
  const narrower = await timesNarrowed(deps);
  const span = await spanOf(newest, narrower, deps);
  const answer = await readBilledDays(costExplorer, {
    ...span,
    tagKey: policy.tags.project,
    request: () => claimRequest(deps),
  });
  if (answer.state === 'out-of-requests') {
    // With fewer, others have used some of the day's: it may fit tomorrow.
    if (answer.pages < REQUESTS_A_DAY) return { state: 'waiting' };
    await ledger.once(narrowerId(narrower + 1), now);
    const error = new Error(
      `What was billed from ${span.from} to ${span.to} has more pages than a day has requests (${REQUESTS_A_DAY}).`,
    );
    return { state: 'failed', error };
  }
  await ledger.saveBilledDays(
    account,
    [...answer.billed].map(([day, billed]) => ({ day, billedAsOf: now, billed })),
  );
  return { state: 'refreshed', ...span };
}

const MOST_NARROWED = 3;
const narrowerId = (times: number): string => `billing/narrower/${Math.min(times, MOST_NARROWED)}`;

/** How often an answer had more pages than a day has requests. It is forgotten after 14 days, and tried anew. */
async function timesNarrowed({ ledger, now }: BillingDeps): Promise<number> {
  let times = 0;
  while (times < MOST_NARROWED && (await ledger.seen(narrowerId(times + 1), now))) times += 1;
  return times;
}

/**
 * The days to ask about: as a rule from the first one that is not billed for good, and on the first request of a day
 * from the first of the month, since some lines of the bill change late. Where that is too much, those that are about
 * to be billed for good: the meter knows the newer ones.
 */
async function spanOf(
  newest: number,
  narrower: number,
  { ledger, account, now }: BillingDeps,
): Promise<Span> {
  const today = utcDay(now);
  const again = daysBefore(today, DAYS_AGAIN);
  switch (narrower) {
    case 0:
      break;
    case 1:
      return { from: again, to: today };
    case 2:
      return { from: daysBefore(today, 3), to: daysBefore(today, 2) };
    default:
      return { from: daysBefore(today, 3), to: daysBefore(today, 3) };
  }
  const earliest = daysBefore(today, DAYS_BACK);
  const known = await ledger.spendDays(account, earliest, today);
  const settled = new Set(known.flatMap((one) => (isAskedLate(one) ? [one.day] : [])));
  let from = earliest;
  while (from < again && settled.has(from)) from = daysBefore(from, -1);
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  const isFirstToday = newest < Date.parse(today);
  return { from: isFirstToday && firstOfMonth < from ? firstOfMonth : from, to: today };
}

/**
 * Months before this one that limits on all time need and that are not known, and the last one until its bill is
 * final, with one request a day.
 */
async function refreshMonths(deps: BillingDeps): Promise<readonly string[]> {
  const { policy, ledger, costExplorer, account, now } = deps;
  const wanted = await wantedMonths(deps);
  if (wanted.length === 0 || !(await ledger.once(`billing/months/${utcDay(now)}`, now))) return [];
  const oneByOne = await ledger.seen(MONTHS_NARROWER, now);
  const some = oneByOne ? wanted.slice(0, 1) : wanted;
  let asked = false;
  const answer = await readBilledMonths(costExplorer, {
    from: some[0] ?? '',
    to: some.at(-1) ?? '',
    tagKey: policy.tags.project,
    request: async () => {
      if (asked) return false;
      asked = true;
      return claimRequest(deps);
    },
  });
  if (answer.state === 'out-of-requests') {
    if (answer.pages > 0) await ledger.once(MONTHS_NARROWER, now);
    return [];
  }
  const months = [...answer.billed].map(([month, billed]) => ({ month, billedAsOf: now, billed }));
  await ledger.saveSpendMonths(account, months);
  return months.map(({ month }) => month);
}

const MONTHS_NARROWER = 'billing/narrower/months';

/** In order. */
async function wantedMonths({ policy, ledger, account, now }: BillingDeps): Promise<readonly string[]> {
  const since = [...Object.values(policy.projects), ...Object.values(policy.teams)].flatMap(
    ({ total }) => total?.since.slice(0, 7) ?? [],
  );
  const last = monthsBefore(now, 1);
  const reach = monthsBefore(now, MONTHS_KNOWN);
  const [earliest] = since.sort();
  if (earliest === undefined) return [];
  const from = earliest < reach ? reach : earliest;
  const known = new Map((await ledger.spendMonths(account, from)).map((one) => [one.month, one.billedAsOf]));
  const months = Array.from({ length: MONTHS_KNOWN }, (_, n) => monthsBefore(now, MONTHS_KNOWN - n));
  return months.filter(
    (month) => month >= from && (!known.has(month) || (month === last && !isFinal(month))),
  );

  function isFinal(month: string): boolean {
    const end = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)));
    return (known.get(month)?.getTime() ?? 0) >= end + FINAL_AFTER_DAYS * DAY_MS;
  }
}
