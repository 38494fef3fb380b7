import type { ProjectDay } from '../meter/spend.ts';
import type { SpendDay } from '../types/meter.ts';
import { sumUsd, ZERO_USD } from '../types/money.ts';
import type { Month } from './month.ts';
import type { DayReport } from './report.ts';

/**
 * What each project spent on each day of the month: as the meter tells it where it looks so far back, and as billed
 * before that.
 */
export function daysOf(
  month: Month,
  byDay: ReadonlyMap<string, readonly ProjectDay[]>,
  days: readonly SpendDay[],
): readonly DayReport[] {
  const found = new Map<
    string,
    Map<string, { billed: ProjectDay['billed']; estimated: ProjectDay['estimated'] }>
  >();
  const note = (day: string, project: string, amounts: Pick<ProjectDay, 'billed' | 'estimated'>): void => {
    if (!day.startsWith(month.name) || (amounts.billed === 0n && amounts.estimated === 0n)) return;
    const projects = found.get(day) ?? new Map();
    projects.set(project, { billed: amounts.billed, estimated: amounts.estimated });
    found.set(day, projects);
  };
  for (const { day, billed } of days) {
    for (const [project, services] of billed) {
      const spent = [...services.values()].filter((amount) => amount > 0n);
      note(day, project, { billed: sumUsd(spent), estimated: ZERO_USD });
    }
  }
  for (const [project, some] of byDay) for (const one of some) note(one.day, project, one);
  return [...found]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([day, projects]) => ({
      day,
      projects: new Map([...projects].sort(([a], [b]) => a.localeCompare(b))),
    }));
}
