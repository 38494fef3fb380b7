import {
  type CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageRequest,
  type GroupDefinition,
} from '@aws-sdk/client-cost-explorer';
import * as z from 'zod';
import type { ByProject } from '../types/meter.ts';
import { microUsd, parseUsd, type Usd } from '../types/money.ts';
import { NOT_SPEND, SPEND_METRIC } from '../types/spend-basis.ts';

/** How a question to Cost Explorer may be asked. */
export interface BillingQuestion {
  /** The tag that names the project; it must be activated as a cost allocation tag. */
  readonly tagKey: string;
  /** First and last, both included. */
  readonly from: string;
  readonly to: string;
  /** Asked before each request, of which every page is one; false = no more may be made. */
  readonly request: () => Promise<boolean>;
}

/** `out-of-requests`: there was more to read than requests were allowed; `pages` were read, and none of them counts. */
export type BillingAnswer<T> =
  | { readonly state: 'read'; readonly billed: T }
  | { readonly state: 'out-of-requests'; readonly pages: number };

/** Gross of credits and refunds. */
const gross = (): Expression => ({
  Not: { Dimensions: { Key: NOT_SPEND.dimension, Values: [...NOT_SPEND.values] } },
});

/** Cost Explorer knows so many months before the current one. */
export const MONTHS_KNOWN = 13;

const DAY_MS = 86_400_000;

/**
 * What was billed for each day from `from` to `to` (`YYYY-MM-DD`, UTC) by project and service; days without any cost
 * have an entry too. In the management account of an organisation it is that of all its accounts, as of AWS Budgets.
 * @throws what Cost Explorer answers, and an Error where the answer cannot be read.
 */
export async function readBilledDays(
  client: CostExplorerClient,
  { tagKey, from, to, request }: BillingQuestion,
): Promise<BillingAnswer<ReadonlyMap<string, ByProject>>> {
  const answer = await readPeriods(
    client,
    {
      TimePeriod: { Start: from, End: dayAfter(to) },
      Granularity: 'DAILY',
      GroupBy: [byTag(tagKey), { Type: 'DIMENSION', Key: 'SERVICE' }],
    },
    request,
  );
  if (answer.state === 'out-of-requests') return answer;
  const days = new Map<string, Map<string, Map<string, Usd>>>();
  for (let day = from; day <= to; day = dayAfter(day)) days.set(day, new Map());
  for (const { start, keys, amount } of answer.billed) {
    const [tag = '', service = ''] = keys;
    const day = days.get(start);
    if (day === undefined) continue;
    const project = projectOf(tag, tagKey);
    const services = day.get(project) ?? new Map<string, Usd>();
    add(services, SAME_SERVICE.get(service) ?? service, amount);
    day.set(project, services);
  }
  return { state: 'read', billed: days };
}

/**
 * What was billed for each month from `from` to `to` (`YYYY-MM`, UTC) by project; months without any cost have an
 * entry too. Cost Explorer knows thirteen months before the current one (its user guide).
 * @throws what Cost Explorer answers, and an Error where the answer cannot be read.
 */
export async function readBilledMonths(
  client: CostExplorerClient,
  { tagKey, from, to, request }: BillingQuestion,
): Promise<BillingAnswer<ReadonlyMap<string, ReadonlyMap<string, Usd>>>> {
  const answer = await readPeriods(
    client,
    {
      TimePeriod: { Start: `${from}-01`, End: `${monthAfter(to)}-01` },
      Granularity: 'MONTHLY',
      GroupBy: [byTag(tagKey)],
    },
    request,
  );
  if (answer.state === 'out-of-requests') return answer;
  const months = new Map<string, Map<string, Usd>>();
  for (let month = from; month <= to; month = monthAfter(month)) months.set(month, new Map());
  for (const { start, keys, amount } of answer.billed) {
    const [tag = ''] = keys;
    const month = months.get(start.slice(0, 7));
    if (month !== undefined) add(month, projectOf(tag, tagKey), amount);
  }
  return { state: 'read', billed: months };
}

