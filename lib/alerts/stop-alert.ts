import { levelWord } from '../policy/levels.ts';
import type { TagKeys } from '../policy/policy.ts';
import type { Alert, AlertItem } from '../types/alert.ts';
import type { StopDecision, Trigger } from '../types/decision.ts';
import { oneLine } from './characters.ts';
import { formatCost } from './figures.ts';
import { isRestorable } from './offers.ts';
import { sentences } from './sentences.ts';
import { type UndoCommand, undoLines } from './undo.ts';
import { whoText } from './whose.ts';

/** What an alert says, apart from whose it is. */
export type Story = Pick<
  Alert,
  'severity' | 'title' | 'reason' | 'lines' | 'link' | 'next' | 'offers' | 'heldAt' | 'tomorrow'
>;

/** `1 idle resource`, `20 idle resources`. */
export function count(items: readonly unknown[], adjective: string): string {
  return `${items.length} ${adjective === '' ? '' : `${adjective} `}${items.length === 1 ? 'resource' : 'resources'}`;
}

const adjective: Readonly<Record<Trigger, string>> = {
  idle: 'idle',
  budget: '',
  freeze: '',
  launch: '',
  untagged: 'untagged',
  person: '',
  'keep-tag': '',
  schedule: '',
  runtime: '',
};

function because(
  trigger: Trigger,
  one: boolean,
  { swiftly, holder }: { readonly swiftly: string | undefined; readonly holder: string | undefined },
): string {
  switch (trigger) {
    case 'idle':
    case 'untagged':
    case 'keep-tag':
      return '';
    case 'budget':
      return overBudget(holder);
    case 'freeze':
      return `${swiftly === undefined ? '' : ` ${swiftly}`}: ${whoText(holder)} is frozen`;
    case 'launch':
      return ` ${swiftly ?? `right after ${one ? 'its' : 'their'} start`}`;
    case 'person':
      return ' by hand';
    case 'schedule':
      return `: outside ${one ? 'its' : 'their'} hours`;
    case 'runtime':
      return `: over ${one ? 'its' : 'their'} longest runtime`;
  }
}

/** `: over budget`, `: team alpha is over budget`. */
export const overBudget = (holder: string | undefined): string =>
  holder === undefined ? ': over budget' : `: ${whoText(holder)} is over budget`;

/** `2 untagged resources`, `1 idle resource of recsys`: what has no project names none. */
export function subjectOf(
  items: readonly AlertItem[],
  trigger: Trigger,
  project: string | undefined,
): string {
  const some = count(items, adjective[trigger]);
  return trigger === 'untagged' && project === undefined ? some : `${some} of ${project ?? 'no project'}`;
}

/** `, as ana (Slack) asked`. */
export const asAsked = (by: string): string => `, as ${oneLine(by)} ${verbOf(by)}`;

function verbOf(by: string): string {
  if (by.startsWith('policy ')) return 'says';
  return by.startsWith('the hours ') ? 'say' : 'asked';
}

/** Items by what became of them. */
export interface Fates {
  readonly taken: readonly AlertItem[];
  readonly failed: readonly AlertItem[];
  readonly skipped: readonly AlertItem[];
}

export const fatesOf = (items: readonly AlertItem[]): Fates => ({
  taken: items.filter(({ status }) => status === 'taken'),
  failed: items.filter(({ status }) => status === 'failed'),
  skipped: items.filter(({ status }) => status === 'skipped'),
});

/** `18 of 20 idle resources of recsys stopped, 1 failed, 1 left alone: over budget`. */
export function fatesTitle(
  subject: string,
  { taken, failed, skipped }: Fates,
  { done, why }: { readonly done: string; readonly why: string },
): string {
  const also = [
    failed.length === 0 ? '' : `${failed.length} failed`,
    skipped.length === 0 ? '' : `${skipped.length} left alone`,
  ].filter((part) => part !== '');
  if (also.length === 0) return `${subject} ${done}${why}`;
  if (taken.length === 0) return `${subject} not ${done}: ${also.join(', ')}`;
  return `${taken.length} of ${subject} ${done}, ${also.join(', ')}${why}`;
}

/**
 * Tells stops of one project that were asked for the same cause. `said`: the sentences that are true of all.
 * `retried`: every failure may pass by itself (throttling, a state that changes).
 */
