import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBudget } from '../../lib/decide/budget.ts';
import { decideLaunch } from '../../lib/decide/launch.ts';
import { marksOf } from '../../lib/decide/marks-of.ts';
import { recheck } from '../../lib/decide/recheck.ts';
import { nextPeriodRestores } from '../../lib/decide/restores.ts';
import { decideSweep } from '../../lib/decide/sweep.ts';
import type { ProjectMark } from '../../lib/ledger/ledger.ts';
import { holdersOf, resourcesOf } from '../../lib/policy/levels.ts';
import type { BudgetRule, Policy } from '../../lib/policy/policy.ts';
import type { StopDecision } from '../../lib/types/decision.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';
import {
  breachesOf,
  budgetReading,
  development,
  instance,
  minutes,
  NOW,
  policyOf,
  sweepOf,
  unlimited,
  usd,
} from './fixtures.ts';

const project = (name: string, team?: string) => ({
  name,
  owners: [],
  members: [],
  freezeRoles: [],
  budget: usd('1000'),
  ...(team === undefined ? {} : { team }),
});

const under = (...budget: readonly BudgetRule[]): Policy =>
  policyOf([development({ match: {}, budget, idle: 'off', launch: 'stop', restore: 'next-period' })], {
    limits: unlimited,
    teams: { alpha: { name: 'alpha', owners: [], budget: usd('1500') } },
    projects: {
      fraud: { ...project('fraud', 'alpha'), models: { scorer: { name: 'scorer', budget: usd('100') } } },
      vision: project('vision', 'alpha'),
      alone: project('alone'),
    },
  });
const rule = (does: BudgetRule['do'], graceSeconds = 0): BudgetRule => ({
  at: 100,
  of: 'estimated',
  per: 'month',
  do: does,
  graceSeconds,
});

const of = (id: string, tags: Readonly<Record<string, string>>, change: Partial<Resource> = {}) =>
  instance(id, { tags: { environment: 'dev', ...tags }, ...change });
const FLEET = [
  of('i-scorer', { project: 'fraud', model: 'scorer' }),
  of('i-fraud', { project: 'fraud' }),
  of('i-vision', { project: 'vision', model: 'scorer' }),
  of('i-alone', { project: 'alone' }),
  of('i-none', {}),
];

const reading = (holder: string, spent: string, limit: string, asOf = NOW): BudgetReading =>
  budgetReading({
    source: 'meter',
    holder,
    limit: usd(limit),
    actual: undefined,
    meter: { billed: ZERO_USD, estimated: usd(spent), low: usd(spent), high: usd(spent), burn: usd('1') },
    asOf,
  });
const OVER: Readonly<Record<string, BudgetReading>> = {
  'team:alpha': reading('team:alpha', '1510', '1500'),
  fraud: reading('fraud', '1010', '1000'),
  'model:fraud:scorer': reading('model:fraud:scorer', '101', '100'),
};
const overOf = (holder: string): BudgetReading => {
  const found = OVER[holder];
  if (found === undefined) throw new Error(`no reading of ${holder}`);
  return found;
};

const decided = (policy: Policy, holder: string) =>
  decideBudget({
    policy,
    reading: overOf(holder),
    alarms: [],
    enforced: undefined,
    reached: new Map(),
    keeps: new Map(),
    keepTags: new Map(),
    resources: resourcesOf(FLEET, holder, policy),
    now: NOW,
  }).decisions;

const markOf = (holder: string, change: Partial<ProjectMark> = {}): ProjectMark => ({
  holder,
  breaches: breachesOf({ ...overOf(holder), asOf: minutes(-60) }),
  frozenUntil: undefined,
  reached: new Map(),
  until: new Date('2026-12-01T00:00:00.000Z'),
  ...change,
});
const END = new Date('2026-12-01T00:00:00.000Z');

