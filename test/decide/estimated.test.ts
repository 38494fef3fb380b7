import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetInput, decideBudget, reachedFreeze } from '../../lib/decide/budget.ts';
import { burnRateDecision } from '../../lib/decide/burn-rate.ts';
import { readingEnd } from '../../lib/decide/period.ts';
import { decideSweep } from '../../lib/decide/sweep.ts';
import type { ProjectMark } from '../../lib/ledger/ledger.ts';
import type { BudgetRule } from '../../lib/policy/policy.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { microUsd, sumUsd } from '../../lib/types/money.ts';
import { SPEND_SOURCES, type SpendSource } from '../../lib/types/spend.ts';
import {
  breachesOf,
  budgetReading,
  dev,
  development,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  sweepOf,
  usd,
} from './fixtures.ts';

const rule = (change: Partial<BudgetRule> = {}): BudgetRule => ({
  at: 100,
  of: 'estimated',
  per: 'month',
  do: 'stop',
  graceSeconds: 0,
  ...change,
});
const under = (...budget: readonly BudgetRule[]) =>
  policyOf([development({ budget, idle: 'off' }), production], {
    projects: {
      recsys: {
        name: 'recsys',
        owners: [],
        members: [],
        freezeRoles: [],
        budget: usd('1000'),
        daily: usd('300'),
        total: { limit: usd('50000'), since: '2026-01-15' },
      },
    },
  });
const one = instance('i-1', { hourly: usd('48.96') });

const LIMITS: Readonly<Record<SpendSource, string>> = {
  budgets: '1000',
  meter: '1000',
  'meter-day': '300',
  'meter-total': '50000',
};

const metered = (
  estimated: string,
  { source = 'meter', billed = '0', at = NOW }: { source?: SpendSource; billed?: string; at?: Date } = {},
) =>
  budgetReading({
    source,
    limit: usd(LIMITS[source]),
    actual: undefined,
    meter: {
      billed: usd(billed),
      estimated: usd(estimated),
      low: sumUsd([usd(billed), usd(estimated)]),
      high: sumUsd([usd(billed), usd(estimated), usd('12')]),
      burn: usd('48.96'),
    },
    period: source === 'meter-day' ? '2026-11-10' : '2026-11-01',
    asOf: at,
  });

const decide = (change: Partial<BudgetInput>) =>
  decideBudget({
    policy: under(rule()),
    reading: metered('0'),
    alarms: [],
    enforced: undefined,
    reached: new Map(),
    keeps: new Map(),
    keepTags: new Map(),
    resources: [one],
    now: NOW,
    ...change,
  });
const actions = ({ decisions }: { readonly decisions: readonly Decision[] }) =>
  decisions.map(({ action }) => action).sort();

