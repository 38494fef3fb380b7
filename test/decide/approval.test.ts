import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalHold, isPolicyApproved, NOT_LISTED, POLICY_CHANGED } from '../../lib/decide/approval.ts';
import { type BudgetInput, decideBudget } from '../../lib/decide/budget.ts';
import { decideLaunch, type LaunchInput } from '../../lib/decide/launch.ts';
import { recheck } from '../../lib/decide/recheck.ts';
import { announcementsNeeded, decideSweep, evidenceNeeded, judgeAll } from '../../lib/decide/sweep.ts';
import type { Approval, ProjectMark } from '../../lib/ledger/ledger.ts';
import { planHashOf, planLists, policyHash } from '../../lib/plan/hash.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { type StopDecision, TRIGGERS, type Trigger } from '../../lib/types/decision.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  breachesOf,
  budgetReading,
  dev,
  development,
  hoursOf,
  idleRule,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  stopAt100,
  sweepOf,
  unlimited,
  usd,
  warnedRule,
  watchOf,
} from './fixtures.ts';

const required = (policy: Policy): Policy => ({ ...policy, approval: 'required' });
const policy = required(
  policyOf([development({ budget: stopAt100, launch: 'stop' }), production], {
    untagged: { afterSeconds: 7_200, do: 'stop', warnSeconds: 600 },
    limits: unlimited,
  }),
);

const approvalOf = (resources: readonly Resource[], of = policy): Approval => {
  const lists = planLists(of, resources);
  return {
    hash: planHashOf(policyHash(of), lists),
    policyHash: policyHash(of),
    lists: new Map([...lists].map(([name, arns]) => [name, new Set(arns)] as const)),
    at: minutes(-60),
    by: 'ana (command line)',
  };
};

const listed = instance('i-listed', { hourly: usd('5') });
const other = instance('i-other', { hourly: usd('5') });
const approval = approvalOf([listed]);
/** Of the same lists, and another policy. */
const outdated = { ...approval, policyHash: 'sha256:0' };

const does = (input: Parameters<typeof sweepOf>[1], ...resources: readonly Resource[]) =>
  decideSweep(sweepOf(resources, { policy, ...input })).decisions.flatMap((decision) =>
    'target' in decision ? [`${decision.action} ${decision.target.id}`] : [],
  );
const why = (input: Parameters<typeof sweepOf>[1], resource: Resource) =>
  decideSweep(sweepOf([resource], { policy, ...input })).verdicts.map(
    ({ verdict, why: said }) => `${verdict}: ${said}`,
  );

describe('an idle resource', () => {
  it('is stopped where the approved plan lists it, and others are left alone', () => {
    expect(does({ approval }, listed, other)).toEqual(['stop i-listed']);
    expect(why({ approval }, other)).toEqual([`exempt: ${NOT_LISTED}`]);
    expect(NOT_LISTED).toBe('No approved plan lists it: run bursar plan, then bursar approve <hash>.');
  });

  it('is left alone where nothing was ever approved', () => {
    expect(does({}, listed)).toEqual([]);
    expect(does({ approval: undefined }, listed)).toEqual([]);
    expect(why({}, listed)).toEqual([`exempt: ${NOT_LISTED}`]);
  });

  it('is left alone where the policy has changed since', () => {
    expect(does({ approval: outdated }, listed)).toEqual([]);
    expect(why({ approval: outdated }, listed)).toEqual([`exempt: ${POLICY_CHANGED}`]);
    const stricter = required(policyOf([development({ idle: { ...idleRule, afterSeconds: 900 } })]));
    expect(does({ approval, policy: stricter }, listed)).toEqual([]);
  });

  it('is left alone under another policy than the one it was listed under', () => {
    const two = required(
      policyOf([development({ name: 'kept', match: { team: ['a'] } }), development(), production]),
    );
    const moved = instance('i-1', { tags: { ...dev, team: 'a' } });
    const before = approvalOf([instance('i-1')], two);
    expect(does({ approval: before, policy: two }, instance('i-1'))).toEqual(['stop i-1']);
    expect(does({ approval: before, policy: two }, moved)).toEqual([]);
  });

  it('is neither read nor warned of, and what it was warned of is forgotten', () => {
    const warning = required(policyOf([development({ idle: warnedRule })]));
    const input = sweepOf([other], { policy: warning, approval: approvalOf([listed], warning) });
    expect(evidenceNeeded(input)).toEqual([]);
    expect(decideSweep(input).decisions.map(({ action }) => action)).toEqual(['hold']);
    const warned = watchOf(other, { stopAt: minutes(-1) });
    const after = decideSweep(
      sweepOf([other], { policy: warning, approval: approvalOf([listed], warning), watches: [warned] }),
    );
    expect(after.watches).toMatchObject([{ arn: other.arn, stopAt: undefined }]);
  });

  it('is told of as always by a policy that only tells', () => {
    const telling = required(policyOf([development({ idle: { ...idleRule, do: 'notify' } })]));
    expect(does({ policy: telling }, other)).toEqual(['notify i-other']);
  });

  it('is what production says of production', () => {
    const prod = instance('i-1', { tags: { ...dev, environment: 'prod' } });
    expect(why({}, prod)).toEqual(['exempt: Policy production has idle: off.']);
  });

  it('says first what protects it anyway', () => {
    const protections = [{ code: 'stop-protection' as const, detail: 'It is stop-protected.' }];
    expect(why({}, { ...other, protections })).toEqual(['exempt: It is stop-protected.']);
  });
});

