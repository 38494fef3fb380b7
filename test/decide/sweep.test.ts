import { describe, expect, it } from 'vitest';
import type { SweepInput } from '../../lib/decide/judged.ts';
import { decideSweep, dueDecisions, evidenceNeeded, judgeAll } from '../../lib/decide/sweep.ts';
import type { ProjectMark, Watch } from '../../lib/ledger/ledger.ts';
import type { NamedPolicy, Policy } from '../../lib/policy/policy.ts';
import type { Evidence } from '../../lib/types/evidence.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  breachesOf,
  budgetReading,
  busyEvidence,
  dev,
  development,
  evidenceOf,
  idleEvidence,
  idleRule,
  instance,
  minutes,
  NOW,
  newestFirst,
  policyOf,
  production,
  readingOf,
  steady,
  stopAt100,
  sweepOf,
  usd,
  warnedRule,
  watchOf,
} from './fixtures.ts';

const one = instance('i-1');
const prod = instance('i-prod', { tags: { ...dev, environment: 'prod' } });
const warned = policyOf([development({ idle: warnedRule }), production]);

const decide = (resource: Resource, change: Parameters<typeof sweepOf>[1] = {}) =>
  decideSweep(sweepOf([resource], change));
const seen = (evidence: Evidence, resource = one) => ({ evidence: new Map([[resource.arn, evidence]]) });

describe('an idle resource', () => {
  it('is stopped at once where no warning is asked for', () => {
    expect(decide(one)).toEqual({
      decisions: [
        {
          action: 'stop',
          trigger: 'idle',
          key: `idle/${one.arn}/${one.since.toISOString()}`,
          project: 'recsys',
          target: one,
          rule: { policy: 'development', rule: 'idle for 30 min: stop' },
          reason:
            'Idle from 11:20 UTC to 12:00 UTC: CPU at most 1%, network at most 200 B/s. ' +
            'Policy development stops after 30 min idle.',
        },
      ],
      verdicts: [],
      watches: [watchOf(one, { orderedAt: NOW })],
      keepTags: [],
      untoldBudgets: [],
      deferred: 0,
    });
  });

  it.each<{ name: string; resource: Resource; verdict: string }>([
    { name: 'of a policy with idle: off', resource: prod, verdict: 'exempt' },
    {
      name: 'that no policy names',
      resource: instance('i-1', { tags: { project: 'recsys' } }),
      verdict: 'no-policy',
    },
    { name: 'stopped', resource: instance('i-1', { state: 'stopped' }), verdict: 'not-running' },
    { name: 'between states', resource: instance('i-1', { state: 'transitional' }), verdict: 'not-running' },
    { name: 'failed', resource: instance('i-1', { state: 'failed' }), verdict: 'not-running' },
    {
      name: 'younger than the window',
      resource: instance('i-1', { since: minutes(-29) }),
      verdict: 'too-young',
    },
    {
      name: 'kept by its tag',
      resource: instance('i-1', { tags: { ...dev, 'bursar:keep-until': '2026-11-11' } }),
      verdict: 'exempt',
    },
    {
      name: 'of a cluster',
      resource: instance('i-1', { protections: [{ code: 'eks', detail: 'It is part of a cluster.' }] }),
      verdict: 'exempt',
    },
  ])('$name is left alone: $verdict', ({ resource, verdict }) => {
    const { decisions, verdicts, watches } = decide(resource);
    expect({ decisions, watches }).toEqual({ decisions: [], watches: [] });
    expect(verdicts).toMatchObject([{ verdict, resource }]);
  });

  it('is only told of, once a day, where the policy says notify', () => {
    const policy = policyOf([development({ idle: { ...idleRule, do: 'notify' } })]);
    expect(decide(one, { policy }).decisions).toMatchObject([
      { action: 'notify', trigger: 'idle', key: `idle-notify/${one.arn}/2026-11-10` },
    ]);
    const late = new Date('2026-11-10T12:04:59.000Z');
    const [again] = decide(one, { policy, now: late }).decisions;
    expect(again?.key).toBe(`idle-notify/${one.arn}/2026-11-10`);
  });

  it('is not told of again on the day on which it was', () => {
    const policy = policyOf([development({ idle: { ...idleRule, do: 'notify' } })]);
    const told = (toldAt: Date) => decide(one, { policy, watches: [watchOf(one, { toldAt })] });
    expect(told(new Date('2026-11-10T00:00:00.000Z'))).toMatchObject({
      decisions: [],
      watches: [],
      verdicts: [{ verdict: 'idle' }],
    });
    expect(told(new Date('2026-11-09T23:59:59.000Z')).decisions).toHaveLength(1);
  });

  it('whose GPU no metric shows is told of and never stopped', () => {
    const missing = [{ signal: 'gpu', why: 'No metric shows the use of its accelerator.' }] as const;
    expect(decide(one, seen({ ...idleEvidence, missing })).decisions).toMatchObject([
      {
        action: 'notify',
        key: `idle-notify/${one.arn}/2026-11-10`,
        reason: 'No metric shows the use of its accelerator. All else is idle.',
      },
    ]);
  });
});

