import type { ResourceRun, RunEvent, RunResult } from '../simulate/result.ts';
import { microUsd, sumUsd, type Usd } from '../types/money.ts';

type Stop = Extract<RunEvent, { event: 'stopped' }>;

/** What one policy came to, of a project or in all. */
export interface Standing {
  readonly spent: Usd;
  readonly without: Usd;
  /** USD; below zero where it cost more than doing nothing. */
  readonly saved: Usd;
  readonly stops: number;
  readonly falseStops: number;
  readonly whileBusy: number;
}

export interface Compared {
  /** `undefined` = what carries no project tag. */
  readonly project: string | undefined;
  readonly one: Standing;
  readonly other: Standing;
}

/** Two policies over the same history. */
export interface Comparison {
  readonly total: Omit<Compared, 'project'>;
  /** By name; what has no project last. */
  readonly projects: readonly Compared[];
  /** Stops in whose time the other policy had the resource running throughout; in order. */
  readonly onlyOne: readonly Stop[];
  readonly onlyOther: readonly Stop[];
}

/** Two results of the same span and fleet side by side. Pure. */
export function compareRuns(one: RunResult, other: RunResult): Comparison {
  const names = new Set([...one.projects, ...other.projects].map(({ project }) => project));
  const projects = [...names].sort(byName);
  return {
    total: { one: totalOf(one), other: totalOf(other) },
    projects: projects.map((project) => ({
      project,
      one: standingOf(one, project),
      other: standingOf(other, project),
    })),
    onlyOne: onlyIn(one, other),
    onlyOther: onlyIn(other, one),
  };
}

/** What a result came to for each project, by name; what has no project last. */
export const standings = (
  result: RunResult,
): readonly (Standing & { readonly project: string | undefined })[] =>
  [...new Set(result.projects.map(({ project }) => project))]
    .sort(byName)
    .map((project) => ({ project, ...standingOf(result, project) }));

/** What a result came to in all. */
export const totalOf = (result: RunResult): Standing => standing(result, stopsOf(result));

const byName = (a: string | undefined, b: string | undefined): number =>
  a === undefined ? 1 : b === undefined ? -1 : a.localeCompare(b);

export const stopsOf = ({ events }: RunResult): readonly Stop[] =>
  events.filter((event) => event.event === 'stopped');

function standingOf(result: RunResult, project: string | undefined): Standing {
  const own = result.projects.filter((run) => run.project === project);
  return standing(
    { spent: sumUsd(own.map(({ spent }) => spent)), without: sumUsd(own.map(({ without }) => without)) },
    stopsOf(result).filter((stop) => stop.project === project),
  );
}

const standing = (
  { spent, without }: { readonly spent: Usd; readonly without: Usd },
  stops: readonly Stop[],
): Standing => ({
  spent,
  without,
  saved: microUsd(without - spent),
  stops: stops.length,
  falseStops: stops.filter(({ falseStop }) => falseStop).length,
  whileBusy: stops.filter(({ whileBusy }) => whileBusy).length,
});

/** A stop an hour earlier or later in the same idle time is no other stop. */
function onlyIn(one: RunResult, other: RunResult): readonly Stop[] {
  const runs = new Map(one.resources.map((run) => [run.arn, run]));
  const others = new Map(other.resources.map((run) => [run.arn, run]));
  return stopsOf(one).filter((stop) => {
    const { from, to } = spanOf(stop, runs.get(stop.arn), one.to);
    return !(others.get(stop.arn)?.stopped ?? []).some((span) => span.from < to && span.to > from);
  });
}

/** For how long it was out of service after the stop. */
export function spanOf(stop: Stop, run: ResourceRun | undefined, end: Date) {
  const span = run?.stopped.find(({ from, to }) => from >= stop.at || to > stop.at);
  return span === undefined ? { from: stop.at, to: end } : { from: stop.at, to: span.to };
}
