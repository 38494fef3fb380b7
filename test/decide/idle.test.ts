import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatSignal,
  type Idleness,
  judgeIdleness,
  MAX_LAG_SECONDS,
  newestBusy,
  windowSeconds,
} from '../../lib/decide/idle.ts';
import type { Evidence, SignalReading } from '../../lib/types/evidence.ts';
import {
  evidenceOf,
  idleEvidence,
  idleRule,
  instance,
  minutes,
  NOW,
  newestFirst,
  readingOf,
  steady,
} from './fixtures.ts';

const machine = instance('i-1');
const judge = (evidence: Evidence | undefined, change: Parameters<typeof instance>[1] = {}): Idleness =>
  judgeIdleness({ ...machine, ...change }, evidence, idleRule, NOW);
const stateOf = (readings: readonly SignalReading[]): Idleness['state'] => judge(evidenceOf(readings)).state;
const cpu = (values: readonly number[], place?: Parameters<typeof newestFirst>[1]) =>
  readingOf('cpu', newestFirst(values, place));

/** 0–4.99 %: below the limit of 5 %. */
const idleValue = fc.double({ min: 0, max: 4.99, noNaN: true });
const busyValue = fc.double({ min: 5, max: 100, noNaN: true });

describe('the window', () => {
  it.each([
    { name: '30 minutes of 5-minute samples', values: [1, 1, 1, 1, 1, 1], state: 'idle' },
    { name: '25 minutes of them', values: [1, 1, 1, 1, 1], state: 'unknown' },
    { name: 'no sample at all', values: [], state: 'unknown' },
    { name: 'the oldest sample of the window busy', values: [1, 1, 1, 1, 1, 99], state: 'busy' },
    { name: 'the newest busy', values: [99, 1, 1, 1, 1, 1], state: 'busy' },
    { name: 'one before the window busy', values: [1, 1, 1, 1, 1, 1, 99], state: 'idle' },
    { name: 'busy at exactly the limit', values: [1, 1, 5, 1, 1, 1], state: 'busy' },
    { name: 'just below the limit', values: [4.999, 4.999, 4.999, 4.999, 4.999, 4.999], state: 'idle' },
  ])('$name: $state', ({ values, state }) => {
    expect(stateOf([cpu(values)])).toBe(state);
  });

  it.each([
    { count: 29, state: 'unknown' },
    { count: 30, state: 'idle' },
  ])('$count minutes of 1-minute samples: $state', ({ count, state }) => {
    const samples = newestFirst(new Array<number>(count).fill(1), { period: 60 });
    expect(stateOf([readingOf('cpu', samples, { periodSeconds: 60 })])).toBe(state);
  });

  it.each([
    { age: 29, state: 'too-young' },
    { age: 30, state: 'idle' },
  ])('running for $age minutes: $state', ({ age, state }) => {
    expect(judge(idleEvidence, { since: minutes(-age) }).state).toBe(state);
  });

  it('is read with the lag that is allowed', () => {
    expect(windowSeconds(idleRule)).toBe(30 * 60 + MAX_LAG_SECONDS);
  });
});

describe('a ceiling of its own', () => {
  /** CPU of an instance with so many vCPUs: half of one is its ceiling. */
  const cores = (vcpus: number, value: number) => readingOf('cpu', steady(value), { ceiling: 50 / vcpus });

  it.each([
    { vcpus: 96, value: 1.04, state: 'busy' },
    { vcpus: 96, value: 0.4, state: 'idle' },
    { vcpus: 48, value: 2.08, state: 'busy' },
    { vcpus: 4, value: 4.99, state: 'idle' },
    { vcpus: 4, value: 5, state: 'busy' },
  ])('$value % CPU of $vcpus vCPUs: $state', ({ vcpus, value, state }) => {
    expect(stateOf([cores(vcpus, value)])).toBe(state);
  });

  it('is what the figures tell, exactly enough', () => {
    expect(judge(evidenceOf([cores(96, 1.04)]))).toMatchObject({
      figures: 'CPU was 1.04% at 12:00 UTC (idle is below 0.52%).',
    });
  });

  it('is of one reading alone', () => {
    expect(stateOf([cores(96, 0.4), readingOf('gpu', steady(1.04))])).toBe('idle');
  });
});

