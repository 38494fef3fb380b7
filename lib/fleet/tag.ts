import {
  type FailureInfo,
  type ResourceGroupsTaggingAPIClient,
  TagResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type { Clock } from '../types/clock.ts';
import { chunks } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import { errorCode, failure } from './aws-errors.ts';

/** The Resource Groups Tagging API takes so many ARNs a call (its reference of TagResources). */
const MOST = 20;

/**
 * Writes the same tags on resources of one region, whatever their service; one outcome an ARN, never throws. The API
 * replaces the value of a tag that is there: who calls has looked before. Beside `tag:TagResources` it needs the
 * permission by which each service tags (`ec2:CreateTags`, `sagemaker:AddTags`, `rds:AddTagsToResource`,
 * `autoscaling:CreateOrUpdateTags`).
 */
export async function tagResources(
  arns: readonly string[],
  tags: Readonly<Record<string, string>>,
  { tagging, now }: { readonly tagging: ResourceGroupsTaggingAPIClient; readonly now: Clock },
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const some of chunks([...new Set(arns)], MOST)) {
    for (const [arn, outcome] of await tagSome(some, tags, { tagging, now })) outcomes.set(arn, outcome);
  }
  return outcomes;
}

type Settled = readonly (readonly [arn: string, outcome: Outcome])[];

/** One ARN that is malformed makes the API refuse the whole call, so it is halved until the bad ones stand alone. */
async function tagSome(
  arns: readonly string[],
  tags: Readonly<Record<string, string>>,
  deps: { readonly tagging: ResourceGroupsTaggingAPIClient; readonly now: Clock },
): Promise<Settled> {
  const at = deps.now();
  try {
    const { FailedResourcesMap: failed = {} } = await deps.tagging.send(
      new TagResourcesCommand({ ResourceARNList: [...arns], Tags: { ...tags } }),
    );
    return arns.map((arn) => {
      const info = Object.hasOwn(failed, arn) ? failed[arn] : undefined;
      return [arn, info === undefined ? written(tags, at) : refusal(info, at)];
    });
  } catch (error) {
    if (arns.length === 1 || errorCode(error) !== 'InvalidParameterException') {
      return arns.map((arn) => [arn, failure(error, at)]);
    }
    const half = Math.ceil(arns.length / 2);
    return [
      ...(await tagSome(arns.slice(0, half), tags, deps)),
      ...(await tagSome(arns.slice(half), tags, deps)),
    ];
  }
}

const written = (tags: Readonly<Record<string, string>>, at: Date): Outcome => ({
  status: 'taken',
  at,
  detail: `Tagged ${Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}.`,
});

/** `StatusCode` is that of HTTP: throttling and faults of the service pass. */
const refusal = ({ StatusCode: status = 0, ErrorCode, ErrorMessage }: FailureInfo, at: Date): Outcome => ({
  status: 'failed',
  at,
  code: ErrorCode ?? 'NotTagged',
  detail: ErrorMessage ?? 'AWS gave no reason.',
  retry: status === 429 || status >= 500 || ErrorCode === 'InternalServiceException',
});
