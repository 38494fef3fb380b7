import { failure } from '../fleet/aws-errors.ts';
import { kindOf } from '../fleet/registry.ts';
import { tagResources } from '../fleet/tag.ts';
import { tagOf } from '../policy/policy.ts';
import type { TagDecision } from '../types/decision.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import type { EnforceDeps } from './deps.ts';
import { earlierAttempt } from './earlier-attempt.ts';
import { lost, outOfScope } from './no-outcome.ts';

/** Writes tags where none of their keys is there yet, looked at anew right before. Outcomes by decision key. */
export async function carryOutTags(
  decisions: readonly TagDecision[],
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const groups = Map.groupBy(decisions, ({ target, tags }) =>
    JSON.stringify([target.kind, target.region, Object.entries(tags).sort()]),
  );
  for (const group of groups.values()) {
    for (const [key, outcome] of await tagGroup(group, issuedAt, deps)) outcomes.set(key, outcome);
  }
  return outcomes;
}

type Settled = readonly (readonly [key: string, outcome: Outcome])[];

/** The same tags for resources of one kind in one region. */
async function tagGroup(
  decisions: readonly TagDecision[],
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<Settled> {
  const [first] = decisions;
  if (first === undefined) return [];
  const at = deps.now();
  const kind = kindOf(first.target.kind);
  const region = deps.regions.get(first.target.region);
  if (kind === undefined || region === undefined) {
    return decisions.map(({ key, target }) => [key, outOfScope(target, at)]);
  }
  try {
    const fresh = await kind.describe(
      decisions.map(({ target }) => target.id),
      region,
    );
    const byArn = new Map(fresh.map((resource) => [resource.arn, resource]));
    const checked = decisions.map((decision) => ({
      decision,
      objection: objection(decision, byArn.get(decision.target.arn), at),
    }));
    const go = checked.flatMap(({ decision, objection }) =>
      objection === undefined ? [decision.target.arn] : [],
    );
    const done = await tagResources(go, first.tags, { tagging: region.clients.tagging, now: deps.now });
    return await Promise.all(
      checked.map(
        async ({ decision, objection }) =>
          [
            decision.key,
            objection === undefined
              ? (done.get(decision.target.arn) ?? lost(at))
              : await objected(decision, objection, issuedAt, deps),
          ] as const,
      ),
    );
  } catch (error) {
    return decisions.map(({ key }) => [key, failure(error, at)]);
  }
}

type Objection = Extract<Outcome, { status: 'skipped' }>;

/** Why a resource is not tagged, as it is now. */
function objection({ tags }: TagDecision, found: Resource | undefined, at: Date): Objection | undefined {
  if (found === undefined) {
    return { status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' };
  }
  const there = Object.keys(tags).find((key) => tagOf(found.tags, key) !== undefined);
  if (there === undefined) return undefined;
  const detail = `It has a tag ${there} by now: ${tagOf(found.tags, there) ?? ''}.`;
  return { status: 'skipped', at, code: 'AlreadyTagged', detail };
}

/** A tag that is there may be ours, of an attempt that broke off. */
async function objected(
  decision: TagDecision,
  objection: Objection,
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<Outcome> {
  if (objection.code !== 'AlreadyTagged') return objection;
  const earlier = await earlierAttempt(decision, issuedAt, deps);
  if (earlier === undefined) return objection;
  return { status: 'taken', at: objection.at, detail: earlier.told ?? 'It is tagged.' };
}
