import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, dayName, dayNumber } from '../../lib/meter/days.ts';
import { measure } from '../../lib/meter/measure.ts';
import { closeBefore, isOver, noteEvent, noteFleet } from '../../lib/meter/record.ts';
import type { MeterPoint, MeterRecord } from '../../lib/types/meter.ts';
import { encodeMeterRecord } from '../../lib/types/meter-wire.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { at, found, off, on, projectOf, recordWith, scope, subject, usd } from './fixtures.ts';

const NOW = at('2026-11-25T12:00');
const METERED_AT = at('2026-11-25T11:55');

const noteAll = (points: readonly MeterPoint[], record?: MeterRecord): MeterRecord | undefined =>
  points.reduce<MeterRecord | undefined>((so, point) => noteEvent(so, subject, point), record);

/** What a sweep at `NOW` makes of one resource; `undefined` = nothing. */
function swept(
  record: MeterRecord | undefined,
  resource: Resource | undefined,
  change: { readonly meteredAt?: Date | undefined; readonly now?: Date } = {},
): MeterRecord | undefined {
  const changed = noteFleet({
    records: new Map(record === undefined ? [] : [[record.arn, record]]),
    resources: resource === undefined ? [] : [resource],
    projectOf,
    meteredAt: METERED_AT,
    now: NOW,
    ...change,
  });
  expect(changed.length).toBeLessThan(2);
  return changed[0];
}

const seen = (when: string, change: Partial<MeterPoint> = {}): MeterPoint =>
  on(when, { by: 'seen', ...change });

/** Minutes of the days around `NOW`, few enough that facts fall together. */
const anyPoint = (from: number, to: number): fc.Arbitrary<MeterPoint> =>
  fc
    .record({
      minute: fc.integer({ min: from, max: to }),
      isOn: fc.boolean(),
      project: fc.constantFrom('recsys', 'fraud', undefined),
      hourly: fc.constantFrom(usd('1.006'), usd('12.24'), undefined),
      by: fc.constantFrom<MeterPoint['by'][]>('event', 'event', 'seen', 'guess'),
    })
    .map(({ minute, isOn, project, hourly, by }) => ({
      at: new Date(NOW.getTime() + minute * 60_000),
      on: isOn,
      project: isOn ? project : undefined,
      hourly: isOn ? hourly : undefined,
      by,
    }));
const anyEvent = anyPoint(-2_000, 0).map((point): MeterPoint => ({ ...point, by: 'event' }));

describe('noteEvent', () => {
  it('makes the same record of the same facts, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyEvent, { minLength: 1, maxLength: 12 })
          .chain((facts) =>
            fc.tuple(
              fc.constant(facts),
              fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }),
            ),
          ),
        ([facts, again]) => {
          const record = noteAll(facts);
          expect(noteAll(again)).toEqual(record);
          expect(noteAll(again, record)).toBe(record);
        },
      ),
    );
  });

  it('keeps the points in the order of time, no two alike', () => {
    const record = noteAll([off('2026-11-25T10:00'), on('2026-11-25T09:00'), off('2026-11-25T10:00')]);
    expect(record?.points).toEqual([on('2026-11-25T09:00'), off('2026-11-25T10:00')]);
  });

  it('keeps of a resource what it is, nothing else', () => {
    expect(Object.keys(noteEvent(undefined, found(), on('2026-11-25T09:00'))).sort()).toEqual(
      ['account', 'arn', 'closed', 'id', 'kind', 'points', 'region', 'size'].sort(),
    );
  });

  it('takes what is older than the first point, unless that restates what is closed', () => {
    const open = recordWith([on('2026-11-25T09:00')]);
    expect(noteEvent(open, subject, on('2026-11-25T08:00')).points).toHaveLength(2);
    const closed = recordWith([on('2026-11-25T09:00', { by: 'guess' })]);
    expect(noteEvent(closed, subject, on('2026-11-25T08:00'))).toBe(closed);
    expect(noteEvent(closed, subject, off('2026-11-25T09:00')).points.at(-1)?.on).toBe(false);
  });

  it('believes, of one instant, AWS over a sweep, and what has a price over what has none', () => {
    const record = noteAll([
      on('2026-11-25T09:00', { hourly: usd('12.24') }),
      on('2026-11-25T09:00', { hourly: undefined }),
      seen('2026-11-25T09:00', { hourly: usd('1') }),
    ]);
    expect(record?.points.at(-1)?.hourly).toBe(usd('12.24'));
  });
});

