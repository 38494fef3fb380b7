import {
  CostExplorerClient,
  CostExplorerServiceException,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type GetCostAndUsageCommandOutput,
  type Group,
  type ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { answering } from './answering.ts';
import type { AccountState, MemoryBill } from './state.ts';

const DAY_MS = 86_400_000;
/** Cost Explorer knows so many months before the current one (its user guide). */
const MONTHS_KNOWN = 13;
/** AWS does not say how many groups come on one page; each page is a request that costs money. */
const GROUPS_PER_PAGE = 5000;

/**
 * Cost Explorer, with what `billing` says, by day or month, and by the tag and the service. Every key of a tag names
 * the project: the bills know no other.
 */
export function costExplorerIn(
  { billing, asked, health, now }: AccountState,
  groupsPerPage = GROUPS_PER_PAGE,
): CostExplorerClient {
  return answering(new CostExplorerClient({ region: 'us-east-1' })).on(
    GetCostAndUsageCommand,
    (input): Partial<GetCostAndUsageCommandOutput> => {
      asked.costExplorer += 1;
      if (!health.costExplorer) throw DOWN;
      check(input, now());
      const bills = billing.bills().filter((bill) => passes(bill, input.Filter));
      const { results, next } = pageOf(resultsOf(input, bills, now()), input.NextPageToken, groupsPerPage);
      return {
        ResultsByTime: results,
        ...(input.GroupBy === undefined ? {} : { GroupDefinitions: input.GroupBy }),
        ...(next === undefined ? {} : { NextPageToken: next }),
        DimensionValueAttributes: [],
      };
    },
  ).client;
}

const DOWN = new CostExplorerServiceException({
  name: 'InternalServerException',
  message: 'Cost Explorer is down.',
  $fault: 'server',
  $metadata: { httpStatusCode: 500 },
});

const refused = (name: string, message: string) =>
  new CostExplorerServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 400 } });
const invalid = (message: string) => refused('ValidationException', message);

/** `YYYY-MM-DD`. */
const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

function check(
  { TimePeriod, Granularity, GroupBy = [], Metrics = [] }: GetCostAndUsageCommandInput,
  now: Date,
) {
  const { Start = '', End = '' } = TimePeriod ?? {};
  for (const day of [Start, End]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw invalid(`Time period must be dates as YYYY-MM-DD: "${day}"`);
  }
  if (Start >= End) throw invalid('Start date (and hour) should be before end date (and hour)');
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS_KNOWN, 1));
  if (Start < dayOf(first)) throw invalid("You haven't enabled historical data beyond 14 months");
  if (Granularity !== 'DAILY' && Granularity !== 'MONTHLY') {
    throw invalid('Only DAILY and MONTHLY granularity is enabled');
  }
  if (GroupBy.length > 2) throw invalid('Only two groups can be set');
  if (Metrics.length === 0) throw invalid('At least one metric must be given');
}

/** First day and the day after the last one of each period; a month may be cut at either end. */
function periodsOf({ TimePeriod, Granularity }: GetCostAndUsageCommandInput): [string, string][] {
  const { Start = '', End = '' } = TimePeriod ?? {};
  const periods: [string, string][] = [];
  for (let start = new Date(Start); dayOf(start) < End; ) {
    const end =
      Granularity === 'MONTHLY'
        ? new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1))
        : new Date(start.getTime() + DAY_MS);
    periods.push([dayOf(start), dayOf(end) < End ? dayOf(end) : End]);
    start = end;
  }
  return periods;
}

