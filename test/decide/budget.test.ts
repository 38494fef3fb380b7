import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetInput, decideBudget, effectiveLimit } from '../../lib/decide/budget.ts';
import type { BudgetRule } from '../../lib/policy/policy.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  budgetReading,
  dev,
  development,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  stopAt100,
  usd,
} from './fixtures.ts';

const policy = policyOf([development({ budget: stopAt100 }), production]);
const one = instance('i-1', { hourly: usd('5') });

const decide = (change: Partial<BudgetInput>) =>
  decideBudget({
    policy,
    reading: budgetReading(),
    alarms: [],
    enforced: undefined,
    reached: new Map(),
    keeps: new Map(),
    keepTags: new Map(),
    resources: [one],
    now: NOW,
    ...change,
  });
const spent = (actual: string, change: Partial<BudgetInput> = {}) =>
  decide({ reading: budgetReading({ actual: usd(actual) }), ...change });
const forecast = (forecasted: string, change: Partial<BudgetInput> = {}) =>
  decide({ reading: budgetReading({ forecasted: usd(forecasted) }), ...change });
const actions = ({ decisions }: { readonly decisions: readonly Decision[] }) =>
  decisions.map(({ action }) => action).sort();
const only = (decisions: readonly Decision[], action: Decision['action']) =>
  decisions.filter((decision) => decision.action === action);

describe('thresholds of a limit of $1,000: notify at 80%, stop at 100%, freeze at 120%', () => {
  it.each([
    { actual: '799.999999', asks: [], breached: false },
    { actual: '999.999999', asks: ['budget-notice'], breached: false },
    { actual: '1000', asks: ['budget-notice', 'stop'], breached: true },
    { actual: '1000.000001', asks: ['budget-notice', 'stop'], breached: true },
    { actual: '1199.999999', asks: ['budget-notice', 'stop'], breached: true },
    { actual: '1200', asks: ['budget-notice', 'freeze', 'stop'], breached: true },
    { actual: '0', asks: [], breached: false },
    { actual: '-12', asks: [], breached: false },
  ])('$actual spent: $asks', ({ actual, asks, breached }) => {
    const decided = spent(actual);
    expect(actions(decided)).toEqual(asks);
    expect(decided.breached).toBe(breached);
  });

  it('the highest rule that is reached names the stop, its key and its reason', () => {
    expect(only(spent('1100').decisions, 'stop')).toMatchObject([
      {
        key: `budget/recsys/2026-11-01/actual-100/${one.arn}`,
        rule: { policy: 'development', rule: 'budget 100% of actual: stop' },
        reason:
          'Project recsys has spent $1,100.00 of its $1,000.00 for the month (110%). ' +
          'Policy development stops at 100% of actual spend.',
      },
    ]);
    expect(only(spent('1300').decisions, 'stop')).toMatchObject([
      { key: `budget/recsys/2026-11-01/actual-120/${one.arn}` },
    ]);
  });

  it('a freeze ends with the month', () => {
    expect(only(spent('1200').decisions, 'freeze')).toMatchObject([
      { key: 'freeze/recsys/2026-11-01/development', until: new Date('2026-12-01T00:00:00.000Z') },
    ]);
  });

  it('no spend known: nothing', () => {
    expect(actions(decide({ reading: budgetReading({ actual: undefined }) }))).toEqual([]);
  });

  it('a limit of zero is reached by any spend', () => {
    const free = { reading: budgetReading({ limit: usd('0'), actual: usd('0.000001') }) };
    expect(actions(decide({ ...free, policy: { ...policy, projects: {} } }))).toContain('stop');
  });
});

describe('forecasts', () => {
  it.each(['800', '1000', '5000', '10000'])('of $%s are told and stop nothing', (forecasted) => {
    const decided = forecast(forecasted);
    expect(actions(decided)).toEqual(['budget-notice']);
    expect(decided.breached).toBe(false);
  });

  it('stop nothing even where a policy says so', () => {
    const budget: readonly BudgetRule[] = [
      { at: 100, of: 'forecasted', per: 'month', do: 'stop', graceSeconds: 0 },
    ];
    expect(actions(forecast('2000', { policy: policyOf([development({ budget })]) }))).toEqual([
      'budget-notice',
    ]);
  });

  it('one notice for actual and one for forecasted spend', () => {
    const reading = budgetReading({ actual: usd('1000'), forecasted: usd('1500') });
    const notices = only(decide({ reading }).decisions, 'budget-notice');
    expect(notices.map(({ key }) => key)).toEqual([
      'budget-notice/recsys/2026-11-01/actual-100',
      'budget-notice/recsys/2026-11-01/forecasted-80',
    ]);
  });
});

