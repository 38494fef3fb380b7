import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SweepInput } from '../../lib/decide/judged.ts';
import { quietOf } from '../../lib/decide/quiet.ts';
import { decideSweep } from '../../lib/decide/sweep.ts';
import type { Watch } from '../../lib/ledger/ledger.ts';
import type { RuntimeRule, Schedule } from '../../lib/policy/schedule.ts';
import {
  busyEvidence,
  development,
  hoursOf,
  idleRule,
  instance,
  minutes,
  policyOf,
  sweepOf,
} from './fixtures.ts';

/** Made once: a calendar is known by its schedules. */
const hours: readonly Schedule[] = [0, 900].flatMap((warnSeconds) =>
  [undefined, 0, 2_400].flatMap((seconds) =>
    [0, 600].map((startAheadSeconds) =>
      hoursOf(
        [
          [480, 710],
          [780, 1_080],
        ],
        {
          warnSeconds,
          startAheadSeconds,
          ...(seconds === undefined ? {} : { manualStartSeconds: seconds }),
        },
      ),
    ),
  ),
);

const anyRuntime: fc.Arbitrary<RuntimeRule> = fc.constantFrom(
  { afterSeconds: 7_200, warnSeconds: 0, do: 'stop' },
  { afterSeconds: 18_000, warnSeconds: 1_800, do: 'stop' },
  { afterSeconds: 10_800, warnSeconds: 0, do: 'notify' },
);

/** Something that was started, kept and seen at some minute of a day, under hours, a longest runtime, or both. */
const anyInput: fc.Arbitrary<SweepInput> = fc
  .record({
    schedule: fc.option(fc.constantFrom(...hours), { nil: undefined, freq: 4 }),
    maxRuntime: fc.option(anyRuntime, { nil: undefined, freq: 3 }),
    idle: fc.constantFrom('off' as const, idleRule),
    kind: fc.constantFrom('ec2-instance', 'ec2-instance', 'rds-instance'),
    state: fc.constantFrom('running' as const, 'running' as const, 'running' as const, 'stopped' as const),
    now: fc.integer({ min: -240, max: 700 }),
    age: fc.integer({ min: 0, max: 400 }),
    keptFor: fc.option(fc.integer({ min: -60, max: 200 }), { nil: undefined, freq: 3 }),
    closingIn: fc.option(fc.integer({ min: -30, max: 60 }), { nil: undefined, freq: 3 }),
    endsIn: fc.option(fc.integer({ min: -30, max: 60 }), { nil: undefined, freq: 3 }),
    upFor: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined, freq: 3 }),
    notedAgo: fc.integer({ min: 0, max: 800 }),
  })
  .map(
    ({ schedule, maxRuntime, idle, kind, state, now, age, keptFor, closingIn, endsIn, upFor, notedAgo }) => {
      const at = minutes(now);
      const since = minutes(now - age - (kind === 'rds-instance' ? 9_999 : 0));
      const resource = instance('x-1', { kind, state, since });
      const { arn } = resource;
      const watch: Watch = {
        arn,
        since,
        busyAt: minutes(now - 3),
        stopAt: undefined,
        heldAt: undefined,
        heldDue: undefined,
        toldAt: undefined,
        orderedAt: undefined,
        ...(closingIn === undefined ? {} : { closingAt: minutes(now + closingIn) }),
        ...(endsIn === undefined ? {} : { endsAt: minutes(now + endsIn) }),
        ...(upFor === undefined ? {} : { upSince: minutes(now - upFor), notedAt: minutes(now - notedAgo) }),
      };
      const keep = { arn, since, by: 'ana', at: minutes(now - 90), count: 1 };
      return sweepOf([resource], {
        now: at,
        policy: policyOf([
          development({
            idle,
            ...(schedule === undefined ? {} : { hours: [schedule] }),
            ...(maxRuntime === undefined ? {} : { maxRuntime }),
          }),
        ]),
        watches: [watch],
        keeps: new Map(keptFor === undefined ? [] : [[arn, { ...keep, until: minutes(now + keptFor) }]]),
        evidence: new Map([[arn, busyEvidence]]),
      });
    },
  );

it('while it is quiet no sweep decides anything or has anything to remember', () => {
  let [quiets, ends] = [0, 0];
  fc.assert(
    fc.property(
      anyInput,
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 4, maxLength: 4 }),
      (input, parts) => {
        const [resource] = input.resources;
        if (resource === undefined) return;
        const { until, timed } = quietOf(resource, input);
        const now = input.now.getTime();
        expect(until).toBeLessThanOrEqual(timed);
        if (until <= now) return;
        quiets += 1;
        if (until !== Number.POSITIVE_INFINITY) ends += 1;
        const end = Math.min(until, now + 3 * 86_400_000);
        for (const at of [now, ...parts.map((part) => Math.floor(now + part * (end - now))), end - 1]) {
          const { decisions, watches } = decideSweep({ ...input, now: new Date(at) });
          expect([at, decisions, watches]).toEqual([at, [], []]);
        }
      },
    ),
    { numRuns: 2_000 },
  );
  expect(quiets).toBeGreaterThan(500);
  expect(ends).toBeGreaterThan(300);
});

it('with nothing but hours, it is quiet until the minute at which they come to something', () => {
  const until = (schedule: Schedule, now: number, since = -600) => {
    const resource = instance('i-1', { since: minutes(since) });
    const policy = policyOf([development({ idle: 'off', hours: [schedule] })]);
    return quietOf(resource, sweepOf([resource], { policy, now: minutes(now) })).until;
  };
  const [plain] = hours;
  if (plain === undefined) throw new Error('there are no hours');
  expect(until(plain, 70)).toBe(minutes(360).getTime());
  expect(until(hoursOf([[480, 725]], { warnSeconds: 900 }), -60)).toBe(minutes(-10).getTime());
  // It is closed, and its stop is due.
  expect(until(plain, 0)).toBeLessThanOrEqual(minutes(0).getTime());
  // A manual start: until the opening.
  expect(until(plain, 0, -5)).toBe(minutes(60).getTime());
});