describe('what has no project', () => {
  const untagged = (id: string) => instance(id, { since: minutes(-600), tags: { 'bursar:creator': 'ana' } });

  it('is stopped where the approved plan lists it', () => {
    const one = untagged('i-1');
    const watches = [watchOf(one, { stopAt: minutes(-1) })];
    const input = sweepOf([one], { policy, approval: approvalOf([one]), watches });
    expect(announcementsNeeded(judgeAll(input))).toHaveLength(1);
    expect(does({ approval: approvalOf([one]), watches }, one)).toEqual(['stop i-1']);
    expect(does({ approval, watches }, one)).toEqual([]);
    expect(does({ approval }, one)).toEqual([]);
    expect(why({ approval }, one)).toEqual([`exempt: ${NOT_LISTED}`]);
  });

  it('is not the same as what had one when it was listed', () => {
    const named = instance('i-1', { since: minutes(-600) });
    const lost = { ...named, tags: { 'bursar:creator': 'ana' } };
    const watches = [watchOf(lost, { stopAt: minutes(-1) })];
    expect(does({ approval: approvalOf([named]), watches }, lost)).toEqual([]);
  });
});

const spent = (actual: string, change: Partial<BudgetInput> = {}) =>
  decideBudget({
    policy,
    reading: budgetReading({ actual: usd(actual) }),
    alarms: [],
    enforced: undefined,
    reached: new Map(),
    keeps: new Map(),
    keepTags: new Map(),
    resources: [listed, other],
    now: NOW,
    ...change,
  });

describe('a budget that is passed', () => {
  const actions = (change: Partial<BudgetInput>) =>
    spent('1250', change).decisions.map(({ action }) => action);

  it('stops what is listed, freezes, and tells of the rest', () => {
    const { decisions, verdicts } = spent('1250', { approval });
    expect(decisions.map(({ action }) => action)).toEqual(['budget-notice', 'freeze', 'stop']);
    expect(decisions.at(-1)).toMatchObject({ target: { id: 'i-listed' } });
    expect(verdicts).toMatchObject([{ resource: { id: 'i-other' }, verdict: 'exempt', why: NOT_LISTED }]);
  });

  it('freezes by an approved policy that lists nothing, and by no other', () => {
    expect(actions({ approval: approvalOf([]) })).toEqual(['budget-notice', 'freeze']);
    expect(actions({ approval: outdated })).toEqual(['budget-notice']);
    expect(actions({})).toEqual(['budget-notice']);
  });

  it('is remembered all the same, so that it is owed once a plan is approved', () => {
    expect(spent('1250')).toMatchObject({ breached: true, newlyReached: ['actual-100', 'actual-120'] });
    const reading = budgetReading({ actual: usd('1250'), asOf: minutes(-20) });
    const reached = new Map([
      ['actual-100', minutes(-20)],
      ['actual-120', minutes(-20)],
    ]);
    const later = spent('1250', { enforced: reading, reached, approval });
    expect(later.decisions.map(({ action }) => action)).toEqual(['budget-notice', 'freeze']);
    const marks: ProjectMark[] = [
      {
        holder: 'recsys',
        breaches: breachesOf(reading),
        frozenUntil: undefined,
        reached,
        until: new Date('2026-12-01T00:00:00Z'),
      },
    ];
    const busy = { marks, evidence: new Map() };
    expect(does(busy, listed, other)).toEqual([]);
    expect(does({ ...busy, approval }, listed, other)).toEqual(['stop i-listed']);
  });
});

it('a budget freezes and stops nothing that is not approved, and by a full approval all that it would without', () => {
  const fleet = ['i-1', 'i-2', 'i-3', 'i-4'].map((id) => instance(id, { hourly: usd('5') }));
  fc.assert(
    fc.property(
      fc.subarray(fleet),
      fc.constantFrom('none', 'other', 'part'),
      fc.constantFrom('900', '1100', '1300'),
      (some, how, actual) => {
        const part = approvalOf(some);
        const approved = how === 'none' ? undefined : how === 'other' ? { ...part, policyHash: 'x' } : part;
        const { decisions } = spent(actual, { resources: fleet, approval: approved });
        const acts = decisions.filter(({ action }) => action === 'stop' || action === 'freeze');
        if (how !== 'part') expect(acts).toEqual([]);
        for (const one of acts) if (one.action === 'stop') expect(some).toContain(one.target);
        const off: Policy = { ...policy, approval: 'off' };
        expect(spent(actual, { resources: fleet, approval: approvalOf(fleet) })).toEqual(
          spent(actual, { resources: fleet, policy: off }),
        );
      },
    ),
  );
});

