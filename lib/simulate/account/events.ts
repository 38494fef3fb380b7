import { arnOf } from '../../fleet/arn.ts';
import { ACCOUNT } from './state.ts';
import type { InstanceChange } from './truth.ts';

/**
 * The event of EventBridge that tells of a change: of state (EC2 user guide, "State change events"), or of tags (Tag
 * Editor user guide, "Monitor tag changes with serverless workflows and Amazon EventBridge"), whose values are as given.
 */
export function eventOf(
  { at, id, region, on, moved, tags }: InstanceChange,
  number: number,
  account: string = ACCOUNT,
): string {
  const common = {
    version: '0',
    id: `event-${number}`,
    account,
    // To the second.
    time: `${at.toISOString().slice(0, 19)}Z`,
    region,
    resources: [arnOf('ec2', region, account, `instance/${id}`)],
  };
  return JSON.stringify(
    moved
      ? {
          ...common,
          source: 'aws.ec2',
          'detail-type': 'EC2 Instance State-change Notification',
          detail: { 'instance-id': id, state: on ? 'running' : 'stopping' },
        }
      : {
          ...common,
          source: 'aws.tag',
          'detail-type': 'Tag Change on Resource',
          detail: { 'changed-tag-keys': ['project'], service: 'ec2', 'resource-type': 'instance', tags },
        },
  );
}
