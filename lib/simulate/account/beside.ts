import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  ElasticLoadBalancingV2ServiceException,
  LoadBalancerNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { answering } from './answering.ts';
import { tagList } from './ec2-entry.ts';
import { tellOnce } from './ec2-memo.ts';
import { type AccountState, type Member, REGION } from './state.ts';

/** An EBS volume; `type` is its volume type. */
export interface MemoryVolume extends Member {
  readonly id: string;
  readonly gib: number;
  /** Provisioned; absent = what its type comes with. */
  readonly iops?: number;
  /** MiB/s, provisioned; absent = what its type comes with. */
  readonly throughput?: number;
  /** Absent = `creating` until `since`, and then `available`. */
  readonly state?: 'creating' | 'in-use' | 'error';
  /** Absent = the first one of its region. */
  readonly zone?: string;
  /** The ARN of the Outpost that it is on, which has no price. */
  readonly outpost?: string;
}

/** A NAT gateway; of type `regional`, or else of one Availability Zone. */
export interface MemoryGateway extends Member {
  readonly id: string;
  /** Absent = `pending` until `since`, and then `available`. */
  readonly state?: 'pending' | 'failed';
}

/** A load balancer; `type` is `application`, `network` or `gateway`. */
export interface MemoryBalancer extends Member {
  readonly arn: string;
  readonly name: string;
  /** Absent = `provisioning` until `since`, and then `active`. */
  readonly state?: 'provisioning' | 'failed';
  /** The id of the Outpost that it is on, which has no price. */
  readonly outpost?: string;
}

/** The limits of AWS for one page, and for the load balancers of one call of DescribeTags. */
const MOST_A_PAGE = 400;
const MOST_TAGGED = 20;

const invalid = (message: string) =>
  new ElasticLoadBalancingV2ServiceException({
    name: 'ValidationError',
    message,
    $fault: 'client',
    $metadata: {},
  });

const notFound = (arns: readonly string[]) =>
  new LoadBalancerNotFoundException({
    message:
      arns.length === 1
        ? `Load balancer '${arns[0]}' not found`
        : `Load balancers '[${arns.join(', ')}]' not found`,
    $metadata: {},
  });

/** Load balancers of one region. */
export function balancersIn(state: AccountState, region: string): ElasticLoadBalancingV2Client {
  const isHere = (one: MemoryBalancer | undefined): one is MemoryBalancer =>
    one !== undefined && (one.region ?? REGION) === region;
  const own = () => [...state.balancers.values()].filter(isHere);
  const get = (arn: string): MemoryBalancer | undefined => {
    const one = state.balancers.get(arn);
    return isHere(one) ? one : undefined;
  };
  /** @throws LoadBalancerNotFoundException where one of them is not there. */
  const all = (arns: readonly string[]): readonly MemoryBalancer[] => {
    const missing = arns.filter((arn) => get(arn) === undefined);
    if (missing.length > 0) throw notFound(missing);
    return arns.flatMap((arn) => get(arn) ?? []);
  };
  const named = (names: readonly string[]): readonly MemoryBalancer[] => {
    const found = own().filter(({ name }) => names.includes(name));
    const missing = names.filter((name) => !found.some((one) => one.name === name));
    if (missing.length > 0) throw notFound(missing);
    return found;
  };
  return answering(new ElasticLoadBalancingV2Client({ region }))
    .on(DescribeLoadBalancersCommand, ({ LoadBalancerArns, Names, PageSize = MOST_A_PAGE, Marker }) => {
      if (PageSize < 1 || PageSize > MOST_A_PAGE) {
        throw invalid(`Page size must be between 1 and ${MOST_A_PAGE}`);
      }
      const found =
        LoadBalancerArns !== undefined ? all(LoadBalancerArns) : Names !== undefined ? named(Names) : own();
      const from = Number(Marker ?? 0);
      const to = from + PageSize;
      return {
        LoadBalancers: found.slice(from, to).map((one) => describeBalancer(state, one, region)),
        ...(to < found.length ? { NextMarker: String(to) } : {}),
      };
    })
    .on(DescribeTagsCommand, ({ ResourceArns = [] }) => {
      if (ResourceArns.length < 1 || ResourceArns.length > MOST_TAGGED) {
        throw invalid(`The number of resources must be between 1 and ${MOST_TAGGED}`);
      }
      return {
        TagDescriptions: all(ResourceArns).map(({ arn, tags }) => ({
          ResourceArn: arn,
          Tags: tagList(tags),
        })),
      };
    }).client;
}

function describeBalancer(state: AccountState, one: MemoryBalancer, region: string) {
  const isComing = one.since > state.now();
  if (isComing) tellOnce(state, one, one.since, { kind: 'load-balancer', region, id: one.arn });
  return {
    LoadBalancerArn: one.arn,
    LoadBalancerName: one.name,
    CreatedTime: one.since,
    Type: one.type,
    State: { Code: one.state ?? (isComing ? 'provisioning' : 'active') },
    AvailabilityZones: [
      { ZoneName: `${region}a`, ...(one.outpost === undefined ? {} : { OutpostId: one.outpost }) },
    ],
  };
}