const byTag = (Key: string): GroupDefinition => ({ Type: 'TAG', Key });

/** The console calls it by its new name; should bills do so one day, it stays one service (unverified). */
const SAME_SERVICE: ReadonlyMap<string, string> = new Map([['Amazon SageMaker AI', 'Amazon SageMaker']]);

/** Groups of a tag come as `project$fraud`, and `project$` is all that does not carry it. */
const projectOf = (key: string, tagKey: string): string =>
  key.startsWith(`${tagKey}$`) ? key.slice(tagKey.length + 1) : key;

function add(sums: Map<string, Usd>, name: string, amount: Usd): void {
  if (amount !== 0n) sums.set(name, microUsd((sums.get(name) ?? 0n) + amount));
}

/** One group of one period. */
interface Row {
  /** `YYYY-MM-DD`. */
  readonly start: string;
  /** In the order of `GroupBy`. */
  readonly keys: readonly string[];
  readonly amount: Usd;
}

const PeriodSchema = z.object({
  TimePeriod: z.object({ Start: z.string() }),
  Groups: z
    .array(
      z.object({
        Keys: z.array(z.string()),
        Metrics: z.object({ [SPEND_METRIC]: z.object({ Amount: z.string(), Unit: z.string() }) }),
      }),
    )
    .default([]),
});

async function readPeriods(
  client: CostExplorerClient,
  question: Pick<GetCostAndUsageRequest, 'TimePeriod' | 'Granularity' | 'GroupBy'>,
  request: () => Promise<boolean>,
): Promise<BillingAnswer<readonly Row[]>> {
  const rows: Row[] = [];
  let pages = 0;
  let token: string | undefined;
  do {
    if (!(await request())) return { state: 'out-of-requests', pages };
    const page = await client.send(
      new GetCostAndUsageCommand({
        ...question,
        Metrics: [SPEND_METRIC],
        Filter: gross(),
        ...(token === undefined ? {} : { NextPageToken: token }),
      }),
    );
    for (const period of z.array(PeriodSchema).parse(page.ResultsByTime ?? [])) {
      for (const { Keys, Metrics } of period.Groups) {
        rows.push({ start: period.TimePeriod.Start, keys: Keys, amount: amountOf(Metrics[SPEND_METRIC]) });
      }
    }
    pages += 1;
    token = page.NextPageToken === '' ? undefined : page.NextPageToken;
  } while (token !== undefined);
  return { state: 'read', billed: rows };
}

/** Amounts are decimals of ten digits and more, negative ones too, and small ones with an exponent: `1.2E-7`. */
function amountOf({ Amount, Unit }: { readonly Amount: string; readonly Unit: string }): Usd {
  const amount = parseUsd(withoutExponent(Amount));
  if (amount === undefined) throw new Error(`Cost Explorer answered with an amount of "${Amount}".`);
  if (amount !== 0n && Unit !== 'USD') throw new Error(`Cost Explorer answers in ${Unit}, not in USD.`);
  return amount;
}

/** The same number as a plain decimal; a text that is none stays as it is. */
function withoutExponent(text: string): string {
  const match = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return text;
  const shift = Number(exponent);
  if (shift >= 0) {
    const moved = fraction.padEnd(shift, '0');
    return `${sign}0${whole}${moved.slice(0, shift)}.${moved.slice(shift)}0`;
  }
  const padded = whole.padStart(1 - shift, '0');
  return `${sign}${padded.slice(0, shift)}.${padded.slice(shift)}${fraction}`;
}

const dayAfter = (day: string): string => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

function monthAfter(month: string): string {
  const first = new Date(`${month}-01`);
  first.setUTCMonth(first.getUTCMonth() + 1);
  return first.toISOString().slice(0, 7);
}