describe('a busy resource', () => {
  it('is remembered by the end of its newest busy sample', () => {
    const evidence = evidenceOf([readingOf('cpu', newestFirst([1, 1, 60, 1, 1, 1, 1]))]);
    expect(decide(one, seen(evidence))).toMatchObject({
      decisions: [],
      verdicts: [{ verdict: 'busy' }],
      watches: [watchOf(one, { busyAt: minutes(-10) })],
    });
  });

  it('is not looked at again before it can be idle', () => {
    const watches = [watchOf(one, { busyAt: minutes(-29) })];
    expect(decide(one, { watches })).toMatchObject({
      decisions: [],
      watches: [],
      verdicts: [
        {
          verdict: 'busy',
          why: 'It was busy at 2026-11-10 11:31 UTC; it is looked at again at 2026-11-10 12:01 UTC.',
        },
      ],
    });
    expect(decide(one, { watches: [watchOf(one, { busyAt: minutes(-30) })] }).decisions).toHaveLength(1);
  });

  it('that was started again is not judged by its watch of before', () => {
    const watches = [watchOf(one, { since: minutes(-900), busyAt: minutes(-5) })];
    expect(decide(one, { watches }).decisions).toHaveLength(1);
  });

  it('whose metrics are missing is not judged at all', () => {
    expect(decide(one, { evidence: new Map() })).toMatchObject({
      decisions: [],
      watches: [],
      verdicts: [{ verdict: 'unknown', why: 'No metric could be read.' }],
    });
  });
});

describe('a warning: 30 minutes idle, told 10 before', () => {
  const idleFor = (count: number) => seen(evidenceOf([readingOf('cpu', steady(1, count / 5))]));
  const waiting = (change: Partial<Watch>) => ({ policy: warned, watches: [watchOf(one, change)] });

  it('is given after 20 minutes, for the time at which 30 are full', () => {
    expect(decide(one, { policy: warned, ...idleFor(20) })).toMatchObject({
      decisions: [
        {
          action: 'warn',
          key: `warn/${one.arn}/${minutes(10).toISOString()}`,
          stopAt: minutes(10),
        },
      ],
      watches: [watchOf(one, { stopAt: minutes(10) })],
    });
    expect(decide(one, { policy: warned, ...idleFor(15) }).decisions).toEqual([]);
  });

  it('leaves its whole time even where the 30 minutes are long over', () => {
    expect(decide(one, { policy: warned, ...idleFor(40) }).decisions).toMatchObject([
      { stopAt: minutes(10) },
    ]);
  });

  it('is void while the resource is kept, and given anew when that ends', () => {
    const kept = instance('i-1', { tags: { ...dev, 'bursar:keep-until': '2026-12-24' } });
    expect(decide(kept, { policy: warned, watches: [watchOf(kept, { stopAt: minutes(5) })] })).toMatchObject({
      decisions: [],
      verdicts: [{ verdict: 'exempt' }],
      watches: [watchOf(kept, { stopAt: undefined })],
    });
    expect(decide(kept, { policy: warned }).watches).toEqual([]);
  });

  it('is waited for', () => {
    expect(decide(one, waiting({ stopAt: minutes(1) }))).toMatchObject({
      decisions: [],
      watches: [],
      verdicts: [{ verdict: 'idle' }],
    });
  });

  it('is followed by the stop', () => {
    expect(decide(one, waiting({ stopAt: NOW })).decisions).toMatchObject([
      { action: 'stop', trigger: 'idle' },
    ]);
  });

  it('is followed by nothing while the whole 30 minutes are not known', () => {
    const decided = decide(one, { ...waiting({ stopAt: NOW }), ...idleFor(25) });
    expect(decided).toMatchObject({ decisions: [], watches: [], verdicts: [{ verdict: 'idle' }] });
  });

  it('is void once the resource is busy', () => {
    const decided = decide(one, { ...waiting({ stopAt: NOW }), ...seen(busyEvidence) });
    expect(decided).toMatchObject({ decisions: [], watches: [watchOf(one, { busyAt: NOW })] });
  });

  it('is void where it was used while no sweep looked', () => {
    const used = seen(evidenceOf([readingOf('cpu', newestFirst([1, 1, 1, 1, 90, 1, 1, 1]))]));
    expect(decide(one, { ...waiting({ stopAt: minutes(-30) }), ...used })).toMatchObject({
      decisions: [],
      verdicts: [{ verdict: 'busy' }],
      watches: [watchOf(one, { busyAt: minutes(-20) })],
    });
  });

  it('is void where nothing was known of it for long after the announced minute', () => {
    const silence = { ...waiting({ stopAt: minutes(-11) }), evidence: new Map() };
    expect(decide(one, silence)).toMatchObject({
      decisions: [],
      verdicts: [{ verdict: 'unknown' }],
      watches: [watchOf(one, { busyAt: NOW })],
    });
    const briefly = { ...waiting({ stopAt: minutes(-10) }), evidence: new Map() };
    expect(decide(one, briefly).watches).toEqual([]);
  });

  it('of an earlier running spell is no warning', () => {
    const watches = [watchOf(one, { since: minutes(-900), stopAt: minutes(-800) })];
    expect(decide(one, { policy: warned, watches }).decisions).toMatchObject([{ action: 'warn' }]);
  });
});

