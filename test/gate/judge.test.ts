import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EstimatedItem } from '../../lib/estimate/estimate.ts';
import { compareItems } from '../../lib/gate/compare.ts';
import { judgeChange } from '../../lib/gate/judge.ts';
import { type Remaining, remainingOf, type SpentSoFar, statedRemaining } from '../../lib/gate/remaining.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { microUsd, sumUsd } from '../../lib/types/money.ts';
import { stated, usd } from './items.ts';

describe('a change beside its baseline', () => {
  it('goes by id: added, removed, changed, the same', () => {
    const { items } = compareItems(
      [stated('kept', '10'), stated('dearer', '10'), stated('gone', '7')],
      [stated('kept', '10'), stated('dearer', '25'), stated('new', '3')],
    );
    expect(items.map(({ id, change, before, after, delta }) => [id, change, before, after, delta])).toEqual([
      ['kept', 'same', usd('10'), usd('10'), 0n],
      ['dearer', 'changed', usd('10'), usd('25'), usd('15')],
      ['new', 'added', undefined, usd('3'), usd('3')],
      ['gone', 'removed', usd('7'), undefined, usd('-7')],
    ]);
  });

  it('is all new without one', () => {
    const { items, hasBase } = compareItems(undefined, [stated('a', '1')]);
    expect([hasBase, items[0]?.change]).toEqual([false, 'added']);
    expect(compareItems([], []).hasBase).toBe(true);
  });

  it('that costs the same for other things is changed', () => {
    const other = stated('a', '1', { costs: [{ what: '2 × half', cost: usd('1') }] });
    expect(compareItems([stated('a', '1')], [other]).items[0]?.change).toBe('changed');
  });

  it('several of one id are held against each other in their order', () => {
    const { items } = compareItems(
      [stated('a', '1'), stated('a', '2')],
      [stated('a', '1'), stated('a', '5')],
    );
    expect(items.map(({ change, delta }) => [change, delta])).toEqual([
      ['same', 0n],
      ['changed', usd('3')],
    ]);
  });

  it('what moves to another project is gone from the one and new in the other', () => {
    const { items } = compareItems([stated('a', '4')], [stated('a', '4', { project: 'recsys' })]);
    expect(items.map(({ project, delta }) => [project, delta])).toEqual([
      ['recsys', usd('4')],
      ['nlp', usd('-4')],
    ]);
  });

  it('what carries no project is of the one that is stated, before and after', () => {
    const untagged = stated('a', '4', { project: undefined });
    expect(compareItems([untagged], [untagged], 'nlp').items).toMatchObject([
      { project: 'nlp', change: 'same' },
    ]);
  });

  it('what has no price is told where it is new or changed alone', () => {
    const item = stated('a', '4', { unpriced: ['Requests are not counted.'] });
    expect(compareItems([item], [item]).items[0]?.unpriced).toEqual([]);
    expect(compareItems([], [item]).items[0]?.unpriced).toEqual(['Requests are not counted.']);
  });
});

const limits = (...some: readonly (readonly [project: string, limit: string, committed: string])[]) =>
  new Map(
    some.map(([project, limit, committed]) => [
      project,
      [statedRemaining(project, usd(limit), usd(committed))],
    ]),
  );

