import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcementId } from '../../lib/decide/announcement.ts';
import type { SweepInput } from '../../lib/decide/judged.ts';
import { announcementsNeeded, decideSweep, evidenceNeeded, judgeAll } from '../../lib/decide/sweep.ts';
import type { Approval, Keep, KeepTag, ProjectMark, Watch } from '../../lib/ledger/ledger.ts';
import { planLists } from '../../lib/plan/hash.ts';
import { policyHash } from '../../lib/policy/policy-hash.ts';
import type { RuntimeRule } from '../../lib/policy/schedule.ts';
import type { Decision, StopDecision } from '../../lib/types/decision.ts';
import type { Evidence } from '../../lib/types/evidence.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Consent, Resource } from '../../lib/types/resource.ts';
import {
  breachesOf,
  budgetReading,
  development,
  hoursOf,
  idleRule,
  instance,
  minutes,
  NOW,
  newestFirst,
  policyOf,
  production,
  readingOf,
  stopAt100,
  sweepOf,
  usd,
  watchOf,
} from './fixtures.ts';

/** What must always be true of a sweep, whatever the fleet, its metrics, its past and its policy. */

/** Of each property. */
const RUNS = 2_400;

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 5 });

const anyResource: fc.Arbitrary<Resource> = fc
  .record({
    id: fc.nat({ max: 99_999 }),
    project: fc.constantFrom('recsys', 'recsys', 'fraud', ' ', undefined),
    environment: fc.constantFrom(...new Array<'dev'>(8).fill('dev'), 'prod', 'other', undefined),
    keepUntil: fc.constantFrom(...new Array(6).fill(undefined), '2027-01-01', '2020-01-01', 'a while', '4h'),
    state: fc.constantFrom<Resource['state'][]>(
      'running',
      'running',
      'running',
      'transitional',
      'stopped',
      'failed',
    ),
    group: fc.constantFrom(false, false, false, true),
    consent: fc.constantFrom(...new Array<undefined>(8).fill(undefined), 'scale-to-zero', 'stop-jobs'),
    isJob: fc.constantFrom(...new Array<false>(8).fill(false), true),
    age: fc.constantFrom(5, 20, 29, 30, 35, 60, 600, 600, 600, 600),
    cents: maybe(fc.nat({ max: 4000 })),
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
    kind: fc.constantFrom(...new Array<string>(6).fill('ec2-instance'), 'rds-instance'),
  })
  .map(({ id, project, environment, keepUntil, state, group, consent, isJob, age, cents, region, kind }) =>
    instance(`i-${id}`, {
      kind,
      region,
      state,
      since: minutes(-age),
      hourly: cents === undefined ? undefined : microUsd(BigInt(cents) * 10_000n),
      tags: {
        ...(project === undefined ? {} : { project }),
        ...(environment === undefined ? {} : { environment }),
        ...(keepUntil === undefined ? {} : { 'bursar:keep-until': keepUntil }),
      },
      ...(consent === undefined ? {} : { consent }),
      ...(isJob ? { neverIdle: 'A job ends by itself.' } : {}),
      protections: group ? [{ code: 'auto-scaling-group', detail: 'It is part of a group.' }] : [],
    }),
  );