describe('a resource without a project', () => {
  it.each([
    { name: 'no tags', tags: {} },
    { name: 'a blank project', tags: { project: ' ', environment: 'dev' } },
    { name: 'another spelling', tags: { Project: 'recsys', environment: 'dev' } },
  ])('$name: told once a day, never stopped', ({ tags }) => {
    const resource = instance('i-1', { tags, since: minutes(-24 * 60) });
    expect(decide(resource, { now: NOW }).decisions).toMatchObject([
      { action: 'notify', trigger: 'untagged', key: `untagged/${one.arn}/2026-11-10`, project: undefined },
    ]);
    expect(decide(instance('i-1', { tags, since: minutes(-24 * 60 + 1) }))).toMatchObject({
      decisions: [],
      verdicts: [{ verdict: 'no-policy' }],
    });
  });
});

describe('what a breach is still owed', () => {
  const policy = policyOf([
    development({ idle: 'off', budget: stopAt100 }),
    { ...production, match: { environment: ['prod'] } },
  ]);
  const mark = (change: Partial<ProjectMark> = {}): ProjectMark => ({
    holder: 'recsys',
    breaches: breachesOf(budgetReading({ actual: usd('1100'), asOf: minutes(-60) })),
    frozenUntil: undefined,
    reached: new Map(),
    until: new Date('2026-12-01T00:00:00.000Z'),
    ...change,
  });
  const owed = (resource: Resource, change: Partial<ProjectMark> = {}, under: Policy = policy) =>
    decide(resource, { policy: under, marks: [mark(change)] }).decisions;

  it('is stopped by the same key as the breach itself', () => {
    expect(owed(one)).toMatchObject([
      {
        action: 'stop',
        trigger: 'budget',
        key: `budget/recsys/2026-11-01/actual-100/${one.arn}`,
        rule: { policy: 'development', rule: 'budget 100% of actual: stop' },
      },
    ]);
  });

  it.each<{ name: string; resource: Resource }>([
    { name: 'started after it', resource: instance('i-1', { since: minutes(-59) }) },
    { name: 'of another project', resource: instance('i-1', { tags: { ...dev, project: 'fraud' } }) },
    { name: 'in production', resource: prod },
    {
      name: 'exempt',
      resource: instance('i-1', { protections: [{ code: 'spot', detail: 'It is a Spot instance.' }] }),
    },
    { name: 'stopped', resource: instance('i-1', { state: 'stopped' }) },
  ])('nothing of what is $name', ({ resource }) => {
    expect(owed(resource)).toEqual([]);
  });

  it('nothing of what was started after its rule was enforced, though another rule was reached since', () => {
    const since = (started: number) =>
      owed(instance('i-1', { since: minutes(started) }), {
        reached: new Map([['actual-100', minutes(-600)]]),
      });
    expect(since(-601)).toHaveLength(1);
    expect(since(-599)).toEqual([]);
  });

  it('is stopped though it was scaled or changed since, which is no start', () => {
    expect(owed(instance('i-1', { since: minutes(-20), started: minutes(-600) }))).toHaveLength(1);
    expect(owed(instance('i-1', { since: minutes(-20), started: minutes(-59) }))).toEqual([]);
  });

  it('nothing in its first ten minutes, which are the enforcer’s', () => {
    const at = (asOf: Date) =>
      owed(one, { breaches: breachesOf(budgetReading({ actual: usd('1100'), asOf })) });
    expect(at(minutes(-9))).toEqual([]);
    expect(at(minutes(-10))).toHaveLength(1);
  });

  it('nothing once the limit was raised', () => {
    expect(
      owed(
        one,
        {},
        {
          ...policy,
          projects: {
            recsys: { name: 'recsys', owners: [], members: [], freezeRoles: [], budget: usd('1100.01') },
          },
        },
      ),
    ).toEqual([]);
  });

  it('a share of a large fleet, on the first day of a month', () => {
    const firstDay = new Date('2026-11-01T12:00:00.000Z');
    const fleet = Array.from({ length: 40 }, (_, index) =>
      instance(`i-${index}`, { since: new Date('2026-10-20T00:00:00.000Z'), hourly: usd('3') }),
    );
    const breach = budgetReading({ actual: usd('1100'), asOf: new Date('2026-11-01T11:45:00.000Z') });
    const { decisions } = decideSweep(
      sweepOf(fleet, {
        policy: { ...policy, limits: { maxStopsPerSweep: 100, maxFleetShare: 100 } },
        marks: [mark({ breaches: breachesOf(breach) })],
        now: firstDay,
      }),
    );
    expect(decisions.filter(({ action }) => action === 'stop')).toHaveLength(40);
  });

  describe('a freeze', () => {
    const frozen = {
      breaches: breachesOf(budgetReading({ actual: usd('1250'), asOf: minutes(-60) })),
      frozenUntil: new Date('2026-12-01T00:00:00.000Z'),
    };
    const started = instance('i-1', { since: minutes(-1) });

    it('stops what starts in it, each start anew', () => {
      expect(owed(started, frozen)).toMatchObject([
        {
          trigger: 'freeze',
          key: `freeze/recsys/2026-12-01T00:00:00.000Z/${one.arn}/${minutes(-1).toISOString()}`,
          rule: { policy: 'development', rule: 'budget 120% of actual: freeze' },
        },
      ]);
    });

    it('ends', () => {
      expect(owed(started, { ...frozen, frozenUntil: NOW })).toEqual([]);
    });

    it('is of the policies alone whose freeze was reached', () => {
      const { breaches } = mark();
      expect(owed(started, { ...frozen, breaches })).toEqual([]);
    });

    it('touches nothing whose own policy freezes nothing, nor what is exempt', () => {
      expect(owed(prod, frozen)).toEqual([]);
      expect(owed(instance('i-1', { tags: { ...dev, 'bursar:keep-until': '2026-12-24' } }), frozen)).toEqual(
        [],
      );
    });
  });

  it('counts within the limits', () => {
    const fleet = Array.from({ length: 10 }, (_, index) => instance(`i-${index}`));
    const { decisions } = decideSweep(sweepOf(fleet, { policy, marks: [mark()] }));
    expect(decisions.filter(({ action }) => action === 'stop')).toHaveLength(3);
    expect(decisions.filter(({ action }) => action === 'hold')).toHaveLength(1);
  });
});