describe('notices', () => {
  it('an alarm of AWS is told where the figures do not reach it yet', () => {
    const decided = decide({
      reading: budgetReading({ actual: usd('799'), forecasted: usd('700') }),
      alarms: [{ at: 80, of: 'forecasted', per: 'month' }],
    });
    expect(decided.decisions).toMatchObject([
      { action: 'budget-notice', threshold: '80% of forecasted', spent: usd('700'), limit: usd('1000') },
    ]);
  });

  it('an alarm stops nothing: the figures do', () => {
    const decided = decide({
      reading: budgetReading({ actual: usd('400') }),
      alarms: [{ at: 100, of: 'actual', per: 'month' }],
    });
    expect(actions(decided)).toEqual(['budget-notice']);
    expect(decided.breached).toBe(false);
  });

  it('an alarm at a threshold that no policy knows is not told', () => {
    expect(actions(decide({ alarms: [{ at: 55, of: 'actual', per: 'month' }] }))).toEqual([]);
  });
});

describe('each resource by its own policy', () => {
  const resources: readonly Resource[] = [
    one,
    instance('i-prod', { tags: { ...dev, environment: 'prod' }, hourly: usd('5') }),
    instance('i-none', { tags: { project: 'recsys' } }),
    instance('i-spot', { protections: [{ code: 'spot', detail: 'It is a Spot instance.' }] }),
    instance('i-kept', { tags: { ...dev, 'bursar:keep-until': '2026-11-20' } }),
    instance('i-off', { state: 'stopped' }),
    instance('i-starting', { state: 'transitional' }),
  ];

  it('stops only what runs, is named and is not exempt; says why of the others', () => {
    const { decisions, verdicts } = spent('1100', { resources });
    expect(only(decisions, 'stop')).toMatchObject([{ target: { id: 'i-1' } }]);
    expect(Object.fromEntries(verdicts.map(({ resource, verdict }) => [resource.id, verdict]))).toEqual({
      'i-prod': 'within-budget',
      'i-none': 'no-policy',
      'i-spot': 'exempt',
      'i-kept': 'exempt',
      'i-off': 'not-running',
      'i-starting': 'not-running',
    });
  });

  it('what is between two states is still owed: the project is in breach', () => {
    expect(spent('1100', { resources: [instance('i-1', { state: 'transitional' })] }).breached).toBe(true);
  });

  it('nothing that stops is reached: no breach', () => {
    const resources = [instance('i-prod', { tags: { ...dev, environment: 'prod' }, hourly: usd('5') })];
    expect(spent('1100', { resources, policy: policyOf([production]) }).breached).toBe(false);
  });

  it('what stops is reached while nothing runs: a breach, since launches go by it', () => {
    const early = budgetReading({ actual: usd('1100'), asOf: minutes(-60) });
    const policy = policyOf([development({ budget: stopAt100, idle: 'off' }), production]);
    const idle = {
      policy,
      reading: early,
      resources: [instance('i-1', { state: 'stopped', hourly: usd('5') })],
    };
    expect(decide(idle).breached).toBe(true);
    expect(decide({ ...idle, enforced: early }).breached).toBe(false);
  });
});

