import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  EC2Client,
  EC2ServiceException,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { answering } from './answering.ts';
import { ACCOUNT, type AccountState, type KeptInstance, REGION } from './state.ts';

const refused = (name: string, message: string) =>
  new EC2ServiceException({ name, message, $fault: 'client', $metadata: {} });

const stateOf = ({ stoppedAt, ended }: KeptInstance) =>
  stoppedAt === undefined ? 'running' : ended === true ? 'terminated' : 'stopped';

const describe = (one: KeptInstance): Omit<Instance, 'InstanceType'> & { readonly InstanceType: string } => ({
  InstanceId: one.id,
  InstanceType: one.type,
  LaunchTime: one.since,
  State: { Name: stateOf(one) },
  Tags: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })),
  ...(one.spot === true
    ? {
        InstanceLifecycle: 'spot' as const,
        SpotInstanceRequestId: `sir-${one.id}`,
        Placement: { AvailabilityZone: `${one.region ?? REGION}a` },
      }
    : {}),
});

/** One bad id makes StopInstances refuse all, as on AWS. */
export function ec2In({ instances, effects, restored, now }: AccountState, region: string): EC2Client {
  const own = () => [...instances.values()].filter((one) => (one.region ?? REGION) === region);
  const find = (id: string) => own().find((one) => one.id === id);
  /** What a call finds; throws where it refuses one of them. */
  const all = (ids: readonly string[], refusalOf: (one: KeptInstance) => string | undefined) =>
    ids.map((id) => {
      const one = find(id);
      if (one === undefined) throw refused('InvalidInstanceID.NotFound', `The instance '${id}' is unknown.`);
      const refusal = refusalOf(one);
      if (refusal !== undefined) throw refused(refusal, `The instance '${id}' cannot be stopped.`);
      return one;
    });
  /** Takes each out of service, and says how it was before. */
  const takeDown = (some: readonly KeptInstance[], ended: boolean) =>
    some.map((one) => {
      const before = stateOf(one);
      if (before === 'running') {
        instances.set(one.id, { ...one, stoppedAt: now(), ...(ended ? { ended } : {}) });
        effects.push({ at: now(), id: one.id });
      }
      return { InstanceId: one.id, PreviousState: { Name: before } };
    });
  return (
    answering(new EC2Client({ region }))
      .on(DescribeInstancesCommand, ({ Filters = [] }) => {
        const matches = (one: KeptInstance) =>
          Filters.every(({ Name, Values = [] }) =>
            Values.includes(Name === 'instance-id' ? one.id : stateOf(one)),
          );
        return { Reservations: [{ OwnerId: ACCOUNT, Instances: own().filter(matches).map(describe) }] };
      })
      .on(DescribeSpotInstanceRequestsCommand, () => ({
        SpotInstanceRequests: own().flatMap((one) =>
          one.spot === true
            ? [
                {
                  SpotInstanceRequestId: `sir-${one.id}`,
                  Type: 'one-time' as const,
                  State: 'active' as const,
                },
              ]
            : [],
        ),
      }))
      // A `refusal` is one that AWS alone knows of.
      .on(DescribeInstanceAttributeCommand, ({ InstanceId = '', Attribute }) =>
        Attribute === 'disableApiStop'
          ? { DisableApiStop: { Value: find(InstanceId)?.isProtected === true } }
          : {},
      )
      .on(StopInstancesCommand, ({ InstanceIds = [] }) => ({
        StoppingInstances: takeDown(
          all(InstanceIds, (one) =>
            one.isProtected === true
              ? 'OperationNotPermitted'
              : one.spot === true
                ? 'UnsupportedOperation'
                : one.refusal,
          ),
          false,
        ),
      }))
      .on(TerminateInstancesCommand, ({ InstanceIds = [] }) => ({
        TerminatingInstances: takeDown(
          all(InstanceIds, ({ refusal }) => refusal),
          true,
        ),
      }))
      .on(StartInstancesCommand, ({ InstanceIds = [] }) => {
        for (const id of InstanceIds) {
          const one = find(id);
          if (one === undefined)
            throw refused('InvalidInstanceID.NotFound', `The instance '${id}' is unknown.`);
          const refusal = one.ended === true ? 'IncorrectInstanceState' : one.startRefusal;
          if (refusal !== undefined) throw refused(refusal, `The instance '${id}' cannot be started.`);
          const { stoppedAt, ...running } = one;
          if (stoppedAt === undefined) continue;
          instances.set(id, { ...running, since: now() });
          restored.push({ at: now(), id });
        }
        return {};
      }).client
  );
}
