import type { State } from '../people/answer.ts';
import { holderOf, projectHolder, projectOfHolder } from '../policy/levels.ts';
import { usdToDecimal } from '../types/money.ts';
import type { Remote } from './remote.ts';
import type { LevelRow, SpendRow } from './spend-row.ts';
import { type Finding, type Sight, type SweepAnswer, sightsOf, untold } from './sweep-answer.ts';

/** All that `bursar status` shows, of everything or of one project. */
export interface Scene extends State {
  readonly stack: string;
  readonly region: string;
  readonly at: Date;
  /** The project that was asked for. */
  readonly only: string | undefined;
  /** By project; `undefined` of a Bursar that has no meter. */
  readonly spend: readonly SpendRow[] | undefined;
  /** Of teams and models; absent = there are none. */
  readonly spendLevels?: readonly LevelRow[];
  /** How many more projects there are than `spend` has, none of them in the policy; absent = none. */
  readonly spendLeftOut?: number;
  readonly resources: readonly Sight[];
  /** How many findings the dry run left out. */
  readonly untold: number;
  /** What would be done to no single resource, such as telling of a budget. */
  readonly others: readonly (Finding & { readonly project: string | undefined })[];
}

export function sceneOf(
  { stack, region }: Pick<Remote, 'stack' | 'region'>,
  sweep: SweepAnswer,
  state: State,
  only: string | undefined,
): Scene {
  const wanted = <T extends { readonly project?: string | undefined }>(all: readonly T[]): T[] =>
    only === undefined ? [...all] : all.filter(({ project }) => project === only);
  const resources = wanted(sightsOf(sweep));
  const shown = new Set(resources.map(({ arn }) => arn));
  const others = sweep.decided.flatMap(({ arn, action, project, reason }) =>
    arn === undefined ? [{ what: action, why: reason, project }] : [],
  );
  return {
    stack,
    region,
    at: new Date(sweep.at),
    only,
    spend: spendOf(sweep, state)?.filter(({ project }) => only === undefined || project === only),
    ...levelsOf(sweep, state, only),
    ...(sweep.spendLeftOut === undefined ? {} : { spendLeftOut: sweep.spendLeftOut }),
    resources,
    untold: untold(sweep),
    others: wanted(others),
    keeps: only === undefined ? state.keeps : state.keeps.filter(({ arn }) => shown.has(arn)),
    projects: state.projects.filter(({ project }) => only === undefined || projectOfHolder(project) === only),
    restorable: wanted(state.restorable),
    held: state.held,
    ...(state.approval === undefined ? {} : { approval: state.approval }),
  };
}

/** That a project is frozen is told by the ledger as it is now. */
const spendOf = ({ spend }: SweepAnswer, { projects }: State): readonly SpendRow[] | undefined =>
  spend?.map((row) => {
    const holder = row.project === null ? undefined : projectHolder(row.project);
    const frozenUntil = projects.find(({ project }) => project === holder)?.frozenUntil;
    return frozenUntil === undefined ? row : { ...row, frozenUntil };
  });

/** Of one project its models alone: what a team spends is not its own. */
function levelsOf(
  { spendLevels }: SweepAnswer,
  { projects }: State,
  only: string | undefined,
): Pick<Scene, 'spendLevels'> {
  const shown = spendLevels
    ?.filter((row) => only === undefined || (row.level === 'model' && row.projects.includes(only)))
    .map((row) => {
      const [project = ''] = row.projects;
      const holder = holderOf(
        row.level === 'team'
          ? { level: 'team', team: row.name }
          : { level: 'model', project, model: row.name },
      );
      const frozenUntil = projects.find((one) => one.project === holder)?.frozenUntil;
      return frozenUntil === undefined ? row : { ...row, frozenUntil };
    });
  return shown === undefined || shown.length === 0 ? {} : { spendLevels: shown };
}

/** The same for machines: amounts as decimal USD. */
export const sceneJson = ({ only, others, resources, ...scene }: Scene): object => ({
  ...scene,
  project: only,
  resources: resources.map(({ hourly, ...sight }) => ({
    ...sight,
    hourly: hourly === undefined ? undefined : usdToDecimal(hourly),
    keptUntil: scene.keeps.find(({ arn }) => arn === sight.arn)?.until,
  })),
  decisions: others,
});
