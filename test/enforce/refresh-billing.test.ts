import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type BillingRefresh, refreshBilling } from '../../lib/enforce/refresh-billing.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { ACCOUNT, policy } from '../alerts/fixtures.ts';
import { awsError, usd } from '../fleet/fixtures.ts';

// moto gives one page, refuses nothing, and answers whatever it is asked.
const api = mockClient(CostExplorerClient);
beforeEach(() => api.reset());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SWEEP_MS = 5 * 60_000;
const EC2 = 'Amazon Elastic Compute Cloud - Compute';

const withTotal = (since: string): Pick<Policy, 'tags' | 'teams' | 'projects'> => ({
  tags: policy.tags,
  teams: {},
  projects: {
    fraud: { name: 'fraud', owners: [], members: [], freezeRoles: [], total: { limit: usd('9000'), since } },
    recsys: { name: 'recsys', owners: [], members: [], freezeRoles: [] },
  },
});
const WITHOUT: Pick<Policy, 'tags' | 'teams' | 'projects'> = { tags: policy.tags, teams: {}, projects: {} };

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** A Cost Explorer whose answers cost $1 for each day, or month, and come in pages of so many of them. */
function costExplorer(perPage = Number.POSITIVE_INFINITY) {
  api.on(GetCostAndUsageCommand).callsFake((input) => {
    const starts: string[] = [];
    const monthly = input.Granularity === 'MONTHLY';
    const at = new Date(input.TimePeriod.Start);
    while (dayOf(at) < input.TimePeriod.End) {
      starts.push(dayOf(at));
      if (monthly) at.setUTCMonth(at.getUTCMonth() + 1);
      else at.setUTCDate(at.getUTCDate() + 1);
    }
    const from = Number(input.NextPageToken ?? 0);
    return {
      ResultsByTime: starts.slice(from, from + perPage).map((Start) => ({
        TimePeriod: { Start, End: '' },
        Groups: [
          {
            Keys: monthly ? ['project$fraud'] : ['project$fraud', EC2],
            Metrics: { AmortizedCost: { Amount: '1', Unit: 'USD' } },
          },
        ],
      })),
      ...(from + perPage < starts.length ? { NextPageToken: String(from + perPage) } : {}),
    };
  });
}

function world(
  start: string,
  { by = WITHOUT }: { readonly by?: Pick<Policy, 'tags' | 'teams' | 'projects'> } = {},
) {
  const ledger = createMemoryLedger();
  const client = new CostExplorerClient({ region: 'us-east-1' });
  let now = new Date(start);
  const asked: { readonly at: Date; readonly input: (typeof inputs)[number] }[] = [];
  let inputs = requests();
  const refresh = async (): Promise<BillingRefresh> => {
    const answer = await refreshBilling({ policy: by, ledger, costExplorer: client, account: ACCOUNT, now });
    const all = requests();
    asked.push(...all.slice(inputs.length).map((input) => ({ at: now, input })));
    inputs = all;
    return answer;
  };
  return {
    ledger,
    asked,
    refresh,
    now: () => now,
    later: (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds);
    },
    /** A sweep every five minutes for so long. @returns how each of them ended. */
    sweep: async (milliseconds: number): Promise<readonly BillingRefresh[]> => {
      const end = now.getTime() + milliseconds;
      const all: BillingRefresh[] = [];
      while (now.getTime() < end) {
        all.push(await refresh());
        now = new Date(now.getTime() + SWEEP_MS);
      }
      return all;
    },
    byDay: () =>
      Object.fromEntries([...Map.groupBy(asked, ({ at }) => dayOf(at))].map(([d, a]) => [d, a.length])),
    days: () => ledger.spendDays(ACCOUNT, '2026-01-01', '2027-12-31'),
  };
}

const requests = () => api.commandCalls(GetCostAndUsageCommand).map(({ args }) => args[0].input);
const spans = () => requests().map(({ TimePeriod }) => [TimePeriod?.Start, TimePeriod?.End]);

describe('the first time', () => {
  it('asks about 35 days and today, and keeps each of them', async () => {
    costExplorer();
    const { refresh, days, now } = world('2026-11-25T10:30:00Z');
    expect(await refresh()).toEqual({
      state: 'refreshed',
      from: '2026-10-21',
      to: '2026-11-25',
      months: [],
    });
    expect(spans()).toEqual([['2026-10-21', '2026-11-26']]);
    const kept = await days();
    expect(kept).toHaveLength(36);
    expect(kept.at(-1)).toEqual({
      day: '2026-11-25',
      billedAsOf: now(),
      billed: new Map([['fraud', new Map([[EC2, usd('1')]])]]),
      metered: undefined,
    });
  });

  it('keeps days without any cost as such', async () => {
    api.on(GetCostAndUsageCommand).resolves({ ResultsByTime: [] });
    const { refresh, days, now } = world('2026-11-25T10:30:00Z');
    await refresh();
    const kept = await days();
    expect(kept).toHaveLength(36);
    expect(
      kept.every(({ billed, billedAsOf }) => billed.size === 0 && billedAsOf?.getTime() === now().getTime()),
    ).toBe(true);
  });
});