describe('the limit, where AWS and the policy differ', () => {
  it.each([
    { aws: '1000', wanted: '2000', counts: '2000' },
    { aws: '2000', wanted: '1000', counts: '2000' },
    { aws: '1000', wanted: undefined, counts: '1000' },
  ])('AWS says $aws and the policy $wanted: $counts', ({ aws, wanted, counts }) => {
    const projects =
      wanted === undefined
        ? {}
        : { recsys: { name: 'recsys', owners: [], members: [], freezeRoles: [], budget: usd(wanted) } };
    const drifted = { ...policy, projects };
    const reading = budgetReading({ limit: usd(aws) });
    expect(effectiveLimit(reading, drifted)).toBe(usd(counts));
    const just = { ...reading, actual: usd(counts) };
    const under = { ...reading, actual: microUsd(usd(counts) - 1n) };
    expect(actions(decide({ policy: drifted, reading: just }))).toContain('stop');
    expect(actions(decide({ policy: drifted, reading: under }))).not.toContain('stop');
  });

  it('a project named like something every object has', () => {
    const reading = budgetReading({ holder: 'constructor' });
    expect(effectiveLimit(reading, policy)).toBe(usd('1000'));
  });
});

describe('amounts that the fleet cannot explain', () => {
  const fleet = [instance('i-1', { hourly: usd('40') })];
  const bug = usd('183965812157.54');

  it.each(['actual', 'forecasted'] as const)('the billing bug as %s spend: held, nothing else', (of) => {
    const decided = decide({ reading: budgetReading({ [of]: bug }), resources: fleet });
    expect(decided.breached).toBe(false);
    expect(decided.decisions).toMatchObject([
      {
        action: 'hold',
        cause: 'implausible-amount',
        key: `hold/implausible-amount/recsys/2026-11-01/${of}`,
        targets: fleet,
      },
    ]);
    expect(decided.decisions[0]?.reason).toContain('$183,965,812,157.54');
    expect(decided.decisions[0]?.reason).toContain('costs $40.00 an hour');
  });

  it.each([
    { actual: '10000', action: 'stop' },
    { actual: '10000.000001', action: 'hold' },
  ])('a cheap fleet and ten times the limit, $actual: $action', ({ actual, action }) => {
    expect(actions(spent(actual, { resources: [instance('i-1', { hourly: usd('0.1') })] }))).toContain(
      action,
    );
  });

  it('a fleet that costs more than the limit explains more', () => {
    // Nine and a half days, 228 hours, at $40: $9,120.
    expect(actions(spent('91200', { resources: fleet }))).toContain('stop');
    expect(actions(spent('91200.000001', { resources: fleet }))).toEqual(['hold']);
  });

  describe('in the first 48 hours of a month, AWS may still report the last one', () => {
    const at = (hours: number) => new Date(Date.UTC(2026, 10, 1, hours));

    it.each([
      { hours: 0, actual: '1000', action: 'hold' },
      { hours: 2, actual: '1000', action: 'hold' },
      { hours: 48, actual: '1000', action: 'hold' },
      { hours: 49, actual: '1000', action: 'stop' },
    ])('$hours h into it a fleet of $2 an hour and $actual: $action', ({ hours, actual, action }) => {
      const resources = [instance('i-1', { hourly: usd('2') })];
      expect(actions(spent(actual, { resources, now: at(hours) }))).toContain(action);
    });

    it('a fleet that explains it is stopped at once', () => {
      expect(actions(spent('1000', { resources: fleet, now: at(24) }))).toContain('stop');
    });

    it('an unpriced fleet explains nothing', () => {
      const resources = [instance('i-1', { hourly: undefined })];
      expect(actions(spent('1000', { resources, now: at(24) }))).toEqual(['hold']);
    });

    it('what was enforced of this month was explained then, by a fleet that is stopped since', () => {
      const enforced = budgetReading({ actual: usd('1000'), asOf: at(20) });
      const resources = [instance('i-1', { state: 'stopped', hourly: usd('40') })];
      const later = (actual: string, period = enforced.period) =>
        actions(spent(actual, { resources, now: at(24), enforced: { ...enforced, period } }));
      expect(later('1010')).not.toContain('hold');
      expect(later('2000')).not.toContain('hold');
      expect(later('2000.000001')).toEqual(['hold']);
      expect(later('1010', '2026-10-01')).toEqual(['hold']);
    });

    it('a forecast speaks of the whole month', () => {
      expect(actions(forecast('1500', { now: at(2) }))).toEqual(['budget-notice']);
    });
  });

  it('a hold shows at most 25 of the fleet, running ones', () => {
    const many = Array.from({ length: 60 }, (_, index) => instance(`i-${index}`));
    const resources = [instance('i-off', { state: 'stopped' }), ...many];
    const { decisions } = decide({ reading: budgetReading({ actual: bug }), resources });
    const [hold] = decisions;
    expect(hold?.action === 'hold' && hold.targets.map(({ id }) => id)).toEqual(
      many.slice(0, 25).map(({ id }) => id),
    );
  });
});

