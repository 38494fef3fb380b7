import { describe, expect, it } from 'vitest';
import { type BudgetInput, decideBudget } from '../../lib/decide/budget.ts';
import { decideLaunch } from '../../lib/decide/launch.ts';
import { decideSweep } from '../../lib/decide/sweep.ts';
import type { ProjectMark } from '../../lib/ledger/ledger.ts';
import { type BudgetRule, ruleId } from '../../lib/policy/policy.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';
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
  unlimited,
  usd,
} from './fixtures.ts';

const rule = (at: number, does: BudgetRule['do'], of: BudgetRule['of'] = 'actual'): BudgetRule => ({
  at,
  of,
  per: 'month',
  do: does,
  graceSeconds: 0,
});
const under = (...budget: readonly BudgetRule[]) =>
  policyOf([development({ budget, idle: 'off', launch: 'stop' }), production], { limits: unlimited });

const MONTH_END = new Date('2026-12-01T00:00:00Z');
const spent = (amount: string, asOf = NOW): BudgetReading => budgetReading({ actual: usd(amount), asOf });
const estimated = (amount: string, asOf = NOW): BudgetReading =>
  budgetReading({
    source: 'meter',
    meter: { billed: ZERO_USD, estimated: usd(amount), low: usd(amount), high: usd(amount), burn: usd('1') },
    actual: undefined,
    asOf,
  });

const decide = (change: Partial<BudgetInput> & Pick<BudgetInput, 'policy' | 'reading'>) =>
  decideBudget({
    alarms: [],
    enforced: undefined,
    reached: new Map(),
    keeps: new Map(),
    keepTags: new Map(),
    resources: [],
    now: NOW,
    ...change,
  });
const done = (input: Parameters<typeof decide>[0]) =>
  decide(input).decisions.flatMap(({ action, key }) =>
    action === 'freeze' || action === 'stop' ? [`${action} ${key}`] : [],
  );

/** Reached at so many minutes from now. */
const reachedAt = (...some: readonly (readonly [BudgetRule, number])[]) =>
  new Map(some.map(([one, at]) => [ruleId(one), minutes(at)] as const));

describe('two freezes of one policy', () => {
  const policy = under(rule(110, 'freeze'), rule(130, 'freeze'));
  const FIRST = 'freeze freeze/recsys/2026-11-01/development';

  it('have keys of their own: after an unfreeze the higher one still comes', () => {
    expect(done({ policy, reading: spent('1150') })).toEqual([FIRST]);
    expect(
      done({
        policy,
        reading: spent('1310'),
        enforced: spent('1150', minutes(-60)),
        reached: reachedAt([rule(110, 'freeze'), -60], [rule(130, 'freeze'), 0]),
        unfrozenAt: minutes(-30),
      }),
    ).toEqual([`${FIRST}/actual-130`]);
  });

  it('come as one where both are passed at once, and then neither comes after an unfreeze', () => {
    expect(done({ policy, reading: spent('1310') })).toEqual([`${FIRST}/actual-130`]);
    const reached = reachedAt([rule(110, 'freeze'), -60], [rule(130, 'freeze'), -60]);
    for (const amount of ['1310', '1150'])
      expect(
        done({
          policy,
          reading: spent(amount),
          enforced: spent('900', minutes(-60)),
          reached,
          unfrozenAt: minutes(-30),
        }),
      ).toEqual([]);
  });
});

describe('a freeze that the queue has lost', () => {
  const policy = under(rule(120, 'freeze', 'estimated'));
  const input = {
    policy,
    reading: estimated('1250'),
    enforced: estimated('1250', minutes(-5)),
    reached: reachedAt([rule(120, 'freeze', 'estimated'), -5]),
  };
  const KEY = 'freeze freeze/recsys/2026-11-01/development/estimated-120';

  it('is asked for again until the project is frozen, and no more once somebody has unfrozen it', () => {
    expect(done(input)).toEqual([KEY]);
    expect(done({ ...input, frozenUntil: minutes(60) }), 'that of a day ends before').toEqual([KEY]);
    expect(done({ ...input, frozenUntil: MONTH_END })).toEqual([]);
    expect(done({ ...input, unfrozenAt: minutes(-1) })).toEqual([]);
  });
});

