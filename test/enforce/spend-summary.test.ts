import { describe, expect, it } from 'vitest';
import { coverage } from '../../lib/compliance/coverage.ts';
import { type SpendContext, shownSpends, spendSummary } from '../../lib/enforce/spend-summary.ts';
import { summarise } from '../../lib/enforce/sweep-summary.ts';
import { worstCase } from '../../lib/meter/limits.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import { instance, policy, usd } from '../alerts/fixtures.ts';

const AT = new Date('2026-11-25T10:30:00.000Z');

const spend = (fields: Partial<ProjectSpend> = {}): ProjectSpend => ({
  project: 'recsys',
  asOf: AT,
  billed: usd('861.4'),
  estimated: usd('38.6'),
  low: usd('895.2'),
  high: usd('904.4'),
  band: 'learned',
  billedThrough: new Date('2026-11-23T00:00:00Z'),
  today: usd('80'),
  todayBilled: usd('0'),
  burn: usd('10'),
  usualBurn: usd('1.4'),
  discount: 12.5,
  running: 4,
  unpriced: [],
  forecast: { amount: usd('2200'), low: usd('2100'), high: usd('2300'), basis: 'burn' },
  ...fields,
});

const limited: Policy = {
  ...policy,
  projects: {
    recsys: {
      name: 'recsys',
      owners: [],
      members: [],
      freezeRoles: [],
      budget: usd('1000'),
      daily: usd('100'),
      total: { limit: usd('5000'), since: '2026-01-15' },
    },
  },
};

const only = (fields: Partial<ProjectSpend> = {}, context: SpendContext = {}, by = limited) => {
  const [row, ...others] = spendSummary(by, [spend(fields)], context);
  if (row === undefined || others.length > 0) throw new Error('not one row');
  return row;
};

describe('the spend of a project, as JSON', () => {
  it('keeps billed and estimated apart, with their band', () => {
    const row = only();
    expect(row).toMatchObject({
      project: 'recsys',
      asOf: '2026-11-25T10:30:00.000Z',
      billed: '861.4',
      estimated: '38.6',
      low: '895.2',
      high: '904.4',
      band: 'learned',
      billedThrough: '2026-11-23T00:00:00.000Z',
      burn: '10',
      usualBurn: '1.4',
      forecast: { amount: '2200', low: '2100', high: '2300', basis: 'burn' },
      running: 4,
    });
  });

  it('says of each limit what was spent of it and when it is used up', () => {
    const row = only({}, { earlier: new Map([['recsys', { billed: usd('3950'), estimated: usd('50') }]]) });
    // $100.00 are left at $10.00 an hour.
    expect(row.monthly).toEqual({ spent: '900', limit: '1000', runsOutAt: '2026-11-25T20:30:00.000Z' });
    expect(row.daily).toEqual({ spent: '80', limit: '100', runsOutAt: '2026-11-25T12:30:00.000Z' });
    expect(row.total).toEqual({
      spent: '4900',
      limit: '5000',
      runsOutAt: '2026-11-25T20:30:00.000Z',
      since: '2026-01',
    });
  });

  it('knows no end that lies beyond the period, and one that has come', () => {
    expect(only({ burn: usd('0.1') }).monthly?.runsOutAt).toBeUndefined();
    expect(only({ burn: usd('1') }).daily?.runsOutAt).toBeUndefined();
    expect(only({ burn: usd('0') }).monthly?.runsOutAt).toBeUndefined();
    expect(only({ estimated: usd('200') }).monthly?.runsOutAt).toBe(AT.toISOString());
  });

  it('says nothing of all time where the months before are not known, nor of limits that it has not', () => {
    expect(only().total).toBeUndefined();
    expect(only({}, {}, policy)).toMatchObject({ daily: undefined, total: undefined });
    expect(only({ project: 'constructor' })).toMatchObject({ monthly: undefined, daily: undefined });
  });

  it('states the worst case: what is spent in the time between two looks', () => {
    const row = only({ burn: usd('48.96') });
    expect(row.worstCase).toBe('4.08');
    expect(row.worstCase).toBe(usdToDecimal(worstCase(usd('48.96'), row.detectionSeconds)));
  });

  it('says whose discount it is', () => {
    expect(only()).toMatchObject({ discount: 12.5, discountBy: 'learned' });
    const { recsys } = limited.projects;
    if (recsys === undefined) throw new Error('no recsys');
    const by = { ...limited, projects: { recsys: { ...recsys, discount: 28 } } };
    expect(only({ discount: 28 }, {}, by)).toMatchObject({ discount: 28, discountBy: 'policy' });
  });

  it('names what has no price, and counts the rest', () => {
    const unpriced = Array.from({ length: 23 }, (_, n) => ({
      arn: `arn:${n}`,
      id: `i-${n}`,
      kind: 'ec2-instance',
      size: 'x9.metal',
    }));
    const row = only({ unpriced });
    expect(row.unpriced.count).toBe(23);
    expect(row.unpriced.some).toHaveLength(20);
    expect(row.unpriced.some[0]).toEqual({ id: 'i-0', kind: 'ec2-instance', size: 'x9.metal' });
  });

  it('has its tags and its freeze where they are known', () => {
    const found = coverage(limited, [instance(1), instance(2, { tags: { owner: 'alice' } })]);
    const frozenUntil = new Date('2026-12-01T00:00:00Z');
    const context = { coverage: found, marks: new Map([['recsys', { frozenUntil }]]) };
    expect(only({}, context)).toMatchObject({
      tagCoverage: { percent: 100, compliant: 1, resources: 1 },
      frozenUntil: '2026-12-01T00:00:00.000Z',
    });
    expect(only({ project: undefined }, context)).toMatchObject({
      project: null,
      tagCoverage: { percent: 0, compliant: 0, resources: 1 },
      frozenUntil: undefined,
    });
    expect(only({ asOf: frozenUntil }, context).frozenUntil).toBeUndefined();
    expect(only()).toMatchObject({ tagCoverage: undefined, frozenUntil: undefined });
  });

  it('stands by name, and what has no project comes last', () => {
    const rows = spendSummary(limited, [
      spend({ project: undefined }),
      spend({ project: 'zeta' }),
      spend({ project: 'alpha' }),
    ]);
    expect(rows.map(({ project }) => project)).toEqual(['alpha', 'zeta', null]);
  });
});

