import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { POLICY_UNAPPROVED } from '../../lib/decide/approval.ts';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import type { EnforceDeps } from '../../lib/enforce/deps.ts';
import { dueUnfreezes } from '../../lib/enforce/due-unfreezes.ts';
import { createLaunchDenial } from '../../lib/fleet/launch-denial.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { policyHash } from '../../lib/policy/policy-hash.ts';
import { createIam, DENY_POLICY } from '../../lib/simulate/account/iam.ts';
import type { Decision, FreezeDecision, UnfreezeDecision } from '../../lib/types/decision.ts';
import { AT, policy } from '../alerts/fixtures.ts';
import { batchOf, clockAt, enforceDeps } from './fixtures.ts';

/** Recsys and fraud share the role of the trainers. */
const ROLES = { recsys: ['developers', 'trainers'], fraud: ['trainers', 'analysts'], free: [] };
const withRoles: Policy = {
  ...policy,
  projects: Object.fromEntries(
    Object.entries(ROLES).map(([name, freezeRoles]) => [
      name,
      { name, freezeRoles, owners: [], members: [] },
    ]),
  ),
};
const MONTH_END = new Date('2026-12-01T00:00:00Z');
const HOUR = 3_600;

let clock: ReturnType<typeof clockAt>;
let iam: ReturnType<typeof createIam>;
let deps: EnforceDeps;

beforeEach(() => {
  clock = clockAt(AT);
  iam = createIam(['developers', 'trainers', 'analysts']);
  const denial = createLaunchDenial({ iam: iam.iam, sts: iam.sts, policyArn: DENY_POLICY, now: clock.now });
  deps = enforceDeps(clock, { policy: withRoles, denial });
});

const freeze = (project = 'recsys', fields: Partial<FreezeDecision> = {}): FreezeDecision => ({
  action: 'freeze',
  key: `freeze/${project}/2026-11-01`,
  project,
  reason: 'The budget is spent.',
  rule: { policy: 'development', rule: 'budget 120% of actual: freeze' },
  until: MONTH_END,
  ...fields,
});

let wishes = 0;
const unfreeze = (project = 'recsys', fields: Partial<UnfreezeDecision> = {}): UnfreezeDecision => ({
  action: 'unfreeze',
  key: `unfreeze/${wishes++}/${project}`,
  project,
  reason: 'olga (Slack) unfreezes the project.',
  by: 'olga (Slack)',
  ...fields,
});

let batches = 0;
/** Carries one decision out in a message of its own. @returns what came of it; `undefined` = it was settled before. */
async function send(decision: Decision, batch = `batch/${batches++}`) {
  const { results, again } = await carryOut({ ...batchOf([decision], batch), issuedAt: clock.now() }, deps);
  const outcome = results[0]?.outcome;
  return outcome === undefined ? undefined : { ...outcome, again };
}

const frozenUntil = async (project = 'recsys') =>
  (await deps.ledger.projectMarks(clock.now())).get(project)?.frozenUntil;
const denied = () => [...iam.denied].sort();

