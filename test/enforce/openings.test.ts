import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeInstancesCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  ListTagsCommand,
  SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import type { EnforceDeps } from '../../lib/enforce/deps.ts';
import { dueRestores } from '../../lib/enforce/due-restores.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Schedule } from '../../lib/policy/schedule.ts';
import type { Decision, RestoreDecision, StopDecision } from '../../lib/types/decision.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { endpoint, policy } from '../alerts/fixtures.ts';
import { awsError } from '../fleet/fixtures.ts';
import { batchOf, clockAt, ec2In, enforceDeps, stopOf, target } from './fixtures.ts';

const office: Schedule = {
  timezone: 'UTC',
  week: Array.from({ length: 7 }, () => [{ from: 480, to: 1_140 }]),
  closed: [],
  do: 'start-and-stop',
  starts: 'its-own',
  startAheadSeconds: 0,
  warnSeconds: 0,
  endpoints: 'shut-down',
};
const withHours = (hours: readonly Schedule[] = [office]): Policy => ({
  ...policy,
  policies: policy.policies.map((one) => ({ ...one, hours })),
});
const CLOSED = new Date('2026-11-25T19:00:10Z');
const CLOSING = '2026-11-25T19:00:00.000Z';

let ec2: ReturnType<typeof ec2In>;
let clock: ReturnType<typeof clockAt>;
let deps: EnforceDeps;
let fleet: Resource[];

beforeEach(() => {
  ec2?.mock.restore();
  ec2 = ec2In();
  clock = clockAt(CLOSED);
  deps = enforceDeps(clock, { policy: withHours() });
  fleet = [target()];
  ec2.mock.on(StartInstancesCommand).callsFake(({ InstanceIds = [] }: { InstanceIds?: string[] }) => {
    for (const id of InstanceIds) if (id === target().id) ec2.put(target(), { since: clock.now() });
    return {};
  });
});

const closing = (fields: Partial<StopDecision> = {}): StopDecision =>
  stopOf(target(), {
    trigger: 'schedule',
    key: `schedule/${target().arn}/${CLOSING}`,
    rule: { policy: 'development', rule: 'hours' },
    ...fields,
  });
const hours = (count: number): void => clock.forward(count * 3_600);
const due = (): Promise<readonly Decision[]> =>
  dueRestores({ fleet, marks: new Map(), now: clock.now() }, deps);
let batches = 0;
const carry = async (decisions: readonly Decision[]) => {
  batches += 1;
  return (await carryOut({ ...batchOf(decisions, `batch/${batches}`), issuedAt: clock.now() }, deps)).results;
};
async function stopByHours(): Promise<void> {
  ec2.put(target());
  await carry([closing()]);
  fleet = [{ ...target(), state: 'stopped' }];
}

