import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tomorrowMorning } from '../../lib/decide/tomorrow.ts';
import { localMinute, untilOf } from '../../lib/people/until.ts';

describe('tomorrow 9:00', () => {
  it.each([
    ['UTC', '2026-11-25T10:30:00Z', '2026-11-26T09:00:00.000Z'],
    ['UTC', '2026-11-25T23:59:59Z', '2026-11-26T09:00:00.000Z'],
    ['UTC', '2026-11-26T00:00:00Z', '2026-11-27T09:00:00.000Z'],
    ['UTC', '2026-12-31T12:00:00Z', '2027-01-01T09:00:00.000Z'],
    ['Europe/Berlin', '2026-11-25T10:30:00Z', '2026-11-26T08:00:00.000Z'],
    // In Berlin it is the 26th already.
    ['Europe/Berlin', '2026-11-25T23:30:00Z', '2026-11-27T08:00:00.000Z'],
    // Clocks go forward in the night to Sunday 29 March 2026 …
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T07:00:00.000Z'],
    ['Europe/Berlin', '2026-03-27T12:00:00Z', '2026-03-28T08:00:00.000Z'],
    // … and back in the night to Sunday 25 October 2026.
    ['Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T08:00:00.000Z'],
    ['Europe/Berlin', '2026-10-23T12:00:00Z', '2026-10-24T07:00:00.000Z'],
    ['America/New_York', '2026-03-07T20:00:00Z', '2026-03-08T13:00:00.000Z'],
    ['America/New_York', '2026-10-31T20:00:00Z', '2026-11-01T14:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-25T10:30:00Z', '2026-11-26T03:30:00.000Z'],
    ['Pacific/Auckland', '2026-11-25T10:30:00Z', '2026-11-25T20:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-25T10:30:00Z', '2026-11-26T19:00:00.000Z'],
  ])('in %s, asked at %s, is %s', (timezone, at, morning) => {
    expect(tomorrowMorning(new Date(at), timezone).toISOString()).toBe(morning);
  });

  it('is 9:00 of the next day on the wall, 8 to 34 hours ahead', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
    const times = fc.date({ min: new Date('2024-01-01'), max: new Date('2034-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.constantFrom(...zones), (at, timeZone) => {
        const morning = tomorrowMorning(at, timeZone);
        const wall = (time: Date) =>
          Object.fromEntries(
            new Intl.DateTimeFormat('en-CA', {
              timeZone,
              hourCycle: 'h23',
              dateStyle: 'short',
              timeStyle: 'medium',
            })
              .formatToParts(time)
              .map(({ type, value }) => [type, value]),
          );
        const [today, then] = [wall(at), wall(morning)];
        expect([then.hour, then.minute, then.second]).toEqual(['09', '00', '00']);
        const day = (parts: Record<string, string>) =>
          Date.parse(`${parts.year}-${parts.month}-${parts.day}`);
        expect(day(then) - day(today)).toBe(86_400_000);
        const hours = (morning.getTime() - at.getTime()) / 3_600_000;
        expect(hours).toBeGreaterThan(7.9);
        expect(hours).toBeLessThan(34.1);
      }),
    );
  });
});

describe('a term', () => {
  const at = new Date('2026-11-25T10:30:00Z');
  const zone = { timezone: 'Europe/Berlin', keepTag: 'bursar:keep-until' };

  it.each([
    [{ seconds: 7_200 }, '2026-11-25T12:30:00.000Z'],
    [{ at: '2026-11-28T09:00:00+01:00' }, '2026-11-28T08:00:00.000Z'],
    ['tomorrow' as const, '2026-11-26T08:00:00.000Z'],
    [{ seconds: 30 * 86_400 }, '2026-12-25T10:30:00.000Z'],
  ])('of %j ends at %s', (term, until) => {
    expect(untilOf(term, at, zone)).toEqual({ ok: true, until: new Date(until) });
  });

  it('of more than 30 days needs the tag', () => {
    const over = untilOf({ seconds: 30 * 86_400 + 1 }, at, zone);
    expect(over).toEqual({
      ok: false,
      why: expect.stringContaining('tag the resource with bursar:keep-until'),
    });
  });

  it('that has passed is told', () => {
    const past = untilOf({ at: '2026-11-25T10:30:00Z' }, at, zone);
    expect(past).toEqual({ ok: false, why: '2026-11-25 10:30 UTC has passed: name a later time.' });
  });
});

it.each([
  ['UTC', '2026-11-26 08:00 UTC'],
  ['Europe/Berlin', '2026-11-26 08:00 UTC (09:00 in Europe/Berlin)'],
  ['Pacific/Auckland', '2026-11-26 08:00 UTC (21:00 in Pacific/Auckland)'],
  ['Pacific/Kiritimati', '2026-11-26 08:00 UTC (22:00 in Pacific/Kiritimati)'],
])('a minute in %s is told as %s', (timezone, text) => {
  expect(localMinute(new Date('2026-11-26T08:00:00Z'), timezone)).toBe(text);
});

it('a minute of another day there is told with the day', () => {
  expect(localMinute(new Date('2026-11-26T20:00:00Z'), 'Pacific/Auckland')).toBe(
    '2026-11-26 20:00 UTC (2026-11-27 09:00 in Pacific/Auckland)',
  );
});
