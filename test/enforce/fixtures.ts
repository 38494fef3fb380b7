import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  EC2Client,
  type InstanceStateName,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import type { CommandBatch } from '../../lib/enforce/command.ts';
import type { EnforceDeps } from '../../lib/enforce/deps.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Decision, StopDecision } from '../../lib/types/decision.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { ACCOUNT, AT, instance, policy, stop } from '../alerts/fixtures.ts';
import { contextOf } from '../fleet/fixtures.ts';

/** A clock that only moves when it is told to. */
export function clockAt(start: Date) {
  let now = start;
  return {
    now: () => now,
    forward: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1_000);
    },
  };
}

interface Live {
  state: InstanceStateName;
  tags: Readonly<Record<string, string>>;
  since: Date;
}

/** An EC2 that remembers its instances: what is stopped stays stopped. */
export function ec2In() {
  const mock = mockClient(EC2Client);
  const live = new Map<string, Live>();
  mock.on(DescribeInstancesCommand).callsFake(({ Filters = [] }: { Filters?: { Values?: string[] }[] }) => ({
    Reservations: [...live]
      .filter(([id]) => Filters.some(({ Values = [] }) => Values.includes(id)))
      .map(([InstanceId, { state, tags, since }]) => ({
        OwnerId: ACCOUNT,
        Instances: [
          {
            InstanceId,
            InstanceType: 'g5.xlarge',
            LaunchTime: since,
            State: { Name: state },
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          },
        ],
      })),
  }));
  mock.on(DescribeInstanceAttributeCommand).resolves({});
  mock.on(StopInstancesCommand).callsFake(({ InstanceIds = [] }: { InstanceIds?: string[] }) => ({
    StoppingInstances: InstanceIds.map((InstanceId) => {
      const one = live.get(InstanceId);
      const before = one?.state;
      if (one !== undefined) one.state = 'stopped';
      return { InstanceId, PreviousState: { Name: before } };
    }),
  }));
  return {
    mock,
    put: ({ id, tags, since }: Resource, fields: Partial<Live> = {}) => {
      live.set(id, { state: 'running', tags, since, ...fields });
    },
    end: ({ id }: Resource) => live.delete(id),
    stateOf: ({ id }: Resource) => live.get(id)?.state,
    stops: () => mock.commandCalls(StopInstancesCommand).map(({ args }) => args[0].input.InstanceIds ?? []),
  };
}

export const stopOf = (target: Resource, fields: Partial<StopDecision> = {}): StopDecision =>
  stop(target, { rule: { policy: 'development', rule: 'idle for 30 min: stop' }, ...fields });

export const batchOf = (decisions: readonly Decision[], id = 'sweep/1/recsys/1'): CommandBatch => ({
  id,
  issuedAt: AT,
  decisions,
});

export function enforceDeps(
  clock: { readonly now: () => Date },
  fields: Partial<EnforceDeps> = {},
): EnforceDeps {
  return {
    ledger: createMemoryLedger(),
    policy,
    regions: new Map([['us-east-1', { ...contextOf(), account: ACCOUNT, now: clock.now }]]),
    now: clock.now,
    wake: async () => {},
    onWakeError: (error) => {
      throw error;
    },
    ...fields,
  };
}

export const target = (n = 1): Resource => instance(n);