describe('a limit that is passed', () => {
  it.each([
    [
      'team:alpha',
      'Team alpha has spent an estimated $1,510.00 of its $1,500.00',
      ['i-scorer', 'i-fraud', 'i-vision'],
    ],
    ['fraud', 'Project fraud has spent an estimated $1,010.00 of its $1,000.00', ['i-scorer', 'i-fraud']],
    [
      'model:fraud:scorer',
      'Model scorer of project fraud has spent an estimated $101.00 of its $100.00',
      ['i-scorer'],
    ],
  ])('of %s stops what counts for it, and says so', (holder, says, ids) => {
    const [notice, ...stops] = decided(under(rule('stop')), holder);
    expect(notice).toMatchObject({ action: 'budget-notice', reason: expect.stringContaining(says) });
    expect(stops.map((one) => (one.action === 'stop' ? one.target.id : one.action))).toEqual(ids);
    for (const stop of stops) {
      if (stop.action !== 'stop') continue;
      expect(stop.reason).toContain(says);
      // The project stays that of the resource: its people are asked, and what is restored is found under it.
      expect(stop.project).toBe(stop.target.tags.project);
      expect(stop.holder).toBe(holder === 'fraud' ? undefined : holder);
      expect(stop.key).toBe(`budget/${holder}/2026-11-01/estimated-100/${stop.target.arn}`);
    }
  });

  it.each([
    ['team:alpha', 'team', undefined],
    ['fraud', 'project', 'fraud'],
    ['model:fraud:scorer', 'model', 'fraud'],
  ])('freezes %s by the same rule', (holder, word, ofProject) => {
    const freeze = decided(under(rule('freeze')), holder).find(({ action }) => action === 'freeze');
    expect(freeze).toMatchObject({
      project: ofProject,
      key: `freeze/${holder}/2026-11-01/development/estimated-100`,
      reason: expect.stringContaining(`freezes the ${word} at 100%`),
    });
  });
});

describe('a freeze', () => {
  const policy = under(rule('freeze'));
  const launched = (resource: Resource, marks: readonly ProjectMark[]) =>
    decideLaunch({
      policy,
      resource: { ...resource, since: minutes(-1) },
      marks: marksOf(resource, policy, new Map(marks.map((mark) => [mark.holder, mark]))),
      hourlyOfProject: ZERO_USD,
      keeps: new Map(),
      keepTags: new Map(),
      now: NOW,
    }).decisions;

  it.each([
    ['team:alpha', ['i-scorer', 'i-fraud', 'i-vision']],
    ['fraud', ['i-scorer', 'i-fraud']],
    ['model:fraud:scorer', ['i-scorer']],
  ])('of %s undoes the launches of what counts for it alone', (holder, ids) => {
    const marks = [markOf(holder, { frozenUntil: END })];
    const undone = FLEET.filter((resource) =>
      launched(resource, marks).some((one) => one.action === 'stop' && one.trigger === 'freeze'),
    );
    expect(undone.map(({ id }) => id)).toEqual(ids);
  });

  it('stops nothing outside of its level, whatever is frozen', () => {
    const anyMarks = fc
      .subarray(Object.keys(OVER))
      .map((some) => some.map((holder) => markOf(holder, { frozenUntil: END })));
    fc.assert(
      fc.property(anyMarks, fc.constantFrom(...FLEET), (marks, resource) => {
        const frozen = new Set(marks.map(({ holder }) => holder));
        const holders = holdersOf(policy, resource.tags);
        const stops = launched(resource, marks).filter((one) => one.action === 'stop');
        expect(stops.length).toBe(holders.some((holder) => frozen.has(holder)) ? 1 : 0);
        // The narrowest is the one that is named.
        const [stop] = stops;
        const narrowest = holders.find((holder) => frozen.has(holder));
        if (stop !== undefined) expect(stop.holder ?? stop.project).toBe(narrowest);
      }),
    );
  });

  it('that somebody ended counts no more before a stop, that of another level does', () => {
    const [, resource] = FLEET;
    if (resource === undefined) throw new Error('no resource');
    const stop = launched(resource, [markOf('team:alpha', { frozenUntil: END })]).find(
      (one): one is StopDecision => one.action === 'stop',
    );
    if (stop === undefined) throw new Error('no stop');
    const now = (frozen: readonly string[]) =>
      recheck(
        stop,
        { ...resource, since: stop.target.since },
        { policy, keeps: new Map(), keepTags: new Map(), frozen: new Set(frozen), now: NOW },
        NOW,
      );
    expect(now(['team:alpha'])).toBeUndefined();
    expect(now(['fraud'])).toMatchObject({ code: 'Unfrozen', detail: 'Team alpha is not frozen any more.' });
  });
});

