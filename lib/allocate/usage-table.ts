import { dayName, dayNumber, numberOfDay } from '../meter/days.ts';
import { ascending } from '../types/lists.ts';
import type { Usage } from '../types/usage.ts';
import { type Decimal, ExactSum, toNumber } from './exact.ts';

/** All that was used at one instant, by tenant: one sample, where the usage is sampled. */
export interface Instant {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Amounts above 0, in order of the tenants. */
  readonly amounts: ReadonlyMap<string, number>;
}

/** Usage within a span of days, added up exactly: the order of its entries changes nothing. */
export interface UsageTable {
  readonly unit: string;
  readonly sampled: boolean;
  /** By tenant, amounts above 0 alone. */
  readonly whole: ReadonlyMap<string, Decimal>;
  /** The same by UTC day; a day of which nothing is known is absent. */
  readonly byDay: ReadonlyMap<string, ReadonlyMap<string, Decimal>>;
  /** By UTC day, in order of time; empty where the usage is not sampled. */
  readonly instants: ReadonlyMap<string, readonly Instant[]>;
}

/** @param from first UTC day @param to last UTC day: what lies outside of them is left out */
export function usageTable({ unit, sampled, entries }: Usage, from: string, to: string): UsageTable {
  const [first, last] = [numberOfDay(from), numberOfDay(to)];
  const whole = new Sums();
  const days = new Map<number, Sums>();
  const instants = new Map<number, Sums>();
  for (const { at, tenant, amount } of entries) {
    const time = at.getTime();
    const day = dayNumber(time);
    if (!(day >= first && day <= last)) continue;
    whole.add(tenant, amount);
    made(days, day).add(tenant, amount);
    if (sampled) made(instants, time).add(tenant, amount);
  }
  return {
    unit,
    sampled,
    whole: whole.above(),
    byDay: new Map([...days].map(([day, sums]) => [dayName(day), sums.above()])),
    instants: Map.groupBy(
      [...instants]
        .sort(([a], [b]) => a - b)
        .map(([at, sums]) => ({
          at,
          amounts: new Map([...sums.above()].map(([tenant, sum]) => [tenant, toNumber(sum)])),
        })),
      ({ at }) => dayName(dayNumber(at)),
    ),
  };
}

/** Exact sums by tenant. */
class Sums {
  readonly #byTenant = new Map<string, ExactSum>();

  add(tenant: string, amount: number): void {
    const sum = this.#byTenant.get(tenant) ?? new ExactSum();
    if (!this.#byTenant.has(tenant)) this.#byTenant.set(tenant, sum);
    sum.add(amount);
  }

  /** Those above 0, in order of the tenants. */
  above(): ReadonlyMap<string, Decimal> {
    const sums = [...this.#byTenant].map(([tenant, sum]) => [tenant, sum.value] as const);
    return new Map(sums.filter(([, { digits }]) => digits > 0n).sort(([a], [b]) => ascending(a, b)));
  }
}

function made<Key>(map: Map<Key, Sums>, key: Key): Sums {
  const known = map.get(key);
  if (known !== undefined) return known;
  const sums = new Sums();
  map.set(key, sums);
  return sums;
}