describe('noteFleet', () => {
  it('meters what was started after the last look since its start, with the project and price that it has now', () => {
    expect(swept(undefined, found({ since: at('2026-11-25T11:57') }))?.points).toEqual([
      seen('2026-11-25T11:57'),
      seen('2026-11-25T12:00'),
    ]);
    // A minute before it: it did not show yet.
    expect(swept(undefined, found({ since: at('2026-11-25T11:54') }))?.points[0]?.at).toEqual(
      at('2026-11-25T11:54'),
    );
    const young = found({ since: at('2026-11-25T11:59'), started: at('2026-11-25T11:56') });
    expect(swept(undefined, young)?.points[0]?.at).toEqual(at('2026-11-25T11:56'));
  });

  it.each<[string, Partial<Resource>]>([
    ['has left a group, whose price had it', { since: at('2026-11-01T00:00') }],
    ['had scaled to zero by itself', { since: at('2026-11-25T11:58'), started: at('2026-11-01T00:00') }],
  ])('meters what was there at the last look and cost nothing of its own since then: it %s', (_, change) => {
    expect(swept(undefined, found(change))?.points).toEqual([
      seen('2026-11-25T11:55'),
      seen('2026-11-25T12:00'),
    ]);
    const overtaken = { meteredAt: at('2026-11-25T12:04') };
    expect(swept(undefined, found(change), overtaken)?.points[0]?.at).toEqual(at('2026-11-25T12:00'));
  });

  it('meters what a first look finds since it has cost what it costs now, no further back than 35 days', () => {
    const first = (change: Partial<Resource>) =>
      swept(undefined, found(change), { meteredAt: undefined })?.points[0]?.at;
    expect(first({ since: at('2026-11-25T09:00') })).toEqual(at('2026-11-25T09:00'));
    const scaled = { since: at('2026-11-25T11:00'), started: at('2026-11-01T00:00') };
    expect(first(scaled)).toEqual(at('2026-11-25T11:00'));
    const grown = { since: at('2026-11-01T00:00'), pricedSince: at('2026-11-24T00:00') };
    expect(first(grown)).toEqual(at('2026-11-24T00:00'));
    expect(first({ since: at('2025-01-01T00:00') })).toEqual(at('2026-10-21T12:00'));
  });

  it('takes a start in the future for a wrong clock', () => {
    expect(swept(undefined, found({ since: at('2026-11-25T12:01') }))?.points).toEqual([
      seen('2026-11-25T12:01'),
    ]);
    expect(swept(undefined, found({ since: at('2026-11-25T13:00') }))?.points).toEqual([
      seen('2026-11-25T12:00'),
    ]);
  });

  it.each<[string, Resource | undefined]>([
    ['it is stopped', found({ state: 'stopped' })],
    ['it failed', found({ state: 'failed' })],
    ['it is between states', found({ state: 'transitional' })],
    ['it is part of a group', found({ protections: [{ code: 'auto-scaling-group', detail: '' }] })],
  ])('makes no record where %s', (_, resource) => {
    expect(swept(undefined, resource)).toBeUndefined();
  });

  it.each<[string, Resource]>([
    ['runs on', found()],
    ['is between states', found({ state: 'transitional' })],
    // Billing begins when it runs, a little after its launch.
    ['was launched a minute before or after AWS told', found({ since: at('2026-11-25T09:02') })],
    ['has no price for the moment', found({ hourly: undefined })],
  ])('changes nothing where it %s', (_, resource) => {
    expect(swept(recordWith([on('2026-11-25T09:00')]), resource)).toBeUndefined();
  });

  it.each<[string, Partial<Resource>, Partial<MeterPoint>]>([
    ['project', { tags: { project: 'fraud' } }, { project: 'fraud' }],
    ['loss of its project', { tags: {} }, { project: undefined }],
    ['price', { hourly: usd('12.24') }, { hourly: usd('12.24') }],
    ['size without a known price', { size: 'p9.xlarge', hourly: undefined }, { hourly: undefined }],
  ])('counts a new %s from now on', (_, change, point) => {
    const record = recordWith([on('2026-11-25T09:00')]);
    expect(swept(record, found(change))?.points).toEqual([...record.points, seen('2026-11-25T12:00', point)]);
  });

  it('reckons a price that was not known at first from the start', () => {
    const record = recordWith([on('2026-11-25T09:00', { hourly: undefined })]);
    expect(swept(record, found())?.points).toEqual([on('2026-11-25T09:00')]);
    // That of another size is its price since it has that size.
    expect(swept(record, found({ size: 'p3.8xlarge' }))?.points).toEqual([
      ...record.points,
      seen('2026-11-25T12:00'),
    ]);
    expect(swept(record, found({ tags: { project: 'fraud' } }))?.points).toEqual([
      on('2026-11-25T09:00'),
      seen('2026-11-25T12:00', { project: 'fraud' }),
    ]);
  });

  it('reckons such a price from the start over all points and what is closed, up to where it was off', () => {
    const unpriced = { hourly: undefined };
    const closed = [
      { day: '2026-11-23', project: 'recsys', hourly: undefined, milliseconds: 1_000 },
      { day: '2026-11-22', project: 'fraud', hourly: usd('7'), milliseconds: 1_000 },
    ];
    const record = recordWith(
      [on('2026-11-24T09:00', { ...unpriced, by: 'guess' }), seen('2026-11-25T09:00', unpriced)],
      { closed },
    );
    const priced = swept(record, found());
    expect(priced?.points).toEqual([on('2026-11-24T09:00', { by: 'guess' }), seen('2026-11-25T09:00')]);
    expect(priced?.closed.map(({ hourly }) => hourly)).toEqual([usd('1.006'), usd('7')]);
    const restarted = recordWith(
      [
        on('2026-11-24T09:00', unpriced),
        off('2026-11-24T10:00'),
        on('2026-11-25T09:00', unpriced),
        seen('2026-11-25T09:05', unpriced),
      ],
      { closed },
    );
    expect(swept(restarted, found())).toEqual({
      ...restarted,
      points: [...restarted.points.slice(0, 2), on('2026-11-25T09:00'), seen('2026-11-25T09:05')],
    });
  });

  it('ends a group that wants instances and can get none', () => {
    const record = recordWith([on('2026-11-25T09:00')]);
    const waiting = found({ state: 'transitional', parts: [], hourly: undefined });
    expect(swept(record, waiting)?.points.slice(1)).toEqual([
      off('2026-11-25T11:55', 'guess'),
      off('2026-11-25T12:00', 'seen'),
    ]);
    const part = { name: 'g5.xlarge', type: 'g5.xlarge', count: 1 };
    expect(swept(record, { ...waiting, parts: [part] })).toBeUndefined();
  });

  it('keeps the size up to date', () => {
    expect(swept(recordWith([on('2026-11-25T09:00')]), found({ size: 'p3.8xlarge' }))?.size).toBe(
      'p3.8xlarge',
    );
  });

  it.each<[string, Resource | undefined]>([
    ['stopped', found({ state: 'stopped' })],
    ['failed', found({ state: 'failed' })],
    ['gone', undefined],
  ])('ends at the last look what is %s and nobody told', (_, resource) => {
    const record = recordWith([on('2026-11-25T09:00')]);
    const ended = swept(record, resource);
    expect(ended?.points).toEqual([
      on('2026-11-25T09:00'),
      off('2026-11-25T11:55', 'guess'),
      off('2026-11-25T12:00', 'seen'),
    ]);
    expect(ended && swept(ended, resource)).toBeUndefined();
  });

  it('ends at once what a first look does not find, and later than it began what began since the last', () => {
    const record = recordWith([on('2026-11-25T09:00')]);
    expect(swept(record, undefined, { meteredAt: undefined })?.points[1]).toEqual(
      off('2026-11-25T12:00', 'guess'),
    );
    const young = recordWith([on('2026-11-25T11:57')]);
    expect(swept(young, undefined)?.points[1]).toEqual(off('2026-11-25T11:57:00.001', 'guess'));
  });

  it('is not misled by a sweep that began later and has ended', () => {
    const record = recordWith([on('2026-11-25T09:00')]);
    const ended = swept(record, undefined, { meteredAt: at('2026-11-25T12:04') });
    expect(ended?.points[1]).toEqual(off('2026-11-25T12:00', 'guess'));
  });

  it.each<[string, MeterPoint, Resource | undefined]>([
    ['a start of a minute ago that is not found yet', on('2026-11-25T11:59'), undefined],
    ['a start of after the look began', on('2026-11-25T12:00:01.000'), undefined],
    ['a stop of a minute ago that does not show yet', off('2026-11-25T11:59'), found()],
    ['a stop of after the look began', off('2026-11-25T12:00:01.000'), found()],
    ['a change of after the look began', on('2026-11-25T12:00:01.000', { project: 'fraud' }), found()],
  ])('does not undo %s', (_, point, resource) => {
    const before = point.on ? off('2026-11-25T08:00') : on('2026-11-25T08:00');
    expect(swept(recordWith([before, point]), resource)).toBeUndefined();
  });

  it('finds a restart of which nothing was told by its start, once', () => {
    const record = recordWith([on('2026-11-25T09:00')]);
    const resource = found({ since: at('2026-11-25T11:58') });
    const restarted = swept(record, resource);
    expect(restarted?.points).toEqual([
      on('2026-11-25T09:00'),
      off('2026-11-25T11:55', 'guess'),
      seen('2026-11-25T11:58'),
      seen('2026-11-25T12:00'),
    ]);
    const next = { now: at('2026-11-25T12:05'), meteredAt: NOW };
    expect(restarted && swept(restarted, resource, next)).toBeUndefined();
  });

  it('takes a launch of a minute after AWS told of the start for the same one', () => {
    const record = recordWith([on('2026-11-25T11:56')]);
    expect(swept(record, found({ since: at('2026-11-25T11:57') }))).toBeUndefined();
  });

  it('takes another start of before the last look for no restart: a group tells its oldest member', () => {
    const record = recordWith([on('2026-11-20T09:00')]);
    expect(swept(record, found({ since: at('2026-11-24T09:00') }))).toBeUndefined();
  });

  it('goes on from the new start where what is off was started since', () => {
    const record = recordWith([on('2026-11-25T09:00'), off('2026-11-25T10:00')]);
    expect(swept(record, found({ since: at('2026-11-25T11:56') }))?.points.slice(2)).toEqual([
      seen('2026-11-25T11:56'),
      seen('2026-11-25T12:00'),
    ]);
  });

  it('goes on from the last look where what is off runs and has no new start', () => {
    const record = recordWith([on('2026-11-25T09:00'), off('2026-11-25T10:00')]);
    expect(swept(record, found())?.points.slice(2)).toEqual([
      seen('2026-11-25T11:55', { by: 'guess' }),
      seen('2026-11-25T12:00'),
    ]);
    expect(swept(record, found(), { meteredAt: undefined })?.points[2]?.at).toEqual(NOW);
  });

  it('ends what has become part of a group, whose price has it from now on', () => {
    const member = found({ protections: [{ code: 'auto-scaling-group', detail: '' }] });
    const record = recordWith([on('2026-11-25T09:00')]);
    const joined = swept(record, member);
    expect(joined?.points.slice(1)).toEqual([off('2026-11-25T12:00', 'seen')]);
    expect(joined && swept(joined, member)).toBeUndefined();
  });

  it('tells of changed records alone', () => {
    const others = [1, 2, 3].map((n) => recordWith([on('2026-11-25T09:00')], { arn: `arn-${n}` }));
    const changed = noteFleet({
      records: new Map(others.map((record) => [record.arn, record])),
      resources: [found({ arn: 'arn-1' }), found({ arn: 'arn-3' }), found({ arn: 'arn-4' })],
      projectOf,
      meteredAt: METERED_AT,
      now: NOW,
    });
    expect(changed.map(({ arn }) => arn)).toEqual(['arn-2', 'arn-4']);
  });
});