describe('estimated spend', () => {
  it('is what is billed and what is not yet, and reaches a threshold to the micro-dollar', () => {
    const at = (estimated: string) => decide({ reading: metered(estimated, { billed: '700' }) });
    expect(actions(at('299.999999'))).toEqual([]);
    expect(actions(at('300'))).toEqual(['budget-notice', 'stop']);
  });

  it('says what is billed, what is not, and how far beyond the limit it can go', () => {
    const { decisions } = decide({ reading: metered('303.2', { billed: '700' }) });
    expect(decisions.find(({ action }) => action === 'stop')).toMatchObject({
      key: `budget/recsys/2026-11-01/estimated-100/${one.arn}`,
      rule: { policy: 'development', rule: 'budget 100% of estimated: stop' },
      reason:
        'Project recsys has spent an estimated $1,003.20 of its $1,000.00 for the month (100.3%): $700.00 is billed, ' +
        '$303.20 is not yet, in all between $1,003.20 and $1,015.20. It costs $48.96 an hour now, so it goes beyond a ' +
        'limit by at most $4.08 before it is looked at again in 5 min. Policy development stops at 100% of estimated spend.',
    });
  });

  it('of a day and of all time are held against limits of their own', () => {
    const policy = under(rule({ per: 'day' }), rule({ at: 80, per: 'total', do: 'notify' }));
    expect(actions(decide({ policy, reading: metered('299', { source: 'meter-day' }) }))).toEqual([]);
    const day = decide({ policy, reading: metered('300', { source: 'meter-day' }) });
    expect(day.decisions).toMatchObject([
      { action: 'budget-notice', key: 'budget-notice/recsys/2026-11-10/estimated-day-100' },
      { action: 'stop', key: `budget/recsys/2026-11-10/estimated-day-100/${one.arn}` },
    ]);
    expect(day.decisions[1], 'it ends with its day').toMatchObject({
      expires: new Date('2026-11-11T00:00:00Z'),
    });
    expect(day.decisions[0]?.reason).toContain('of its $300.00 for the day (2026-11-10, UTC) (100%)');
    const total = decide({ policy, reading: metered('40000', { source: 'meter-total' }) });
    expect(total.decisions).toMatchObject([
      { action: 'budget-notice', threshold: '80% of estimated per total' },
    ]);
    expect(total.decisions[0]?.reason).toContain('of its $50,000.00 in all since 2026-01 (80%)');
  });

  it('what cannot be brought back waits for the bill', () => {
    const policy = policyOf([
      development({
        budget: [rule(), rule({ of: 'actual' })],
        allow: ['terminate-spot', 'stop-jobs', 'scale-to-zero'],
      }),
    ]);
    const resources = [
      instance('i-spot', { consent: 'terminate-spot' }),
      instance('job', { consent: 'stop-jobs' }),
      instance('group', { consent: 'scale-to-zero' }),
      one,
    ];
    const stopped = (reading: BudgetInput['reading']) =>
      decide({ policy, resources, reading }).decisions.flatMap((decision) =>
        decision.action === 'stop' ? [decision.target.id] : [],
      );
    expect(stopped(metered('1000'))).toEqual(['group', 'i-1']);
    expect(stopped(budgetReading({ actual: usd('1000') }))).toEqual(['i-spot', 'job', 'group', 'i-1']);
    // Nor does the sweep finish what the estimate did not begin, frozen or not.
    const mark: ProjectMark = {
      holder: 'recsys',
      breaches: breachesOf(metered('1300', { at: minutes(-60) })),
      frozenUntil: new Date('2026-12-01T00:00:00.000Z'),
      reached: new Map(),
      until: new Date('2026-12-01T00:00:00.000Z'),
    };
    const frozen = policyOf([
      development({ idle: 'off', budget: [rule({ do: 'freeze' })], allow: ['terminate-spot', 'stop-jobs'] }),
    ]);
    const swept = decideSweep(
      sweepOf(resources.slice(0, 2), {
        policy: { ...frozen, limits: { maxStopsPerSweep: 100, maxFleetShare: 100 } },
        marks: [mark],
      }),
    );
    expect(swept.decisions).toEqual([]);
  });

  it('a billed amount that cannot be is held, however the meter came by it', () => {
    const { decisions, breached } = decide({ reading: metered('3', { billed: '183965812157.54' }) });
    expect(decisions).toMatchObject([{ action: 'hold', cause: 'implausible-amount' }]);
    expect(breached).toBe(false);
  });

  it('freezes until its period ends, under a key of its own', () => {
    const policy = under(rule({ per: 'day', do: 'freeze' }), rule({ do: 'freeze' }));
    const freeze = (source: SpendSource, estimated: string) =>
      decide({ policy, reading: metered(estimated, { source }) }).decisions.find(
        ({ action }) => action === 'freeze',
      );
    expect(freeze('meter-day', '301')).toMatchObject({
      until: new Date('2026-11-11T00:00:00.000Z'),
      key: 'freeze/recsys/2026-11-10/development/estimated-day-100',
    });
    expect(freeze('meter', '1001')).toMatchObject({
      until: new Date('2026-12-01T00:00:00.000Z'),
      key: 'freeze/recsys/2026-11-01/development/estimated-100',
    });
    expect(readingEnd({ source: 'meter-total', period: '2026-11-01' })).toEqual(
      new Date('2026-12-01T00:00:00.000Z'),
    );
  });

  it('is enforced once: five minutes later the sweep owes what is left', () => {
    const later = decide({
      reading: metered('1004', { at: minutes(5) }),
      now: minutes(5),
      enforced: metered('1000'),
      reached: new Map([['estimated-100', NOW]]),
    });
    expect(actions(later)).toEqual(['budget-notice']);
    expect(later.breached).toBe(false);
  });
});

describe('the same share, estimated and then billed', () => {
  const both = under(rule(), rule({ of: 'actual' }));
  const reached = new Map([['estimated-100', minutes(-600)]]);
  const again = (since: Date, policy = both) =>
    decide({
      policy,
      reading: budgetReading({ actual: usd('1100') }),
      reached,
      resources: [instance('i-1', { since, hourly: usd('5') })],
    });

  it('stops nothing that was started since: who did so has decided', () => {
    expect(actions(again(minutes(-300)))).toEqual(['budget-notice']);
    expect(again(minutes(-300)).verdicts).toMatchObject([{ verdict: 'within-budget' }]);
  });

  it('but stops what ran then', () => {
    expect(actions(again(minutes(-700)))).toEqual(['budget-notice', 'stop']);
  });

  it('and all of it where the policy itself asks for nothing at the estimate', () => {
    expect(actions(again(minutes(-300), under(rule({ of: 'actual' }))))).toEqual(['budget-notice', 'stop']);
  });
});