describe('a freeze', () => {
  it('denies launches to the roles of its project', async () => {
    expect(await send(freeze())).toMatchObject({
      status: 'taken',
      detail: 'The project is frozen. Roles developers and trainers may launch nothing.',
    });
    expect(await frozenUntil()).toEqual(MONTH_END);
    expect(denied()).toEqual(['developers', 'trainers']);
  });

  it('of a project without roles asks IAM nothing', async () => {
    expect(await send(freeze('free'))).toMatchObject({ status: 'taken', detail: 'The project is frozen.' });
    expect(iam.calls).toEqual([]);
  });

  it('is in the ledger before any role is touched', async () => {
    iam.refusals.set('developers', 'Throttling');
    iam.refusals.set('trainers', 'Throttling');
    await send(freeze());
    expect(await frozenUntil()).toEqual(MONTH_END);
  });

  it('stands where a role cannot be denied, and tells which one and why', async () => {
    iam.refusals.set('developers', 'LimitExceededException');
    expect(await send(freeze())).toMatchObject({
      status: 'failed',
      code: 'RolesNotDenied',
      detail: expect.stringMatching(
        /^The project is frozen. Role trainers may launch nothing. Role developers may launch still: LimitExceededException: /,
      ),
      retry: false,
      again: false,
    });
    expect(await frozenUntil()).toEqual(MONTH_END);
    expect(denied()).toEqual(['trainers']);
    clock.forward(30 * HOUR);
    expect(await send(freeze()), 'it is done once a period').toBeUndefined();
  });

  it('comes back where IAM was too busy, and is then done', async () => {
    iam.refusals.set('developers', 'Throttling');
    expect(await send(freeze(), 'one')).toMatchObject({ status: 'failed', retry: true, again: true });
    iam.refusals.clear();
    expect(await send(freeze(), 'one')).toMatchObject({ status: 'taken', again: false });
    expect(denied()).toEqual(['developers', 'trainers']);
  });

  it('that comes after its end does nothing, and says nothing', async () => {
    expect(await send(freeze('recsys', { until: clock.now() }))).toMatchObject({
      status: 'skipped',
      code: 'Expired',
    });
    expect(denied()).toEqual([]);
  });

  it('of one key is done once a period: who unfreezes is not overruled by the hourly review', async () => {
    await send(freeze());
    await send(unfreeze());
    clock.forward(HOUR);
    expect(await send(freeze())).toBeUndefined();
    expect(await frozenUntil()).toBeUndefined();
    expect(denied()).toEqual([]);
    await send(freeze('recsys', { key: 'freeze/recsys/2026-11-01/the-next-threshold' }));
    expect(await frozenUntil(), 'another rule may').toEqual(MONTH_END);
  });

  it('that is tried again after somebody unfroze the project does nothing', async () => {
    iam.refusals.set('developers', 'Throttling');
    await send(freeze());
    clock.forward(60);
    await send(unfreeze());
    iam.refusals.clear();
    clock.forward(HOUR);
    expect(await send(freeze())).toMatchObject({ status: 'skipped', code: 'Unfrozen' });
    expect(await frozenUntil()).toBeUndefined();
    expect(denied()).toEqual([]);
  });
});

describe('an unfreeze', () => {
  it('ends the freeze and lets the roles launch again', async () => {
    await send(freeze());
    expect(await send(unfreeze())).toMatchObject({
      status: 'taken',
      detail: 'The project is not frozen any more. Roles developers and trainers may launch again.',
    });
    expect(await frozenUntil()).toBeUndefined();
    expect(denied()).toEqual([]);
  });

  it('leaves a role denied that another frozen project names', async () => {
    await send(freeze());
    await send(freeze('fraud'));
    expect(await send(unfreeze())).toMatchObject({
      status: 'taken',
      detail:
        'The project is not frozen any more. Role developers may launch again. Role trainers may launch nothing still: another project that names it is frozen.',
    });
    expect(denied()).toEqual(['analysts', 'trainers']);
    await send(unfreeze('fraud'));
    expect(denied()).toEqual([]);
  });

  it('of what is not frozen is left at that', async () => {
    expect(await send(unfreeze())).toMatchObject({ status: 'skipped', code: 'AlreadyUnfrozen' });
  });

  it('ends the freeze where a role cannot be let go, and tells which one', async () => {
    await send(freeze());
    iam.refusals.set('trainers', 'AccessDenied');
    expect(await send(unfreeze())).toMatchObject({
      status: 'failed',
      code: 'RolesNotAllowed',
      detail: expect.stringContaining('Role trainers may launch nothing still: AccessDenied'),
      retry: false,
    });
    expect(await frozenUntil()).toBeUndefined();
    expect(denied()).toEqual(['trainers']);
  });

  it('whose message comes again later does not undo a freeze that came after it', async () => {
    await send(freeze());
    const wish = unfreeze();
    await send(wish, 'wish');
    await send(freeze('recsys', { key: 'another' }));
    clock.forward(2 * HOUR);
    await send(wish, 'wish');
    expect(await frozenUntil()).toEqual(MONTH_END);
    expect(denied()).toEqual(['developers', 'trainers']);
  });

  it('without a policy to deny by ends the freeze alone', async () => {
    const { denial: _, ...rest } = deps;
    deps = rest;
    await send(freeze());
    expect(await send(unfreeze())).toMatchObject({
      status: 'taken',
      detail: 'The project is not frozen any more.',
    });
    expect(iam.calls).toEqual([]);
  });
});

