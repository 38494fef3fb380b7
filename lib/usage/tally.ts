import { ExactSum, toNumber } from '../allocate/exact.ts';
import { DAY_MS, numberOfDay } from '../meter/days.ts';
import type { DaySpan } from '../types/day-span.ts';
import type { UsageEntry } from '../types/usage.ts';
import { formatCount } from './words.ts';

const HOUR_MS = 3_600_000;

/** First millisecond of a span, and the first after it. */
export const boundsOf = ({ from, to }: DaySpan): { readonly starts: number; readonly ends: number } => ({
  starts: numberOfDay(from) * DAY_MS,
  ends: (numberOfDay(to) + 1) * DAY_MS,
});

/**
 * Sums use while it is read. What is all of the use is kept by the hour: no split looks at less. Samples are kept by
 * their instants, since they are counted.
 */
export class Tally {
  readonly #sums = new Map<number, Map<string, ExactSum>>();
  readonly #starts: number;
  readonly #ends: number;
  readonly #grid: number;
  readonly #tenants: Readonly<Record<string, string>>;
  #outside = 0;
  #inside = 0;

  constructor(span: DaySpan, tenants: Readonly<Record<string, string>>, sampled: boolean) {
    const { starts, ends } = boundsOf(span);
    this.#starts = starts;
    this.#ends = ends;
    this.#tenants = tenants;
    this.#grid = sampled ? 1 : HOUR_MS;
  }

  /** True where an instant (milliseconds) counts; the others are counted as left out. */
  counts(at: number): boolean {
    const inside = at >= this.#starts && at < this.#ends;
    if (inside) this.#inside += 1;
    else this.#outside += 1;
    return inside;
  }

  /** @param tenant as the source names it; one that the policy does not map is a project of that name */
  add(at: number, tenant: string, amount: number): void {
    const start = Math.floor(at / this.#grid) * this.#grid;
    const sums = this.#sums.get(start) ?? new Map<string, ExactSum>();
    this.#sums.set(start, sums);
    const name = this.nameOf(tenant);
    const sum = sums.get(name) ?? new ExactSum();
    sums.set(name, sum);
    sum.add(amount);
  }

  private nameOf(tenant: string): string {
    return (Object.hasOwn(this.#tenants, tenant) ? this.#tenants[tenant] : undefined) ?? tenant;
  }

  /** In order of time, and of names. */
  entries(): readonly UsageEntry[] {
    const entries: UsageEntry[] = [];
    for (const [at, sums] of [...this.#sums].sort(([a], [b]) => a - b)) {
      for (const [tenant, sum] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
        entries.push({ at: new Date(at), tenant, amount: toNumber(sum.value) });
      }
    }
    return entries;
  }

  /** What was left out, sentences for people. */
  notes(name: string): readonly string[] {
    if (this.#inside === 0) return [`No use of ${name} lies in the span.`];
    return this.#outside === 0
      ? []
      : [
          `${formatCount(this.#outside, 'line')} of ${name} outside of the span ${this.#outside === 1 ? 'was' : 'were'} left out.`,
        ];
  }
}
