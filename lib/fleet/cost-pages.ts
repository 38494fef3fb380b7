import {
  type CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageRequest,
  type GroupDefinition,
} from '@aws-sdk/client-cost-explorer';
import * as z from 'zod';
import { BillError } from '../bill/bill-error.ts';
import { parseUsd, type Usd } from '../types/money.ts';
import { NOT_SPEND } from '../types/spend-basis.ts';

/** What is asked of Cost Explorer, whatever page of the answer. */
export type CostQuestion = Omit<GetCostAndUsageRequest, 'NextPageToken'>;

/** One group of one period. */
export interface CostRow {
  /** First day of the period, `YYYY-MM-DD`. */
  readonly start: string;
  /** In the order of `GroupBy`. */
  readonly keys: readonly string[];
  /** By the name of the metric. */
  readonly amounts: ReadonlyMap<string, Usd>;
}

/** A page, and the token of the next one; each is a request that costs money. */
export interface CostPage {
  readonly rows: readonly CostRow[];
  readonly next: string | undefined;
}

/** Gross of credits and refunds. */
export const gross = (): Expression => ({
  Not: { Dimensions: { Key: NOT_SPEND.dimension, Values: [...NOT_SPEND.values] } },
});

export const byTag = (Key: string): GroupDefinition => ({ Type: 'TAG', Key });

/** Groups of a tag or cost category come as `project$fraud`, and `project$` is all that does not carry it. */
export const valueOfGroup = (key: string, name: string): string =>
  key.startsWith(`${name}$`) ? key.slice(name.length + 1) : key;

const PeriodSchema = z.object({
  TimePeriod: z.object({ Start: z.string() }),
  Groups: z
    .array(
      z.object({
        Keys: z.array(z.string()),
        Metrics: z.record(z.string(), z.object({ Amount: z.string(), Unit: z.string() })),
      }),
    )
    .default([]),
});

/**
 * Asks for one page.
 * @throws what Cost Explorer answers; a BillError where it answers in another currency than USD, or not with amounts
 */
export async function readCostPage(
  client: CostExplorerClient,
  question: CostQuestion,
  token: string | undefined,
): Promise<CostPage> {
  const page = await client.send(
    new GetCostAndUsageCommand({
      ...question,
      ...(token === undefined ? {} : { NextPageToken: token }),
    }),
  );
  const rows = z
    .array(PeriodSchema)
    .parse(page.ResultsByTime ?? [])
    .flatMap(({ TimePeriod, Groups }) =>
      Groups.map(({ Keys, Metrics }): CostRow => {
        const amounts = Object.entries(Metrics).map(([name, told]) => [name, toUsd(told)] as const);
        return { start: TimePeriod.Start, keys: Keys, amounts: new Map(amounts) };
      }),
    );
  return { rows, next: page.NextPageToken === '' ? undefined : page.NextPageToken };
}

/** @throws BillError where Cost Explorer did not tell this metric */
export function amountOf(amounts: CostRow['amounts'], metric: string): Usd {
  const amount = amounts.get(metric);
  if (amount === undefined) throw new BillError(`Cost Explorer answered without ${metric}.`);
  return amount;
}

/** Amounts are decimals of ten digits and more, negative ones too, and small ones with an exponent: `1.2E-7`. */
function toUsd({ Amount, Unit }: { readonly Amount: string; readonly Unit: string }): Usd {
  const amount = parseUsd(withoutExponent(Amount));
  if (amount === undefined) throw new BillError(`Cost Explorer answered with an amount of "${Amount}".`);
  if (amount !== 0n && Unit !== 'USD') throw new BillError(`Cost Explorer answers in ${Unit}, not in USD.`);
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
