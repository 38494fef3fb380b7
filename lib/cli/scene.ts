import type { State } from '../people/answer.ts';
import { usdToDecimal } from '../types/money.ts';
import type { Remote } from './remote.ts';
import type { SpendRow } from './spend-row.ts';
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
    ...(sweep.spendLeftOut === undefined ? {} : { spendLeftOut: sweep.spendLeftOut }),
    resources,
    untold: untold(sweep),
    others: wanted(others),
    keeps: only === undefined ? state.keeps : state.keeps.filter(({ arn }) => shown.has(arn)),
    projects: wanted(state.projects),
    restorable: wanted(state.restorable),
    held: state.held,
    ...(state.approval === undefined ? {} : { approval: state.approval }),
  };
}

/** That a project is frozen is told by the ledger as it is now. */
const spendOf = ({ spend }: SweepAnswer, { projects }: State): readonly SpendRow[] | undefined =>
  spend?.map((row) => {
    const frozenUntil = projects.find(({ project }) => project === row.project)?.frozenUntil;
    return frozenUntil === undefined ? row : { ...row, frozenUntil };
  });

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
