import { holderOf, type Level, projectHolder, projectsOfTeam, teamOf } from '../policy/levels.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import type { MonthSpend } from '../types/meter.ts';
import { largerUsd, microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';

/** What a month (UTC) comes to without a change. */
export interface Committed {
  /** Of this month so far, as AWS has billed it. */
  readonly billed: Usd;
  /** Of this month so far, not billed yet. */
  readonly estimated: Usd;
  /** What goes on costs up to the end of the month, as the meter forecasts it. */
  readonly runsOn: Usd;
  /** What the gate has let through and does not run yet. */
  readonly reserved: Usd;
  /** All four. */
  readonly total: Usd;
}

/** What the meter says of a project, or of a model, as far as it counts here. */
export interface SpentSoFar extends Pick<MonthSpend, 'billed' | 'estimated'> {
  /** Of the whole month. */
  readonly forecast: Pick<MonthSpend['forecast'], 'amount'>;
}

/** What is left of one limit of a month. */
export interface Remaining {
  readonly level: Level['level'];
  readonly name: string;
  /** Its text (`holderOf`). */
  readonly holder: string;
  readonly limit: Usd;
  readonly committed: Committed;
  /** Limit less committed; below zero where it is over already. */
  readonly remaining: Usd;
}

export interface RemainingInput {
  readonly policy: Pick<Policy, 'teams' | 'projects'>;
  /** The value of the project tag. */
  readonly project: string;
  /** The value of the model tag, where a change carries one; counts where the policy file gives that model a limit. */
  readonly model?: string;
  /** What the meter says, as `meterFleet` answers. What is absent of it has spent nothing. */
  readonly metered: {
    /** By project. */
    readonly spends: ReadonlyMap<string, SpentSoFar>;
    /** By project and model. */
    readonly models: ReadonlyMap<string, ReadonlyMap<string, SpentSoFar>>;
  };
  /** USD that is reserved, by project; absent = nothing is. */
  readonly reserved?: ReadonlyMap<string, Usd>;
}

/**
 * The remaining budget of the month (UTC): of the project, then of its team and of its model. Levels without a monthly
 * limit are absent, and all are where the policy file gives none.
 */
export function remainingOf({
  policy,
  project,
  model,
  metered,
  reserved = new Map(),
}: RemainingInput): readonly Remaining[] {
  const found = projectNamed(policy, project);
  const team = teamOf(policy, project);
  const ofModel =
    model !== undefined && found?.models !== undefined && Object.hasOwn(found.models, model)
      ? found.models[model]
      : undefined;
  const committedOf = (projects: readonly string[]): Committed =>
    committed(
      projects.flatMap((name) => metered.spends.get(name) ?? []),
      projects.map((name) => reserved.get(name) ?? ZERO_USD),
    );
  return [
    ...leftOf('project', project, projectHolder(project), found?.budget, () => committedOf([project])),
    ...(team === undefined
      ? []
      : leftOf('team', team, holderOf({ level: 'team', team }), policy.teams[team]?.budget, () =>
          committedOf(projectsOfTeam(policy, team)),
        )),
    ...(model === undefined
      ? []
      : leftOf('model', model, holderOf({ level: 'model', project, model }), ofModel?.budget, () => {
          const spend = metered.models.get(project)?.get(model);
          return committed(spend === undefined ? [] : [spend], []);
        })),
  ];
}

function leftOf(
  level: Level['level'],
  name: string,
  holder: string,
  limit: Usd | undefined,
  committedOf: () => Committed,
): readonly Remaining[] {
  if (limit === undefined) return [];
  const spent = committedOf();
  return [{ level, name, holder, limit, committed: spent, remaining: microUsd(limit - spent.total) }];
}

/** The forecast is of the whole month, what was spent of it included; never less than that. */
function committed(spends: readonly SpentSoFar[], reserved: readonly Usd[]): Committed {
  const billed = sumUsd(spends.map((spend) => spend.billed));
  const estimated = sumUsd(spends.map((spend) => spend.estimated));
  const runsOn = sumUsd(
    spends.map((spend) =>
      largerUsd(ZERO_USD, microUsd(spend.forecast.amount - spend.billed - spend.estimated)),
    ),
  );
  const asked = sumUsd(reserved);
  return { billed, estimated, runsOn, reserved: asked, total: sumUsd([billed, estimated, runsOn, asked]) };
}

/** What somebody has stated instead: all of it counts as committed, and nothing is known of its parts. */
export const statedRemaining = (project: string, limit: Usd, total: Usd): Remaining => ({
  level: 'project',
  name: project,
  holder: projectHolder(project),
  limit,
  committed: { billed: ZERO_USD, estimated: ZERO_USD, runsOn: ZERO_USD, reserved: ZERO_USD, total },
  remaining: microUsd(limit - total),
});
