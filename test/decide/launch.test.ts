import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENFORCER_HAS_MS } from '../../lib/decide/budget.ts';
import { decideLaunch, type LaunchInput } from '../../lib/decide/launch.ts';
import { decideSweep } from '../../lib/decide/sweep.ts';
import type { ProjectMark } from '../../lib/ledger/ledger.ts';
import { matchPolicy, type Policy } from '../../lib/policy/policy.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import type { Consent, Resource } from '../../lib/types/resource.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';
import {
  breachesOf,
  budgetReading,
  dev,
  development,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  stopAt100,
  sweepOf,
  unlimited,
  usd,
} from './fixtures.ts';

const policy = policyOf([development({ budget: stopAt100, launch: 'stop' }), production]);
const telling = policyOf([development({ budget: stopAt100, launch: 'notify' }), production]);

const withProject = (change: Partial<Policy['projects'][string]>, under = policy): Policy => ({
  ...under,
  projects: { recsys: { name: 'recsys', owners: [], members: [], freezeRoles: [], ...change } },
});

/** Launched a minute ago. */
const launched = (change: Partial<Resource> = {}): Resource =>
  instance('i-1', { since: minutes(-1), ...change });

const markOf = (change: Partial<ProjectMark> = {}): ProjectMark => ({
  holder: 'recsys',
  breaches: breachesOf(budgetReading({ actual: usd('1100'), asOf: minutes(-60) })),
  frozenUntil: undefined,
  reached: new Map(),
  until: new Date('2026-12-01T00:00:00Z'),
  ...change,
});

const FROZEN_UNTIL = new Date('2026-12-01T00:00:00Z');
const frozen = markOf({
  breaches: breachesOf(budgetReading({ actual: usd('1300'), asOf: minutes(-60) })),
  frozenUntil: FROZEN_UNTIL,
});

const inputOf = (change: Partial<LaunchInput> = {}): LaunchInput => ({
  policy,
  resource: launched(),
  marks: [],
  hourlyOfProject: ZERO_USD,
  keeps: new Map(),
  keepTags: new Map(),
  now: NOW,
  ...change,
});

/** The one decision, as far as it counts. */
function decided(change: Partial<LaunchInput> = {}) {
  const { decisions, verdict } = decideLaunch(inputOf(change));
  expect(decisions.length).toBeLessThanOrEqual(1);
  const [decision] = decisions;
  if (decision === undefined) return { does: 'nothing', why: verdict?.verdict };
  if (decision.action !== 'stop' && decision.action !== 'notify') throw new Error(decision.action);
  const { action, trigger, key, reason, rule } = decision;
  return { does: `${action} ${trigger}`, key, reason, rule };
}

const key = (why: string, resource = launched()): string =>
  `launch/${resource.arn}/${resource.since.toISOString()}/${why}`;

describe('a launch in a project that is within its budget', () => {
  it('is left alone', () => {
    expect(decided()).toEqual({ does: 'nothing', why: 'within-budget' });
    const below = markOf({ breaches: breachesOf(budgetReading({ actual: usd('999') })) });
    expect(decided({ marks: [below] }).does).toBe('nothing');
  });
});

