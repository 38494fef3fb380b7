import { describe, expect, it } from 'vitest';
import { holidayNames, holidaysOf, isHolidayPlace, statesOf } from '../../lib/policy/holidays.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { NamedPolicy } from '../../lib/policy/policy.ts';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import type { Schedule } from '../../lib/policy/schedule.ts';

const parse = (text: string) => parsePolicy(text, 'p.yaml');

/** A file whose one policy begins on line 4 with what is given. */
const file = (own: string, more = ''): string =>
  `version: 1\nprojects: { recsys: { budget: 12000 USD } }\npolicies:\n  - { name: all, match: {}, ${own} }\n${more}`;

const policyOf = (own: string, more = ''): NamedPolicy => {
  const [first] = parse(file(own, more)).policies;
  if (first === undefined) throw new Error('There is no policy.');
  return first;
};

const scheduleOf = (own: string, more = ''): Schedule => {
  const [first] = policyOf(`hours: ${own}`, more).hours ?? [];
  if (first === undefined) throw new Error('There are no hours.');
  return first;
};

const messageOf = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return 'no mistake was found';
};

const hours = (from: number, to: number) => ({ from: from * 60, to: to * 60 });

describe('hours', () => {
  it('are the same every week, and have their defaults', () => {
    const office = [hours(8, 19)];
    expect(scheduleOf('{ weekdays: "08:00-19:00" }')).toEqual({
      timezone: 'UTC',
      week: [office, office, office, office, office, [], []],
      closed: [],
      do: 'start-and-stop',
      starts: 'its-own',
      startAheadSeconds: 0,
      warnSeconds: 0,
      endpoints: 'shut-down',
    });
  });

  it('of a day go before those of its half of the week, and those before daily ones', () => {
    const { week } = scheduleOf(
      '{ daily: "06:00-22:00", weekends: "10:00-18:00", friday: "06:00-16:00", sunday: off, monday: off }',
    );
    const daily = [hours(6, 22)];
    expect(week).toEqual([[], daily, daily, daily, [hours(6, 16)], [hours(10, 18)], []]);
  });

  it('may be several spans a day, end at midnight, or on the next day', () => {
    const { week } = scheduleOf(
      '{ monday: ["08:00-12:00", "13:00-18:30"], tuesday: "00:00-24:00", wednesday: "22:00-06:00", thursday: "18:00-00:00" }',
    );
    expect(week).toEqual([
      [hours(8, 12), { from: 780, to: 1_110 }],
      [hours(0, 24)],
      [hours(22, 30)],
      [hours(18, 24)],
      [],
      [],
      [],
    ]);
  });

  it('are by the clock of their own zone, or of the file', () => {
    expect(scheduleOf('{ daily: "08:00-19:00" }', 'timezone: Asia/Tokyo\n').timezone).toBe('Asia/Tokyo');
    expect(
      scheduleOf('{ daily: "08:00-19:00", timezone: Europe/Berlin }', 'timezone: Asia/Tokyo\n').timezone,
    ).toBe('Europe/Berlin');
  });

  it('know days without hours', () => {
    const { closed, holidays } = scheduleOf(
      '{ daily: "08:00-19:00", holidays: DE-BE, closed: [2026-12-24, "2026-12-27..2027-01-01"] }',
    );
    expect(holidays).toBe('DE-BE');
    expect(closed).toEqual([
      { from: '2026-12-24', to: '2026-12-24' },
      { from: '2026-12-27', to: '2027-01-01' },
    ]);
  });

  it('say what is done at both ends', () => {
    expect(
      scheduleOf(
        '{ daily: "08:00-19:00", starts: all, manualStart: 4h, startAhead: 15m, warn: 30m, endpoints: scale-down }',
      ),
    ).toMatchObject({
      do: 'start-and-stop',
      starts: 'all',
      manualStartSeconds: 14_400,
      startAheadSeconds: 900,
      warnSeconds: 1_800,
      endpoints: 'scale-down',
    });
    expect(scheduleOf('{ daily: "08:00-19:00", do: stop, manualStart: stop }')).toMatchObject({
      do: 'stop',
      manualStartSeconds: 0,
    });
    expect(scheduleOf('{ daily: "08:00-19:00", manualStart: keep }')).not.toHaveProperty(
      'manualStartSeconds',
    );
    // Nothing was stopped, so all that is stopped is what there is to start.
    expect(scheduleOf('{ daily: "08:00-19:00", do: start }')).toMatchObject({ do: 'start', starts: 'all' });
  });
});

