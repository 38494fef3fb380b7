import type { SpendDay } from '../types/meter.ts';

export type BilledDay = Omit<SpendDay, 'metered' | 'models'>;
export type MeteredDay = Pick<SpendDay, 'day' | 'metered' | 'models'>;

/** One entry a day that something is known of, in order. */
export function mergeDays(billed: readonly BilledDay[], metered: readonly MeteredDay[]): readonly SpendDay[] {
  const billedOf = new Map(billed.map((one) => [one.day, one]));
  const meteredOf = new Map(metered.map(({ day, ...said }) => [day, said]));
  return [...new Set([...billedOf.keys(), ...meteredOf.keys()])].sort().map((day) => ({
    day,
    billedAsOf: billedOf.get(day)?.billedAsOf,
    billed: billedOf.get(day)?.billed ?? new Map(),
    metered: undefined,
    ...meteredOf.get(day),
  }));
}