describe('the verdict', () => {
  const judged = (delta: string, committed: string, more: { warnAt?: number } = {}) => {
    const base = delta.startsWith('-') ? [stated('a', delta.slice(1))] : [];
    const now = delta.startsWith('-') || delta === '0' ? [] : [stated('a', delta)];
    const { items } = compareItems(base, now);
    const [first] = judgeChange({ items, remaining: limits(['nlp', '5000', committed]), ...more }).projects;
    return first?.levels[0];
  };

  it('exactly the limit passes, a micro-dollar more does not', () => {
    expect(judged('1027.84', '3972.16')?.verdict).toBe('pass');
    expect(judged('1027.84', '3972.160001')).toMatchObject({
      verdict: 'over',
      over: microUsd(1n),
      why: '$3,972.16 + $1,027.84 = $5,000.00, less than a cent over the limit of $5,000.00.',
    });
  });

  it('warns from a share of the limit on', () => {
    expect(judged('1', '3998.999999', { warnAt: 80 })?.verdict).toBe('pass');
    expect(judged('1', '3999', { warnAt: 80 })?.verdict).toBe('warn');
    expect(judged('1', '3999')?.verdict).toBe('pass');
    expect(judged('1', '5000', { warnAt: 80 })?.verdict).toBe('over');
  });

  it('a change that lowers the cost passes where the project is over already, and says so', () => {
    expect(judged('-100', '6000', { warnAt: 80 })).toMatchObject({
      verdict: 'pass',
      over: usd('900'),
      why: 'Over the limit without it, but the change lowers it by $100.00: it passes. $6,000.00 − $100.00 = $5,900.00, $900.00 over the limit of $5,000.00.',
    });
  });

  it('what has no project or no limit is not judged, and where it costs more that is no pass, whatever is beside it', () => {
    const { items } = compareItems(
      [],
      [stated('a', '5', { project: undefined }), stated('b', '7', { project: 'x' })],
    );
    expect(judgeChange({ items, remaining: new Map() })).toMatchObject({
      verdict: 'unjudged',
      projects: [],
      unjudged: [
        { project: undefined, delta: usd('5'), items: ['a'] },
        { project: 'x', delta: usd('7'), items: ['b'] },
      ],
    });
    const beside = [...items, ...compareItems([], [stated('c', '1')]).items];
    expect(judgeChange({ items: beside, remaining: limits(['nlp', '5000', '0']) })).toMatchObject({
      verdict: 'unjudged',
      projects: [{ project: 'nlp', verdict: 'pass' }],
    });
    expect(judgeChange({ items: beside, remaining: limits(['nlp', '0', '0']) }).verdict).toBe('over');
    const cheaper = compareItems([stated('a', '5', { project: undefined })], []).items;
    expect(judgeChange({ items: cheaper, remaining: new Map() }).verdict).toBe('pass');
  });

  it('a job that is gone or cheaper makes room for nothing; a dearer one counts what more it costs', () => {
    const job = (id: string, cost: string) => stated(id, cost, { frequency: 'once' });
    const deltas = (base: readonly EstimatedItem[], now: readonly EstimatedItem[]) =>
      compareItems(base, now).items.map(({ change, delta }) => [change, delta]);
    expect(deltas([job('a', '3000'), job('b', '500')], [job('b', '400'), stated('c', '3000')])).toEqual([
      ['changed', 0n],
      ['added', usd('3000')],
      ['removed', 0n],
    ]);
    expect(deltas([job('a', '100')], [job('a', '450')])).toEqual([['changed', usd('350')]]);
    expect(deltas([job('a', '100')], [stated('a', '400')])).toEqual([
      ['added', usd('400')],
      ['removed', 0n],
    ]);
    expect(deltas([stated('a', '400')], [job('a', '100')])).toEqual([
      ['added', usd('100')],
      ['removed', -usd('400')],
    ]);
  });

  it('what has no price passes unless that is refused', () => {
    const { items } = compareItems([], [stated('a', '0', { unpriced: ['It depends on use.'] })]);
    const input = { items, remaining: limits(['nlp', '5000', '0']) };
    expect(judgeChange(input)).toMatchObject({ verdict: 'pass', unpriced: [{ id: 'a' }] });
    expect(judgeChange({ ...input, failOnUnpriced: true }).verdict).toBe('over');
  });
});

const POLICY = parsePolicy(
  `version: 1
teams: { ranking: { budget: 10000 USD } }
projects:
  nlp: { budget: 5000 USD, team: ranking, models: { scorer: { budget: 500 USD } } }
  recsys: { budget: 9000 USD, team: ranking }
  free: { team: ranking }
policies: [{ name: all, match: {}, idle: off }]
`,
  'p.yaml',
);

