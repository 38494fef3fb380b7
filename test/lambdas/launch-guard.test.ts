import { Logger } from '@aws-lambda-powertools/logger';
import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DescribeNotebookInstanceCommand, ListTagsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type LaunchGuardDeps, launchGuard, launchGuards } from '../../lambdas/launch-guard.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';
import { ACCOUNT, AT, policy, usd } from '../alerts/fixtures.ts';
import { awsError, contextOf } from '../fleet/fixtures.ts';
import {
  callEvent,
  instanceArn,
  instanceEvent,
  notebookEvent,
  record,
  runInstances,
  tagEvent,
} from '../signals/launch-events.ts';
import { context, sqsRecord } from './fixtures.ts';

/*
 * EC2 is mocked: what is tested is what becomes of one description, in states that an emulator does not hold still in.
 */
const ec2 = mockClient(EC2Client);
const sagemaker = mockClient(SageMakerClient);

/** Half a minute before `AT`. */
const LAUNCHED = new Date('2026-11-25T10:29:30Z');

interface Described {
  readonly state: string;
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly since: Date;
}
const account = new Map<string, Described>();

const dev = { project: 'recsys', environment: 'dev' };

const run = (id: string, change: Partial<Described> = {}): void => {
  account.set(id, { state: 'running', type: 'g5.xlarge', tags: dev, since: LAUNCHED, ...change });
};

beforeEach(() => {
  account.clear();
  ec2.reset();
  ec2.onAnyCommand().resolves({});
  sagemaker.reset();
  sagemaker.onAnyCommand().resolves({});
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters = [] }: DescribeInstancesCommandInput) => {
    const ids = Filters.flatMap(({ Values }) => Values ?? []);
    const Instances = ids.flatMap((InstanceId) => {
      const one = account.get(InstanceId);
      if (one === undefined) return [];
      return [
        {
          InstanceId,
          InstanceType: one.type,
          LaunchTime: one.since,
          State: { Name: one.state },
          Tags: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })),
        },
      ];
    });
    return { Reservations: [{ OwnerId: ACCOUNT, Instances }] };
  });
});

function setUp({
  under = policy,
  ledger = createMemoryLedger(),
  ...fields
}: Partial<LaunchGuardDeps> & { readonly under?: Policy; readonly ledger?: Ledger } = {}) {
  const sent: { decisions: readonly Decision[]; id: string }[] = [];
  const paused: number[] = [];
  const deps: LaunchGuardDeps = {
    policy: under,
    ledger,
    regions: new Map([['us-east-1', { ...contextOf(), account: ACCOUNT }]]),
    account: ACCOUNT,
    now: () => AT,
    pause: async (milliseconds) => void paused.push(milliseconds),
    send: async (decisions, id) => {
      sent.push({ decisions, id });
      return 1;
    },
    tools: { logger: new Logger({ serviceName: 'test', logLevel: 'SILENT' }) },
    ...fields,
  };
  const deliver = (event: unknown) =>
    launchGuard({ id: 'm-1', body: JSON.stringify(event), deliveries: 1 }, deps);
  const points = async (id: string) =>
    (await ledger.meterRecord(ACCOUNT, 'us-east-1', instanceArn(id)))?.record.points;
  return { deps, deliver, sent, ledger, points, paused, decided: () => sent.flatMap((one) => one.decisions) };
}

const breach = (actual: string): BudgetReading => ({
  source: 'budgets',
  budgetName: 'bursar-recsys',
  holder: 'recsys',
  limit: usd('12000'),
  actual: usd(actual),
  forecasted: undefined,
  meter: undefined,
  period: '2026-11-01',
  asOf: new Date('2026-11-25T08:00:00Z'),
});
const MONTH_END = new Date('2026-12-01T00:00:00Z');

