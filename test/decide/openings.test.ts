import { describe, expect, it } from 'vitest';
import { openings } from '../../lib/decide/openings.ts';
import type { ProjectMark, RestoreRecord } from '../../lib/ledger/ledger.ts';
import type { NamedPolicy, Policy } from '../../lib/policy/policy.ts';
import type { Schedule } from '../../lib/policy/schedule.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { breachesOf, budgetReading, development, instance, policyOf, stopAt100, usd } from './fixtures.ts';

/** Weekdays 08:00-19:00 in Berlin, one hour ahead of UTC in winter. */
const office = (change: Partial<Schedule> = {}): Schedule => ({
  timezone: 'Europe/Berlin',
  week: [1, 2, 3, 4, 5, 6, 7].map((day) => (day > 5 ? [] : [{ from: 480, to: 1_140 }])),
  closed: [],
  do: 'start-and-stop',
  starts: 'its-own',
  startAheadSeconds: 0,
  warnSeconds: 0,
  endpoints: 'shut-down',
  ...change,
});
const policyWith = (hours: readonly Schedule[] | undefined, change: Partial<NamedPolicy> = {}): Policy =>
  policyOf([development({ ...(hours === undefined ? {} : { hours }), ...change })]);

/** Monday's closing stopped it. */
const CLOSED = new Date('2026-11-09T18:00:20Z');
const OPENS = '2026-11-10T07:00:00.000Z';
const one = instance('i-1', { state: 'stopped', since: new Date('2026-11-09T07:00:00Z') });
const saved = (change: Partial<RestoreRecord> = {}): RestoreRecord => ({
  arn: one.arn,
  resource: { ...one, state: 'running' },
  project: 'recsys',
  trigger: 'schedule',
  savedAt: CLOSED,
  state: 'stopped',
  record: {},
  ...change,
});

interface Asking {
  readonly policy?: Policy;
  readonly fleet?: readonly Resource[];
  readonly stopped?: readonly RestoreRecord[];
  readonly restoring?: readonly string[];
  readonly marks?: readonly ProjectMark[];
}
function at(
  time: string,
  { policy = policyWith([office()]), fleet = [one], stopped = [saved()], ...rest }: Asking = {},
) {
  const { restoring = [], marks = [] } = rest;
  return openings({
    stopped,
    restoring: new Set(restoring),
    fleet,
    policy,
    marks: new Map(marks.map((mark) => [mark.holder, mark])),
    now: new Date(time),
  });
}
const decided = (...asked: Parameters<typeof at>) => at(...asked).due.map(({ decision }) => decision);

const mark = (change: Partial<ProjectMark> = {}): ProjectMark => ({
  holder: 'recsys',
  breaches: new Map(),
  frozenUntil: undefined,
  reached: new Map(),
  until: new Date('2026-12-01T00:00:00Z'),
  ...change,
});
const overBudget = mark({
  breaches: breachesOf(
    budgetReading({ actual: usd('1100'), limit: usd('1000'), period: '2026-11-01', asOf: CLOSED }),
  ),
});

