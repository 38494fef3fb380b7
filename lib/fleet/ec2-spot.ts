import {
  DescribeSpotInstanceRequestsCommand,
  type Instance,
  type SpotInstanceRequest,
} from '@aws-sdk/client-ec2';
import { chunks, mapLimited } from '../types/lists.ts';
import type { Consent, Protection } from '../types/resource.ts';
import type { FleetContext } from './kind.ts';
import { allPages } from './pages.ts';

/** The Spot requests of those instances that have one, by request id; no call where there are none. */
export async function spotRequests(
  instances: readonly Instance[],
  { clients }: FleetContext,
): Promise<ReadonlyMap<string, SpotInstanceRequest>> {
  const ids = instances.flatMap(({ SpotInstanceRequestId: id }) => (id === undefined ? [] : [id]));
  // A filter, not `SpotInstanceRequestIds`: one that is gone would fail the call for all of them.
  const pages = await mapLimited(chunks([...new Set(ids)], 200), 2, (some) =>
    allPages<SpotInstanceRequest>(async (NextToken) => {
      const page = await clients.ec2.send(
        new DescribeSpotInstanceRequestsCommand({
          Filters: [{ Name: 'spot-instance-request-id', Values: some }],
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );
      return { items: page.SpotInstanceRequests, next: page.NextToken };
    }),
  );
  return new Map(pages.flat().map((one) => [one.SpotInstanceRequestId ?? '', one]));
}

/** What being a Spot instance means for a stop: nothing, that it can only be ended, or that it must be left alone. */
export interface SpotStanding {
  readonly protection?: Protection;
  readonly consent?: Consent;
}

/**
 * By the EC2 User Guide ("Stop a Spot Instance"): only an instance of a persistent request can be stopped and started,
 * unless the request is cancelled or has a launch or Availability Zone group. One of a one-time or a cancelled request
 * can only be ended, which nothing replaces. Members of fleets are known by their tags.
 */
export function spotStanding(
  { InstanceLifecycle, SpotInstanceRequestId: id }: Instance,
  requests: ReadonlyMap<string, SpotInstanceRequest>,
): SpotStanding {
  if (InstanceLifecycle !== 'spot') return {};
  const left = (detail: string): SpotStanding => ({ protection: { code: 'spot', detail } });
  const request = id === undefined ? undefined : requests.get(id);
  switch (request?.Type) {
    case undefined:
      return left('It is a Spot instance whose request is not known: a stop may be impossible.');
    case 'one-time':
      return { consent: 'terminate-spot' };
    case 'persistent':
      break;
  }
  if (request.State === 'cancelled' || request.State === 'closed') return { consent: 'terminate-spot' };
  const group = request.LaunchGroup ?? request.AvailabilityZoneGroup;
  return group === undefined
    ? {}
    : left(
        `It is a Spot instance of group ${group}: it cannot be stopped, and would be replaced if it ended.`,
      );
}
