import { describe, expect, it } from 'vitest';
import { tomorrowMorning } from '../../lib/decide/tomorrow.ts';

describe('tomorrow 9:00', () => {
  it.each([
    ['UTC', '2026-11-25T10:30:00Z', '2026-11-26T09:00:00.000Z'],
    ['UTC', '2026-11-25T00:00:00Z', '2026-11-26T09:00:00.000Z'],
    // It is the 26th there already.
    ['Asia/Tokyo', '2026-11-25T15:30:00Z', '2026-11-27T00:00:00.000Z'],
    // The night in which the clocks go back, and the one in which they go forward.
    ['Europe/Berlin', '2026-10-24T10:00:00Z', '2026-10-25T08:00:00.000Z'],
    ['Europe/Berlin', '2026-03-28T10:00:00Z', '2026-03-29T07:00:00.000Z'],
    ['America/New_York', '2026-12-31T23:00:00Z', '2027-01-01T14:00:00.000Z'],
  ])('in %s at %s is %s', (timezone, now, morning) => {
    expect(tomorrowMorning(new Date(now), timezone).toISOString()).toBe(morning);
  });
});
