import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { budgetName, budgetThresholds, matchPolicy, projectOf } from '../../lib/policy/policy.ts';

const policy = parsePolicy(
  [
    'version: 1',
    'tags: { project: team, environment: env }',
    'projects: { a: { budget: 10 USD }, b: { budget: 10 USD } }',
    'policies:',
    '  - { name: prod, match: { environment: [prod, live] }, budget: [ { at: 90%, do: notify } ] }',
    '  - { name: a-dev, match: { project: a, env: dev }, budget: [ { at: 50%, of: forecasted, do: notify }, { at: 100%, do: stop } ] }',
    '  - { name: gpu, match: { constructor: gpu }, idle: off }',
    '  - { name: b, match: { team: b }, budget: [ { at: 90%, do: stop }, { at: 120%, do: freeze } ] }',
  ].join('\n'),
  'p.yaml',
);

describe('matchPolicy', () => {
  it.each([
    [{ env: 'live', team: 'a' }, 'prod'],
    [{ env: 'dev', team: 'a' }, 'a-dev'],
    [{ env: 'dev', team: 'b' }, 'b'],
    [{ environment: 'prod' }, undefined],
    [{ env: 'Prod' }, undefined],
    [{ constructor: 'gpu' }, 'gpu'],
    [{}, undefined],
  ])('takes the first policy whose every key is met: %j → %s', (tags, name) => {
    expect(matchPolicy(policy, tags)?.name).toBe(name);
  });
});

describe('projectOf', () => {
  it.each([
    [{ team: 'a' }, 'a'],
    [{ team: ' unknown ' }, ' unknown '],
    [{ team: ' ' }, undefined],
    [{ project: 'a' }, undefined],
  ])('%j → %s', (tags, project) => {
    expect(projectOf(policy, tags)).toBe(project);
  });
});

describe('budgetThresholds', () => {
  it('are those of the policies that can concern the project, each once and in order', () => {
    expect(budgetThresholds(policy, 'a')).toEqual([
      { at: 90, of: 'actual', per: 'month' },
      { at: 100, of: 'actual', per: 'month' },
      { at: 50, of: 'forecasted', per: 'month' },
    ]);
    expect(budgetThresholds(policy, 'b')).toEqual([
      { at: 90, of: 'actual', per: 'month' },
      { at: 120, of: 'actual', per: 'month' },
    ]);
  });
});

describe('the name of a budget', () => {
  it('changes with its thresholds, and with nothing else of the policy', () => {
    const name = budgetName(policy, 'a b');
    expect(name).toMatch(/^bursar-a b-[0-9a-f]{8}$/);
    expect(
      budgetName(
        { ...policy, policies: policy.policies.map((one) => ({ ...one, name: `${one.name}!` })) },
        'a b',
      ),
    ).toBe(name);
    expect(
      budgetName({ ...policy, policies: policy.policies.map((one) => ({ ...one, budget: [] })) }, 'a b'),
    ).not.toBe(name);
  });
});
