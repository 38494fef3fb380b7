import { largerUsd, microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { type Estimate, estimateShares, hoursSeen, pooledFreedom, type Roles } from './ratio.ts';
import type { Interval } from './shareable.ts';
import type { Instant } from './usage-table.ts';

/** A day or period whose cost is split by samples of its own. */
export interface SampledUnit {
  readonly cost: Usd;
  readonly instants: readonly Instant[];
  /** How many hours it has. */
  readonly hours: number;
}

/** Micro-dollars: less than this is the rounding of floats. */
const NOISE = 1e-3;

/**
 * 95 % confidence intervals of what projects get of the costs of all units together, within 0 and the whole cost. A unit
 * with samples in one hour alone may be anybody's.
 * @param estimated what projects got of these costs; the intervals lie around it
 * @param fixed what they got besides that is no estimate
 * @returns of the sum of both, by project, for each that got anything
 */
export function intervalsOf(
  units: readonly SampledUnit[],
  roles: Roles,
  estimated: ReadonlyMap<string, Usd>,
  fixed: ReadonlyMap<string, Usd>,
): ReadonlyMap<string, Interval> {
  const projects = [...new Set([...estimated.keys(), ...fixed.keys()])];
  const known = units.map(({ cost, instants, hours }) => ({
    cost: Number(cost),
    estimates: estimateShares(instants, roles, projects, hours),
    seen: hoursSeen(instants),
  }));
  const least = sumUsd(units.map(({ cost }) => (cost < 0n ? cost : ZERO_USD)));
  const most = sumUsd(units.map(({ cost }) => largerUsd(cost, ZERO_USD)));
  return new Map(
    projects.map((project) => {
      const range = estimated.has(project)
        ? rangeOf(known.map(({ estimates, ...unit }) => ({ ...unit, estimate: estimates?.get(project) })))
        : { low: 0, high: 0 };
      const share = estimated.get(project) ?? ZERO_USD;
      // Floats of large amounts are coarser than a micro-dollar, and must not reach beyond what there is.
      const low = largerUsd(microUsd(BigInt(Math.floor(range.low + NOISE))), least);
      const high = smallerUsd(microUsd(BigInt(Math.ceil(range.high - NOISE))), most);
      const rest = fixed.get(project) ?? ZERO_USD;
      return [
        project,
        // Rounding to whole micro-dollars must not leave the share outside.
        { low: sumUsd([smallerUsd(low, share), rest]), high: sumUsd([largerUsd(high, share), rest]) },
      ];
    }),
  );
}

const smallerUsd = (a: Usd, b: Usd): Usd => (a < b ? a : b);

interface KnownUnit {
  /** Micro-dollars. */
  readonly cost: number;
  /** `undefined` = it may be anything. */
  readonly estimate: Estimate | undefined;
  /** Hours that have samples. */
  readonly seen: number;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Micro-dollars. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/** All that the costs can come to, whoever gets how much of each. */
const boundsOf = (units: readonly KnownUnit[]): Range => ({
  low: total(units.map(({ cost }) => Math.min(0, cost))),
  high: total(units.map(({ cost }) => Math.max(0, cost))),
});

function rangeOf(units: readonly KnownUnit[]): Range {
  const unknown = boundsOf(units.filter(({ estimate }) => estimate === undefined));
  const known = estimatedRange(units);
  return { low: unknown.low + known.low, high: unknown.high + known.high };
}

function estimatedRange(units: readonly KnownUnit[]): Range {
  const parts = units.flatMap(({ cost, estimate, seen }) =>
    estimate === undefined ? [] : [{ cost, estimate, seen }],
  );
  const { low, high } = boundsOf(parts);
  const width = high - low;
  if (width === 0) return { low, high };
  const amount = total(parts.map(({ cost, estimate }) => cost * estimate.share));
  const variances = parts.map(({ cost, estimate: { variance, freedom } }) => ({
    variance: (cost / width) ** 2 * variance,
    freedom,
  }));
  const error = Math.sqrt(total(variances.map(({ variance }) => variance)));
  const reach = shareRange(
    (amount - low) / width,
    error,
    studentT(pooledFreedom(variances)),
    total(parts.map(({ seen }) => seen)),
  );
  return { low: low + reach.low * width, high: low + reach.high * width };
}

/** Shares nearer to nothing or all than this differ from it by rounding alone. */
const EDGE = 1e-12;

/**
 * The interval of a share, in log odds: it stays within 0 and 1, and is longer towards the middle, as it must be for
 * shares near the ends. Where all samples say nothing, or all, no variance tells how far that can be trusted: then as far as
 * so many hours that agree would come about in one of twenty cases.
 */
function shareRange(share: number, error: number, reach: number, hours: number): Range {
  if (share < EDGE) return { low: 0, high: 1 - 0.05 ** (1 / hours) };
  if (share > 1 - EDGE) return { low: 0.05 ** (1 / hours), high: 1 };
  const odds = Math.log(share / (1 - share));
  const away = (reach * error) / (share * (1 - share));
  return { low: shareOf(odds - away), high: shareOf(odds + away) };
}

const shareOf = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

/** Two-sided 95 % quantiles of Student's t for 1 to 10 degrees of freedom (any table of the distribution). */
const QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const;

/** The same of the normal distribution. */
const Z = 1.959964;

/**
 * How many standard errors a 95 % confidence interval reaches to each side.
 * @param freedom degrees of freedom, at least 1; a fraction counts as the whole number below it
 */
export function studentT(freedom: number): number {
  const whole = Math.max(1, Math.floor(freedom));
  // Cornish and Fisher's expansion (Abramowitz and Stegun, 26.7.5): from 11 degrees on, within 0.0005.
  return (
    QUANTILES[whole - 1] ??
    Z +
      (Z ** 3 + Z) / (4 * whole) +
      (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * whole ** 2) +
      (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * whole ** 3)
  );
}
