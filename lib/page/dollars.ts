import { formatUsd, microUsd, type Usd } from '../types/money.ts';

/** For a chart alone: sums are made of `Usd`. */
export const dollars = (amount: Usd): number => Number(amount) / 1e6;

const COMPACT = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  notation: 'compact',
  minimumFractionDigits: 0,
  maximumFractionDigits: 1,
});

/** For an axis: `$4.5K`, `$0.25`. */
export const onAxis = (value: number): string =>
  Math.abs(value) < 10 && !Number.isInteger(value) && Number.isFinite(value)
    ? formatUsd(microUsd(BigInt(Math.round(value * 1e6))))
    : COMPACT.format(value);
