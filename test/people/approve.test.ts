import { describe, expect, it } from 'vitest';
import { StateAnswerSchema, WishAnswerSchema } from '../../lib/people/answer.ts';
import { approve } from '../../lib/people/approve.ts';
import { RequestSchema } from '../../lib/people/request.ts';
import { listsToJson, planHash, planLists, policyHash } from '../../lib/plan/hash.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { instance } from '../decide/fixtures.ts';
import { AT, createPeopleStage, OLGA, type PeopleStage } from './stage.ts';

const by = { via: 'cli' as const, id: 'arn:aws:sts::111122223333:assumed-role/ops/olga', name: 'olga' };

/** A stage whose policy asks for approval. */
async function setUp(approval: Policy['approval'] = 'required') {
  const stage = await createPeopleStage();
  const policy: Policy = { ...stage.requestDeps.policy, approval };
  Object.assign(stage.requestDeps, { policy });
  return { stage, policy };
}

const planOf = (policy: Policy, ...ids: readonly string[]) => {
  const lists = planLists(
    policy,
    ids.map((id) => instance(id)),
  );
  return { hash: planHash(policy, lists), policyHash: policyHash(policy), lists: listsToJson(lists) };
};

const ask = async (stage: PeopleStage, plan: ReturnType<typeof planOf>, id = 'wish-1') =>
  WishAnswerSchema.parse(await stage.ask({ ask: 'approve', ...plan, by, id, reason: 'reviewed' })).answered;
const stateOf = async (stage: PeopleStage) =>
  StateAnswerSchema.parse(await stage.ask({ ask: 'state' })).state.approval;

describe('to approve a plan', () => {
  it('makes it the approved one, and stands in the trail with who did it and why', async () => {
    const { stage, policy } = await setUp();
    expect(await stateOf(stage)).toEqual({ current: false });
    const plan = planOf(policy, 'i-1', 'i-2');
    expect(await ask(stage, plan)).toEqual([
      {
        status: 'done',
        text: 'It is approved: the 2 resources that it lists may be acted on from the next sweep on.',
        key: `approve/wish-1/${plan.hash}`,
      },
    ]);
    expect(await stage.ledger.approval()).toEqual({
      hash: plan.hash,
      policyHash: plan.policyHash,
      lists: new Map([['development', new Set(plan.lists.development)]]),
      at: AT,
      by: 'olga (command line)',
    });
    expect(await stateOf(stage)).toEqual({
      current: true,
      last: { hash: plan.hash, resources: 2, at: AT.toISOString(), by: 'olga (command line)' },
    });
    const trail = await stage.ledger.audit({ project: undefined });
    expect(trail.map(({ event, decision }) => [event, decision.action, decision.reason])).toEqual([
      [
        'intended',
        'approve',
        `olga (command line) approves the plan ${plan.hash}, which lists 2 resources: reviewed.`,
      ],
      ['taken', 'approve', expect.any(String)],
    ]);
  });

  it('under one id is done once, and under another again', async () => {
    const { stage, policy } = await setUp();
    const [first, second] = [planOf(policy, 'i-1'), planOf(policy, 'i-2')];
    await ask(stage, first, 'wish-1');
    await ask(stage, first, 'wish-1');
    expect(await stage.ledger.audit({ project: undefined })).toHaveLength(2);
    stage.skip(60_000);
    await ask(stage, second, 'wish-2');
    stage.skip(60_000);
    await ask(stage, first, 'wish-3');
    expect(await stage.ledger.approval()).toMatchObject({ hash: first.hash });
  });

  it('of another policy than the deployed one is refused', async () => {
    const { stage, policy } = await setUp();
    const other = { ...policy, timezone: 'UTC' };
    expect(await ask(stage, planOf(other, 'i-1'))).toEqual([
      {
        status: 'refused',
        text: 'It was planned with another policy than the deployed one: deploy it first, or plan again.',
      },
    ]);
    expect(await stage.ledger.approval()).toBeUndefined();
    expect(await stage.ledger.audit({ project: undefined })).toEqual([]);
  });

  it('whose lists were changed is refused', async () => {
    const { stage, policy } = await setUp();
    const plan = planOf(policy, 'i-1');
    const more = { ...plan, lists: { development: [...(plan.lists.development ?? []), 'arn:new'] } };
    expect(await ask(stage, more)).toMatchObject([
      { status: 'refused', text: expect.stringContaining('changed') },
    ]);
    expect(await stage.ledger.approval()).toBeUndefined();
  });

  it('of another account is refused: it would take the place of the approved one, and let nothing be done', async () => {
    const { stage, policy } = await setUp();
    await ask(stage, planOf(policy, 'i-1'));
    const lists = new Map([
      ['development', ['arn:aws:ec2:us-east-1:999988887777:instance/i-1', instance('i-2').arn]],
    ]);
    const other = {
      hash: planHash(policy, lists),
      policyHash: policyHash(policy),
      lists: listsToJson(lists),
    };
    expect(await ask(stage, other, 'wish-2')).toEqual([
      {
        status: 'refused',
        text: 'It is a plan of account 999988887777, and this Bursar watches 111122223333: plan with the credentials of that account.',
      },
    ]);
    expect(await stage.ledger.approval()).toMatchObject({ hash: planOf(policy, 'i-1').hash });
  });

  it('that lists nothing lets nothing be stopped, and says so', async () => {
    const { stage, policy } = await setUp();
    await ask(stage, planOf(policy, 'i-1'));
    stage.skip(60_000);
    expect(await ask(stage, planOf(policy), 'wish-2')).toMatchObject([
      { status: 'done', text: expect.stringContaining('It lists no resource, so nothing is stopped') },
    ]);
    expect((await stage.ledger.approval())?.lists).toEqual(new Map());
  });

  it('can be done before approval is required', async () => {
    const { stage, policy } = await setUp('off');
    expect(await stateOf(stage)).toBeUndefined();
    expect(await ask(stage, planOf({ ...policy, approval: 'required' }, 'i-1'))).toMatchObject([
      { status: 'done', text: expect.stringContaining('no difference until that is set to required') },
    ]);
    expect(await stage.ledger.approval()).toBeDefined();
  });

  it('is for operators alone', async () => {
    const { stage, policy } = await setUp();
    const owner = { via: 'slack' as const, ...OLGA };
    const wish = { id: 'wish-1', by: owner, reason: undefined, at: AT };
    expect(await approve(planOf(policy, 'i-1'), wish, stage.requestDeps)).toMatchObject([
      { status: 'refused', text: expect.stringContaining('Only the operators') },
    ]);
    expect(await stage.ledger.approval()).toBeUndefined();
  });

  it('tells whether what is deployed is approved still', async () => {
    const { stage, policy } = await setUp();
    await ask(stage, planOf(policy, 'i-1'));
    Object.assign(stage.requestDeps, { policy: { ...policy, timezone: 'UTC' } });
    expect(await stateOf(stage)).toMatchObject({ current: false, last: { resources: 1 } });
  });

  it('needs hashes, and lists of texts', () => {
    const hash = `sha256:${'0'.repeat(64)}`;
    const request = { ask: 'approve', hash, policyHash: hash, lists: {}, by, id: '1' };
    expect(RequestSchema.safeParse(request).success).toBe(true);
    for (const wrong of [{ hash: 'sha256:1' }, { policyHash: '' }, { lists: [] }, { lists: { a: 'b' } }]) {
      expect(RequestSchema.safeParse({ ...request, ...wrong }).success).toBe(false);
    }
  });
});
