import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { StartInstancesCommand, StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { DeleteDBInstanceCommand, StartDBInstanceCommand, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { TagResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import {
  DeleteEndpointCommand,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { arnOf } from '../fleet/arn.ts';
import type { RegionClients } from '../fleet/clients.ts';
import type { MemoryAccount } from './account/account.ts';
import { ACCOUNT } from './account/state.ts';
import type { ScenarioKind, ScenarioResource, ScenarioStep } from './scenario.ts';

type HandStep = Extract<ScenarioStep, { step: 'start' | 'stop' | 'terminate' | 'tag' }>;

/** Does what somebody does by hand in the console of AWS; what AWS refuses changes nothing. */
export async function byHand(
  account: MemoryAccount,
  resource: ScenarioResource,
  step: HandStep,
): Promise<void> {
  const clients = account.clientsOf(resource.region);
  if (step.step === 'tag') {
    const ResourceARNList = [arnOfResource(resource)];
    await clients.tagging.send(new TagResourcesCommand({ ResourceARNList, Tags: { ...step.tags } }));
    return;
  }
  await HANDS[resource.kind][step.step]?.(resource, clients).catch(() => undefined);
}

type Hand = (resource: ScenarioResource, clients: RegionClients) => Promise<unknown>;

/** What AWS has no call for is absent. */
const HANDS: Readonly<Record<ScenarioKind, Partial<Record<'start' | 'stop' | 'terminate', Hand>>>> = {
  'ec2-instance': {
    start: ({ id }, { ec2 }) => ec2.send(new StartInstancesCommand({ InstanceIds: [id] })),
    stop: ({ id }, { ec2 }) => ec2.send(new StopInstancesCommand({ InstanceIds: [id] })),
    terminate: ({ id }, { ec2 }) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
  },
  'auto-scaling-group': {
    start: ({ id, instances }, { groups }) =>
      groups.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: id, DesiredCapacity: instances }),
      ),
    stop: ({ id }, { groups }) =>
      groups.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: id, DesiredCapacity: 0 })),
  },
  'rds-instance': {
    start: ({ id }, { rds }) => rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: id })),
    stop: ({ id }, { rds }) => rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: id })),
    terminate: ({ id }, { rds }) => rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id })),
  },
  'sagemaker-endpoint': {
    stop: ({ id }, { sagemaker }) => sagemaker.send(new DeleteEndpointCommand({ EndpointName: id })),
    terminate: ({ id }, { sagemaker }) => sagemaker.send(new DeleteEndpointCommand({ EndpointName: id })),
  },
  'sagemaker-notebook': {
    start: ({ id }, { sagemaker }) =>
      sagemaker.send(new StartNotebookInstanceCommand({ NotebookInstanceName: id })),
    stop: ({ id }, { sagemaker }) =>
      sagemaker.send(new StopNotebookInstanceCommand({ NotebookInstanceName: id })),
  },
  'sagemaker-training-job': {
    stop: ({ id }, { sagemaker }) => sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: id })),
    terminate: ({ id }, { sagemaker }) => sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: id })),
  },
};

function arnOfResource({ kind, id, region }: ScenarioResource): string {
  const of = (service: string, path: string): string => arnOf(service, region, ACCOUNT, path);
  switch (kind) {
    case 'ec2-instance':
      return of('ec2', `instance/${id}`);
    case 'auto-scaling-group':
      return of(
        'autoscaling',
        `autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/${id}`,
      );
    case 'rds-instance':
      return of('rds', `db:${id}`);
    case 'sagemaker-endpoint':
      return of('sagemaker', `endpoint/${id}`);
    case 'sagemaker-notebook':
      return of('sagemaker', `notebook-instance/${id}`);
    case 'sagemaker-training-job':
      return of('sagemaker', `training-job/${id}`);
  }
}