describe('where approval is required', () => {
  const required: Policy = { ...withRoles, approval: 'required' };
  const approval = (of: string) => ({
    hash: 'sha256:1',
    policyHash: of,
    lists: new Map(),
    at: AT,
    by: 'ana (command line)',
  });

  it('freezes by an approved policy alone', async () => {
    deps = { ...deps, policy: required };
    const none = { status: 'skipped', code: 'Unapproved', detail: POLICY_UNAPPROVED };
    expect(await send(freeze())).toMatchObject(none);
    await deps.ledger.approve(approval('sha256:2'));
    expect(await send(freeze())).toMatchObject(none);
    expect([await frozenUntil(), denied()]).toEqual([undefined, []]);
    await deps.ledger.approve(approval(policyHash(required)));
    expect(await send(freeze())).toMatchObject({ status: 'taken' });
    expect([await frozenUntil(), denied()]).toEqual([MONTH_END, ['developers', 'trainers']]);
  });

  it('lets a project be unfrozen whatever is approved', async () => {
    await send(freeze());
    deps = { ...deps, policy: required };
    expect(await send(unfreeze())).toMatchObject({ status: 'taken' });
    expect(denied()).toEqual([]);
  });
});

describe('what a sweep finds of roles', () => {
  const due = async () => {
    const marks = await deps.ledger.projectMarks(clock.now());
    return dueUnfreezes({ policy: withRoles, marks, denial: deps.denial, mayFreeze: true, now: clock.now() });
  };
  const settle = async () => {
    const decisions = await due();
    return Promise.all(decisions.map((decision) => send(decision)));
  };

  it('is nothing where all is as it should be, for one call', async () => {
    await send(freeze());
    iam.calls.length = 0;
    expect(await due()).toEqual([]);
    expect(iam.calls).toEqual(['list']);
  });

  it('costs no call where no project names roles', async () => {
    const none = { ...withRoles, projects: {} };
    expect(
      await dueUnfreezes({ policy: none, marks: new Map(), denial: deps.denial, mayFreeze: true, now: AT }),
    ).toEqual([]);
    expect(iam.calls).toEqual([]);
  });

  it('denies none anew by a policy that nobody has approved', async () => {
    await send(freeze());
    iam.denied.clear();
    const marks = await deps.ledger.projectMarks(clock.now());
    const found = (mayFreeze: boolean) =>
      dueUnfreezes({ policy: withRoles, marks, denial: deps.denial, mayFreeze, now: clock.now() });
    expect(await found(true)).toMatchObject([{ action: 'freeze' }]);
    expect(await found(false)).toEqual([]);
  });

  it('lets them launch when the period has ended, and says so once', async () => {
    await send(freeze());
    clock.forward((MONTH_END.getTime() - AT.getTime()) / 1_000 + 60);
    const decisions = await due();
    expect(decisions).toEqual([
      {
        action: 'unfreeze',
        key: 'unfreeze-roles/recsys/developers/trainers/2026-12-01',
        project: 'recsys',
        roles: ['developers', 'trainers'],
        reason: 'Roles developers and trainers may launch nothing. No frozen project names them any more.',
        by: 'the new period',
      },
    ]);
    expect(await settle()).toMatchObject([
      { status: 'taken', detail: 'Roles developers and trainers may launch again.' },
    ]);
    expect(denied()).toEqual([]);
    expect(await due()).toEqual([]);
  });

  it('leaves them denied that a project still frozen shares', async () => {
    await send(freeze('recsys', { until: new Date(AT.getTime() + 1_000) }));
    await send(freeze('fraud'));
    clock.forward(60);
    await settle();
    expect(denied()).toEqual(['analysts', 'trainers']);
  });

  it('denies them again where somebody took the policy off', async () => {
    await send(freeze());
    iam.denied.delete('developers');
    const decisions = await due();
    expect(decisions).toMatchObject([
      {
        action: 'freeze',
        project: 'recsys',
        roles: ['developers'],
        until: MONTH_END,
        reason:
          'Project recsys is frozen until 2026-12-01 00:00 UTC. Role developers may launch all the same.',
      },
    ]);
    await settle();
    expect(denied()).toEqual(['developers', 'trainers']);
  });

  it('of what IAM refuses for good is told once a day, and of what it refuses for now is tried again', async () => {
    iam.refusals.set('developers', 'LimitExceededException');
    await send(freeze());
    expect(await settle()).toMatchObject([{ status: 'failed', retry: false }]);
    clock.forward(300);
    expect(await settle()).toEqual([undefined]);
    clock.forward(24 * HOUR);
    iam.refusals.set('developers', 'Throttling');
    expect(await settle()).toMatchObject([{ status: 'failed', retry: true }]);
    clock.forward(300);
    iam.refusals.clear();
    expect(await settle()).toMatchObject([{ status: 'taken' }]);
    expect(denied()).toEqual(['developers', 'trainers']);
  });

  it('never freezes or unfreezes anything itself, though it was decided before people said otherwise', async () => {
    await send(freeze());
    iam.denied.delete('developers');
    const before = await due();
    await send(unfreeze());
    for (const decision of before) {
      expect(await send(decision)).toMatchObject({ status: 'skipped', code: 'Unfrozen' });
    }
    expect(denied()).toEqual([]);

    iam.denied.add('developers');
    const after = await due();
    await send(freeze('recsys', { key: 'another' }));
    for (const decision of after) await send(decision);
    expect(await frozenUntil()).toEqual(MONTH_END);
    expect(denied()).toEqual(['developers', 'trainers']);
  });

  it('lets those launch that no project names any more, and tells nobody else’s people', async () => {
    iam = createIam(['developers', 'left-behind']);
    const denial = createLaunchDenial({ iam: iam.iam, sts: iam.sts, policyArn: DENY_POLICY, now: clock.now });
    deps = { ...deps, denial };
    iam.denied.add('left-behind');
    expect(await due()).toMatchObject([
      {
        action: 'unfreeze',
        project: undefined,
        roles: ['left-behind'],
        reason: 'Role left-behind may launch nothing. No project names it any more.',
      },
    ]);
    await settle();
    expect(denied()).toEqual([]);
  });
});

