import { describe, expect, it } from 'vitest';
import { announcementId } from '../../lib/decide/announcement.ts';
import { recheck } from '../../lib/decide/recheck.ts';
import { decideSweep, evidenceNeeded } from '../../lib/decide/sweep.ts';
import type { RuntimeRule } from '../../lib/policy/schedule.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  busyEvidence,
  development,
  hoursOf,
  idleRule,
  instance,
  minutes,
  NOW,
  policyOf,
  sweepOf,
  unlimited,
  watchOf,
} from './fixtures.ts';

const rule = (change: Partial<RuntimeRule> = {}): RuntimeRule => ({
  afterSeconds: 12 * 3_600,
  warnSeconds: 0,
  do: 'stop',
  ...change,
});
const policyWith = (maxRuntime: RuntimeRule, change: Parameters<typeof development>[0] = {}) =>
  policyOf([development({ idle: 'off', maxRuntime, ...change })], { limits: unlimited });

type Change = NonNullable<Parameters<typeof sweepOf>[1]>;
const decisionOf = (maxRuntime: RuntimeRule, resource: Resource, change: Change = {}): Decision | undefined =>
  decideSweep(sweepOf([resource], { policy: policyWith(maxRuntime), ...change })).decisions[0];

/** Of twelve hours it has run eleven and a half. */
const server = instance('i-1', { since: minutes(-690) });

describe('the longest runtime', () => {
  it('counts from its start, and ends in a stop, in use or not', () => {
    expect(decisionOf(rule(), server, { now: minutes(29) })).toBeUndefined();
    expect(decisionOf(rule(), server, { now: minutes(30) })).toEqual({
      action: 'stop',
      trigger: 'runtime',
      key: `runtime/${server.arn}/2026-11-10T00:30:00.000Z`,
      project: 'recsys',
      target: server,
      rule: { policy: 'development', rule: 'maxRuntime 12 h: stop' },
      reason: 'It has run since 2026-11-10 00:30 UTC. Policy development lets it run for 12 h.',
    });
    const policy = policyWith(rule(), { idle: idleRule });
    const evidence = new Map([[server.arn, busyEvidence]]);
    const due = sweepOf([server], { policy, evidence, now: minutes(30) });
    expect(evidenceNeeded(due)).toEqual([]);
    expect(decideSweep(due).decisions).toMatchObject([{ trigger: 'runtime' }]);
    expect(evidenceNeeded({ ...due, now: NOW })).toHaveLength(1);
  });

  it('is not begun anew by autoscaling', () => {
    const scaled = { ...server, since: minutes(-5), started: minutes(-720) };
    expect(decisionOf(rule(), scaled)).toMatchObject({ action: 'stop' });
  });

  it('is announced where the policy says so, and the stop comes only where people were told', () => {
    const warned = rule({ warnSeconds: 1_800 });
    expect(decisionOf(warned, server, { now: minutes(-1) })).toBeUndefined();
    expect(decisionOf(warned, server)).toMatchObject({
      action: 'warn',
      trigger: 'runtime',
      stopAt: minutes(30),
      key: `warn-runtime/${server.arn}/2026-11-10T12:30:00.000Z`,
    });
    const watches = [watchOf(server, { endsAt: minutes(30) })];
    expect(decisionOf(warned, server, { watches, now: minutes(29) })).toBeUndefined();
    expect(decisionOf(warned, server, { watches, now: minutes(30) })).toMatchObject({ action: 'stop' });
    const untold = new Set([announcementId({ trigger: 'runtime', target: server, stopAt: minutes(30) })]);
    expect(decisionOf(warned, server, { watches, untold, now: minutes(30) })).toMatchObject({
      action: 'warn',
      stopAt: minutes(60),
    });
  });

  it('is told once a day where it only tells', () => {
    const notify = rule({ do: 'notify' });
    const policy = policyWith(notify);
    expect(decisionOf(notify, server, { now: minutes(29) })).toBeUndefined();
    const first = decideSweep(sweepOf([server], { policy, now: minutes(30) }));
    expect(first.decisions).toMatchObject([
      {
        action: 'notify',
        trigger: 'runtime',
        key: `runtime/${server.arn}/2026-11-10T00:30:00.000Z/2026-11-10`,
      },
    ]);
    const { watches } = first;
    expect(decisionOf(notify, server, { watches, now: minutes(35) })).toBeUndefined();
    expect(decisionOf(notify, server, { watches, now: minutes(720) })).toMatchObject({ action: 'notify' });
  });

  it('waits for a keep', () => {
    const keep = { since: server.since, until: minutes(60), by: 'ana', at: NOW, count: 1 };
    const keeps = new Map([[server.arn, { arn: server.arn, ...keep }]]);
    expect(decisionOf(rule(), server, { keeps, now: minutes(59) })).toBeUndefined();
    expect(decisionOf(rule(), server, { keeps, now: minutes(60) })).toMatchObject({ action: 'stop' });
  });

  it('comes after its hours', () => {
    const policy = policyWith(rule(), { hours: [hoursOf([[480, 700]])] });
    expect(decisionOf(rule(), server, { policy, now: minutes(30) })).toMatchObject({ trigger: 'schedule' });
  });

  it('of a database counts from when a sweep first saw it run', () => {
    const database = instance('db-1', { kind: 'rds-instance', since: minutes(-100_000) });
    const policy = policyWith(rule());
    const first = decideSweep(sweepOf([database], { policy }));
    expect(first.decisions).toEqual([]);
    expect(first.watches).toMatchObject([{ upSince: NOW }]);
    const later = { policy, watches: first.watches };
    expect(decisionOf(rule(), database, { ...later, now: minutes(719) })).toBeUndefined();
    expect(decisionOf(rule(), database, { ...later, now: minutes(720) })).toMatchObject({ action: 'stop' });
  });

  it('is looked up once more just before the stop', () => {
    const one = decisionOf(rule(), server, { now: minutes(30) });
    if (one?.action !== 'stop') throw new Error('it was not stopped');
    const check = (maxRuntime: RuntimeRule | undefined) =>
      recheck(
        one,
        server,
        {
          policy: policyOf([development(maxRuntime === undefined ? {} : { maxRuntime })]),
          keeps: new Map(),
          keepTags: new Map(),
          now: minutes(31),
        },
        minutes(30),
      )?.code;
    expect(check(rule())).toBeUndefined();
    expect(check(rule({ afterSeconds: 86_400 }))).toBe('PolicyChanged');
    expect(check(rule({ do: 'notify' }))).toBe('PolicyChanged');
    expect(check(undefined)).toBe('PolicyChanged');
  });
});
