import { beforeEach, describe, expect, it } from 'vitest';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import type { EnforceDeps } from '../../lib/enforce/deps.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import type { TagDecision } from '../../lib/types/decision.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { contextOf } from '../fleet/fixtures.ts';
import { batchOf, clockAt, enforceDeps } from './fixtures.ts';

const AT = new Date('2026-11-25T10:30:00Z');
const CREATOR = { 'bursar:creator': 'ana' };

let account: ReturnType<typeof createAccount>;
let deps: EnforceDeps;
let fleet: ReadonlyMap<string, Resource>;

beforeEach(async () => {
  const clock = clockAt(AT);
  account = createAccount(clock.now);
  for (const id of ['i-1', 'i-2', 'i-3']) {
    account.instances.set(id, { id, type: 'm5.xlarge', tags: { Name: id }, since: AT, use: () => undefined });
  }
  const context = { ...contextOf(account.clients), account: ACCOUNT, now: clock.now };
  deps = enforceDeps(clock, { regions: new Map([[REGION, context]]) });
  fleet = new Map((await ec2Instance.discover(context)).map((one) => [one.id, one]));
});

function tag(id: string, tags: TagDecision['tags'] = CREATOR): TagDecision {
  const target = fleet.get(id);
  if (target === undefined) throw new Error(`no ${id}`);
  const key = `tag/${target.arn}`;
  return { action: 'tag', key, project: undefined, reason: 'CloudTrail says who.', target, tags };
}

const change = (id: string, tags: Readonly<Record<string, string>>): void => {
  const one = account.instances.get(id);
  if (one !== undefined) account.instances.set(id, { ...one, tags });
};
const tagsOf = (id: string) => account.instances.get(id)?.tags;
const outcomes = async (...decisions: readonly TagDecision[]) =>
  (await carryOut(batchOf(decisions), deps)).results.map(({ outcome }) => outcome);

it('writes tags beside those that are there', async () => {
  expect(await outcomes(tag('i-1'))).toEqual([
    { status: 'taken', at: AT, detail: 'Tagged bursar:creator=ana.' },
  ]);
  expect(tagsOf('i-1')).toEqual({ Name: 'i-1', ...CREATOR });
  expect(tagsOf('i-2')).toEqual({ Name: 'i-2' });
});

it('writes to each its own', async () => {
  await outcomes(tag('i-1'), tag('i-2', { owner: 'team-beta' }), tag('i-3'));
  expect([tagsOf('i-1'), tagsOf('i-2'), tagsOf('i-3')]).toEqual([
    { Name: 'i-1', ...CREATOR },
    { Name: 'i-2', owner: 'team-beta' },
    { Name: 'i-3', ...CREATOR },
  ]);
});

describe('never over a tag that is there by now', () => {
  it.each([
    { what: 'another value', there: { 'bursar:creator': 'olga' } },
    { what: 'the same', there: CREATOR },
    { what: 'one of several', there: { owner: '' } },
  ])('$what', async ({ there }) => {
    const decision = tag('i-1', { ...CREATOR, owner: 'team-beta' });
    change('i-1', there);
    expect(await outcomes(decision, tag('i-2'))).toMatchObject([
      { status: 'skipped', code: 'AlreadyTagged' },
      { status: 'taken' },
    ]);
    expect(tagsOf('i-1')).toEqual(there);
  });
});

it('writes anew, an hour later, what somebody has taken off', async () => {
  const clock = clockAt(AT);
  deps = { ...deps, now: clock.now };
  const again = async (id: string) =>
    (await carryOut(batchOf([tag('i-1')], id), deps)).results.map(({ outcome }) => outcome.status);
  expect(await again('one')).toEqual(['taken']);
  change('i-1', {});
  clock.forward(59 * 60);
  expect(await again('two')).toEqual([]);
  clock.forward(60);
  expect(await again('three')).toEqual(['taken']);
  expect(tagsOf('i-1')).toEqual(CREATOR);
});

it('of what is gone is left at that', async () => {
  const decision = tag('i-1');
  account.instances.delete('i-1');
  expect(await outcomes(decision)).toMatchObject([{ status: 'skipped', code: 'Gone' }]);
});

it('of a region that is out of scope is left at that', async () => {
  const { target, ...rest } = tag('i-1');
  expect(await outcomes({ ...rest, target: { ...target, region: 'eu-north-1' } })).toMatchObject([
    { status: 'skipped', code: 'OutOfScope' },
  ]);
});
