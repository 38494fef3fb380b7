import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProjectDay } from '../../lib/meter/spend.ts';
import { daysOf } from '../../lib/report/days.ts';
import { figuresOf, levelsOf } from '../../lib/report/levels.ts';
import { type Month, monthOf } from '../../lib/report/month.ts';
import { moversOf } from '../../lib/report/movers.ts';
import { ledgerTotal } from '../../lib/report/read-allocation.ts';
import type { ProjectSpend, SpendDay } from '../../lib/types/meter.ts';
import { microUsd, parseUsd, sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';

const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;
const NOW = new Date('2026-11-10T12:00:00Z');
const EC2 = 'Amazon Elastic Compute Cloud - Compute';
const S3 = 'Amazon Simple Storage Service';

function monthAt(name: string, now = NOW): Month {
  const month = monthOf(name, now);
  if (month === undefined) throw new Error(`${name} has not begun`);
  return month;
}

type Amounts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const dayOf = (day: string, amounts: Amounts): SpendDay => ({
  day,
  billedAsOf: NOW,
  billed: new Map(
    Object.entries(amounts).map(([project, services]) => [
      project,
      new Map(Object.entries(services).map(([service, amount]) => [service, usd(amount)])),
    ]),
  ),
  metered: undefined,
});

const projectDay = (day: string, billed: string, estimated: string): ProjectDay => ({
  day,
  billed: usd(billed),
  estimated: usd(estimated),
});

describe('a month', () => {
  it('that goes on ends now, and one that is over with its last day', () => {
    expect(monthAt('2026-11')).toMatchObject({
      from: new Date('2026-11-01T00:00:00Z'),
      to: NOW,
      end: new Date('2026-12-01T00:00:00Z'),
      isOver: false,
      firstDay: '2026-11-01',
      lastDay: '2026-11-10',
    });
    expect(monthAt('2026-02')).toMatchObject({ isOver: true, firstDay: '2026-02-01', lastDay: '2026-02-28' });
  });

  it('is over in the very instant in which the next one begins', () => {
    expect(monthAt('2026-10', new Date('2026-11-01T00:00:00Z'))).toMatchObject({
      isOver: true,
      lastDay: '2026-10-31',
    });
    expect(monthAt('2026-11', new Date('2026-11-01T00:00:00Z'))).toMatchObject({
      isOver: false,
      lastDay: '2026-11-01',
    });
  });

  it('that lies ahead is none', () => {
    expect(monthOf('2026-12', NOW)).toBeUndefined();
  });
});

describe('the days of a report', () => {
  it('are as the meter tells them, and as billed where it does not look back so far', () => {
    const days = daysOf(
      monthAt('2026-11'),
      new Map([['recsys', [projectDay('2026-11-02', '3', '1'), projectDay('2026-10-31', '9', '0')]]]),
      [dayOf('2026-11-01', { recsys: { [EC2]: '5' } }), dayOf('2026-11-02', { recsys: { [EC2]: '2' } })],
    );
    expect(days).toEqual([
      { day: '2026-11-01', projects: new Map([['recsys', { billed: usd('5'), estimated: ZERO_USD }]]) },
      { day: '2026-11-02', projects: new Map([['recsys', { billed: usd('3'), estimated: usd('1') }]]) },
    ]);
  });

  it('on which nobody spent anything are absent', () => {
    const none = new Map([['recsys', [projectDay('2026-11-02', '0', '0')]]]);
    expect(daysOf(monthAt('2026-11'), none, [])).toEqual([]);
  });
});

describe('what moved', () => {
  const month = monthAt('2026-11');

  it('is the change against the same days of the month before, by project and service', () => {
    const days = [
      dayOf('2026-10-01', { recsys: { [EC2]: '10', [S3]: '1' }, fraud: { [EC2]: '7' } }),
      dayOf('2026-10-02', { recsys: { [EC2]: '10' } }),
      dayOf('2026-10-03', { recsys: { [EC2]: '100' } }),
      dayOf('2026-11-01', { recsys: { [EC2]: '25', [S3]: '1' } }),
      dayOf('2026-11-02', { recsys: { [EC2]: '25' }, '': { [S3]: '2' } }),
      // The newest bill is not whole: its other half would be a change.
      dayOf('2026-11-03', { recsys: { [EC2]: '1' } }),
    ];
    expect(moversOf(days, month, '2026-10')).toEqual([
      { project: 'recsys', service: EC2, before: usd('20'), now: usd('50') },
      { project: 'fraud', service: EC2, before: usd('7'), now: ZERO_USD },
      { project: '', service: S3, before: ZERO_USD, now: usd('2') },
    ]);
  });

  it('is told of days alone that both months have, and of which both bills are known', () => {
    const march = monthAt('2027-03', new Date('2027-04-05T12:00:00Z'));
    const asked = { billedAsOf: new Date('2027-04-05T00:00:00Z') };
    const day = (name: string, amount: string) => ({
      ...dayOf(name, { recsys: { [EC2]: amount } }),
      ...asked,
    });
    const days = [
      // February has 28 days, and what was before the 27th nobody asked about.
      day('2027-02-27', '10'),
      day('2027-02-28', '10'),
      ...Array.from({ length: 31 }, (_, n) => day(`2027-03-${String(n + 1).padStart(2, '0')}`, '10')),
      day('2027-04-01', '10'),
    ];
    expect(moversOf(days, march, '2027-02')).toEqual([]);
    const more = days.map((one) => (one.day === '2027-03-28' ? day(one.day, '15') : one));
    expect(moversOf(more, march, '2027-02')).toEqual([
      { project: 'recsys', service: EC2, before: usd('20'), now: usd('25') },
    ]);
  });

  it('is not told where the month before is not known, or nothing is billed yet', () => {
    expect(moversOf([dayOf('2026-11-01', { recsys: { [EC2]: '25' } })], month, '2026-10')).toEqual([]);
    expect(moversOf([dayOf('2026-10-01', { recsys: { [EC2]: '25' } })], month, '2026-10')).toEqual([]);
  });
});

const spend = (burn: string, forecast: string): ProjectSpend => ({
  project: 'recsys',
  asOf: NOW,
  billed: ZERO_USD,
  estimated: ZERO_USD,
  low: ZERO_USD,
  high: ZERO_USD,
  band: 'assumed',
  billedThrough: undefined,
  today: ZERO_USD,
  todayBilled: ZERO_USD,
  burn: usd(burn),
  usualBurn: undefined,
  discount: 0,
  running: 1,
  unpriced: [],
  forecast: { amount: usd(forecast), low: usd(forecast), high: usd(forecast), basis: 'burn' },
});

const people = { owners: [], members: [], freezeRoles: [] };
const policy = {
  teams: { alpha: { name: 'alpha', budget: usd('100'), owners: [] } },
  projects: {
    recsys: { name: 'recsys', team: 'alpha', budget: usd('80'), ...people },
    fraud: { name: 'fraud', team: 'alpha', ...people },
    quiet: { name: 'quiet', budget: usd('5'), ...people },
  },
};

describe('the levels of a report', () => {
  const month = monthAt('2026-11');
  const days = daysOf(
    month,
    new Map([
      ['recsys', [projectDay('2026-11-01', '10', '0'), projectDay('2026-11-10', '0', '6')]],
      ['fraud', [projectDay('2026-11-02', '20', '4')]],
      ['stray', [projectDay('2026-11-02', '1', '0')]],
      ['', [projectDay('2026-11-03', '2', '0')]],
    ]),
    [],
  );
  const input = {
    policy,
    month,
    days,
    spends: new Map([
      ['recsys', spend('1', '50')],
      ['fraud', spend('2', '70')],
    ]),
  };

  it('are teams, the projects of the file, others that spent something, and what has none', () => {
    expect(levelsOf(input).map(({ level, name, within }) => [level, name, within])).toEqual([
      ['team', 'alpha', undefined],
      ['project', 'recsys', 'alpha'],
      ['project', 'fraud', 'alpha'],
      ['project', 'quiet', undefined],
      ['project', 'stray', undefined],
      ['none', '', undefined],
    ]);
  });

  it('of a team are what its projects are together', () => {
    const [team] = levelsOf(input);
    expect(team).toMatchObject({
      billed: usd('30'),
      estimated: usd('10'),
      spent: usd('40'),
      burn: usd('3'),
      forecast: { amount: usd('120'), low: usd('120'), high: usd('120') },
      limit: usd('100'),
      // $60 left at $3 an hour.
      runsOutAt: new Date('2026-11-11T08:00:00Z'),
    });
  });

  it('burn down day by day, up to now', () => {
    const recsys = levelsOf(input).find(({ name }) => name === 'recsys');
    expect(recsys?.burnDown).toHaveLength(10);
    expect(recsys?.burnDown[0]).toEqual({
      at: new Date('2026-11-02T00:00:00Z'),
      billed: usd('10'),
      estimated: ZERO_USD,
    });
    expect(recsys?.burnDown.at(-1)).toEqual({ at: NOW, billed: usd('10'), estimated: usd('6') });
  });

  it('of a month that is over have no forecast and no burn', () => {
    const over = monthAt('2026-10');
    const [team] = levelsOf({ ...input, month: over, days: [], spends: new Map() });
    expect(team).toMatchObject({ forecast: undefined, burn: undefined, runsOutAt: undefined });
  });

  it('sum to the whole, and end where their burn-down ends', () => {
    const names = fc.constantFrom('recsys', 'fraud', 'quiet', 'stray', '');
    const amount = fc.bigInt(0n, 10n ** 12n).map(microUsd);
    const dayNames = fc.integer({ min: 1, max: 10 }).map((n) => `2026-11-${String(n).padStart(2, '0')}`);
    const rows = fc.array(fc.tuple(names, dayNames, amount, amount), { maxLength: 40 });
    fc.assert(
      fc.property(rows, (all) => {
        const byDay = new Map<string, ProjectDay[]>();
        for (const [name, day, billed, estimated] of all) {
          const list = byDay.get(name) ?? [];
          if (!list.some((one) => one.day === day)) list.push({ day, billed, estimated });
          byDay.set(name, list);
        }
        const made = { ...input, days: daysOf(month, byDay, []) };
        const levels = levelsOf(made);
        const owners = levels.filter(({ level }) => level !== 'team');
        const whole = figuresOf(new Set(owners.map(({ name }) => name)), made);
        expect(sumUsd(owners.map(({ spent }) => spent))).toBe(whole.spent);
        const team = owners.filter(({ within }) => within === 'alpha');
        expect(levels[0]?.spent).toBe(sumUsd(team.map(({ spent }) => spent)));
        for (const { burnDown, billed, estimated } of levels) {
          expect(burnDown.at(-1)).toMatchObject({ billed, estimated });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('what the ledger says was billed', () => {
  const days = [
    dayOf('2026-11-01', { recsys: { [EC2]: '1.5' } }),
    dayOf('2026-11-02', { '': { [S3]: '2' } }),
  ];

  it('is the sum of all days of the span', () => {
    expect(ledgerTotal(days, { from: '2026-11-01', to: '2026-11-02' })).toBe(usd('3.5'));
  });

  it('is not known where a day was never asked about', () => {
    expect(ledgerTotal(days, { from: '2026-11-01', to: '2026-11-03' })).toBeUndefined();
    const [first] = days;
    const asked = first === undefined ? [] : [{ ...first, billedAsOf: undefined }];
    expect(ledgerTotal(asked, { from: '2026-11-01', to: '2026-11-01' })).toBeUndefined();
  });
});
