import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeEndpointCommand, DescribeNotebookInstanceCommand } from '@aws-sdk/client-sagemaker';
import { arnOf } from '../fleet/arn.ts';
import { errorCode } from '../fleet/aws-errors.ts';
import type { RegionClients } from '../fleet/clients.ts';
import { ACCOUNT, REGION } from './local-aws.ts';
import {
  BUSY,
  createEndpoint,
  createGroup,
  IDLE,
  type InstanceUse,
  putEndpointUse,
  putGroupUse,
  putInstanceUse,
  startInstance,
  type Tags,
} from './seed.ts';
import { createNotebook, putNotebookUse } from './seed-sagemaker.ts';

/** What a resource does for a while. */
export type Use = 'busy' | 'idle' | 'gpu-busy' | 'gpu-idle' | 'no-gpu-metric';

export interface Time {
  readonly from: Date;
  readonly to: Date;
}

/** A resource that a role of the play can have: how it is made, what its metrics show, and what AWS says of it. */
export interface Part {
  /** Makes it. */
  readonly enter: (
    clients: RegionClients,
    tags: Tags,
  ) => Promise<{ readonly id: string; readonly arn: string }>;
  /** Writes into CloudWatch what it does. */
  readonly act: (clients: RegionClients, id: string, use: Use, time: Time) => Promise<void>;
  readonly state: (clients: RegionClients, id: string) => Promise<string>;
}

/** Training on one GPU: the CPU all but sleeps. */
const INSTANCE_USES: Readonly<Record<Use, InstanceUse>> = {
  busy: BUSY,
  idle: IDLE,
  'gpu-busy': { ...IDLE, cpu: 2, gpu: 95 },
  'gpu-idle': { ...IDLE, gpu: 0 },
  'no-gpu-metric': IDLE,
};

export const instance = (type: Parameters<typeof startInstance>[1]['type']): Part => ({
  enter: async (clients, tags) => {
    const id = await startInstance(clients, { type, tags });
    return { id, arn: arnOf('ec2', REGION, ACCOUNT, `instance/${id}`) };
  },
  act: (clients, id, use, { from, to }) => putInstanceUse(clients, id, INSTANCE_USES[use], from, to),
  state: async ({ ec2 }, id) => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? 'unknown';
  },
});

export const endpoint = (name: string): Part => ({
  enter: async (clients, tags) => {
    await createEndpoint(clients, { name, type: 'ml.m5.xlarge', tags });
    return { id: name, arn: arnOf('sagemaker', REGION, ACCOUNT, `endpoint/${name}`) };
  },
  act: (clients, id, use, { from, to }) =>
    putEndpointUse(clients, id, { cpu: 3, invocations: use === 'busy' ? 240 : 0 }, from, to),
  state: async ({ sagemaker }, EndpointName) => {
    try {
      return (
        (await sagemaker.send(new DescribeEndpointCommand({ EndpointName }))).EndpointStatus ?? 'unknown'
      );
    } catch (error) {
      if (errorCode(error) === 'ValidationException') return 'gone';
      throw error;
    }
  },
});

export const notebook = (name: string): Part => ({
  enter: async (clients, tags) => {
    await createNotebook(clients, { name, type: 'ml.p3.2xlarge', tags });
    return { id: name, arn: arnOf('sagemaker', REGION, ACCOUNT, `notebook-instance/${name}`) };
  },
  act: (clients, id, use, { from, to }) =>
    putNotebookUse(clients, id, use === 'busy' ? { cpu: 60, gpu: 80 } : { cpu: 0.5, gpu: 0 }, from, to),
  state: async ({ sagemaker }, NotebookInstanceName) =>
    (await sagemaker.send(new DescribeNotebookInstanceCommand({ NotebookInstanceName })))
      .NotebookInstanceStatus ?? 'unknown',
});

/** An Auto Scaling group of two instances. */
export const group = (name: string): Part => ({
  enter: async (clients, tags) => ({
    id: name,
    arn: await createGroup(clients, { name, type: 'm5.2xlarge', count: 2, tags }),
  }),
  act: (clients, id, use, { from, to }) => putGroupUse(clients, id, INSTANCE_USES[use], from, to),
  state: async ({ groups }, name) => {
    const { AutoScalingGroups: [found] = [] } = await groups.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return found === undefined ? 'gone' : `${found.DesiredCapacity} of ${found.MaxSize}`;
  },
});