describe('whatever people and budgets do at the same time', () => {
  it('in the end each role is denied exactly where a frozen project names it', async () => {
    const step = fc.record({
      what: fc.constantFrom('freeze', 'unfreeze'),
      project: fc.constantFrom('recsys', 'fraud'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.scheduler(), async (steps, s) => {
        clock = clockAt(AT);
        iam = createIam(['developers', 'trainers', 'analysts']);
        const denial = createLaunchDenial({
          iam: iam.iam,
          sts: iam.sts,
          policyArn: DENY_POLICY,
          now: clock.now,
        });
        const scheduled = {
          ...denial,
          deny: s.scheduleFunction(denial.deny),
          allow: s.scheduleFunction(denial.allow),
        };
        deps = enforceDeps(clock, { policy: withRoles, denial: scheduled });
        const all = steps.map(({ what, project }, n) =>
          send(
            what === 'freeze'
              ? freeze(project, { key: `freeze/${n}` })
              : unfreeze(project, { key: `unfreeze/${n}` }),
          ),
        );
        await s.waitFor(Promise.all(all));
        const marks = await deps.ledger.projectMarks(clock.now());
        const wanted = Object.entries(ROLES).flatMap(([project, roles]) =>
          marks.get(project)?.frozenUntil === undefined ? [] : roles,
        );
        expect(denied()).toEqual([...new Set(wanted)].sort());
      }),
      { numRuns: 100 },
    );
  });
});
