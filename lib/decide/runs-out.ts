import { microUsd, type Usd } from '../types/money.ts';

const HOUR_MS = 3_600_000n;

/**
 * When a limit is used up if all goes on as now: the time of `asOf` where it is so already; `undefined` where nothing
 * is spent any more or `end`, the first instant after the limit's period, comes first.
 * @param spent of the limit at `asOf`
 * @param burn USD an hour
 */
export function runsOutAt(
  { spent, limit, burn }: { readonly spent: Usd; readonly limit: Usd; readonly burn: Usd },
  asOf: Date,
  end: Date,
): Date | undefined {
  const left = microUsd(limit - spent);
  if (left <= 0n) return asOf;
  if (burn <= 0n) return undefined;
  const milliseconds = (left * HOUR_MS + burn - 1n) / burn;
  return milliseconds < BigInt(end.getTime() - asOf.getTime())
    ? new Date(asOf.getTime() + Number(milliseconds))
    : undefined;
}
