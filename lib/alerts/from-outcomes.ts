import { createHash } from 'node:crypto';
import type { Policy, Project } from '../policy/policy.ts';
import type { Alert, AlertItem } from '../types/alert.ts';
import type { Decision } from '../types/decision.ts';
import type { Result } from '../types/outcome.ts';
import { budgetNoticeStory, freezeStory } from './budget-stories.ts';
import { oneLine } from './characters.ts';
import { itemsOf } from './item.ts';
import { holdStory, notifyStory, warnStory } from './resource-stories.ts';
import { hoistSentences } from './sentences.ts';
import { type Story, stopStory } from './stop-alert.ts';
import type { UndoCommand } from './undo.ts';

export interface Batch {
  /** Of the commands that were carried out; the same when they are delivered again. */
  readonly batch: string;
  readonly at: Date;
  /** 12 digits. */
  readonly account: string;
  readonly policy: Policy;
  /** How resources are brought back, by kind. */
  readonly undo: UndoCommand;
  readonly results: readonly Result[];
}

/** Skips that need nobody's attention: the wish was already fulfilled, or the next sweep decides it anew. */
const BENIGN_SKIPS: ReadonlySet<string> = new Set(['Gone', 'AlreadyStopped', 'Expired']);

/**
 * What a batch has to tell: one alert for each project and each thing that happened to it, so that twenty
 * stops are one message. An alert's id is the same for the same results, in any order, and differs where a
 * retry ended otherwise. A group in which nothing happened makes no alert.
 */
export function alertsFromBatch(input: Batch): Alert[] {
  const groups = Map.groupBy(input.results, ({ decision }) => groupOf(decision));
  return [...groups].flatMap(([group, results]) => {
    const told = results.some(({ outcome }) => !isBenign(outcome));
    const [first] = results;
    return told && first !== undefined ? [alertOf(input, group, results, first)] : [];
  });
}

const isBenign = (outcome: Result['outcome']): boolean =>
  outcome.status === 'skipped' && BENIGN_SKIPS.has(outcome.code);

function groupOf(decision: Decision): string {
  switch (decision.action) {
    case 'stop':
    case 'warn':
    case 'notify':
      return `${decision.action}-${decision.trigger}${decision.project === undefined ? '' : `/${decision.project}`}`;
    case 'budget-notice':
    case 'freeze':
    case 'hold':
      return decision.key;
  }
}

function alertOf(input: Batch, group: string, results: readonly Result[], first: Result): Alert {
  const { policy } = input;
  const { said, items } = hoistSentences(results.flatMap((result) => itemsOf(result, policy)));
  const name = first.decision.project;
  const project = name === undefined ? undefined : projectNamed(policy, name);
  return {
    version: 1,
    id: `${input.batch}/${oneLine(group)}/${digest(results)}`,
    at: input.at.toISOString(),
    kind: kindOf(first.decision),
    account: input.account,
    ...(name === undefined ? {} : { project: name }),
    ...(project?.owner === undefined ? {} : { owner: project.owner }),
    ...(project?.slack === undefined ? {} : { slack: project.slack }),
    ...storyOf(first, results, items, said, input),
    items: [...items],
  };
}

const projectNamed = (policy: Policy, name: string): Project | undefined =>
  Object.hasOwn(policy.projects, name) ? policy.projects[name] : undefined;

/** Tells apart the same decisions with other outcomes: what failed at first may succeed when it is retried. */
function digest(results: readonly Result[]): string {
  const lines = results.map(({ decision, outcome }) => JSON.stringify([decision.key, outcome.status])).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12);
}

function kindOf(decision: Decision): Alert['kind'] {
  switch (decision.action) {
    case 'stop':
    case 'warn':
    case 'notify':
      return decision.trigger;
    case 'budget-notice':
      return 'budget';
    case 'freeze':
    case 'hold':
      return decision.action;
  }
}

function storyOf(
  { decision, outcome }: Result,
  results: readonly Result[],
  items: readonly AlertItem[],
  said: string,
  { policy, undo }: Pick<Batch, 'policy' | 'undo'>,
): Story {
  const of = decision.project === undefined ? undefined : oneLine(decision.project);
  switch (decision.action) {
    case 'stop':
      return stopStory(items, said, {
        trigger: decision.trigger,
        of: of ?? 'no project',
        undo,
        retried: results.every((result) => result.outcome.status !== 'failed' || result.outcome.retry),
      });
    case 'warn':
      return warnStory(items, said, stopTimes(results), { of: of ?? 'no project', policy });
    case 'notify':
      return notifyStory(items, said, decision.trigger, { of, policy });
    case 'budget-notice':
      return budgetNoticeStory(decision, policy);
    case 'freeze':
      return freezeStory(decision, outcome, policy);
    case 'hold':
      return holdStory(decision, of);
  }
}

const stopTimes = (results: readonly Result[]): readonly Date[] =>
  results.flatMap(({ decision }) => (decision.action === 'warn' ? [decision.stopAt] : []));
