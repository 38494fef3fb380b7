import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeNatGatewaysCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeVolumesCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { answering } from './answering.ts';
import { describeGateways, describeVolumes } from './ec2-beside.ts';
import {
  describeEntry,
  type Ec2Entry,
  ec2StateOf,
  inServiceAt,
  isForgotten,
  ownerOf,
  requestIdOf,
  zoneOf,
} from './ec2-entry.ts';
import { refused, unknownInstances } from './ec2-errors.ts';
import { type Listing, list } from './ec2-list.ts';
import { allMembers, findMember } from './ec2-members.ts';
import { memoOf, tellOnce } from './ec2-memo.ts';
import { powerOf } from './ec2-power.ts';
import { describeSpotPrices } from './ec2-spot-prices.ts';
import { describeSpotRequests } from './ec2-spot-requests.ts';
import { describeInstanceTypes } from './ec2-types.ts';
import { type AccountState, REGION } from './state.ts';

/** The limits of AWS for one page of instances. */
const PAGE = { least: 5, most: 1000 } as const;

/** EC2 of one region: instances (those of Auto Scaling groups among them), Spot requests, volumes and NAT gateways. */
export function ec2In(state: AccountState, region: string): EC2Client {
  const isHere = (one: Ec2Entry | undefined): one is Ec2Entry =>
    one !== undefined && (one.region ?? REGION) === region && !isForgotten(one, state.now());
  const get = (id: string): Ec2Entry | undefined => {
    const one = state.instances.get(id) ?? findMember(state, id) ?? memoOf(state).waiting.get(id);
    return isHere(one) ? one : undefined;
  };
  function* all(): Generator<Ec2Entry> {
    for (const one of state.instances.values()) if (isHere(one)) yield one;
    for (const one of allMembers(state)) if (isHere(one)) yield one;
    for (const one of memoOf(state).waiting.values()) if (isHere(one)) yield one;
  }
  const power = powerOf(state, get);
  return (
    answering(new EC2Client({ region }))
      .on(DescribeInstancesCommand, ({ InstanceIds, Filters, MaxResults, NextToken }) => {
        if (MaxResults !== undefined && (MaxResults < PAGE.least || MaxResults > PAGE.most)) {
          throw refused(
            'InvalidParameterValue',
            `Value ( ${MaxResults} ) for parameter maxResults is invalid. It must be between ${PAGE.least} and ${PAGE.most}.`,
          );
        }
        const now = state.now();
        const { items, next } = list(
          { ids: InstanceIds, filters: Filters, size: MaxResults, token: NextToken },
          instanceListing(all, get, now),
        );
        for (const one of items) {
          if (ec2StateOf(one, now) !== 'pending') continue;
          tellOnce(state, one, inServiceAt(one), { kind: 'ec2-instance', region, id: one.id });
        }
        return {
          Reservations: [...Map.groupBy(items, ownerOf)].map(([OwnerId, some]) => ({
            OwnerId,
            Instances: some.map((one) => describeEntry(one, now)),
          })),
          ...next,
        };
      })
      .on(DescribeSpotInstanceRequestsCommand, (asked) =>
        describeSpotRequests(asked, { all, get, now: state.now() }),
      )
      .on(DescribeSpotPriceHistoryCommand, (asked) => describeSpotPrices(state, region, asked))
      // A `refusal` is one that AWS alone knows of.
      .on(DescribeInstanceAttributeCommand, ({ InstanceId = '', Attribute }) => {
        const one = get(InstanceId);
        if (one === undefined) throw unknownInstances([InstanceId]);
        switch (Attribute) {
          case 'disableApiStop':
            return { InstanceId, DisableApiStop: { Value: one.isProtected === true } };
          case 'disableApiTermination':
            return { InstanceId, DisableApiTermination: { Value: one.isTerminationProtected === true } };
          case 'instanceType':
            return { InstanceId, InstanceType: { Value: one.type } };
          default:
            return { InstanceId };
        }
      })
      .on(StopInstancesCommand, ({ InstanceIds = [], Hibernate = false }) =>
        power.stop(InstanceIds, Hibernate),
      )
      .on(TerminateInstancesCommand, ({ InstanceIds = [] }) => power.terminate(InstanceIds))
      .on(StartInstancesCommand, ({ InstanceIds = [] }) => power.start(InstanceIds))
      .on(DescribeVolumesCommand, (asked) => describeVolumes(state, region, asked))
      .on(DescribeNatGatewaysCommand, (asked) => describeGateways(state, region, asked))
      .on(DescribeInstanceTypesCommand, describeInstanceTypes).client
  );
}

const instanceListing = (
  all: () => Iterable<Ec2Entry>,
  get: (id: string) => Ec2Entry | undefined,
  now: Date,
): Listing<Ec2Entry> => ({
  all,
  get,
  unknown: unknownInstances,
  idFilter: 'instance-id',
  tags: ({ tags }) => tags,
  fields: {
    'instance-id': ({ id }) => id,
    'instance-state-name': (one) => ec2StateOf(one, now),
    'instance-type': ({ type }) => type,
    'instance-lifecycle': ({ spot }) => (spot === true ? 'spot' : undefined),
    'spot-instance-request-id': requestIdOf,
    'availability-zone': zoneOf,
    'platform-details': ({ platform = 'Linux/UNIX' }) => platform,
    'root-device-type': ({ rootDevice = 'ebs' }) => rootDevice,
    tenancy: ({ tenancy = 'default' }) => tenancy,
    'owner-id': ownerOf,
  },
});
