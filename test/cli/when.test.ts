import { beforeAll, describe, expect, it } from 'vitest';
import { heldTime, sinceTime, termOfLength, termOfTime } from '../../lib/cli/when.ts';
import { NOW } from './run-cli.ts';

// New York is behind UTC by 5 h in November and by 4 h in summer.
beforeAll(() => {
  process.env.TZ = 'America/New_York';
});

describe('--for', () => {
  it.each([
    ['90m', 5_400],
    ['2h', 7_200],
    ['3d', 259_200],
    ['60s', 60],
    ['30d', 2_592_000],
  ])('%s', (text, seconds) => expect(termOfLength(text)).toEqual({ seconds }));

  it.each(['2', 'h', '2 h', '-2h', '2w', '1h30m', '', 'tomorrow', '9999999h'])('not %j', (text) =>
    expect(() => termOfLength(text)).toThrow(/^--for: ".*" is no length of time\. Write 90m, 2h or 3d\.$/),
  );

  it.each([
    ['30s', '--for: 30s is too short. Write 1m to 30d.'],
    ['0h', '--for: 0h is too short. Write 1m to 30d.'],
    ['31d', '--for: 31d is too long. Write 1m to 30d. For longer, set the keep tag of the resource.'],
  ])('%s is out of bounds', (text, says) => expect(() => termOfLength(text)).toThrow(says));
});

describe('--until', () => {
  it.each([
    ['2026-12-01T09:00', '2026-12-01T14:00:00.000Z'],
    ['2026-12-01T09:00:30', '2026-12-01T14:00:30.000Z'],
    ['2026-12-01T09:00Z', '2026-12-01T09:00:00.000Z'],
    ['2026-12-01T09:00:00+01:00', '2026-12-01T08:00:00.000Z'],
  ])('%s', (text, at) => expect(termOfTime(text, NOW)).toEqual({ at }));

  it('in summer time', () =>
    expect(termOfTime('2027-07-01T09:00', new Date('2027-06-20T09:00:00Z'))).toEqual({
      at: '2027-07-01T13:00:00.000Z',
    }));

  it('tomorrow is left to the policy, which knows the time zone', () =>
    expect(termOfTime('tomorrow', NOW)).toBe('tomorrow'));

  it.each([
    '2026-02-30T09:00',
    '2026-12-01T25:00',
    'next week',
    '09:00',
    '',
    '1764063000',
    '2026-12-01 09:00',
  ])('not %j', (text) =>
    expect(() => termOfTime(text, NOW)).toThrow(/^--until: ".*" is no time\. Write tomorrow, /),
  );

  it.each([
    ['2026-12-01', '--until: 2026-12-01 has no hour. Write 2026-12-01T09:00.'],
    ['2026-11-25T10:30Z', '--until: 2026-11-25 10:30 UTC is over. Write a time that is still to come.'],
    ['2025-12-01T09:00Z', '--until: 2025-12-01 09:00 UTC is over. Write a time that is still to come.'],
    [
      '2026-12-26T09:00Z',
      '--until: 2026-12-26 09:00 UTC is more than 30 days away. Write a nearer time. For longer, set the keep tag of the resource.',
    ],
  ])('%s', (text, says) => expect(() => termOfTime(text, NOW)).toThrow(says));
});

describe('--since', () => {
  it.each([
    ['24h', '2026-11-24T10:30:00.000Z'],
    ['7d', '2026-11-18T10:30:00.000Z'],
    ['2026-11-01', '2026-11-01T04:00:00.000Z'],
    ['2026-11-02', '2026-11-02T05:00:00.000Z'],
    ['2026-11-20T12:00', '2026-11-20T17:00:00.000Z'],
    ['2026-11-20T12:00Z', '2026-11-20T12:00:00.000Z'],
  ])('%s', (text, at) => expect(sinceTime(text, NOW).toISOString()).toBe(at));

  it.each([
    ['a while', '--since: "a while" is no time. Write 24h, 7d, 2026-12-01 or 2026-12-01T09:00Z.'],
    ['2026-02-30', '--since: "2026-02-30" is no time. Write 24h, 7d, 2026-12-01 or 2026-12-01T09:00Z.'],
    ['2026-11-26', '--since: 2026-11-26 05:00 UTC is still to come. Write an earlier time.'],
  ])('not %s', (text, says) => expect(() => sinceTime(text, NOW)).toThrow(says));
});

describe('the time of a hold', () => {
  it.each(['2026-11-25T10:30:00.000Z', '2026-11-25T10:30:00Z', '2026-11-25T11:30:00+01:00'])('%s', (text) =>
    expect(heldTime(text)).toBe('2026-11-25T10:30:00.000Z'),
  );
  it.each(['2026-11-25T10:30', '2026-11-25', 'all'])('not %s', (text) =>
    expect(() => heldTime(text)).toThrow(`"${text}" is no time. Name the one that the alert`),
  );
});