describe('a launch in a frozen project', () => {
  it('is stopped at once, by the key of the sweep, so that the two never stop it twice', () => {
    const { does, key: frozenKey, reason } = decided({ marks: [frozen] });
    expect(does).toBe('stop freeze');
    expect(reason).toBe(
      'Project recsys is frozen until 2026-12-01 00:00 UTC: it has passed 120% of actual spend.',
    );
    const swept = decideSweep(
      sweepOf([launched()], {
        policy: { ...policy, limits: unlimited },
        marks: [frozen],
        evidence: new Map(),
        now: NOW,
      }),
    );
    expect(swept.decisions.map((one) => [one.action, one.key])).toEqual([['stop', frozenKey]]);
  });

  it('is stopped though the enforcer is still at work on the breach, which the sweep leaves to it', () => {
    const asOf = new Date(NOW.getTime() - ENFORCER_HAS_MS / 2);
    const mark = { ...frozen, breaches: breachesOf(budgetReading({ actual: usd('1300'), asOf })) };
    expect(decided({ marks: [mark] }).does).toBe('stop freeze');
  });

  it('is stopped whatever `launch` says, but not where its policy has no freeze', () => {
    expect(decided({ marks: [frozen], policy: telling }).does).toBe('stop freeze');
    const tags = { ...dev, environment: 'prod' };
    expect(decided({ marks: [frozen], resource: launched({ tags }) }).does).toBe('nothing');
  });

  it('is left to its grace period where it ran before that', () => {
    const graced = policyOf([
      development({
        budget: [{ at: 120, of: 'actual', per: 'month', do: 'freeze', graceSeconds: 7200 }],
      }),
    ]);
    expect(
      decided({ policy: graced, marks: [frozen], resource: launched({ since: minutes(-61) }) }).does,
    ).toBe('nothing');
    expect(decided({ policy: graced, marks: [frozen] }).does).toBe('stop freeze');
  });

  it('is told where it is kept, protected, or a job and the spend but an estimate', () => {
    const until = minutes(60);
    const keeps = new Map([
      [launched().arn, { arn: launched().arn, since: NOW, until, by: 'ana', at: NOW, count: 1 }],
    ]);
    const kept = decided({ marks: [frozen], keeps });
    expect(kept).toMatchObject({ does: 'notify launch', key: key('told-frozen') });
    expect(kept.reason).toContain('It runs: kept until 2026-11-10 13:00 UTC by ana.');

    const estimated: BudgetReading = budgetReading({
      source: 'meter',
      actual: undefined,
      meter: {
        billed: usd('1000'),
        estimated: usd('300'),
        low: usd('1200'),
        high: usd('1400'),
        burn: usd('1'),
      },
      asOf: minutes(-60),
    });
    const metered = policyOf([
      development({
        allow: ['stop-jobs'],
        budget: [{ at: 120, of: 'estimated', per: 'month', do: 'freeze', graceSeconds: 0 }],
      }),
    ]);
    const mark = { ...frozen, breaches: breachesOf(estimated) };
    expect(decided({ policy: metered, marks: [mark] }).does).toBe('stop freeze');
    expect(
      decided({ policy: metered, marks: [mark], resource: launched({ consent: 'stop-jobs' }) }),
    ).toMatchObject({
      does: 'notify launch',
      key: key('told-frozen'),
    });
  });

  it('is free again when the freeze has ended, or was ended by a person', () => {
    expect(decided({ marks: [{ ...frozen, frozenUntil: undefined }], policy: telling }).does).toBe(
      'notify launch',
    );
    expect(
      decided({ marks: [frozen], now: FROZEN_UNTIL, resource: launched({ since: FROZEN_UNTIL }) }).does,
    ).toBe('nothing');
  });
});

