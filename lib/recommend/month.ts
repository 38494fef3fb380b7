import { MONTH_HOURS } from '../estimate/estimate.ts';
import { roundedUsd, type Usd } from '../types/money.ts';

/** What an hourly price comes to in a month of 730 hours, or in as many of them as are given; rounded half up. */
export const monthOf = (hourly: Usd, hours: number = MONTH_HOURS): Usd => timesUsd(hourly, hours);

/** An amount times a number of at most six decimals, rounded half up to the micro-dollar. */
export const timesUsd = (amount: Usd, factor: number): Usd =>
  roundedUsd(amount * BigInt(Math.round(factor * 1_000_000)), 1_000_000n);

/** An amount times a fraction of whole numbers, rounded half up to the micro-dollar. */
export const fractionOf = (amount: Usd, numerator: number, denominator: number): Usd =>
  roundedUsd(amount * BigInt(numerator), BigInt(denominator));

const HOURS_SEEN_AS_ALL = 0.95;

/**
 * Hours a month that something runs for, by the hours in which it was seen running. Seen in 95 of 100 hours, it is taken to
 * run all the time: single samples come late or are lost.
 */
export function runningHours(seen: number, of: number): number {
  if (of <= 0) return 0;
  const share = Math.min(1, seen / of);
  return share >= HOURS_SEEN_AS_ALL ? MONTH_HOURS : Math.round(MONTH_HOURS * share);
}