describe('what a closing stopped', () => {
  it('comes back when hours begin, by the same decision until they end, and not while they are over', () => {
    for (const closed of ['2026-11-09T18:05:00Z', '2026-11-10T06:59:59Z', '2026-11-10T18:00:00Z']) {
      expect(decided(closed), closed).toEqual([]);
    }
    const [first] = decided('2026-11-10T07:00:00Z');
    expect(first).toEqual({
      action: 'restore',
      expires: new Date('2026-11-10T18:00:00Z'),
      key: `restore/${one.arn}/2026-11-09T18:00:20.000Z/opening/${OPENS}`,
      project: 'recsys',
      target: { ...one, state: 'running' },
      by: 'the hours of policy development',
      reason:
        'The hours of policy development began: Tue 2026-11-10 08:00 Europe/Berlin. It was stopped at 2026-11-09 18:00 UTC, when hours were over.',
    });
    // A sweep that was out all morning.
    expect(decided('2026-11-10T17:59:00Z')).toEqual([first]);
  });

  it('is started ahead, so that it is ready when hours begin', () => {
    const policy = policyWith([office({ startAheadSeconds: 600 })]);
    expect(decided('2026-11-10T06:49:59Z', { policy })).toEqual([]);
    const [ahead] = decided('2026-11-10T06:50:00Z', { policy });
    expect(ahead).toMatchObject({ key: expect.stringMatching(`/opening/${OPENS}$`) });
    expect(ahead?.reason).toContain(
      'begin in 10 min: Tue 2026-11-10 08:00 Europe/Berlin. It is started so that it is ready then.',
    );
    expect(decided('2026-11-10T07:00:00Z', { policy })[0]?.key).toBe(ahead?.key);
  });

  it('comes back where its hours are open all day by now, or there are none any more', () => {
    const always = office({ week: Array.from({ length: 7 }, () => [{ from: 0, to: 1_440 }]) });
    expect(decided('2026-11-10T02:00:00Z', { policy: policyWith([always]) })).toMatchObject([
      { action: 'restore', reason: expect.stringContaining('The hours of policy development are open.') },
    ]);
    const policy = policyWith(undefined);
    expect(decided('2026-11-10T02:00:00Z', { policy })).toMatchObject([
      { action: 'restore', reason: expect.stringContaining('has no hours any more') },
    ]);
    expect(decided('2026-11-10T02:00:00Z', { policy, stopped: [saved({ stays: true })] })).toEqual([]);
  });

  it('stays stopped where its hours start nothing', () => {
    expect(decided('2026-11-10T08:00:00Z', { policy: policyWith([office({ do: 'stop' })]) })).toEqual([]);
  });

  it('is brought back by the schedules that begin then, of several', () => {
    // From 06:00 on it is open by one that only stops: nothing opens at 08:00.
    const early = office({ do: 'stop', week: office().week.map(() => [{ from: 360, to: 1_200 }]) });
    expect(decided('2026-11-10T08:00:00Z', { policy: policyWith([office(), early]) })).toEqual([]);
    const late = office({ do: 'stop', week: office().week.map(() => [{ from: 480, to: 1_200 }]) });
    expect(decided('2026-11-10T08:00:00Z', { policy: policyWith([office(), late]) })).toHaveLength(1);
  });

  it('is left to whoever started it since, running or stopped again', () => {
    const running: Resource = { ...one, state: 'running', since: new Date('2026-11-09T20:00:00Z') };
    const asked = at('2026-11-10T07:00:00Z', { fleet: [running] });
    expect(asked.due).toEqual([]);
    // A database does not tell when it was started: what is seen running is no more ours.
    expect(asked.theirs).toEqual([saved()]);
    const again: Resource = { ...running, state: 'stopped' };
    expect(at('2026-11-10T07:00:00Z', { fleet: [again] })).toEqual({ due: [], theirs: [] });
  });

  it('is not given up while its stop is on its way', () => {
    const running: Resource = { ...one, state: 'running' };
    expect(at('2026-11-09T18:30:00Z', { fleet: [running] }).theirs).toEqual([]);
  });

  it('comes back as well where its stop deleted it, and where it was scaled down and runs', () => {
    expect(decided('2026-11-10T07:00:00Z', { fleet: [] })).toHaveLength(1);
    const running: Resource = { ...one, state: 'running' };
    const down = saved({ manner: 'scale-down' });
    const { due, theirs } = at('2026-11-10T07:00:00Z', { fleet: [running], stopped: [down] });
    expect(due).toMatchObject([{ decision: { reason: expect.stringContaining('It was scaled down at') } }]);
    expect(theirs).toEqual([]);
    expect(
      decided('2026-11-10T07:00:00Z', { fleet: [{ ...one, state: 'transitional' }], stopped: [down] }),
    ).toEqual([]);
  });

  it('for another reason than hours does not come back by them', () => {
    for (const trigger of ['idle', 'budget', 'freeze', 'person', 'runtime'] as const) {
      expect(decided('2026-11-10T07:00:00Z', { stopped: [saved({ trigger })] }), trigger).toEqual([]);
    }
  });

  it('is not touched once no project or policy names it', () => {
    expect(decided('2026-11-10T07:00:00Z', { fleet: [{ ...one, tags: { environment: 'dev' } }] })).toEqual(
      [],
    );
    expect(decided('2026-11-10T07:00:00Z', { fleet: [{ ...one, tags: { project: 'recsys' } }] })).toEqual([]);
  });
});

