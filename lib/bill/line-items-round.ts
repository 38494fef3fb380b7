import { microUsd, type Usd } from '../types/money.ts';

/**
 * Money as exactly as line items have it: a count of 10^-12 dollars. Sums are made of these, and rounded to
 * micro-dollars once, at the end.
 */
export type Pico = bigint & { readonly __unit: 'pico-usd' };

const MICRO = 1_000_000n;
const DECIMALS = 12;

const pico = (count: bigint): Pico => count as Pico;

/**
 * Reads a sum as an engine writes it: `-1234.560000000000`.
 * @returns `undefined` where it is no amount of up to 12 decimals
 */
export function parsePico(text: string): Pico | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const count = BigInt(`${whole}${fraction.padEnd(DECIMALS, '0')}`);
  return pico(sign === '-' ? -count : count);
}

export function sumPico(amounts: Iterable<Pico>): Pico {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return pico(sum);
}

/** To the next micro-dollar, half up: away from zero below it too, as `parseUsd` does. */
export function roundPico(amount: Pico): Usd {
  const absolute = amount < 0n ? -amount : amount;
  const rounded = (absolute + MICRO / 2n) / MICRO;
  return microUsd(amount < 0n ? -rounded : rounded);
}

/**
 * Rounds parts so that they sum to `whole` exactly: each down, and what is left by largest remainder, of equal ones the
 * first. `whole` may be farther from their sum than their number: it is then spread over all of them first.
 */
export function roundParts(parts: readonly Pico[], whole: Usd): readonly Usd[] {
  if (parts.length === 0) return [];
  const floors = parts.map(floorMicro);
  const left = floors.reduce((rest, part) => rest - part, BigInt(whole));
  const count = BigInt(parts.length);
  const each = floorDivide(left, count);
  const more = Number(left - each * count);
  const raised = new Set(
    parts
      .map((part, index) => ({ index, remainder: part - (floors[index] ?? 0n) * MICRO }))
      .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
      .slice(0, more)
      .map(({ index }) => index),
  );
  return floors.map((part, index) => microUsd(part + each + (raised.has(index) ? 1n : 0n)));
}

const floorMicro = (amount: Pico): bigint => floorDivide(amount, MICRO);

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
