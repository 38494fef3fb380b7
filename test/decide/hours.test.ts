import { describe, expect, it } from 'vitest';
import { announcementId } from '../../lib/decide/announcement.ts';
import type { SweepInput } from '../../lib/decide/judged.ts';
import { recheck } from '../../lib/decide/recheck.ts';
import { announcementsNeeded, decideSweep, evidenceNeeded, judgeAll } from '../../lib/decide/sweep.ts';
import type { Keep } from '../../lib/ledger/ledger.ts';
import type { Schedule } from '../../lib/policy/schedule.ts';
import type { Decision, StopDecision } from '../../lib/types/decision.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  breachesOf,
  budgetReading,
  busyEvidence,
  development,
  hoursOf,
  idleRule,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  stopAt100,
  sweepOf,
  unlimited,
  usd,
  watchOf,
} from './fixtures.ts';

/** Closed since 11:50, for ten minutes; it opens again at 13:00. */
const lunch = (change: Partial<Schedule> = {}): Schedule =>
  hoursOf(
    [
      [480, 710],
      [780, 1_080],
    ],
    change,
  );
/** Open until 12:05. */
const ending = (change: Partial<Schedule> = {}): Schedule => hoursOf([[480, 725]], change);

const CLOSED_AT = '2026-11-10T11:50:00.000Z';

const policyWith = (hours: readonly Schedule[], change: Parameters<typeof development>[0] = {}) =>
  policyOf([development({ idle: 'off', hours, ...change }), production], { limits: unlimited });

type Change = NonNullable<Parameters<typeof sweepOf>[1]>;

const decided = (hours: readonly Schedule[], resource: Resource, change: Change = {}) =>
  decideSweep(sweepOf([resource], { policy: policyWith(hours), ...change }));

const decisionOf = (
  hours: readonly Schedule[],
  resource: Resource,
  change: Change = {},
): Decision | undefined => decided(hours, resource, change).decisions[0];

const whyOf = (hours: readonly Schedule[], resource: Resource, change: Change = {}): string | undefined =>
  decided(hours, resource, change).verdicts[0]?.why;

const server = instance('i-1');
const keepOf = (resource: Resource, until: number): Keep => ({
  arn: resource.arn,
  since: resource.since,
  until: minutes(until),
  by: 'ana',
  at: minutes(-40),
  count: 1,
});

