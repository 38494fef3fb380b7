import { describe, expect, it } from 'vitest';
import type { Coverage, CoverageFigures } from '../../lib/compliance/coverage.ts';
import { type WeeklyInput, weeklyDecision } from '../../lib/decide/weekly.ts';
import type { SavedReport } from '../../lib/ledger/ledger.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { parseUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';

const usd = (text: string): Usd => {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`${text} is no amount`);
  return amount;
};
/** A Monday. */
const MONDAY = new Date('2026-11-23T08:05:00Z');

const figures = (change: Partial<CoverageFigures> = {}): CoverageFigures => ({
  resources: 4,
  compliant: 4,
  byCount: 100,
  hourly: usd('10'),
  compliantHourly: usd('10'),
  byCost: 100,
  unpriced: 0,
  lacking: [],
  ...change,
});
const WHOLE: Coverage = { account: figures(), projects: new Map([['recsys', figures()]]) };

const spend = (project: string | undefined, change: Partial<ProjectSpend> = {}): ProjectSpend => ({
  project,
  asOf: MONDAY,
  billed: usd('3120'),
  estimated: usd('210.5'),
  low: usd('3288.40'),
  high: usd('3372.60'),
  band: 'learned',
  billedThrough: new Date('2026-11-21T00:00:00Z'),
  today: usd('40'),
  todayBilled: ZERO_USD,
  burn: usd('5'),
  usualBurn: usd('4'),
  discount: 0,
  running: 3,
  unpriced: [],
  forecast: { amount: usd('4310'), low: usd('4050'), high: usd('4600'), basis: 'weekdays' },
  ...change,
});
const project = (name: string, budget?: string) => ({
  name,
  ...(budget === undefined ? {} : { budget: usd(budget) }),
  freezeRoles: [],
  owners: [],
  members: [],
});
const policy = (timezone = 'UTC', weekly = true, projects: WeeklyInput['policy']['projects'] = {}) => ({
  timezone,
  alerts: { burnRate: 10, weekly, anomalies: false },
  projects,
});
const report = (change: Partial<SavedReport> = {}): SavedReport => ({
  month: '2026-11',
  madeAt: new Date('2026-11-23T07:41:00Z'),
  keys: { html: 'h', csv: 'c', json: 'j' },
  link: {
    url: 'https://links.example.com/r/token',
    tokenHash: 'a1b2',
    until: new Date('2026-12-01T07:41:00Z'),
  },
  ...change,
});
const weekly = (change: Partial<WeeklyInput> = {}) =>
  weeklyDecision({ now: MONDAY, policy: policy(), spends: [], coverage: WHOLE, ...change });
const linesOf = (change: Partial<WeeklyInput>) => weekly(change)?.lines;