describe('lag and gaps', () => {
  it.each([
    { endsAgo: 0, state: 'idle' },
    { endsAgo: 10, state: 'idle' },
    { endsAgo: 11, state: 'unknown' },
  ])('the newest sample ended $endsAgo minutes ago: $state', ({ endsAgo, state }) => {
    expect(stateOf([cpu(new Array<number>(8).fill(1), { endsAgo })])).toBe(state);
  });

  it('one missing sample is not idle', () => {
    const [a, b, c, , ...rest] = steady(1, 9);
    const samples = [a, b, c, ...rest].filter((one) => one !== undefined);
    expect(judge(evidenceOf([readingOf('cpu', samples)]))).toMatchObject({
      state: 'unknown',
      why: 'The CPU metric covers 15 of 30 min.',
    });
  });

  it('a sample whose period is not over proves no idleness', () => {
    const begun = { at: minutes(-2), value: 1 };
    const whole = newestFirst([1, 1, 1, 1, 1], { endsAgo: 2 });
    expect(stateOf([readingOf('cpu', [begun, ...whole])])).toBe('unknown');
  });

  it('a sample whose period is not over proves use', () => {
    const begun = { at: minutes(-2), value: 80 };
    expect(stateOf([readingOf('cpu', [begun, ...newestFirst([1, 1, 1, 1, 1, 1], { endsAgo: 2 })])])).toBe(
      'busy',
    );
  });

  it('samples of the time before it came into service prove nothing', () => {
    const evidence = evidenceOf([cpu(new Array<number>(8).fill(1), { endsAgo: 10 })]);
    expect(judge(evidence, { since: minutes(-31) })).toMatchObject({
      state: 'unknown',
      why: 'The CPU metric covers 21 of 30 min.',
    });
    expect(judge(evidence, { since: minutes(-40) })).toMatchObject({ state: 'idle', from: minutes(-40) });
  });

  it('signals that are idle in different halves are not idle together', () => {
    const early = readingOf('cpu', newestFirst([1, 1, 1, 1, 1, 1], { endsAgo: 10 }));
    expect(stateOf([early, readingOf('network', steady(1, 6))])).toBe('unknown');
  });
});

describe('signals', () => {
  it('the CPU is idle and the GPU is busy: busy', () => {
    const readings = [readingOf('cpu', steady(2)), readingOf('gpu', steady(95))];
    expect(judge(evidenceOf(readings))).toMatchObject({
      state: 'busy',
      busyAt: NOW,
      figures: 'GPU was 95% at 12:00 UTC (idle is below 5%).',
    });
  });

  it('of two GPUs one busy is enough', () => {
    expect(stateOf([readingOf('gpu', steady(0)), readingOf('gpu', newestFirst([0, 0, 0, 9, 0, 0]))])).toBe(
      'busy',
    );
  });

  it('a GPU without a metric: not known, and said that all else is idle', () => {
    const missing = [{ signal: 'gpu', why: 'No metric shows the use of its accelerator.' }] as const;
    expect(judge({ ...idleEvidence, missing })).toEqual({
      state: 'unknown',
      why: 'No metric shows the use of its accelerator. All else is idle.',
      tell: true,
    });
  });

  it('a GPU without a metric, and no other either: nothing is idle', () => {
    const missing = [{ signal: 'gpu', why: 'No metric.' }] as const;
    expect(judge(evidenceOf([cpu([])], missing))).toMatchObject({ state: 'unknown', tell: false });
  });

  it('nothing that could be asked for: not known, and people are told what is missing', () => {
    const missing = [{ signal: 'cpu', why: 'No agent tells of its use.' }] as const;
    expect(judge(evidenceOf([], missing))).toEqual({
      state: 'unknown',
      why: 'No agent tells of its use.',
      tell: true,
    });
  });

  it('no evidence: not known', () => {
    expect(judge(undefined).state).toBe('unknown');
    expect(judge(evidenceOf([])).state).toBe('unknown');
  });

  it('a value that is no number is not idle', () => {
    expect(stateOf([cpu([1, 1, Number.NaN, 1, 1, 1, 1])])).toBe('busy');
  });

  it('busyAt is the end of the newest busy sample of all signals', () => {
    const readings = [cpu([1, 1, 50, 1, 1, 1]), readingOf('network', newestFirst([1, 50_000, 1, 1, 1, 1]))];
    expect(judge(evidenceOf(readings))).toMatchObject({ state: 'busy', busyAt: minutes(-5) });
  });

  it('says from when to when and the highest values', () => {
    const readings = [cpu([1, 2.54, 1, 1, 1, 1]), readingOf('network', steady(1_240, 6))];
    expect(judge(evidenceOf(readings))).toEqual({
      state: 'idle',
      from: minutes(-30),
      to: NOW,
      figures: 'Idle from 11:30 UTC to 12:00 UTC: CPU at most 2.5%, network at most 1.2 kB/s.',
    });
  });
});

describe('metrics that are only emitted on use', () => {
  const invocations = (values: readonly number[], place?: Parameters<typeof newestFirst>[1]) =>
    readingOf('invocations', newestFirst(values, place), { absence: 'zero-if-alive' });

  it('absent and another metric alive: zero', () => {
    expect(judge(evidenceOf([invocations([]), readingOf('cpu', steady(1, 6))]))).toMatchObject({
      state: 'idle',
      figures: 'Idle from 11:30 UTC to 12:00 UTC: no invocations, CPU at most 1%.',
    });
  });

  it('absent and no other metric: not known', () => {
    expect(stateOf([invocations([])])).toBe('unknown');
    expect(stateOf([invocations([]), cpu([])])).toBe('unknown');
  });

  it('zero only where the other metric has a sample', () => {
    expect(stateOf([invocations([]), cpu([1, 1, 1])])).toBe('unknown');
  });

  it('one invocation is use', () => {
    expect(stateOf([invocations([1], { endsAgo: 10 }), readingOf('cpu', steady(1))])).toBe('busy');
  });

  it('two metrics of use do not prove each other alive', () => {
    expect(stateOf([invocations([0, 0, 0, 0, 0, 0]), invocations([])])).toBe('unknown');
  });
});