describe('a closing', () => {
  it('stops what was started before it, for as long as it is closed', () => {
    expect(decisionOf([lunch({ name: 'office' })], server)).toEqual({
      action: 'stop',
      trigger: 'schedule',
      key: `schedule/${server.arn}/${CLOSED_AT}`,
      project: 'recsys',
      target: server,
      rule: { policy: 'development', rule: 'hours' },
      reason: 'Policy development has hours (office), which ended at Tue 2026-11-10 11:50 UTC.',
      expires: minutes(60),
    });
    expect(decisionOf([lunch()], server, { now: minutes(59) })).toMatchObject({ trigger: 'schedule' });
    expect(decisionOf([lunch()], server, { now: minutes(60) })).toBeUndefined();
  });

  it('needs no metric, and stops what is in use', () => {
    const policy = policyWith([lunch()], { idle: idleRule });
    const input = sweepOf([server], { policy, evidence: new Map([[server.arn, busyEvidence]]) });
    expect(evidenceNeeded(input)).toEqual([]);
    expect(decideSweep(input).decisions).toMatchObject([{ action: 'stop', trigger: 'schedule' }]);
    const open = sweepOf([server], { policy: policyWith([ending()], { idle: idleRule }) });
    expect(evidenceNeeded(open)).toHaveLength(1);
    expect(decideSweep(open).decisions).toMatchObject([{ action: 'stop', trigger: 'idle' }]);
  });

  it('of a schedule that only starts stops nothing', () => {
    expect(decisionOf([lunch({ do: 'start' })], server)).toBeUndefined();
    expect(decisionOf([lunch({ do: 'start' }), lunch({ do: 'stop' })], server)).toMatchObject({
      trigger: 'schedule',
    });
  });

  it('is none while another schedule of the policy is open', () => {
    expect(decisionOf([lunch(), ending()], server)).toBeUndefined();
    expect(whyOf([lunch(), ending()], server)).toBe(
      'Policy development has idle: off. Policy development has hours, which end at Tue 2026-11-10 12:05 UTC.',
    );
  });

  it('stops nothing that is about to be needed: its opening is made ready for', () => {
    const hours = [lunch({ startAheadSeconds: 600 })];
    expect(decisionOf(hours, server)).toMatchObject({ expires: minutes(50) });
    expect(decisionOf(hours, server, { now: minutes(50) })).toBeUndefined();
    const strict = [lunch({ startAheadSeconds: 600, manualStartSeconds: 0 })];
    const early = { ...server, since: minutes(51) };
    expect(decisionOf(strict, early, { now: minutes(52) })).toBeUndefined();
  });

  it.each([
    { name: 'another state', change: { state: 'stopped' as const } },
    { name: 'a protection', change: { protections: [{ code: 'eks' as const, detail: 'It is a node.' }] } },
    { name: 'a consent that is not given', change: { consent: 'stop-jobs' as const } },
    { name: 'no project', change: { tags: { environment: 'dev' } } },
    { name: 'production', change: { tags: { project: 'recsys', environment: 'prod' } } },
  ])('leaves alone what has $name', ({ change }) => {
    expect(decisionOf([lunch()], { ...server, ...change })).toBeUndefined();
  });

  it('stops a job where the policy allows that', () => {
    const job = { ...server, consent: 'stop-jobs' as const, neverIdle: 'A job ends by itself.' };
    const policy = policyWith([lunch()], { allow: ['stop-jobs'] });
    expect(decisionOf([], job, { policy })).toMatchObject({ trigger: 'schedule' });
  });

  it('comes after a budget that still asks for its stop, and before idleness', () => {
    const policy = policyWith([lunch()], { budget: stopAt100, idle: idleRule });
    const breach = budgetReading({ actual: usd('1100'), asOf: minutes(-30) });
    const mark = {
      holder: 'recsys',
      breaches: breachesOf(breach),
      frozenUntil: undefined,
      reached: new Map(),
      until: new Date('2026-12-01T00:00:00.000Z'),
    };
    expect(decisionOf([], server, { policy, marks: [mark] })).toMatchObject({ trigger: 'budget' });
    expect(decisionOf([], server, { policy })).toMatchObject({ trigger: 'schedule' });
  });

  it('waits for a keep, and comes when that ends', () => {
    const keeps = new Map([[server.arn, keepOf(server, 20)]]);
    expect(decisionOf([lunch()], server, { keeps })).toBeUndefined();
    expect(decisionOf([lunch()], server, { keeps, now: minutes(20) })).toMatchObject({ action: 'stop' });
    const tagged = { ...server, tags: { ...server.tags, 'bursar:keep-until': '2026-11-10T12:30:00Z' } };
    expect(decisionOf([lunch()], tagged)).toBeUndefined();
    expect(decisionOf([lunch()], tagged, { now: minutes(30) })).toMatchObject({ action: 'stop' });
  });
});

