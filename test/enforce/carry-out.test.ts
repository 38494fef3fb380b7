import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { carryOut, LEASE_SECONDS } from '../../lib/enforce/carry-out.ts';
import type { EnforceDeps } from '../../lib/enforce/deps.ts';
import { refusedToday } from '../../lib/enforce/refusals.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { FreezeDecision, StopDecision } from '../../lib/types/decision.ts';
import { AT, policy, taken, warn } from '../alerts/fixtures.ts';
import { awsError } from '../fleet/fixtures.ts';
import { batchOf, clockAt, ec2In, enforceDeps, stopOf, target } from './fixtures.ts';

let ec2: ReturnType<typeof ec2In>;
let clock: ReturnType<typeof clockAt>;
let deps: EnforceDeps;

beforeEach(() => {
  ec2?.mock.restore();
  ec2 = ec2In();
  clock = clockAt(AT);
  deps = enforceDeps(clock);
});

const MINUTE = 60;
const events = async (decision: StopDecision) =>
  (await deps.ledger.audit({ arn: decision.target.arn })).map(({ event }) => event);

const withPolicy = (fields: Partial<Policy['policies'][number]>): Policy => ({
  ...policy,
  policies: policy.policies.map((one) => ({ ...one, ...fields })),
});

const freeze = (until: Date): FreezeDecision => ({
  action: 'freeze',
  key: 'freeze/recsys/2026-11-01',
  project: 'recsys',
  reason: 'The budget is spent.',
  rule: { policy: 'development', rule: 'budget 120% of actual: freeze' },
  until,
});

describe('a stop for a freeze', () => {
  it('that waited while somebody ended the freeze is not carried out', async () => {
    const frozen = (key: string) => stopOf(target(), { key, trigger: 'freeze' });
    deps = {
      ...deps,
      policy: withPolicy({
        budget: [{ at: 120, of: 'actual', per: 'month', do: 'freeze', graceSeconds: 0 }],
      }),
    };
    await deps.ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
    await deps.ledger.unfreeze('recsys', AT);
    ec2.put(target());
    const first = await carryOut(batchOf([frozen('freeze/1')], 'one'), deps);
    expect(first.results).toMatchObject([{ outcome: { status: 'skipped', code: 'Unfrozen' } }]);
    expect(ec2.stops()).toEqual([]);
    await deps.ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
    await carryOut(batchOf([frozen('freeze/2')], 'two'), deps);
    expect(ec2.stateOf(target())).toBe('stopped');
  });
});

describe('a stop', () => {
  it('is carried out, and its intent and outcome are in the trail', async () => {
    const decision = stopOf(target());
    ec2.put(target());
    const { results, again } = await carryOut(batchOf([decision]), deps);
    expect(results).toEqual([
      { decision, outcome: { status: 'taken', at: AT, detail: 'Stopped; its volumes are kept.' } },
    ]);
    expect(again).toBe(false);
    expect(ec2.stateOf(target())).toBe('stopped');
    expect(await events(decision)).toEqual(['intended', 'taken']);
  });

  it('has its intent written before it is done', async () => {
    const decision = stopOf(target());
    ec2.put(target());
    let before: readonly string[] = [];
    ec2.mock.on(StopInstancesCommand).callsFake(async ({ InstanceIds = [] }: { InstanceIds?: string[] }) => {
      before = await events(decision);
      return { StoppingInstances: InstanceIds.map((InstanceId) => ({ InstanceId })) };
    });
    await carryOut(batchOf([decision]), deps);
    expect(before).toEqual(['intended']);
  });

  it('is not done a second time for a message that comes twice; what was done is known', async () => {
    ec2.put(target());
    const batch = batchOf([stopOf(target())]);
    const first = await carryOut(batch, deps);
    ec2.put(target());
    const second = await carryOut(batch, deps);
    expect(second).toEqual({ ...first, settled: [] });
    expect(ec2.stops()).toHaveLength(1);
    expect(ec2.stateOf(target()), 'who starts it again is not overruled by a repeat').toBe('running');
  });

  it('that another batch has done is no result of this one', async () => {
    ec2.put(target());
    await carryOut(batchOf([stopOf(target())], 'sweep/1'), deps);
    expect(await carryOut(batchOf([stopOf(target())], 'sweep/2'), deps)).toEqual({
      settled: [],
      results: [],
      again: false,
    });
  });

  it('that is named twice in a batch is done once', async () => {
    ec2.put(target());
    const { results } = await carryOut(batchOf([stopOf(target()), stopOf(target())]), deps);
    expect(results).toHaveLength(1);
    expect(ec2.stops()).toEqual([[target().id]]);
  });

  it.each([
    { whose: 'of an earlier delivery of this message', batch: batchOf([]).id, again: true },
    { whose: 'of another message, which comes back itself', batch: 'sweep/another', again: false },
  ])('that a worker $whose has at hand is left to it (again: $again)', async ({ batch, again }) => {
    ec2.put(target());
    const decision = stopOf(target());
    await deps.ledger.claim([decision], { batch, now: AT, leaseSeconds: LEASE_SECONDS });
    expect(await carryOut(batchOf([decision]), deps)).toEqual({ settled: [], results: [], again });
    expect(ec2.stops()).toEqual([]);
  });

  it('of many instances is one call', async () => {
    const all = [1, 2, 3].map(target);
    for (const one of all) ec2.put(one);
    const { results } = await carryOut(batchOf(all.map((one) => stopOf(one))), deps);
    expect(results.map(({ outcome }) => outcome.status)).toEqual(['taken', 'taken', 'taken']);
    expect(ec2.stops()).toEqual([all.map(({ id }) => id)]);
  });

  it.each([
    { what: 'a kind that is not known', fields: { kind: 'toaster' } },
    { what: 'a region that is out of scope', fields: { region: 'eu-north-1' } },
  ])('of $what is skipped', async ({ fields }) => {
    const { results, again } = await carryOut(batchOf([stopOf({ ...target(), ...fields })]), deps);
    expect(results[0]?.outcome).toMatchObject({ status: 'skipped', code: 'OutOfScope' });
    expect(again).toBe(false);
  });
});

