import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWallClock, weeklySpans } from '../../lib/simulate/scenario-file/weekly.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const WEEKDAYS: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Minutes around a change, and what clocks on the wall show in each: by Intl, which the code under test does not use. */
interface Table {
  readonly zone: string;
  readonly from: number;
  /** Day of the week, 1 to 7, and minutes since midnight. */
  readonly shown: readonly (readonly [day: number, minutes: number])[];
}

function tableOf(zone: string, around: string): Table {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const from = Date.parse(around) - 2 * DAY_MINUTES * MINUTE_MS;
  const shown = Array.from({ length: 4 * DAY_MINUTES }, (_, index) => {
    const parts = new Map(
      format.formatToParts(from + index * MINUTE_MS).map(({ type, value }) => [type, value]),
    );
    const minutes = Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
    return [WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1, minutes] as const;
  });
  return { zone, from, shown };
}

const CHANGES = [
  tableOf('Europe/Berlin', '2026-03-29T01:00Z'),
  tableOf('Europe/Berlin', '2026-10-25T01:00Z'),
  tableOf('America/New_York', '2026-03-08T07:00Z'),
  tableOf('America/New_York', '2026-11-01T06:00Z'),
  // By half an hour.
  tableOf('Australia/Lord_Howe', '2026-04-04T15:00Z'),
  tableOf('UTC', '2026-03-29T01:00Z'),
];

/** Not in the hours in which clocks are set: there, a time may come twice, or not at all. */
const someTime = fc.nat(DAY_MINUTES).filter((minutes) => minutes < 60 || minutes >= 240);
const someDays = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 });

describe('what repeats weekly', () => {
  it('is right at any minute over both changes of daylight saving', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        someDays,
        someTime.filter((minutes) => minutes < DAY_MINUTES),
        someTime,
        ({ zone, from: begun, shown }, list, from, to) => {
          const days = new Set(list);
          const window = { from: begun, to: begun + shown.length * MINUTE_MS };
          const found = new Set<number>();
          let cursor = window.from;
          for (const span of weeklySpans({ days, from, to, timezone: zone }, window, createWallClock())) {
            expect(span.from).toBeGreaterThanOrEqual(cursor);
            expect(span.to).toBeGreaterThan(span.from);
            expect(span.to).toBeLessThanOrEqual(window.to);
            for (let at = span.from; at < span.to; at += MINUTE_MS) found.add((at - begun) / MINUTE_MS);
            cursor = span.to;
          }
          const wrong = shown.flatMap(([day, minutes], index) => {
            const before = day === 1 ? 7 : day - 1;
            const isDue =
              to > from
                ? days.has(day) && minutes >= from && minutes < to
                : (days.has(day) && minutes >= from) || (days.has(before) && minutes < to);
            return isDue === found.has(index) ? [] : [{ index, day, minutes, isDue }];
          });
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  const sunday = (zone: string, date: string, from: number, to: number): readonly string[] => {
    const window = { from: Date.parse(`${date}T00:00Z`), to: Date.parse(`${date}T12:00Z`) };
    return [...weeklySpans({ days: new Set([7]), from, to, timezone: zone }, window, createWallClock())].map(
      (span) => [span.from, span.to].map((at) => new Date(at).toISOString().slice(11, 16)).join('–'),
    );
  };

  it('that begins or ends at a time that comes twice means the first', () => {
    expect(sunday('Europe/Berlin', '2026-10-25', 135, 165)).toEqual(['00:15–00:45']);
    expect(sunday('Europe/Berlin', '2026-10-25', 150, 240)).toEqual(['00:30–03:00']);
  });

  it('that begins or ends at a time that is skipped is as long after the change', () => {
    expect(sunday('Europe/Berlin', '2026-03-29', 135, 165)).toEqual(['01:15–01:45']);
    expect(sunday('Europe/Berlin', '2026-03-29', 90, 150)).toEqual(['00:30–01:30']);
  });
});