describe('the answer of a sweep', () => {
  it('has room for 10,000 resources and 5,000 values of the project tag: of the policy, and the dearest', () => {
    const resources = Array.from({ length: 10_000 }, (_, index) => instance(index));
    const unpriced = resources.slice(0, 30);
    const spends = Array.from({ length: 5_000 }, (_, index) =>
      spend({
        project:
          index === 0 ? undefined : index === 1 ? 'recsys' : `a-project-with-a-name-as-people-give-${index}`,
        billed: usd(index < 2 ? '0' : `${index}.123456`),
        estimated: usd('0.123456'),
        unpriced,
      }),
    );
    const shown = shownSpends(limited, spends);
    expect(shown.slice(0, 3).map(({ project }) => project)).toEqual([
      undefined,
      'recsys',
      spends.at(-1)?.project,
    ]);
    expect(shown).toHaveLength(1_000);
    expect(shownSpends(limited, spends.slice(0, 1_000))).toEqual(spends.slice(0, 1_000));
    const why = 'It has run for 3 days. '.repeat(15);
    const answer = summarise(
      resources,
      {
        decisions: resources.map((target) => ({
          action: 'stop' as const,
          trigger: 'idle' as const,
          key: `idle/${target.arn}`,
          project: 'recsys',
          target,
          rule: { policy: 'development', rule: 'idle' },
          reason: why,
        })),
        verdicts: resources.map((resource) => ({
          resource,
          policy: 'development',
          verdict: 'exempt' as const,
          why,
        })),
        watches: [],
        keepTags: [],
        untoldBudgets: [],
        deferred: 0,
      },
      { metrics: 0, calls: 0 },
      {
        policy: limited,
        at: AT,
        dryRun: true,
        spend: spendSummary(limited, shown),
        spendLeftOut: spends.length - shown.length,
      },
    );
    expect(answer.spendLeftOut).toBe(4_000);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6 * 1024 * 1024);
  });
});
