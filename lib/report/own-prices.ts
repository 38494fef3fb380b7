import { microUsd, roundedUsd, type Usd } from '../types/money.ts';

/**
 * A list price: `amount` for so many of a unit. Of us-east-1, as AWS's price pages had them in November 2026, before
 * free tiers; other regions differ by some percent.
 */
export interface OwnPrice {
  /** USD in micro-dollars. */
  readonly amount: Usd;
  readonly each: bigint;
}

const usd = (micros: bigint): Usd => microUsd(micros);

/** AWS Lambda pricing, arm64, the first 7.5 billion GB-seconds a month: $0.0000133334 for a GB-second. In MB × ms. */
export const LAMBDA_MEGABYTE_MS: OwnPrice = { amount: usd(13_333_400n), each: 1_000_000n * 1024n * 1000n };
/** AWS Lambda pricing: $0.20 for a million requests. */
export const LAMBDA_REQUESTS: OwnPrice = { amount: usd(200_000n), each: 1_000_000n };
/** Amazon CloudWatch pricing: $0.01 for 1,000 metrics asked of GetMetricData, no free tier. */
export const METRICS_ASKED: OwnPrice = { amount: usd(10_000n), each: 1_000n };
/** AWS Cost Explorer pricing: $0.01 for a request; each page is one. */
export const COST_EXPLORER_REQUESTS: OwnPrice = { amount: usd(10_000n), each: 1n };

/* A month each, by the time of it for which they were there. */

/** Amazon CloudWatch pricing: a custom metric (the first 10,000), by the hours in which it is written. */
export const CUSTOM_METRIC_MONTH: Usd = usd(300_000n);
/** Amazon CloudWatch pricing: an alarm on one metric of standard resolution. */
export const ALARM_MONTH: Usd = usd(100_000n);
/** AWS KMS pricing: a customer managed key, without its rotations. */
export const KMS_KEY_MONTH: Usd = usd(1_000_000n);
/** AWS Secrets Manager pricing: a secret. */
export const SECRET_MONTH: Usd = usd(400_000n);

/** What so many of a unit cost, rounded half up to the micro-dollar. */
export const priceOf = (count: bigint, { amount, each }: OwnPrice): Usd => roundedUsd(count * amount, each);

/** A price a calendar month (UTC) for the time from one instant to another, each month by its own length; rounded once. */
export function priceOver(month: Usd, from: Date, to: Date): Usd {
  let parts = 0n;
  let start = from.getTime();
  while (start < to.getTime()) {
    const [first, next] = monthAround(start);
    const end = Math.min(next, to.getTime());
    parts += (month * SCALE * BigInt(end - start)) / BigInt(next - first);
    start = end;
  }
  return roundedUsd(parts, SCALE);
}

/** So fine that what is cut off of each month's part is nothing. */
const SCALE = 1_000_000n;

/** The first instants of the month that an instant is in, and of the next. */
function monthAround(instant: number): readonly [first: number, next: number] {
  const at = new Date(instant);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return [Date.UTC(year, month), Date.UTC(year, month + 1)];
}