describe('just before a stop, another look', () => {
  /** Carries one stop out that must not touch anything. */
  async function objection(decision = stopOf(target())) {
    const { results, again } = await carryOut(batchOf([decision]), deps);
    expect(ec2.stops()).toEqual([]);
    const [result] = results;
    if (result === undefined || result.outcome.status === 'taken') throw new Error('it was taken');
    return { status: result.outcome.status, code: result.outcome.code, again };
  }

  it('finds nothing', async () => {
    expect(await objection()).toEqual({ status: 'skipped', code: 'Gone', again: false });
  });

  it.each([
    { state: 'stopped', status: 'skipped', code: 'AlreadyStopped', again: false },
    { state: 'stopping', status: 'failed', code: 'InProgress', again: true },
    { state: 'pending', status: 'failed', code: 'InProgress', again: true },
  ] as const)('finds it $state', async ({ state, ...expected }) => {
    ec2.put(target(), { state });
    expect(await objection()).toEqual(expected);
  });

  it('finds it started again since', async () => {
    ec2.put(target(), { since: new Date(AT.getTime() - 1_000) });
    expect(await objection()).toEqual({ status: 'skipped', code: 'Restarted', again: false });
  });

  it.each([
    { what: 'to another project', tags: { project: 'fraud', environment: 'dev' } },
    { what: 'to no project', tags: { environment: 'dev' } },
    { what: 'to production', tags: { project: 'recsys', environment: 'prod' } },
  ])('finds it retagged $what', async ({ tags }) => {
    ec2.put(target(), { tags });
    expect(await objection()).toEqual({ status: 'skipped', code: 'Retagged', again: false });
  });

  it('finds a tag that keeps it', async () => {
    ec2.put(target(), { tags: { ...target().tags, 'bursar:keep-until': '2026-11-26' } });
    expect(await objection()).toEqual({ status: 'skipped', code: 'Exempt', again: false });
  });

  it('finds a tag that protects it', async () => {
    ec2.put(target(), { tags: { ...target().tags, 'aws:autoscaling:groupName': 'web' } });
    expect(await objection()).toEqual({ status: 'skipped', code: 'Exempt', again: false });
  });

  it('finds stop protection, which nothing but a close look shows: a Spot instance is not ended in spite of it', async () => {
    ec2.put(target());
    deps = enforceDeps(clock, { policy: withPolicy({ allow: ['terminate-spot'] }) });
    ec2.mock.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            {
              InstanceId: target().id,
              InstanceType: 'g5.xlarge',
              LaunchTime: target().since,
              State: { Name: 'running' },
              Tags: Object.entries(target().tags).map(([Key, Value]) => ({ Key, Value })),
              InstanceLifecycle: 'spot',
              SpotInstanceRequestId: 'sir-1',
            },
          ],
          OwnerId: target().account,
        },
      ],
    });
    ec2.mock.on(DescribeSpotInstanceRequestsCommand).resolves({
      SpotInstanceRequests: [{ SpotInstanceRequestId: 'sir-1', Type: 'one-time', State: 'active' }],
    });
    ec2.mock
      .on(DescribeInstanceAttributeCommand, { Attribute: 'disableApiStop' })
      .resolves({ DisableApiStop: { Value: true } });
    const decision = stopOf(target(), { trigger: 'budget' });
    expect(await objection(decision)).toEqual({ status: 'skipped', code: 'Exempt', again: false });
    expect(ec2.mock.commandCalls(TerminateInstancesCommand)).toEqual([]);
  });

  it('touches nothing where the close look fails', async () => {
    ec2.put(target());
    ec2.mock
      .on(DescribeInstanceAttributeCommand)
      .rejects(awsError('RequestLimitExceeded', 'Request limit exceeded.'));
    expect(await objection()).toEqual({ status: 'failed', code: 'RequestLimitExceeded', again: true });
  });

  it('finds a keep that was said while it looked', async () => {
    ec2.put(target());
    const { account, region, arn, since } = target();
    const until = new Date(AT.getTime() + 7_200_000);
    ec2.mock.on(DescribeInstanceAttributeCommand).callsFake(async () => {
      await deps.ledger.keep({ account, region, id: 'press', arn, since, until, by: 'ana', at: AT });
      return {};
    });
    expect(await objection()).toEqual({ status: 'skipped', code: 'Exempt', again: false });
  });

  it.each([
    { trigger: 'idle' as const, changed: { idle: 'off' as const } },
    { trigger: 'budget' as const, changed: { budget: [] } },
    {
      trigger: 'freeze' as const,
      changed: {
        budget: [
          { at: 100, of: 'actual' as const, per: 'month' as const, do: 'stop' as const, graceSeconds: 0 },
        ],
      },
    },
  ])('finds a policy that no longer asks for it: $trigger', async ({ trigger, changed }) => {
    ec2.put(target());
    deps = enforceDeps(clock, { policy: withPolicy(changed) });
    expect(await objection(stopOf(target(), { trigger }))).toEqual({
      status: 'skipped',
      code: 'PolicyChanged',
      again: false,
    });
  });

  it('finds that what had no project has one by now, or is stopped by no policy file any more', async () => {
    const stray = { ...target(), tags: { 'bursar:creator': 'ana' } };
    const stop = stopOf(stray, { trigger: 'untagged', project: undefined });
    ec2.put(target());
    expect(await objection(stop)).toEqual({ status: 'skipped', code: 'Retagged', again: false });
    ec2.put(stray);
    const untagged = { ...policy.untagged, do: 'notify' as const };
    deps = enforceDeps(clock, { policy: { ...policy, untagged } });
    expect(await objection(stop)).toEqual({ status: 'skipped', code: 'PolicyChanged', again: false });
  });

  it('finds an idle stop more than 15 min old', async () => {
    ec2.put(target());
    clock.forward(15 * MINUTE + 1);
    expect(await objection()).toEqual({ status: 'skipped', code: 'Expired', again: false });
  });

  it('finds a budget stop as good as new after an hour', async () => {
    ec2.put(target());
    clock.forward(60 * MINUTE);
    const { results } = await carryOut(batchOf([stopOf(target(), { trigger: 'budget' })]), deps);
    expect(results[0]?.outcome.status).toBe('taken');
  });

  it('does not keep the others of the batch from being stopped', async () => {
    ec2.put(target(1));
    ec2.put(target(2), { tags: { project: 'fraud', environment: 'dev' } });
    ec2.put(target(3));
    const { results } = await carryOut(batchOf([1, 2, 3].map((n) => stopOf(target(n)))), deps);
    expect(results.map(({ outcome }) => outcome.status)).toEqual(['taken', 'skipped', 'taken']);
    expect(ec2.stops()).toEqual([[target(1).id, target(3).id]]);
  });
});

