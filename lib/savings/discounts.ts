import { utcDay } from '../decide/sentences.ts';
import { billedAs, knownServices } from '../fleet/metered-kinds.ts';
import { daysBefore } from '../meter/days.ts';
import { measure } from '../meter/measure.ts';
import { DAYS_BACK } from '../meter/settled.ts';
import { projectSpends } from '../meter/spend.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import type { MeterRecord, SpendDay } from '../types/meter.ts';

export interface DiscountFacts {
  readonly policy: Pick<Policy, 'projects'>;
  readonly records: Iterable<MeterRecord>;
  /** Of the last weeks. */
  readonly days: readonly SpendDay[];
  /** When the meter first saw each region. */
  readonly firstLooks: readonly Date[];
  readonly now: Date;
}

/** Since when days are asked for that discounts are learned from. */
export const learnsFrom = (now: Date): string => daysBefore(utcDay(now), DAYS_BACK);

/** Percent off list prices of each project, as spend is told by: the policy's, else as bills say, else 0. */
export function discountsOf({ policy, records, days, firstLooks, now }: DiscountFacts) {
  const from = learnsFrom(now);
  const firstLook = new Date(Math.min(now.getTime(), ...firstLooks.map((first) => first.getTime())));
  const { spends } = projectSpends({
    measured: measure(records, { now, from, billedAs }),
    days,
    watchedFrom: daysBefore(utcDay(firstLook), -1),
    discountOf: (project) => projectNamed(policy, project)?.discount,
    knownServices,
    now,
  });
  return (project: string | undefined): number =>
    spends.get(project ?? '')?.discount ?? projectNamed(policy, project)?.discount ?? 0;
}
