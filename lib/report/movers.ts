import type { SpendDay } from '../types/meter.ts';
import { microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { Month } from './month.ts';
import type { Mover } from './report.ts';

/**
 * What changed most by project and service against the same days of the month before, the largest change first: billed
 * spend of the days from the first on to the last one of this month for which anything is billed. Empty where no day of
 * the month before is known.
 * @param days of both months
 */
export function moversOf(days: readonly SpendDay[], month: Month, monthBefore: string): readonly Mover[] {
  const through = lastBilledDay(days, month.name);
  const known = days.filter(({ day, billedAsOf }) => day.startsWith(monthBefore) && billedAsOf !== undefined);
  if (through === undefined || known.length === 0) return [];
  const now = sumsOf(days, month.name, through);
  const before = sumsOf(days, monthBefore, through);
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((key): Mover => {
      const amounts = { now: now.get(key)?.cost ?? ZERO_USD, before: before.get(key)?.cost ?? ZERO_USD };
      const { project = '', service = '' } = now.get(key) ?? before.get(key) ?? {};
      return { project, service, ...amounts };
    })
    .filter((mover) => changeOf(mover) !== 0n)
    .sort(
      (a, b) =>
        compareSize(changeOf(b), changeOf(a)) ||
        a.project.localeCompare(b.project) ||
        a.service.localeCompare(b.service),
    );
}

/** The last day of the month, as a number, for which anything is billed. */
export function lastBilledDay(days: readonly SpendDay[], month: string): number | undefined {
  const billed = days.filter(
    ({ day, billed: amounts }) =>
      day.startsWith(month) && [...amounts.values()].some((services) => sumUsd(services.values()) > 0n),
  );
  return billed.reduce<number | undefined>(
    (last, { day }) => Math.max(last ?? 0, Number(day.slice(-2))),
    undefined,
  );
}

interface Sum {
  readonly project: string;
  readonly service: string;
  readonly cost: Usd;
}

function sumsOf(days: readonly SpendDay[], month: string, through: number): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { day, billed } of days) {
    if (!day.startsWith(month) || Number(day.slice(-2)) > through) continue;
    for (const [project, services] of billed) {
      for (const [service, amount] of services) {
        const key = JSON.stringify([project, service]);
        sums.set(key, {
          project,
          service,
          cost: microUsd((sums.get(key)?.cost ?? ZERO_USD) + amount),
        });
      }
    }
  }
  return sums;
}

const changeOf = ({ now, before }: Mover): Usd => microUsd(now - before);

const compareSize = (a: Usd, b: Usd): number => {
  const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  return x === y ? 0 : x < y ? -1 : 1;
};