describe('named schedules', () => {
  const SHARED =
    'timezone: Europe/Berlin\nschedules:\n  office: { weekdays: "08:00-19:00" }\n  night: { daily: "22:00-04:00", timezone: UTC }\n';

  it('are put in the place of their names, with the zone of the file', () => {
    expect(policyOf('hours: office', SHARED).hours).toMatchObject([
      { name: 'office', timezone: 'Europe/Berlin' },
    ]);
  });

  it('stand beside others, in the order of the policy', () => {
    const all = policyOf('hours: [night, { sunday: "10:00-12:00" }, office]', SHARED).hours ?? [];
    expect(all.map(({ name, timezone }) => [name, timezone])).toEqual([
      ['night', 'UTC'],
      [undefined, 'Europe/Berlin'],
      ['office', 'Europe/Berlin'],
    ]);
  });

  it('may be called like a part of every object', () => {
    const { hours: all } = policyOf(
      'hours: constructor',
      'schedules:\n  constructor: { daily: "08:00-09:00" }\n',
    );
    expect(all).toMatchObject([{ name: 'constructor', week: expect.arrayContaining([[hours(8, 9)]]) }]);
  });
});

describe('the longest runtime', () => {
  it('is a time, or a rule', () => {
    expect(policyOf('maxRuntime: 12h').maxRuntime).toEqual({
      afterSeconds: 43_200,
      warnSeconds: 0,
      do: 'stop',
    });
    expect(policyOf('maxRuntime: { after: 2d, warn: 30m }').maxRuntime).toEqual({
      afterSeconds: 172_800,
      warnSeconds: 1_800,
      do: 'stop',
    });
    expect(policyOf('maxRuntime: { after: 2d, do: notify }').maxRuntime).toMatchObject({ do: 'notify' });
  });
});

const SPAN = 'Write a span of hours such as "08:00-19:00", a list of them, or off.';
const CLOSED = 'Write a date such as 2026-12-24, or "2026-12-24..2027-01-01".';
const PLACE = 'Write a country, or a country and its state, such as DE or DE-BE.';
const NAMES = 'Write the name of a schedule, hours such as { weekdays: "08:00-19:00" }, or a list of these.';

describe('mistakes in hours', () => {
  // The hours of the one policy begin at column 36 of line 4.
  it.each([
    ['without an end', '{ daily: "08:00" }', `4:45: "08:00" is not a span of hours. ${SPAN}`],
    ['of no day', '{ daily: "08:00-25:00" }', `4:45: "08:00-25:00" is not a span of hours. ${SPAN}`],
    [
      'that begin where they end',
      '{ daily: "08:00-08:00" }',
      '4:45: "08:00-08:00" begins where it ends. Write "00:00-24:00" for a whole day, or off.',
    ],
    ['an empty list', '{ daily: [] }', `4:45: \`daily\` is an empty list. ${SPAN}`],
    [
      'no hours at all',
      '{ timezone: Europe/Berlin }',
      '4:36: It has no hours. Give it `daily`, `weekdays`, `weekends` or a day, such as weekdays: "08:00-19:00".',
    ],
    [
      'an unknown key',
      '{ daily: "08:00-19:00", weekday: "08:00-19:00" }',
      '4:60: Unknown key "weekday". Did you mean "weekdays"?',
    ],
    [
      'no zone',
      '{ daily: "08:00-19:00", timezone: Berlin }',
      '4:70: "Berlin" is not a time zone. Write its IANA name, such as Europe/Berlin.',
    ],
    [
      'an unknown country',
      '{ daily: "08:00-19:00", holidays: XX }',
      `4:70: "XX" is no place whose public holidays are known. ${PLACE}`,
    ],
    [
      'an unknown state',
      '{ daily: "08:00-19:00", holidays: AT-99 }',
      `4:70: "AT-99" is no place whose public holidays are known. AT has 1, 2, 3, 4, 5, 6, 7, 8, 9. ${PLACE}`,
    ],
    [
      'a day that is none',
      '{ daily: "08:00-19:00", closed: [2026-02-30] }',
      `4:69: "2026-02-30" is no span of days of the calendar. ${CLOSED}`,
    ],
    [
      'days backwards',
      '{ daily: "08:00-19:00", closed: ["2027-01-01..2026-12-24"] }',
      `4:69: "2027-01-01..2026-12-24" is no span of days of the calendar. ${CLOSED}`,
    ],
    [
      'a closed day twice',
      '{ daily: "08:00-19:00", closed: [2026-12-24, 2026-12-24] }',
      '4:81: "2026-12-24" stands twice in `closed`. Keep one.',
    ],
    [
      'to stop nothing and warn of it',
      '{ daily: "08:00-19:00", do: start, warn: 15m }',
      '4:77: `warn` announces a stop, and `do: start` stops nothing. Remove it.',
    ],
    [
      'to stop nothing, and start what it stopped',
      '{ daily: "08:00-19:00", do: start, starts: its-own }',
      '4:79: With `do: start` nothing is stopped, so there is nothing of its own. Remove `starts`.',
    ],
    [
      'to stop nothing, and a manual start',
      '{ daily: "08:00-19:00", do: start, manualStart: 4h }',
      '4:84: `do: start` stops nothing, so a manual start goes on. Remove `manualStart`.',
    ],
    [
      'to start nothing, and what it starts',
      '{ daily: "08:00-19:00", do: stop, starts: all }',
      '4:78: `do: stop` starts nothing. Remove `starts`.',
    ],
    [
      'to start nothing, and to do so ahead',
      '{ daily: "08:00-19:00", do: stop, startAhead: 5m }',
      '4:82: `do: stop` starts nothing. Remove `startAhead`.',
    ],
    ['an unknown word', 'nights', null],
    ['nothing', '', `4:37: \`hours\` is empty. ${NAMES}`],
    ['an empty list of them', '[]', `4:36: \`hours\` is an empty list. ${NAMES}`],
  ])('%s', (_title, own, says) => {
    const text = messageOf(file(`hours: ${own}`, 'schedules: { night: { daily: "22:00-06:00" } }\n'));
    expect(text).toBe(
      says === null ? 'p.yaml:4:36: No schedule is named "nights". Did you mean "night"?' : `p.yaml:${says}`,
    );
  });

  it('are told where a schedule is named, and where it stands', () => {
    expect(messageOf(file('hours: office'))).toContain('p.yaml:4:36: ');
    expect(messageOf(file('hours: office', 'schedules:\n  office: { daily: "8-19" }\n'))).toBe(
      `p.yaml:6:20: "8-19" is not a span of hours. ${SPAN}`,
    );
  });
});