describe('what is known', () => {
  it('is new enough for six hours', async () => {
    costExplorer();
    const { refresh, later } = world('2026-11-25T10:30:00Z');
    await refresh();
    later(6 * HOUR_MS - 1);
    expect(await refresh()).toEqual({ state: 'fresh' });
    later(1);
    expect(await refresh()).toMatchObject({ state: 'refreshed' });
  });

  it('is asked about again while it may change: the last days, and the month so far once a day', async () => {
    costExplorer();
    const { refresh, later } = world('2026-11-25T10:30:00Z');
    await refresh();
    later(6 * HOUR_MS);
    await refresh();
    later(8 * HOUR_MS);
    await refresh();
    later(6 * HOUR_MS);
    await refresh();
    expect(spans().slice(1)).toEqual([
      ['2026-11-21', '2026-11-26'],
      ['2026-11-01', '2026-11-27'],
      ['2026-11-22', '2026-11-27'],
    ]);
  });

  it('is made up for after an outage, from the first day that was not billed for good', async () => {
    costExplorer();
    const { refresh, later } = world('2026-11-05T12:00:00Z');
    await refresh();
    later(9 * DAY_MS);
    await refresh();
    later(6 * HOUR_MS);
    await refresh();
    // On the 5th, the 3rd was the first that had not ended 48 hours before.
    expect(spans().slice(1)).toEqual([
      ['2026-11-01', '2026-11-15'],
      ['2026-11-10', '2026-11-15'],
    ]);
  });

  it('is made up for where the month has changed meanwhile', async () => {
    costExplorer();
    const { refresh, later } = world('2026-10-28T12:00:00Z');
    await refresh();
    later(9 * DAY_MS);
    await refresh();
    expect(spans().at(-1)).toEqual(['2026-10-26', '2026-11-07']);
  });
});

