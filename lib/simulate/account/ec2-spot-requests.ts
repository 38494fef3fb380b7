import type { DescribeSpotInstanceRequestsCommandInput, SpotInstanceState } from '@aws-sdk/client-ec2';
import { type Ec2Entry, ec2StateOf, instanceOfRequest, requestIdOf, zoneOf } from './ec2-entry.ts';
import { refused } from './ec2-errors.ts';
import { list } from './ec2-list.ts';

/** Answers DescribeSpotInstanceRequests, from what is asked of instances. */
export function describeSpotRequests(
  { SpotInstanceRequestIds, Filters, MaxResults, NextToken }: DescribeSpotInstanceRequestsCommandInput,
  { all, get, now }: SpotInstances,
) {
  const { items, next } = list(
    { ids: SpotInstanceRequestIds, filters: Filters, size: MaxResults, token: NextToken },
    {
      all: () => [...all()].filter((one) => requestIdOf(one) !== undefined),
      get: (id) => {
        const one = get(instanceOfRequest(id));
        return one !== undefined && requestIdOf(one) === id ? one : undefined;
      },
      unknown: ([id]) =>
        refused(
          'InvalidSpotInstanceRequestID.NotFound',
          `The spot instance request ID '${id}' does not exist`,
        ),
      idFilter: 'spot-instance-request-id',
      tags: () => ({}),
      fields: {
        'spot-instance-request-id': requestIdOf,
        'instance-id': ({ id }) => id,
        state: (one) => stateOf(one, now),
        type: typeOf,
      },
    },
  );
  return { SpotInstanceRequests: items.map((one) => describe(one, now)), ...next };
}

interface SpotInstances {
  readonly all: () => Iterable<Ec2Entry>;
  readonly get: (id: string) => Ec2Entry | undefined;
  readonly now: Date;
}

const requestOf = ({ request }: Ec2Entry) => (request === 'unknown' ? undefined : request);

const typeOf = (one: Ec2Entry) => requestOf(one)?.type ?? 'one-time';

/**
 * By the EC2 User Guide ("Spot Instance request states"): `disabled` while its instance is stopped, `closed` once that of
 * a one-time request has ended. A persistent one would then open again, which does not come about here.
 */
function stateOf(one: Ec2Entry, now: Date): SpotInstanceState {
  const own = requestOf(one)?.state;
  if (own !== undefined) return own;
  switch (ec2StateOf(one, now)) {
    case 'pending':
    case 'running':
      return 'active';
    case 'stopped':
      return 'disabled';
    case 'terminated':
      return 'closed';
  }
}

function describe(one: Ec2Entry, now: Date) {
  const group = requestOf(one)?.launchGroup;
  return {
    SpotInstanceRequestId: requestIdOf(one),
    InstanceId: one.id,
    Type: typeOf(one),
    State: stateOf(one, now),
    LaunchedAvailabilityZone: zoneOf(one),
    ...(group === undefined ? {} : { LaunchGroup: group }),
  };
}
