import { holderOf, projectHolder, projectsOfTeam } from '../policy/levels.ts';
import type { Budgets, Policy } from '../policy/policy.ts';
import type { EarlierSpend, MonthSpend, ProjectSpend } from '../types/meter.ts';
import type { ModelSpend, ProjectDay } from './spend.ts';
import { sumOfSpends } from './team-spend.ts';

/** What the meter says of projects and models, of which the levels are made. */
export interface MeteredSpends {
  /** By project; `''` = what has none. */
  readonly spends: ReadonlyMap<string, ProjectSpend>;
  /** By project; worked out when it is asked for. */
  readonly byDay: () => ReadonlyMap<string, readonly ProjectDay[]>;
  /** By project and model, of models that have limits. */
  readonly models: ReadonlyMap<string, ReadonlyMap<string, ModelSpend>>;
  /** What was spent in the months before, by holder, of what has a limit on all time, since its `since`. */
  readonly earlier: ReadonlyMap<string, EarlierSpend>;
}

/** What a team, a project or a model has spent this month, and what it may. */
export interface LevelSpend {
  readonly level: 'team' | 'project' | 'model';
  readonly name: string;
  /** The team of a project, the project of a model. */
  readonly within: string | undefined;
  /** Its text (`holderOf`). */
  readonly holder: string;
  readonly budgets: Budgets;
  readonly spend: MonthSpend;
  /** Of a limit on all time what was spent before this month; `undefined` = it has none, or it is not known. */
  readonly earlier: EarlierSpend | undefined;
}

/**
 * How the levels of the policy file stand, teams first, then projects, each followed by its models, in the order of the
 * file; what has spent nothing and costs nothing is absent. A team's figures are the sums of its projects', a model's
 * are a part of its project's.
 */
export function levelSpends(
  { spends, models, earlier }: Pick<MeteredSpends, 'spends' | 'models' | 'earlier'>,
  policy: Pick<Policy, 'teams' | 'projects'>,
): readonly LevelSpend[] {
  const teams = Object.values(policy.teams).flatMap((team): readonly LevelSpend[] => {
    const projects = projectsOfTeam(policy, team.name);
    const spend = sumOfSpends(projects.flatMap((project) => spends.get(project) ?? []));
    if (spend === undefined) return [];
    const holder = holderOf({ level: 'team', team: team.name });
    return [
      {
        level: 'team',
        name: team.name,
        within: undefined,
        holder,
        budgets: team,
        spend,
        earlier: earlier.get(holder),
      },
    ];
  });
  const projects = Object.values(policy.projects).flatMap((project): readonly LevelSpend[] => {
    const { name, team } = project;
    const spend = spends.get(name);
    if (spend === undefined) return [];
    const holder = projectHolder(name);
    return [
      {
        level: 'project',
        name,
        within: team,
        holder,
        budgets: project,
        spend,
        earlier: earlier.get(holder),
      },
      ...Object.values(project.models ?? {}).flatMap((model): readonly LevelSpend[] => {
        const found = models.get(name)?.get(model.name);
        if (found === undefined) return [];
        const own = holderOf({ level: 'model', project: name, model: model.name });
        return [
          {
            level: 'model',
            name: model.name,
            within: name,
            holder: own,
            budgets: model,
            spend: found,
            earlier: earlier.get(own),
          },
        ];
      }),
    ];
  });
  return [...teams, ...projects];
}
