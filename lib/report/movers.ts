import { billedDays, type DailySpend } from '../meter/day-series.ts';
import { ascending } from '../types/lists.ts';
import type { SpendDay } from '../types/meter.ts';
import { microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { Month } from './month.ts';
import type { Mover } from './report.ts';

/**
 * What changed most by project and service against the same days of the month before, the largest change first: billed
 * spend of those days of the month whose bill is whole, and that of the same day of the month before as well. Others
 * would be changes of what is known. Empty where there is no such day.
 * @param days of both months, and after them where the month is over
 */
export function moversOf(days: readonly SpendDay[], month: Month, monthBefore: string): readonly Mover[] {
  const settled = billedDays(days);
  const ofMonth = (name: string): ReadonlyMap<number, DailySpend> =>
    new Map(
      settled.flatMap((one) => (one.day.startsWith(name) ? [[Number(one.day.slice(-2)), one] as const] : [])),
    );
  const [these, those] = [ofMonth(month.name), ofMonth(monthBefore)];
  const now = sumsOf([...these].flatMap(([day, one]) => (those.has(day) ? [one] : [])));
  const before = sumsOf([...those].flatMap(([day, one]) => (these.has(day) ? [one] : [])));
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

/** The last day of the month, `2026-11-25`, for which anything is billed. */
export function lastBilledDay(days: readonly SpendDay[], month: string): string | undefined {
  return days
    .flatMap(({ day, billed }) =>
      day.startsWith(month) && [...billed.values()].some((services) => sumUsd(services.values()) > 0n)
        ? [day]
        : [],
    )
    .sort()
    .at(-1);
}

interface Sum {
  readonly project: string;
  readonly service: string;
  readonly cost: Usd;
}

function sumsOf(days: readonly DailySpend[]): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { projects } of days) {
    for (const [project, services] of projects) {
      for (const [service, amount] of services) {
        const key = JSON.stringify([project, service]);
        const cost = microUsd((sums.get(key)?.cost ?? ZERO_USD) + amount);
        sums.set(key, { project, service, cost });
      }
    }
  }
  return sums;
}

const changeOf = ({ now, before }: Mover): Usd => microUsd(now - before);

const compareSize = (a: Usd, b: Usd): number => {
  const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  return ascending<bigint>(x, y);
};
