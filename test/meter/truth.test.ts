import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure } from '../../lib/meter/measure.ts';
import { closeBefore, noteEvent, noteFleet } from '../../lib/meter/record.ts';
import type { MeterPoint, MeterRecord } from '../../lib/types/meter.ts';
import { microUsd, sumUsd, type Usd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { EC2, found, projectOf, scope, subject } from './fixtures.ts';

/*
 * What the meter makes of events that come late, often or never, and of sweeps, against what was true: the life of a
 * resource, minute by minute.
 */

const MINUTE = 60_000;
/** Minutes between two sweeps. */
const GAP = 5;
/** No event is later than so many minutes; what is older may be closed. */
const LATEST = 90;
/** So late an event is where others are lost: a start that is told an hour late and a stop that is not told is an hour. */
const SOON = 1;
const BEGIN = Date.parse('2026-11-23T21:13:00.000Z');
const PRICES = ['0.0116', '1.006', '12.24', '21.957642'].map((text) =>
  microUsd(BigInt(Math.round(Number(text) * 1e6))),
);
const DEAREST = sumUsd([PRICES[3] ?? microUsd(0n)]);

interface Deed {
  /** Minutes after the one before. */
  readonly wait: number;
  readonly what: 'toggle' | 'resize' | 'retag';
  readonly pick: number;
  /** Minutes until AWS tells of it, for each time that it does; none = the event is lost. */
  readonly told: readonly number[];
}

const deeds = (isTold: boolean, latest: number): fc.Arbitrary<readonly Deed[]> =>
  fc.array(
    fc.record({
      wait: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 240 })),
      what: fc.constantFrom<Deed['what'][]>('toggle', 'toggle', 'toggle', 'resize', 'retag'),
      pick: fc.nat({ max: 3 }),
      told: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: latest })), {
        minLength: isTold ? 1 : 0,
        maxLength: 3,
      }),
    }),
    { minLength: 1, maxLength: 40 },
  );

interface State {
  readonly isOn: boolean;
  readonly project: string | undefined;
  readonly hourly: Usd;
  readonly started: number;
}

interface Life {
  /** What held in each minute since `BEGIN`. */
  readonly minutes: readonly State[];
  /** What AWS tells in each minute. */
  readonly news: ReadonlyMap<number, readonly MeterPoint[]>;
  readonly lost: number;
}

const PROJECTS = ['recsys', 'fraud', undefined, 'recsys'];

/** @param quiet minutes after the last deed */
function live(all: readonly Deed[], quiet: number): Life {
  const minutes: State[] = [];
  const news = new Map<number, MeterPoint[]>();
  let state: State = { isOn: false, project: 'recsys', hourly: PRICES[1] ?? microUsd(0n), started: 0 };
  let lost = 0;
  for (const { wait, what, pick, told } of all) {
    for (let count = 0; count < wait; count += 1) minutes.push(state);
    const before = state;
    const minute = minutes.length;
    if (what === 'toggle')
      state = { ...state, isOn: !state.isOn, started: state.isOn ? state.started : minute };
    if (what === 'resize') state = { ...state, hourly: PRICES[pick] ?? state.hourly };
    if (what === 'retag') state = { ...state, project: PROJECTS[pick] };
    if (!before.isOn && !state.isOn) continue;
    if (told.length === 0) lost += 1;
    const point = pointOf(state, minute);
    for (const delay of told) {
      const same = news.get(minute + delay);
      if (same === undefined) news.set(minute + delay, [point]);
      else same.push(point);
    }
  }
  for (let count = 0; count < quiet; count += 1) minutes.push(state);
  return { minutes, news, lost };
}

const timeOf = (minute: number): Date => new Date(BEGIN + minute * MINUTE);

const pointOf = ({ isOn, project, hourly }: State, minute: number): MeterPoint => ({
  at: timeOf(minute),
  on: isOn,
  project: isOn ? project : undefined,
  hourly: isOn ? hourly : undefined,
  by: 'event',
});

const resourceOf = ({ isOn, project, hourly, started }: State): Resource =>
  found({
    state: isOn ? 'running' : 'stopped',
    tags: project === undefined ? {} : { project },
    since: timeOf(started),
    hourly,
  });

interface Sums {
  /** Micro-dollars an hour × minutes, by day and project. */
  readonly parts: ReadonlyMap<string, bigint>;
  readonly total: bigint;
}

function truth({ minutes }: Life): Sums {
  const parts = new Map<string, bigint>();
  let total = 0n;
  minutes.forEach(({ isOn, project, hourly }, minute) => {
    if (!isOn) return;
    const key = `${timeOf(minute).toISOString().slice(0, 10)} ${project ?? ''}`;
    parts.set(key, (parts.get(key) ?? 0n) + hourly);
    total += hourly;
  });
  return { parts, total };
}