describe('what goes wrong', () => {
  it('for now is tried again by the same message', async () => {
    ec2.put(target());
    ec2.mock
      .on(StopInstancesCommand)
      .rejectsOnce(awsError('RequestLimitExceeded', 'Request limit exceeded.'))
      .resolves({ StoppingInstances: [{ InstanceId: target().id, PreviousState: { Name: 'running' } }] });
    const decision = stopOf(target());
    const first = await carryOut(batchOf([decision]), deps);
    expect(first.again).toBe(true);
    expect(first.results[0]?.outcome).toMatchObject({
      status: 'failed',
      code: 'RequestLimitExceeded',
      retry: true,
    });
    clock.forward(MINUTE);
    const second = await carryOut(batchOf([decision]), deps);
    expect(second.again).toBe(false);
    expect(second.results[0]?.outcome.status).toBe('taken');
    expect(await events(decision)).toEqual(['intended', 'failed', 'intended', 'taken']);
  });

  it('with the look itself is a failure of each, and nothing is touched', async () => {
    ec2.mock.on(DescribeInstancesCommand).rejects(awsError('RequestLimitExceeded', 'slow down'));
    const { results, again } = await carryOut(batchOf([stopOf(target(1)), stopOf(target(2))]), deps);
    for (const { outcome } of results) {
      expect(outcome).toMatchObject({ status: 'failed', code: 'RequestLimitExceeded', retry: true });
    }
    expect(results).toHaveLength(2);
    expect(again).toBe(true);
    expect(ec2.stops()).toEqual([]);
  });

  it('for lack of permission is not tried again by the message', async () => {
    ec2.mock.on(DescribeInstancesCommand).rejects(awsError('UnauthorizedOperation', 'no'));
    const { results, again } = await carryOut(batchOf([stopOf(target())]), deps);
    expect(results[0]?.outcome).toMatchObject({ status: 'failed', retry: false });
    expect(again).toBe(false);
  });

  it('with the claim touches nothing', async () => {
    ec2.put(target());
    const ledger = {
      ...createMemoryLedger(),
      claim: async () => {
        throw new LedgerError('the table is out');
      },
    };
    await expect(carryOut(batchOf([stopOf(target())]), enforceDeps(clock, { ledger }))).rejects.toThrow(
      LedgerError,
    );
    expect(ec2.stops()).toEqual([]);
  });
});

