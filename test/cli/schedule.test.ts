import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ExitCode, type Io, UsageError } from '../../lib/cli/io.ts';
import { fromTime, nextOf, scheduleBy } from '../../lib/cli/schedule.ts';
import { nextClockChange } from '../../lib/cli/schedule-clock.ts';
import { ScheduleJsonSchema } from '../../lib/cli/schedule-json.ts';
import type { ScheduleParts } from '../../lib/cli/schedule-run.ts';
import { offsetText, weekText } from '../../lib/cli/schedule-words.ts';
import { createBudgetsClient, createCostExplorerClient } from '../../lib/fleet/clients.ts';
import { microUsd } from '../../lib/types/money.ts';
import { resource } from '../savings/fixtures.ts';
import { recordedIo } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-schedule-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const POLICY = file(
  'bursar.yaml',
  `
version: 1
timezone: Europe/Berlin
projects: { recsys: { budget: 12000 USD }, nlp: { budget: 900 USD } }
schedules:
  office: { weekdays: "08:00-19:00", holidays: DE-BE, startAhead: 10m, warn: 15m }
  desk: { weekdays: "09:00-17:00", timezone: America/New_York, do: stop }
policies:
  - { name: production, match: { environment: prod }, idle: off }
  - { name: nlp-only, match: { project: nlp }, hours: { daily: "22:00-02:30", endpoints: scale-down } }
  - { name: development, match: { environment: dev }, hours: office, maxRuntime: { after: 12h, warn: 30m } }
  - { name: notebooks, match: { environment: research }, hours: office }
  - { name: two, match: { environment: two }, hours: [office, desk] }
`,
);

async function run(
  args: readonly string[],
  fleet: ScheduleParts['discoverFleet'] = async () => [],
  world: Partial<Io> = {},
) {
  let code: ExitCode | undefined;
  const { io, said } = recordedIo(world);
  const parts: ScheduleParts = {
    awsContexts: async () => ({
      account: '111122223333',
      regions: new Map(),
      cloudTrails: new Map(),
      budgets: createBudgetsClient(),
      costExplorer: createCostExplorerClient(),
    }),
    discoverFleet: fleet,
  };
  const command = scheduleBy(async () => parts)(io, (result) => {
    code = result;
  });
  await command.parseAsync(['--policy', POLICY, ...args], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    said.err += error.message;
    code = 2;
  });
  return { code, ...said };
}

const json = async (...args: readonly string[]) =>
  ScheduleJsonSchema.parse(JSON.parse((await run(['--json', ...args])).out));

