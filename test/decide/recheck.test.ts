import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Objection, recheck } from '../../lib/decide/recheck.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { StopDecision, Trigger } from '../../lib/types/decision.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  dev,
  development,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  stopAt100,
  warnedRule,
} from './fixtures.ts';

const target = instance('i-1');
const policy = policyOf([development({ budget: stopAt100, launch: 'stop' }), production]);

const stop = (trigger: Trigger = 'idle'): StopDecision => ({
  action: 'stop',
  trigger,
  key: `${trigger}/i-1`,
  project: 'recsys',
  reason: 'It was idle.',
  rule: { policy: 'development', rule: 'idle for 30 min: stop' },
  target,
});

const keeping = (under: typeof policy = policy, now = NOW) => ({
  policy: under,
  keeps: new Map(),
  keepTags: new Map(),
  now,
});

const code = (
  fresh: Resource | undefined,
  {
    trigger = 'idle',
    under = policy,
    issuedAt = NOW,
    now = NOW,
  }: {
    readonly trigger?: Trigger;
    readonly under?: typeof policy;
    readonly issuedAt?: Date;
    readonly now?: Date;
  } = {},
): Objection['code'] | undefined => recheck(stop(trigger), fresh, keeping(under, now), issuedAt)?.code;

describe('the resource, as it is now', () => {
  it.each<{ name: string; fresh: Resource | undefined; objection: Objection['code'] | undefined }>([
    { name: 'unchanged', fresh: target, objection: undefined },
    { name: 'gone', fresh: undefined, objection: 'Gone' },
    { name: 'stopped', fresh: { ...target, state: 'stopped' }, objection: 'AlreadyStopped' },
    { name: 'between states', fresh: { ...target, state: 'transitional' }, objection: 'InProgress' },
    { name: 'failed', fresh: { ...target, state: 'failed' }, objection: 'OutOfService' },
    { name: 'started again', fresh: { ...target, since: minutes(-1) }, objection: 'Restarted' },
    {
      name: 'of another project',
      fresh: { ...target, tags: { ...dev, project: 'fraud' } },
      objection: 'Retagged',
    },
    { name: 'without a project', fresh: { ...target, tags: { environment: 'dev' } }, objection: 'Retagged' },
    {
      name: 'in production',
      fresh: { ...target, tags: { ...dev, environment: 'prod' } },
      objection: 'Retagged',
    },
    { name: 'matched by nothing', fresh: { ...target, tags: { project: 'recsys' } }, objection: 'Retagged' },
    {
      name: 'kept by its tag',
      fresh: { ...target, tags: { ...dev, 'bursar:keep-until': '2026-11-11' } },
      objection: 'Exempt',
    },
    {
      name: 'part of a group',
      fresh: { ...target, protections: [{ code: 'auto-scaling-group', detail: 'It is part of a group.' }] },
      objection: 'Exempt',
    },
  ])('$name: $objection', ({ fresh, objection }) => {
    expect(code(fresh)).toBe(objection);
  });

  it('only what is between states is tried again', () => {
    expect(recheck(stop(), { ...target, state: 'transitional' }, keeping(), NOW)?.retry).toBe(true);
    expect(recheck(stop(), { ...target, state: 'stopped' }, keeping(), NOW)?.retry).toBe(false);
    expect(recheck(stop(), undefined, keeping(), NOW)?.retry).toBe(false);
  });
});

describe('the policy, as it is now', () => {
  it.each<{ name: string; trigger: Trigger; change: Parameters<typeof development>[0] }>([
    { name: 'idle: off', trigger: 'idle', change: { idle: 'off' } },
    { name: 'idle: notify', trigger: 'idle', change: { idle: { ...warnedRule, do: 'notify' } } },
    { name: 'no budget rules', trigger: 'budget', change: { budget: [] } },
    {
      name: 'a budget rule that notifies',
      trigger: 'budget',
      change: { budget: [{ at: 100, of: 'actual', per: 'month', do: 'notify', graceSeconds: 0 }] },
    },
    {
      name: 'no freeze any more',
      trigger: 'freeze',
      change: { budget: [{ at: 100, of: 'actual', per: 'month', do: 'stop', graceSeconds: 0 }] },
    },
    { name: 'launches are only told', trigger: 'launch', change: { launch: 'notify' } },
  ])('$trigger and now $name: PolicyChanged', ({ trigger, change }) => {
    expect(code(target, { trigger, under: policyOf([development({ budget: stopAt100, ...change })]) })).toBe(
      'PolicyChanged',
    );
  });

  it.each<Trigger>(['idle', 'budget', 'freeze', 'launch'])('%s and unchanged: go on', (trigger) => {
    expect(code(target, { trigger })).toBeUndefined();
  });
});