describe('requests', () => {
  it('are at most four a day in a week of sweeps, whatever the number of projects', async () => {
    costExplorer();
    const { sweep, byDay } = world('2026-11-01T00:02:00Z');
    const all = await sweep(7 * DAY_MS);
    expect(all).toHaveLength(7 * 288);
    expect(byDay()).toEqual(Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [`2026-11-0${day}`, 4])));
  });

  it.each([
    { perPage: 36, pages: 1 },
    { perPage: 9, pages: 4 },
    { perPage: 4, pages: 9 },
    { perPage: 1, pages: 36 },
  ])(
    'are at most four a day with $pages pages at first, and every day is billed for good',
    async ({ perPage }) => {
      costExplorer(perPage);
      const { sweep, byDay, days, now } = world('2026-11-01T00:02:00Z', { by: withTotal('2026-08-15') });
      await sweep(10 * DAY_MS);
      for (const [day, count] of Object.entries(byDay())) expect(count, day).toBeLessThanOrEqual(4);
      const known = new Map((await days()).map((one) => [one.day, one.billedAsOf]));
      // From the day on after which sweeps have run for long enough; the last days are still open.
      for (let at = Date.parse('2026-11-03'); at < now().getTime() - 4 * DAY_MS; at += DAY_MS) {
        const asOf = known.get(dayOf(new Date(at)))?.getTime() ?? 0;
        expect(asOf, dayOf(new Date(at))).toBeGreaterThanOrEqual(at + 3 * DAY_MS);
      }
    },
  );

  it('of two sweeps at once are those of one', async () => {
    costExplorer();
    const { refresh, asked } = world('2026-11-25T10:30:00Z');
    const all = await Promise.all([refresh(), refresh(), refresh()]);
    expect(all.map(({ state }) => state).sort()).toEqual(['refreshed', 'waiting', 'waiting']);
    expect(requests()).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('are at most four a day whatever Cost Explorer answers and whenever sweeps come', async () => {
    const kinds = [
      'read',
      'pages',
      'LimitExceededException',
      'AccessDeniedException',
      'TimeoutError',
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 300 })), {
          minLength: 20,
          maxLength: 120,
        }),
        async (steps) => {
          api.reset();
          const { refresh, later, byDay } = world('2026-11-25T00:00:00Z', { by: withTotal('2026-01-01') });
          for (const [kind, minutes] of steps) {
            if (kind === 'read') costExplorer();
            else if (kind === 'pages') costExplorer(1);
            else api.on(GetCostAndUsageCommand).rejects(awsError(kind, 'no'));
            const before = requests().length;
            const { state } = await refresh();
            if (state === 'fresh') expect(requests()).toHaveLength(before);
            later(minutes * 60_000);
          }
          for (const count of Object.values(byDay())) expect(count).toBeLessThanOrEqual(4);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('an answer with more pages than a day has requests', () => {
  it('counts for nothing, is told, and fewer days are asked about from the next day on', async () => {
    costExplorer(3);
    const { refresh, days, later } = world('2026-11-25T10:30:00Z');
    const told = await refresh();
    expect(told.state === 'failed' && String(told.error)).toBe(
      'Error: What was billed from 2026-10-21 to 2026-11-25 has more pages than a day has requests (4).',
    );
    expect(requests()).toHaveLength(4);
    expect(await days()).toEqual([]);
    later(2 * HOUR_MS);
    expect(await refresh()).toEqual({ state: 'waiting' });
    later(DAY_MS);
    expect(await refresh()).toMatchObject({ state: 'refreshed', from: '2026-11-22', to: '2026-11-26' });
    expect(requests()).toHaveLength(6);
  });

  it('is not taken for one where others have used the requests', async () => {
    costExplorer(12);
    const { refresh, later, ledger, now } = world('2026-11-25T10:30:00Z');
    for (const n of [1, 2, 3]) await ledger.once(`billing/2026-11-25/${n}`, now());
    expect(await refresh()).toEqual({ state: 'waiting' });
    later(DAY_MS);
    expect(await refresh()).toMatchObject({ state: 'refreshed', from: '2026-10-22' });
  });

  it('is tried whole again after two weeks', async () => {
    costExplorer(3);
    const { refresh, later } = world('2026-11-01T10:30:00Z');
    await refresh();
    costExplorer();
    later(DAY_MS);
    expect(await refresh()).toMatchObject({ from: '2026-10-29' });
    later(14 * DAY_MS);
    expect(await refresh()).toMatchObject({ from: '2026-10-12' });
  });
});

describe('a failure', () => {
  const failing = (name: string) => api.on(GetCostAndUsageCommand).rejects(awsError(name, 'no answer'));
  const HOURS = (asked: readonly { readonly at: Date }[]) =>
    asked.map(({ at }) => at.toISOString().slice(8, 16));

  it('is told, and stops nothing', async () => {
    failing('AccessDeniedException');
    const { refresh, days } = world('2026-11-25T10:30:00Z');
    expect(await refresh()).toMatchObject({ state: 'failed', error: { name: 'AccessDeniedException' } });
    expect(await refresh()).toEqual({ state: 'waiting' });
    expect(await days()).toEqual([]);
  });

  it.each(['ThrottlingException', 'LimitExceededException', 'TimeoutError'])(
    '%s is followed by another attempt after an hour at the earliest',
    async (name) => {
      failing(name);
      const { sweep, asked } = world('2026-11-25T10:30:00Z');
      await sweep(13 * HOUR_MS);
      expect(HOURS(asked)).toEqual(['25T10:30', '25T12:00', '25T14:00', '25T16:00']);
    },
  );

  it.each(['AccessDeniedException', 'DataUnavailableException', 'ValidationException'])(
    '%s ends when people mend it: one attempt in each quarter of the day',
    async (name) => {
      failing(name);
      const { sweep, asked } = world('2026-11-25T01:30:00Z');
      await sweep(24 * HOUR_MS);
      expect(HOURS(asked)).toEqual(['25T01:30', '25T06:00', '25T12:00', '25T18:00', '26T00:00']);
    },
  );

  it('that ends is made up for', async () => {
    failing('AccessDeniedException');
    const { sweep, days } = world('2026-11-25T01:30:00Z');
    await sweep(5 * HOUR_MS);
    api.reset();
    costExplorer();
    const all = await sweep(HOUR_MS);
    expect(all.filter(({ state }) => state === 'refreshed')).toHaveLength(0);
    await sweep(6 * HOUR_MS);
    expect((await days()).length).toBe(36);
  });
});

describe('months', () => {
  const months = async ({ ledger }: ReturnType<typeof world>) =>
    (await ledger.spendMonths(ACCOUNT, '2020-01')).map(({ month }) => month);
  const monthly = () =>
    requests().flatMap(({ Granularity, TimePeriod }) =>
      Granularity === 'MONTHLY' ? [[TimePeriod?.Start, TimePeriod?.End]] : [],
    );

  it('are not asked about where no project has a limit on all time', async () => {
    costExplorer();
    const one = world('2026-11-25T10:30:00Z');
    await one.refresh();
    expect(monthly()).toEqual([]);
  });

  it('are asked about since the first project began, and then no more', async () => {
    costExplorer();
    const one = world('2026-11-25T10:30:00Z', { by: withTotal('2026-08-15') });
    expect(await one.refresh()).toMatchObject({ months: ['2026-08', '2026-09', '2026-10'] });
    expect(monthly()).toEqual([['2026-08-01', '2026-11-01']]);
    expect((await one.ledger.spendMonths(ACCOUNT, '2026-08'))[0]).toEqual({
      month: '2026-08',
      billedAsOf: one.now(),
      billed: new Map([['fraud', usd('1')]]),
    });
    await one.sweep(3 * DAY_MS);
    expect(monthly()).toHaveLength(1);
  });

  it('are none in the month in which the first project began', async () => {
    costExplorer();
    const one = world('2026-11-25T10:30:00Z', { by: withTotal('2026-11-02') });
    expect(await one.refresh()).toMatchObject({ months: [] });
    expect(monthly()).toEqual([]);
  });

  it('reach back as far as Cost Explorer knows any', async () => {
    costExplorer();
    const one = world('2026-11-25T10:30:00Z', { by: withTotal('2020-01-01') });
    await one.refresh();
    expect(monthly()).toEqual([['2025-10-01', '2026-11-01']]);
    expect((await months(one)).length).toBe(13);
  });

  it('that have just ended are asked about again each day, until their bill is final', async () => {
    costExplorer();
    const one = world('2026-11-28T10:30:00Z', { by: withTotal('2026-10-01') });
    await one.sweep(20 * DAY_MS);
    const askedOn = one.asked.flatMap(({ at, input }) =>
      input.Granularity === 'MONTHLY' ? [dayOf(at)] : [],
    );
    expect(askedOn).toEqual([
      '2026-11-28',
      ...Array.from({ length: 11 }, (_, n) => `2026-12-${String(n + 1).padStart(2, '0')}`),
    ]);
    for (const count of Object.values(one.byDay())) expect(count).toBeLessThanOrEqual(4);
    expect(await months(one)).toEqual(['2026-10', '2026-11']);
  });

  it('are asked about one by one where they do not fit on a page', async () => {
    costExplorer(36);
    const one = world('2026-11-25T00:02:00Z', { by: withTotal('2026-08-01') });
    // Days on one page, months on more than one.
    const days = api.commandCalls(GetCostAndUsageCommand).length;
    expect(days).toBe(0);
    const several = (input: { Granularity?: string; TimePeriod?: { Start?: string; End?: string } }) =>
      input.Granularity === 'MONTHLY' && input.TimePeriod?.End !== nextMonth(input.TimePeriod?.Start ?? '');
    const whole = api.on(GetCostAndUsageCommand);
    whole.callsFake((input) => ({
      ResultsByTime: [
        {
          TimePeriod: { Start: input.TimePeriod.Start, End: '' },
          Groups: [
            {
              Keys: ['project$fraud', EC2].slice(0, input.Granularity === 'MONTHLY' ? 1 : 2),
              Metrics: { AmortizedCost: { Amount: '1', Unit: 'USD' } },
            },
          ],
        },
      ],
      ...(several(input) ? { NextPageToken: 'more' } : {}),
    }));
    await one.sweep(5 * DAY_MS);
    expect(await months(one)).toEqual(['2026-08', '2026-09', '2026-10']);
    for (const count of Object.values(one.byDay())) expect(count).toBeLessThanOrEqual(4);
  });

  it('that Cost Explorer refuses leave what was billed for the days', async () => {
    const one = world('2026-11-25T10:30:00Z', { by: withTotal('2026-08-01') });
    costExplorer();
    api
      .on(GetCostAndUsageCommand, { Granularity: 'MONTHLY' })
      .rejects(awsError('ValidationException', 'unsupported date range'));
    expect(await one.refresh()).toMatchObject({ state: 'failed', error: { name: 'ValidationException' } });
    expect((await one.days()).length).toBe(36);
    expect(await months(one)).toEqual([]);
  });
});

function nextMonth(first: string): string {
  const at = new Date(first);
  at.setUTCMonth(at.getUTCMonth() + 1);
  return dayOf(at);
}
