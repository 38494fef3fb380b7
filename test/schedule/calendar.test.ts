import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaySpan, Schedule } from '../../lib/policy/schedule.ts';
import {
  edgesBetween,
  isOpen,
  lastClosing,
  lastOpening,
  nextClosing,
  nextOpening,
} from '../../lib/schedule/calendar.ts';
import { changesOf, DAY_MINUTES, isWithinHours, MINUTE_MS, openMinutes, wallFrom } from './wall-clock.ts';

const FROM = new Date('2024-01-01T00:00:00Z');
const TO = new Date('2029-01-01T00:00:00Z');

/** With clocks put back across midnight (Nuuk), over it (Santiago), by half an hour (Lord Howe), at Ramadan, and never. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'America/Nuuk',
] as const;

const hhmm = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** `08:00-12:00 13:00-18:00`; an end at or before its start is of the next day. */
const spans = (text: string): readonly DaySpan[] =>
  text.split(' ').map((one) => {
    const [from, to] = [hhmm(one.slice(0, 5)), hhmm(one.slice(6))];
    return { from, to: to > from ? to : to + DAY_MINUTES };
  });

const NONE: readonly DaySpan[] = [];

const schedule = (timezone: string, change: Partial<Schedule> = {}): Schedule => ({
  timezone,
  week: new Array(7).fill(NONE),
  closed: [],
  do: 'start-and-stop',
  starts: 'its-own',
  startAheadSeconds: 0,
  warnSeconds: 0,
  endpoints: 'shut-down',
  ...change,
});

const daily = (timezone: string, text: string, change: Partial<Schedule> = {}): Schedule =>
  schedule(timezone, { week: new Array(7).fill(spans(text)), ...change });

const weekdays = (timezone: string, text: string, change: Partial<Schedule> = {}): Schedule =>
  schedule(timezone, { week: [...new Array(5).fill(spans(text)), NONE, NONE], ...change });

const utc = (text: string): Date => new Date(`${text}Z`);
const at = (minute: number): Date => new Date(minute * MINUTE_MS);
const shown = (hours: readonly Schedule[], from: string, to: string): readonly string[] =>
  edgesBetween(hours, utc(from), utc(to)).map(
    ({ kind, at: when }) => `${kind} ${when.toISOString().slice(0, 16)}`,
  );

/** Public holidays that the tests know by heart, whatever a library says. */
const GERMANY_2026 = new Set([
  '2026-01-01',
  '2026-04-03',
  '2026-04-06',
  '2026-05-01',
  '2026-05-14',
  '2026-05-25',
  '2026-10-03',
  '2026-12-25',
  '2026-12-26',
]);

/** The day before, of and after a change of the clock, minute by minute. */
interface Around {
  readonly zone: string;
  readonly from: number;
  readonly wall: Int32Array;
}
const THREE_DAYS = 3 * DAY_MINUTES;

const changes: readonly Around[] = ZONES.flatMap((zone) => {
  const found = changesOf(zone, FROM, TO);
  const days = found.length > 0 ? found : [utc('2026-03-29T00:00').getTime() / MINUTE_MS];
  return days.map((day) => {
    const from = day - DAY_MINUTES;
    return { zone, from, wall: wallFrom(zone, from, THREE_DAYS) };
  });
});

const isNearChange = (zone: string, minute: number): boolean =>
  changes.some((one) => one.zone === zone && Math.abs(minute - one.from) < 4 * DAY_MINUTES);

/** Fails at the first minute of the three days at which the calendar and the wall do not agree. */
function expectAgreement(hours: readonly Schedule[], { zone, from, wall }: Around): void {
  const whole = hours.map((one) => openMinutes(one, wall));
  for (let index = 0; index < THREE_DAYS; index += 1) {
    const expected = whole.some((open) => open[index]);
    if (isOpen(hours, at(from + index)) !== expected) {
      throw new Error(`${zone} at ${at(from + index).toISOString()}: it is ${expected ? 'open' : 'closed'}`);
    }
  }
}