describe('a launch in a project that is over its budget', () => {
  it('is undone where the policy says so, with the figures and what undoes that', () => {
    const found = decided({ marks: [markOf()] });
    expect(found).toMatchObject({
      does: 'stop launch',
      key: key('over-budget'),
      rule: { policy: 'development', rule: 'launch over budget 100% of actual: stop' },
    });
    expect(found.reason).toContain('has spent $1,100.00 of its $1,000.00 for the month (110%).');
    expect(found.reason).toContain('Policy development undoes such launches.');
    expect(found.reason).toContain('It may run again from 2026-12-01 00:00 UTC on');
  });

  it('is told where the policy only tells', () => {
    const found = decided({ marks: [markOf()], policy: telling });
    expect(found).toMatchObject({ does: 'notify launch', key: key('told-over-budget') });
    expect(found.reason).toContain('It runs: policy development only tells of launches.');
  });

  it('is no business of the guard where it ran when the breach was found', () => {
    expect(decided({ marks: [markOf()], resource: launched({ since: minutes(-61) }) }).does).toBe('nothing');
  });

  it('is not one where it has run for hours, such as an endpoint that scales', () => {
    const old = launched({ since: minutes(-1), started: minutes(-180) });
    const mark = markOf({
      breaches: breachesOf(budgetReading({ actual: usd('1100'), asOf: minutes(-600) })),
    });
    expect(decided({ marks: [mark], resource: old }).does).toBe('nothing');
    expect(decided({ marks: [mark], resource: { ...old, started: minutes(-30) } }).does).toBe('stop launch');
  });

  it('is one where the event says so and the resource does not tell, as of a database', () => {
    const database = launched({ since: minutes(-5000), size: 'db.r5.large postgres' });
    const found = decided({ marks: [markOf()], resource: database, startedAt: minutes(-1) });
    expect(found).toMatchObject({
      does: 'stop launch',
      key: `launch/${database.arn}/${minutes(-1).toISOString()}/over-budget`,
    });
  });

  it('is told where somebody has just brought it back', () => {
    expect(decided({ marks: [markOf()], broughtBack: true }).does).toBe('notify launch');
  });

  it('counts a breach as long as its period alone', () => {
    const daily = policyOf([
      development({
        launch: 'stop',
        budget: [{ at: 100, of: 'estimated', per: 'day', do: 'stop', graceSeconds: 0 }],
      }),
    ]);
    const meter = {
      billed: usd('0'),
      estimated: usd('200'),
      low: usd('150'),
      high: usd('250'),
      burn: usd('9'),
    };
    const reading = (period: string) =>
      budgetReading({
        source: 'meter-day',
        limit: usd('100'),
        actual: undefined,
        meter,
        period,
        asOf: minutes(-60),
      });
    expect(
      decided({ policy: daily, marks: [markOf({ breaches: breachesOf(reading('2026-11-10')) })] }).does,
    ).toBe('stop launch');
    expect(
      decided({ policy: daily, marks: [markOf({ breaches: breachesOf(reading('2026-11-09')) })] }).does,
    ).toBe('nothing');
  });
});

describe('a launch of a type that its project may not have', () => {
  const onlyG5 = withProject({ types: ['g5.*', 'ml.g5.*', 'db.t3.micro'] });
  it.each<{ what: string; resource: Partial<Resource>; does: string }>([
    { what: 'another type', resource: { size: 'p3.8xlarge' }, does: 'stop launch' },
    { what: 'an allowed type', resource: { size: 'g5.xlarge' }, does: 'nothing' },
    { what: 'a longer family', resource: { size: 'g5g.xlarge' }, does: 'stop launch' },
    { what: 'a database of another class', resource: { size: 'db.r5.large postgres' }, does: 'stop launch' },
    {
      what: 'a database of an allowed class',
      resource: { size: 'db.t3.micro postgres, Multi-AZ' },
      does: 'nothing',
    },
    { what: 'a type that cannot be told', resource: { size: 'unknown' }, does: 'nothing' },
    {
      what: 'parts, one of another type',
      resource: {
        size: '2 × ml.g5.xlarge, 1 × ml.p4d.24xlarge',
        parts: [
          { name: 'a', type: 'ml.g5.xlarge', count: 2 },
          { name: 'b', type: 'ml.p4d.24xlarge', count: 1 },
        ],
      },
      does: 'stop launch',
    },
    {
      what: 'parts, of unknown type or without instances',
      resource: {
        parts: [
          { name: 'a', type: 'unknown', count: 2 },
          { name: 'b', type: 'serverless', count: 1 },
          { name: 'c', type: 'ml.p4d.24xlarge', count: 0 },
        ],
      },
      does: 'nothing',
    },
  ])('$what: $does', ({ resource, does }) => {
    expect(decided({ policy: onlyG5, resource: launched(resource) }).does).toBe(does);
  });

  it('is told where the policy only tells, and says what may be launched', () => {
    const found = decided({
      policy: withProject({ types: ['g5.*'] }, telling),
      resource: launched({ size: 'p3.8xlarge' }),
    });
    expect(found).toMatchObject({ does: 'notify launch', key: key('told-type') });
    expect(found.reason).toContain('Project recsys may launch g5.* alone, and this is p3.8xlarge.');
  });

  it('reads a pattern by the letter but for the star', () => {
    const types = ['g5+.xlarge', '*.metal'];
    expect(decided({ policy: withProject({ types }), resource: launched({ size: 'g55.xlarge' }) }).does).toBe(
      'stop launch',
    );
    expect(decided({ policy: withProject({ types }), resource: launched({ size: 'g5.metal' }) }).does).toBe(
      'nothing',
    );
  });
});

