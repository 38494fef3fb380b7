import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { managerOf } from '../decide/managed.ts';
import { creatorTag, neverStopped, UNKNOWN_CREATOR } from '../decide/untagged.ts';
import { lookUpCreators } from '../fleet/creator.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Policy, projectOf, tagOf } from '../policy/policy.ts';
import type { TagDecision } from '../types/decision.ts';
import { type Resource, startOf } from '../types/resource.ts';
import { seenOf } from './seen.ts';

export interface CreatorsInput {
  readonly policy: Policy;
  readonly ledger: Pick<Ledger, 'seen' | 'once'>;
  /** The fleet. */
  readonly resources: readonly Resource[];
  /** By region. */
  readonly cloudTrails: ReadonlyMap<string, CloudTrailClient>;
  /** Told where CloudTrail could not be asked; the other regions are asked all the same. */
  readonly onError: (region: string, error: unknown) => void;
  readonly now: Date;
}

/** So many look-ups a sweep: AWS allows two a second, and a sweep has other things to do. */
const LOOK_UPS = 5;
/** Of so many, the youngest, the ledger is asked whether CloudTrail was. */
const CONSIDERED = 100;
const MINUTE_MS = 60_000;
/** Before this CloudTrail hardly knows of a call yet … */
const EARLY_MS = 5 * MINUTE_MS;
/** … and from then on it knows, or never will. */
const LATE_MS = 20 * MINUTE_MS;

/**
 * Tags that say who made what runs without a project, where the launch guard was not told. CloudTrail is asked once
 * early and once late. Where it does not say by then and the policy stops such resources, the tag says so: without it
 * nothing could be stopped.
 * @throws `LedgerError`
 */
export async function findCreators({
  policy,
  ledger,
  resources,
  cloudTrails,
  onError,
  now,
}: CreatorsInput): Promise<readonly TagDecision[]> {
  const age = (resource: Resource): number => now.getTime() - startOf(resource).getTime();
  const isLate = (resource: Resource): boolean => age(resource) >= LATE_MS;
  const asked = (resource: Resource): string =>
    `creator-asked/${resource.arn}/${isLate(resource) ? 'late' : 'early'}`;
  const nameless = resources
    .filter(
      (one) =>
        one.state === 'running' &&
        cloudTrails.has(one.region) &&
        projectOf(policy, one.tags) === undefined &&
        tagOf(one.tags, policy.tags.creator) === undefined &&
        managerOf(one) === undefined &&
        age(one) >= EARLY_MS,
    )
    .toSorted((a, b) => age(a) - age(b) || a.arn.localeCompare(b.arn))
    .slice(0, CONSIDERED);
  const known = await seenOf(nameless.map(asked), ledger, now);
  const toAsk = nameless.filter((one) => !known.has(asked(one))).slice(0, LOOK_UPS);
  const found = new Map<string, string>();
  const failed = new Set<string>();
  for (const [region, some] of Map.groupBy(toAsk, (one) => one.region)) {
    const cloudtrail = cloudTrails.get(region);
    if (cloudtrail === undefined) continue;
    try {
      for (const [arn, who] of await lookUpCreators(cloudtrail, some)) found.set(arn, who);
      for (const one of some) await ledger.once(asked(one), now);
    } catch (error) {
      for (const { arn } of some) failed.add(arn);
      onError(region, error);
    }
  }
  const isAsked = (one: Resource): boolean =>
    known.has(asked(one)) || (toAsk.includes(one) && !failed.has(one.arn));
  return nameless.flatMap((one) => {
    const who =
      found.get(one.arn) ??
      (isLate(one) && isAsked(one) && isStopped(one, policy) ? UNKNOWN_CREATOR : undefined);
    return who === undefined ? [] : [creatorTag(one, who, policy)];
  });
}

const isStopped = (resource: Resource, policy: Policy): boolean =>
  policy.untagged.do === 'stop' && neverStopped(resource, policy) === undefined;