describe('a warning before closing', () => {
  const hours = [ending({ warnSeconds: 600 })];

  it('comes its time before, once, and the stop follows only where people were told', () => {
    const before = decided(hours, server, { now: minutes(-6) });
    expect(before.decisions).toEqual([]);
    const first = decided(hours, server, { now: minutes(-5) });
    expect(first.decisions).toEqual([
      {
        action: 'warn',
        trigger: 'schedule',
        key: `warn-schedule/${server.arn}/2026-11-10T12:05:00.000Z`,
        project: 'recsys',
        target: server,
        stopAt: minutes(5),
        rule: { policy: 'development', rule: 'hours' },
        reason: 'Policy development has hours, which end at Tue 2026-11-10 12:05 UTC.',
      },
    ]);
    const { watches } = first;
    expect(watches).toMatchObject([{ closingAt: minutes(5) }]);
    expect(decisionOf(hours, server, { watches, now: NOW })).toBeUndefined();
    const input: SweepInput = sweepOf([server], { policy: policyWith(hours), watches, now: minutes(5) });
    const id = announcementId({ trigger: 'schedule', target: server, stopAt: minutes(5) });
    expect(announcementsNeeded(judgeAll(input))).toEqual([id]);
    expect(decideSweep(input).decisions).toMatchObject([{ action: 'stop', trigger: 'schedule' }]);
    const untold = decideSweep({ ...input, untold: new Set([id]) });
    expect(untold.decisions).toMatchObject([{ action: 'warn', stopAt: minutes(15) }]);
    expect(untold.watches).toMatchObject([{ closingAt: minutes(15) }]);
  });

  it('that comes late leaves people its whole time', () => {
    expect(decisionOf(hours, server, { now: minutes(-1) })).toMatchObject({ stopAt: minutes(5) });
    expect(decisionOf(hours, server, { now: minutes(2) })).toMatchObject({ stopAt: minutes(12) });
    expect(decisionOf(hours, server, { now: minutes(100) })).toMatchObject({ stopAt: minutes(110) });
  });

  it('is not given for a time at which it is open again', () => {
    const late = [lunch({ warnSeconds: 1_200 })];
    expect(decisionOf(late, server, { now: minutes(39) })).toMatchObject({ action: 'warn' });
    expect(decisionOf(late, server, { now: minutes(41) })).toBeUndefined();
  });

  it('is given anew before a keep ends', () => {
    const watches = [watchOf(server, { closingAt: minutes(5) })];
    const keeps = new Map([[server.arn, keepOf(server, 40)]]);
    const at = (minute: number, known = watches) =>
      decisionOf(hours, server, { watches: known, keeps, now: minutes(minute) });
    expect(at(29)).toBeUndefined();
    expect(at(30)).toMatchObject({ action: 'warn', stopAt: minutes(40) });
    const told = [watchOf(server, { closingAt: minutes(40) })];
    expect(at(39, told)).toBeUndefined();
    expect(at(40, told)).toMatchObject({ action: 'stop' });
    // Had no sweep looked meanwhile, what was announced for before the keep would be void.
    expect(at(40)).toMatchObject({ action: 'warn', stopAt: minutes(50) });
  });

  it('takes nothing from what idleness remembers, nor does that from it', () => {
    const policy = policyWith(hours, { idle: { ...idleRule, warnSeconds: 600 } });
    const evidence = new Map([[server.arn, busyEvidence]]);
    const first = decideSweep(sweepOf([server], { policy, evidence, now: NOW }));
    expect(first.decisions).toMatchObject([{ action: 'warn', trigger: 'schedule' }]);
    expect(first.watches).toMatchObject([{ busyAt: NOW, closingAt: minutes(5) }]);
    const old = [watchOf(server, { closingAt: minutes(5) })];
    const next = decideSweep(sweepOf([server], { policy, evidence, watches: old, now: NOW }));
    expect(next.decisions).toEqual([]);
    expect(next.watches).toMatchObject([{ busyAt: NOW, closingAt: minutes(5) }]);
  });

  it('is void once the resource was started anew', () => {
    const started = { ...server, since: minutes(1) };
    const watches = [watchOf(server, { closingAt: minutes(5) })];
    expect(decisionOf(hours, started, { watches, now: minutes(2) })).toMatchObject({
      action: 'warn',
      stopAt: minutes(12),
    });
  });
});