describe('where the clock is changed, the state at each minute is what the wall says', () => {
  it('knows both changes of five years of each zone that has them', () => {
    const count = (zone: string) => changes.filter((one) => one.zone === zone).length;
    expect(ZONES.map(count)).toEqual([10, 10, 10, 10, expect.any(Number), 1, 10]);
    // Morocco decides from year to year.
    expect(count('Africa/Casablanca')).toBeGreaterThanOrEqual(4);
  });

  const HOURS: readonly (readonly [string, string?])[] = [
    ['08:00-19:00'],
    ['08:00-12:00 13:00-18:00'],
    ['22:00-06:00'],
    ['01:30-02:30'],
    ['02:10-02:20'],
    ['02:00-03:00'],
    ['01:00-02:00 03:00-04:00'],
    ['00:00-00:30 23:30-24:00'],
    ['23:15-00:45'],
    ['12:00-12:00'],
    ['00:00-24:00'],
    ['01:30-02:30', '02:15-04:00'],
    ['20:00-02:00', '02:00-08:00'],
    ['21:00-23:30', '22:00-23:00 23:45-01:15'],
  ];

  it.each(HOURS.map((texts) => ({ name: texts.join(', '), texts })))('$name', ({ texts }) => {
    for (const change of changes) {
      expectAgreement(
        texts.flatMap((text) => (text === undefined ? [] : [daily(change.zone, text)])),
        change,
      );
    }
  });

  it('whatever the hours of the week, and of several schedules', () => {
    fc.assert(
      fc.property(
        fc.array(anyWeek, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...changes),
        (weeks, one) =>
          expectAgreement(
            weeks.map((week) => schedule(one.zone, { week })),
            one,
          ),
      ),
      { numRuns: 120 },
    );
  });
});

/** Up to two spans a day, many of them near the hours in which clocks are changed, and on days of all kinds. */
const anySpan: fc.Arbitrary<DaySpan> = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 0, max: 1_439 }),
      fc.integer({ min: 0, max: 12 }).map((quarter) => quarter * 15),
    ),
    fc.oneof(
      fc.integer({ min: 1, max: 1_440 }),
      fc.integer({ min: 1, max: 8 }).map((quarter) => quarter * 15),
    ),
  )
  .map(([from, length]) => ({ from, to: from + length }));
const anyWeek = fc.array(fc.array(anySpan, { maxLength: 2 }), { minLength: 7, maxLength: 7 });

const anyMinute = fc.integer({ min: FROM.getTime() / MINUTE_MS, max: TO.getTime() / MINUTE_MS });