/** Mostly idle and whole; sometimes busy, late or with gaps. */
const anyEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    readings: fc.array(
      fc.record({
        values: fc.array(
          fc.oneof(
            { arbitrary: fc.double({ min: 0, max: 4.9, noNaN: true }), weight: 60 },
            { arbitrary: fc.double({ min: 5, max: 100, noNaN: true }), weight: 1 },
            { arbitrary: fc.constant(undefined), weight: 1 },
          ),
          { minLength: 5, maxLength: 9 },
        ),
        endsAgo: fc.constantFrom(0, 0, 0, -2, 4, 9, 12),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    isMissing: fc.constantFrom(false, false, false, true),
  })
  .map(({ readings, isMissing }) => ({
    asOf: NOW,
    readings: readings.map(({ values, endsAgo }) =>
      readingOf(
        'cpu',
        newestFirst(
          values.map((value) => value ?? Number.NaN),
          { endsAgo },
        ).filter(({ value }) => !Number.isNaN(value)),
      ),
    ),
    missing: isMissing ? [{ signal: 'gpu', why: 'No GPU metric.' }] : [],
  }));

const anyTime = fc.option(fc.constantFrom(-2000, -40, -31, -19, -5, 0, 5).map(minutes), {
  nil: undefined,
  freq: 2,
});
const anyWatch = (resource: Resource): fc.Arbitrary<Watch> =>
  fc
    .record({
      busyAt: anyTime,
      stopAt: anyTime,
      heldAt: anyTime,
      heldDue: maybe(fc.constantFrom(2, 5, 100)),
      orderedAt: maybe(fc.constantFrom(-2, -10).map(minutes)),
      paced: maybe(fc.constant(true as const)),
      closingAt: anyTime,
      endsAt: anyTime,
      upSince: maybe(fc.constantFrom(-3, -15, -700).map(minutes)),
      isOld: fc.constantFrom(false, false, true),
    })
    .map(({ isOld, ...known }) => watchOf(resource, isOld ? { ...known, since: minutes(-5000) } : known));

const anyMark = (project: string): fc.Arbitrary<ProjectMark> =>
  fc
    .record({
      spent: maybe(fc.constantFrom('900', '1000', '1250')),
      asOf: fc.constantFrom(-25, -120).map(minutes),
      frozenUntil: maybe(fc.constantFrom(minutes(-5), new Date('2026-12-01T00:00:00.000Z'))),
      reachedAgo: maybe(fc.constantFrom(5, 25, 30, 120)),
    })
    .map(({ spent, asOf, frozenUntil, reachedAgo }) => ({
      holder: project,
      breaches: breachesOf(
        ...(spent === undefined ? [] : [budgetReading({ holder: project, actual: usd(spent), asOf })]),
      ),
      frozenUntil,
      reached: new Map(reachedAgo === undefined ? [] : [['actual-100', minutes(-reachedAgo)]]),
      until: new Date('2026-12-01T00:00:00.000Z'),
    }));

const anyKeep = ({ arn, since }: Resource): fc.Arbitrary<Keep> =>
  fc
    .constantFrom(-30, 0, 5, 10, 11, 300)
    .map((until) => ({ arn, since, until: minutes(until), by: 'ana', at: minutes(-40), count: 1 }));

const anyKeepTag = ({ arn, tags }: Resource): fc.Arbitrary<KeepTag> =>
  fc
    .constantFrom(-5, -239, -240, -1440, -9999)
    .map((seen) => ({ arn, value: tags['bursar:keep-until'] ?? '4h', seenAt: minutes(seen) }));

/** Closed since 11:50; open until 12:05; closed since 6:00. It is 12:00. Made once, since a calendar is known by them. */
const HOURS = [
  {
    spans: [
      [480, 710],
      [780, 1_080],
    ],
    closedFor: 10,
  },
  { spans: [[480, 725]], closedFor: undefined },
  { spans: [[1_320, 1_800]], closedFor: 360 },
] as const;
const schedules = HOURS.flatMap(({ spans, closedFor }) =>
  [0, 600].flatMap((warnSeconds) =>
    [undefined, 0, 1_200].map((seconds) => ({
      closedFor,
      schedule: hoursOf(spans, {
        warnSeconds,
        ...(seconds === undefined ? {} : { manualStartSeconds: seconds }),
      }),
    })),
  ),
);
const anyHours = fc.constantFrom(...schedules);
const anyRuntime: fc.Arbitrary<RuntimeRule> = fc.constantFrom(
  { afterSeconds: 1_800, warnSeconds: 0, do: 'stop' },
  { afterSeconds: 3_600, warnSeconds: 600, do: 'stop' },
  { afterSeconds: 1_800, warnSeconds: 0, do: 'notify' },
);

const anyPolicy = fc
  .record({
    hours: fc.option(anyHours, { nil: undefined, freq: 2 }),
    maxRuntime: fc.option(anyRuntime, { nil: undefined, freq: 3 }),
    warnSeconds: fc.constantFrom(0, 600),
    does: fc.constantFrom('stop' as const, 'stop' as const, 'notify' as const),
    budget: fc.constantFrom([], stopAt100),
    graceSeconds: fc.constantFrom(0, 0, 1800),
    allow: fc.subarray<Consent>(['scale-to-zero', 'stop-jobs']),
    limits: fc.record({
      maxStopsPerSweep: fc.constantFrom(1, 2, 4, 12),
      maxFleetShare: fc.integer({ min: 1, max: 100 }),
    }),
  })
  .map(({ hours, maxRuntime, warnSeconds, does, budget, graceSeconds, allow, limits }) =>
    policyOf(
      [
        production,
        development({
          idle: { ...idleRule, warnSeconds, do: does },
          budget: budget.map((rule) => (rule.do === 'notify' ? rule : { ...rule, graceSeconds })),
          allow,
          ...(hours === undefined ? {} : { hours: [hours.schedule] }),
          ...(maxRuntime === undefined ? {} : { maxRuntime }),
        }),
      ],
      { limits },
    ),
  );

const byArn = <T extends { readonly arn: string }>(items: readonly (T | undefined)[]) =>
  new Map(items.flatMap((item) => (item === undefined ? [] : [[item.arn, item] as const])));

const anyInput: fc.Arbitrary<SweepInput> = fc
  .record({
    policy: anyPolicy,
    resources: fc.uniqueArray(anyResource, { maxLength: 16, size: 'max', selector: ({ arn }) => arn }),
  })
  .chain(({ policy, resources }) =>
    fc
      .record({
        evidence: fc.tuple(...resources.map(() => maybe(anyEvidence))),
        watches: fc.tuple(...resources.map((resource) => maybe(anyWatch(resource)))),
        keeps: fc.tuple(
          ...resources.map((resource) => fc.option(anyKeep(resource), { nil: undefined, freq: 2 })),
        ),
        keepTags: fc.tuple(...resources.map((resource) => maybe(anyKeepTag(resource)))),
        marks: fc.tuple(maybe(anyMark('recsys')), maybe(anyMark('fraud'))),
        isUntold: fc.tuple(...resources.map(() => fc.constantFrom(false, false, true))),
        isInspected: fc.tuple(...resources.map(() => fc.constantFrom(false, false, false, true))),
        released: fc.boolean().map((is) => new Set(is ? [minutes(-31).toISOString()] : [])),
      })
      .map(({ evidence, watches, keeps, keepTags, marks, isUntold, isInspected, released }) => {
        const known = sweepOf(resources, {
          policy,
          evidence: new Map(
            resources.flatMap(({ arn }, index) => {
              const found = evidence[index];
              return found === undefined ? [] : [[arn, found] as const];
            }),
          ),
          watches: watches.filter((one) => one !== undefined),
          marks: marks.filter((one) => one !== undefined),
          keeps: byArn(keeps),
          keepTags: byArn(keepTags),
          released,
        });
        const protection = { code: 'stop-protection' as const, detail: 'It is stop-protected.' };
        return {
          ...known,
          untold: new Set(announcementsNeeded(judgeAll(known)).filter((_, index) => isUntold[index])),
          inspected: new Map(
            resources.flatMap(({ arn }, index) => (isInspected[index] ? [[arn, protection] as const] : [])),
          ),
        };
      }),
  );

const check = (truth: (input: SweepInput) => void) =>
  fc.assert(fc.property(anyInput, truth), { numRuns: RUNS });

/** By the letter of the tag and the person's word, in other words than the product's. */
function isKept({ arn, tags }: Resource, { keeps, keepTags, now }: SweepInput): boolean {
  if ((keeps.get(arn)?.until ?? now) > now) return true;
  const hours = { '2027-01-01': Number.POSITIVE_INFINITY, '2020-01-01': 0, '4h': 4, 'a while': 24 }[
    tags['bursar:keep-until'] ?? '2020-01-01'
  ];
  const seen = keepTags.get(arn)?.seenAt ?? now;
  return now.getTime() - seen.getTime() < (hours ?? 0) * 3_600_000;
}

const stopsOf = (input: SweepInput): readonly StopDecision[] =>
  decideSweep(input).decisions.flatMap((decision) => (decision.action === 'stop' ? [decision] : []));

const sorted = <T>(items: readonly T[], by: (item: T) => string): readonly T[] =>
  [...items].sort((a, b) => (by(a) < by(b) ? -1 : 1));

const inOrder = (decisions: readonly Decision[]): readonly Decision[] =>
  sorted(
    decisions.map((decision) =>
      decision.action === 'hold'
        ? { ...decision, targets: sorted(decision.targets, ({ arn }) => arn) }
        : decision,
    ),
    ({ key }) => key,
  );

it('reaches every kind of decision, or the rest of this file proves nothing', () => {
  const reached = new Set<string>();
  check((input) => {
    for (const decision of decideSweep(input).decisions) {
      reached.add(decision.action === 'stop' ? `stop ${decision.trigger}` : decision.action);
    }
  });
  expect([...reached].sort()).toEqual([
    'hold',
    'notify',
    'stop budget',
    'stop freeze',
    'stop idle',
    'stop runtime',
    'stop schedule',
    'warn',
  ]);
});

describe('nothing is touched that no policy names, or that is exempt', () => {
  it('stops only what runs, has a project, is named by a policy that asks for it and is not protected', () => {
    check((input) => {
      for (const { target, rule, project } of stopsOf(input)) {
        expect(target.state).toBe('running');
        expect(target.protections).toEqual([]);
        expect(input.inspected.get(target.arn)).toBeUndefined();
        expect(isKept(target, input)).toBe(false);
        const allowed = input.policy.policies.find(({ name }) => name === 'development')?.allow ?? [];
        expect([undefined, ...allowed]).toContain(target.consent);
        expect(target.tags.environment).toBe('dev');
        expect(rule.policy).toBe('development');
        expect(['recsys', 'fraud']).toContain(project);
        expect(project).toBe(target.tags.project);
      }
    });
  });

  it('warns of nothing that it could not stop', () => {
    check((input) => {
      for (const decision of decideSweep(input).decisions) {
        if (decision.action !== 'warn') continue;
        expect(decision.target).toMatchObject({
          state: 'running',
          protections: [],
          tags: { environment: 'dev' },
        });
        expect(input.inspected.get(decision.target.arn)).toBeUndefined();
        if (decision.trigger === 'idle') {
          expect(decision.stopAt.getTime()).toBeGreaterThanOrEqual(minutes(10).getTime());
        } else expect(decision.stopAt.getTime()).toBeGreaterThan(NOW.getTime());
        // What is kept is told of the stop that follows its keep, and of none before.
        const until = input.keeps.get(decision.target.arn)?.until;
        if (until !== undefined) {
          expect(decision.stopAt.getTime()).toBeGreaterThanOrEqual(until.getTime());
        }
      }
    });
  });
});

describe('not knowing is not idle', () => {
  it('stops for idleness only where every sample of half an hour is there and below its limit', () => {
    check((input) => {
      for (const { trigger, target } of stopsOf(input)) {
        if (trigger !== 'idle') continue;
        expect(target.since.getTime()).toBeLessThanOrEqual(minutes(-30).getTime());
        const evidence = input.evidence.get(target.arn);
        expect(evidence?.missing).toEqual([]);
        expect(evidence?.readings.length).toBeGreaterThan(0);
        for (const { samples } of evidence?.readings ?? []) {
          const ends = (at: Date) => at.getTime() + 300_000;
          const whole = samples.filter(({ at }) => ends(at) <= NOW.getTime());
          const newest = Math.max(...whole.map(({ at }) => ends(at)));
          expect(newest).toBeGreaterThanOrEqual(minutes(-10).getTime());
          for (let minute = 1; minute <= 30; minute += 1) {
            const at = newest - minute * 60_000;
            expect(whole.some((one) => one.at.getTime() <= at && at < ends(one.at))).toBe(true);
          }
          const inWindow = samples.filter(({ at }) => ends(at) > minutes(-30).getTime());
          expect(inWindow.every(({ value }) => value < 5)).toBe(true);
        }
      }
    });
  });

  it('with no evidence at all, nothing is stopped or warned of for idleness', () => {
    check((input) => {
      const { decisions } = decideSweep({ ...input, evidence: new Map() });
      expect(decisions.filter((one) => 'trigger' in one && one.trigger === 'idle')).toEqual([]);
    });
  });

  it('a stop that was to be announced comes after the announced time', () => {
    check((input) => {
      const idle = input.policy.policies.find(({ name }) => name === 'development')?.idle;
      if (idle === undefined || idle === 'off' || idle.warnSeconds === 0) return;
      for (const { trigger, target } of stopsOf(input)) {
        if (trigger !== 'idle') continue;
        const watch = input.watches.get(target.arn);
        expect(watch?.since).toEqual(target.since);
        expect(watch?.stopAt?.getTime()).toBeLessThanOrEqual(NOW.getTime());
        if (watch?.stopAt === undefined) throw new Error('it was not announced');
        expect(input.untold.has(announcementId({ trigger: 'idle', target, stopAt: watch.stopAt }))).toBe(
          false,
        );
      }
    });
  });

  it('nor does a budget stop with a grace period, and never where nobody was told', () => {
    check((input) => {
      const rules = input.policy.policies.find(({ name }) => name === 'development')?.budget ?? [];
      if (!rules.some(({ graceSeconds }) => graceSeconds > 0)) return;
      for (const { trigger, target, project, rule } of stopsOf(input)) {
        if (trigger !== 'budget') continue;
        const [, percent] = /^budget (\d+)% of actual/.exec(rule.rule) ?? [];
        const mark = input.marks.get(project ?? '');
        const reached = mark?.reached.get(`actual-${percent}`) ?? mark?.breaches.get('budgets')?.asOf;
        if (reached === undefined) throw new Error('no breach was marked');
        const stopAt = new Date(reached.getTime() + 1_800_000);
        expect(stopAt.getTime()).toBeLessThanOrEqual(NOW.getTime());
        expect(input.untold.has(announcementId({ trigger: 'budget', target, stopAt }))).toBe(false);
      }
    });
  });
});

describe('hours and the longest runtime', () => {
  const developmentOf = ({ policy }: SweepInput) =>
    policy.policies.find(({ name }) => name === 'development');
  const closedFor = (input: SweepInput): number | undefined => {
    const [hours] = developmentOf(input)?.hours ?? [];
    return schedules.find(({ schedule }) => schedule === hours)?.closedFor;
  };
  /** How long it has run, in minutes; of a database, what a sweep saw of that, and nothing where none did. */
  const ranFor = (target: Resource, input: SweepInput): number => {
    const { upSince } = input.watches.get(target.arn) ?? {};
    const seen = upSince !== undefined && upSince >= target.since ? upSince : NOW;
    return (NOW.getTime() - (target.kind === 'rds-instance' ? seen : target.since).getTime()) / 60_000;
  };

  it('stop outside hours alone, and only what was started in them or may not run on', () => {
    check((input) => {
      const [hours] = developmentOf(input)?.hours ?? [];
      for (const { trigger, target, expires } of stopsOf(input)) {
        if (trigger !== 'schedule') continue;
        const closed = closedFor(input);
        if (closed === undefined) throw new Error('it is open');
        expect(expires?.getTime()).toBeGreaterThan(NOW.getTime());
        const ran = ranFor(target, input);
        if (ran > closed) continue;
        expect(ran * 60).toBeGreaterThanOrEqual(hours?.manualStartSeconds ?? Number.POSITIVE_INFINITY);
      }
    });
  });

  it('stop after the longest runtime and not before', () => {
    check((input) => {
      for (const { trigger, target } of stopsOf(input)) {
        if (trigger !== 'runtime') continue;
        const rule = developmentOf(input)?.maxRuntime;
        expect(rule?.do).toBe('stop');
        expect(ranFor(target, input) * 60).toBeGreaterThanOrEqual(rule?.afterSeconds ?? Number.NaN);
      }
    });
  });

  it('stop what was to be announced after the announced time, and only where people were told', () => {
    check((input) => {
      const of = developmentOf(input);
      for (const { trigger, target } of stopsOf(input)) {
        if (trigger !== 'schedule' && trigger !== 'runtime') continue;
        const [hours] = of?.hours ?? [];
        // A manual start that is stopped at once is announced to nobody.
        const atOnce = hours?.manualStartSeconds === 0 && ranFor(target, input) <= (closedFor(input) ?? 0);
        const warns =
          trigger === 'schedule' ? (atOnce ? 0 : hours?.warnSeconds) : of?.maxRuntime?.warnSeconds;
        if (warns === 0) continue;
        const stopAt = input.watches.get(target.arn)?.[trigger === 'schedule' ? 'closingAt' : 'endsAt'];
        if (stopAt === undefined) throw new Error('it was not announced');
        expect(stopAt.getTime()).toBeLessThanOrEqual(NOW.getTime());
        expect(input.untold.has(announcementId({ trigger, target, stopAt }))).toBe(false);
      }
    });
  });

  it('leave nothing running outside hours that nothing speaks for', () => {
    let count = 0;
    check((input) => {
      const [of, closed] = [developmentOf(input), closedFor(input)];
      if (of?.hours?.[0]?.warnSeconds !== 0 || closed === undefined) return;
      const { decisions, verdicts } = decideSweep(input);
      for (const one of input.resources) {
        const isDue =
          one.state === 'running' &&
          one.tags.environment === 'dev' &&
          one.tags.project?.trim() !== '' &&
          one.tags.project !== undefined &&
          one.protections.length === 0 &&
          (one.consent === undefined || of.allow.includes(one.consent)) &&
          !isKept(one, input) &&
          !input.inspected.has(one.arn) &&
          ranFor(one, input) > closed;
        if (!isDue) continue;
        count += 1;
        const isStopped = decisions.some((each) => each.action === 'stop' && each.target.arn === one.arn);
        const verdict = verdicts.find(({ resource }) => resource.arn === one.arn)?.verdict;
        expect(isStopped || verdict === 'held').toBe(true);
      }
    });
    expect(count).toBeGreaterThan(40);
  });
});

describe('the limits', () => {
  it('are never exceeded, and what is over them is held and remembered', () => {
    check((input) => {
      const { maxStopsPerSweep, maxFleetShare } = input.policy.limits;
      const running = input.resources.filter(({ state }) => state === 'running').length;
      const { decisions, watches } = decideSweep(input);
      const isLate = ({ orderedAt }: Watch): boolean => orderedAt !== undefined && orderedAt > minutes(-4);
      // Released, or let go minutes ago and at work still.
      const wasLetGo = ({ arn, since }: Resource): boolean => {
        const watch = input.watches.get(arn);
        if (watch?.since.getTime() !== since.getTime()) return false;
        const { heldAt } = watch;
        return isLate(watch) || (heldAt !== undefined && input.released.has(heldAt.toISOString()));
      };
      const stops = decisions.flatMap((one) =>
        one.action === 'stop' && !wasLetGo(one.target) ? [one.trigger] : [],
      );
      // What the hours have ordered is paced by the minute, and counts for less long.
      const lately = [...input.watches.values()].filter((one) => isLate(one) && one.paced !== true).length;
      expect(stops.length).toBeLessThanOrEqual(Math.max(0, maxStopsPerSweep - lately));
      // That hours end was known: no share of the fleet holds what they stop.
      const unforeseen = stops.filter((trigger) => trigger !== 'schedule').length;
      expect(unforeseen).toBeLessThanOrEqual(Math.max(3, Math.ceil((running * maxFleetShare) / 100)));
      for (const decision of decisions) {
        if (decision.action !== 'hold' || decision.cause !== 'blast-radius') continue;
        for (const { arn } of decision.targets) {
          const held = watches.find((watch) => watch.arn === arn) ?? input.watches.get(arn);
          expect(held?.heldAt).toBeDefined();
        }
      }
    });
  });
});

describe('the same happens for the same input', () => {
  it('in whatever order the fleet and the samples come', () => {
    fc.assert(
      fc.property(
        anyInput.chain((input) =>
          fc.tuple(
            fc.constant(input),
            fc.shuffledSubarray([...input.resources], { minLength: input.resources.length }),
          ),
        ),
        ([input, resources]) => {
          const reversed = new Map(
            [...input.evidence].map(([arn, evidence]) => [
              arn,
              {
                ...evidence,
                readings: evidence.readings.map((one) => ({ ...one, samples: one.samples.toReversed() })),
              },
            ]),
          );
          const a = decideSweep(input);
          const b = decideSweep({ ...input, resources, evidence: reversed });
          expect(inOrder(b.decisions)).toEqual(inOrder(a.decisions));
          expect(sorted(b.watches, ({ arn }) => arn)).toEqual(sorted(a.watches, ({ arn }) => arn));
          expect(sorted(b.verdicts, ({ resource }) => resource.arn)).toEqual(
            sorted(a.verdicts, ({ resource }) => resource.arn),
          );
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('without the evidence that it did not ask for', () => {
    check((input) => {
      const asked = new Set(evidenceNeeded(input).map(({ resource }) => resource.arn));
      const evidence = new Map([...input.evidence].filter(([arn]) => asked.has(arn)));
      expect(decideSweep({ ...input, evidence })).toEqual(decideSweep(input));
    });
  });

  it('no two decisions share a key, and each resource has one answer', () => {
    check((input) => {
      const { decisions, verdicts } = decideSweep(input);
      expect(new Set(decisions.map(({ key }) => key)).size).toBe(decisions.length);
      const answered = [
        ...verdicts.map(({ resource }) => resource.arn),
        ...decisions.flatMap((one) => ('target' in one ? [one.target.arn] : [])),
      ].sort();
      expect(answered).toEqual(input.resources.map(({ arn }) => arn).sort());
    });
  });
});

describe('where approval is required', () => {
  const FEWER = 2_400;
  const required = (input: SweepInput): SweepInput => ({
    ...input,
    policy: { ...input.policy, approval: 'required' },
  });
  const approvalOf = ({ policy }: SweepInput, resources: readonly Resource[]): Approval => ({
    hash: 'sha256:1',
    policyHash: policyHash(policy),
    lists: new Map([...planLists(policy, resources)].map(([name, arns]) => [name, new Set(arns)] as const)),
    at: minutes(-60),
    by: 'ana (command line)',
  });

  it('nothing is stopped or warned of that no approved plan of this policy lists', () => {
    let acted = 0;
    fc.assert(
      fc.property(
        anyInput,
        fc.nat(),
        fc.constantFrom('none', 'other', 'part', 'part', 'part'),
        (some, seed, how) => {
          const input = required(some);
          const isListed = ({ arn }: Resource) => (Number.parseInt(arn.slice(-3), 36) + seed) % 3 > 0;
          const part = approvalOf(input, input.resources.filter(isListed));
          const approval =
            how === 'none' ? undefined : how === 'other' ? { ...part, policyHash: 'sha256:2' } : part;
          for (const decision of decideSweep({ ...input, approval }).decisions) {
            if (decision.action !== 'stop' && decision.action !== 'warn') continue;
            acted += 1;
            expect(how).toBe('part');
            expect(isListed(decision.target)).toBe(true);
            expect(part.lists.get(decision.rule.policy)?.has(decision.target.arn)).toBe(true);
          }
        },
      ),
      { numRuns: FEWER },
    );
    expect(acted).toBeGreaterThan(50);
  });

  it('a plan that lists the whole fleet makes no difference', () => {
    fc.assert(
      fc.property(anyInput, (some) => {
        const input = required(some);
        const approval = approvalOf(input, input.resources);
        expect(decideSweep({ ...input, approval })).toEqual(decideSweep(some));
      }),
      { numRuns: FEWER / 3 },
    );
  });
});