describe('the time of the weekly alert', () => {
  const keyAt = (now: string, timezone: string) =>
    weekly({ now: new Date(now), policy: policy(timezone) })?.key;

  it.each([
    ['UTC', '2026-11-23T08:00:00.000Z', 'weekly/2026-11-23'],
    ['UTC', '2026-11-23T08:59:59.999Z', 'weekly/2026-11-23'],
    ['UTC', '2026-11-23T07:59:59.999Z', undefined],
    ['UTC', '2026-11-23T09:00:00.000Z', undefined],
    ['UTC', '2026-11-22T08:30:00.000Z', undefined],
    ['UTC', '2026-11-24T08:30:00.000Z', undefined],
    // It is Monday there already, and still.
    ['Pacific/Auckland', '2026-11-22T19:30:00.000Z', 'weekly/2026-11-23'],
    ['America/Los_Angeles', '2026-11-23T16:30:00.000Z', 'weekly/2026-11-23'],
    ['Asia/Kolkata', '2026-11-23T02:30:00.000Z', 'weekly/2026-11-23'],
    ['Asia/Kolkata', '2026-11-23T02:29:00.000Z', undefined],
    // The Mondays before and after the clocks go back in Berlin, and before and after they go forward.
    ['Europe/Berlin', '2026-10-19T06:30:00.000Z', 'weekly/2026-10-19'],
    ['Europe/Berlin', '2026-10-26T06:30:00.000Z', undefined],
    ['Europe/Berlin', '2026-10-26T07:30:00.000Z', 'weekly/2026-10-26'],
    ['Europe/Berlin', '2026-03-23T07:30:00.000Z', 'weekly/2026-03-23'],
    ['Europe/Berlin', '2026-03-30T07:30:00.000Z', undefined],
    ['Europe/Berlin', '2026-03-30T06:30:00.000Z', 'weekly/2026-03-30'],
    // The clocks of Troll go by two hours.
    ['Antarctica/Troll', '2026-03-30T06:00:00.000Z', 'weekly/2026-03-30'],
  ])('in %s, %s: %s', (timezone, now, key) => {
    expect(keyAt(now, timezone)).toBe(key);
  });

  it('is once a week, in twelve sweeps, the year round, in every zone', () => {
    for (const timezone of [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Cairo',
    ]) {
      const keys: string[] = [];
      for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 300_000) {
        // Weekdays away from Monday in every zone need no look.
        const day = new Date(at).getUTCDay();
        const key = day > 2 && day < 6 ? undefined : keyAt(new Date(at).toISOString(), timezone);
        if (key !== undefined) keys.push(key);
      }
      expect(new Set(keys).size).toBe(52);
      expect(keys).toHaveLength(52 * 12);
    }
  }, 120_000);

  it('never comes where the policy says off', () => {
    expect(weekly({ policy: policy('UTC', false) })).toBeUndefined();
  });
});

describe('what the weekly alert says', () => {
  it('is of each project what is billed and estimated of its budget, the forecast, and when it runs out', () => {
    const projects = { recsys: project('recsys', '4000') };
    expect(weekly({ policy: policy('UTC', true, projects), spends: [spend('recsys')], stopped: 1 })).toEqual({
      action: 'weekly',
      key: 'weekly/2026-11-23',
      project: undefined,
      reason:
        'This is how the projects stand this month: what AWS has billed, and what is estimated since. In the last seven days Bursar stopped 1 resource.',
      lines: [
        'Project recsys has spent $3,330.50 ($3,120.00 billed and $210.50 estimated), 83.2% of its $4,000.00; its month is forecast at $4,310.00 ($4,050.00 to $4,600.00), and its budget runs out at 2026-11-28 21:59 UTC if all goes on as now.',
      ],
    });
  });

  it('is that a budget is used up, or lasts, or that there is none; and what is in no figure', () => {
    const projects = {
      over: project('over', '3330.50'),
      lasts: project('lasts', '100000'),
      free: project('free'),
      nothing: project('nothing', '0'),
    };
    const unpriced = [{ arn: 'a', id: 'i', kind: 'k', size: 's' }];
    const lines = linesOf({
      policy: policy('UTC', true, projects),
      spends: [
        spend(undefined),
        spend('free', { unpriced }),
        spend('constructor', { billed: usd('1') }),
        spend('lasts'),
        spend('over'),
        spend('nothing'),
      ],
    });
    const tail = '; its month is forecast at $4,310.00 ($4,050.00 to $4,600.00)';
    expect(lines).toEqual([
      `Project nothing has spent $3,330.50 ($3,120.00 billed and $210.50 estimated), with a budget of nothing${tail}, and its budget is used up.`,
      `Project over has spent $3,330.50 ($3,120.00 billed and $210.50 estimated), 100% of its $3,330.50${tail}, and its budget is used up.`,
      `Project lasts has spent $3,330.50 ($3,120.00 billed and $210.50 estimated), 3.3% of its $100,000.00${tail}.`,
      `Project free has spent $3,330.50 ($3,120.00 billed and $210.50 estimated, without 1 resource that has no known price)${tail}.`,
      `Project constructor has spent $211.50 ($1.00 billed and $210.50 estimated)${tail}.`,
      `What has no project has spent $3,330.50 ($3,120.00 billed and $210.50 estimated)${tail}.`,
    ]);
  });

  it('is of forty projects, and how many more there are', () => {
    const spends = Array.from({ length: 43 }, (_, n) => spend(`p${n}`, { billed: usd(String(n)) }));
    const nothing = spend(undefined, { billed: ZERO_USD, estimated: usd('0.01') });
    const lines = linesOf({ spends: [...spends, nothing] }) ?? [];
    expect(lines).toHaveLength(42);
    expect(lines[0]).toMatch(/^Project p42 /);
    expect(lines[40]).toBe('And 3 more projects.');
    expect(lines[41]).toMatch(/^What has no project has spent \$0\.01 /);
    expect(linesOf({ spends: spends.slice(0, 40) })).toHaveLength(40);
  });

  it('is where tags are incomplete, the costliest first, and what that costs', () => {
    const recsys = figures({
      resources: 20,
      compliant: 19,
      byCount: 95,
      hourly: usd('64'),
      compliantHourly: usd('60'),
    });
    const none = figures({
      compliant: 1,
      byCount: 25,
      hourly: usd('9.34'),
      compliantHourly: ZERO_USD,
      unpriced: 2,
    });
    const coverage: Coverage = {
      account: figures({
        resources: 28,
        compliant: 24,
        byCount: 85.7,
        hourly: usd('83.34'),
        compliantHourly: usd('70'),
        unpriced: 2,
      }),
      projects: new Map([
        ['recsys', recsys],
        ['vision', figures()],
        ['', none],
      ]),
    };
    expect(linesOf({ coverage })).toEqual([
      'No project has spent anything this month.',
      'Of what has no project 1 of 4 resources carries all required tags (25%); the other 3 cost $9.34 an hour, as far as prices are known.',
      'Of project recsys 19 of 20 resources carry all required tags (95%); the other one costs $4.00 an hour.',
      'Of the whole account 24 of 28 resources carry all required tags (85.7%); the other 4 cost $13.34 an hour, as far as prices are known. `bursar tag --fix` shows which tags would mend it.',
    ]);
  });

  it('is nothing of tags where all are complete', () => {
    expect(linesOf({ spends: [spend('recsys')] })).toHaveLength(1);
  });
});