describe('a crash between the act and its outcome', () => {
  /** The worker stops the instance and dies before it can write what it did. */
  async function crash(decision: StopDecision) {
    const broken = {
      ...deps,
      ledger: {
        ...deps.ledger,
        settle: async () => {
          throw new LedgerError('the worker died');
        },
      },
    };
    await expect(carryOut(batchOf([decision]), broken)).rejects.toThrow('the worker died');
  }

  it('is left alone while the lease lives, then finished without a second act, and told as done', async () => {
    const decision = stopOf(target());
    ec2.put(target());
    await crash(decision);
    expect(await carryOut(batchOf([decision]), deps)).toEqual({ settled: [], results: [], again: true });
    clock.forward(LEASE_SECONDS);
    const { results, again } = await carryOut(batchOf([decision]), deps);
    expect(results).toEqual([
      {
        decision,
        outcome: {
          status: 'taken',
          at: clock.now(),
          detail: 'It is stopped now: an earlier attempt broke off before its end was recorded.',
        },
      },
    ]);
    expect(again).toBe(false);
    expect(ec2.stops()).toHaveLength(1);
  });

  it('is told as done also where the instance was still stopping at the next look', async () => {
    const decision = stopOf(target());
    ec2.put(target());
    await crash(decision);
    clock.forward(LEASE_SECONDS);
    ec2.put(target(), { state: 'stopping' });
    expect((await carryOut(batchOf([decision]), deps)).again).toBe(true);
    clock.forward(MINUTE);
    ec2.put(target(), { state: 'stopped' });
    expect((await carryOut(batchOf([decision]), deps)).results[0]?.outcome.status).toBe('taken');
  });

  it('is told as done also where the clock of whoever ordered it is ahead', async () => {
    const decision = stopOf(target());
    ec2.put(target());
    await crash(decision);
    clock.forward(LEASE_SECONDS);
    const issuedAt = new Date(AT.getTime() + 1_000);
    const { results } = await carryOut({ ...batchOf([decision]), issuedAt }, deps);
    expect(results[0]?.outcome.status).toBe('taken');
  });

  it('after a refusal was recorded remembers the refusal', async () => {
    const decision = stopOf(target());
    ec2.put(target());
    ec2.mock.on(StopInstancesCommand).rejects(awsError('OperationNotPermitted', 'protected'));
    const once = async (): Promise<never> => {
      throw new LedgerError('the worker died');
    };
    await expect(
      carryOut(batchOf([decision]), { ...deps, ledger: { ...deps.ledger, once } }),
    ).rejects.toThrow('the worker died');
    await carryOut(batchOf([decision]), deps);
    expect(await refusedToday([decision.key], deps.ledger, clock.now())).toEqual(new Set([decision.key]));
  });

  it('before the act is finished by the act', async () => {
    const decision = stopOf(target());
    await deps.ledger.claim([decision], { batch: 'sweep/1', now: AT, leaseSeconds: LEASE_SECONDS });
    ec2.put(target());
    clock.forward(LEASE_SECONDS);
    const { results } = await carryOut(batchOf([decision]), deps);
    expect(results[0]?.outcome).toMatchObject({ status: 'taken', detail: 'Stopped; its volumes are kept.' });
    expect(ec2.stops()).toHaveLength(1);
  });

  it('is not seen in an attempt that only failed', async () => {
    const decision = stopOf(target());
    ec2.put(target(), { state: 'stopping' });
    await carryOut(batchOf([decision]), deps);
    clock.forward(MINUTE);
    ec2.put(target(), { state: 'stopped' });
    const { results } = await carryOut(batchOf([decision]), deps);
    expect(results[0]?.outcome).toMatchObject({ status: 'skipped', code: 'AlreadyStopped' });
  });
});

