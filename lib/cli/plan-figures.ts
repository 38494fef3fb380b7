import type { Plan, PlanLine } from '../plan/plan.ts';
import { formatUsd, sumUsd, type Usd } from '../types/money.ts';

/** What a plan comes to. */
export interface PlanFigures {
  readonly resources: number;
  readonly running: Cost;
  /** What would be stopped now or within the look ahead, of all that runs. */
  readonly stopping: Cost;
  readonly untagged: readonly PlanLine[];
  /** Of what runs. */
  readonly unpriced: readonly PlanLine[];
  /** What has a project, could be stopped, and no policy names it. */
  readonly noPolicy: readonly PlanLine[];
  /** What a rule could stop that no approved plan lists; empty where none is asked for. */
  readonly unapproved: readonly PlanLine[];
  /** Whether the policy file asks for approved plans. */
  readonly asksApproval: boolean;
}

export interface Cost {
  readonly count: number;
  /** USD an hour of those that are priced. */
  readonly hourly: Usd;
  readonly unpriced: number;
}

/** USD an hour, for people; what is less than a cent is not nothing. */
export const hourlyText = (hourly: Usd): string =>
  hourly > 0n && hourly < 5_000n ? '<$0.01' : formatUsd(hourly);

/** True of what would be stopped within the look ahead, if all goes on as now. */
export const willStop = ({ now, next, stopAt }: PlanLine): boolean =>
  now.action === 'stop' || stopAt !== undefined || next?.action === 'stop';

/** What is metered alone is never stopped, whatever its tags say. */
const isMetered = ({ now }: PlanLine): boolean => now.verdict === 'metered';

export function planFigures({ lines }: Pick<Plan, 'lines'>): PlanFigures {
  const running = lines.filter(({ state }) => state === 'running');
  return {
    resources: lines.length,
    running: costOf(running),
    stopping: costOf(lines.filter(willStop)),
    untagged: lines.filter(({ project }) => project === undefined),
    unpriced: running.filter(({ hourly }) => hourly === undefined),
    noPolicy: lines.filter(
      (line) => line.project !== undefined && line.policy === undefined && !isMetered(line),
    ),
    unapproved: lines.filter(({ approved }) => approved === false),
    asksApproval: lines.some(({ approved }) => approved !== undefined),
  };
}

function costOf(lines: readonly PlanLine[]): Cost {
  const prices = lines.flatMap(({ hourly }) => (hourly === undefined ? [] : [hourly]));
  return { count: lines.length, hourly: sumUsd(prices), unpriced: lines.length - prices.length };
}