describe('bursar schedule', () => {
  it('tells openings and closings by local time over a change of clocks and a holiday', async () => {
    const { code, out, err } = await run(['--from', '2026-03-27', '--next', '8d']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const text = out.split('\n').map((line) => line.trim().replace(/ {2,}/g, '  '));
    expect(text[0]).toContain('do, 2026-03-26 23:00 UTC to 2026-04-03 22:00 UTC');
    const start = text.indexOf('Policies development, notebooks');
    expect(text.slice(start, start + 15)).toEqual([
      'Policies development, notebooks',
      'office: Mon-Fri 08:00-19:00; Europe/Berlin; not on public holidays of DE-BE',
      'Opening starts 10 min ahead what a closing stopped. Closing stops what runs, told 15 min before. What somebody starts outside hours runs to the next closing.',
      'DAY  TIME IN EUROPE/BERLIN  ZONE  WHAT',
      'Fri 27 Mar  07:50  UTC+1  start: ahead of the opening in 10 min',
      '08:00  UTC+1  open: what a closing stopped is started',
      '18:45  UTC+1  warning: told of the stop in 15 min',
      '19:00  UTC+1  closed: what runs is stopped',
      'Sat 28 Mar  closed all day',
      'Sun 29 Mar  closed all day',
      '02:00  clocks leap 02:00→03:00',
      'Mon 30 Mar  07:50  UTC+2  start: ahead of the opening in 10 min',
      '08:00  UTC+2  open: what a closing stopped is started',
      '18:45  UTC+2  warning: told of the stop in 15 min',
      '19:00  UTC+2  closed: what runs is stopped',
    ]);
    expect(text).toContain('Fri 3 Apr  closed all day: Good Friday (DE-BE)');
    expect(text).toContain('Next change of clocks: Sun 29 Mar: clocks leap 02:00→03:00 (Europe/Berlin).');
    expect(text).toContain(
      'development: 12 h from its start on, then it is stopped; people are told 30 min before',
    );
    expect(text).toContain('Without hours or a longest runtime: production.');
  });

  it('prints the same as JSON, in instants and local times', async () => {
    const { timetables, runtimes, without, account } = await json('--from', '2026-03-28', '--next', '2d');
    expect({ runtimes, without, account }).toEqual({
      runtimes: [{ policy: 'development', afterSeconds: 43_200, warnSeconds: 1_800, do: 'stop' }],
      without: ['production'],
      account: null,
    });
    expect(timetables.map(({ policies }) => policies)).toEqual([
      ['nlp-only'],
      ['development', 'notebooks'],
      ['two'],
    ]);
    const [night] = timetables;
    // 02:30 is leapt over on the 29th: it closes at 03:00 by the new time.
    expect(
      night?.days.map(({ date, open, events }) => [
        date,
        open,
        events.map(({ at, local, kind, does }) => `${at} ${local} ${kind} ${does}`),
      ]),
    ).toEqual([
      [
        '2026-03-28',
        true,
        [
          '2026-03-28T01:30:00.000Z 2026-03-28T02:30+01:00 closing stop-and-scale-down',
          '2026-03-28T21:00:00.000Z 2026-03-28T22:00+01:00 opening start-its-own',
        ],
      ],
      [
        '2026-03-29',
        true,
        [
          '2026-03-29T01:00:00.000Z 2026-03-29T03:00+02:00 closing stop-and-scale-down',
          '2026-03-29T20:00:00.000Z 2026-03-29T22:00+02:00 opening start-its-own',
        ],
      ],
    ]);
    expect(night?.days[1]?.clocks).toEqual([
      {
        at: '2026-03-29T01:00:00.000Z',
        timezone: 'Europe/Berlin',
        date: '2026-03-29',
        from: '02:00',
        to: '03:00',
      },
    ]);
  });

  it('of several schedules tells where any is open, and which governs', async () => {
    const { timetables } = await json('--from', '2026-11-02', '--next', '1d');
    // 08:00 in Berlin to 17:00 in New York, 23:00 in Berlin: one span.
    expect(
      timetables[2]?.days[0]?.events.map(({ local, kind, does, schedules }) => [
        local.slice(11),
        kind,
        does,
        schedules,
      ]),
    ).toEqual([
      ['07:50+01:00', 'start', null, ['office']],
      ['08:00+01:00', 'opening', 'start-its-own', ['office']],
      ['23:00+01:00', 'closing', 'stop', ['desk']],
    ]);
    expect(timetables[2]?.nextClocks.map(({ at, timezone }) => [at, timezone])).toEqual([
      ['2027-03-14T07:00:00.000Z', 'America/New_York'],
      ['2027-03-28T01:00:00.000Z', 'Europe/Berlin'],
    ]);
  });

  it('of one project leaves out the policies of others', async () => {
    const { timetables } = await json('--project', 'recsys');
    expect(timetables.flatMap(({ policies }) => policies)).toEqual(['development', 'notebooks', 'two']);
  });

  it('says that no policy has hours', async () => {
    const none = file(
      'none.yaml',
      'version: 1\nprojects: {}\npolicies: [{ name: all, match: {}, idle: off }]\n',
    );
    const { code, out } = await run(['--policy', none]);
    expect(code).toBe(0);
    expect(out).toMatch(/^No policy in .*none\.yaml has hours or a longest runtime\. Give one/);
  });

  it.each([
    [['--next', 'week'], '--next: "week" is no length of time. Write 24h, 7d or 30d.'],
    [['--next', '59m'], '--next: 59m is too short. Write 1h to 366d.'],
    [['--next', '367d'], '--next: 367d is too long. Write 1h to 366d.'],
    [
      ['--from', 'monday'],
      '--from: "monday" is no time. Write 2026-03-27, 2026-03-27T08:00 or 2026-03-27T08:00Z.',
    ],
    [['--names'], '--names: resources are named where the account is read. Add --fleet.'],
    [['--project', 'recsis'], `--project: "recsis" is not in ${POLICY}. Write a project of it.`],
  ])('%j is refused in one line', async (args, says) => {
    expect(await run(args)).toMatchObject({ code: 2, out: '', err: says });
  });
});

describe('with the fleet', () => {
  const dev = { project: 'recsys', environment: 'dev' };
  const fleet: ScheduleParts['discoverFleet'] = async () => [
    resource('i-dev', { tags: dev, hourly: microUsd(600_000n), size: 'm5.xlarge' }),
    resource('i-off', { tags: dev, hourly: microUsd(1_200_000n), state: 'stopped', size: 'm5.2xlarge' }),
    resource('i-unpriced', { tags: dev, hourly: undefined }),
    resource('i-asg', {
      tags: dev,
      hourly: microUsd(600_000n),
      protections: [{ code: 'stop-protection', detail: 'It has stop protection.' }],
    }),
    resource('i-prod', { tags: { project: 'recsys', environment: 'prod' } }),
    resource('i-none', { tags: { environment: 'dev' } }),
  ];

  it('tells which resources it concerns, and what a week saves', async () => {
    const { out } = await run(['--from', '2026-03-27', '--fleet'], fleet);
    // Five days from 07:50 to 19:00 are 55 h 50 min of 168 h: 112 h 10 min off, at 0.60 and 1.20 an hour.
    expect(out).toContain('4 resources, 1 of them without a known price: $201.90 a week saved at list price');
    expect(out).toMatch(/i-dev +EC2 instance +m5\.xlarge +recsys +development +\$0\.60 +\$67\.30\n/);
    expect(out).toMatch(/i-off .*\$1\.20 +\$134\.60 +stopped now\n/);
    expect(out).toMatch(/i-asg .*\$0\.00 +left alone: It has stop protection\.\n/);
    expect(out).toMatch(/i-unpriced .*\? +\$0\.00\n/);
    for (const other of ['i-prod', 'i-none']) expect(out).not.toContain(other);
    expect(out).toContain('Saved a week: list price');
  });

  it('prints it as JSON', async () => {
    const { out } = await run(['--from', '2026-03-27', '--fleet', '--json'], fleet);
    const { account, timetables } = ScheduleJsonSchema.parse(JSON.parse(out));
    expect(account).toBe('111122223333');
    expect(timetables[1]).toMatchObject({
      offHoursInWeek: 112.17,
      fleet: { savedAWeek: '201.9', unpriced: 1 },
    });
    expect(timetables[0]?.fleet).toEqual({ savedAWeek: '0', unpriced: 0, resources: [] });
  });

  it.each([60, 80, 120])('no line is wider than a terminal of %i columns', async (width) => {
    const { out } = await run(['--from', '2026-03-27', '--fleet'], fleet, { width });
    for (const line of out.split('\n')) expect([...line].length).toBeLessThanOrEqual(width);
  });

  it('says in one line that the account may not be read', async () => {
    const denied = Object.assign(new Error('You are not authorized.'), {
      name: 'UnauthorizedOperation',
      $metadata: {},
    });
    const { code, err } = await run(['--fleet'], async () => {
      throw denied;
    });
    expect(code).toBe(2);
    expect(err).toContain('Reading the account 111122223333: AWS does not allow it.');
  });
});

describe('its words', () => {
  it('reads times by the zone of the policy file', async () => {
    const at = async (text: string) => (await fromTime(text, 'Europe/Berlin')).toISOString();
    expect(await at('2026-03-29')).toBe('2026-03-28T23:00:00.000Z');
    expect(await at('2026-03-29T08:00')).toBe('2026-03-29T06:00:00.000Z');
    expect(await at('2026-03-29T08:00Z')).toBe('2026-03-29T08:00:00.000Z');
    for (const wrong of ['2026-02-30', '2026-02-30T08:00Z', '2026-03-29T25:00', '29 March']) {
      await expect(fromTime(wrong, 'Europe/Berlin')).rejects.toThrow('is no time');
    }
    expect(nextOf('7d')).toBe(604_800);
  });

  it('knows the next change of clocks, and where there is none', () => {
    const next = (at: string, zone: string) => nextClockChange(new Date(at), zone);
    expect(next('2026-10-01T00:00Z', 'Europe/Berlin')).toMatchObject({
      date: '2026-10-25',
      from: '03:00',
      to: '02:00',
      isForward: false,
    });
    expect(next('2026-03-01T00:00Z', 'Australia/Lord_Howe')).toMatchObject({
      date: '2026-04-05',
      from: '02:00',
      to: '01:30',
    });
    expect(next('2026-03-01T00:00Z', 'Asia/Tokyo')).toBeUndefined();
  });

  it('puts days with the same hours together', () => {
    const day = [{ from: 480, to: 1_140 }];
    expect(weekText([day, day, day, day, day, [], []])).toBe('Mon-Fri 08:00-19:00');
    expect(weekText([day, day, day, day, day, day, day])).toBe('every day 08:00-19:00');
    expect(weekText([[], [{ from: 1_320, to: 1_800 }], [], day, [], [], [{ from: 0, to: 1_440 }]])).toBe(
      'Tue 22:00-06:00, Thu 08:00-19:00, Sun 00:00-24:00',
    );
    expect(weekText([[], [], [], [], [], [], []])).toBe('never open');
    expect(['+00:00', '+05:30', '-03:00'].map(offsetText)).toEqual(['UTC', 'UTC+5:30', 'UTC−3']);
  });
});