describe('what is always true', () => {
  const anyRule: fc.Arbitrary<BudgetRule> = fc.record({
    at: fc.constantFrom(50, 80, 100, 120),
    of: fc.constantFrom('actual' as const, 'forecasted' as const),
    per: fc.constant('month' as const),
    do: fc.constantFrom('notify' as const, 'stop' as const, 'freeze' as const),
    graceSeconds: fc.constant(0),
  });
  const anyPolicy = fc
    .tuple(fc.array(anyRule, { maxLength: 4 }), fc.array(anyRule, { maxLength: 4 }))
    .map(([first, second]) =>
      policyOf([
        development({ budget: [...first].sort((a, b) => a.at - b.at) }),
        { ...production, budget: [...second].sort((a, b) => a.at - b.at) },
      ]),
    );
  const anyResource: fc.Arbitrary<Resource> = fc
    .record({
      id: fc.integer({ min: 0, max: 9999 }),
      environment: fc.constantFrom('dev', 'prod', 'none'),
      state: fc.constantFrom<Resource['state'][]>('running', 'running', 'transitional', 'stopped', 'failed'),
      kept: fc.boolean(),
      spot: fc.boolean(),
      cents: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
    })
    .map(({ id, environment, state, kept, spot, cents }) =>
      instance(`i-${id}`, {
        state,
        tags: { project: 'recsys', environment, ...(kept ? { 'bursar:keep-until': '2027-01-01' } : {}) },
        protections: spot ? [{ code: 'spot', detail: 'It is a Spot instance.' }] : [],
        hourly: cents === undefined ? undefined : microUsd(BigInt(cents) * 10_000n),
      }),
    );
  const anyAmount = fc.option(
    fc
      .oneof(fc.bigInt({ min: -1n, max: 20_000_000_000n }), fc.bigInt({ min: 0n, max: 10n ** 18n }))
      .map(microUsd),
    { nil: undefined },
  );
  const anyInput: fc.Arbitrary<BudgetInput> = fc
    .record({
      policy: anyPolicy,
      actual: anyAmount,
      forecasted: anyAmount,
      resources: fc.uniqueArray(anyResource, { maxLength: 8, selector: ({ id }) => id }),
      now: fc.integer({ min: -9 * 24 * 60, max: 20 * 24 * 60 }).map(minutes),
    })
    .map(({ actual, forecasted, ...rest }) => ({
      ...rest,
      reading: budgetReading({ actual, forecasted }),
      alarms: [],
      enforced: undefined,
      reached: new Map(),
      keeps: new Map(),
      keepTags: new Map(),
    }));

  it('stops nothing that is exempt, not named, not running, or within its own rules', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const decision of decideBudget(input).decisions) {
          if (decision.action !== 'stop') continue;
          const { state, protections, tags } = decision.target;
          expect(state).toBe('running');
          expect(protections).toEqual([]);
          expect(tags['bursar:keep-until']).toBeUndefined();
          const named = input.policy.policies.find(({ match }) =>
            match.environment?.includes(tags.environment ?? ''),
          );
          expect(decision.rule.policy).toBe(named?.name);
          expect(
            named?.budget.some(
              (rule) =>
                rule.of === 'actual' &&
                rule.do !== 'notify' &&
                (input.reading.actual ?? 0n) * 100n >= usd('1000') * BigInt(rule.at),
            ),
          ).toBe(true);
        }
      }),
    );
  });

  it('the forecast never changes what is stopped or frozen', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const enforced = (forecasted: BudgetInput['reading']['forecasted']) =>
          decideBudget({ ...input, reading: { ...input.reading, forecasted } }).decisions.filter(
            ({ action }) => action === 'stop' || action === 'freeze',
          );
        const without = enforced(undefined);
        const withIt = enforced(input.reading.forecasted);
        // An implausible forecast holds all back; it never adds.
        if (withIt.length > 0) expect(withIt).toEqual(without);
      }),
    );
  });

  it('a hold comes alone, and every resource gets one answer otherwise', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { decisions, verdicts } = decideBudget(input);
        if (decisions.some(({ action }) => action === 'hold')) {
          expect([decisions.length, verdicts.length]).toEqual([1, 0]);
          return;
        }
        const answered = [
          ...decisions.flatMap((decision) => (decision.action === 'stop' ? [decision.target.id] : [])),
          ...verdicts.map(({ resource }) => resource.id),
        ].sort();
        expect(answered).toEqual(input.resources.map(({ id }) => id).sort());
      }),
    );
  });

  it('the same input in another order gives the same decisions', () => {
    fc.assert(
      fc.property(
        anyInput.chain((input) =>
          fc.tuple(
            fc.constant(input),
            fc.shuffledSubarray([...input.resources], { minLength: input.resources.length }),
          ),
        ),
        ([input, resources]) => {
          const sorted = (decisions: readonly Decision[]) =>
            decisions
              .map((decision) =>
                decision.action === 'hold'
                  ? { ...decision, targets: [...decision.targets].sort((a, b) => (a.arn < b.arn ? -1 : 1)) }
                  : decision,
              )
              .sort((a, b) => (a.key < b.key ? -1 : 1));
          expect(sorted(decideBudget({ ...input, resources }).decisions)).toEqual(
            sorted(decideBudget(input).decisions),
          );
        },
      ),
    );
  });
});

