import { createHash } from 'node:crypto';
import { isFinishing } from '../decide/restores.ts';
import { holderOfDecision, parseHolder, teamOf } from '../policy/levels.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import type { Alert, AlertItem } from '../types/alert.ts';
import type { Decision, StopDecision } from '../types/decision.ts';
import type { Result } from '../types/outcome.ts';
import { startOf } from '../types/resource.ts';
import { anomalyStory } from './anomaly-story.ts';
import { budgetNoticeStory, freezeStory, unfreezeStory } from './budget-stories.ts';
import { oneLine } from './characters.ts';
import { withCreators } from './creators.ts';
import { comesBack } from './hours-said.ts';
import { itemsOf } from './item.ts';
import { approveStory, canaryStory, keepStory, releaseStory, restoreStory } from './people-stories.ts';
import { holdStory, notifyStory, tagStory, warnStory } from './resource-stories.ts';
import { hoistSentences } from './sentences.ts';
import { burnRateStory, weeklyStory } from './spend-stories.ts';
import { type Story, stopStory } from './stop-alert.ts';
import type { UndoCommand } from './undo.ts';
import { whoseOf } from './whose.ts';

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
const BENIGN_SKIPS: ReadonlySet<string> = new Set([
  'Gone',
  'AlreadyStopped',
  'Expired',
  'Unfrozen',
  // That plans wait for an approval is told by a hold of its own.
  'Unapproved',
  'AlreadyAligned',
  'AlreadyTagged',
  // An endpoint that is scaled down variant by variant: its end is told.
  'ScalingDown',
]);

/**
 * What a batch has to tell: one alert for each project and each thing that happened to it, so that twenty
 * stops are one message. An alert's id is the same for the same results, in any order, and differs where a
 * retry ended otherwise. A group in which nothing happened makes no alert.
 */
export function alertsFromBatch(input: Batch): Alert[] {
  const results = withCreators(input.results, input.policy);
  const groups = Map.groupBy(results, ({ decision }) => groupOf(decision));
  return [...groups].flatMap(([group, some]) => {
    const told = some.some((result) => !isBenign(result));
    const [first] = some;
    return told && first !== undefined ? [alertOf(input, group, some, first)] : [];
  });
}

/** What a restore that goes on by itself waits for: its end is told. */
const WAITING_SKIPS: ReadonlySet<string> = new Set(['InProgress', 'NotYet']);

const isBenign = ({ decision, outcome }: Result): boolean =>
  outcome.status === 'skipped' &&
  (BENIGN_SKIPS.has(outcome.code) ||
    (decision.action === 'restore' && isFinishing(decision) && WAITING_SKIPS.has(outcome.code)));

function groupOf(decision: Decision): string {
  // Each level by itself: what is said of it is another.
  const whose = [decision.project, decision.holder].filter((name) => name !== undefined);
  const project = whose.map((name) => `/${name}`).join('');
  switch (decision.action) {
    case 'stop':
      return `stop-${decision.trigger}${project}${decision.by === undefined ? '' : `/${decision.by}`}`;
    case 'warn':
    case 'notify':
      return `${decision.action}-${decision.trigger}${project}`;
    case 'restore':
      return `restore${project}/${decision.by}`;
    case 'keep':
      return `keep${project}/${decision.until.toISOString()}/${decision.by}`;
    case 'tag':
      return `tag${project}`;
    case 'budget-notice':
    case 'freeze':
    case 'unfreeze':
    case 'hold':
    case 'release':
    case 'approve':
    case 'burn-rate':
    case 'spend-anomaly':
    case 'weekly':
    case 'canary':
      return decision.key;
  }
}

function alertOf(input: Batch, group: string, results: readonly Result[], first: Result): Alert {
  const { policy } = input;
  const { said, items } = hoistSentences(results.flatMap((result) => itemsOf(result, policy)));
  const { project: name, holder } = first.decision;
  const { owner, slack } = peopleOf(first.decision, policy);
  return {
    version: 1,
    id: `${input.batch}/${oneLine(group)}/${digest(results)}`,
    at: input.at.toISOString(),
    kind: kindOf(first.decision),
    account: input.account,
    ...(name === undefined ? {} : { project: name }),
    ...(holder === undefined ? {} : { holder }),
    ...(owner === undefined ? {} : { owner }),
    ...(slack === undefined ? {} : { slack }),
    ...storyOf(first, results, items, said, input),
    items: [...items],
  };
}

/** Who is told: the people of a project, and where nobody is named for it or it is about a whole team, those of the team. */
function peopleOf(
  { project: name, holder }: Decision,
  policy: Policy,
): { readonly owner: string | undefined; readonly slack: string | undefined } {
  const project = projectNamed(policy, name);
  const level = holder === undefined ? undefined : parseHolder(holder);
  const own = level?.level === 'team' ? level.team : undefined;
  const team = policy.teams[teamOf(policy, name) ?? own ?? ''];
  return { owner: project?.owner ?? team?.owner, slack: project?.slack ?? team?.slack };
}

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
    case 'spend-anomaly':
      return 'anomaly';
    case 'freeze':
    case 'unfreeze':
    case 'hold':
    case 'restore':
    case 'keep':
    case 'release':
    case 'approve':
    case 'tag':
    case 'burn-rate':
    case 'weekly':
    case 'canary':
      return decision.action;
  }
}