describe('a guess', () => {
  const total = (points: readonly MeterPoint[]) => {
    const hours = recordWith(points.map((point) => ({ ...point, hourly: point.on ? usd('1') : undefined })));
    return [...(measure([hours], scope(NOW)).days.get('2026-11-25')?.values() ?? [])].flatMap((some) => [
      ...some.values(),
    ])[0];
  };
  const start = on('2026-11-25T06:00');
  const gone = [off('2026-11-25T08:00', 'guess'), off('2026-11-25T09:00', 'seen')];

  it.each<[string, readonly MeterPoint[], string]>([
    ['holds where nothing was told', [], '2'],
    ['yields to the event that comes late', [off('2026-11-25T08:30')], '2.5'],
    ['yields to an event of just after the look', [off('2026-11-25T09:01')], '3'],
    ['does not yield to the end of another time', [off('2026-11-25T11:00')], '2'],
    ['holds where an event came before it', [off('2026-11-25T07:30')], '1.5'],
    ['yields where it was told of meanwhile', [on('2026-11-25T08:10'), off('2026-11-25T08:40')], '2.666667'],
    ['is no obstacle to a new start', [on('2026-11-25T11:30')], '2.5'],
    ['is no obstacle to one of just after the look', [on('2026-11-25T09:01')], '4.983333'],
    [
      'holds where it was seen to run again before an end',
      [on('2026-11-25T08:30', { by: 'seen' }), off('2026-11-25T08:31')],
      '2.016667',
    ],
  ])('%s', (_, events, hours) => {
    expect(total(noteAll(events, recordWith([start, ...gone]))?.points ?? [])).toBe(usd(hours));
  });
});

