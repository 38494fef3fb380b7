import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  listsFromJson,
  listsToJson,
  type PlanLists,
  planHash,
  planHashOf,
  planLists,
  policyHash,
  UNTAGGED_LIST,
} from '../../lib/plan/hash.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { dev, development, idleRule, instance, policyOf, production, stopAt100 } from '../decide/fixtures.ts';

const EXAMPLE = readFileSync('bursar.yaml', 'utf8');
const example = (change: (text: string) => string = (same) => same): Policy =>
  parsePolicy(change(EXAMPLE), 'bursar.yaml');
const swap = (from: string, to: string) => (text: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe('the hash of a policy', () => {
  it('is the same for the same meaning, however it is written', () => {
    const hash = policyHash(example());
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    const same = [
      (text: string) => text.replaceAll(/^ *#.*\n/gm, ''),
      swap('environment: [dev, staging]', 'environment: [staging, dev]'),
      swap('after: 24h', 'after: 1d'),
      swap('{ owner: team-gamma, budget: 2500 USD }', '{ budget: 2500.00 USD, owner: "team-gamma" }'),
      swap('timezone: UTC', ''),
    ];
    for (const change of same) expect(policyHash(example(change))).toBe(hash);
  });

  it('is not of whether an approval is required, so that a plan can be approved before that', () => {
    expect(policyHash(example(swap('approval: off', 'approval: required')))).toBe(policyHash(example()));
  });

  it('is not of how costs are allocated, by which reports alone go', () => {
    expect(policyHash(example(swap('split: direct', 'split: even')))).toBe(policyHash(example()));
  });

  const edits: readonly (readonly [string, string])[] = [
    ['4000 USD', '4000.01 USD'],
    ['after: 30m, warn: 10m', 'after: 30m, warn: 9m'],
    ['cpu: 10%', 'cpu: 9%'],
    ['[dev, staging]', '[dev]'],
    ['launch: stop', 'launch: notify'],
    ['at: 120%, of: actual, do: freeze', 'at: 120%, of: actual, do: stop'],
    ['name: production', 'name: productive'],
    ['maxStopsPerSweep: 25', 'maxStopsPerSweep: 26'],
    ['regions: [us-east-1]', 'regions: [us-east-1, eu-west-1]'],
    ['operators: [S0613PLT4]', 'operators: [S0613PLT5]'],
    ['untagged: { after: 24h, do: notify }', 'untagged: { after: 24h, do: stop }'],
    ['keepUntil: bursar:keep-until', 'keepUntil: keep'],
  ];
  it.each(edits)('changes with %s → %s', (from, to) => {
    expect(policyHash(example(swap(from, to)))).not.toBe(policyHash(example()));
  });

  it('knows the order of policies, since the first that matches counts', () => {
    const policies = [development(), production];
    expect(policyHash(policyOf(policies))).not.toBe(policyHash(policyOf(policies.toReversed())));
  });

  it('takes names that an object has by itself for names', () => {
    const named = (name: string) => policyOf([development({ match: { [name]: ['dev'] } })]);
    const hashes = ['constructor', 'toString', '1', '01', 'dev'].map((name) => policyHash(named(name)));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

const stopping = { afterSeconds: 7_200, do: 'stop', warnSeconds: 600 } as const;
const policy = policyOf([development(), production], { untagged: stopping });
const NONE: PlanLists = new Map();

describe('the lists of a plan', () => {
  const one = (change: Partial<Resource> = {}, under = policy) =>
    [...planLists(under, [instance('i-1', change)]).keys()][0];

  it.each([
    ['an idle stop', development(), 'development'],
    ['an idle notice', development({ idle: { ...idleRule, do: 'notify' } }), undefined],
    ['nothing', development({ idle: 'off' }), undefined],
    ['a stop and a freeze by budget', development({ idle: 'off', budget: stopAt100 }), 'development'],
    ['a freeze', development({ idle: 'off', budget: stopAt100.slice(2) }), 'development'],
    ['notices by budget', development({ idle: 'off', budget: stopAt100.slice(0, 1) }), undefined],
    ['launches undone', development({ idle: 'off', launch: 'stop' }), 'development'],
  ])('hold what the policy names for %s', (_rule, matched, list) => {
    expect(one({}, policyOf([matched]))).toBe(list);
  });

  it('hold it whether it runs or not, and whatever protects it now', () => {
    for (const state of ['running', 'stopped', 'transitional', 'failed'] as const) {
      expect(one({ state })).toBe('development');
    }
    expect(one({ protections: [{ code: 'stop-protection', detail: 'x' }] })).toBe('development');
    expect(one({ tags: { ...dev, 'bursar:keep-until': '2099-01-01' } })).toBe('development');
  });

  it('leave out what is managed by something else, and what the policy would have to allow', () => {
    expect(one({ protections: [{ code: 'auto-scaling-group', detail: 'x' }] })).toBeUndefined();
    expect(one({ consent: 'stop-jobs' })).toBeUndefined();
    expect(one({ consent: 'stop-jobs' }, policyOf([development({ allow: ['stop-jobs'] })]))).toBe(
      'development',
    );
    expect(one({ neverIdle: 'A job ends.' })).toBeUndefined();
    expect(one({ neverIdle: 'A job ends.' }, policyOf([development({ budget: stopAt100 })]))).toBe(
      'development',
    );
  });

  it('hold what has no project under a name that no policy can have', () => {
    expect(one({ tags: { environment: 'dev' } })).toBe(UNTAGGED_LIST);
    expect(one({ tags: { environment: 'prod' } }), 'production is spared').toBeUndefined();
    expect(one({ tags: {} }, policyOf([development()]))).toBeUndefined();
    expect(() =>
      parsePolicy(
        `version: 1\nprojects: {}\npolicies: [ { name: "${UNTAGGED_LIST}", match: {}, idle: off } ]`,
        'p.yaml',
      ),
    ).toThrow(/cannot be a policy's name/);
  });

  it('are none of what no policy names', () => {
    expect(one({ tags: { project: 'recsys', environment: 'other' } })).toBeUndefined();
    expect(planLists(policy, [])).toEqual(NONE);
  });
});

const anyFleet = fc.array(
  fc
    .record({
      id: fc.nat({ max: 9_999 }),
      project: fc.constantFrom('recsys', 'fraud', undefined),
      environment: fc.constantFrom('dev', 'prod', 'other', undefined),
    })
    .map(({ id, project, environment }) =>
      instance(`i-${id}`, {
        tags: {
          ...(project === undefined ? {} : { project }),
          ...(environment === undefined ? {} : { environment }),
        },
      }),
    ),
  { maxLength: 20 },
);

const anyLists = fc
  .dictionary(
    fc.string({ maxLength: 6 }).filter((name) => name !== '__proto__'),
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 }),
    { maxKeys: 3 },
  )
  .map((lists) => new Map(Object.entries(lists)));

describe('the hash of a plan', () => {
  it('does not know the order of resources, nor their repeats', () => {
    fc.assert(
      fc.property(anyFleet, fc.func(fc.nat()), (fleet, order) => {
        const shuffled = fleet.toSorted((a, b) => order(a.id) - order(b.id));
        const lists = planLists(policy, fleet);
        expect(planLists(policy, [...shuffled, ...fleet])).toEqual(lists);
        expect(planHash(policy, planLists(policy, shuffled))).toBe(planHash(policy, lists));
      }),
    );
  });

  it('is the same for the same lists in any order, and no other lists have it', () => {
    const meant = (lists: PlanLists) =>
      JSON.stringify([...lists].map(([name, arns]) => [name, [...arns].sort()]).sort());
    fc.assert(
      fc.property(anyLists, anyLists, (a, b) => {
        const reversed = new Map([...a].reverse().map(([name, arns]) => [name, arns.toReversed()]));
        expect(planHash(policy, reversed)).toBe(planHash(policy, a));
        expect(planHash(policy, a) === planHash(policy, b)).toBe(meant(a) === meant(b));
        expect(planHash(policy, listsFromJson(JSON.parse(JSON.stringify(listsToJson(a)))))).toBe(
          planHash(policy, a),
        );
      }),
    );
  });

  it('changes when one resource is added, taken away, or goes to another list', () => {
    fc.assert(
      fc.property(anyLists, fc.constantFrom('x', 'y'), (lists, name) => {
        const more = new Map([...lists, [name, [...(lists.get(name) ?? []), 'new']]]);
        const elsewhere = new Map([...lists, ['z', [...(lists.get('z') ?? []), 'new']]]);
        const hashes = [lists, more, elsewhere].map((some) => planHash(policy, some));
        expect(new Set(hashes).size).toBe(3);
      }),
    );
  });

  it('is that of the policy and the lists, and of nothing else', () => {
    const lists = planLists(policy, [instance('i-1')]);
    expect(planHash(policy, lists)).toBe(planHashOf(policyHash(policy), lists));
    expect(planHash(policyOf([development()]), lists)).not.toBe(planHash(policy, lists));
    expect(planHashOf(policyHash(policy), new Map([...lists, ['empty', []]]))).toBe(planHash(policy, lists));
  });

  it('of 10,000 resources takes no time', () => {
    const fleet = Array.from({ length: 10_000 }, (_, n) => instance(`i-${n}`));
    const begun = performance.now();
    expect(planLists(policy, fleet).get('development')).toHaveLength(10_000);
    planHash(policy, planLists(policy, fleet));
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
