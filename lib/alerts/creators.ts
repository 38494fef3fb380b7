import { UNKNOWN_CREATOR } from '../decide/untagged.ts';
import { type Policy, tagOf } from '../policy/policy.ts';
import type { Decision, NotifyDecision, StopDecision, TagDecision, WarnDecision } from '../types/decision.ts';
import type { Result } from '../types/outcome.ts';

/**
 * Who made what has no project is told where it is told of, and in no message of its own; that nobody knows it is told
 * nowhere. A tag that could not be written is.
 */
export function withCreators(results: readonly Result[], { tags: keys }: Policy): readonly Result[] {
  const written = results.flatMap(({ decision, outcome }) =>
    decision.action === 'tag' && outcome.status === 'taken' ? [decision] : [],
  );
  const creators = new Map(written.map(({ target, tags }) => [target.arn, tagOf(tags, keys.creator)]));
  const told = new Set(
    results.flatMap(({ decision }) => (isUntagged(decision) ? [decision.target.arn] : [])),
  );
  const silent = ({ target }: TagDecision): boolean =>
    told.has(target.arn) || creators.get(target.arn) === UNKNOWN_CREATOR;
  return results.flatMap(({ decision, outcome }) => {
    if (decision.action === 'tag' && outcome.status === 'taken' && silent(decision)) return [];
    const who = isUntagged(decision) ? creators.get(decision.target.arn) : undefined;
    return isUntagged(decision) && who !== undefined && who !== UNKNOWN_CREATOR
      ? [{ decision: madeBy(decision, who, keys.creator), outcome }]
      : [{ decision, outcome }];
  });
}

type Told = StopDecision | WarnDecision | NotifyDecision;

const isUntagged = (decision: Decision): decision is Told =>
  (decision.action === 'stop' || decision.action === 'warn' || decision.action === 'notify') &&
  decision.trigger === 'untagged';

const madeBy = (decision: Told, who: string, key: string): Told => ({
  ...decision,
  target: { ...decision.target, tags: { ...decision.target.tags, [key]: who } },
  reason: `Made by ${who}, by CloudTrail. ${decision.reason}`,
});
