import { describe, expect, it } from 'vitest';
import { coverage, problemsOf } from '../../lib/compliance/coverage.ts';
import { sumUsd } from '../../lib/types/money.ts';
import { MEMBER, policyWith, REQUIRED, resource, usd } from './fixtures.ts';

const policy = policyWith(REQUIRED);
const good = { project: 'recsys', owner: 'team-beta', environment: 'dev' };
const problems = (tags: Readonly<Record<string, string>>, of = policy) =>
  problemsOf(of, resource('i-1', tags)).map(({ key, problem, value }) => [key, problem, value]);

describe('what is wrong with a resource', () => {
  it('is nothing where it carries all required tags with allowed values', () => {
    expect(problems(good)).toEqual([]);
    expect(problems({ ...good, anything: 'else' })).toEqual([]);
  });

  it('is each tag that is missing, blank or not allowed, and a project that the policy does not name', () => {
    expect(problems({})).toEqual([
      ['project', 'missing', undefined],
      ['owner', 'missing', undefined],
      ['environment', 'missing', undefined],
    ]);
    expect(problems({ project: 'recsyss', owner: '  ', environment: 'Dev' })).toEqual([
      ['project', 'unknown-project', 'recsyss'],
      ['owner', 'missing', '  '],
      ['environment', 'not-allowed', 'Dev'],
    ]);
  });

  it('tells upper from lower case, in keys and values, as AWS does', () => {
    expect(problems({ Project: 'recsys', owner: 'x', environment: 'dev' })).toEqual([
      ['project', 'missing', undefined],
    ]);
    expect(problems({ ...good, project: 'Recsys' })).toEqual([['project', 'unknown-project', 'Recsys']]);
  });

  it('goes by the keys under `tags`', () => {
    const other = policyWith(REQUIRED, 'tags: { project: cost-center, environment: Stage }');
    expect(problems({ 'cost-center': 'recsys', owner: 'x', Stage: 'dev' }, other)).toEqual([]);
    expect(problems(good, other).map(([key]) => key)).toEqual(['cost-center', 'Stage']);
  });

  it('holds a list of projects to those of the list', () => {
    const other = policyWith('{ project: [recsys, gone] }');
    expect(problems({ project: 'recsys' }, other)).toEqual([]);
    expect(problems({ project: 'vision' }, other)).toEqual([['project', 'not-allowed', 'vision']]);
    expect(problems({ project: 'gone' }, other)).toEqual([['project', 'unknown-project', 'gone']]);
  });

  it('holds a tag that is required twice to both', () => {
    const other = policyWith(
      '{ environment: [dev, prod], stage: [dev, staging] }',
      'tags: { environment: stage }',
    );
    expect(problems({ stage: 'dev' }, other)).toEqual([]);
    expect(problems({ stage: 'prod' }, other)).toEqual([['stage', 'not-allowed', 'prod']]);
  });

  it('takes any project where the policy names none', () => {
    const none = { ...policyWith('{ project: any }'), projects: {} };
    expect(problems({ project: 'whatever' }, none)).toEqual([]);
    expect(problems({ project: ' ' }, none)).toEqual([['project', 'missing', ' ']]);
  });

  it('finds no tag by accident', () => {
    expect(problems({}, policyWith('{ constructor: any }'))).toEqual([['constructor', 'missing', undefined]]);
  });
});

describe('coverage', () => {
  it('counts resources and dollars, by project and for the account', () => {
    const { account, projects } = coverage(policy, [
      resource('i-1', good, { hourly: usd('3') }),
      resource('i-2', { project: 'recsys', environment: 'test' }, { hourly: usd('0.000001') }),
      resource('i-3', good, { state: 'stopped', hourly: usd('40') }),
      resource('i-4', {}, { hourly: usd('6') }),
      resource('i-5', {}, { hourly: undefined }),
      resource('i-6', { ...good, project: 'stranger' }),
      // Priced or not: of the compliant ones it is no matter.
      resource('i-8', { ...good, project: 'vision' }, { hourly: undefined }),
      resource('i-7', {}, { ...MEMBER, hourly: usd('1000') }),
    ]);
    expect(account).toEqual({
      resources: 7,
      compliant: 3,
      byCount: 42.8,
      hourly: usd('10.006001'),
      compliantHourly: usd('3'),
      byCost: 29.9,
      unpriced: 1,
      lacking: [
        { key: 'project', missing: 2, wrong: 1 },
        { key: 'owner', missing: 3, wrong: 0 },
        { key: 'environment', missing: 2, wrong: 1 },
      ],
    });
    expect([...projects.keys()]).toEqual(['recsys', '', 'stranger', 'vision']);
    // All but a micro-dollar is not all.
    expect(projects.get('recsys')).toMatchObject({ resources: 3, compliant: 2, byCount: 66.6, byCost: 99.9 });
    expect(projects.get('')).toMatchObject({
      resources: 2,
      compliant: 0,
      byCount: 0,
      byCost: 0,
      unpriced: 1,
    });
    expect(sumUsd([...projects.values()].map(({ hourly }) => hourly))).toBe(account.hourly);
  });

  it('of nothing is whole', () => {
    const { account, projects } = coverage(policy, []);
    expect(account).toMatchObject({ resources: 0, compliant: 0, byCount: 100, byCost: 100 });
    expect(projects.size).toBe(0);
  });

  it('by cost says nothing against what costs nothing now', () => {
    const { account } = coverage(policy, [resource('i-1', {}, { state: 'stopped' })]);
    expect(account).toMatchObject({ byCount: 0, byCost: 100 });
  });
});
