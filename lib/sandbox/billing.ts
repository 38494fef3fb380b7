import { daysBefore } from '../meter/days.ts';
import { parseUsd, sumUsd, type Usd } from '../types/money.ts';
import { NOT_SPEND, SPEND_METRIC } from '../types/spend-basis.ts';

/** Decimal USD by day (`YYYY-MM-DD`), value of the project tag (`''` = none) and service, as Cost Explorer names it. */
export type BilledDays = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

/** An amount of a bill. */
export interface BilledAmount {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** Value of the project tag; `''` = none. */
  readonly project: string;
  /** As Cost Explorer names it. */
  readonly service: string;
  /** Its kind, a value of `RECORD_TYPE`: `Usage`, `Tax`, `Credit`. */
  readonly called: string;
  /** Of other tags, by key. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The rule of `allocation.shared` that means it; absent = none does. */
  readonly rule?: string;
  /** Decimal USD; Cost Explorer gives ten digits after the point. */
  readonly usd: string;
}

/** Whose Cost Explorer it is. */
export interface BillOf {
  readonly account: string;
  readonly tagKey?: string;
}

/**
 * Queues an answer of moto's Cost Explorer: the next question that it has not been asked before is answered so. Asked
 * the same again it gives the same answer, whatever was queued meanwhile; what nothing was queued for cost nothing.
 */
export async function setBilled(
  moto: string,
  days: BilledDays,
  { account, tagKey = 'project' }: BillOf,
): Promise<void> {
  await queue(moto, account, [
    {
      GroupDefinitions: [
        { Type: 'TAG', Key: tagKey },
        { Type: 'DIMENSION', Key: 'SERVICE' },
      ],
      ResultsByTime: Object.entries(days).map(([day, projects]) =>
        period(
          day,
          Object.entries(projects).flatMap(([project, services]) =>
            Object.entries(services).map(([service, usd]) =>
              group([`${tagKey}$${project}`, service], { [SPEND_METRIC]: usd }),
            ),
          ),
        ),
      ),
    },
  ]);
}

/** A bill by day, project and service, without credits and refunds: what Cost Explorer tells the sweep. */
export async function setBilledOf(moto: string, bill: readonly BilledAmount[], of: BillOf): Promise<void> {
  const byDay = Map.groupBy(bill.filter(isSpend), ({ day }) => day);
  const days = [...byDay].map(([day, some]) => [day, nested(some, projectOf, serviceOf)] as const);
  await setBilled(moto, Object.fromEntries(days), of);
}

/**
 * Queues what the reading of a whole bill asks of Cost Explorer (`lib/bill/cost-explorer.ts`), in its order: all charges
 * by kind, what each rule means by day, project and service, what none means, and the same by each further tag.
 * @param rules names of `allocation.shared`, in their order; each of them is asked for
 */
export async function setBill(
  moto: string,
  bill: readonly BilledAmount[],
  rules: readonly string[],
  { account, tagKey = 'project', by = [] }: BillOf & { readonly by?: readonly string[] },
): Promise<void> {
  const spend = bill.filter(isSpend);
  const parts = [...rules, undefined].map((rule) => spend.filter((one) => one.rule === rule));
  const byDay = (some: readonly BilledAmount[], keyOf: (one: BilledAmount) => string) => ({
    ResultsByTime: [...Map.groupBy(some, ({ day }) => day)].map(([day, amounts]) =>
      period(
        day,
        Object.entries(nested(amounts, projectOf, keyOf)).flatMap(([project, keys]) =>
          Object.entries(keys).map(([key, usd]) =>
            group([`${tagKey}$${project}`, key], { [SPEND_METRIC]: usd }),
          ),
        ),
      ),
    ),
  });
  const first = bill.map(({ day }) => day).sort()[0] ?? '';
  await queue(moto, account, [
    {
      ResultsByTime: [
        period(
          first,
          [...Map.groupBy(bill, ({ called }) => called)].map(([called, some]) => {
            const usd = decimalSum(some);
            return group([called], { [SPEND_METRIC]: usd, UnblendedCost: usd });
          }),
        ),
      ],
    },
    ...parts.map((some) => byDay(some, serviceOf)),
    ...by.flatMap((key) => parts.map((some) => byDay(some, ({ tags }) => `${key}$${tags?.[key] ?? ''}`))),
  ]);
}

/** All of a bill that is spend; what a service cost a project on a day is rounded to the micro-dollar, as it is read. */
export const spendOf = (bill: readonly BilledAmount[]): Usd =>
  sumUsd(
    [...Map.groupBy(bill.filter(isSpend), ({ day }) => day).values()].flatMap((some) =>
      Object.values(nested(some, projectOf, serviceOf)).flatMap((services) =>
        Object.values(services).map(amountOf),
      ),
    ),
  );

const projectOf = ({ project }: BilledAmount): string => project;
const serviceOf = ({ service }: BilledAmount): string => service;

const isSpend = ({ called }: BilledAmount): boolean => !NOT_SPEND.values.some((name) => name === called);

function amountOf(text: string): Usd {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`"${text}" is no amount of USD.`);
  return amount;
}

/** Sums by two keys, as decimal USD. */
function nested(
  amounts: readonly BilledAmount[],
  outer: (one: BilledAmount) => string,
  inner: (one: BilledAmount) => string,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const sums = (some: readonly BilledAmount[]): Readonly<Record<string, string>> =>
    Object.fromEntries([...Map.groupBy(some, inner)].map(([key, few]) => [key, decimalSum(few)] as const));
  return Object.fromEntries(
    [...Map.groupBy(amounts, outer)].map(([key, some]) => [key, sums(some)] as const),
  );
}

const DIGITS = 10;

/** Exact: Cost Explorer sums before it rounds. */
function decimalSum(amounts: readonly BilledAmount[]): string {
  const sum = amounts.reduce((all, { usd }) => {
    const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,10}))?$/.exec(usd) ?? [];
    if (whole === '') throw new Error(`"${usd}" is no amount of USD.`);
    return all + BigInt(`${sign}${whole}${fraction.padEnd(DIGITS, '0')}`);
  }, 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(DIGITS + 1, '0');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}

const period = (day: string, Groups: readonly object[]): object => ({
  TimePeriod: { Start: day, End: daysBefore(day, -1) },
  Total: {},
  Groups,
  Estimated: true,
});

const group = (Keys: readonly string[], amounts: Readonly<Record<string, string>>): object => ({
  Keys,
  Metrics: Object.fromEntries(
    Object.entries(amounts).map(([metric, Amount]) => [metric, { Amount, Unit: 'USD' }]),
  ),
});

async function queue(moto: string, account: string, results: readonly object[]): Promise<void> {
  const answers = results.map((one) => ({ DimensionValueAttributes: [], ...one }));
  const { ok, status } = await fetch(`${moto}/moto-api/static/ce/cost-and-usage-results`, {
    method: 'POST',
    body: JSON.stringify({ results: answers, account_id: account }),
  });
  if (!ok) throw new Error(`moto answered ${status}.`);
}