describe('once somebody has unfrozen a project', () => {
  const both = under(
    rule(100, 'stop'),
    rule(120, 'freeze'),
    rule(100, 'stop', 'estimated'),
    rule(120, 'freeze', 'estimated'),
  );
  /** The estimate froze it two hours ago, and somebody unfroze it an hour ago. */
  const reached = reachedAt([rule(100, 'stop', 'estimated'), -120], [rule(120, 'freeze', 'estimated'), -120]);
  const unfrozenAt = minutes(-60);
  const ran = instance('i-ran', { since: minutes(-600) });
  const launched = instance('i-launched', { since: minutes(-30) });
  const mark = (change: Partial<ProjectMark> = {}): ProjectMark => ({
    holder: 'recsys',
    breaches: breachesOf(estimated('1250', minutes(-120))),
    frozenUntil: undefined,
    unfrozenAt,
    reached,
    until: MONTH_END,
    ...change,
  });
  const launch = (resource: Resource, change: Partial<ProjectMark> = {}, policy = both) => {
    const { decisions } = decideLaunch({
      policy,
      resource,
      marks: [mark(change)],
      hourlyOfProject: ZERO_USD,
      keeps: new Map(),
      keepTags: new Map(),
      now: NOW,
    });
    return decisions.map(({ action, reason }) => `${action} ${reason}`);
  };

  it('the bill that follows the estimate neither freezes it again nor stops what was launched since', () => {
    const now = { ...Object.fromEntries(reached), 'actual-100': NOW, 'actual-120': NOW };
    expect(
      done({
        policy: both,
        reading: spent('1250'),
        reached: new Map(Object.entries(now)),
        unfrozenAt,
        resources: [ran, launched],
      }),
    ).toEqual([`stop budget/recsys/2026-11-01/estimated-120/${ran.arn}`]);
  });

  it('a higher rule of another policy stops nothing that was launched since under this one', () => {
    const other = development({ name: 'other', match: { team: ['x'] }, budget: [rule(150, 'stop')] });
    const policy = policyOf([other, development({ budget: [rule(120, 'freeze')], idle: 'off' })]);
    const input = {
      policy,
      reading: spent('1550'),
      enforced: spent('1250', minutes(-120)),
      reached: reachedAt([rule(120, 'freeze'), -120], [rule(150, 'stop'), 0]),
      resources: [launched],
    };
    expect(done({ ...input, unfrozenAt })).toEqual([]);
    expect(done({ ...input, frozenUntil: MONTH_END })).toHaveLength(2);
  });

  it('the sweep owes no stop to what was launched since, though a later breach found it running', () => {
    const later = mark({
      breaches: breachesOf(estimated('1250', minutes(-120)), spent('1250', minutes(-20))),
      reached: new Map([...reached, ['actual-100', minutes(-20)], ['actual-120', minutes(-20)]]),
    });
    const { decisions } = decideSweep(
      sweepOf([launched], { policy: both, marks: [later], evidence: new Map() }),
    );
    expect(decisions).toEqual([]);
  });

  it('a launch over a budget that was passed before is told of and runs, whatever `launch` says', () => {
    const [told] = launch(launched);
    expect(told).toMatch(
      /^notify Project recsys is over its budget, .* It runs: somebody has unfrozen the project\.$/,
    );
    expect(launch(launched, { frozenUntil: MONTH_END })[0]).toMatch(/^stop /);
  });

  it('a launch over a budget that was passed since is undone', () => {
    const policy = under(rule(120, 'freeze', 'estimated'), rule(150, 'stop', 'estimated'));
    const breaches = breachesOf(estimated('1550', minutes(-40)));
    const passed = new Map([...reached, ['estimated-150', minutes(-40)]]);
    expect(launch(launched, { breaches, reached: passed }, policy)[0]).toMatch(/^stop /);
  });
});

describe('the same share by the bill and by the estimate', () => {
  const [billed, told] = [rule(100, 'stop'), rule(100, 'stop', 'estimated')];
  /** A database does not tell when it was last started. */
  const database = instance('db', { since: minutes(-6000) });

  it('is one stop: what somebody has restored since the estimate is not stopped anew by the bill', () => {
    const policy = under(billed, told);
    const stop = (reading: BudgetReading, reached: ReadonlyMap<string, Date>) =>
      done({ policy, reading, reached, resources: [database] });
    const key = `stop budget/recsys/2026-11-01/estimated-100/${database.arn}`;
    expect(stop(estimated('1050'), reachedAt([told, 0]))).toEqual([key]);
    expect(stop(spent('1050'), reachedAt([told, -60], [billed, 0]))).toEqual([key]);
    expect(stop(spent('1050'), reachedAt([billed, 0]))).toEqual([key.replace('estimated', 'actual')]);
    const mark: ProjectMark = {
      holder: 'recsys',
      breaches: breachesOf(spent('1050', minutes(-20))),
      frozenUntil: undefined,
      reached: reachedAt([told, -60], [billed, -20]),
      until: MONTH_END,
    };
    const swept = decideSweep(sweepOf([database], { policy, marks: [mark], evidence: new Map() }));
    expect(swept.decisions.map((one) => `${one.action} ${one.key}`)).toEqual([key]);
  });
});

describe('spend that has fallen below a rule without grace', () => {
  const stop = rule(100, 'stop', 'estimated');
  const policy = under(stop);
  const fallen = { policy, enforced: estimated('1050', minutes(-60)), reached: reachedAt([stop, -60]) };

  it('is told, so that no more is owed or undone for it', () => {
    expect(decide({ ...fallen, reading: estimated('950') }).lapsed).toBe(true);
    expect(decide({ ...fallen, reading: estimated('1049') }).lapsed).toBe(false);
    expect(decide({ ...fallen, enforced: undefined, reading: estimated('950') }).lapsed).toBe(false);
  });

  it('leaves a freeze in force', () => {
    expect(decide({ ...fallen, reading: estimated('950'), frozenUntil: MONTH_END }).lapsed).toBe(false);
  });

  it('is not what AWS says for hours after a budget was changed: nothing', () => {
    const actual = { policy: under(rule(100, 'stop')), enforced: spent('1050', minutes(-60)) };
    expect(decide({ ...actual, reading: spent('0') }).lapsed).toBe(false);
    expect(decide({ ...actual, reading: spent('950') }).lapsed).toBe(true);
  });

  it('and rises again stops what ran at first, not what was launched since: a threshold is enforced once', () => {
    const ran = instance('i-ran', { since: minutes(-600) });
    const since = instance('i-since', { since: minutes(-30) });
    expect(
      done({
        ...fallen,
        enforced: estimated('950', minutes(-40)),
        reading: estimated('1050'),
        resources: [ran, since],
      }),
    ).toEqual([`stop budget/recsys/2026-11-01/estimated-100/${ran.arn}`]);
  });
});
