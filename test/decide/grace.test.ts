import { describe, expect, it } from 'vitest';
import { announcementId } from '../../lib/decide/announcement.ts';
import { decideBudget } from '../../lib/decide/budget.ts';
import { announcementsNeeded, decideSweep, judgeAll } from '../../lib/decide/sweep.ts';
import type { ProjectMark } from '../../lib/ledger/ledger.ts';
import type { BudgetRule } from '../../lib/policy/policy.ts';
import {
  breachesOf,
  budgetReading,
  development,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  sweepOf,
  usd,
} from './fixtures.ts';

const at = (percent: number, change: Partial<BudgetRule> = {}): BudgetRule => ({
  at: percent,
  of: 'actual',
  per: 'month',
  do: 'stop',
  graceSeconds: 1800,
  ...change,
});
const under = (...budget: BudgetRule[]) => policyOf([development({ budget, idle: 'off' }), production]);
const graceful = under(at(100));
const one = instance('i-1', { hourly: usd('5') });
const reading = budgetReading({ actual: usd('1040') });

const decide = (
  policy = graceful,
  reached: ReadonlyMap<string, Date> = new Map(),
  now = NOW,
  spent = '1040',
) =>
  decideBudget({
    policy,
    reading: budgetReading({ actual: usd(spent), asOf: now }),
    alarms: [],
    enforced: undefined,
    reached,
    resources: [one],
    keeps: new Map(),
    keepTags: new Map(),
    now,
  });

describe('a breach with a grace period', () => {
  it('is announced for the minute, and stops nothing yet', () => {
    const { decisions, breached, newlyReached, fallen } = decide();
    expect(decisions.map(({ action }) => action)).toEqual(['budget-notice', 'warn']);
    expect(decisions[1]).toMatchObject({
      trigger: 'budget',
      stopAt: minutes(30),
      reason:
        'Project recsys has spent $1,040.00 of its $1,000.00 for the month (104%). ' +
        'Policy development stops at 100% of actual spend, 30 min after it was reached.',
    });
    expect({ breached, newlyReached, fallen }).toEqual({
      breached: true,
      newlyReached: ['actual-100'],
      fallen: [],
    });
  });

  it('keeps its minute when the alert comes again', () => {
    const { decisions, newlyReached } = decide(graceful, new Map([['actual-100', NOW]]), minutes(7));
    expect(decisions.find(({ action }) => action === 'warn')).toMatchObject({ stopAt: minutes(30) });
    expect(newlyReached).toEqual([]);
  });

  it('leaves the stop to the sweep, which knows whether people were told', () => {
    const { decisions, verdicts } = decide(graceful, new Map([['actual-100', NOW]]), minutes(31));
    expect(decisions.map(({ action }) => action)).toEqual(['budget-notice']);
    expect(verdicts).toMatchObject([{ why: expect.stringContaining('announced for 2026-11-10 12:30 UTC') }]);
  });

  it('that ends after its period announces no stop: none would come', () => {
    const now = new Date('2026-11-30T23:45:00Z');
    const late = decide(graceful, new Map(), now);
    expect(late.decisions.map(({ action }) => action)).toEqual(['budget-notice']);
    expect(late.breached).toBe(true);
    expect(late.verdicts).toMatchObject([{ verdict: 'within-budget' }]);
    const mark: ProjectMark = {
      holder: 'recsys',
      breaches: breachesOf(budgetReading({ actual: usd('1040'), asOf: now })),
      frozenUntil: undefined,
      reached: new Map([['actual-100', now]]),
      until: new Date('2026-12-01T00:00:00Z'),
    };
    const input = sweepOf([one], {
      policy: graceful,
      marks: [mark],
      evidence: new Map(),
      now: new Date('2026-11-30T23:50:00Z'),
    });
    expect(announcementsNeeded(judgeAll(input))).toEqual([]);
    expect(decideSweep(input).decisions).toEqual([]);
  });

  it('of a day that nobody was told of begins anew for that day alone', () => {
    const perDay: BudgetRule = { at: 100, of: 'estimated', per: 'day', do: 'stop', graceSeconds: 1800 };
    const breach = budgetReading({
      source: 'meter-day',
      limit: usd('300'),
      actual: undefined,
      meter: { billed: usd('0'), estimated: usd('310'), low: usd('310'), high: usd('310'), burn: usd('5') },
      period: '2026-11-10',
      asOf: minutes(-60),
    });
    const mark: ProjectMark = {
      holder: 'recsys',
      breaches: breachesOf(breach),
      frozenUntil: undefined,
      reached: new Map([['estimated-day-100', minutes(-60)]]),
      until: new Date('2026-12-01T00:00:00Z'),
    };
    const input = sweepOf([one], { policy: under(perDay), marks: [mark], evidence: new Map() });
    const { untoldBudgets } = decideSweep({
      ...input,
      untold: new Set(announcementsNeeded(judgeAll(input))),
    });
    expect(untoldBudgets).toMatchObject([{ until: new Date('2026-11-11T00:00:00Z') }]);
  });

  it('the rule whose stop comes first counts', () => {
    const both = under(at(100), at(120, { graceSeconds: 0, do: 'freeze' }));
    expect(decide(both).decisions.map(({ action }) => action)).toEqual(['budget-notice', 'warn']);
    expect(decide(both, new Map(), NOW, '1300').decisions.map(({ action }) => action)).toEqual([
      'budget-notice',
      'freeze',
      'stop',
    ]);
    const reversed = under(at(100, { graceSeconds: 0 }), at(120, { graceSeconds: 3600 }));
    expect(decide(reversed, new Map(), NOW, '1300').decisions.map(({ action }) => action)).toEqual([
      'budget-notice',
      'stop',
    ]);
  });

  it('is over when the spend has fallen, but not because AWS states none for a while', () => {
    const reached = new Map([['actual-100', NOW]]);
    expect(decide(graceful, reached, minutes(20), '990').fallen).toEqual(['actual-100']);
    expect(decide(graceful, reached, minutes(20), '0').fallen).toEqual([]);
    expect(decide(graceful, reached, minutes(20), '1000').fallen).toEqual([]);
  });
});