describe('what must be read', () => {
  const needed = (resource: Resource, change: Partial<NamedPolicy> = {}, watches: readonly Watch[] = []) =>
    evidenceNeeded(sweepOf([resource], { policy: policyOf([development(change), production]), watches }));

  it('is the window and the lag that is allowed', () => {
    expect(needed(one)).toEqual([{ resource: one, rule: idleRule, windowSeconds: 40 * 60 }]);
  });

  it('is judged for a warning by what comes before it, and read for the whole', () => {
    expect(needed(one, { idle: warnedRule })).toEqual([
      { resource: one, rule: { ...warnedRule, afterSeconds: 20 * 60 }, windowSeconds: 40 * 60 },
    ]);
  });

  it.each<{ name: string; resource: Resource; watches?: readonly Watch[] }>([
    { name: 'idle: off', resource: prod },
    { name: 'no policy', resource: instance('i-1', { tags: { project: 'recsys' } }) },
    { name: 'no project', resource: instance('i-1', { tags: { environment: 'dev' } }) },
    { name: 'too young', resource: instance('i-1', { since: minutes(-29) }) },
    { name: 'not running', resource: instance('i-1', { state: 'stopped' }) },
    { name: 'kept', resource: instance('i-1', { tags: { ...dev, 'bursar:keep-until': '2026-11-11' } }) },
    { name: 'protected', resource: instance('i-1', { protections: [{ code: 'emr', detail: 'EMR.' }] }) },
    { name: 'just busy', resource: one, watches: [watchOf(one, { busyAt: minutes(-29) })] },
  ])('is nothing: $name', ({ resource, watches }) => {
    expect(needed(resource, {}, watches)).toEqual([]);
  });

  it('and without a word of CloudWatch the whole fleet is left alone, with one hold', () => {
    const fleet = Array.from({ length: 5 }, (_, index) => instance(`i-${index}`));
    const { decisions } = decideSweep(sweepOf(fleet, { evidence: new Map() }));
    expect(decisions).toMatchObject([{ action: 'hold', cause: 'metrics-outage' }]);
  });
});

