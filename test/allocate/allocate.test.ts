import { describe, expect, it } from 'vitest';
import { allocate } from '../../lib/allocate/allocate.ts';
import type { SharedRule } from '../../lib/policy/allocation.ts';
import type { ChargeTotal, CostLine } from '../../lib/types/cost.ts';
import { bill, byUsage, line, projects, rule, sharesOf, usage, usd } from './fixtures.ts';

const NONE = new Map();

/** Of one rule over the lines of November, with three projects in the policy file. */
function outcomeOf(one: SharedRule, lines: readonly CostLine[], used = usage([])) {
  const { rules } = allocate({
    bill: bill(lines),
    rules: [one],
    usage: used,
    projects: projects('fraud', 'recsys', 'search'),
  });
  const [outcome] = rules;
  if (outcome === undefined) throw new Error('no outcome');
  return { ...outcome, shares: sharesOf(outcome.shares), idle: Number(outcome.idle) / 1e6 };
}

const DIRECT = [line('fraud', '2026-11-01', '300'), line('recsys', '2026-11-20', '100')];

describe('allocate', () => {
  it('gives each project what carries its tag and what rules give it, and shows what nobody owns', () => {
    const allocation = allocate({
      bill: bill([
        line('fraud', '2026-11-02', '10.25'),
        { ...line('fraud', '2026-11-01', '1'), service: 'Amazon S3' },
        line('recsys', '2026-11-01', '40'),
        line('', '2026-11-01', '7'),
        { ...line('', '2026-11-03', '2'), service: 'AWS Support (Business)' },
        line('', '2026-11-02', '3', 'gpu'),
      ]),
      rules: [rule({ by: 'even' })],
      usage: NONE,
      projects: [{ name: 'recsys', team: 'beta' }, { name: 'fraud' }],
    });
    expect(allocation).toMatchObject({ source: 'cost-explorer', from: '2026-11-01', to: '2026-11-30' });
    expect(allocation.total).toBe(usd('63.25'));
    expect(allocation.projects).toEqual([
      {
        project: 'recsys',
        team: 'beta',
        direct: usd('40'),
        shared: [{ rule: 'gpu', cost: usd('1.5') }],
        total: usd('41.5'),
        byDay: new Map([
          ['2026-11-01', usd('40')],
          ['2026-11-02', usd('1.5')],
        ]),
        byService: [{ service: 'Amazon EC2', cost: usd('40') }],
      },
      {
        project: 'fraud',
        team: undefined,
        direct: usd('11.25'),
        shared: [{ rule: 'gpu', cost: usd('1.5') }],
        total: usd('12.75'),
        byDay: new Map([
          ['2026-11-01', usd('1')],
          ['2026-11-02', usd('11.75')],
        ]),
        byService: [
          { service: 'Amazon EC2', cost: usd('10.25') },
          { service: 'Amazon S3', cost: usd('1') },
        ],
      },
    ]);
    expect([...(allocation.projects[1]?.byDay.keys() ?? [])]).toEqual(['2026-11-01', '2026-11-02']);
    expect(allocation.unowned).toEqual({
      total: usd('9'),
      byService: [
        { service: 'Amazon EC2', cost: usd('7') },
        { service: 'AWS Support (Business)', cost: usd('2') },
      ],
    });
    expect(allocation.idle).toBe(0n);
  });

  it('takes a line of a rule that it is not given for one without a rule', () => {
    const allocation = allocate({
      bill: bill([line('fraud', '2026-11-01', '1', 'old'), line('', '2026-11-01', '2', 'old')]),
      rules: [],
      usage: NONE,
      projects: [],
    });
    expect(allocation.projects[0]?.direct).toBe(usd('1'));
    expect(allocation.unowned.total).toBe(usd('2'));
  });

  it('takes from a project what a rule names of it', () => {
    const { projects: owners } = allocate({
      bill: bill([
        line('platform', '2026-11-01', '90', 'gpu'),
        line('platform', '2026-11-01', '10'),
        ...DIRECT,
      ]),
      rules: [rule({ by: 'direct' })],
      usage: NONE,
      projects: projects('platform'),
    });
    expect(sharesOf(owners.map(({ project, total }) => ({ project, cost: total })))).toEqual({
      // 300/410, 100/410 and 10/410 of 90: 65.8536585…, 21.9512195… and 2.1951219….
      fraud: 365.853659,
      recsys: 121.951219,
      platform: 12.195122,
    });
  });
});