describe('a launch beyond what its project may cost an hour', () => {
  const capped = withProject({ maxHourly: usd('10') });
  it.each([
    { before: '9.808', does: 'nothing' },
    { before: '9.808001', does: 'stop launch' },
    { before: '200', does: 'stop launch' },
  ])('$before USD/h before it: $does', ({ before, does }) => {
    expect(decided({ policy: capped, hourlyOfProject: usd(before) }).does).toBe(does);
  });

  it('is only told where its price is not known', () => {
    const found = decided({ policy: capped, resource: launched({ hourly: undefined }) });
    expect(found).toMatchObject({ does: 'notify launch', key: key('told-unpriced') });
    expect(found.reason).toContain('the price of this is not known');
  });

  it('tells all that speaks against it in one decision', () => {
    const { reason, key: first } = decided({
      policy: withProject({ maxHourly: usd('10'), types: ['g5.*'] }),
      marks: [markOf()],
      hourlyOfProject: usd('10'),
    });
    expect(first).toBe(key('over-budget'));
    expect(reason).toContain('is over its budget');
    expect(reason).toContain('may launch g5.* alone');
    expect(reason).toContain('may cost $10.00 an hour');
  });
});

describe('a launch without a project', () => {
  const untagged = launched({ tags: {} });
  it('is told, and what follows', () => {
    const found = decided({ resource: untagged });
    expect(found).toMatchObject({ does: 'notify untagged', key: key('told-untagged') });
    expect(found.reason).toContain('you are reminded of it from 2026-11-11 11:59 UTC on');
  });

  it('is told when it is stopped, where it will be', () => {
    const stopping = policyOf([production], {
      untagged: { afterSeconds: 7200, do: 'stop', warnSeconds: 600 },
    });
    expect(decided({ resource: untagged, policy: stopping }).reason).toContain(
      'Without one it is stopped at 2026-11-10 13:59 UTC.',
    );
    const prod = launched({ tags: { environment: 'prod' } });
    expect(decided({ resource: prod, policy: stopping }).reason).not.toContain('stopped');
  });

  it('is not told of what others start and replace by themselves', () => {
    const protections = [{ code: 'eks' as const, detail: 'It belongs to a cluster.' }];
    expect(decided({ resource: { ...untagged, protections } })).toEqual({ does: 'nothing', why: 'exempt' });
  });
});

/** Most are. */
const free = new Array<undefined>(8).fill(undefined);

const anyResource: fc.Arbitrary<Resource> = fc
  .record({
    project: fc.constantFrom('recsys', 'recsys', 'recsys', 'fraud', undefined),
    environment: fc.constantFrom(...new Array<'dev'>(6).fill('dev'), 'prod', undefined),
    state: fc.constantFrom<Resource['state'][]>(
      ...new Array<'running'>(6).fill('running'),
      'transitional',
      'stopped',
    ),
    consent: fc.constantFrom<(Consent | undefined)[]>(...free, 'stop-jobs', 'scale-to-zero'),
    code: fc.constantFrom(...free, 'auto-scaling-group' as const, 'eks' as const, 'stop-protection' as const),
    age: fc.constantFrom(0, 1, 30, 59, 61, 119, 121, 600),
    size: fc.constantFrom('g5.xlarge', 'p3.8xlarge', 'unknown'),
    hourly: fc.constantFrom(undefined, usd('1'), usd('20')),
    keepUntil: fc.constantFrom(...free, '2027-01-01', '2020-01-01'),
  })
  .map(({ project, environment, consent, code, age, keepUntil, ...rest }) =>
    launched({
      ...rest,
      since: minutes(-age),
      tags: {
        ...(project === undefined ? {} : { project }),
        ...(environment === undefined ? {} : { environment }),
        ...(keepUntil === undefined ? {} : { 'bursar:keep-until': keepUntil }),
      },
      ...(consent === undefined ? {} : { consent }),
      protections: code === undefined ? [] : [{ code, detail: 'It is protected.' }],
    }),
  );