function resultsOf(
  input: GetCostAndUsageCommandInput,
  bills: readonly MemoryBill[],
  now: Date,
): readonly ResultByTime[] {
  const { Granularity, GroupBy = [] } = input;
  const monthly = Granularity === 'MONTHLY';
  const { Start: first = '', End: last = '' } = input.TimePeriod ?? {};
  const byPeriod = Map.groupBy(
    bills.filter(({ day }) => day >= first && day < last),
    ({ day }) => (monthly ? day.slice(0, 7) : day),
  );
  const thisMonth = `${dayOf(now).slice(0, 7)}-01`;
  return periodsOf(input).map(([Start, End]) => {
    const own = byPeriod.get(monthly ? Start.slice(0, 7) : Start) ?? [];
    return {
      TimePeriod: { Start, End },
      Total: GroupBy.length === 0 ? metricsOf(own, input) : {},
      Groups: GroupBy.length === 0 ? [] : groupsOf(own, input),
      // A bill is final some days after its month; here with the month.
      Estimated: End > thisMonth,
    };
  });
}

function groupsOf(bills: readonly MemoryBill[], input: GetCostAndUsageCommandInput): Group[] {
  const keysOf = ({ project, service }: MemoryBill): string[] =>
    (input.GroupBy ?? []).map(({ Type, Key = '' }) => {
      if (Type === 'TAG') return `${Key}$${project}`;
      if (Type === 'DIMENSION' && Key === 'SERVICE') return service;
      throw new Error(`The account in memory knows no bills by ${Type} ${Key}.`);
    });
  return [...Map.groupBy(bills, (bill) => JSON.stringify(keysOf(bill))).values()].flatMap((some): Group[] => {
    const [first] = some;
    return first === undefined ? [] : [{ Keys: keysOf(first), Metrics: metricsOf(some, input) }];
  });
}

const metricsOf = (bills: readonly MemoryBill[], { Metrics = [] }: GetCostAndUsageCommandInput) =>
  Object.fromEntries(Metrics.map((name) => [name, { Amount: sumOf(bills), Unit: 'USD' }]));

/** Decimals of an amount, as AWS tells of it. */
const DECIMALS = 10;

/** The exact sum as a decimal. */
function sumOf(bills: readonly MemoryBill[]): string {
  const sum = bills.reduce((all, { usd }) => all + BigInt(Math.round(usd * 10 ** DECIMALS)), 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Every bill here is of usage: no credit, refund or tax. */
function passes(bill: MemoryBill, filter: Expression | undefined): boolean {
  if (filter === undefined) return true;
  const { And, Or, Not, Dimensions, Tags, CostCategories } = filter;
  if (CostCategories !== undefined) throw new Error('The account in memory has no cost categories.');
  return (
    (And ?? []).every((one) => passes(bill, one)) &&
    (Or === undefined || Or.some((one) => passes(bill, one))) &&
    (Not === undefined || !passes(bill, Not)) &&
    (Dimensions?.Values ?? [dimensionOf(bill, Dimensions?.Key)]).includes(
      dimensionOf(bill, Dimensions?.Key),
    ) &&
    (Tags === undefined || (Tags.Values ?? []).includes(bill.project))
  );
}

function dimensionOf(bill: MemoryBill, key: string | undefined): string {
  switch (key) {
    case undefined:
      return '';
    case 'SERVICE':
      return bill.service;
    case 'RECORD_TYPE':
      return 'Usage';
    default:
      throw new Error(`The account in memory knows no bills by ${key}.`);
  }
}

/** So many groups from the token on; a period without any stands for one. */
function pageOf(
  all: readonly ResultByTime[],
  token: string | undefined,
  size: number,
): { readonly results: ResultByTime[]; readonly next: string | undefined } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0) {
    throw refused('InvalidNextTokenException', 'The next page token is not valid.');
  }
  const end = start + size;
  const results: ResultByTime[] = [];
  let before = 0;
  for (const result of all) {
    const groups = result.Groups ?? [];
    const count = Math.max(1, groups.length);
    if (before < end && before + count > start) {
      results.push({ ...result, Groups: groups.slice(Math.max(0, start - before), end - before) });
    }
    before += count;
  }
  return { results, next: before > end ? `${end}` : undefined };
}