describe('readings of different sources', () => {
  const anyBudget = fc
    .array(
      fc.record({
        at: fc.constantFrom(50, 100, 120),
        of: fc.constantFrom('actual' as const, 'forecasted' as const, 'estimated' as const),
        per: fc.constantFrom('month' as const, 'day' as const, 'total' as const),
        do: fc.constantFrom('notify' as const, 'stop' as const, 'freeze' as const),
        graceSeconds: fc.constantFrom(0, 1800),
      }),
      { maxLength: 6 },
    )
    .map((rules) =>
      rules
        .map((one) => (one.of === 'estimated' ? one : { ...one, per: 'month' as const }))
        .sort((a, b) => a.at - b.at),
    );

  it('no rule acts by the figures of another source', () => {
    fc.assert(
      fc.property(anyBudget, fc.constantFrom(...SPEND_SOURCES), (budget, source) => {
        const huge = microUsd(usd(LIMITS[source]) * 2n);
        const reading =
          source === 'budgets'
            ? budgetReading({ actual: huge, forecasted: huge })
            : {
                ...metered('0', { source }),
                meter: { billed: huge, estimated: usd('0'), low: huge, high: huge, burn: usd('1') },
              };
        const policy = under(...budget);
        const { decisions } = decide({ policy, reading, resources: [instance('i', { tags: dev })] });
        const period = { budgets: 'month', meter: 'month', 'meter-day': 'day', 'meter-total': 'total' }[
          source
        ];
        const own = budget.filter(
          ({ of, per, do: action }) =>
            per === period &&
            (of === 'estimated') === (source !== 'budgets') &&
            of !== 'forecasted' &&
            action !== 'notify',
        );
        const acts = decisions.some(
          ({ action }) => action === 'stop' || action === 'freeze' || action === 'warn',
        );
        expect(acts).toBe(own.some(({ at }) => at <= 200));
        const [matched] = policy.policies;
        if (matched === undefined) throw new Error('no policy');
        expect(reachedFreeze(matched, reading, policy) !== undefined).toBe(
          own.some(({ do: action }) => action === 'freeze'),
        );
      }),
    );
  });
});

describe('the burn rate', () => {
  const spendOf = (change: Partial<ProjectSpend>): ProjectSpend => ({
    project: 'recsys',
    asOf: NOW,
    billed: usd('0'),
    estimated: usd('0'),
    low: usd('0'),
    high: usd('0'),
    band: 'assumed',
    billedThrough: undefined,
    today: usd('0'),
    todayBilled: usd('0'),
    burn: usd('0'),
    usualBurn: undefined,
    discount: 0,
    running: 4,
    unpriced: [],
    forecast: { amount: usd('0'), low: usd('0'), high: usd('0'), basis: 'burn' },
    ...change,
  });
  const policy = under(rule());
  const told = (change: Partial<ProjectSpend>) => burnRateDecision(spendOf(change), policy, NOW);

  it('is told once a day from ten times the usual hour on', () => {
    expect(told({ burn: usd('48.96'), usualBurn: usd('4.9') })).toBeUndefined();
    expect(told({ burn: usd('48.96'), usualBurn: usd('4.896') })).toMatchObject({
      key: 'burn-rate/recsys/2026-11-10',
      reason:
        'Project recsys costs $48.96 an hour now; on its usual days it costs $4.90. 4 of its resources cost money. A day of this costs $1,175.04.',
    });
  });

  it.each<[string, Partial<ProjectSpend>]>([
    ['nothing is known of usual days', { burn: usd('48') }],
    ['it is pennies', { burn: usd('0.5'), usualBurn: usd('0.01') }],
    ['it belongs to no project', { project: undefined, burn: usd('48'), usualBurn: usd('1') }],
  ])('is not told where %s', (_, change) => {
    expect(told(change)).toBeUndefined();
  });

  it('nor where the policy says so', () => {
    const quiet = { ...policy, alerts: { burnRate: undefined, weekly: true, anomalies: false } };
    expect(burnRateDecision(spendOf({ burn: usd('48'), usualBurn: usd('1') }), quiet, NOW)).toBeUndefined();
  });
});