describe('what hours stopped', () => {
  it('is started when they begin, once', async () => {
    await stopByHours();
    expect(ec2.stateOf(target())).toBe('stopped');
    hours(12);
    expect(await due()).toEqual([]);
    hours(1);
    const decisions = await due();
    expect(await carry(decisions)).toMatchObject([{ outcome: { status: 'taken', detail: 'Started.' } }]);
    expect(ec2.stateOf(target())).toBe('running');
    expect(await due(), 'it is done').toEqual([]);
    expect(await carry(decisions), 'a repeat').toEqual([]);
  });

  it('that AWS refused to stop is not started: whoever stopped it later was not Bursar', async () => {
    await deps.ledger.saveRestore({
      arn: target().arn,
      resource: target(),
      project: 'recsys',
      trigger: 'schedule',
      savedAt: clock.now(),
      state: 'stopped',
      record: {},
    });
    fleet = [{ ...target(), state: 'stopped' }];
    hours(13);
    expect(await due()).toEqual([]);
  });

  it('and somebody started is theirs from then on, whoever stops it', async () => {
    await stopByHours();
    hours(2);
    fleet = [target()];
    expect(await due()).toEqual([]);
    expect(await deps.ledger.restoreRecord(target().arn)).toMatchObject({ state: 'restored' });
    fleet = [{ ...target(), state: 'stopped' }];
    hours(11);
    expect(await due()).toEqual([]);
  });

  it('that cannot be started for now is gone on with by the sweeps', async () => {
    await stopByHours();
    hours(13);
    ec2.mock.on(StartInstancesCommand).rejects(awsError('InsufficientInstanceCapacity', 'none'));
    expect(await carry(await due())).toMatchObject([{ outcome: { status: 'failed', retry: true } }]);
    expect(await due()).toMatchObject([{ action: 'restore', by: 'Bursar' }]);
  });

  it('that cannot be started is gone on with until they end, and waits for the next opening then', async () => {
    await stopByHours();
    hours(13);
    ec2.mock.on(StartInstancesCommand).rejects(awsError('InsufficientInstanceCapacity', 'none'));
    await carry(await due());
    hours(10);
    const late = await carry(await due());
    expect(late).toMatchObject([{ outcome: { status: 'skipped', code: 'NotYet' } }]);
    hours(1);
    ec2.mock.on(StartInstancesCommand).resolves({});
    expect(await carry(await due())).toMatchObject([{ outcome: { status: 'skipped', code: 'Expired' } }]);
    expect(await due()).toEqual([]);
    hours(13);
    expect(await carry(await due())).toMatchObject([{ outcome: { status: 'taken' } }]);
  });

  it('is gone on with for whoever asked for it by name, whatever the hours', async () => {
    await stopByHours();
    hours(1);
    ec2.mock.on(StartInstancesCommand).rejects(awsError('InsufficientInstanceCapacity', 'none'));
    await carry([
      {
        action: 'restore',
        key: 'restore/ana',
        project: 'recsys',
        target: target(),
        by: 'ana',
        reason: 'ana.',
      },
    ]);
    ec2.mock.on(StartInstancesCommand).resolves({});
    expect(await carry(await due())).toMatchObject([{ outcome: { status: 'taken' } }]);
  });

  it('is not started by a message that comes when they are over again', async () => {
    await stopByHours();
    hours(13);
    const decisions = await due();
    hours(12);
    expect(await carry(decisions)).toMatchObject([{ outcome: { status: 'skipped', code: 'Expired' } }]);
    expect(ec2.stateOf(target())).toBe('stopped');
    hours(12);
    expect(await carry(await due())).toMatchObject([{ outcome: { status: 'taken' } }]);
  });

  it('is not started by a message that comes when something else has stopped it since', async () => {
    await stopByHours();
    hours(13);
    const decisions = await due();
    const saved = await deps.ledger.restoreRecord(target().arn);
    if (saved === undefined) throw new Error('nothing was saved');
    await deps.ledger.saveRestore({ ...saved, trigger: 'idle', savedAt: clock.now(), state: 'stopped' });
    expect(await carry(decisions)).toMatchObject([
      { outcome: { status: 'skipped', code: 'StoppedByBursar' } },
    ]);
    expect(ec2.stateOf(target())).toBe('stopped');
  });

  it('is told once where a limit is in the way', async () => {
    await stopByHours();
    hours(13);
    await deps.ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
    const look = async () =>
      dueRestores({ fleet, marks: await deps.ledger.projectMarks(clock.now()), now: clock.now() }, deps);
    const told = await look();
    expect(told).toMatchObject([{ action: 'notify', trigger: 'schedule' }]);
    await carry(told);
    expect(await look()).toEqual([]);
    await deps.ledger.unfreeze('recsys', clock.now());
    expect(await look()).toMatchObject([{ action: 'restore' }]);
  });

  it('is looked for once an hour where no policy has hours any more', async () => {
    await stopByHours();
    deps = { ...deps, policy };
    hours(1);
    expect(await due(), 'the first sweep of an hour').toMatchObject([{ action: 'restore' }]);
    clock.forward(600);
    expect(await due()).toEqual([]);
  });

  it('by hours that start nothing is remembered so', async () => {
    deps = { ...deps, policy: withHours([{ ...office, do: 'stop' }]) };
    await stopByHours();
    expect(await deps.ledger.restoreRecord(target().arn)).toMatchObject({ stays: true });
    hours(13);
    expect(await due()).toEqual([]);
  });
});

it('a keep has sweeps look when it ends, and when people are to be told of the stop that follows', async () => {
  const woken: string[] = [];
  const wake = async (at: Date) => void woken.push(at.toISOString().slice(11, 16));
  deps = { ...deps, wake, policy: withHours([{ ...office, warnSeconds: 900 }]) };
  const until = new Date('2026-11-25T21:00:00Z');
  await carry([
    {
      action: 'keep',
      key: 'keep/ana',
      project: 'recsys',
      target: target(),
      until,
      by: 'ana',
      reason: 'ana.',
    },
  ]);
  expect(woken).toContain('20:45');
  expect(woken).toContain('21:00');
});