describe('a manual start outside hours', () => {
  const started = { ...server, since: minutes(-4) };

  it('runs on to the next closing, and is stopped then', () => {
    expect(whyOf([lunch()], started)).toBe(
      'Policy development has idle: off. It was started at 2026-11-10 11:56 UTC, outside its hours. It runs to the next closing, Tue 2026-11-10 18:00 UTC.',
    );
    expect(decisionOf([lunch()], started, { now: minutes(359) })).toBeUndefined();
    expect(decisionOf([lunch()], started, { now: minutes(360) })).toMatchObject({
      key: `schedule/${server.arn}/2026-11-10T18:00:00.000Z`,
    });
  });

  it('is stopped at once where the policy says so, each time', () => {
    const hours = [lunch({ manualStartSeconds: 0, warnSeconds: 600 })];
    expect(decisionOf(hours, started)).toMatchObject({
      action: 'stop',
      key: `schedule/${server.arn}/${CLOSED_AT}/2026-11-10T11:56:00.000Z`,
      reason:
        'Policy development has hours, which ended at Tue 2026-11-10 11:50 UTC. It was started at 2026-11-10 11:56 UTC: outside its hours it is stopped.',
    });
    expect(decisionOf(hours, { ...started, since: minutes(-1) })).not.toMatchObject({
      key: `schedule/${server.arn}/${CLOSED_AT}/2026-11-10T11:56:00.000Z`,
    });
  });

  it('runs for as long as the policy says, and is warned of before', () => {
    const hours = [lunch({ manualStartSeconds: 1_800 })];
    expect(decisionOf(hours, started, { now: minutes(25) })).toBeUndefined();
    expect(decisionOf(hours, started, { now: minutes(26) })).toMatchObject({ action: 'stop' });
    const warned = [lunch({ manualStartSeconds: 1_800, warnSeconds: 300 })];
    expect(decisionOf(warned, started, { now: minutes(20) })).toBeUndefined();
    expect(decisionOf(warned, started, { now: minutes(21) })).toMatchObject({
      action: 'warn',
      stopAt: minutes(26),
    });
    // Into its hours it may run on.
    const long = [lunch({ manualStartSeconds: 14_400, warnSeconds: 3_600 })];
    for (const minute of [0, 30, 59, 60, 240]) {
      expect(decisionOf(long, started, { now: minutes(minute) })).toBeUndefined();
    }
  });

  it('goes by the most lenient of the schedules that closed', () => {
    const [strict, lenient] = [lunch({ manualStartSeconds: 0 }), lunch({ manualStartSeconds: 1_800 })];
    expect(decisionOf([strict, lenient], started)).toBeUndefined();
    expect(decisionOf([strict, lenient], started, { now: minutes(26) })).toMatchObject({ action: 'stop' });
    expect(decisionOf([strict, lunch()], started, { now: minutes(26) })).toBeUndefined();
  });
});