describe('what is always true', () => {
  const window = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: 6, maxLength: 10 });

  it('idle values over the whole window are idle, in any order of the samples', () => {
    fc.assert(
      fc.property(
        window(idleValue).chain((values) =>
          fc.tuple(
            fc.constant(newestFirst(values)),
            fc.shuffledSubarray([...newestFirst(values)], { minLength: values.length }),
          ),
        ),
        ([ordered, shuffled]) => {
          const found = judge(evidenceOf([readingOf('cpu', ordered)]));
          expect(found.state).toBe('idle');
          expect(judge(evidenceOf([readingOf('cpu', shuffled)]))).toEqual(found);
        },
      ),
    );
  });

  it('one busy sample anywhere in the window of any signal is busy', () => {
    fc.assert(
      fc.property(
        fc.array(window(idleValue), { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 2 }),
        fc.nat({ max: 5 }),
        busyValue,
        (signals, which, place, value) => {
          const readings = signals.map((values, index) =>
            cpu(index === which % signals.length ? values.with(place, value) : values),
          );
          expect(judge(evidenceOf(readings))).toMatchObject({ state: 'busy', busyAt: minutes(-5 * place) });
        },
      ),
    );
  });

  it('one absent sample in the window is never idle', () => {
    fc.assert(
      fc.property(
        fc.array(idleValue, { minLength: 6, maxLength: 9 }),
        fc.nat({ max: 5 }),
        (values, place) => {
          const samples = newestFirst(values).filter((_, index) => index !== place);
          // Samples at both ends can still make half an hour, within the lag that is allowed.
          fc.pre(place > 2 || values.length - place - 1 < 6);
          expect(stateOf([readingOf('cpu', samples)])).toBe('unknown');
        },
      ),
    );
  });

  it('idle proves itself: every sample of its window is there, below its limit and of this running spell', () => {
    const anyReading = fc
      .record({
        values: fc.array(fc.option(fc.oneof({ arbitrary: idleValue, weight: 30 }, busyValue)), {
          minLength: 5,
          maxLength: 12,
        }),
        endsAgo: fc.integer({ min: -4, max: 12 }),
      })
      .map(({ values, endsAgo }) =>
        readingOf(
          'cpu',
          newestFirst(
            values.map((value) => value ?? Number.NEGATIVE_INFINITY),
            { endsAgo },
          ).filter(({ value }) => value !== Number.NEGATIVE_INFINITY),
        ),
      );
    fc.assert(
      fc.property(
        fc.array(anyReading, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 20, max: 60 }),
        (readings, age) => {
          const since = minutes(-age);
          const found = judge(evidenceOf(readings), { since });
          if (found.state !== 'idle') return;
          expect(found.to.getTime() - found.from.getTime()).toBeGreaterThanOrEqual(30 * 60_000);
          expect(NOW.getTime() - found.to.getTime()).toBeLessThanOrEqual(MAX_LAG_SECONDS * 1000);
          expect(found.from.getTime()).toBeGreaterThanOrEqual(since.getTime());
          for (const { samples } of readings) {
            for (let at = found.from.getTime(); at < found.to.getTime(); at += 60_000) {
              const covering = samples.filter(
                (one) => one.at.getTime() <= at && at < one.at.getTime() + 300_000,
              );
              expect(covering.length).toBeGreaterThan(0);
              expect(covering.every(({ value }) => value < 5)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('a lower ceiling never makes anything idle, and a higher limit than the rule has never counts', () => {
    const ceiling = fc.double({ min: 0.01, max: 200, noNaN: true });
    const values = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(window(values), ceiling, ceiling, (some, one, other) => {
        const under = (change: Partial<SignalReading>) =>
          stateOf([readingOf('cpu', newestFirst(some), change)]);
        const lower = under({ ceiling: Math.min(one, other) });
        const higher = under({ ceiling: Math.max(one, other) });
        if (lower === 'idle') expect(higher).toBe('idle');
        if (higher === 'idle') expect(under({})).toBe('idle');
      }),
    );
  });

  it('newestBusy agrees with what is busy by hand', () => {
    fc.assert(
      fc.property(window(fc.double({ min: 0, max: 100, noNaN: true })), (values) => {
        const first = values.slice(0, 6).findIndex((value) => value >= 5);
        expect(newestBusy(cpu(values), idleRule, NOW)).toEqual(first < 0 ? undefined : minutes(-5 * first));
      }),
    );
  });
});

it.each([
  ['cpu', 4.94, '4.9%'],
  ['cpu', 50 / 96, '0.52%'],
  ['cpu', 1, '1%'],
  ['gpu', 95, '95%'],
  ['network', 999.4, '999 B/s'],
  ['network', 1_250_000, '1250 kB/s'],
  ['invocations', 3, '3'],
] as const)('%s %d is written %s', (signal, value, text) => {
  expect(formatSignal(signal, value)).toBe(text);
});