function storyOf(
  { decision, outcome }: Result,
  results: readonly Result[],
  items: readonly AlertItem[],
  said: string,
  { policy, undo, at, account }: Pick<Batch, 'policy' | 'undo' | 'at' | 'account'>,
): Story {
  const project = decision.project === undefined ? undefined : oneLine(decision.project);
  const of = project ?? 'no project';
  const retried = results.every((result) => result.outcome.status !== 'failed' || result.outcome.retry);
  switch (decision.action) {
    case 'stop':
      return stopStory(items, said, {
        trigger: decision.trigger,
        by: decision.by,
        project,
        holder: decision.holder,
        undo,
        retried,
        swiftly: swiftlyOf(results),
        tags: policy.tags,
        manner: mannerOf(results),
        comesBack: comesBackOf(results, policy),
      });
    case 'warn':
      return warnStory(items, said, stopTimes(results), {
        of: project,
        holder: decision.holder,
        trigger: decision.trigger,
        policy,
        at,
        comesBack: comesBackOf(results, policy),
      });
    case 'notify':
      return notifyStory(items, said, decision.trigger, { of: project, policy, at });
    case 'budget-notice':
      return budgetNoticeStory(decision, policy);
    case 'freeze':
      return freezeStory(decision, outcome, policy);
    case 'unfreeze':
      return unfreezeStory(decision, outcome);
    case 'hold':
      return holdStory(
        decision,
        holderOfDecision(decision) === undefined ? undefined : whoseOf(decision).text,
      );
    case 'restore':
      return restoreStory(items, said, { by: decision.by, of, retried });
    case 'keep':
      return keepStory(items, said, decision, { of, at });
    case 'release':
      return releaseStory(decision, outcome);
    case 'approve':
      return approveStory(decision, outcome);
    case 'tag':
      return tagStory(items, said, { of: project, keys: tagKeys(results), policy });
    case 'burn-rate':
      return burnRateStory(decision);
    case 'spend-anomaly':
      return anomalyStory(decision);
    case 'weekly':
      return weeklyStory(decision, account);
    case 'canary':
      return canaryStory(decision.reason, account);
  }
}

const tagKeys = (results: readonly Result[]): readonly string[] => [
  ...new Set(
    results.flatMap(({ decision }) => (decision.action === 'tag' ? Object.keys(decision.tags) : [])),
  ),
];

/** Later than this after its start a stop is of what ran, not of what was launched. Milliseconds. */
const SWIFT_MS = 600_000;

/** `4 s after its start`, `3 to 9 s after their start`; `undefined` where it was no launch that was stopped. */
function swiftlyOf(results: readonly Result[]): string | undefined {
  const times = results.flatMap(({ decision, outcome }) =>
    decision.action === 'stop' &&
    (decision.trigger === 'launch' || decision.trigger === 'freeze') &&
    outcome.status === 'taken'
      ? [outcome.at.getTime() - startOf(decision.target).getTime()]
      : [],
  );
  if (times.length === 0 || times.some((ms) => ms < 0 || ms > SWIFT_MS)) return undefined;
  const [least, most] = [Math.min(...times), Math.max(...times)].map((ms) => Math.ceil(ms / 1_000));
  const range = least === most ? `${most}` : `${least} to ${most}`;
  return `${range} s after ${times.length === 1 ? 'its' : 'their'} start`;
}

const stopTimes = (results: readonly Result[]): readonly Date[] =>
  results.flatMap(({ decision }) => (decision.action === 'warn' ? [decision.stopAt] : []));

/** `undefined` where one of those that were taken was stopped in its kind's own way. */
function mannerOf(results: readonly Result[]): StopDecision['manner'] {
  const manners = results.flatMap(({ decision, outcome }) =>
    decision.action === 'stop' && outcome.status === 'taken' ? [decision.manner] : [],
  );
  const [first] = manners;
  return manners.every((manner) => manner === first) ? first : undefined;
}

/** Of what is stopped, or will be, since hours are over: when it comes back; nothing of other stops. */
function comesBackOf(results: readonly Result[], policy: Policy): readonly string[] {
  const stops = results.flatMap(({ decision, outcome }) => {
    if (outcome.status !== 'taken') return [];
    if (decision.action === 'stop' && decision.trigger === 'schedule') {
      return [{ name: decision.rule.policy, from: outcome.at }];
    }
    return decision.action === 'warn' && decision.trigger === 'schedule'
      ? [{ name: decision.rule.policy, from: decision.stopAt }]
      : [];
  });
  const times = stops.map(({ from }) => from.getTime());
  return comesBack([...new Set(stops.map(({ name }) => name))], policy, {
    from: new Date(Math.max(...times)),
    one: stops.length === 1,
  });
}