describe('a database, of which RDS does not tell when it was started', () => {
  const database = instance('db-1', {
    kind: 'rds-instance',
    arn: 'arn:aws:rds:us-east-1:111122223333:db:db-1',
    since: minutes(-100_000),
  });
  /** Sweeps at those minutes, each with what the one before remembered, and with the state that is given. */
  const sweeps = (
    steps: readonly (readonly [number, Resource['state']])[],
    hours: readonly Schedule[],
  ): readonly string[] => {
    let watches: SweepInput['watches'] = new Map();
    return steps.map(([minute, state]) => {
      const known = sweepOf([{ ...database, state }], { policy: policyWith(hours), now: minutes(minute) });
      const { decisions, watches: written } = decideSweep({ ...known, watches });
      watches = new Map([...watches, ...written.map((one) => [one.arn, one] as const)]);
      return decisions.map(({ action }) => action).join(' ');
    });
  };

  it('is stopped at closing where a sweep saw it run before', () => {
    expect(
      sweeps(
        [
          [-15, 'running'],
          [-10, 'running'],
        ],
        [lunch()],
      ),
    ).toEqual(['', 'stop']);
  });

  it('counts as just started where none did', () => {
    expect(
      sweeps(
        [
          [0, 'running'],
          [5, 'running'],
          [360, 'running'],
        ],
        [lunch()],
      ),
    ).toEqual(['', '', 'stop']);
  });

  it('that is started by hand outside hours runs to the next closing, days later too', () => {
    const weekend: Schedule = {
      ...hoursOf([]),
      week: [...new Array(5).fill([{ from: 480, to: 1_140 }]), [], []],
    };
    const day = 1_440;
    // Friday is three days on. Its hours end at 19:00, seven hours after noon.
    const friday = 3 * day + 420;
    const stopped = Array.from({ length: 10 }, (_, index) => [friday + 10 + index * 300, 'stopped'] as const);
    const steps = [
      [friday - 5, 'running'],
      [friday, 'running'],
      ...stopped,
      [friday + 3_000, 'running'],
    ] as const;
    expect(sweeps(steps, [weekend]).filter((one) => one !== '')).toEqual(['stop']);
    const monday = 6 * day + 420;
    expect(sweeps([...steps, [monday, 'running']], [weekend]).at(-1)).toBe('stop');
  });

  it('that RDS starts by itself seven days after its stop is stopped again', () => {
    const closed = lunch({ closed: [{ from: '2026-11-11', to: '2026-11-30' }] });
    const day = 1_440;
    const last = 360;
    const stopped = Array.from({ length: 20 }, (_, index) => [last + 5 + index * 500, 'stopped'] as const);
    const back = last + 7 * day + 15;
    const steps = [
      [0, 'running'],
      [last, 'running'],
      ...stopped,
      [back, 'running'],
      [back + 5, 'running'],
    ] as const;
    const days = sweeps(steps, [closed]);
    expect(days[1]).toBe('stop');
    expect(days.slice(-2)).toEqual(['stop', 'stop']);
    // Who starts it the day before means it.
    const byHand = [...steps.slice(0, 19), [back - day, 'running'], [back, 'running']] as const;
    expect(sweeps(byHand, [closed]).slice(-2)).toEqual(['', '']);
  });

  it('is forgotten by no sweep: what is known of it is written again each half day', () => {
    const known = watchOf(database, { upSince: minutes(-2_000), notedAt: minutes(-719) });
    expect(decided([ending()], database, { watches: [known] }).watches).toEqual([]);
    const old = { ...known, notedAt: minutes(-720) };
    expect(decided([ending()], database, { watches: [old] }).watches).toMatchObject([
      { upSince: minutes(-2_000), notedAt: NOW },
    ]);
    // Without hours nobody asks.
    const input = sweepOf([database], { policy: policyOf([development({ idle: 'off' })]) });
    expect(decideSweep(input).watches).toEqual([]);
  });
});

describe('an endpoint', () => {
  const endpoint = instance('recs', {
    kind: 'sagemaker-endpoint',
    arn: 'arn:aws:sagemaker:us-east-1:111122223333:endpoint/recs',
    started: minutes(-600),
    parts: [
      { name: 'a', type: 'ml.g5.xlarge', count: 3 },
      { name: 'b', type: 'ml.g5.xlarge', count: 1 },
    ],
  });
  const hours = [lunch({ endpoints: 'scale-down' })];

  it('is scaled down where all that govern the closing say so', () => {
    expect(decisionOf(hours, endpoint)).toMatchObject({ action: 'stop', manner: 'scale-down' });
    expect(decisionOf([...hours, lunch()], endpoint)).not.toHaveProperty('manner');
    expect(decisionOf(hours, server)).not.toHaveProperty('manner');
  });

  it('that serves with the fewest instances already is left at that', () => {
    const down = { ...endpoint, since: minutes(-5), parts: [{ name: 'a', type: 'ml.g5.xlarge', count: 1 }] };
    expect(decisionOf(hours, down)).toBeUndefined();
    expect(whyOf(hours, down)).toContain('fewest instances');
    expect(decisionOf([lunch()], down)).toMatchObject({ action: 'stop' });
  });

  it('that somebody scales up again after that is not scaled down for the same closing', () => {
    const up = { ...endpoint, since: minutes(-2) };
    const watches = [watchOf(endpoint, { orderedAt: minutes(-10) })];
    expect(decisionOf(hours, up, { watches })).toBeUndefined();
    // Autoscaling alone is no reason.
    expect(decisionOf(hours, up)).toMatchObject({ manner: 'scale-down' });
  });

  it('keeps what was announced although autoscaling changes it', () => {
    const warned = [ending({ warnSeconds: 600 })];
    const watches = [watchOf(endpoint, { closingAt: minutes(5) })];
    const scaled = { ...endpoint, since: minutes(-2) };
    expect(decisionOf(warned, scaled, { watches })).toBeUndefined();
    expect(decisionOf(warned, scaled, { watches, now: minutes(5) })).toMatchObject({ action: 'stop' });
  });
});