describe('the link to the report', () => {
  it('is that of the newest one, by its month', () => {
    expect(weekly({ report: report() })?.link).toEqual({
      title: 'The report of November 2026',
      url: 'https://links.example.com/r/token',
    });
    expect(weekly({ report: report({ month: '2026-10' }) })?.link?.title).toBe('The report of October 2026');
  });

  it.each([
    ['there is none', undefined],
    ['it is more than two days old', report({ madeAt: new Date('2026-11-21T08:04:59Z') })],
    ['it has no link', report({ link: undefined })],
    ['its link has ended', report({ link: { url: 'https://x', tokenHash: '', until: MONDAY } })],
  ])('is left out where %s, and the alert comes all the same', (_, newest) => {
    const decision = weekly({ report: newest });
    expect(decision?.action).toBe('weekly');
    expect(decision).not.toHaveProperty('link');
  });

  it('comes with how to spend less, where the report recommends something', () => {
    const recommended = {
      count: 7,
      monthly: usd('412.5'),
      largest: [{ title: 'Delete volume vol-1.', monthly: usd('50') }],
    };
    expect(linesOf({ report: report({ recommended }) })?.slice(-2)).toEqual([
      'To spend less: 7 recommendations, $412.50 a month together; `bursar recommend` has the evidence and what to run.',
      '$50.00 a month: Delete volume vol-1.',
    ]);
    const old = report({ recommended, madeAt: new Date('2026-11-21T08:04:59Z') });
    expect(linesOf({ report: old })?.join(' ')).not.toContain('To spend less');
  });

  it('holds up to two days', () => {
    expect(weekly({ report: report({ madeAt: new Date('2026-11-21T08:05:00Z') }) })).toHaveProperty('link');
  });
});
