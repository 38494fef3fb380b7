import {
  DescribeInstanceAttributeCommand,
  type Instance,
  type InstanceAttributeName,
} from '@aws-sdk/client-ec2';
import { mapLimited } from '../types/lists.ts';
import type { Protection, Resource } from '../types/resource.ts';
import { errorCode } from './aws-errors.ts';
import type { FleetContext } from './kind.ts';
import { managersOf } from './managers.ts';

/** What DescribeInstances tells of why an instance must be left alone; being a Spot instance is told apart. */
export function protectionsOf(instance: Instance, tags: Resource['tags']): readonly Protection[] {
  const managed = managersOf(tags).map(
    ({ code, name }): Protection => ({ code, detail: `It is part of ${name}, which would replace it.` }),
  );
  const own: Protection[] = [];
  if (instance.Operator?.Managed === true) {
    own.push({
      code: 'managed-elsewhere',
      detail: `It is managed by ${instance.Operator.Principal ?? 'an AWS service'}.`,
    });
  }
  if (instance.RootDeviceType === 'instance-store') {
    own.push({
      code: 'instance-store-root',
      detail: 'Its root is an instance store: it cannot be stopped, only ended.',
    });
  }
  return [...managed, ...own];
}

const CALLS_AT_ONCE = 10;

/**
 * Stop protection, and termination protection of those that can only be ended. EC2 tells one attribute of one
 * instance a call. One that is gone has nothing to protect: its stop says so.
 */
export async function inspectInstances(
  resources: readonly Resource[],
  context: FleetContext,
): Promise<ReadonlyMap<string, Protection>> {
  const found = await mapLimited(
    resources,
    CALLS_AT_ONCE,
    async (resource) => [resource.arn, await switchedOn(resource, context)] as const,
  );
  return new Map(found.flatMap(([arn, one]) => (one === undefined ? [] : [[arn, one]])));
}

async function switchedOn({ id, consent }: Resource, context: FleetContext): Promise<Protection | undefined> {
  try {
    if (await isOn(id, 'disableApiStop', context)) {
      return { code: 'stop-protection', detail: 'Its stop protection (disableApiStop) is on.' };
    }
    if (consent === 'terminate-spot' && (await isOn(id, 'disableApiTermination', context))) {
      return { code: 'stop-protection', detail: 'Its termination protection (disableApiTermination) is on.' };
    }
    return undefined;
  } catch (error) {
    if (errorCode(error) === 'InvalidInstanceID.NotFound') return undefined;
    throw error;
  }
}

async function isOn(
  InstanceId: string,
  Attribute: Extract<InstanceAttributeName, 'disableApiStop' | 'disableApiTermination'>,
  { clients }: FleetContext,
): Promise<boolean> {
  const answer = await clients.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute }));
  const value = Attribute === 'disableApiStop' ? answer.DisableApiStop : answer.DisableApiTermination;
  return value?.Value === true;
}