describe('the sweep in and after a grace period', () => {
  const mark = (change: Partial<ProjectMark> = {}): ProjectMark => ({
    holder: 'recsys',
    breaches: breachesOf({ ...reading, asOf: minutes(-30) }),
    frozenUntil: undefined,
    reached: new Map([['actual-100', minutes(-30)]]),
    until: new Date('2026-12-01T00:00:00Z'),
    ...change,
  });
  const told = announcementId({ trigger: 'budget', target: one, stopAt: NOW });
  const sweep = (change: Parameters<typeof sweepOf>[1]) =>
    decideSweep(sweepOf([one], { policy: graceful, marks: [mark()], ...change }));

  it('stops at the announced minute', () => {
    const { decisions } = sweep({});
    expect(decisions).toMatchObject([
      { action: 'stop', trigger: 'budget', key: `budget/recsys/2026-11-01/actual-100/${one.arn}` },
    ]);
    expect(decisions[0]?.reason).toContain('It was announced for 2026-11-10 12:00 UTC.');
    expect(announcementsNeeded(judgeAll(sweepOf([one], { policy: graceful, marks: [mark()] })))).toEqual([
      told,
    ]);
  });

  it('and not a moment before', () => {
    const { decisions, verdicts } = sweep({ now: new Date(NOW.getTime() - 1) });
    expect(decisions).toEqual([]);
    expect(verdicts).toMatchObject([
      { why: expect.stringContaining('It is stopped at 2026-11-10 12:00 UTC') },
    ]);
  });

  it('never without anybody having been told: the grace begins anew', () => {
    const { decisions, verdicts, untoldBudgets } = sweep({ untold: new Set([told]) });
    expect(decisions).toEqual([]);
    expect(verdicts).toMatchObject([{ verdict: 'unknown' }]);
    expect(untoldBudgets).toEqual([
      {
        holder: 'recsys',
        period: '2026-11-01',
        rule: 'actual-100',
        until: new Date('2026-12-01T00:00:00Z'),
      },
    ]);
  });

  it('tells again where the warning was lost', () => {
    const marks = [
      mark({
        reached: new Map([['actual-100', minutes(-20)]]),
        breaches: breachesOf({ ...reading, asOf: minutes(-20) }),
      }),
    ];
    const stopAt = minutes(10);
    const id = announcementId({ trigger: 'budget', target: one, stopAt });
    expect(sweep({ marks }).decisions).toEqual([]);
    expect(sweep({ marks, untold: new Set([id]) }).decisions).toMatchObject([{ action: 'warn', stopAt }]);
  });

  it('not while somebody keeps it', () => {
    const keeps = new Map([
      [one.arn, { arn: one.arn, since: one.since, until: minutes(90), by: 'ana', at: NOW, count: 1 }],
    ]);
    expect(sweep({ keeps }).decisions).toEqual([]);
    expect(sweep({ keeps, now: minutes(90) }).decisions).toMatchObject([{ action: 'stop' }]);
  });

  it('not where the spend has fallen', () => {
    const breach = { ...reading, actual: usd('990'), asOf: NOW };
    expect(sweep({ marks: [mark({ breaches: breachesOf(breach), reached: new Map() })] }).decisions).toEqual(
      [],
    );
  });

  it('a frozen project stops what starts at once, and gives what ran its grace', () => {
    const freezing = under(at(120, { do: 'freeze' }));
    const frozen = mark({
      breaches: breachesOf({ ...reading, actual: usd('1250'), asOf: minutes(-15) }),
      frozenUntil: new Date('2026-12-01T00:00:00Z'),
      reached: new Map([['actual-120', minutes(-15)]]),
    });
    const started = instance('i-2', { since: minutes(-4) });
    const { decisions } = decideSweep(sweepOf([one, started], { policy: freezing, marks: [frozen] }));
    expect(decisions).toMatchObject([{ action: 'stop', trigger: 'freeze', target: { id: 'i-2' } }]);
    const later = decideSweep(
      sweepOf([one, started], { policy: freezing, marks: [frozen], now: minutes(15) }),
    );
    expect(later.decisions).toHaveLength(2);
  });
});
