import {
  type DescribeInstancesCommandInput,
  type Instance,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import { chunks, mapLimited } from '../types/lists.ts';
import type { FleetContext } from './kind.ts';
import type { Ec2System } from './prices.ts';

/** An instance as EC2 describes it, and the account of its reservation. */
export interface OwnedInstance {
  readonly instance: Instance;
  readonly owner: string | undefined;
}

/**
 * All pages; 1,000 instances a call with all that is needed. The Resource Groups Tagging API gives 100, only their
 * tags, and nothing that was never tagged.
 */
export async function readInstances(
  Filters: NonNullable<DescribeInstancesCommandInput['Filters']>,
  { clients }: FleetContext,
): Promise<readonly OwnedInstance[]> {
  const found: OwnedInstance[] = [];
  for await (const page of paginateDescribeInstances({ client: clients.ec2, pageSize: 1000 }, { Filters })) {
    for (const { Instances, OwnerId: owner } of page.Reservations ?? []) {
      for (const instance of Instances ?? []) found.push({ instance, owner });
    }
  }
  return found;
}

/** Those of the ids that EC2 knows, in any state, also those that have just been ended. */
export async function describeInstances(
  ids: readonly string[],
  context: FleetContext,
): Promise<readonly OwnedInstance[]> {
  // A filter, not `InstanceIds`: one id that is gone would fail the call for all of them.
  const pages = await mapLimited(chunks(ids, 200), 2, (some) =>
    readInstances([{ Name: 'instance-id', Values: some }], context),
  );
  return pages.flat();
}

/** What its price is asked by; `undefined` where on-demand, shared-tenancy prices do not apply. */
export function systemOf({ PlatformDetails: details, Placement }: Instance): Ec2System | undefined {
  if ((Placement?.Tenancy ?? 'default') !== 'default') return undefined;
  switch (details) {
    case undefined:
    case 'Linux/UNIX':
      return 'Linux';
    case 'Windows':
      return 'Windows';
    case 'Red Hat Enterprise Linux':
      return 'RHEL';
    case 'SUSE Linux':
      return 'SUSE';
    default:
      return undefined;
  }
}