describe('mistakes in the longest runtime', () => {
  it.each([
    ['5m', '4:41: `maxRuntime: 5m` is shorter than 15m.'],
    ['91d', '4:41: `maxRuntime: 91d` is longer than 90d.'],
    ['{ after: 12h, warn: 12h }', '4:61: `warn` lies within `after`, and is as long or longer.'],
    [
      '{ after: 12h, warn: 1h, do: notify }',
      '4:61: `warn` announces a stop, and `do: notify` stops nothing.',
    ],
    ['{ warn: 1h }', '4:41: `after` is missing.'],
  ])('%s', (own, says) => {
    expect(messageOf(file(`maxRuntime: ${own}`))).toContain(`p.yaml:${says}`);
  });
});

describe('public holidays', () => {
  it('of Berlin in 2026 are these ten', () => {
    expect([...holidayNames('DE-BE', 2026)]).toEqual([
      ['2026-01-01', "New Year's Day"],
      ['2026-03-08', "International Women's Day"],
      ['2026-04-03', 'Good Friday'],
      ['2026-04-06', 'Easter Monday'],
      ['2026-05-01', 'Labour Day'],
      ['2026-05-14', 'Ascension Day'],
      ['2026-05-25', 'Whit Monday'],
      ['2026-10-03', 'National Holiday'],
      ['2026-12-25', 'Christmas Day'],
      ['2026-12-26', 'Boxing Day'],
    ]);
  });

  it('differ by state and region', () => {
    const bavaria = holidaysOf('DE-BY', 2026);
    // Epiphany, Corpus Christi, All Saints' Day; no Women's Day.
    for (const day of ['2026-01-06', '2026-06-04', '2026-11-01']) expect(bavaria).toContain(day);
    expect(bavaria).not.toContain('2026-03-08');
    // Augsburg alone has its peace festival.
    expect(bavaria).not.toContain('2026-08-08');
    expect(holidaysOf('DE-BY-A', 2026)).toContain('2026-08-08');
  });

  it('of the United States move from a Saturday, also into the year before', () => {
    // 4 July 2026 is a Saturday, and so is 1 January 2028.
    expect(holidaysOf('US', 2026)).toContain('2026-07-03');
    expect(holidaysOf('US', 2026)).toContain('2026-11-26');
    expect(holidaysOf('US', 2027)).toContain('2027-12-31');
  });

  it('last for as long as they do', () => {
    // New year in Romania is two days, in Vietnam five; one in Eswatini reaches into the next year.
    expect([...holidaysOf('RO', 2026)].slice(0, 2)).toEqual(['2026-01-01', '2026-01-02']);
    for (const day of [16, 17, 18, 19, 20]) expect(holidaysOf('VN', 2026)).toContain(`2026-02-${day}`);
    expect(holidaysOf('SZ', 2027)).toContain('2027-01-02');
    // The end of Ramadan in Turkey begins the evening before, and ends at noon on the fourth day.
    expect([...holidaysOf('TR', 2026)].filter((day) => day.startsWith('2026-03'))).toEqual([
      '2026-03-20',
      '2026-03-21',
      '2026-03-22',
    ]);
    // Women in China have the afternoon off.
    expect(holidaysOf('CN', 2026)).not.toContain('2026-03-08');
  });

  it('are known of countries, their states and regions alone', () => {
    expect(['DE', 'DE-BE', 'DE-BY-A', 'US-CA', 'JP'].map(isHolidayPlace)).toEqual(Array(5).fill(true));
    expect(['', 'de', 'XX', 'DE-XX', 'DE-BE-A', 'DE-BY-ZZ', 'constructor'].map(isHolidayPlace)).toEqual(
      Array(7).fill(false),
    );
    expect(statesOf('DE')).toContain('BE');
    expect(['XX', 'de', ''].map(statesOf)).toEqual([[], [], []]);
    expect([...holidaysOf('XX', 2026)]).toEqual([]);
  });
});
