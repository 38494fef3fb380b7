import { ascending } from '../types/lists.ts';
import { microUsd, type Usd, ZERO_USD } from '../types/money.ts';

/** Exact sums of money by name. */
export class Sums {
  readonly #byName = new Map<string, bigint>();

  add(name: string, amount: Usd): void {
    this.#byName.set(name, (this.#byName.get(name) ?? 0n) + amount);
  }

  of(name: string): Usd {
    return microUsd(this.#byName.get(name) ?? ZERO_USD);
  }

  get total(): Usd {
    return microUsd([...this.#byName.values()].reduce((sum, amount) => sum + amount, 0n));
  }

  /** What is not zero, in order of the names. */
  byName(): ReadonlyMap<string, Usd> {
    return new Map(this.#entries().sort(([a], [b]) => ascending(a, b)));
  }

  /** What is not zero, the dearest first, equals in order of the names. */
  dearestFirst(): readonly (readonly [string, Usd])[] {
    return this.#entries().sort(([a, x], [b, y]) => dearerFirst(x, y) || ascending(a, b));
  }

  #entries(): (readonly [string, Usd])[] {
    return [...this.#byName].flatMap(([name, amount]) =>
      amount === 0n ? [] : [[name, microUsd(amount)] as const],
    );
  }
}

export const dearerFirst = (a: Usd, b: Usd): number => (a > b ? -1 : a < b ? 1 : 0);

/** The sums of a key, made where there are none yet. */
export function sumsAt<Key>(map: Map<Key, Sums>, key: Key): Sums {
  const known = map.get(key);
  if (known !== undefined) return known;
  const sums = new Sums();
  map.set(key, sums);
  return sums;
}