describe('the same decision comes again later', () => {
  const carried = async (decision: StopDecision, id: string) => {
    ec2.put(target());
    return carryOut({ id, issuedAt: clock.now(), decisions: [decision] }, deps);
  };

  it.each([
    { trigger: 'idle' as const, minutes: 59, stopped: false },
    { trigger: 'idle' as const, minutes: 60, stopped: true },
    { trigger: 'freeze' as const, minutes: 60, stopped: true },
    { trigger: 'budget' as const, minutes: 20 * 24 * 60, stopped: false },
  ])('$minutes min after a stop by $trigger: done again $stopped', async ({ trigger, minutes, stopped }) => {
    clock = clockAt(new Date('2026-11-02T10:00:00Z'));
    deps = enforceDeps(clock);
    await deps.ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
    const decision = stopOf(target(), { trigger });
    await carried(decision, 'first');
    clock.forward(minutes * MINUTE);
    const { results } = await carried(decision, 'second');
    expect(results.map(({ outcome }) => outcome.status)).toEqual(stopped ? ['taken'] : []);
    expect(ec2.stops()).toHaveLength(stopped ? 2 : 1);
  });

  it.each([
    // Refused at 10:30: the sweeps leave it out for the rest of the day (UTC).
    { hours: 13, asked: 1 },
    { hours: 13.5, asked: 2 },
  ])('$hours h after a lasting refusal: EC2 is asked $asked times in all', async ({ hours, asked }) => {
    ec2.mock.on(StopInstancesCommand).rejects(awsError('UnsupportedOperation', 'one-time Spot'));
    await carried(stopOf(target()), 'first');
    clock.forward(hours * 60 * MINUTE);
    await carried(stopOf(target()), 'second');
    expect(ec2.stops()).toHaveLength(asked);
  });

  it('after a skip: it is looked at anew', async () => {
    const decision = stopOf(target());
    ec2.put(target(), { tags: { ...target().tags, 'bursar:keep-until': '2026-11-25T10:40:00Z' } });
    const first = await carryOut(batchOf([decision], 'first'), deps);
    expect(first.results[0]?.outcome).toMatchObject({ status: 'skipped', code: 'Exempt' });
    clock.forward(11 * MINUTE);
    const { results } = await carried(decision, 'second');
    expect(results[0]?.outcome.status).toBe('taken');
  });
});

describe('what is not a stop', () => {
  it('freezes the project until the period ends', async () => {
    const until = new Date('2026-12-01T00:00:00Z');
    const { results, again } = await carryOut(batchOf([freeze(until)]), deps);
    expect(results[0]?.outcome).toEqual(taken('The project is frozen.'));
    expect(again).toBe(false);
    expect((await deps.ledger.projectMarks(AT)).get('recsys')?.frozenUntil).toEqual(until);
  });

  it('only tells people, and once', async () => {
    const decision = warn(target(), new Date('2026-11-25T10:40:00Z'));
    const first = await carryOut(batchOf([decision]), deps);
    expect(first.results[0]?.outcome).toEqual(taken('People are told.'));
    expect(await carryOut(batchOf([decision]), deps)).toEqual({ ...first, settled: [] });
    expect(await carryOut(batchOf([decision], 'another'), deps)).toEqual({
      settled: [],
      results: [],
      again: false,
    });
    expect(ec2.mock.calls()).toHaveLength(0);
  });
});