describe('a stop of what has no project', () => {
  const creator = { 'bursar:creator': 'ana' };
  const untagged = { ...target, tags: creator };
  const stopping = { ...policy, untagged: { afterSeconds: 7200, do: 'stop' as const, warnSeconds: 600 } };
  const asked: StopDecision = {
    ...stop('untagged'),
    project: undefined,
    rule: { policy: 'untagged', rule: 'untagged for 2 h: stop' },
    target: untagged,
  };
  const objection = (fresh: Resource, under: Policy = stopping, late = 0) =>
    recheck(asked, fresh, keeping(under, minutes(late)), NOW)?.code;

  it('goes on though no policy matches', () => {
    expect(objection(untagged)).toBeUndefined();
  });

  it.each<{ name: string; fresh: Partial<Resource>; code: Objection['code'] }>([
    { name: 'has a project now', fresh: { tags: { ...creator, project: 'recsys' } }, code: 'Retagged' },
    { name: 'has lost its creator tag', fresh: { tags: {} }, code: 'Retagged' },
    { name: 'is of production', fresh: { tags: { ...creator, environment: 'prod' } }, code: 'Exempt' },
    {
      name: 'is kept by its tag',
      fresh: { tags: { ...creator, 'bursar:keep-until': '4h' } },
      code: 'Exempt',
    },
    { name: 'is a job', fresh: { consent: 'stop-jobs' }, code: 'Exempt' },
    { name: 'is protected', fresh: { protections: [{ code: 'eks', detail: 'A cluster.' }] }, code: 'Exempt' },
    { name: 'was started again', fresh: { since: minutes(-1) }, code: 'Restarted' },
  ])('not where it $name', ({ fresh, code }) => {
    expect(objection({ ...untagged, ...fresh })).toBe(code);
  });

  it('not where the policy only tells by now, nor where it came late', () => {
    expect(objection(untagged, policy)).toBe('PolicyChanged');
    expect(objection(untagged, stopping, 6)).toBeUndefined();
    expect(objection(untagged, stopping, 7)).toBe('Expired');
  });
});

describe('a stop that a person asked for', () => {
  const asked = { ...stop('person'), by: 'bob (Slack)' };
  const keptAt = (at: Date, until = minutes(60)) => ({
    ...keeping(),
    keeps: new Map([[target.arn, { arn: target.arn, since: target.since, until, by: 'ana', at, count: 1 }]]),
  });

  it('overrules a keep of before, and a keep that came after it overrules it', () => {
    const issuedAt = minutes(-1);
    expect(recheck(asked, target, keptAt(minutes(-2)), issuedAt)).toBeUndefined();
    expect(recheck(asked, target, keptAt(minutes(-0.5)), issuedAt)?.code).toBe('Exempt');
    expect(recheck(asked, target, keptAt(minutes(-0.5), NOW), issuedAt)).toBeUndefined();
  });
});

describe('late deliveries', () => {
  it.each([
    { trigger: 'idle', late: 6, objection: undefined },
    { trigger: 'idle', late: 7, objection: 'Expired' },
    { trigger: 'launch', late: 30, objection: undefined },
    { trigger: 'launch', late: 31, objection: 'Expired' },
    { trigger: 'budget', late: 24 * 60, objection: undefined },
    { trigger: 'freeze', late: 24 * 60, objection: undefined },
    // The tenth of November at noon and 21 days: the first of December.
    { trigger: 'budget', late: 20.5 * 24 * 60, objection: 'Expired' },
    { trigger: 'freeze', late: 20.5 * 24 * 60, objection: 'Expired' },
  ] as const)('$trigger, $late minutes late: $objection', ({ trigger, late, objection }) => {
    expect(code(target, { trigger, now: minutes(late) })).toBe(objection);
  });
});

it.each<Trigger>(['budget', 'freeze', 'launch'])(
  '%s: not once the period is over whose limit was passed, such as a day',
  (trigger) => {
    const ofDay = { ...stop(trigger), expires: minutes(10) };
    expect(recheck(ofDay, target, keeping(policy, minutes(9)), NOW)).toBeUndefined();
    expect(recheck(ofDay, target, keeping(policy, minutes(10)), NOW)).toMatchObject({
      code: 'Expired',
      retry: false,
    });
  },
);

it('a stop for a freeze is not carried out once somebody has ended that, and any other is', () => {
  const unfrozen = { ...keeping(), frozen: new Set<string>() };
  expect(recheck(stop('freeze'), target, unfrozen, NOW)).toMatchObject({ code: 'Unfrozen', retry: false });
  expect(recheck(stop('budget'), target, unfrozen, NOW)).toBeUndefined();
  expect(recheck(stop('freeze'), target, { ...keeping(), frozen: new Set(['recsys']) }, NOW)).toBeUndefined();
});

it('goes on only with what is running, unprotected, of the same spell, project and policy', () => {
  const anyFresh = fc.record({
    state: fc.constantFrom<Resource['state'][]>('running', 'transitional', 'stopped', 'failed'),
    since: fc.constantFrom(target.since, minutes(-5)),
    protections: fc.constantFrom<Resource['protections'][]>([], [{ code: 'eks', detail: 'A cluster.' }]),
    tags: fc.constantFrom<Resource['tags'][]>(
      dev,
      { ...dev, environment: 'prod' },
      { ...dev, project: 'fraud' },
      { ...dev, 'bursar:keep-until': 'soon' },
      {},
    ),
  });
  const untouched = { state: 'running', since: target.since, protections: [], tags: dev };
  fc.assert(
    fc.property(
      anyFresh,
      fc.constantFrom<Trigger[]>('idle', 'budget', 'freeze', 'launch'),
      (fresh, trigger) => {
        const goesOn = code({ ...target, ...fresh }, { trigger }) === undefined;
        expect(goesOn).toBe(JSON.stringify(fresh) === JSON.stringify({ ...fresh, ...untouched }));
      },
    ),
  );
});