describe('closeBefore', () => {
  const horizon = new Date(NOW.getTime() - 26 * 3_600_000);
  const keepFrom = '2026-11-01';

  it('sums up what runs on about once a day, by day, project and price', () => {
    const record = recordWith([on('2026-11-22T18:00'), on('2026-11-23T06:00', { project: 'fraud' })]);
    const closed = closeBefore(record, horizon, keepFrom);
    expect(closed.points).toEqual([on('2026-11-24T10:00', { project: 'fraud', by: 'guess' })]);
    expect(closed.closed).toEqual([
      { day: '2026-11-22', project: 'recsys', hourly: usd('1.006'), milliseconds: 6 * 3_600_000 },
      { day: '2026-11-23', project: 'recsys', hourly: usd('1.006'), milliseconds: 6 * 3_600_000 },
      { day: '2026-11-23', project: 'fraud', hourly: usd('1.006'), milliseconds: 18 * 3_600_000 },
      { day: '2026-11-24', project: 'fraud', hourly: usd('1.006'), milliseconds: 10 * 3_600_000 },
    ]);
    for (const hours of [0, 6, 23]) {
      expect(closeBefore(closed, new Date(horizon.getTime() + hours * 3_600_000), keepFrom)).toBe(closed);
    }
    const again = closeBefore(closed, new Date(horizon.getTime() + 25 * 3_600_000), '2026-11-24');
    expect(again.closed).toEqual([
      { day: '2026-11-24', project: 'fraud', hourly: usd('1.006'), milliseconds: 24 * 3_600_000 },
      { day: '2026-11-25', project: 'fraud', hourly: usd('1.006'), milliseconds: 11 * 3_600_000 },
    ]);
  });

  it('lets what is gone be forgotten', () => {
    const record = recordWith([on('2026-11-10T18:00'), off('2026-11-11T06:00')]);
    const closed = closeBefore(record, horizon, keepFrom);
    expect(closed.points).toEqual([{ ...off('2026-11-24T10:00'), by: 'guess' }]);
    const later = new Date(horizon.getTime() + 30 * DAY_MS);
    expect(closeBefore(closed, later, '2026-12-20')).toBe(closed);
  });

  it.each<[string, boolean, MeterRecord, string]>([
    [
      'has ended on a day that is told for good',
      true,
      recordWith([on('2026-11-20T18:00'), off('2026-11-20T19:00')]),
      '2026-11-21',
    ],
    [
      'has ended on one that is not',
      false,
      recordWith([on('2026-11-20T18:00'), off('2026-11-21T00:00')]),
      '2026-11-21',
    ],
    [
      'has ended so late that events may come',
      false,
      recordWith([on('2026-11-24T08:00'), off('2026-11-24T10:00')]),
      '2026-11-25',
    ],
    ['runs', false, recordWith([on('2026-11-10T18:00', { by: 'guess' })]), '2026-11-21'],
    [
      'has something closed of a day that is not told for good',
      false,
      recordWith([off('2026-11-20T10:00', 'guess')], {
        closed: [{ day: '2026-11-21', project: 'recsys', hourly: usd('1'), milliseconds: 1 }],
      }),
      '2026-11-21',
    ],
    [
      'has something closed of one that is',
      true,
      recordWith([off('2026-11-20T10:00', 'guess')], {
        closed: [{ day: '2026-11-20', project: 'recsys', hourly: usd('1'), milliseconds: 1 }],
      }),
      '2026-11-21',
    ],
  ])('what %s is over: %s', (_, over, record, from) => {
    expect(isOver(record, horizon, from)).toBe(over);
  });

  it('keeps nothing of days that are told for good', () => {
    const { closed } = closeBefore(recordWith([on('2026-11-20T18:00')]), horizon, '2026-11-23');
    expect(closed.map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-24']);
  });

  it('closes earlier what changes all the time', () => {
    const busy = recordWith(
      Array.from({ length: 30 }, (_, index) => ({
        ...(index % 2 === 0 ? on('2026-11-24T02:00') : off('2026-11-24T02:00')),
        at: new Date(at('2026-11-24T02:00').getTime() + index * 60_000),
      })),
    );
    expect(closeBefore(busy, horizon, keepFrom).points).toHaveLength(1);
    const calm = { ...busy, points: busy.points.slice(0, 20) };
    expect(closeBefore(calm, horizon, keepFrom)).toBe(calm);
  });

  it('keeps many prices of a day as their mean, so that a record has room for a month of them; the sum is the same', () => {
    const start = at('2026-10-22T00:00').getTime();
    const minutes = 33 * 24 * 12;
    const prices = Array.from({ length: minutes }, (_, index) => microUsd(BigInt(1_006_000 + index * 7_919)));
    const record = recordWith(
      prices.map((hourly, index) => ({
        ...seen('2026-10-22T00:00', { hourly }),
        at: new Date(start + index * 300_000),
      })),
    );
    const closed = closeBefore(record, horizon, '2026-10-22');
    expect(JSON.stringify(encodeMeterRecord(closed)).length).toBeLessThan(10_000);
    const days = (so: MeterRecord) => measure([so], { ...scope(NOW), from: '2026-10-22' }).days;
    expect(days(closed)).toEqual(days(record));
    // By and by, as it comes about.
    const often = prices.reduce<MeterRecord>((so, hourly, index) => {
      const now = new Date(start + index * 300_000);
      return closeBefore(
        noteEvent(so, subject, { ...on('2026-10-22T00:00', { hourly }), at: now }),
        now,
        '2026-10-22',
      );
    }, recordWith([]));
    expect(days(often)).toEqual(days(record));
    expect(Math.max(...often.closed.map(({ milliseconds }) => milliseconds))).toBe(DAY_MS);
  });

  /** A record as it may be: no guess but after something that it is about. */
  const anyRecord = fc.array(anyPoint(-6_000, 0), { minLength: 1, maxLength: 25 }).map((points) => {
    const start = on('2026-11-20T12:00');
    return points.reduce((record, point) => noteEvent(record, subject, point), recordWith([start]));
  });
  const late = fc.array(anyPoint(-26 * 60 + 1, 0), { maxLength: 6 });
  const measured = (record: MeterRecord, from: string) => measure([record], { ...scope(NOW), from });

  it('changes no figure, nor what late facts come to, however often it is done', () => {
    fc.assert(
      fc.property(
        anyRecord,
        late,
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 4 }),
        (record, facts, hours) => {
          const from = '2026-11-22';
          const horizons = [...hours, 0].sort((a, b) => b - a);
          const closed = horizons.reduce(
            (so, before) => closeBefore(so, new Date(horizon.getTime() - before * 3_600_000), from),
            record,
          );
          expect(measured(closed, from)).toEqual(measured(record, from));
          const more = (so: MeterRecord) => measured(noteAll(facts, so) ?? so, from);
          expect(more(closed)).toEqual(more(record));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('leaves no more points than changes may come late, and some', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const recent = record.points.filter((point) => point.at >= horizon).length;
        expect(
          closeBefore(record, horizon, dayName(dayNumber(NOW.getTime()))).points.length,
        ).toBeLessThanOrEqual(recent + 22);
      }),
    );
  });
});
