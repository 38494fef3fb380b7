/** `digits` × 10 ^ `exponent`: a decimal number, exactly. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

export const ZERO: Decimal = { digits: 0n, exponent: 0 };

/** A finite number as its shortest text says it: 0.1 is one tenth, as whoever wrote it meant. */
export function decimalOf(value: number): Decimal {
  if (Number.isSafeInteger(value)) return { digits: BigInt(value), exponent: 0 };
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

/** The nearest number. */
export const toNumber = ({ digits, exponent }: Decimal): number => Number(`${digits}e${exponent}`);

function plus(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: digitsAt(a, exponent) + digitsAt(b, exponent), exponent };
}

export const sumOf = (values: Iterable<Decimal>): Decimal => {
  let sum = ZERO;
  for (const value of values) sum = plus(sum, value);
  return sum;
};

/** Whole numbers in the proportions of the decimals, in their order. */
export function inProportion(values: readonly Decimal[]): readonly bigint[] {
  const exponent = values.reduce((least, value) => Math.min(least, value.exponent), 0);
  return values.map((value) => digitsAt(value, exponent));
}

const digitsAt = ({ digits, exponent }: Decimal, at: number): bigint =>
  exponent === at ? digits : digits * 10n ** BigInt(exponent - at);

/**
 * A sum of numbers of 0 or more, whose order changes nothing: a sum of floats would depend on it. Whole numbers, which
 * most usage is made of, are added as they are for as long as that is exact.
 */
export class ExactSum {
  #whole = 0;
  #rest: Decimal = ZERO;

  /** What is no finite number above 0 adds nothing. */
  add(value: number): void {
    if (!(value > 0) || value === Number.POSITIVE_INFINITY) return;
    const whole = this.#whole + value;
    if (Number.isInteger(value) && Number.isSafeInteger(whole)) this.#whole = whole;
    else this.#rest = plus(this.#rest, decimalOf(value));
  }

  get value(): Decimal {
    return plus({ digits: BigInt(this.#whole), exponent: 0 }, this.#rest);
  }
}
