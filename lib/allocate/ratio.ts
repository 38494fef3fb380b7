import { IDLE_TENANT } from '../policy/allocation.ts';
import type { Instant } from './usage-table.ts';

const HOUR_MS = 3_600_000;

/** Who takes part in a split by usage, and what becomes of what is idle. */
export interface Roles {
  /** `undefined` = whoever used something. */
  readonly among: ReadonlySet<string> | undefined;
  /** `apart`: it is split off. `spread`: it counts for nothing. */
  readonly idle: 'apart' | 'spread' | { readonly project: string };
}

/** A share of one day or period, estimated from samples. */
export interface Estimate {
  /** 0 to 1. */
  readonly share: number;
  /** Of the share: the square of its standard error. */
  readonly variance: number;
  /** Degrees of freedom that the variance is known by. */
  readonly freedom: number;
}

/** What a sample says of all together. */
interface Sums {
  /** Used by those who take part. */
  readonly ours: number;
  readonly used: number;
  readonly idle: number;
}

/**
 * Estimates what share of a day or period is each project's, by ratios of sums over its samples, and how sure that is, by
 * linearisation (Cochran, Sampling Techniques, 3rd edition, chapters 6 and 11).
 *
 * Samples of one hour are alike, so it is hours that are drawn at random, and samples within them. What differs from
 * hour to hour counts for as much of the time as has no hour of two samples or more; of these hours, what differs
 * within them.
 * @param instants in order of time; those who take part used something in one of them
 * @param hours how many hours the day or period has
 * @returns by project; `undefined` where one hour alone has samples, of which nothing can be said
 */
export function estimateShares(
  instants: readonly Instant[],
  roles: Roles,
  projects: readonly string[],
  hours: number,
): ReadonlyMap<string, Estimate> | undefined {
  const groups = hourGroups(instants);
  if (groups.length < 2) return undefined;
  const sums = instants.map(({ amounts }) => sumsOf(amounts, roles));
  const ours = total(sums.map((sum) => sum.ours));
  const capacity = total(sums.map(({ used, idle }) => used + idle));
  const busy = total(sums.map(({ used }) => used)) / capacity;
  return new Map(
    projects.map((project) => {
      const own = instants.map(({ amounts }) =>
        takesPart(project, roles) ? (amounts.get(project) ?? 0) : 0,
      );
      const part = total(own) / ours;
      const rest = typeof roles.idle === 'object' && roles.idle.project === project ? 1 : 0;
      // The share is part × busy + rest × (1 − busy); by how much each sample moves it is its derivative.
      const moves = sums.map(
        (sum, place) =>
          (busy * ((own[place] ?? 0) - part * sum.ours)) / ours +
          ((part - rest) * (sum.used - busy * (sum.used + sum.idle))) / capacity,
      );
      return [project, { share: part * busy + rest * (1 - busy), ...spreadOf(moves, groups, hours) }];
    }),
  );
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const takesPart = (tenant: string, { among }: Roles): boolean =>
  tenant !== IDLE_TENANT && (among === undefined || among.has(tenant));

function sumsOf(amounts: ReadonlyMap<string, number>, roles: Roles): Sums {
  const sums = { ours: 0, used: 0, idle: 0 };
  for (const [tenant, amount] of amounts) {
    if (tenant !== IDLE_TENANT) sums.used += amount;
    else if (roles.idle !== 'spread') sums.idle += amount;
    if (takesPart(tenant, roles)) sums.ours += amount;
  }
  return sums;
}

/** Where the instants of each hour begin and end (exclusive). */
function hourGroups(instants: readonly Instant[]): readonly (readonly [number, number])[] {
  const groups: (readonly [number, number])[] = [];
  let start = 0;
  for (let place = 1; place <= instants.length; place++) {
    const hour = hourOf(instants[place]);
    if (hour === hourOf(instants[start])) continue;
    groups.push([start, place]);
    start = place;
  }
  return groups;
}

/** How many hours have samples. */
export const hoursSeen = (instants: readonly Instant[]): number => hourGroups(instants).length;

const hourOf = (instant: Instant | undefined): number | undefined =>
  instant && Math.floor(instant.at / HOUR_MS);

function spreadOf(
  moves: readonly number[],
  groups: readonly (readonly [number, number])[],
  hours: number,
): Pick<Estimate, 'variance' | 'freedom'> {
  let between = 0;
  let within = 0;
  let repeated = 0;
  let repeats = 0;
  const usual = moves.length / groups.length;
  for (const [start, end] of groups) {
    const hour = moves.slice(start, end);
    const sum = total(hour);
    between += sum * sum;
    if (hour.length < 2) continue;
    const mean = sum / hour.length;
    // Where hours have more samples than others by chance, what they differ in counts too.
    within +=
      (hour.length / (hour.length - 1)) * total(hour.map((move) => (move - mean) ** 2)) +
      (hour.length - usual) ** 2 * mean ** 2;
    repeated += 1;
    repeats += hour.length - 1;
  }
  const count = groups.length;
  // Both estimate the variance of a sum over as many hours as have samples.
  const fromBetween = Math.max(0, 1 - repeated / hours) * (count / (count - 1)) * between;
  const fromWithin = Math.min(1, count / hours) * within;
  return {
    variance: fromBetween + fromWithin,
    freedom: pooledFreedom([
      { variance: fromBetween, freedom: count - 1 },
      { variance: fromWithin, freedom: repeats },
    ]),
  };
}

/** Degrees of freedom of a sum of variances (Satterthwaite). */
export function pooledFreedom(parts: readonly Pick<Estimate, 'variance' | 'freedom'>[]): number {
  const known = parts.filter(({ variance, freedom }) => variance > 0 && freedom > 0);
  const squares = total(known.map(({ variance, freedom }) => variance ** 2 / freedom));
  return squares > 0 ? total(known.map(({ variance }) => variance)) ** 2 / squares : 1;
}
