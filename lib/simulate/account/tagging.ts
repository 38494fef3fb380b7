import {
  InvalidParameterException,
  ResourceGroupsTaggingAPIClient,
  TagResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { answering } from './answering.ts';
import { isGroupArn, tagGroup } from './auto-scaling.ts';
import { isForgotten } from './ec2-entry.ts';
import { tagSagemaker } from './sagemaker-tags.ts';
import { type AccountState, type Member, REGION } from './state.ts';

/** The limits of AWS for one call. */
const MOST_ARNS = 20;
const MOST_TAGS = 50;

type Tags = Member['tags'];

/**
 * The Resource Groups Tagging API of one region: tags whatever of the account has an ARN, and replaces what is there, as
 * AWS does. What is not there, or of another region, is in `FailedResourcesMap`, with the code of its service; one ARN
 * that is none refuses the call (API reference, TagResources). The account in an ARN is not looked at.
 */
export function taggingIn(state: AccountState, region: string): ResourceGroupsTaggingAPIClient {
  return answering(new ResourceGroupsTaggingAPIClient({ region })).on(
    TagResourcesCommand,
    ({ ResourceARNList: arns = [], Tags: tags = {} }) => {
      check(arns, tags);
      const failed = arns.flatMap((arn) => {
        const code = tagOne(state, region, arn, tags);
        return code === undefined ? [] : [[arn, failure(code, arn)] as const];
      });
      return { FailedResourcesMap: Object.fromEntries(failed) };
    },
  ).client;
}

/** @throws InvalidParameterException where AWS refuses the whole call. */
function check(arns: readonly string[], tags: Tags): void {
  const invalid = (message: string) => new InvalidParameterException({ message, $metadata: {} });
  if (arns.length < 1 || arns.length > MOST_ARNS)
    throw invalid(`Between 1 and ${MOST_ARNS} ARNs can be tagged.`);
  const count = Object.keys(tags).length;
  if (count < 1 || count > MOST_TAGS) throw invalid(`Between 1 and ${MOST_TAGS} tags can be written.`);
  const own = Object.keys(tags).find((key) => /^aws:/i.test(key));
  if (own !== undefined) throw invalid(`Tag keys that begin with aws: are reserved: ${own}`);
  const malformed = arns.find((arn) => !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(arn));
  if (malformed !== undefined) throw invalid(`Not a valid ARN: ${malformed}`);
}

const failure = (ErrorCode: string, arn: string) => ({
  StatusCode: ErrorCode === 'InternalServiceException' ? 500 : 400,
  ErrorCode,
  ErrorMessage: `It was not tagged: ${arn}`,
});

/** @returns the code of the failure; `undefined` = it is tagged. */
function tagOne(state: AccountState, region: string, arn: string, tags: Tags): string | undefined {
  const [, , service = '', where = '', , ...rest] = arn.split(':');
  if (where !== region) return 'InvalidParameterException';
  const what = `${service}:${rest.join(':')}`;
  return writerOf(state, what, arn)?.(region, tags) === true
    ? undefined
    : (NOT_FOUND.find(([prefix]) => what.startsWith(prefix))?.[1] ?? 'InternalServiceException');
}

/** What each service says of one that it does not know, by what its ARNs begin with after the service. */
const NOT_FOUND: readonly (readonly [prefix: string, code: string])[] = [
  ['ec2:instance/', 'InvalidInstanceID.NotFound'],
  ['ec2:volume/', 'InvalidVolume.NotFound'],
  ['ec2:natgateway/', 'NatGatewayNotFound'],
  ['autoscaling:', 'ValidationError'],
  ['elasticloadbalancing:', 'LoadBalancerNotFound'],
  ['rds:', 'DBInstanceNotFound'],
  ['sagemaker:', 'ValidationException'],
];

/** Tags one; false where it is not there. */
type Write = (region: string, tags: Tags) => boolean;

/** By service and resource, as the ARN has them; `undefined` for what is of no kind that the account holds. */
function writerOf(state: AccountState, what: string, arn: string): Write | undefined {
  const after = (prefix: string): string | undefined =>
    what.startsWith(prefix) ? what.slice(prefix.length) : undefined;
  const groupName = /^autoscaling:autoScalingGroup:.*autoScalingGroupName\/(.+)$/.exec(what)?.[1];
  if (groupName !== undefined) return groupWriter(state, groupName, arn);
  if (what.startsWith('elasticloadbalancing:loadbalancer/')) return writer(state.balancers, arn);
  const instance = after('ec2:instance/');
  if (instance !== undefined) {
    return writer(state.instances, instance, (one) => !isForgotten(one, state.now()));
  }
  const volume = after('ec2:volume/');
  if (volume !== undefined) return writer(state.volumes, volume);
  const gateway = after('ec2:natgateway/');
  if (gateway !== undefined) return writer(state.gateways, gateway);
  const database = after('rds:db:');
  if (database !== undefined) return writer(state.databases, database);
  if (what.startsWith('sagemaker:')) return (region, tags) => tagSagemaker(state, region, arn, tags);
  return undefined;
}

function writer<T extends Member>(
  map: Map<string, T>,
  key: string,
  isThere: (one: T) => boolean = () => true,
): Write {
  return (region, tags) => {
    const one = map.get(key);
    if (one === undefined || (one.region ?? REGION) !== region || !isThere(one)) return false;
    map.set(key, { ...one, tags: { ...one.tags, ...tags } });
    return true;
  };
}

const groupWriter =
  (state: AccountState, name: string, arn: string): Write =>
  (region, tags) => {
    const group = state.groups.get(name);
    if (group === undefined || (group.region ?? REGION) !== region || !isGroupArn(arn, group)) return false;
    tagGroup(state, group, tags);
    return true;
  };