describe('an opening that a limit is in the way of', () => {
  const policy = policyWith([office({ startAheadSeconds: 600 })], { budget: stopAt100 });

  it('starts nothing, and says so once hours have begun, by one decision', () => {
    const asked = { policy, marks: [overBudget] };
    expect(decided('2026-11-10T06:55:00Z', asked)).toEqual([]);
    const [told] = decided('2026-11-10T07:00:00Z', asked);
    expect(told).toMatchObject({
      action: 'notify',
      trigger: 'schedule',
      rule: { policy: 'development', rule: 'hours' },
      reason: expect.stringMatching(
        /Project recsys is over a limit that policy development enforces, so it is not started\.$/,
      ),
    });
    expect(decided('2026-11-10T12:00:00Z', asked)).toEqual([told]);
    expect(decided('2026-11-10T12:05:00Z', { policy })).toMatchObject([{ action: 'restore' }]);
  });

  it('is that of its holder’s freeze too, and none of a limit that its policy does not enforce', () => {
    const frozen = mark({ frozenUntil: new Date('2026-12-01T00:00:00Z') });
    expect(decided('2026-11-10T07:00:00Z', { policy, marks: [frozen] })).toMatchObject([
      {
        action: 'notify',
        reason: expect.stringContaining('Project recsys is frozen until 2026-12-01 00:00 UTC, so it is not'),
      },
    ]);
    expect(
      decided('2026-11-10T07:00:00Z', { policy: policyWith([office()]), marks: [overBudget] }),
    ).toMatchObject([{ action: 'restore' }]);
  });
});

describe('with starts: all', () => {
  const policy = policyWith([office({ starts: 'all', startAheadSeconds: 300 })]);
  const asked = (change: Asking = {}) => ({ policy, stopped: [], ...change });

  it('an opening starts what somebody else stopped, in its first minutes', () => {
    expect(decided('2026-11-10T06:54:00Z', asked())).toEqual([]);
    const [ahead] = decided('2026-11-10T06:55:00Z', asked());
    expect(ahead).toMatchObject({
      action: 'restore',
      key: `start/${one.arn}/${OPENS}`,
      unsaved: true,
      target: one,
      by: 'the hours of policy development',
    });
    expect(decided('2026-11-10T07:15:00Z', asked())[0]?.key).toBe(ahead?.key);
    expect(decided('2026-11-10T07:16:00Z', asked()), 'it was stopped by hand within hours').toEqual([]);
  });

  it('what ran when hours began and was stopped since stays stopped', () => {
    const fleet = [{ ...one, since: new Date('2026-11-10T06:58:00Z') }];
    expect(decided('2026-11-10T07:05:00Z', asked({ fleet }))).toEqual([]);
  });

  it('what Bursar stopped for another reason stays stopped, unless it has run since', () => {
    const idle = saved({ trigger: 'idle' });
    expect(decided('2026-11-10T07:00:00Z', asked({ stopped: [idle] }))).toEqual([]);
    const old = saved({ trigger: 'idle', savedAt: new Date('2026-11-08T12:00:00Z') });
    expect(decided('2026-11-10T07:00:00Z', asked({ stopped: [old] }))).toMatchObject([{ unsaved: true }]);
  });

  it('what a closing stopped comes back from what was saved', () => {
    const [first, ...others] = decided('2026-11-10T07:00:00Z', { policy });
    expect(others).toEqual([]);
    expect(first).not.toHaveProperty('unsaved');
  });

  it('nothing is started that is protected, being restored, not approved, or of a policy without', () => {
    const guarded: Resource = { ...one, protections: [{ code: 'eks', detail: 'It is a node of EKS.' }] };
    expect(decided('2026-11-10T07:00:00Z', asked({ fleet: [guarded] }))).toEqual([]);
    expect(decided('2026-11-10T07:00:00Z', asked({ restoring: [one.arn] }))).toEqual([]);
    expect(decided('2026-11-10T07:00:00Z', asked({ policy: { ...policy, approval: 'required' } }))).toEqual(
      [],
    );
    expect(decided('2026-11-10T07:00:00Z', asked({ policy: policyWith([office()]) }))).toEqual([]);
  });

  it('nothing is started while its project is over budget', () => {
    const strict = policyWith([office({ starts: 'all' })], { budget: stopAt100 });
    expect(decided('2026-11-10T07:00:00Z', asked({ policy: strict, marks: [overBudget] }))).toMatchObject([
      { action: 'notify', key: `start/${one.arn}/${OPENS}/held` },
    ]);
  });
});
