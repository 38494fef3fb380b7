import {
  DescribeTagsCommand,
  type LoadBalancer,
  paginateDescribeLoadBalancers,
  type TagDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { chunks, mapLimited } from '../types/lists.ts';
import type { Resource, ResourceState } from '../types/resource.ts';
import { errorCode } from './aws-errors.ts';
import type { FleetContext, MeteredKind } from './kind.ts';
import { tagsOf } from './managers.ts';
import type { LoadBalancerType } from './prices.ts';

/**
 * Application, network and gateway load balancers, by the hour. Their capacity units, and Classic Load Balancers, are
 * not metered: they count once they are billed.
 */
export const loadBalancer: MeteredKind = {
  kind: 'load-balancer',
  title: 'load balancer',
  billedAs: 'Amazon Elastic Load Balancing',
  permissions: {
    observe: [
      {
        actions: ['elasticloadbalancing:DescribeLoadBalancers', 'elasticloadbalancing:DescribeTags'],
        resources: ['*'],
        taggedOnly: false,
      },
    ],
  },
  discover: async (context) => {
    const found: LoadBalancer[] = [];
    const pages = paginateDescribeLoadBalancers({ client: context.clients.balancers, pageSize: 400 }, {});
    for await (const page of pages) found.push(...(page.LoadBalancers ?? []));
    const tags = await readTags(
      found.flatMap(({ LoadBalancerArn: arn }) => arn ?? []),
      context,
    );
    const all = await Promise.all(found.map((one) => toResource(one, tags, context)));
    return all.filter((one) => one !== undefined);
  },
};

type TagsByArn = ReadonlyMap<string, Resource['tags']>;

/** The limit of AWS for the load balancers in one call. */
const ARNS_PER_CALL = 20;

/** The tags of those that exist; one that has gone meanwhile is absent. */
async function readTags(arns: readonly string[], context: FleetContext): Promise<TagsByArn> {
  const found = await mapLimited(chunks(arns, ARNS_PER_CALL), 2, (some) => describeTags(some, context));
  return new Map(found.flat().map(({ ResourceArn: arn = '', Tags }) => [arn, tagsOf(Tags)]));
}

/** One that is gone fails the call for all of them, so they are then asked one by one. */
async function describeTags(
  arns: readonly string[],
  context: FleetContext,
): Promise<readonly TagDescription[]> {
  try {
    const answer = await context.clients.balancers.send(new DescribeTagsCommand({ ResourceArns: [...arns] }));
    return answer.TagDescriptions ?? [];
  } catch (error) {
    if (!GONE.has(errorCode(error))) throw error;
    if (arns.length === 1) return [];
    return (await mapLimited(arns, 2, (arn) => describeTags([arn], context))).flat();
  }
}

/** By the SDK's name of the error, or by its code on the wire. */
const GONE = new Set(['LoadBalancerNotFoundException', 'LoadBalancerNotFound']);

/** `undefined` for what is gone, or lacks what the meter needs. */
async function toResource(
  balancer: LoadBalancer,
  tagsByArn: TagsByArn,
  context: FleetContext,
): Promise<Resource | undefined> {
  const { LoadBalancerArn: arn, LoadBalancerName: id, CreatedTime: since, Type: type } = balancer;
  if (arn === undefined || id === undefined || since === undefined || type === undefined) return undefined;
  const tags = tagsByArn.get(arn);
  if (tags === undefined) return undefined;
  return {
    kind: loadBalancer.kind,
    arn,
    id,
    account: context.account,
    region: context.region,
    tags,
    state: stateOf(balancer.State?.Code),
    since,
    size: `${type} load balancer`,
    protections: [],
    hourly: isOnOutpost(balancer) ? undefined : await priceOf(type, context),
  };
}

const priceOf = (type: LoadBalancerType, { region, prices }: FleetContext) =>
  prices.unit({ service: 'load-balancer', region, type });

/** On an Outpost it has a price of its own. */
const isOnOutpost = ({ AvailabilityZones: zones = [] }: LoadBalancer): boolean =>
  zones.some(({ OutpostId: id }) => id !== undefined && id !== '');

function stateOf(code: string | undefined): ResourceState {
  switch (code) {
    case 'active':
    case 'active_impaired':
      return 'running';
    case 'failed':
      return 'failed';
    default:
      return 'transitional';
  }
}
