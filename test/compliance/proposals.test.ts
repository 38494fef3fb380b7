import { describe, expect, it } from 'vitest';
import { proposeTags, type TagProposal } from '../../lib/compliance/proposals.ts';
import type { Policy, Tags } from '../../lib/policy/policy.ts';
import { MEMBER, policyWith, REQUIRED, resource } from './fixtures.ts';

const policy = policyWith(REQUIRED);
const good = { project: 'recsys', owner: 'team-beta', environment: 'dev' };

const proposed = (tags: Tags, of: Policy = policy): readonly TagProposal[] =>
  proposeTags(of, [resource('i-1', tags)]);
/** The tags that are proposed, with how sure it is. */
const brief = (tags: Tags, of: Policy = policy): readonly unknown[] =>
  proposed(tags, of).map(({ set, confidence }) => [set, confidence]);
const without = (key: keyof typeof good, others: Tags = {}): Tags => {
  const { [key]: _, ...rest } = good;
  return { ...rest, ...others };
};

describe('a proposal', () => {
  it('is whole: what is set, what stands there, why, and which policy then applies', () => {
    expect(proposed({ ...good, environment: ' PROD' })).toEqual([
      {
        arn: 'arn:aws:ec2:us-east-1:111122223333:instance/i-1',
        region: 'us-east-1',
        kind: 'ec2-instance',
        id: 'i-1',
        set: { environment: 'prod' },
        was: { environment: ' PROD' },
        why: 'Its tag "environment" says " PROD", which differs from "prod" in upper case or spaces alone.',
        confidence: 'sure',
        policy: { from: undefined, to: 'production' },
      },
    ]);
  });

  it('is not made of what is as it should be, nor of a member of a group', () => {
    expect(proposed({ ...good, Project: 'vision', OWNER: 'somebody' })).toEqual([]);
    expect(proposeTags(policy, [resource('i-1', without('project', { Project: 'vision' }), MEMBER)])).toEqual(
      [],
    );
  });

  it('is not made of tags that nobody requires', () => {
    expect(brief({ Project: 'recsys' }, policyWith('{ environment: [dev] }'))).toEqual([]);
  });
});

describe('the same tag under another key', () => {
  it.each(['Project', 'PROJECT', 'pro-ject', 'project:'])('%s is surely meant', (key) => {
    expect(brief(without('project', { [key]: 'vision' }))).toEqual([[{ project: 'vision' }, 'sure']]);
  });

  it.each([
    ['project-name', 'vision'],
    ['ProjectName', 'vision'],
    ['project-id', 'vision'],
    ['projetc', 'vision'],
    ['Project', 'visoin'],
    ['Project', 'Vision!'],
  ])('%s: %s is likely meant', (key, value) => {
    expect(brief(without('project', { [key]: value }))).toEqual([[{ project: 'vision' }, 'likely']]);
  });

  it.each([
    ['subproject', 'vision'],
    ['project-code', 'vision'],
    ['aws:project', 'vision'],
    ['AWS:Project', 'vision'],
    ['Project', 'unheard-of'],
    ['Project', ' '],
    // Two guesses make no evidence.
    ['projetc', 'visoin'],
  ])('%s: %s is not', (key, value) => {
    expect(brief(without('project', { [key]: value }))).toEqual([]);
  });

  it('may be in the way of itself', () => {
    expect(brief(without('project', { Project: 'vision', PROJECT: 'recsys' }))).toEqual([]);
    expect(brief(without('project', { Project: 'vision', PROJECT: 'Vision' }))).toEqual([
      [{ project: 'vision' }, 'sure'],
    ]);
    // The surer of two, but with a doubt.
    expect(brief(without('project', { Project: 'vision', 'project-name': 'recsys' }))).toEqual([
      [{ project: 'vision' }, 'likely'],
    ]);
  });

  it('gives any value where any will do, but by a key that is surely meant or off by one letter', () => {
    const team = policyWith('{ owner: any, cost-center: any }');
    expect(brief({ Owner: ' bob ', CostCenter: '42' }, team)).toEqual([
      [{ owner: 'bob' }, 'sure'],
      [{ 'cost-center': '42' }, 'sure'],
    ]);
    expect(brief({ owners: 'bob', 'cost-center': '1' }, team)).toEqual([[{ owner: 'bob' }, 'likely']]);
    expect(brief({ power: 'on', 'cost-center': '1' }, team)).toEqual([]);
    // What not every service of AWS takes as a value.
    expect(brief({ Owner: 'bob, ana', 'cost-center': '1' }, team)).toEqual([]);
  });

  it('leaves to other required tags what is theirs', () => {
    expect(
      brief({ project: 'recsys', projects: 'vision' }, policyWith('{ project: any, projects: [a] }')),
    ).toEqual([]);
  });

  it('knows env', () => {
    expect(brief(without('environment', { env: 'dev' }))).toEqual([[{ environment: 'dev' }, 'likely']]);
    expect(brief(without('environment', { Env: 'development' }))).toEqual([]);
  });
});