describe('a launch', () => {
  const launchedUnder = (...marks: readonly ProjectMark[]) => {
    const policy = under(rule('stop'));
    const resource = of('i-fraud', { project: 'fraud' }, { since: minutes(-1) });
    const { decisions } = decideLaunch({
      policy,
      resource,
      marks: marksOf(resource, policy, new Map(marks.map((mark) => [mark.holder, mark]))),
      hourlyOfProject: ZERO_USD,
      keeps: new Map(),
      keepTags: new Map(),
      now: NOW,
    });
    return decisions.map((one) => [one.action, one.holder ?? one.project]);
  };
  const reached = new Map([['estimated-100', minutes(-60)]]);
  const unfrozen = markOf('fraud', { reached, unfrozenAt: minutes(-30) });

  it('that one limit spares is undone for another', () => {
    expect(launchedUnder(unfrozen)).toEqual([['notify', 'fraud']]);
    expect(launchedUnder(unfrozen, markOf('team:alpha', { reached }))).toEqual([['stop', 'team:alpha']]);
  });
});

describe('a sweep', () => {
  const policy = under(rule('stop'));
  const stopsOf = (...marks: readonly ProjectMark[]) =>
    decideSweep(sweepOf(FLEET, { policy, marks })).decisions.filter((one) => one.action === 'stop');

  it('finds what the limit of a team still asks for', () => {
    expect(stopsOf(markOf('team:alpha')).map(({ target }) => target.id)).toEqual([
      'i-scorer',
      'i-fraud',
      'i-vision',
    ]);
  });

  it('stops each resource once, for the narrowest limit that asks for it', () => {
    const stops = stopsOf(markOf('team:alpha'), markOf('fraud'), markOf('model:fraud:scorer'));
    expect(stops.map(({ target, holder }) => [target.id, holder])).toEqual([
      ['i-scorer', 'model:fraud:scorer'],
      ['i-fraud', undefined],
      ['i-vision', 'team:alpha'],
    ]);
  });
});

describe('just before a stop', () => {
  const policy = under(rule('stop'));
  const [scorer] = FLEET;
  const stop = decided(policy, 'model:fraud:scorer').find(
    (one): one is StopDecision => one.action === 'stop',
  );

  it('what has another model by now is left alone', () => {
    if (scorer === undefined || stop === undefined) throw new Error('no stop');
    const looked = (tags: Readonly<Record<string, string>>) =>
      recheck(stop, { ...scorer, tags }, { policy, keeps: new Map(), keepTags: new Map(), now: NOW }, NOW);
    expect(looked(scorer.tags)).toBeUndefined();
    expect(looked({ ...scorer.tags, model: 'ranker' })).toMatchObject({
      code: 'Retagged',
      detail: 'It does not count for model scorer of project fraud any more.',
    });
  });
});

describe('a new month', () => {
  const policy = under(rule('stop'));
  const now = new Date('2026-12-02T10:00:00.000Z');
  const [, fraud] = FLEET;

  it('brings back nothing while the team is over a limit of its own', () => {
    if (fraud === undefined) throw new Error('no resource');
    const record = {
      arn: fraud.arn,
      resource: fraud,
      project: 'fraud',
      trigger: 'budget' as const,
      savedAt: minutes(0),
      state: 'stopped' as const,
      record: {},
    };
    const restored = (...marks: readonly ProjectMark[]) =>
      nextPeriodRestores([record], [], policy, new Map(marks.map((mark) => [mark.holder, mark])), now).length;
    const total = { ...overOf('team:alpha'), period: '2026-12-01', asOf: now };
    const mark = markOf('team:alpha', {
      breaches: breachesOf(total),
      until: new Date('2027-01-01T00:00:00Z'),
    });
    expect(restored()).toBe(1);
    expect(restored(mark)).toBe(0);
  });
});
