import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayApprove, mayRelease, standingOf } from '../../lib/people/may.ts';
import { policy as base } from '../alerts/fixtures.ts';

const policy = {
  ...base,
  operators: ['UOPS', 'SOPS'],
  projects: {
    recsys: { name: 'recsys', owners: ['UOLGA', 'SOWNERS'], members: ['UANA', 'STEAM'], freezeRoles: [] },
    fraud: { name: 'fraud', owners: [], members: [], freezeRoles: [] },
  },
};
const groups = new Map([
  ['SOPS', new Set(['UPAT'])],
  ['SOWNERS', new Set(['UOTTO'])],
  ['STEAM', new Set(['UTIM'])],
]);
const slack = (id: string) => ({ via: 'slack', id }) as const;

it.each([
  ['UOPS', 'recsys', 'operator'],
  ['UPAT', 'recsys', 'operator'],
  ['UOLGA', 'recsys', 'owner'],
  ['UOTTO', 'recsys', 'owner'],
  ['UANA', 'recsys', 'member'],
  ['UTIM', 'recsys', 'member'],
  ['UEVE', 'recsys', 'none'],
  ['UOPS', 'fraud', 'operator'],
  ['UOLGA', 'fraud', 'none'],
  ['UANA', undefined, 'none'],
  ['UOPS', undefined, 'operator'],
  ['UANA', 'constructor', 'none'],
  ['STEAM', 'recsys', 'none'],
  ['', 'recsys', 'none'],
])('%s is to %s: %s', (id, project, role) => {
  expect(standingOf(slack(id), project, policy, groups).role).toBe(role);
});

it('whoever IAM let in is an operator, whatever the project', () => {
  expect(standingOf({ via: 'cli', id: 'arn:aws:iam::1:user/x' }, undefined, policy, new Map()).role).toBe(
    'operator',
  );
});

it.each([
  ['operator', true, true],
  ['owner', true, false],
  ['member', false, false],
] as const)('a %s may approve: %s, and release: %s', (role, approve, release) => {
  expect([mayApprove({ role }), mayRelease({ role })]).toEqual([approve, release]);
});

describe('a stranger is told', () => {
  const why = (id: string, project: string | undefined, known = groups, of = policy) => {
    const standing = standingOf(slack(id), project, of, known);
    return standing.role === 'none' ? standing.why : standing.role;
  };

  it('who may', () => {
    expect(why('UEVE', 'recsys')).toBe(
      'Only the people of project recsys may do this: the policy file names its owners, members and operators.',
    );
  });
  it('how to let somebody in where nobody is', () => {
    expect(why('UEVE', 'fraud', groups, { ...policy, operators: [] })).toBe(
      'Nobody may act on project fraud from Slack yet: name its owners and members, or operators, in the policy file.',
    );
  });
  it('that a group could not be read', () => {
    expect(why('UTIM', 'recsys', new Map())).toContain('user group SOPS could not be read');
  });
  it('nothing where a group is unread but they are named themselves', () => {
    expect(why('UANA', 'recsys', new Map())).toBe('member');
  });
});

it('nobody who is not named, and in no group that was read, is anything', () => {
  const ids = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(
      ids,
      fc.option(fc.string(), { nil: undefined }),
      fc.array(fc.tuple(ids, fc.array(ids))),
      (id, project, some) => {
        const known = new Map(some.map(([group, users]) => [group, new Set(users)]));
        const named = [
          ...policy.operators,
          ...policy.projects.recsys.owners,
          ...policy.projects.recsys.members,
        ];
        const isNamed = named.includes(id) || named.some((group) => known.get(group)?.has(id));
        fc.pre(!isNamed);
        return standingOf(slack(id), project, policy, known).role === 'none';
      },
    ),
  );
});
