import { halfCorePercent } from '../fleet/accelerators.ts';
import { type IdleLimits, matchPolicy, type Policy } from '../policy/policy.ts';
import { USUAL_IDLE_LIMITS } from '../policy/schema.ts';
import type { Resource } from '../types/resource.ts';
import type { Use } from './account/use.ts';
import type { Span } from './result.ts';
import type { UseSegment } from './scenario.ts';
import { joined } from './spans.ts';

/** The limits of idleness that count for what carries the tags; the usual ones where no policy has any. */
export function limitsFor(policy: Policy, tags: Resource['tags']): IdleLimits {
  const idle = matchPolicy(policy, tags)?.idle;
  return idle === undefined || idle === 'off' ? USUAL_IDLE_LIMITS : idle.below;
}

/** True where a minute of this shows use, by any of its figures. */
const isUse = (use: Use, below: IdleLimits): boolean =>
  (use.cpu ?? 0) >= below.cpu ||
  (use.gpu ?? 0) >= below.gpu ||
  (use.network ?? 0) >= below.network ||
  (use.invocations ?? 0) >= below.invocations ||
  (use.backlog ?? 0) >= below.backlog ||
  (use.connections ?? 0) >= below.connections;

/** When something is in use, by the limits given. */
const usedSpans = (segments: readonly UseSegment[], below: IdleLimits): readonly Span[] =>
  joined(
    segments.flatMap(({ from, to, use }) => (use !== undefined && isUse(use, below) ? [{ from, to }] : [])),
  );

/** What something does, and its instance type. */
export interface Work {
  readonly type: string;
  readonly use: readonly UseSegment[];
}

/**
 * The same for resources of which it is known what they do; each is worked out once for its tags. Half a core is use,
 * whatever share of the instance it is.
 */
export function inUseOf(
  policy: Policy,
  workOf: (resource: Resource) => Work | undefined,
): (resource: Resource) => readonly Span[] {
  const known = new Map<string, { readonly tags: Resource['tags']; readonly spans: readonly Span[] }>();
  return (resource) => {
    const before = known.get(resource.arn);
    if (before !== undefined && (before.tags === resource.tags || isSame(before.tags, resource.tags))) {
      return before.spans;
    }
    const work = workOf(resource);
    const below = limitsFor(policy, resource.tags);
    const spans =
      work === undefined
        ? []
        : usedSpans(work.use, { ...below, cpu: Math.min(below.cpu, halfCorePercent(work.type)) });
    known.set(resource.arn, { tags: resource.tags, spans });
    return spans;
  };
}

const isSame = (a: Resource['tags'], b: Resource['tags']): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};