/** A minute's share of an hour's price, rounded half up. */
const rounded = (hourlyMinutes: bigint): bigint => (hourlyMinutes * 2n + 60n) / 120n;

interface Metering {
  /** Sweeps look in minutes that leave this rest; no sweeps where it is `undefined`. */
  readonly sweeps: number | undefined;
  /** Whether a sweep comes before the events of its minute. */
  readonly isEager: boolean;
  readonly closes: boolean;
}

function meter({ minutes, news }: Life, { sweeps, isEager, closes }: Metering): MeterRecord | undefined {
  let record: MeterRecord | undefined;
  let meteredAt: Date | undefined;
  const hear = (minute: number): void => {
    for (const point of news.get(minute) ?? []) record = noteEvent(record, subject, point);
  };
  const sweep = (minute: number): void => {
    const now = timeOf(minute);
    const state = minutes[minute];
    const [noted] = noteFleet({
      records: new Map(record === undefined ? [] : [[record.arn, record]]),
      resources: state === undefined ? [] : [resourceOf(state)],
      projectOf,
      meteredAt,
      now,
    });
    record = noted ?? record;
    meteredAt = now;
    if (record === undefined || !closes) return;
    record = closeBefore(record, new Date(now.getTime() - (LATEST + 1) * MINUTE), '2026-11-01');
  };
  minutes.forEach((_, minute) => {
    if (!isEager) hear(minute);
    if (sweeps !== undefined && minute % GAP === sweeps) sweep(minute);
    if (isEager) hear(minute);
  });
  return record;
}

function metered(record: MeterRecord | undefined, now: Date): { parts: Map<string, bigint>; total: bigint } {
  const parts = new Map<string, bigint>();
  let total = 0n;
  for (const [day, projects] of measure(record === undefined ? [] : [record], scope(now)).days) {
    for (const [project, services] of projects) {
      const amount = services.get(EC2) ?? 0n;
      parts.set(`${day} ${project}`, amount);
      total += amount;
    }
  }
  return { parts, total };
}

const howMetered: fc.Arbitrary<Metering> = fc.record({
  sweeps: fc.constantFrom(undefined, 0, 1, 2, 3, 4),
  isEager: fc.boolean(),
  closes: fc.boolean(),
});

describe('the meter against what was true', () => {
  it('is exact where every event comes in the end: late, repeated and in any order, with sweeps between', () => {
    fc.assert(
      fc.property(deeds(true, LATEST), howMetered, (all, how) => {
        const life = live(all, LATEST + 2 * GAP);
        const { parts } = truth(life);
        const now = timeOf(life.minutes.length);
        const expected = [...parts].flatMap(([key, sum]): [string, bigint][] =>
          rounded(sum) === 0n ? [] : [[key, rounded(sum)]],
        );
        expect(metered(meter(life, how), now).parts).toEqual(new Map(expected));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is wrong by a sweep gap for each lost event at most, neither more nor less', () => {
    fc.assert(
      fc.property(
        deeds(false, SOON),
        fc.nat({ max: GAP - 1 }),
        fc.boolean(),
        fc.boolean(),
        (all, sweeps, isEager, closes) => {
          const life = live(all, LATEST + 2 * GAP);
          const { total } = truth(life);
          const now = timeOf(life.minutes.length);
          const by = metered(meter(life, { sweeps, isEager, closes }), now).total - rounded(total);
          const most = rounded(DEAREST * BigInt(life.lost * (GAP + SOON))) + 10n;
          expect(by <= most && -by <= most, `${by} of ${most}, ${life.lost} lost`).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is repaired by sweeps alone, to what lies between two of them', () => {
    fc.assert(
      fc.property(deeds(true, 0), fc.nat({ max: GAP - 1 }), (all, sweeps) => {
        const untold = all.map((deed) => ({ ...deed, told: [] }));
        const life = live(untold, 2 * GAP);
        const { total } = truth(life);
        const record = meter(life, { sweeps, isEager: false, closes: true });
        const by = metered(record, timeOf(life.minutes.length)).total - rounded(total);
        const most = rounded(DEAREST * BigInt(life.lost * GAP)) + 10n;
        expect(by <= most && -by <= most).toBe(true);
        const end = life.minutes.at(-1);
        expect(record?.points.at(-1)?.on ?? false).toBe(end?.isOn);
      }),
      { numRuns: 1_000 },
    );
  });
});