describe('what was enforced already', () => {
  const enforced = budgetReading({ actual: usd('1000'), asOf: minutes(-600) });

  it('stops nothing that was started since, and is told once more by the same keys alone', () => {
    const again = spent('1100', { enforced });
    expect(again).toMatchObject({ breached: false, verdicts: [] });
    expect(actions(again)).toEqual(['budget-notice']);
  });

  it('is enforced anew where a higher threshold is reached', () => {
    expect(actions(spent('1200', { enforced }))).toEqual(['budget-notice', 'freeze', 'stop']);
  });

  it('is not enforced again on what was started since, because another policy’s threshold is reached', () => {
    const other = development({
      name: 'research',
      match: { environment: ['research'] },
      budget: [{ at: 120, of: 'actual', per: 'month', do: 'freeze', graceSeconds: 0 }],
    });
    const stopOnly = development({
      budget: [{ at: 100, of: 'actual', per: 'month', do: 'stop', graceSeconds: 0 }],
    });
    const both = policyOf([stopOnly, other]);
    const later = instance('i-2', { since: minutes(-60) });
    const { decisions, verdicts } = spent('1200', { policy: both, enforced, resources: [one, later] });
    expect(only(decisions, 'stop').map((stop) => stop.key)).toEqual([
      `budget/recsys/2026-11-01/actual-100/${one.arn}`,
    ]);
    expect(verdicts).toMatchObject([{ resource: { id: 'i-2' }, verdict: 'within-budget' }]);
  });

  it('nor when several thresholds of others were reached since', () => {
    const stopsAt = (name: string, at: number) =>
      development({
        name,
        match: { environment: [name] },
        budget: [{ at, of: 'actual', per: 'month', do: 'stop', graceSeconds: 0 }],
      });
    const three = policyOf([stopsAt('dev', 100), stopsAt('research', 110), stopsAt('lab', 120)]);
    const later = instance('i-2', { since: minutes(-300) });
    const { decisions } = spent('1200', {
      policy: three,
      enforced: budgetReading({ actual: usd('1100'), asOf: minutes(-60) }),
      reached: new Map([
        ['actual-100', minutes(-600)],
        ['actual-110', minutes(-60)],
      ]),
      resources: [one, later],
    });
    expect(only(decisions, 'stop').map(({ key }) => key)).toEqual([
      `budget/recsys/2026-11-01/actual-100/${one.arn}`,
    ]);
  });

  it('of an earlier month says nothing', () => {
    const old = budgetReading({ actual: usd('5000'), period: '2026-10-01' });
    expect(actions(spent('1100', { enforced: old }))).toEqual(['budget-notice', 'stop']);
  });
});
