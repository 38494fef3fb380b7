import {
  CostExplorerClient,
  CostExplorerServiceException,
  type DateInterval,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type GetCostAndUsageCommandOutput,
  GetDimensionValuesCommand,
  type GetDimensionValuesCommandOutput,
  GetTagsCommand,
  type GetTagsCommandOutput,
  type Group,
  type ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { answering } from './answering.ts';
import {
  checkFilter,
  dimensionOf,
  groupKeyOf,
  invalid,
  passes,
  refused,
  tagOf,
} from './cost-explorer-filter.ts';
import type { AccountState, MemoryBill } from './state.ts';

const DAY_MS = 86_400_000;
/** Cost Explorer knows so many months before the current one (its user guide). */
const MONTHS_KNOWN = 13;
/** AWS does not say how many groups come on one page; each page is a request that costs money. */
const GROUPS_PER_PAGE = 5000;

/** Values of a dimension or tag on one page; AWS gives as many at most (the reference of GetDimensionValues). */
const VALUES_PER_PAGE = 1000;

/** Cost Explorer, with what `billing` says, by day or month, and by any two of what a bill has. */
export function costExplorerIn(
  { account, billing, asked, health, now }: AccountState,
  groupsPerPage = GROUPS_PER_PAGE,
  valuesPerPage = VALUES_PER_PAGE,
): CostExplorerClient {
  const ask = () => {
    asked.costExplorer += 1;
    if (!health.costExplorer) throw DOWN;
  };
  const valuesOf = (
    period: DateInterval | undefined,
    token: string | undefined,
    of: (bill: MemoryBill) => string,
  ) => {
    checkPeriod(period, now());
    const { Start = '', End = '' } = period ?? {};
    const bills = billing.bills().filter(({ day }) => day >= Start && day < End);
    const all = [...new Set(bills.map(of))].sort();
    const start = startOf(token);
    const end = start + valuesPerPage;
    return { values: all.slice(start, end), all, ...(end < all.length ? { next: `${end}` } : {}) };
  };
  return answering(new CostExplorerClient({ region: 'us-east-1' }))
    .on(GetCostAndUsageCommand, (input): Partial<GetCostAndUsageCommandOutput> => {
      ask();
      check(input, now());
      const bills = billing.bills().filter((bill) => passes(bill, input.Filter, account));
      const { results, next } = pageOf(
        resultsOf(input, bills, now(), account),
        input.NextPageToken,
        groupsPerPage,
      );
      return {
        ResultsByTime: results,
        ...(input.GroupBy === undefined ? {} : { GroupDefinitions: input.GroupBy }),
        ...(next === undefined ? {} : { NextPageToken: next }),
        DimensionValueAttributes: [],
      };
    })
    .on(GetDimensionValuesCommand, ({ TimePeriod, Dimension, NextPageToken }) => {
      ask();
      const { values, all, next } = valuesOf(TimePeriod, NextPageToken, (bill) =>
        dimensionOf(bill, Dimension, account),
      );
      return {
        DimensionValues: values.map((Value) => ({ Value, Attributes: {} })),
        ReturnSize: values.length,
        TotalSize: all.length,
        ...(next === undefined ? {} : { NextPageToken: next }),
      } satisfies Partial<GetDimensionValuesCommandOutput>;
    })
    .on(GetTagsCommand, ({ TimePeriod, TagKey, NextPageToken }) => {
      ask();
      if (TagKey === undefined)
        throw new Error('The account in memory tells of the values of one tag at a time.');
      const { values, all, next } = valuesOf(TimePeriod, NextPageToken, (bill) => tagOf(bill, TagKey));
      return {
        Tags: values,
        ReturnSize: values.length,
        TotalSize: all.length,
        ...(next === undefined ? {} : { NextPageToken: next }),
      } satisfies Partial<GetTagsCommandOutput>;
    }).client;
}

const DOWN = new CostExplorerServiceException({
  name: 'InternalServerException',
  message: 'Cost Explorer is down.',
  $fault: 'server',
  $metadata: { httpStatusCode: 500 },
});

/** `YYYY-MM-DD`. */
const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

function checkPeriod(TimePeriod: DateInterval | undefined, now: Date) {
  const { Start = '', End = '' } = TimePeriod ?? {};
  for (const day of [Start, End]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw invalid(`Time period must be dates as YYYY-MM-DD: "${day}"`);
  }
  if (Start >= End) throw invalid('Start date (and hour) should be before end date (and hour)');
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS_KNOWN, 1));
  if (Start < dayOf(first)) throw invalid("You haven't enabled historical data beyond 14 months");
}

function check(
  { TimePeriod, Granularity, GroupBy = [], Metrics = [], Filter }: GetCostAndUsageCommandInput,
  now: Date,
) {
  checkPeriod(TimePeriod, now);
  if (Granularity !== 'DAILY' && Granularity !== 'MONTHLY') {
    throw invalid('Only DAILY and MONTHLY granularity is enabled');
  }
  if (GroupBy.length > 2) throw invalid('Only two groups can be set');
  if (new Set(GroupBy.map(({ Type, Key }) => `${Type} ${Key}`)).size < GroupBy.length) {
    throw invalid('Group definitions must be unique');
  }
  if (Metrics.length === 0) throw invalid('At least one metric must be given');
  if (Filter !== undefined) checkFilter(Filter);
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
  account: string,
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
      Groups: GroupBy.length === 0 ? [] : groupsOf(own, input, account),
      // A bill is final some days after its month; here with the month.
      Estimated: End > thisMonth,
    };
  });
}

function groupsOf(
  bills: readonly MemoryBill[],
  input: GetCostAndUsageCommandInput,
  account: string,
): Group[] {
  const keysOf = (bill: MemoryBill): string[] =>
    (input.GroupBy ?? []).map((group) => groupKeyOf(bill, group, account));
  return [...Map.groupBy(bills, (bill) => JSON.stringify(keysOf(bill))).values()].flatMap((some): Group[] => {
    const [first] = some;
    return first === undefined ? [] : [{ Keys: keysOf(first), Metrics: metricsOf(some, input) }];
  });
}

const metricsOf = (bills: readonly MemoryBill[], { Metrics = [] }: GetCostAndUsageCommandInput) =>
  Object.fromEntries(
    Metrics.map((name) => [
      name,
      {
        Amount: sumOf(
          bills.map(({ usd, unblended }) => (name === 'UnblendedCost' ? (unblended ?? usd) : usd)),
        ),
        Unit: 'USD',
      },
    ]),
  );

/** Decimals of an amount, as AWS tells of it. */
const DECIMALS = 10;

/** The exact sum as a decimal. */
function sumOf(amounts: readonly number[]): string {
  const sum = amounts.reduce((all, usd) => all + BigInt(Math.round(usd * 10 ** DECIMALS)), 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** So many groups from the token on; a period without any stands for one. */
function pageOf(
  all: readonly ResultByTime[],
  token: string | undefined,
  size: number,
): { readonly results: ResultByTime[]; readonly next: string | undefined } {
  const start = startOf(token);
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

function startOf(token: string | undefined): number {
  const start = token === undefined ? 0 : Number(token);
  if (Number.isInteger(start) && start >= 0) return start;
  throw refused('InvalidNextTokenException', 'The next page token is not valid.');
}