describe('just before its stop', () => {
  const stop = (hours: readonly Schedule[], resource = server): StopDecision => {
    const found = decisionOf(hours, resource);
    if (found?.action !== 'stop') throw new Error('it was not stopped');
    return found;
  };
  const check = (
    decision: StopDecision,
    hours: readonly Schedule[] | undefined,
    { fresh = decision.target, now = NOW, keeps = new Map() as ReadonlyMap<string, Keep> } = {},
  ) => {
    const policy = policyOf([development(hours === undefined ? {} : { hours }), production]);
    return recheck(decision, fresh, { policy, keeps, keepTags: new Map(), now }, NOW)?.code;
  };

  it('it must be closed still, kept by nobody, and of a policy with hours that stop', () => {
    const one = stop([lunch()]);
    expect(check(one, [lunch()])).toBeUndefined();
    expect(check(one, [lunch()], { now: minutes(59) })).toBeUndefined();
    expect(check(one, [lunch()], { now: minutes(60) })).toBe('Expired');
    expect(check(one, [ending()])).toBe('Expired');
    expect(check(one, [lunch({ startAheadSeconds: 1_800 })], { now: minutes(30) })).toBe('Expired');
    expect(check(one, undefined)).toBe('PolicyChanged');
    expect(check(one, [lunch({ do: 'start' })])).toBe('PolicyChanged');
    expect(check(one, [lunch()], { fresh: { ...server, since: minutes(-1) } })).toBe('Restarted');
    const keeps = new Map([[server.arn, keepOf(server, 20)]]);
    expect(check(one, [lunch()], { keeps })).toBe('Exempt');
  });

  it('hours that end for less than they start ahead stop nothing, and say so', () => {
    const hours = [
      hoursOf(
        [
          [480, 710],
          [780, 1_080],
        ],
        { startAheadSeconds: 7_200 },
      ),
    ];
    expect(decisionOf(hours, server)).toBeUndefined();
    const soon = [
      hoursOf(
        [
          [480, 725],
          [780, 1_080],
        ],
        { startAheadSeconds: 7_200 },
      ),
    ];
    expect(decisionOf(soon, server)).toBeUndefined();
    expect(whyOf(soon, server)).toContain('started again at once: it runs on');
  });

  it('the clock of who carries it out may be behind, at the very minute of the closing', () => {
    const noon = [hoursOf([[480, 720]])];
    expect(check(stop(noon), noon, { now: minutes(-1) })).toBeUndefined();
  });

  it('a database, which may have been started since, is stopped by no order of long ago', () => {
    const database = instance('orders', { kind: 'rds-instance' });
    const order = { ...stop([lunch()]), target: database };
    expect(check(order, [lunch()], { fresh: database, now: minutes(6) })).toBeUndefined();
    expect(check(order, [lunch()], { fresh: database, now: minutes(7) })).toBe('Expired');
  });

  it('an endpoint must have something to be scaled down', () => {
    const endpoint = instance('recs', {
      kind: 'sagemaker-endpoint',
      parts: [{ name: 'a', type: 'ml.g5.xlarge', count: 2 }],
    });
    const hours = [lunch({ endpoints: 'scale-down' })];
    const one = stop(hours, endpoint);
    expect(check(one, hours)).toBeUndefined();
    const fresh = { ...endpoint, parts: [{ name: 'a', type: 'ml.g5.xlarge', count: 1 }] };
    expect(check(one, hours, { fresh })).toBe('AlreadyStopped');
  });
});