describe('a wrong value', () => {
  it.each([
    ['Recsys', 'recsys', 'sure'],
    ['  recsys ', 'recsys', 'sure'],
    ['RECSYS', 'recsys', 'sure'],
    ['fraud detection', 'fraud-detection', 'likely'],
    ['FraudDetection', 'fraud-detection', 'likely'],
    ['recsis', 'recsys', 'likely'],
    ['fraud-detecton', 'fraud-detection', 'likely'],
  ])('of the project, %s, means %s', (value, project, confidence) => {
    expect(brief({ ...good, project: value })).toEqual([[{ project }, confidence]]);
  });

  it.each(['recommender', 'fraud', 'visionary', '!!!', 'fraud-ops'])(
    'of the project, %s, means nothing',
    (value) => {
      expect(brief({ ...good, project: value })).toEqual([]);
    },
  );

  it.each([
    ['production', 'prod', 'likely'],
    ['Development', 'dev', 'likely'],
    ['stagng', 'staging', 'likely'],
    ['Staging', 'staging', 'sure'],
  ])('of a list, %s, means %s', (value, environment, confidence) => {
    expect(brief({ ...good, environment: value })).toEqual([[{ environment }, confidence]]);
  });

  it('that two are alike to means neither', () => {
    const levels = policyWith('{ level: [Dev, dev, l-1, l1, cat, car] }');
    for (const level of ['DEV', 'L 1', 'cap']) expect(brief({ level }, levels)).toEqual([]);
    expect(brief({ level: 'L1' }, levels)).toEqual([[{ level: 'l1' }, 'sure']]);
  });

  it('is overwritten by another tag where a person says so alone', () => {
    expect(brief({ ...good, project: 'unheard-of', Project: 'vision' })).toEqual([
      [{ project: 'vision' }, 'likely'],
    ]);
  });
});

describe('the owner', () => {
  it('is that of the project in the policy file', () => {
    expect(proposed(without('owner'))).toMatchObject([
      {
        set: { owner: 'team-beta' },
        confidence: 'sure',
        why: 'Its project "recsys" is owned by "team-beta" in the policy file.',
      },
    ]);
    expect(brief(without('owner', { project: 'vision' }))).toEqual([]);
    expect(brief(without('owner', { project: 'constructor' }))).toEqual([]);
  });

  it('is what another tag of the resource says, before', () => {
    expect(brief(without('owner', { Owner: 'bob' }))).toEqual([[{ owner: 'bob' }, 'sure']]);
  });

  it('goes with a project that is a guess, and is sure beside one that is not', () => {
    expect(brief({ environment: 'dev', project: 'recsis' })).toEqual([
      [{ project: 'recsys', owner: 'team-beta' }, 'likely'],
    ]);
    expect(brief({ environment: 'dev', Project: 'recsys' })).toEqual([
      [{ project: 'recsys' }, 'sure'],
      [{ owner: 'team-beta' }, 'sure'],
    ]);
  });

  it('must be allowed itself, and replaces another one only where a person says so', () => {
    expect(brief(without('owner'), policyWith('{ owner: [platform] }'))).toEqual([]);
    expect(brief({ ...good, owner: 'bob' }, policyWith('{ owner: [team-beta] }'))).toEqual([
      [{ owner: 'team-beta' }, 'likely'],
    ]);
  });
});

describe('the creator', () => {
  const by = (creator: string, tags: Tags): Tags => ({
    owner: 'x',
    environment: 'dev',
    'bursar:creator': creator,
    ...tags,
  });
  const propose = (...tags: readonly Tags[]) =>
    proposeTags(
      policy,
      tags.map((some, n) => resource(`i-${n}`, some)),
    ).map(({ id, set, confidence, why }) => [id, set, confidence, why]);

  it('tells the project for which they made all else', () => {
    expect(
      propose(by('ana', {}), by('ana', { project: 'vision' }), by('bob', { project: 'recsys' })),
    ).toEqual([
      [
        'i-0',
        { project: 'vision' },
        'likely',
        'It was made by "ana", whose other resource is of project "vision".',
      ],
    ]);
    expect(
      propose(by('ana', {}), by('ana', { project: 'vision' }), by('ana', { Project: 'vision' })),
    ).toEqual([
      [
        'i-0',
        { project: 'vision' },
        'likely',
        'It was made by "ana", whose 2 other resources are all of project "vision".',
      ],
      ['i-2', { project: 'vision' }, 'sure', 'Its tag "Project" says "vision".'],
    ]);
  });

  it('tells nothing where they work for several, or for none that is known', () => {
    expect(
      propose(by('ana', {}), by('ana', { project: 'vision' }), by('ana', { project: 'recsys' })),
    ).toEqual([]);
    expect(propose(by('ana', {}), by('ana', { project: 'stranger' }))).toEqual([]);
    expect(
      propose(by('ana', {}), by('ana', { project: 'vision' }), by('ana', { project: 'stranger' })),
    ).toEqual([]);
    expect(propose(by('ana', {}), by('ana', {}))).toEqual([]);
    expect(propose(by(' ', {}), by(' ', { project: 'vision' }))).toEqual([]);
    expect(propose({ owner: 'x', environment: 'dev' }, { ...good })).toEqual([]);
  });

  it('overrules nothing that is there', () => {
    expect(propose(by('ana', { project: 'stranger' }), by('ana', { project: 'vision' }))).toEqual([]);
  });
});

it('never proposes a tag of AWS, nor a value that AWS would refuse', () => {
  expect(
    brief({ 'AWS-team': 'x', 'aws team': 'y' }, policyWith('{ "aws:team": any, "Aws:x": [a] }')),
  ).toEqual([]);
  expect(brief({ level: 'A*' }, policyWith('{ level: ["a*"] }'))).toEqual([]);
});