describe('ways to split', () => {
  const cost = line('', '2026-11-02', '100', 'gpu');

  it('all to one project', () => {
    const outcome = outcomeOf(rule({ by: 'project', project: 'platform' }), [cost]);
    expect(outcome).toMatchObject({ shares: { platform: 100 }, explained: ['All of it goes to platform.'] });
  });

  it('evenly, among all of the policy file or those that are named', () => {
    expect(outcomeOf(rule({ by: 'even' }), [cost])).toMatchObject({
      shares: { fraud: 33.333334, recsys: 33.333333, search: 33.333333 },
      explained: ['Each of 3 projects gets the same: fraud, recsys and search.'],
      fallbacks: [],
      samples: undefined,
    });
    expect(outcomeOf(rule({ by: 'even' }, { among: ['other', 'fraud'] }), [cost]).shares).toEqual({
      fraud: 50,
      other: 50,
    });
  });

  it('by weights', () => {
    const outcome = outcomeOf(rule({ by: 'weights', weights: { fraud: 0.3, recsys: 0.1 } }), [cost]);
    expect(outcome.shares).toEqual({ fraud: 75, recsys: 25 });
    expect(outcome.explained).toEqual(['Split by fixed weights: fraud 0.3 and recsys 0.1.']);
  });

  it('by direct spend of the whole period, whatever the day', () => {
    const outcome = outcomeOf(rule({ by: 'direct' }), [...DIRECT, line('search', '2026-11-05', '-50'), cost]);
    expect(outcome.shares).toEqual({ fraud: 75, recsys: 25 });
    expect(outcome.explained).toEqual([
      'Split in proportion to what each project spends directly from 2026-11-01 to 2026-11-30, $400.00 in all, before anything shared.',
    ]);
    const some = outcomeOf(rule({ by: 'direct' }, { among: ['recsys', 'search'] }), [...DIRECT, cost]);
    expect(some.shares).toEqual({ recsys: 100 });
  });

  it('evenly where nobody spends anything directly', () => {
    expect(outcomeOf(rule({ by: 'direct' }, { among: ['fraud', 'recsys'] }), [cost])).toMatchObject({
      shares: { fraud: 50, recsys: 50 },
      fallbacks: ['Nobody spends anything directly: all of it is split evenly among fraud and recsys.'],
    });
  });

  it('as a line of its own where there is no project at all', () => {
    const { rules, idle } = allocate({
      bill: bill([cost]),
      rules: [rule({ by: 'even' })],
      usage: NONE,
      projects: [],
    });
    expect(idle).toBe(usd('100'));
    expect(rules[0]?.fallbacks).toEqual([
      'All of it is a line of its own, since there is no project to give it to.',
    ]);
  });

  it('tells what each share is by', () => {
    const { rules } = allocate({
      bill: bill([...DIRECT, cost]),
      rules: [rule({ by: 'direct' })],
      usage: NONE,
      projects: [],
    });
    expect(rules[0]?.basisUnit).toBe('USD spent directly');
    expect(rules[0]?.shares).toEqual([
      { project: 'fraud', cost: usd('75'), percent: 75, basis: 300, interval: undefined },
      { project: 'recsys', cost: usd('25'), percent: 25, basis: 100, interval: undefined },
    ]);
  });
});

