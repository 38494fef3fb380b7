import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allHolders,
  awsBudgetName,
  budgetsOf,
  holderOf,
  holdersOf,
  type Level,
  levelText,
  levelTitle,
  modelOf,
  parseHolder,
  policiesOf,
  projectHolder,
  resourcesOf,
  teamsByBudget,
  thresholdsOf,
} from '../../lib/policy/levels.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { budgetName } from '../../lib/policy/policy.ts';
import { instance } from '../decide/fixtures.ts';

const policy = parsePolicy(
  `
version: 1
teams: { alpha: { budget: 900 USD, owners: [U0OLGA] }, beta: {} }
projects:
  fraud: { budget: 500 USD, team: alpha, models: { scorer: { budget: 50 USD }, ranker: { budget: { daily: 5 USD } } } }
  vision: { team: alpha }
  alone: { budget: 5 USD }
policies:
  - { name: scoring, match: { model: scorer }, budget: [{ at: 70%, of: estimated, do: stop }] }
  - { name: of-vision, match: { project: vision }, budget: [{ at: 90%, do: stop }] }
  - { name: of-alone, match: { project: alone }, budget: [{ at: 60%, do: stop }] }
  - { name: rest, match: {}, budget: [{ at: 100%, of: estimated, do: freeze }] }
`,
  'levels.yaml',
);

/** Names of the policy file hold no colon; a project's tag may say anything. */
const named = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes(':'));
const anyLevel: fc.Arbitrary<Level> = fc.oneof(
  fc.record({ level: fc.constant('team' as const), team: named }),
  fc.record({
    level: fc.constant('project' as const),
    project: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.tuple(fc.constantFrom('team', 'model', 'project'), named).map(([kind, rest]) => `${kind}:${rest}`),
    ),
  }),
  fc.record({ level: fc.constant('model' as const), project: named, model: named }),
);

describe('the text of a level', () => {
  it('is read back as it was written, and is no other level’s', () => {
    fc.assert(
      fc.property(anyLevel, anyLevel, (level, other) => {
        expect(parseHolder(holderOf(level))).toEqual(level);
        if (holderOf(level) === holderOf(other)) expect(other).toEqual(level);
      }),
    );
  });

  it('is a project’s name, which the ledger kept before there were others', () => {
    expect(projectHolder('recsys')).toBe('recsys');
    expect(holderOf({ level: 'team', team: 'alpha' })).toBe('team:alpha');
    expect(holderOf({ level: 'model', project: 'a/b', model: 'c' })).toBe('model:a/b:c');
  });

  it.each([
    ['recsys', 'project recsys', 'Project recsys'],
    ['team:alpha', 'team alpha', 'Team alpha'],
    ['model:fraud:scorer', 'model scorer of project fraud', 'Model scorer of project fraud'],
    ['project:team:alpha', 'project team:alpha', 'Project team:alpha'],
  ])('%s is for people %s', (holder, text, title) => {
    expect(levelText(holder)).toBe(text);
    expect(levelTitle(holder)).toBe(title);
  });
});

describe('what carries tags', () => {
  it.each([
    [{ project: 'fraud', model: 'scorer' }, ['model:fraud:scorer', 'fraud', 'team:alpha']],
    [{ project: 'fraud', model: 'unnamed' }, ['fraud', 'team:alpha']],
    [{ project: 'fraud', model: 'constructor' }, ['fraud', 'team:alpha']],
    [{ project: 'vision', model: 'scorer' }, ['vision', 'team:alpha']],
    [{ project: 'alone' }, ['alone']],
    [{ project: 'unknown', model: 'scorer' }, ['unknown']],
    // Whoever writes such a tag is of no team.
    [{ project: 'team:alpha' }, ['project:team:alpha']],
    [{ model: 'scorer' }, []],
  ])('%o counts for %o', (tags, holders) => {
    expect(holdersOf(policy, tags)).toEqual(holders);
  });

  it('is told apart by its model where that has limits', () => {
    expect(modelOf(policy, { project: 'fraud', model: 'scorer' })).toBe('scorer');
    expect(modelOf(policy, { project: 'fraud', model: 'unnamed' })).toBeUndefined();
    expect(modelOf(policy, { project: 'vision', model: 'scorer' })).toBeUndefined();
  });

  it('is found by its level', () => {
    const of = (id: string, project: string, model: string) => instance(id, { tags: { project, model } });
    const fleet = [
      of('i-1', 'fraud', 'scorer'),
      of('i-2', 'fraud', ''),
      of('i-3', 'vision', 'scorer'),
      of('i-4', 'alone', ''),
    ];
    const ids = (holder: string) => resourcesOf(fleet, holder, policy).map(({ id }) => id);
    expect(ids('team:alpha')).toEqual(['i-1', 'i-2', 'i-3']);
    expect(ids('fraud')).toEqual(['i-1', 'i-2']);
    expect(ids('model:fraud:scorer')).toEqual(['i-1']);
    expect(ids('team:beta')).toEqual([]);
  });
});

describe('a level', () => {
  it('has its own limits', () => {
    expect(budgetsOf(policy, 'team:alpha')?.budget).toBe(900_000_000n);
    expect(budgetsOf(policy, 'model:fraud:ranker')).toMatchObject({ daily: 5_000_000n });
    for (const none of ['team:constructor', 'model:fraud:toString', 'model:gone:scorer', 'gone']) {
      expect(budgetsOf(policy, none)).toBeUndefined();
    }
    expect(allHolders(policy)).toEqual([
      'model:fraud:scorer',
      'model:fraud:ranker',
      'fraud',
      'vision',
      'alone',
      'team:alpha',
      'team:beta',
    ]);
  });

  it.each([
    ['team:alpha', ['scoring', 'of-vision', 'rest']],
    ['fraud', ['scoring', 'rest']],
    ['model:fraud:scorer', ['scoring', 'rest']],
    ['model:fraud:ranker', ['rest']],
    ['team:beta', []],
  ])('%s goes by %o', (holder, names) => {
    expect(policiesOf(policy, holder).map(({ name }) => name)).toEqual(names);
  });

  it('of a team has the thresholds of all its projects’ policies, each once', () => {
    expect(thresholdsOf(policy, 'team:alpha').map(({ at }) => at)).toEqual([90]);
    expect(thresholdsOf(policy, 'team:alpha', 'meter').map(({ at }) => at)).toEqual([70, 100]);
  });

  it('is known by the name of its AWS Budget, but for a model', () => {
    expect(awsBudgetName(policy, 'fraud')).toBe(budgetName(policy, 'fraud'));
    expect(awsBudgetName(policy, 'model:fraud:scorer')).toBeUndefined();
    const name = awsBudgetName(policy, 'team:alpha') ?? '';
    expect(name).toMatch(/^bursar-team-alpha-[0-9a-f]{8}$/);
    expect(name).not.toBe(budgetName(policy, 'team-alpha'));
    expect(teamsByBudget(policy).get(name)).toBe('team:alpha');
  });
});
