import { microUsd, percentOf, roundedUsd, sumUsd, type Usd } from '../types/money.ts';

/** What a settled day was billed for, and what the meter said of the same services at list price. */
export interface Compared {
  readonly billed: Usd;
  readonly metered: Usd;
}

/** Fewer days are an accident. */
const DISCOUNT_NEEDS = 3;
/** A week has all weekdays. */
const BAND_NEEDS = 7;
/** Below a cent a day says nothing. */
const LEAST: Usd = microUsd(10_000n);
/** Percent. The largest that Savings Plans give is said to be 72 (unverified); contracts may add to it. */
const LARGEST_DISCOUNT = 80;

/**
 * Percent, to one decimal, that bills were below list prices; `undefined` where there are too few days. Bills above
 * list prices are no discount.
 */
export function learnedDiscount(days: readonly Compared[]): number | undefined {
  const telling = days.filter(({ metered }) => metered >= LEAST);
  if (telling.length < DISCOUNT_NEEDS) return undefined;
  const billed = sumUsd(telling.map((day) => day.billed));
  const metered = sumUsd(telling.map((day) => day.metered));
  const paid = Number((billed * 1000n) / metered) / 10;
  return Math.round(Math.min(LARGEST_DISCOUNT, Math.max(0, 100 - paid)) * 10) / 10;
}

/** An estimate × these is what it may be in truth; `low` ≤ 1 ≤ `high`. */
export interface Band {
  readonly low: number;
  readonly high: number;
  readonly basis: 'learned' | 'assumed';
}

const ASSUMED: Band = { low: 0.8, high: 1.2, basis: 'assumed' };
/** A day of which the meter saw but a part, such as that of its installation, would tell anything. */
const WIDEST = 3;

/**
 * How far bills of single days were from what was estimated: all of them but the tenth that is the lowest and the tenth
 * that is the highest. ±20 % where there are too few days.
 */
export function bandOf(days: readonly Compared[], discount: number): Band {
  const ratios = days
    .map(({ billed, metered }) => ({ billed, estimated: lessDiscount(metered, discount) }))
    .filter(({ estimated }) => estimated >= LEAST)
    .map(({ billed, estimated }) => Number((billed * 10_000n) / estimated) / 10_000)
    .sort((a, b) => a - b);
  if (ratios.length < BAND_NEEDS) return ASSUMED;
  const outside = Math.floor(ratios.length / 10);
  return {
    low: Math.min(1, Math.max(0, ratios[outside] ?? 1)),
    high: Math.max(1, Math.min(WIDEST, ratios[ratios.length - 1 - outside] ?? 1)),
    basis: 'learned',
  };
}

const WHOLE = 1_000_000n;

/** The amount less so many percent, rounded half up. */
export function lessDiscount(amount: Usd, percent: number): Usd {
  const kept = WHOLE - BigInt(Math.round(percent * 10_000));
  return roundedUsd(amount * kept, WHOLE);
}

/** An amount × a factor of a band. */
export const scaled = (amount: Usd, factor: number): Usd => percentOf(amount, factor * 100);