describe('a split by usage', () => {
  const days = [line('', '2026-11-02', '100', 'gpu'), line('', '2026-11-03', '60', 'gpu')];
  const used = usage([
    ['2026-11-02T01:00:00Z', 'fraud', 30],
    ['2026-11-02T09:00:00Z', 'recsys', 10],
    ['2026-11-02T23:59:59Z', 'fraud', 0],
    ['2026-11-03T00:00:00Z', 'recsys', 10],
    ['2026-12-01T00:00:00Z', 'search', 1e6],
  ]);

  it('splits each day by its own use', () => {
    const outcome = outcomeOf(rule(byUsage()), days, used);
    expect(outcome.shares).toEqual({ fraud: 75, recsys: 85 });
    expect(outcome).toMatchObject({ idle: 0, fallbacks: [] });
    expect(outcome.explained).toEqual([
      'Split by GPU-seconds (usage gpu), each UTC day by its own use: 50 in all.',
    ]);
  });

  it('splits the whole period at once', () => {
    const outcome = outcomeOf(rule(byUsage({ per: 'period' })), days, used);
    expect(outcome.shares).toEqual({ fraud: 96, recsys: 64 });
    expect(outcome.explained[0]).toBe(
      'Split by GPU-seconds (usage gpu), all of 2026-11-01 to 2026-11-30 at once: 50 in all.',
    );
  });

  it('makes what is left of the capacity a line of its own', () => {
    // 48 a day: 40 and 10 of them are used.
    const outcome = outcomeOf(rule(byUsage({ capacityPerHour: 2 })), days, used);
    expect(outcome.shares).toEqual({ fraud: 62.5, recsys: 33.333333 });
    expect(outcome.idle).toBe(64.166667);
    expect(outcome.explained.slice(1)).toEqual([
      '2 GPU-seconds can be used in an hour.',
      '47.9% was idle: that is a line of its own.',
    ]);
  });

  it('spreads it, or gives it to one project', () => {
    const spread = outcomeOf(rule(byUsage({ capacityPerHour: 2, idle: 'spread' })), days, used);
    expect(spread.shares).toEqual({ fraud: 75, recsys: 85 });
    const given = outcomeOf(rule(byUsage({ capacityPerHour: 2, idle: { project: 'recsys' } })), days, used);
    expect(given.shares).toEqual({ fraud: 62.5, recsys: 97.5 });
    expect(given.explained[2]).toBe('47.9% was idle: that goes to recsys.');
    expect([spread.idle, given.idle]).toEqual([0, 0]);
  });

  it('takes measured idleness for a part of the capacity', () => {
    const idle = (amount: number, capacityPerHour?: number) =>
      outcomeOf(
        rule(byUsage(capacityPerHour === undefined ? {} : { capacityPerHour })),
        days.slice(0, 1),
        usage([
          ['2026-11-02T01:00:00Z', 'fraud', 40],
          ['2026-11-02T02:00:00Z', 'idle', amount],
        ]),
      ).idle;
    expect(idle(10)).toBe(20);
    expect(idle(8, 2)).toBe(16.666667);
    expect(idle(10, 2)).toBe(20);
  });

  it('has nothing idle where more was used than the capacity, and says so', () => {
    const outcome = outcomeOf(rule(byUsage({ capacityPerHour: 1 })), days, used);
    expect(outcome.idle).toBe(35);
    expect(outcome.fallbacks).toEqual([
      'On 2026-11-02 more was used than the capacity: nothing is idle then.',
    ]);
  });

  it('makes those who share it pay for what others use, but not for what is idle', () => {
    // A fifth is idle; of the rest fraud pays three quarters.
    const some = usage([
      ['2026-11-02T01:00:00Z', 'fraud', 15],
      ['2026-11-02T01:00:00Z', 'recsys', 5],
      ['2026-11-02T01:00:00Z', 'search', 20],
      ['2026-11-02T01:00:00Z', 'idle', 10],
    ]);
    const outcome = outcomeOf(rule(byUsage(), { among: ['recsys', 'fraud'] }), days.slice(0, 1), some);
    expect(outcome).toMatchObject({ shares: { fraud: 60, recsys: 20 }, idle: 20 });
    expect(outcome.explained[1]).toBe('Shared by fraud and recsys alone.');
  });

  it('tells of tenants that are no projects of the policy file, and hands on what was read', () => {
    const { notes } = allocate({
      bill: bill(days, { notes: ['Cost Explorer: 2 requests.'] }),
      rules: [rule(byUsage())],
      usage: usage([['2026-11-02T01:00:00Z', 'fruad', 1]], { notes: ['3 lines were left out.'] }),
      projects: projects('fraud'),
    });
    expect(notes).toEqual([
      'Cost Explorer: 2 requests.',
      '3 lines were left out.',
      'The usage gpu names what is no project of the policy file: fruad.',
    ]);
  });
});

describe('days that nobody used', () => {
  const days = ['2026-11-02', '2026-11-03', '2026-11-04', '2026-11-06'].map((day) =>
    line('', day, '30', 'gpu'),
  );
  const used = usage([['2026-11-02T01:00:00Z', 'fraud', 5]]);
  const unused = '2026-11-03 to 2026-11-04 and 2026-11-06';

  it.each([
    [byUsage(), { fraud: 30 }, 90, `On ${unused} nobody used it: $90.00 is idle, a line of its own.`],
    [
      byUsage({ idle: { project: 'platform' } }),
      { fraud: 30, platform: 90 },
      0,
      `On ${unused} nobody used it: $90.00 is idle and goes to platform.`,
    ],
    [byUsage({ idle: 'spread' }), { fraud: 120 }, 0, `On ${unused} nobody used it: $90.00 goes to fraud.`],
    [
      byUsage({ whenUnused: 'even' }),
      { fraud: 60, recsys: 30, search: 30 },
      0,
      `On ${unused} nobody used it: $90.00 is split evenly among fraud, recsys and search.`,
    ],
    [
      byUsage({ whenUnused: 'direct' }),
      { fraud: 97.5, recsys: 22.5 },
      0,
      `On ${unused} nobody used it: $90.00 is split in proportion to direct spend.`,
    ],
  ])('go where the rule says: %o', (split, shares, idle, says) => {
    const outcome = outcomeOf(rule(split), [...DIRECT, ...days], used);
    expect(outcome).toMatchObject({ idle, fallbacks: [says] });
    expect(outcome.shares).toEqual(shares);
  });

  it('are the whole period where shares are reckoned by the period', () => {
    const outcome = outcomeOf(rule(byUsage({ per: 'period', whenUnused: 'even' })), days);
    expect(outcome.fallbacks).toEqual([
      'From 2026-11-01 to 2026-11-30 nobody used it: $120.00 is split evenly among fraud, recsys and search.',
    ]);
  });

  it('are all days where no usage of that name was read', () => {
    const outcome = outcomeOf(rule(byUsage({ idle: 'spread' })), days.slice(0, 1), new Map());
    expect(outcome.shares).toEqual({ fraud: 10, recsys: 10, search: 10 });
    expect(outcome.fallbacks).toEqual([
      'Of the usage gpu nothing is known: $30.00 is split evenly among fraud, recsys and search.',
    ]);
  });

  it('are not told of where nothing was charged', () => {
    expect(outcomeOf(rule(byUsage()), []).fallbacks).toEqual([]);
  });
});