describe('a launch', () => {
  const frozenUntil = new Date('2026-12-01T00:00:00Z');
  const mark = (change: Partial<ProjectMark> = {}): ProjectMark => ({
    holder: 'recsys',
    breaches: breachesOf(budgetReading({ actual: usd('1300'), asOf: minutes(-60) })),
    frozenUntil: undefined,
    reached: new Map(),
    until: frozenUntil,
    ...change,
  });
  const launched = (change: Partial<LaunchInput>) =>
    decideLaunch({
      policy,
      resource: { ...listed, since: minutes(-1) },
      marks: [mark()],
      hourlyOfProject: ZERO_USD,
      keeps: new Map(),
      keepTags: new Map(),
      now: NOW,
      ...change,
    }).decisions.map((decision) => `${decision.action} ${'trigger' in decision ? decision.trigger : ''}`);

  it.each([
    { of: 'over budget', frozen: undefined, trigger: 'launch' },
    { of: 'in a frozen project', frozen: frozenUntil, trigger: 'freeze' },
  ])('$of is undone where the approved plan lists it, and else told', ({ frozen, trigger }) => {
    const change = { marks: [mark({ frozenUntil: frozen })] };
    expect(launched({ ...change, approval })).toEqual([`stop ${trigger}`]);
    expect(launched({ ...change, approval: approvalOf([other]) })).toEqual(['notify launch']);
    expect(launched({ ...change, approval: outdated })).toEqual(['notify launch']);
    expect(launched(change)).toEqual(['notify launch']);
  });
});

describe('just before a stop', () => {
  const target = listed;
  // Closed since 11:50.
  const timed = development({
    budget: stopAt100,
    launch: 'stop',
    hours: [hoursOf([[480, 710]])],
    maxRuntime: { afterSeconds: 18_000, warnSeconds: 0, do: 'stop' },
  });
  const policyOfAll = { ...policy, policies: [timed, production] };
  const untagged = { ...target, tags: { 'bursar:creator': 'ana' } };
  const stop = (trigger: Trigger): StopDecision => ({
    action: 'stop',
    trigger,
    key: 'a key',
    project: trigger === 'untagged' ? undefined : 'recsys',
    reason: 'It was idle.',
    rule: { policy: trigger === 'untagged' ? 'untagged' : 'development', rule: 'idle' },
    target: trigger === 'untagged' ? untagged : target,
  });
  const check = (trigger: Trigger, approved: Approval | undefined) => {
    const fresh = stop(trigger).target;
    const keeping = {
      policy: policyOfAll,
      keeps: new Map(),
      keepTags: new Map(),
      approval: approved,
      now: NOW,
    };
    return recheck(stop(trigger), fresh, keeping, NOW);
  };

  it.each(TRIGGERS.filter((trigger) => trigger !== 'keep-tag' && trigger !== 'person'))(
    '%s: only what is approved is stopped',
    (trigger) => {
      const full = approvalOf([stop(trigger).target], policyOfAll);
      expect(check(trigger, full)).toBeUndefined();
      for (const approved of [
        undefined,
        approvalOf([other], policyOfAll),
        { ...full, policyHash: 'sha256:0' },
      ]) {
        expect(check(trigger, approved)).toMatchObject({ code: 'Exempt', retry: false });
      }
    },
  );

  it('a person who asks by name needs no approval', () => {
    expect(check('person', undefined)).toBeUndefined();
  });
});

describe('what waits for an approval', () => {
  const hold = (resources: readonly Resource[], approved?: Approval, of = policy) =>
    approvalHold(resources, { policy: of, approval: approved }, NOW);

  it('is told once a day, with how much it is', () => {
    expect(hold([listed, other], approval)).toEqual({
      action: 'hold',
      cause: 'unapproved',
      key: 'hold/unapproved/2026-11-10',
      project: undefined,
      targets: [other],
      reason: '1 resource that the policy may stop is in no approved plan. It is left alone.',
    });
    expect(hold([listed, other])?.reason).toBe(
      '2 resources that the policy may stop are in no approved plan. They are left alone.',
    );
    expect(hold([listed], outdated)?.reason).toContain('The policy file has changed since');
  });

  it('is nothing where all is approved, nothing could be stopped, or no approval is required', () => {
    expect(hold([listed], approval)).toBeUndefined();
    expect(hold([instance('i-1', { tags: { ...dev, environment: 'prod' } })])).toBeUndefined();
    expect(hold([listed], undefined, { ...policy, approval: 'off' })).toBeUndefined();
  });

  it('is told of the whole fleet, also where a part of it is judged', () => {
    const { decisions } = decideSweep(sweepOf([], { policy, approval, fleet: [listed, other] }));
    expect(decisions).toMatchObject([{ cause: 'unapproved', targets: [{ id: 'i-other' }] }]);
  });
});

it('a policy that asks for no approval is as good as approved', () => {
  expect(isPolicyApproved({ policy: { ...policy, approval: 'off' } })).toBe(true);
  expect(isPolicyApproved({ policy, approval })).toBe(true);
  expect(isPolicyApproved({ policy, approval: outdated })).toBe(false);
  expect(isPolicyApproved({ policy })).toBe(false);
});