describe('an opening that starts all', () => {
  beforeEach(() => {
    deps = { ...deps, policy: withHours([{ ...office, starts: 'all' }]) };
    clock = clockAt(new Date('2026-11-26T08:00:00Z'));
    deps = { ...enforceDeps(clock, { policy: deps.policy }) };
    ec2.put(target(), { state: 'stopped' });
    fleet = [{ ...target(), state: 'stopped' }];
  });

  it('starts what nothing was saved of, once, and no kind that cannot be started so', async () => {
    fleet = [...fleet, { ...endpoint('ranker'), state: 'stopped' }];
    const decisions = await due();
    expect(decisions).toMatchObject([{ action: 'restore', unsaved: true, target: { id: target().id } }]);
    expect(await carry(decisions)).toMatchObject([{ outcome: { status: 'taken' } }]);
    expect(ec2.stateOf(target())).toBe('running');
    ec2.put(target(), { state: 'stopped' });
    expect(await carry(await due()), 'stopped by hand in its first minutes').toEqual([]);
    expect(ec2.stateOf(target())).toBe('stopped');
  });

  it('goes on with what cannot be started for now until the hours end', async () => {
    ec2.mock.on(StartInstancesCommand).rejects(awsError('InsufficientInstanceCapacity', 'none'));
    await carry(await due());
    clock.forward(300);
    const [again] = await due();
    expect(again).toMatchObject({
      by: 'Bursar',
      reason: 'Its start was begun at 2026-11-26 08:00 UTC and is not finished.',
    });
    clock.forward(11 * 3_600);
    expect(await carry(await due())).toMatchObject([{ outcome: { status: 'skipped', code: 'Expired' } }]);
    clock.forward(13 * 3_600 - 300);
    expect(await due(), 'the next opening').toMatchObject([{ unsaved: true }]);
  });

  it('starts at the next one what could not be started for good', async () => {
    ec2.mock.on(StartInstancesCommand).rejects(awsError('InsufficientInstanceCapacity', 'none'));
    await carry(await due());
    ec2.mock.on(StartInstancesCommand).rejects(awsError('UnauthorizedOperation', 'no'));
    clock.forward(300);
    expect(await carry(await due())).toMatchObject([{ outcome: { status: 'failed', retry: false } }]);
    clock.forward(24 * 3_600 - 300);
    expect(await due()).toMatchObject([{ unsaved: true }]);
  });

  it('leaves what Bursar has stopped since', async () => {
    const decisions = await due();
    await deps.ledger.saveRestore({
      arn: target().arn,
      resource: target(),
      project: 'recsys',
      trigger: 'budget',
      savedAt: clock.now(),
      state: 'stopped',
      record: {},
    });
    expect(await carry(decisions)).toMatchObject([
      { outcome: { status: 'skipped', code: 'StoppedByBursar' } },
    ]);
    expect(ec2.mock.commandCalls(DescribeInstancesCommand)).toEqual([]);
  });

  it('leaves kinds that only a record brings back', async () => {
    const decision: RestoreDecision = {
      action: 'restore',
      key: 'start/ranker',
      project: 'recsys',
      target: endpoint('ranker'),
      by: 'the hours of policy development',
      reason: 'They begin.',
      unsaved: true,
    };
    expect(await carry([decision])).toMatchObject([{ outcome: { code: 'CannotStart' } }]);
  });
});

it('a closing that scales an endpoint down says so in the record, and its opening brings it back', async () => {
  const sagemaker = mockClient(SageMakerClient);
  const autoscaling = mockClient(ApplicationAutoScalingClient);
  const ranker = endpoint('ranker');
  let count = 2;
  autoscaling.on(DescribeScalableTargetsCommand).resolves({});
  sagemaker.on(DescribeEndpointCommand).callsFake(() => ({
    EndpointName: 'ranker',
    EndpointArn: ranker.arn,
    EndpointConfigName: 'config',
    EndpointStatus: 'InService',
    LastModifiedTime: ranker.since,
    ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: count }],
  }));
  sagemaker.on(DescribeEndpointConfigCommand).resolves({
    ProductionVariants: [{ VariantName: 'main', ModelName: 'm', InstanceType: 'ml.g5.xlarge' }],
  });
  sagemaker
    .on(ListTagsCommand)
    .resolves({ Tags: Object.entries(ranker.tags).map(([Key, Value]) => ({ Key, Value })) });
  sagemaker.on(UpdateEndpointWeightsAndCapacitiesCommand).callsFake((input) => {
    count = input.DesiredWeightsAndCapacities?.[0]?.DesiredInstanceCount ?? 0;
    return {};
  });
  deps = { ...deps, policy: withHours([{ ...office, endpoints: 'scale-down' }]) };
  await carry([closing({ target: ranker, key: `schedule/${ranker.arn}/${CLOSING}`, manner: 'scale-down' })]);
  expect(count).toBe(1);
  expect(await deps.ledger.restoreRecord(ranker.arn)).toMatchObject({
    manner: 'scale-down',
    state: 'stopped',
  });
  fleet = [ranker];
  hours(2);
  expect(await due()).toEqual([]);
  hours(11);
  await carry(await due());
  expect(count).toBe(2);
  sagemaker.restore();
  autoscaling.restore();
});