describe('dimensions', () => {
  const dimension = (project: string, value: string, cost: string, of?: string) => ({
    day: '2026-11-01',
    project,
    rule: of,
    value,
    cost: usd(cost),
  });

  it('spread what is shared as each project spends, and sum to the bill', () => {
    const { dimensions, total } = allocate({
      bill: bill(
        [
          line('fraud', '2026-11-01', '40'),
          line('search', '2026-11-01', '0'),
          line('', '2026-11-01', '5'),
          line('', '2026-11-01', '90', 'gpu'),
        ],
        {
          dimensions: new Map([
            [
              'environment',
              [
                dimension('fraud', 'prod', '30'),
                dimension('fraud', 'dev', '10'),
                dimension('', 'dev', '5'),
                dimension('', 'prod', '90', 'gpu'),
              ],
            ],
          ]),
        },
      ),
      // A day of 24, of which 8 and 8 are used.
      rules: [rule(byUsage({ capacityPerHour: 1 }))],
      usage: usage([
        ['2026-11-01T00:00:00Z', 'fraud', 8],
        ['2026-11-01T00:00:00Z', 'search', 8],
      ]),
      projects: projects('fraud', 'search'),
    });
    expect(total).toBe(usd('135'));
    expect(dimensions.get('environment')).toEqual([
      // What search got, and what is idle.
      { value: '', direct: usd('0'), shared: usd('60'), total: usd('60') },
      { value: 'prod', direct: usd('30'), shared: usd('22.5'), total: usd('52.5') },
      { value: 'dev', direct: usd('15'), shared: usd('7.5'), total: usd('22.5') },
    ]);
  });

  it('show what their lines do not tell as having no value', () => {
    const { dimensions } = allocate({
      bill: bill([line('fraud', '2026-11-01', '40'), line('recsys', '2026-11-01', '2')], {
        dimensions: new Map([['model', [dimension('fraud', 'scorer', '39')]]]),
      }),
      rules: [],
      usage: NONE,
      projects: [],
    });
    expect(dimensions.get('model')?.map(({ value, total }) => [value, total])).toEqual([
      ['scorer', usd('39')],
      ['', usd('3')],
    ]);
  });
});

describe('reconciliation', () => {
  const charge = (called: string, amortized: string, unblended: string, isSpend: boolean): ChargeTotal => ({
    charge: isSpend ? 'usage' : 'credit',
    called,
    amortized: usd(amortized),
    unblended: usd(unblended),
    isSpend,
  });

  it('holds what was allocated against the bill’s own totals', () => {
    const charges = [charge('Usage', '135.01', '140', true), charge('Credit', '-20', '-20', false)];
    const { reconciliation } = allocate({
      bill: bill(
        [...DIRECT.map((one) => ({ ...one, cost: usd('45') })), line('', '2026-11-01', '45', 'gpu')],
        {
          charges,
        },
      ),
      rules: [rule(byUsage())],
      usage: NONE,
      projects: [],
      ledger: usd('130'),
    });
    expect(reconciliation).toEqual({
      allocated: usd('135'),
      lines: usd('135'),
      charges,
      spend: usd('135.01'),
      difference: usd('0.01'),
      notSpend: usd('-20'),
      invoiced: usd('120'),
      ledger: usd('130'),
    });
  });

  it('does not make up what the source does not tell', () => {
    const { reconciliation } = allocate({ bill: bill(DIRECT), rules: [], usage: NONE, projects: [] });
    expect(reconciliation).toMatchObject({
      allocated: usd('400'),
      spend: undefined,
      difference: undefined,
      notSpend: 0n,
      invoiced: undefined,
      ledger: undefined,
    });
  });
});
