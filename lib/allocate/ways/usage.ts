import { DAY_MS, numberOfDay } from '../../meter/days.ts';
import { IDLE_TENANT } from '../../policy/allocation.ts';
import type { DayParts } from '../../types/allocation.ts';
import { sumUsd, type Usd, ZERO_USD } from '../../types/money.ts';
import { type Decimal, toNumber } from '../exact.ts';
import { intervalsOf } from '../interval.ts';
import { allIdle, type Divided, evenly, NOBODY, partsOf, type Share, type Shareable } from '../shareable.ts';
import type { Instant, UsageTable } from '../usage-table.ts';
import { explainUsage, usageFallbacks } from '../usage-words.ts';
import { capacityOf, type UsageSplit, type Use, useOf } from '../use.ts';
import { directShare } from './direct.ts';
import { evenShare } from './even.ts';

/**
 * By what each project used, each UTC day by itself or the whole period at once. A day has 24 hours of capacity, one that
 * is not over those that have begun. Where the usage is sampled, the same sums over its samples estimate the
 * shares; a capacity says nothing of samples, so that only what they call idle is idle.
 */
export function splitByUsage(split: UsageSplit, shareable: Shareable): Divided {
  const table = shareable.usageNamed(split.usage);
  const units = unitsOf(split, shareable, table);
  const otherwise = shareWhereUnused(split, shareable, table);
  const parts = new Map(
    units.flatMap(({ costs, use }) =>
      [...costs].map(
        ([day, cost]) => [day, partsOf(cost, (use ?? otherwise).weights) ?? allIdle(cost)] as const,
      ),
    ),
  );
  const used = units.flatMap(({ use, ...unit }) => (use === undefined ? [] : [{ ...unit, use }]));
  const samples = used.reduce((count, { instants }) => count + instants.length, 0);
  const unused = new Map(units.flatMap(({ use, costs }) => (use === undefined ? [...costs] : [])));
  const overused = used.flatMap(({ use, costs }) => (use.isOver ? [...costs.keys()] : []));
  return {
    explained: explainUsage(
      split,
      shareable,
      table,
      used.map(({ use }) => use),
      samples,
    ),
    fallbacks: usageFallbacks(split, shareable, table, unused, otherwise, overused),
    parts,
    basis: table && {
      unit: table.unit,
      of: new Map([...table.whole].map(([tenant, amount]) => [tenant, toNumber(amount)])),
    },
    ...(table?.sampled === true
      ? { estimated: { samples, intervals: intervalsOfUnits(split, shareable, used, parts) } }
      : {}),
  };
}

/** A day, or the whole period, whose shares are reckoned at once. */
interface Unit {
  /** Those that have begun. */
  readonly hours: number;
  /** By UTC day. */
  readonly costs: ReadonlyMap<string, Usd>;
  /** Empty where the usage is not sampled. */
  readonly instants: readonly Instant[];
  /** `undefined` = none of those who share it used anything. */
  readonly use: Use | undefined;
}

/** In the order of the days; none without cost. */
function unitsOf(
  split: UsageSplit,
  { costs, from, to, until, among }: Shareable,
  table: UsageTable | undefined,
): readonly Unit[] {
  const perHour = table?.sampled === true ? undefined : split.capacityPerHour;
  const useIn = (hours: number, amounts: ReadonlyMap<string, Decimal> | undefined): Use | undefined =>
    amounts &&
    useOf(
      amounts,
      { idle: split.idle, among },
      perHour === undefined ? undefined : capacityOf(perHour, hours),
    );
  if (split.per === 'day') {
    return [...costs].map(([day, cost]) => {
      const hours = hoursBegun(day, day, until);
      return {
        hours,
        costs: new Map([[day, cost]]),
        instants: table?.instants.get(day) ?? [],
        use: useIn(hours, table?.byDay.get(day)),
      };
    });
  }
  const hours = hoursBegun(from, to, until);
  const instants = [...(table?.instants.values() ?? [])].flat();
  return costs.size === 0 ? [] : [{ hours, costs, instants, use: useIn(hours, table?.whole) }];
}

const HOUR_MS = 3_600_000;

/** How many hours of the days from the first to the last, both included, have begun. */
function hoursBegun(from: string, to: string, until: Date | undefined): number {
  const starts = numberOfDay(from) * DAY_MS;
  const hours = ((numberOfDay(to) + 1) * DAY_MS - starts) / HOUR_MS;
  if (until === undefined) return hours;
  return Math.min(hours, Math.max(1, Math.ceil((until.getTime() - starts) / HOUR_MS)));
}

/**
 * Who pays for a day or period in which nobody used anything. Where it is spread, the same to each that the rule names;
 * where it names none, to each that used something on another day; else to each project of the policy file.
 */
function shareWhereUnused(split: UsageSplit, shareable: Shareable, table: UsageTable | undefined): Share {
  switch (split.whenUnused) {
    case 'even':
      return evenShare(shareable);
    case 'direct':
      return directShare(shareable);
    case 'idle': {
      if (split.idle === 'line') return { ...NOBODY, what: 'is idle, a line of its own' };
      if (split.idle === 'spread') return evenShare(withUsers(shareable, table));
      const { project } = split.idle;
      return { weights: evenly([project]), what: `is idle and goes to ${project}` };
    }
  }
}

function withUsers(shareable: Shareable, table: UsageTable | undefined): Shareable {
  const users = [...(table?.whole.keys() ?? [])].filter((tenant) => tenant !== IDLE_TENANT);
  return shareable.among !== undefined || users.length === 0 ? shareable : { ...shareable, among: users };
}

/** Of what was split by samples; what went elsewhere is no estimate, and only moves the interval. */
function intervalsOfUnits(
  split: UsageSplit,
  { among }: Shareable,
  units: readonly (Unit & { readonly use: Use })[],
  parts: ReadonlyMap<string, DayParts>,
): NonNullable<Divided['estimated']>['intervals'] {
  const roles = {
    among: among && new Set(among),
    idle: split.idle === 'line' ? ('apart' as const) : split.idle,
  };
  const estimatedDays = new Set(units.flatMap(({ costs }) => [...costs.keys()]));
  const estimated = sharesOf(parts, (day) => estimatedDays.has(day));
  const fixed = sharesOf(parts, (day) => !estimatedDays.has(day));
  const sampled = units.map(({ hours, costs, instants }) => ({
    cost: sumUsd(costs.values()),
    instants,
    hours,
  }));
  return intervalsOf(sampled, roles, estimated, fixed);
}

/** What projects got on some days together. */
function sharesOf(
  parts: ReadonlyMap<string, DayParts>,
  isMeant: (day: string) => boolean,
): ReadonlyMap<string, Usd> {
  const sums = new Map<string, Usd>();
  for (const [day, { shares }] of parts) {
    if (!isMeant(day)) continue;
    for (const [project, share] of shares) {
      sums.set(project, sumUsd([sums.get(project) ?? ZERO_USD, share]));
    }
  }
  return sums;
}