const spent = (billed: string, estimated: string, forecast: string): SpentSoFar => ({
  billed: usd(billed),
  estimated: usd(estimated),
  forecast: { amount: usd(forecast) },
});

const METERED = {
  spends: new Map([
    ['nlp', spent('1000', '200', '3900')],
    ['recsys', spent('4000', '0', '4500')],
  ]),
  models: new Map([['nlp', new Map([['scorer', spent('100', '20', '400')]])]]),
};

const of = (found: readonly Remaining[]) => found.map(({ holder, remaining }) => [holder, remaining]);

describe('what is left of the limits of a month', () => {
  it('counts what was billed, estimated, and what runs on to its end', () => {
    const [own] = remainingOf({ policy: POLICY, project: 'nlp', metered: METERED });
    expect(own).toMatchObject({
      level: 'project',
      limit: usd('5000'),
      committed: {
        billed: usd('1000'),
        estimated: usd('200'),
        runsOn: usd('2700'),
        reserved: 0n,
        total: usd('3900'),
      },
      remaining: usd('1100'),
    });
  });

  it('of the project, its team and its model; levels without a limit are absent', () => {
    expect(of(remainingOf({ policy: POLICY, project: 'nlp', model: 'scorer', metered: METERED }))).toEqual([
      ['nlp', usd('1100')],
      ['team:ranking', usd('1600')],
      ['model:nlp:scorer', usd('100')],
    ]);
    expect(of(remainingOf({ policy: POLICY, project: 'free', model: 'x', metered: METERED }))).toEqual([
      ['team:ranking', usd('1600')],
    ]);
    expect(remainingOf({ policy: POLICY, project: 'nobody', metered: METERED })).toEqual([]);
  });

  it('counts what is reserved, and never less than was spent', () => {
    const metered = { ...METERED, spends: new Map([['nlp', spent('100', '50', '120')]]) };
    const reserved = new Map([['nlp', usd('30')]]);
    expect(remainingOf({ policy: POLICY, project: 'nlp', metered, reserved })[0]?.committed.total).toBe(
      usd('180'),
    );
  });

  it('a team is over by what two of its projects add together', () => {
    const { items } = compareItems([], [stated('a', '1000'), stated('b', '601', { project: 'recsys' })]);
    const remaining = new Map(
      ['nlp', 'recsys'].map((project) => [
        project,
        remainingOf({ policy: POLICY, project, metered: METERED }),
      ]),
    );
    const { projects, verdict } = judgeChange({ items, remaining });
    expect(verdict).toBe('over');
    expect(
      projects.map(({ levels }) => levels.map((level) => [level.holder, level.verdict, level.over])),
    ).toEqual([
      [
        ['nlp', 'pass', undefined],
        ['team:ranking', 'over', usd('1')],
      ],
      [
        ['recsys', 'pass', undefined],
        ['team:ranking', 'over', usd('1')],
      ],
    ]);
  });
});

describe('whatever changes', () => {
  const amount = fc.bigInt({ min: 0n, max: 9_000_000_000n }).map(microUsd);
  const item = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), cost: amount }).map(({ id, cost }) => ({
    ...stated(id, '0'),
    cost,
    costs: [{ what: id, cost }],
  }));
  const some = fc.array(item, { maxLength: 6 });

  it('the changes sum to what it costs after less what it cost before, and over means more than the limit', () => {
    fc.assert(
      fc.property(some, some, amount, amount, (base, now, limit, committed) => {
        const { items } = compareItems(base, now);
        const delta = sumUsd(items.map((one) => one.delta));
        expect(delta).toBe(sumUsd(now.map(({ cost }) => cost)) - sumUsd(base.map(({ cost }) => cost)));
        const remaining = new Map([['nlp', [statedRemaining('nlp', limit, committed)]]]);
        const { verdict } = judgeChange({ items, remaining });
        expect(verdict).toBe(delta > 0n && committed + delta > limit ? 'over' : 'pass');
      }),
    );
  });
});