const anyInput: fc.Arbitrary<LaunchInput> = fc
  .record({
    resource: anyResource,
    spent: fc.constantFrom('900', '1000', '1300'),
    asOf: fc.constantFrom(-3000, -60, -2).map(minutes),
    isFrozen: fc.boolean(),
    launch: fc.constantFrom('stop' as const, 'notify' as const),
    allow: fc.subarray<Consent>(['stop-jobs', 'scale-to-zero']),
    graceSeconds: fc.constantFrom(0, 7200),
    isKept: fc.constantFrom(false, false, false, true),
    hasMark: fc.constantFrom(true, true, false),
    does: fc.constantFrom('stop' as const, 'notify' as const),
    hourlyOfProject: fc.constantFrom(ZERO_USD, usd('9')),
  })
  .map(
    ({
      resource,
      spent,
      asOf,
      isFrozen,
      launch,
      allow,
      graceSeconds,
      isKept,
      hasMark,
      does,
      hourlyOfProject,
    }) =>
      inputOf({
        resource,
        hourlyOfProject,
        policy: {
          ...withProject({ types: ['g5.*'], maxHourly: usd('10'), budget: usd('1000') }),
          policies: [
            production,
            development({
              launch,
              allow,
              budget: stopAt100.map((rule) => (rule.do === 'notify' ? rule : { ...rule, graceSeconds })),
            }),
          ],
          untagged: { afterSeconds: 7200, do: does, warnSeconds: does === 'stop' ? 600 : 0 },
        },
        marks: hasMark
          ? [
              markOf({
                breaches: breachesOf(budgetReading({ actual: usd(spent), asOf })),
                frozenUntil: isFrozen ? FROZEN_UNTIL : undefined,
              }),
            ]
          : [],
        keeps: isKept
          ? new Map([
              [
                resource.arn,
                { arn: resource.arn, since: resource.since, until: minutes(9), by: 'ana', at: NOW, count: 1 },
              ],
            ])
          : new Map(),
      }),
  );

const stopsOf = (decisions: readonly Decision[]) => decisions.filter(({ action }) => action === 'stop');

describe('whatever is launched', () => {
  const check = (truth: (input: LaunchInput) => void) =>
    fc.assert(fc.property(anyInput, truth), { numRuns: 3000 });

  it('nothing is stopped that is exempt, of production, of no project, or not the resource itself', () => {
    let stops = 0;
    check((input) => {
      const { resource } = input;
      for (const one of stopsOf(decideLaunch(input).decisions)) {
        if (one.action !== 'stop') continue;
        stops += 1;
        expect(one.target).toBe(resource);
        expect(one.project).toBe(resource.tags.project);
        expect(resource.tags.environment).toBe('dev');
        expect(resource.state).toBe('running');
        expect(resource.protections).toEqual([]);
        expect(resource.tags['bursar:keep-until']).not.toBe('2027-01-01');
        expect(input.keeps.size).toBe(0);
        const { consent } = resource;
        const matched = matchPolicy(input.policy, resource.tags);
        expect(consent === undefined || matched?.allow.includes(consent)).toBe(true);
        if (one.trigger === 'launch') expect(matched?.launch).toBe('stop');
      }
    });
    expect(stops).toBeGreaterThan(100);
  });

  it('a repeat decides the same under the same keys, and a late one nothing new', () => {
    check((input) => {
      const first = decideLaunch(input);
      expect(decideLaunch(input)).toEqual(first);
      const keys = new Set(first.decisions.map((one) => one.key));
      // Later the resource is still in the same running spell: what is decided then has been decided before, but for
      // keeps and grace periods that have ended meanwhile.
      const late = decideLaunch({ ...input, now: minutes(5) });
      for (const one of late.decisions) expect(keys).toContain(one.key);
    });
  });
});