it('sweeps after a hold stop none of the held', () => {
  const fleet = Array.from({ length: 100 }, (_, index) =>
    instance(`i-${index}`, { hourly: microUsd(BigInt(index)) }),
  );
  const idle = fleet.slice(0, 60);
  const input = (resources: readonly Resource[], watches: SweepInput['watches']): SweepInput => ({
    ...sweepOf(resources),
    evidence: new Map(
      resources.map(({ arn }, index) => [arn, index < resources.length - 40 ? idleEvidence : busyEvidence]),
    ),
    watches,
  });
  const first = decideSweep(input(fleet, new Map()));
  const stopped = new Set(
    first.decisions.flatMap((decision) => (decision.action === 'stop' ? [decision.target.arn] : [])),
  );
  expect(stopped.size).toBe(25);
  expect(idle.slice(-25).every(({ arn }) => stopped.has(arn))).toBe(true);
  const left = fleet.filter(({ arn }) => !stopped.has(arn));
  const watches = new Map(first.watches.map((watch) => [watch.arn, watch]));
  const next = decideSweep(input(left, watches));
  expect(next.decisions).toEqual([]);
  expect(next.verdicts.filter(({ verdict }) => verdict === 'held')).toHaveLength(
    first.watches.filter(({ heldAt }) => heldAt !== undefined).length,
  );
});

describe('a stop that AWS refused today', () => {
  const fleet = Array.from({ length: 10 }, (_, index) =>
    instance(`i-${index}`, { hourly: microUsd(BigInt(10 - index) * 1_000_000n) }),
  );
  const refused = new Set(fleet.slice(0, 3).map(({ arn, since }) => `idle/${arn}/${since.toISOString()}`));

  it('is not tried again and takes nobody’s place within the limits', () => {
    const { decisions, verdicts } = decideSweep(sweepOf(fleet, { refused }));
    const stops = decisions.flatMap((one) => (one.action === 'stop' ? [one.target.id] : []));
    expect(stops).toEqual(['i-3', 'i-4', 'i-5']);
    expect(
      verdicts.filter(({ verdict }) => verdict === 'refused').map(({ resource }) => resource.id),
    ).toEqual(['i-0', 'i-1', 'i-2']);
  });

  it('is among what is due', () => {
    expect(dueDecisions(judgeAll(sweepOf(fleet)), new Set()).map(({ key }) => key)).toEqual(
      expect.arrayContaining([...refused]),
    );
  });
});