it('at any other minute of five years it is open where the wall shows a time within the hours of its day', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      anyWeek,
      fc.array(anyMinute, { minLength: 15, maxLength: 15 }),
      (zone, week, minutes) => {
        const hours = [schedule(zone, { week })];
        for (const minute of minutes) {
          if (isNearChange(zone, minute)) {
            continue;
          }
          expect(isOpen(hours, at(minute))).toBe(
            hours.some((one) => isWithinHours(one, wallFrom(zone, minute, 1)[0] ?? 0)),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe('days that are closed', () => {
  const off = [
    { from: '2026-12-24', to: '2026-12-24' },
    { from: '2026-12-28', to: '2027-01-01' },
  ];

  it('begin no span, and neither do public holidays; that of the day before runs to its end', () => {
    const hours = daily('Europe/Berlin', '22:00-06:00', { holidays: 'DE', closed: off });
    const [from, count] = [utc('2026-01-01T00:00').getTime() / MINUTE_MS, 365 * DAY_MINUTES];
    const zone = 'Europe/Berlin';
    for (let minute = from + 2 * DAY_MINUTES; minute < from + count; minute += 47) {
      if (isNearChange(zone, minute)) continue;
      const expected = isWithinHours(hours, wallFrom(zone, minute, 1)[0] ?? 0, GERMANY_2026);
      if (isOpen([hours], at(minute)) !== expected) throw new Error(at(minute).toISOString());
    }
    expect(shown([hours], '2026-12-23T12:00', '2026-12-28T12:00')).toEqual([
      'opening 2026-12-23T21:00',
      'closing 2026-12-24T05:00',
      'opening 2026-12-27T21:00',
      'closing 2026-12-28T05:00',
    ]);
  });

  it('count by the place: Women’s Day is a holiday in Berlin, Epiphany in Bavaria', () => {
    const of = (holidays: string) => weekdays('Europe/Berlin', '08:00-19:00', { holidays });
    const [berlin, bavaria] = [of('DE-BE'), of('DE-BY')];
    // 2027-03-08 is a Monday, 2027-01-06 a Wednesday.
    expect(isOpen([berlin], utc('2027-03-08T11:00'))).toBe(false);
    expect(isOpen([bavaria], utc('2027-03-08T11:00'))).toBe(true);
    expect(isOpen([berlin], utc('2027-01-06T11:00'))).toBe(true);
    expect(isOpen([bavaria], utc('2027-01-06T11:00'))).toBe(false);
  });

  it('that do not end within 400 days have no opening that is waited for', () => {
    const hours = [daily('UTC', '08:00-19:00', { closed: [{ from: '2026-06-02', to: '2027-07-31' }] })];
    expect(lastClosing(hours, utc('2027-07-06T19:00'))?.at).toEqual(utc('2026-06-01T19:00'));
    expect(lastClosing(hours, utc('2027-07-06T19:01'))).toBeUndefined();
    expect(lastOpening(hours, utc('2027-07-06T08:00'))?.at).toEqual(utc('2026-06-01T08:00'));
    expect(lastOpening(hours, utc('2027-07-06T08:01'))).toBeUndefined();
    expect(nextOpening(hours, utc('2026-06-27T07:59'))).toBeUndefined();
    expect(nextOpening(hours, utc('2026-06-27T08:00'))?.at).toEqual(utc('2027-08-01T08:00'));
    expect(nextClosing(hours, utc('2026-06-27T18:59'))).toBeUndefined();
  });
});

describe('openings and closings', () => {
  it('are those of the week, and across its edge', () => {
    const hours = [
      schedule('Asia/Kolkata', {
        week: [spans('22:00-06:00'), NONE, NONE, NONE, NONE, NONE, spans('23:00-24:00')],
      }),
    ];
    // Sunday 2026-11-08 and Monday 2026-11-09 in India, five and a half hours ahead.
    expect(shown(hours, '2026-11-08T00:00', '2026-11-12T00:00')).toEqual([
      'opening 2026-11-08T17:30',
      'closing 2026-11-08T18:30',
      'opening 2026-11-09T16:30',
      'closing 2026-11-10T00:30',
    ]);
  });

  it('are none where one span begins as another ends, in one schedule or two', () => {
    const whole = [daily('Europe/Berlin', '00:00-24:00')];
    expect(shown(whole, '2026-03-01T00:00', '2026-11-01T00:00')).toEqual([]);
    expect(lastClosing(whole, utc('2026-03-01T00:00'))).toBeUndefined();
    expect(isOpen(whole, utc('2026-03-29T00:59'))).toBe(true);
    const two = [daily('UTC', '08:00-12:00'), daily('UTC', '12:00-18:00')];
    expect(shown(two, '2026-11-10T00:00', '2026-11-11T00:00')).toEqual([
      'opening 2026-11-10T08:00',
      'closing 2026-11-10T18:00',
    ]);
  });

  it.each([
    // Clocks leap from 2:00 to 3:00, and are put back from 3:00 to 2:00.
    ['Europe/Berlin', '02:30-04:00', '2026-03-29', ['opening 2026-03-29T01:00', 'closing 2026-03-29T02:00']],
    ['Europe/Berlin', '01:00-02:30', '2026-03-29', ['opening 2026-03-29T00:00', 'closing 2026-03-29T01:00']],
    ['Europe/Berlin', '02:10-02:50', '2026-03-29', []],
    ['Europe/Berlin', '02:30-02:45', '2026-10-25', ['opening 2026-10-25T00:30', 'closing 2026-10-25T01:45']],
    ['Europe/Berlin', '01:00-02:00', '2026-10-25', ['opening 2026-10-24T23:00', 'closing 2026-10-25T00:00']],
    ['Europe/Berlin', '03:00-04:00', '2026-10-25', ['opening 2026-10-25T02:00', 'closing 2026-10-25T03:00']],
    // From 2:00 to 2:30, and back to 1:30.
    [
      'Australia/Lord_Howe',
      '02:15-03:00',
      '2026-10-04',
      ['opening 2026-10-03T15:30', 'closing 2026-10-03T16:00'],
    ],
    [
      'Australia/Lord_Howe',
      '01:30-01:45',
      '2026-04-05',
      ['opening 2026-04-04T14:30', 'closing 2026-04-04T15:15'],
    ],
    // From midnight to 1:00, and back to 23:00.
    [
      'America/Santiago',
      '00:00-08:00',
      '2026-09-06',
      ['opening 2026-09-06T04:00', 'closing 2026-09-06T11:00'],
    ],
    [
      'America/Santiago',
      '22:00-24:00',
      '2026-09-05',
      ['opening 2026-09-06T02:00', 'closing 2026-09-06T04:00'],
    ],
    [
      'America/Santiago',
      '23:00-23:30',
      '2026-04-04',
      ['opening 2026-04-05T02:00', 'closing 2026-04-05T03:30'],
    ],
  ] as const)('%s %s on %s', (zone, text, day, expected) => {
    const [index] = [(new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7];
    const week = new Array<readonly DaySpan[]>(7).fill(NONE).with(index, spans(text));
    const [before, after] = [-1, 2].map((days) =>
      new Date(utc(`${day}T00:00`).getTime() + days * 86_400_000).toISOString().slice(0, 16),
    );
    expect(shown([schedule(zone, { week })], before ?? '', after ?? '')).toEqual(expected);
  });

  it('a date that a place left out has no hours', () => {
    const hours = [daily('Pacific/Apia', '22:00-06:00')];
    expect(shown(hours, '2011-12-29T12:00', '2012-01-01T00:00')).toEqual([
      'closing 2011-12-29T16:00',
      'opening 2011-12-30T08:00',
      // Two hours into it, 30 December was left out: it is the 31st, and 6:00 comes after six hours of that.
      'closing 2011-12-30T10:00',
      'opening 2011-12-31T08:00',
      'closing 2011-12-31T16:00',
    ]);
  });

  it('are governed by those that are open right after, and right before', () => {
    const [day, late, lunch] = [
      daily('UTC', '08:00-18:00'),
      daily('UTC', '08:00-20:00'),
      daily('UTC', '12:00-13:00'),
    ];
    const hours = [day, late, lunch];
    expect(nextOpening(hours, utc('2026-11-10T00:00'))).toMatchObject({
      at: utc('2026-11-10T08:00'),
      schedules: [day, late],
    });
    expect(nextClosing(hours, utc('2026-11-10T00:00'))).toMatchObject({
      at: utc('2026-11-10T20:00'),
      schedules: [late],
    });
    expect(nextClosing([day, lunch], utc('2026-11-10T00:00'))?.schedules).toEqual([day]);
  });

  it('agree with what is open from minute to minute, and say who governs', () => {
    fc.assert(
      fc.property(
        fc.array(anyWeek, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...changes),
        fc.integer({ min: 0, max: THREE_DAYS - DAY_MINUTES }),
        (weeks, { zone, from }, offset) => {
          const hours = weeks.map((week) => schedule(zone, { week }));
          const begin = from + offset;
          const scanned = [];
          for (let minute = begin + 1; minute <= begin + DAY_MINUTES; minute += 1) {
            const is = isOpen(hours, at(minute));
            if (is === isOpen(hours, at(minute - 1))) continue;
            const beside = at(is ? minute : minute - 1);
            scanned.push({
              kind: is ? 'opening' : 'closing',
              at: at(minute),
              schedules: hours.filter((one) => isOpen([one], beside)),
            });
          }
          const edges = edgesBetween(hours, at(begin), at(begin + DAY_MINUTES));
          expect(edges).toEqual(scanned);
          for (const edge of edges) {
            const [just, then] = [new Date(edge.at.getTime() - 1), new Date(edge.at.getTime())];
            if (edge.kind === 'closing') {
              expect(lastClosing(hours, then)).toEqual(edge);
              expect(nextClosing(hours, just)).toEqual(edge);
              expect(lastClosing(hours, just)?.at).not.toEqual(edge.at);
              expect(nextClosing(hours, then)?.at).not.toEqual(edge.at);
            } else {
              expect(lastOpening(hours, then)).toEqual(edge);
              expect(nextOpening(hours, just)).toEqual(edge);
              expect(lastOpening(hours, just)?.at).not.toEqual(edge.at);
              expect(nextOpening(hours, then)?.at).not.toEqual(edge.at);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('take turns over years, wherever they are looked at from', () => {
    const hours = [weekdays('America/Santiago', '09:00-17:00'), daily('Europe/Berlin', '22:00-02:30')];
    const edges = edgesBetween(hours, FROM, TO);
    expect(edges.length).toBeGreaterThan(3_000);
    edges.forEach(({ kind, at: when }, index) => {
      const before = edges[index - 1];
      if (before === undefined) return;
      expect(kind).not.toBe(before.kind);
      const found = kind === 'opening' ? nextOpening(hours, before.at) : nextClosing(hours, before.at);
      expect(found?.at).toEqual(when);
    });
    const months = Array.from({ length: 60 }, (_, month) => new Date(Date.UTC(2024, month, 1)));
    expect(months.flatMap((from, index) => edgesBetween(hours, from, months[index + 1] ?? TO))).toEqual(
      edges,
    );
  });

  it('without schedules there are none', () => {
    expect(isOpen([], FROM)).toBe(false);
    expect(edgesBetween([], FROM, TO)).toEqual([]);
  });
});

it('is asked a hundred thousand times in less than a second', () => {
  const hours = [
    weekdays('Europe/Berlin', '08:00-19:00', { holidays: 'DE-BE' }),
    daily('Asia/Kolkata', '22:00-02:00'),
  ];
  const began = process.cpuUsage().user;
  let open = 0;
  for (let index = 0; index < 100_000; index += 1) {
    const when = at(FROM.getTime() / MINUTE_MS + index * 20);
    open += isOpen(hours, when) && nextClosing(hours, when) !== undefined ? 1 : 0;
  }
  expect(open).toBeGreaterThan(20_000);
  // In microseconds of this process, whatever else the machine is doing.
  expect(process.cpuUsage().user - began).toBeLessThan(1_000_000);
});
