/**
 * Money as integer micro-dollars (1 USD = 1,000,000). An integer, so that sums over thousands of
 * resources are exact; a bigint, so that even the $183,965,812,157.54 of the July 2026 billing bug fits.
 */
export type Usd = bigint & { readonly __unit: 'micro-usd' };

const MICRO = 1_000_000n;

/** Makes a `Usd` of a count of micro-dollars. */
export const microUsd = (micros: bigint): Usd => micros as Usd;

export const ZERO_USD: Usd = microUsd(0n);

/**
 * Reads a decimal amount such as `4000`, `1,234.56` or `-0.95`. Digits past the sixth decimal are
 * rounded half up (AWS prices some resources finer than a micro-dollar).
 * @returns `undefined` where the text is not a plain decimal amount.
 */
export function parseUsd(text: string): Usd | undefined {
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const scaled = BigInt(whole.replaceAll(',', '')) * MICRO + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  const rounded = Number(fraction[6] ?? '0') >= 5 ? scaled + 1n : scaled;
  return microUsd(sign === '-' ? -rounded : rounded);
}

/** The exact decimal text, for JSON and the ledger: `"4000"`, `"21.957642"`. `parseUsd` reads it back. */
export function usdToDecimal(amount: Usd): string {
  const absolute = amount < 0n ? -amount : amount;
  const fraction = (absolute % MICRO).toString().padStart(6, '0').replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${absolute / MICRO}${fraction === '' ? '' : `.${fraction}`}`;
}

/** For people: `$4,000.00`, `$0.23`, `-$1.50`; rounded half up to the cent, only here, at the end. */
export function formatUsd(amount: Usd): string {
  const absolute = amount < 0n ? -amount : amount;
  const cents = (absolute + 5_000n) / 10_000n;
  const whole = (cents / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount < 0n ? '-' : ''}$${whole}.${(cents % 100n).toString().padStart(2, '0')}`;
}

/**
 * A fraction of micro-dollars, rounded half up to the micro-dollar: whoever multiplies and divides does so first, so that it
 * is rounded once. `denominator` is above 0, `numerator` not below.
 */
export const roundedUsd = (numerator: bigint, denominator: bigint): Usd =>
  microUsd((2n * numerator + denominator) / (2n * denominator));

/** An hourly price over a time: `hourly` USD/h × `milliseconds`, rounded half up to the micro-dollar. */
export const costOver = (hourly: Usd, milliseconds: number): Usd =>
  roundedUsd(hourly * BigInt(Math.round(milliseconds)), 3_600_000n);

/** `percent` % of an amount, exact to the micro-dollar for percentages of up to four decimals. */
export const percentOf = (amount: Usd, percent: number): Usd =>
  microUsd((amount * BigInt(Math.round(percent * 10_000))) / 1_000_000n);

export const largerUsd = (a: Usd, b: Usd): Usd => (a < b ? b : a);

/** How many percent `part` is of `whole`, to one decimal; `Infinity` of a zero whole. */
export function percentage(part: Usd, whole: Usd): number {
  if (whole === 0n) return part === 0n ? 0 : Number.POSITIVE_INFINITY;
  return Number((part * 1_000n) / whole) / 10;
}

export const sumUsd = (amounts: Iterable<Usd>): Usd => {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return microUsd(total);
};