async function overspent(ledger: Ledger, { frozen = false } = {}): Promise<void> {
  await ledger.markBreach(breach(frozen ? '15000' : '12400'), MONTH_END);
  if (frozen) await ledger.freeze('recsys', MONTH_END);
}

const on = { on: true, project: 'recsys', hourly: usd('1.006'), by: 'event' };
const off = { on: false, project: undefined, hourly: undefined, by: 'event' };
const at = (time: string) => new Date(`2026-11-25T${time}Z`);

describe('the meter', () => {
  it('is told of a start with its project and price, and of its end, at the times that AWS gives', async () => {
    const { deliver, points, sent } = setUp();
    run('i-1');
    await deliver(instanceEvent('i-1', 'pending'));
    await deliver(instanceEvent('i-1', 'running', { time: '2026-11-25T10:29:35Z' }));
    await deliver(instanceEvent('i-1', 'stopping', { time: '2026-11-25T10:29:50Z' }));
    expect(await points('i-1')).toMatchObject([
      { at: at('10:29:35'), ...on },
      { at: at('10:29:50'), ...off },
    ]);
    expect(sent).toEqual([]);
  });

  it('needs no description of what ends', async () => {
    const { deliver, points } = setUp();
    run('i-1');
    await deliver(instanceEvent('i-1', 'running'));
    account.clear();
    ec2.resetHistory();
    await deliver(instanceEvent('i-1', 'terminated', { time: '2026-11-25T10:31:00Z' }));
    expect(ec2.calls()).toHaveLength(0);
    expect(await points('i-1')).toHaveLength(2);
  });

  it('knows nothing of what was gone before anybody looked', async () => {
    const { deliver, points } = setUp();
    await deliver(instanceEvent('i-1', 'running'));
    await deliver(instanceEvent('i-1', 'terminated'));
    expect(await points('i-1')).toBeUndefined();
  });

  it('knows nothing of members of Auto Scaling groups, and neither does the guard', async () => {
    const { deliver, points, sent, ledger } = setUp();
    await overspent(ledger, { frozen: true });
    run('i-1', { tags: { ...dev, 'aws:autoscaling:groupName': 'workers' } });
    for (const state of ['running', 'stopping']) await deliver(instanceEvent('i-1', state));
    expect(await points('i-1')).toBeUndefined();
    expect(sent).toEqual([]);
  });

  it('is written over what others write meanwhile, and the event comes back where they always do', async () => {
    const memory = createMemoryLedger();
    let losses = 0;
    const busy = (most: number): Ledger => ({
      ...memory,
      saveMeterRecords: async (records, now) => {
        losses += 1;
        if (losses > most) return memory.saveMeterRecords(records, now);
        return new Set(records.map(({ record: { arn } }) => arn));
      },
    });
    run('i-1');
    const few = setUp({ ledger: busy(4) });
    await few.deliver(instanceEvent('i-1', 'running'));
    expect([losses, (await few.points('i-1'))?.length]).toEqual([5, 1]);
    losses = 0;
    const many = setUp({ ledger: busy(5) });
    await expect(
      many.deliver(instanceEvent('i-1', 'running', { time: '2026-11-25T10:31:00Z' })),
    ).rejects.toThrow('written by others 5 times in a row');
    expect(many.sent).toEqual([]);
  });

  it('moves the cost from one project to another at the time of the tag change', async () => {
    const { deliver, points } = setUp();
    run('i-1');
    await deliver(instanceEvent('i-1', 'running'));
    run('i-1', { tags: { ...dev, project: 'fraud' } });
    await deliver(
      tagEvent(instanceArn('i-1'), { ...dev, project: 'fraud' }, ['project'], {
        time: '2026-11-25T10:29:59Z',
      }),
    );
    expect(await points('i-1')).toMatchObject([
      { at: at('10:29:59'), ...on, project: 'fraud' },
      { at: at('10:30:00'), ...on },
    ]);
  });

  it('goes by the tags that the event tells: a later change has an event of its own', async () => {
    const { deliver, points } = setUp();
    run('i-1', { tags: { ...dev, project: 'third' } });
    await deliver(tagEvent(instanceArn('i-1'), { ...dev, project: 'second' }, ['project']));
    expect(await points('i-1')).toMatchObject([{ project: 'second' }]);
  });

  it('is told nothing by a tag of our own, nor by one on what is stopped', async () => {
    const { deliver, points } = setUp();
    run('i-1');
    await deliver(tagEvent(instanceArn('i-1'), { 'bursar:creator': 'ana' }));
    run('i-1', { state: 'stopped' });
    await deliver(tagEvent(instanceArn('i-1'), dev));
    expect(await points('i-1')).toBeUndefined();
  });

  it('has what began and ended between two sweeps off by the sweep after, though its start comes late and its end never', async () => {
    const ledger = createMemoryLedger();
    const { deliver, points } = setUp({ ledger });
    run('i-1', { state: 'stopped' });
    run('i-2');
    for (const time of ['10:00:00', '10:05:00', '10:25:00']) {
      await ledger.saveMeteredAt(ACCOUNT, 'us-east-1', at(time));
    }
    await deliver(instanceEvent('i-1', 'running', { time: '2026-11-25T10:04:00Z' }));
    await deliver(instanceEvent('i-1', 'running', { time: '2026-11-25T10:04:00Z' }));
    expect(await points('i-1')).toMatchObject([
      { at: at('10:04:00'), ...on },
      { at: at('10:09:00'), ...off, by: 'guess' },
      { at: at('10:25:00'), ...off, by: 'seen' },
    ]);
    // Its end is told after all.
    await deliver(instanceEvent('i-1', 'stopping', { time: '2026-11-25T10:04:30Z' }));
    expect((await points('i-1'))?.slice(0, 2)).toMatchObject([
      { at: at('10:04:00'), ...on },
      { at: at('10:04:30'), ...off },
    ]);
    // One that runs now is none of these.
    await deliver(instanceEvent('i-2', 'running', { time: '2026-11-25T10:29:30Z' }));
    expect(await points('i-2')).toMatchObject([{ at: at('10:29:30'), ...on }]);
  });

  it('is not told that something ran when its tags were changed, where that was before its start', async () => {
    const { deliver, points } = setUp();
    run('i-1');
    const retagged = { ...dev, project: 'fraud' };
    await deliver(instanceEvent('i-1', 'running', { time: '2026-11-25T10:29:30Z' }));
    await deliver(tagEvent(instanceArn('i-1'), retagged, ['project'], { time: '2026-11-25T09:00:00Z' }));
    expect(await points('i-1')).toMatchObject([{ at: at('10:29:30'), ...on }]);
  });

  it('remembers names that an ARN has in lower case alone', async () => {
    const { deliver } = setUp();
    const arn = `arn:aws:sagemaker:us-east-1:${ACCOUNT}:notebook-instance/anas`;
    sagemaker.on(DescribeNotebookInstanceCommand, { NotebookInstanceName: 'Anas' }).resolves({
      NotebookInstanceName: 'Anas',
      NotebookInstanceArn: arn,
      NotebookInstanceStatus: 'InService',
      InstanceType: 'ml.m5.xlarge',
      LastModifiedTime: LAUNCHED,
    });
    sagemaker.on(ListTagsCommand).resolves({ Tags: [] });
    await deliver(notebookEvent('Anas', 'InService'));
    await deliver(tagEvent(arn, dev));
    const asked = sagemaker.commandCalls(DescribeNotebookInstanceCommand);
    expect(asked.map(({ args }) => args[0].input.NotebookInstanceName)).toEqual(['Anas', 'Anas']);
  });

  it('has the same record in whatever order and however often events come', async () => {
    const events = [
      instanceEvent('i-1', 'running', { id: 'a', time: '2026-11-25T10:00:00Z' }),
      instanceEvent('i-1', 'stopping', { id: 'b', time: '2026-11-25T10:10:00Z' }),
      instanceEvent('i-1', 'stopped', { id: 'c', time: '2026-11-25T10:10:30Z' }),
      instanceEvent('i-1', 'running', { id: 'd', time: '2026-11-25T10:20:00Z' }),
      tagEvent(instanceArn('i-1'), { ...dev, project: 'fraud' }, ['project'], {
        time: '2026-11-25T10:25:00Z',
      }),
    ];
    run('i-1', { since: at('10:20:00') });
    const recordOf = async (order: readonly unknown[]) => {
      const { deliver, points } = setUp();
      for (const event of order) await deliver(event);
      return points('i-1');
    };
    const expected = await recordOf(events);
    expect(expected).toHaveLength(5);
    const anyOrder = fc
      .tuple(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.array(fc.constantFrom(...events), { maxLength: 4 }),
      )
      .map(([all, repeats]) => [...all, ...repeats]);
    await fc.assert(
      fc.asyncProperty(anyOrder, async (order) => {
        expect(await recordOf(order)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a launch in a frozen project', () => {
  it('is stopped, once, however often the event comes', async () => {
    const { deliver, sent, ledger } = setUp();
    await overspent(ledger, { frozen: true });
    run('i-1');
    await deliver(instanceEvent('i-1', 'running'));
    await deliver(instanceEvent('i-1', 'running'));
    expect(sent).toHaveLength(2);
    expect(sent[0]?.id).toBe('launch/7bf73129-1428-4cd3-a780-95db273d1602');
    expect(sent[0]?.decisions).toMatchObject([
      {
        action: 'stop',
        trigger: 'freeze',
        key: `freeze/recsys/${MONTH_END.toISOString()}/${instanceArn('i-1')}/${LAUNCHED.toISOString()}`,
      },
    ]);
    expect(sent[1]).toEqual(sent[0]);
  });

  it('is stopped though EC2 still describes it as pending', async () => {
    const { deliver, decided, ledger } = setUp({ pause: async () => run('i-1') });
    await overspent(ledger, { frozen: true });
    run('i-1', { state: 'pending' });
    await deliver(instanceEvent('i-1', 'running'));
    expect(decided()).toMatchObject([{ action: 'stop' }]);
  });

  it('is left to the sweep where it stays between two states', async () => {
    const { deliver, sent, ledger, paused } = setUp();
    await overspent(ledger, { frozen: true });
    run('i-1', { state: 'stopping' });
    await deliver(instanceEvent('i-1', 'running'));
    expect(paused).toEqual([1000, 1000]);
    expect(sent).toEqual([]);
  });

  it('does not happen in production, nor where it is kept', async () => {
    const { deliver, decided, ledger } = setUp();
    await overspent(ledger, { frozen: true });
    run('i-1', { tags: { ...dev, environment: 'prod' } });
    run('i-2');
    const [arn, until] = [instanceArn('i-2'), at('12:00:00')];
    await ledger.keep({
      arn,
      since: LAUNCHED,
      until,
      by: 'ana',
      at: AT,
      account: ACCOUNT,
      region: 'us-east-1',
      id: 'w',
    });
    await deliver(instanceEvent('i-1', 'running'));
    await deliver(instanceEvent('i-2', 'running'));
    expect(decided()).toMatchObject([{ action: 'notify', target: { id: 'i-2' } }]);
  });
});

describe('a launch in a project over its budget', () => {
  it('is undone, but for one that somebody has just brought back', async () => {
    const { deliver, decided, ledger } = setUp();
    await overspent(ledger);
    run('i-1');
    await deliver(instanceEvent('i-1', 'running'));
    const [stop] = decided();
    expect(stop).toMatchObject({ action: 'stop', trigger: 'launch' });
    if (stop?.action !== 'stop') throw new Error('no stop');
    const restore: Decision = { ...stop, action: 'restore', key: 'restore/i-1', by: 'ana' };
    await ledger.claim([restore], { batch: 'b', now: at('10:28:00'), leaseSeconds: 90 });
    await deliver(instanceEvent('i-1', 'running'));
    expect(decided()[1]).toMatchObject({ action: 'notify', trigger: 'launch' });
  });
});

describe('what somebody has brought back', () => {
  it('is left running however long ago that was: a tag that is set an hour later stops nothing', async () => {
    const ledger = createMemoryLedger();
    await overspent(ledger);
    run('i-1', { since: at('09:00:00') });
    const first = setUp({ ledger, now: () => at('09:00:05') });
    await first.deliver(instanceEvent('i-1', 'running', { time: '2026-11-25T09:00:00Z' }));
    const [stop] = first.decided();
    if (stop?.action !== 'stop') throw new Error('no stop');
    const restore: Decision = { ...stop, action: 'restore', key: 'restore/i-1', by: 'ana' };
    await ledger.claim([restore], { batch: 'b', now: at('09:10:00'), leaseSeconds: 90 });
    run('i-1', { since: at('09:10:20') });
    const later = setUp({ ledger, now: () => at('10:20:00') });
    await later.deliver(tagEvent(instanceArn('i-1'), dev, ['owner'], { time: '2026-11-25T10:20:00Z' }));
    expect(later.decided().map(({ action }) => action)).toEqual(['notify']);
    // One that somebody starts by hand much later is another launch.
    run('i-1', { since: at('10:29:30') });
    const again = setUp({ ledger });
    await again.deliver(instanceEvent('i-1', 'running'));
    expect(again.decided().map(({ action }) => action)).toEqual(['stop']);
  });
});

describe('what only a close look shows to be protected', () => {
  it.each([true, false])(
    'is told of under one key, however many events come (frozen: %s)',
    async (frozen) => {
      const { deliver, decided, ledger } = setUp();
      await overspent(ledger, { frozen });
      ec2.on(DescribeInstanceAttributeCommand).resolves({ DisableApiStop: { Value: true } });
      run('i-1');
      await deliver(instanceEvent('i-1', 'running'));
      await deliver(callEvent(runInstances(['i-1'])));
      await deliver(tagEvent(instanceArn('i-1'), dev));
      expect(decided().map(({ action }) => action)).toEqual(['notify', 'notify', 'notify']);
      expect(new Set(decided().map(({ key }) => key)).size).toBe(1);
    },
  );

  it('is looked at again where AWS could not be asked', async () => {
    const { deliver, sent, ledger } = setUp();
    await overspent(ledger, { frozen: true });
    ec2.on(DescribeInstanceAttributeCommand).rejects(awsError('RequestLimitExceeded', 'busy'));
    run('i-1');
    await expect(deliver(instanceEvent('i-1', 'running'))).rejects.toThrow();
    expect(sent).toEqual([]);
  });
});

describe('launches of a type that is not allowed', () => {
  const project = policy.projects.recsys;
  const withTypes = (change: Partial<Policy['projects'][string]>): Policy => ({
    ...policy,
    limits: { ...policy.limits, maxStopsPerSweep: 3 },
    projects: {
      ...policy.projects,
      recsys: { name: 'recsys', owners: [], members: [], freezeRoles: [], ...project, ...change },
    },
  });
  const under = withTypes({ types: ['ml.*'] });
  const launch = async ({ deliver }: ReturnType<typeof setUp>, id: string) => {
    run(id);
    await deliver(instanceEvent(id, 'running', { id }));
  };

  it('are undone as far as the limits allow in an hour, and then held and told once: `types` may be wrong', async () => {
    const stage = setUp({ under });
    for (const id of ['i-1', 'i-2', 'i-2', 'i-3', 'i-4', 'i-5', 'i-1']) await launch(stage, id);
    const done = stage.decided().map((one) => [one.action, 'target' in one ? one.target.id : undefined]);
    expect(done).toEqual([
      ['stop', 'i-1'],
      ['stop', 'i-2'],
      ['stop', 'i-2'],
      ['stop', 'i-3'],
      ['hold', undefined],
      ['hold', undefined],
      ['stop', 'i-1'],
    ]);
    const holds = stage.decided().filter(({ action }) => action === 'hold');
    expect(holds[0]).toMatchObject({
      cause: 'blast-radius',
      key: 'hold/launch/recsys/2026-11-25T10',
      project: 'recsys',
      targets: [{ id: 'i-4' }],
    });
    expect(holds[1]?.key).toBe(holds[0]?.key);
    const nextHour = setUp({ under, ledger: stage.ledger, now: () => at('11:00:00') });
    await launch(nextHour, 'i-6');
    expect(nextHour.decided()).toMatchObject([{ action: 'stop' }]);
  });

  it('are undone without such a limit where money speaks against them as well', async () => {
    const stage = setUp({ under: withTypes({ types: ['ml.*'], maxHourly: usd('0.1') }) });
    for (const id of ['i-1', 'i-2', 'i-3', 'i-4', 'i-5']) await launch(stage, id);
    const stopped = stage.decided().flatMap((one) => (one.action === 'stop' ? [one.target.id] : []));
    expect([...new Set(stopped)].sort()).toEqual(['i-1', 'i-2', 'i-3', 'i-4', 'i-5']);
    expect(stage.decided().every(({ action }) => action === 'stop')).toBe(true);
  });
});

describe('several launches at once', () => {
  it('are within what the project may cost an hour by their order, whichever event comes first', async () => {
    const project = policy.projects.recsys;
    if (project === undefined) throw new Error('no project');
    const under = {
      ...policy,
      projects: { ...policy.projects, recsys: { ...project, maxHourly: usd('2.5') } },
    };
    const ids = ['i-1', 'i-2', 'i-3', 'i-4'];
    for (const id of ids) run(id);
    const events = ids.map((id, index) =>
      instanceEvent(id, 'running', { id, time: `2026-11-25T10:29:3${index}Z` }),
    );
    const anyOrder = fc
      .tuple(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.array(fc.constantFrom(...events), { maxLength: 4 }),
      )
      .map(([all, repeats]) => [...all, ...repeats]);
    await fc.assert(
      fc.asyncProperty(anyOrder, async (order) => {
        const { deliver, decided } = setUp({ under });
        for (const event of order) await deliver(event);
        const stopped = decided().flatMap((one) => (one.action === 'stop' ? [one.target.id] : []));
        expect([...new Set(stopped)].sort()).toEqual(['i-3', 'i-4']);
      }),
      { numRuns: 50 },
    );
  });
});

describe('events that come at once', () => {
  const together = (...events: readonly unknown[]) => ({
    Records: events.map((event, index) => sqsRecord(`m-${index}`, JSON.stringify(event))),
  });

  it('are looked at at once, and what they come to is queued together, each decision once', async () => {
    const { deps, sent, ledger } = setUp();
    await overspent(ledger, { frozen: true });
    const ids = ['i-1', 'i-2', 'i-3'];
    for (const id of ids) run(id);
    const events = ids.map((id) => instanceEvent(id, 'running', { id: `event-${id}` }));
    const answer = await launchGuards(together(...events, callEvent(runInstances(ids))), context, deps);
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(sent.map(({ decisions }) => decisions.map(({ action }) => action))).toEqual([
      ['stop', 'stop', 'stop'],
    ]);
  });

  it('come back alone where AWS could not be asked about one, and all where the queue cannot be reached', async () => {
    const { deps, sent, ledger } = setUp();
    await overspent(ledger, { frozen: true });
    run('i-1');
    ec2
      .on(DescribeInstanceAttributeCommand, { InstanceId: 'i-2' })
      .rejects(awsError('RequestLimitExceeded', 'busy'));
    run('i-2');
    const two = together(
      instanceEvent('i-1', 'running', { id: 'a' }),
      instanceEvent('i-2', 'running', { id: 'b' }),
    );
    expect(await launchGuards(two, context, deps)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
    expect(sent).toMatchObject([{ id: 'launch/a', decisions: [{ target: { id: 'i-1' } }] }]);
    const send = async () => Promise.reject(new Error('no queue'));
    await expect(launchGuards(two, context, { ...deps, send })).rejects.toThrow('no queue');
  });

  it('ask for nothing where nothing is to be done', async () => {
    const { deps, sent } = setUp();
    run('i-1');
    await launchGuards(together(instanceEvent('i-1', 'running')), context, deps);
    expect(sent).toEqual([]);
  });
});

describe('what CloudTrail tells', () => {
  it('is written on what has no project, and on nothing else', async () => {
    const { deliver, decided } = setUp();
    run('i-1', { tags: {} });
    run('i-2');
    run('i-3', { tags: { 'bursar:creator': 'bob' } });
    run('i-4', { tags: { 'eks:cluster-name': 'ml' } });
    await deliver(callEvent(runInstances(['i-1', 'i-2', 'i-3', 'i-4', 'i-gone'])));
    expect(decided().filter(({ action }) => action === 'tag')).toMatchObject([
      { key: `creator/${instanceArn('i-1')}`, tags: { 'bursar:creator': 'ana' }, target: { id: 'i-1' } },
    ]);
  });

  it('says again what the start said, under the same key', async () => {
    const { deliver, decided } = setUp();
    run('i-1', { tags: {} });
    await deliver(instanceEvent('i-1', 'running'));
    await deliver(callEvent(runInstances(['i-1'])));
    const notices = decided().filter(({ action }) => action === 'notify');
    expect(notices).toHaveLength(2);
    expect(notices[1]?.key).toBe(notices[0]?.key);
  });

  it('is nothing where the call failed, or nobody can be named', async () => {
    const { deliver, decided } = setUp();
    run('i-1', { tags: {} });
    await deliver(callEvent(runInstances(['i-1'], { errorCode: 'Client.InsufficientInstanceCapacity' })));
    await deliver(callEvent(runInstances(['i-1'], { userIdentity: { type: 'Unknown' } })));
    await deliver(callEvent(record('ec2', 'StopInstances')));
    expect(decided().filter(({ action }) => action === 'tag')).toEqual([]);
  });
});

describe('what is no business of ours', () => {
  it.each([
    ['another account', { account: '999988887777' }],
    ['another region', { region: 'eu-west-1' }],
  ])('%s: nothing is asked, noted or sent', async (_, change) => {
    const { deliver, sent, points } = setUp();
    run('i-1');
    await deliver(instanceEvent('i-1', 'running', change));
    expect(ec2.calls()).toHaveLength(0);
    expect([sent, await points('i-1')]).toEqual([[], undefined]);
  });

  it('an event that cannot be understood is logged and let go', async () => {
    const { deps, sent } = setUp();
    const warn = vi.spyOn(deps.tools.logger, 'warn');
    await launchGuard({ id: 'm-1', body: 'Hello', deliveries: 1 }, deps);
    expect(sent).toEqual([]);
    expect(warn.mock.calls).toEqual([
      ['an event was not understood', { messageId: 'm-1', why: 'The message is no event of EventBridge.' }],
    ]);
  });

  it('an event comes back where AWS cannot be asked', async () => {
    const { deliver } = setUp();
    ec2.on(DescribeInstancesCommand).rejects(awsError('RequestLimitExceeded', 'Slow down.'));
    await expect(deliver(instanceEvent('i-1', 'running'))).rejects.toThrow('Slow down.');
  });
});
