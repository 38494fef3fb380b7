import type { TagProposalAnswer, Tags } from '../people/tags-answer.ts';
import { printable } from '../policy/words.ts';
import type { Io } from './io.ts';
import type { RemoteOptions } from './remote-options.ts';
import { plainColumns, table } from './table.ts';
import { applyTags, ordersOf } from './tag-apply.ts';
import { effectOf, plural, setText } from './tag-lines.ts';

/** What became of one proposal. */
export interface Fixed {
  readonly proposal: TagProposalAnswer;
  readonly status: 'tagged' | 'failed' | 'not-tried' | 'changed' | 'declined';
  /** The AWS error name. */
  readonly code?: string;
  /** Whole sentences for people; empty where there is nothing to say. */
  readonly text: string;
}

/** Which proposals are wanted. `undefined`: nobody was there to say so. */
export interface Wanted {
  readonly chosen: readonly TagProposalAnswer[];
  /** Why each of the others is left. */
  readonly declined: readonly Fixed[];
}

const left = (proposals: readonly TagProposalAnswer[], text: string): readonly Fixed[] =>
  proposals.map((proposal) => ({ proposal, status: 'declined', text }));

/** The sure ones, and with `likely` the others too, without a question. */
export function withoutAsking({ proposals }: Tags, likely: boolean): Wanted {
  const isWanted = ({ confidence }: TagProposalAnswer): boolean => likely || confidence === 'sure';
  return {
    chosen: proposals.filter(isWanted),
    declined: left(
      proposals.filter((one) => !isWanted(one)),
      'It is a guess: say yes to it at a terminal, or give --likely.',
    ),
  };
}

/** Asks for the sure ones together, and for each likely one. */
export async function asking(
  { proposals }: Tags,
  confirm: (question: string) => Promise<boolean>,
): Promise<Wanted> {
  const sure = proposals.filter(({ confidence }) => confidence === 'sure');
  const chosen: TagProposalAnswer[] = [];
  const declined: Fixed[] = [];
  const decide = (some: readonly TagProposalAnswer[], yes: boolean): void => {
    if (yes) chosen.push(...some);
    else declined.push(...left(some, 'You said no.'));
  };
  if (sure.length > 0) {
    const tags = sure.reduce((sum, { set }) => sum + Object.keys(set).length, 0);
    const where = plural(new Set(sure.map(({ arn }) => arn)).size, 'resource');
    decide(sure, await confirm(`Write the ${tags === 1 ? 'sure tag' : `${tags} sure tags`} on ${where}?`));
  }
  for (const one of proposals.filter(({ confidence }) => confidence === 'likely')) {
    const question = [`${one.id}: ${setText(one)}?`, one.why, ...effectOf(one)].join(' ');
    decide([one], await confirm(printable(question)));
  }
  return { chosen, declined };
}

/** Those of `chosen` that are proposed still: people take their time, and others tag meanwhile. */
export function stillProposed(
  chosen: readonly TagProposalAnswer[],
  now: Tags,
): { readonly go: readonly TagProposalAnswer[]; readonly changed: readonly Fixed[] } {
  const known = new Set(now.proposals.map(identity));
  const go = chosen.filter((one) => known.has(identity(one)));
  return {
    go,
    changed: chosen
      .filter((one) => !known.has(identity(one)))
      .map((proposal) => ({
        proposal,
        status: 'changed',
        text: 'Its tags were changed meanwhile, or it is gone.',
      })),
  };
}

const identity = ({ arn, set, was }: TagProposalAnswer): string =>
  JSON.stringify([arn, Object.entries(set), Object.entries(was)]);

/** Writes them; what became of each. Never throws. */
export async function fix(
  chosen: readonly TagProposalAnswer[],
  io: Io,
  options: Pick<RemoteOptions, 'profile'>,
): Promise<readonly Fixed[]> {
  if (chosen.length === 0) return [];
  const done = await applyTags(ordersOf(chosen), io, options);
  return chosen.map((proposal): Fixed => {
    const tagged = done.get(proposal.arn) ?? { status: 'not-tried', text: 'Not tried.' };
    return tagged.status === 'tagged' ? { proposal, status: 'tagged', text: '' } : { proposal, ...tagged };
  });
}

/** What was done to each. */
export function fixedLines(
  fixed: readonly Fixed[],
  { outColours, width }: Pick<Io, 'outColours' | 'width'>,
): readonly string[] {
  const { green, red, yellow, dim } = outColours;
  const words = {
    tagged: { word: 'tagged', paint: green },
    failed: { word: 'failed', paint: red },
    'not-tried': { word: 'not tried', paint: red },
    changed: { word: 'left alone', paint: yellow },
    declined: { word: 'left alone', paint: dim },
  } as const;
  return table(
    plainColumns(4),
    fixed.map(({ proposal, status, text }) => [
      { text: words[status].word, paint: words[status].paint },
      { text: proposal.id },
      { text: setText(proposal) },
      { text },
    ]),
    { width, indent: '' },
  );
}
