import { exemption, untouchable } from '../decide/exempt.ts';
import { sparedUntagged } from '../decide/may-stop.ts';
import { matchPolicy, type Policy, projectOf } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';

/**
 * True where the policy file itself stops the resource while nobody uses it, outside its hours or after a runtime: there is
 * nothing to recommend then. Where that comes later, it comes.
 */
export function policyStops(resource: Resource, policy: Policy): boolean {
  if (projectOf(policy, resource.tags) === undefined) {
    return policy.untagged.do === 'stop' && sparedUntagged(resource, policy) === undefined;
  }
  const matched = matchPolicy(policy, resource.tags);
  if (matched === undefined || untouchable(resource, matched) !== undefined) return false;
  const { idle, hours = [], maxRuntime } = matched;
  const byIdle = idle !== 'off' && idle.do === 'stop' && resource.neverIdle === undefined;
  return byIdle || hours.some((schedule) => schedule.do !== 'start') || maxRuntime?.do === 'stop';
}

/** What the policy says of the idleness of a resource that it does not stop, one sentence. */
export function policySays(resource: Resource, policy: Policy): string {
  if (projectOf(policy, resource.tags) === undefined) {
    return 'It names no project, and what names none is not stopped.';
  }
  const matched = matchPolicy(policy, resource.tags);
  if (matched === undefined) return 'No policy names it, so nothing stops it.';
  if (matched.idle === 'off') return `Policy ${matched.name} has idle: off, so nothing stops it.`;
  if (matched.idle.do === 'notify') return `Policy ${matched.name} only tells people of idleness.`;
  return untouchable(resource, matched)?.why ?? `Policy ${matched.name} cannot judge whether it is idle.`;
}

/** True while a tag on it says that it is kept. */
export function isKeptByTag(resource: Resource, policy: Policy, now: Date): boolean {
  const { consent: _, ...free } = resource;
  const kept = exemption({ ...free, protections: [] }, matchPolicy(policy, resource.tags), {
    policy: { ...policy, approval: 'off' },
    keeps: new Map(),
    keepTags: new Map(),
    now,
  });
  return kept !== undefined;
}
