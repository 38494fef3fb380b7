import { largestRemainder } from '../allocate/split.ts';
import type { ByService, SpendDay } from '../types/meter.ts';
import { microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';

/** What was spent in some time. */
export interface Amounts {
  readonly billed: Usd;
  /** What is not billed yet. */
  readonly estimated: Usd;
}

/** What a project spent on a day, by service. */
export type AmountsByService = ReadonlyMap<string, Amounts>;

/** What is of no model that has limits. */
export const NO_MODEL = '';

/**
 * What a project spent on a day, by model: of each service, what is billed and what is estimated in proportion to the
 * list price of what the meter saw run, so that the parts are the whole to the micro-dollar. What nothing that is
 * metered explains is of no model.
 * @param listed what the meter says of the whole project, at list price
 * @param models the same of its models, a part of it
 */
export function byModel(
  spent: AmountsByService,
  listed: ByService,
  models: ReadonlyMap<string, ByService>,
): ReadonlyMap<string, Amounts> {
  const names = [...models.keys()];
  const parts = [...spent].map(([service, { billed, estimated }]) => {
    const own = names.map((name) => models.get(name)?.get(service) ?? ZERO_USD);
    // Each is rounded by itself, so that all of them may be a micro-dollar more than the whole.
    const rest = (listed.get(service) ?? ZERO_USD) - sumUsd(own);
    const weights = [...own, rest < 0n ? 0n : rest];
    const split = (whole: Usd): readonly Usd[] =>
      largestRemainder(whole, weights) ?? weights.map((_, index) => (index < own.length ? ZERO_USD : whole));
    return { billed: split(billed), estimated: split(estimated) };
  });
  return new Map(
    [...names, NO_MODEL].map((name, index) => [
      name,
      {
        billed: sumUsd(parts.map(({ billed }) => billed[index] ?? ZERO_USD)),
        estimated: sumUsd(parts.map(({ estimated }) => estimated[index] ?? ZERO_USD)),
      },
    ]),
  );
}

/**
 * What a model was billed on days that are settled, as far as their records tell it apart: those of before its policy
 * named it do not.
 */
export function billedOfModel(days: readonly SpendDay[], project: string, model: string): Usd {
  return sumUsd(
    days.map(({ billed, metered, models }) => {
      const own = models?.get(project);
      if (own?.has(model) !== true) return ZERO_USD;
      const spent = [...(billed.get(project) ?? [])].map(
        ([service, amount]) =>
          [service, { billed: amount < 0n ? microUsd(0n) : amount, estimated: ZERO_USD }] as const,
      );
      return byModel(new Map(spent), metered?.get(project) ?? new Map(), own).get(model)?.billed ?? ZERO_USD;
    }),
  );
}