export function stopStory(
  items: readonly AlertItem[],
  said: string,
  options: {
    readonly trigger: Trigger;
    /** Who asked, where a person did. */
    readonly by: string | undefined;
    readonly project: string | undefined;
    /** Whose limit it was, where that is not the project's own. */
    readonly holder: string | undefined;
    readonly retried: boolean;
    readonly undo: UndoCommand;
    /** Of launches: how soon they were stopped. */
    readonly swiftly: string | undefined;
    readonly tags: TagKeys;
    /** How they were taken out of service, where none of the taken ones was stopped in its kind's own way. */
    readonly manner: StopDecision['manner'];
    /** Of stops by hours: when those that were taken come back, sentences. */
    readonly comesBack: readonly string[];
  },
): Story {
  const { trigger, by, project, manner } = options;
  const fates = fatesOf(items);
  const { taken, failed } = fates;
  return {
    severity: severityOf(options, taken.length, failed.length),
    title: fatesTitle(subjectOf(items, trigger, project), fates, {
      done: manner === 'scale-down' ? 'scaled down' : 'stopped',
      why: by === undefined ? because(trigger, items.length === 1, options) : asAsked(by),
    }),
    reason: sentences(
      said,
      taken.length === 0 ? '' : costSentence(taken, manner),
      failed.length === 0 ? '' : `What failed still runs and costs ${formatCost(failed)}.`,
    ),
    next: nextOf(fates, options),
    ...(taken.some(isRestorable)
      ? { offers: trigger === 'freeze' ? ['restore', 'unfreeze', 'details'] : ['restore', 'details'] }
      : {}),
  };
}

const costSentence = (taken: readonly AlertItem[], manner: StopDecision['manner']): string =>
  manner === 'scale-down'
    ? `Before it was scaled down, what is told of here cost ${formatCost(taken)}.`
    : `What was stopped cost ${formatCost(taken)}.`;

/** What comes by the calendar, or by itself, is no news; the others end somebody's work. */
const EXPECTED: ReadonlySet<Trigger> = new Set<Trigger>(['idle', 'person', 'schedule']);

function severityOf(
  { trigger, retried }: { readonly trigger: Trigger; readonly retried: boolean },
  taken: number,
  failed: number,
): Alert['severity'] {
  if (failed > 0) return retried ? 'warning' : 'critical';
  return EXPECTED.has(trigger) || taken === 0 ? 'info' : 'warning';
}

function nextOf(
  { taken, failed, skipped }: Fates,
  {
    trigger,
    retried,
    undo,
    project,
    holder,
    tags,
    comesBack,
  }: {
    readonly trigger: Trigger;
    readonly retried: boolean;
    readonly undo: UndoCommand;
    readonly project: string | undefined;
    readonly holder: string | undefined;
    readonly tags: TagKeys;
    readonly comesBack: readonly string[];
  },
): string {
  const lines = [...(taken.some(isRestorable) ? comesBack : [])];
  lines.push(...undoLines(taken, { undo, project, comesBack: lines.length > 0 }));
  if (taken.some(isRestorable)) lines.push(...ifRestored(trigger, holder, tags));
  if (failed.length > 0) {
    lines.push(
      retried
        ? `What failed may succeed later: ${trigger === 'person' ? 'ask again' : 'the next sweep tries again'}. Stop it by hand if this alert comes again.`
        : 'What failed needs a person: stop it by hand, or fix the cause that is shown with it.',
    );
  }
  if (skipped.length > 0) lines.push('What was left alone was not touched; the cause is shown with it.');
  return lines.join('\n');
}

/** Whose owners may end a freeze. */
const ownersOf = (holder: string | undefined): string =>
  holder !== undefined && levelWord(holder) === 'team' ? 'team' : 'project';

/** What would stop it again. What was launched against the policy says so itself. */
function ifRestored(trigger: Trigger, holder: string | undefined, tags: TagKeys): readonly string[] {
  switch (trigger) {
    case 'freeze':
      return [
        `While ${whoText(holder)} is frozen, what is restored and not kept is stopped again. An owner of the ${ownersOf(holder)} or an operator may end the freeze.`,
      ];
    case 'runtime':
      return ['What is restored may run for as long again.'];
    case 'untagged':
      return [`Set the tag \`${tags.project}\` first: without a project it is stopped again.`];
    case 'idle':
    case 'budget':
    case 'launch':
    case 'person':
    case 'keep-tag':
    case 'schedule':
      return [];
  }
}
