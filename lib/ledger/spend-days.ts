import type { SpendDay } from '../types/meter.ts';

export type BilledDay = Omit<SpendDay, 'metered'>;
export type MeteredDay = Pick<SpendDay, 'day' | 'metered'>;

/** One entry a day that something is known of, in order. */
export function mergeDays(billed: readonly BilledDay[], metered: readonly MeteredDay[]): readonly SpendDay[] {
  const billedOf = new Map(billed.map((one) => [one.day, one]));
  const meteredOf = new Map(metered.map((one) => [one.day, one.metered]));
  return [...new Set([...billedOf.keys(), ...meteredOf.keys()])].sort().map((day) => ({
    day,
    billedAsOf: billedOf.get(day)?.billedAsOf,
    billed: billedOf.get(day)?.billed ?? new Map(),
    metered: meteredOf.get(day),
  }));
}
