import { dollarsOver } from '../decide/gate.ts';
import { formatUsd, microUsd, sumUsd, type Usd } from '../types/money.ts';
import type { Alternatives, Picked } from './choose.ts';
import type { ComparedItem } from './compare.ts';
import type { Judgement, LevelVerdict, ProjectVerdict } from './judge.ts';
import type { PickWritten } from './pick.ts';

/** What a gate has found, as all its outputs tell it. */
export interface GateResult {
  readonly items: readonly ComparedItem[];
  /** False where nothing was there to compare with: all is then added. */
  readonly hasBase: boolean;
  /** How many things of the change cost nothing by themselves. */
  readonly free: number;
  readonly judgement: Judgement;
  readonly alternatives: Alternatives;
  /** What `--pick` did; empty where it was not asked for, or nothing was to pick. */
  readonly written: readonly PickWritten[];
  /** True where somebody has stated what is committed, so that nothing is known of its parts. */
  readonly isStated: boolean;
  /** What should be known, a sentence each. */
  readonly notes: readonly string[];
}

/** What of a change is not the same as before. */
export const changedItems = ({ items }: Pick<GateResult, 'items'>): readonly ComparedItem[] =>
  items.filter(({ change }) => change !== 'same');

export const deltaOf = (items: readonly ComparedItem[]): Usd => sumUsd(items.map(({ delta }) => delta));

/** `+$1,027.84`, `-$3.00`, `$0.00`. */
export const signedUsd = (amount: Usd): string => (amount > 0n ? `+${formatUsd(amount)}` : formatUsd(amount));

/** The level that decides: the first that is over, or that warns, or else the first. */
export const decisive = ({ levels, verdict }: ProjectVerdict): LevelVerdict | undefined =>
  levels.find((level) => level.verdict === verdict) ?? levels[0];

/** A level for people, within a sentence: `recsys`, `team ranking`, `model scorer`. */
export const levelName = ({ level, name }: Pick<LevelVerdict, 'level' | 'name'>): string =>
  level === 'project' ? name : `${level} ${name}`;

/** The verdict in one sentence, for people. */
export function headline({ judgement }: Pick<GateResult, 'judgement'>): string {
  const { projects, unjudged, unpriced, verdict } = judgement;
  switch (verdict) {
    case 'unjudged': {
      const more = sumUsd(unjudged.map(({ delta }) => delta).filter((delta) => delta > 0n));
      const rest = projects.length === 0 ? '' : ` The rest passes: ${projects.map(projectText).join('; ')}.`;
      return `Not judged: ${projects.length === 0 ? 'it' : 'some of it'} costs ${formatUsd(more)} more, and no limit is known for it.${rest}`;
    }
    case 'over':
    case 'warn': {
      const found = projects.filter((project) => project.verdict === verdict);
      if (found.length === 0)
        return `Over: ${countOf(unpriced.length, 'thing has', 'things have')} no price.`;
      return `${verdict === 'over' ? 'Over' : 'Warning'}: ${found.map(projectText).join('; ')}.`;
    }
    case 'pass':
      return projects.length === 0
        ? `Pass: nothing of it costs more${unpriced.length === 0 ? '' : `, but ${countOf(unpriced.length, 'thing has', 'things have')} no price`}.`
        : `Pass: ${projects.map(projectText).join('; ')}.`;
  }
}

function projectText(project: ProjectVerdict): string {
  const level = decisive(project);
  if (level === undefined) return project.project;
  const { projected, limit, over, delta } = level;
  const who = level.level === 'project' ? level.name : `${project.project}’s ${levelName(level)}`;
  if (over === undefined) return `${who} comes to ${formatUsd(projected)} of ${formatUsd(limit)} a month`;
  const beyond = `${dollarsOver(over)} over its limit of ${formatUsd(limit)}`;
  if (level.verdict === 'over') return `${who} comes to ${formatUsd(projected)} a month, ${beyond}`;
  const less =
    delta < 0n ? `${formatUsd(microUsd(-delta))} less than without the change` : 'as without the change';
  return `${who} comes to ${formatUsd(projected)} a month, ${beyond}, but ${less}`;
}

/** `1 thing has`, `3 things have`. */
export const countOf = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** `ml.g5.xlarge for $1,027.84 a month`, for people. */
export const pickText = ({ instanceType, spot, cost, frequency, meets }: Picked): string =>
  `${instanceType}${spot ? ' on Spot' : ''} for ${formatUsd(cost)} ${frequency === 'month' ? 'a month' : 'each run'}${meets === '' ? '' : `, with ${meets}`}`;

/** What is missing of a limit’s parts, in the order in which people read them. */
export function committedRows(
  { committed }: Pick<LevelVerdict, 'committed'>,
  isStated: boolean,
): readonly (readonly [name: string, amount: Usd])[] {
  const { billed, estimated, runsOn, reserved, total } = committed;
  return [
    ...(isStated
      ? []
      : ([
          ['billed', billed],
          ['estimated', estimated],
          ['runs on', runsOn],
        ] as const)),
    ...(reserved > 0n ? ([['reserved', reserved]] as const) : []),
    ['committed', total],
  ];
}

/** Who could not be judged and why, a sentence each. */
export const unjudgedTexts = ({ unjudged }: Judgement): readonly string[] =>
  unjudged.map(({ project, delta, items }) => {
    const what = `${countOf(items.length, 'thing', 'things')} (${some(items)}), ${signedUsd(delta)}`;
    return project === undefined
      ? `No project: ${what}. Tag them, or say by --project whose they are.`
      : `Project ${project} has no limit for the month: ${what}. Give it a budget in the policy file.`;
  });

/** The first few of a list, and how many more there are. */
export function some(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
