import { MONTH_HOURS } from '../estimate/estimate.ts';
import { microUsd, type Usd } from '../types/money.ts';

/** What an hourly price comes to in a month of 730 hours, or in as many of them as are given; rounded half up. */
export const monthOf = (hourly: Usd, hours: number = MONTH_HOURS): Usd => timesUsd(hourly, hours);

/** An amount times a number of at most six decimals, rounded half up to the micro-dollar. */
export function timesUsd(amount: Usd, factor: number): Usd {
  const scaled = amount * BigInt(Math.round(factor * 1_000_000));
  return microUsd((2n * scaled + 1_000_000n) / 2_000_000n);
}

/** An amount times a fraction of whole numbers, rounded half up to the micro-dollar. */
export function fractionOf(amount: Usd, numerator: number, denominator: number): Usd {
  const [of, by] = [BigInt(numerator), BigInt(denominator)];
  return microUsd((2n * amount * of + by) / (2n * by));
}

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
