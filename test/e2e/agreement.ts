import type { PlanJson } from '../../lib/cli/plan-json.ts';
import { idOfArn } from '../../lib/cli/sweep-answer.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import type { Decision } from '../../lib/types/decision.ts';

/*
 * What was planned and what was then done, in the same words, so that the two can be held against each other: a line for
 * each thing that happened to a resource or a project, with its minute, its policy and its reason.
 *
 * A sweep of AWS is some seconds behind its minute. So is what counts from it: a grace that begins with that sweep ends a
 * whole minute after the one that was planned. In lines the minute of such a stop is left out; `graces` has it.
 */

/** What is told of the service itself, or asked by somebody; no plan is of it. */
const ASIDE: ReadonlySet<Decision['action']> = new Set([
  'canary',
  'weekly',
  'keep',
  'approve',
  'release',
  'tag',
]);

const NAMES: Partial<Readonly<Record<Decision['action'], string>>> = {
  stop: 'stopped',
  warn: 'warned',
  notify: 'notified',
  hold: 'held',
  'budget-notice': 'budget',
};

const minute = (at: string): string => at.slice(11, 16);
const announced = / It was announced for \d{4}-\d\d-\d\d (\d\d:\d\d) UTC\./;

interface Told {
  readonly at: string;
  readonly what: string;
  readonly of: string;
  readonly policy: string;
  readonly reason: string;
}

const line = ({ at, what, of, policy, reason }: Told): string => {
  const when = announced.test(reason) ? 'as announced' : minute(at);
  return `${when} ${what} ${of}, ${policy}: ${reason.replace(announced, '')}`;
};

const heldOf = (arns: readonly string[]): string => arns.map(idOfArn).toSorted().join(' ');

/** What a plan says will happen until `to`, a line each, sorted. */
export const plannedLines = ({ ahead }: PlanJson, to: Date): readonly string[] =>
  ahead.events
    .filter(({ at }) => new Date(at) <= to)
    .map((event) =>
      line({
        at: event.at,
        what: event.event,
        of:
          'arn' in event ? idOfArn(event.arn) : 'arns' in event ? heldOf(event.arns) : (event.project ?? ''),
        policy: 'policy' in event ? event.policy : '',
        reason: event.reason,
      }),
    )
    .toSorted();

/** What the ledger says was done since then in projects, a line each, sorted. */
export async function doneLines(
  { ledger }: Pick<Stage, 'ledger'>,
  projects: readonly (string | undefined)[],
  since: Date,
): Promise<readonly string[]> {
  const trails = await Promise.all(projects.map((project) => ledger.audit({ project }, since)));
  return trails
    .flat()
    .filter(({ event, decision }) => event !== 'intended' && !ASIDE.has(decision.action))
    .map(({ at, event, decision }) =>
      line({
        at: at.toISOString(),
        what: event === 'taken' ? (NAMES[decision.action] ?? decision.action) : event,
        of:
          'target' in decision
            ? decision.target.id
            : 'targets' in decision
              ? heldOf(decision.targets.map(({ arn }) => arn))
              : (decision.project ?? ''),
        policy: 'rule' in decision && 'target' in decision ? decision.rule.policy : '',
        reason: decision.reason,
      }),
    )
    .toSorted();
}
