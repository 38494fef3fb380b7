import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeNatGatewaysCommand,
  DescribeVolumesCommand,
  EC2Client,
  EC2ServiceException,
  type Instance,
  StartInstancesCommand,
  type StartInstancesCommandInput,
  StopInstancesCommand,
  type StopInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { ACCOUNT, type FakeInstance, type FakeState, REGION } from './state.ts';

const refused = (name: string, message: string) =>
  new EC2ServiceException({ name, message, $fault: 'client', $metadata: {} });

/** One bad id makes StopInstances refuse all, as on AWS. */
export function fakeEc2({ instances, effects, restored, now }: FakeState): EC2Client {
  const client = new EC2Client({ region: REGION });
  const mock = mockClient(client);
  mock.on(DescribeInstancesCommand).callsFake(({ Filters = [] }: DescribeInstancesCommandInput) => {
    const matches = ({ id }: FakeInstance, state: string) =>
      Filters.every(({ Name, Values = [] }) => Values.includes(Name === 'instance-id' ? id : state));
    const found = [...instances.values()].flatMap((one): Instance[] => {
      const state = one.stoppedAt === undefined ? 'running' : 'stopped';
      if (!matches(one, state)) return [];
      return [
        {
          InstanceId: one.id,
          InstanceType: one.type,
          LaunchTime: one.since,
          State: { Name: state },
          Tags: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })),
        },
      ];
    });
    return { Reservations: [{ OwnerId: ACCOUNT, Instances: found }] };
  });
  mock.on(StopInstancesCommand).callsFake(({ InstanceIds = [] }: StopInstancesCommandInput) => {
    for (const id of InstanceIds) {
      const refusal = instances.has(id) ? instances.get(id)?.refusal : 'InvalidInstanceID.NotFound';
      if (refusal !== undefined) throw refused(refusal, `The instance '${id}' cannot be stopped.`);
    }
    const StoppingInstances = InstanceIds.map((InstanceId) => {
      const one = instances.get(InstanceId);
      const wasRunning = one !== undefined && one.stoppedAt === undefined;
      if (wasRunning) {
        instances.set(InstanceId, { ...one, stoppedAt: now() });
        effects.push({ at: now(), id: InstanceId });
      }
      return { InstanceId, PreviousState: { Name: wasRunning ? 'running' : 'stopped' } };
    });
    return { StoppingInstances };
  });
  mock.on(DescribeVolumesCommand).resolves({});
  mock.on(DescribeNatGatewaysCommand).resolves({});
  // No instance of this account has its stop protection on; a `refusal` is one that AWS alone knows of.
  mock.on(DescribeInstanceAttributeCommand).resolves({});
  mock.on(StartInstancesCommand).callsFake(({ InstanceIds = [] }: StartInstancesCommandInput) => {
    for (const id of InstanceIds) {
      const one = instances.get(id);
      if (one === undefined) throw refused('InvalidInstanceID.NotFound', `The instance '${id}' is unknown.`);
      if (one.startRefusal !== undefined) {
        throw refused(one.startRefusal, `The instance '${id}' cannot be started.`);
      }
      const { stoppedAt, ...running } = one;
      if (stoppedAt === undefined) continue;
      instances.set(id, { ...running, since: now() });
      restored.push({ at: now(), id });
    }
    return {};
  });
  return client;
}
