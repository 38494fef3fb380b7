import type { Place } from '../estimate/estimate.ts';
import { ascending } from '../types/lists.ts';
import { formatUsd } from '../types/money.ts';
import type { ComparedItem } from './compare.ts';
import { decisive, type GateResult, pickText, signedUsd } from './result.ts';

/** What review tools are told of a change, at the place that it is about. */
export interface Finding {
  readonly rule: 'over-budget' | 'near-budget' | 'unpriced' | 'not-judged';
  readonly level: 'error' | 'warning';
  readonly title: string;
  /** One or more sentences. */
  readonly message: string;
  readonly place: Place;
  /** Where else something of it stands. */
  readonly others: readonly Place[];
  /** The same from run to run, while it is about the same. */
  readonly about: string;
}

/** What each rule is about, for people. */
export const RULES: Readonly<
  Record<Finding['rule'], { readonly level: Finding['level']; readonly title: string; readonly text: string }>
> = {
  'over-budget': {
    level: 'error',
    title: 'Over budget',
    text: 'The change takes a project over its limit of the month.',
  },
  'near-budget': {
    level: 'warning',
    title: 'Near the budget',
    text: 'The change takes a project near its limit of the month.',
  },
  unpriced: {
    level: 'warning',
    title: 'No price',
    text: 'Something of the change costs money, and has no price: it is in no figure.',
  },
  'not-judged': {
    level: 'error',
    title: 'Not judged',
    text: 'Something of the change belongs to no project that has a limit.',
  },
};

/** A finding for each project that is over or near its limit, at its dearest item, and for each item without a price or a limit. */
export function findingsOf(result: GateResult): readonly Finding[] {
  const { items, judgement, alternatives } = result;
  const raising = (project: string | undefined): readonly ComparedItem[] =>
    items
      .filter((item) => item.project === project && item.delta > 0n)
      .sort((a, b) => ascending(b.delta, a.delta));
  const budget = judgement.projects.flatMap((project): readonly Finding[] => {
    const level = decisive(project);
    const [dearest, ...others] = raising(project.project);
    if (project.verdict === 'pass' || level === undefined || dearest === undefined) return [];
    const rule = project.verdict === 'over' ? 'over-budget' : 'near-budget';
    const picks = alternatives.picks.filter((pick) => pick.project === project.project);
    return [
      {
        rule,
        level: RULES[rule].level,
        title: `${RULES[rule].title}: ${project.project}`,
        message: [
          `${dearest.id} adds ${formatUsd(dearest.delta)} to ${project.project}. ${level.why}`,
          ...picks.map(
            (pick) =>
              `It passes with ${pickText(pick)} in place of ${pick.choice.instanceType} for ${pick.id}.`,
          ),
        ].join(' '),
        place: dearest.place,
        others: others.map(({ place }) => place),
        about: `${project.project} ${level.holder}`,
      },
    ];
  });
  const unpriced = judgement.unpriced.map(
    ({ id, place, unpriced: why }): Finding => ({
      rule: 'unpriced',
      level: RULES.unpriced.level,
      title: `No price: ${id}`,
      message: why.join(' '),
      place,
      others: [],
      about: id,
    }),
  );
  const unjudged = judgement.unjudged.flatMap(({ project, delta }): readonly Finding[] => {
    const [dearest, ...others] = raising(project);
    if (dearest === undefined) return [];
    const why =
      project === undefined
        ? 'It carries no project tag: tag it, or say by --project whose it is.'
        : `Project ${project} has no limit for the month: give it a budget in the policy file.`;
    return [
      {
        rule: 'not-judged',
        level: RULES['not-judged'].level,
        title: project === undefined ? 'Not judged: no project' : `Not judged: ${project}`,
        message: `${dearest.id} is not judged, with all of ${signedUsd(delta)}. ${why}`,
        place: dearest.place,
        others: others.map(({ place }) => place),
        about: project ?? '',
      },
    ];
  });
  return [...budget, ...unpriced, ...unjudged];
}
