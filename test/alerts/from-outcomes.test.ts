import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import { FINISHER } from '../../lib/decide/restores.ts';
import { type Alert, AlertSchema } from '../../lib/types/alert.ts';
import type {
  ApproveDecision,
  CanaryDecision,
  FreezeDecision,
  HoldDecision,
  KeepDecision,
  ReleaseDecision,
  RestoreDecision,
} from '../../lib/types/decision.ts';
import type { Result } from '../../lib/types/outcome.ts';
import {
  ACCOUNT,
  AT,
  endpoint,
  failed,
  instance,
  notify,
  policy,
  skipped,
  stop,
  taken,
  twentyStops,
  undo,
  usd,
  warn,
} from './fixtures.ts';

const alerts = (...results: readonly Result[]): Alert[] =>
  alertsFromBatch({ batch: 'b1', at: AT, account: ACCOUNT, policy, undo, results });

function only(...results: readonly Result[]): Alert {
  const [first, ...others] = alerts(...results);
  if (first === undefined || others.length > 0) throw new Error('not exactly one alert');
  return first;
}

const stopped = (n: number): Result => ({ decision: stop(instance(n)), outcome: taken() });

describe('stops', () => {
  it('are one alert for twenty', () => {
    const told = only(...twentyStops());
    expect(told.items).toHaveLength(20);
    expect(told).toMatchObject({
      severity: 'critical',
      kind: 'idle',
      account: ACCOUNT,
      project: 'recsys',
      owner: 'team-beta',
      slack: '#recsys',
      title: '18 of 20 idle resources of recsys stopped, 1 failed, 1 left alone',
    });
    expect(told.reason).toContain('What was stopped cost $51.81/h.');
    expect(told.reason).toContain('What failed still runs and costs $1.01/h.');
    expect(told.reason).toMatch(/^Policy development stops after 30 min idle\. What/);
    expect(told.items[0]?.reason).toBe('Idle from 10:00 UTC to 10:30 UTC: CPU at most 0.4%, GPU at most 0%.');
  });

  it('tell how to undo them, those that were stopped alone', () => {
    const told = only(stopped(1), stopped(2), { decision: stop(instance(3)), outcome: failed('X') });
    expect(told.next.split('\n')).toEqual([
      'They stay stopped until someone restores them:',
      `\`bursar restore ${instance(1).arn}\``,
      `\`bursar restore ${instance(2).arn}\``,
      'Or by the AWS CLI:',
      '`aws ec2 start-instances --region us-east-1 --instance-ids i-00000000000000001 i-00000000000000002`',
      'What failed needs a person: stop it by hand, or fix the cause that is shown with it.',
    ]);
  });

  it('tell the command of each region', () => {
    const west = instance(2, { region: 'us-west-2' });
    const { next } = only(stopped(1), { decision: stop(west), outcome: taken() });
    expect(next).toContain('--region us-east-1 --instance-ids i-00000000000000001`');
    expect(next).toContain('--region us-west-2 --instance-ids i-00000000000000002`');
  });

  it('of kinds without an AWS command have that of Bursar', () => {
    const { next } = only({ decision: stop(endpoint('ranker')), outcome: taken() });
    expect(next).toBe(
      `It stays stopped until someone restores it:\n\`bursar restore ${endpoint('ranker').arn}\``,
    );
  });

  it('of both say how many the AWS command brings back', () => {
    const { next } = only(stopped(1), { decision: stop(endpoint('ranker')), outcome: taken() });
    expect(next).toContain('Or by the AWS CLI, 1 of them:\n`aws ec2');
  });

  it('of many are undone by project', () => {
    const { next } = only(stopped(1), stopped(2), stopped(3), stopped(4));
    expect(next).toContain('All that Bursar stopped of the project: `bursar restore recsys`');
    expect(next).not.toContain('restore arn:');
  });

  it('of a project that a shell would read otherwise are undone one by one', () => {
    const project = 'recsys; rm -rf ~';
    const { next } = only(
      ...[1, 2, 3, 4].map((n) => ({ decision: stop(instance(n), { project }), outcome: taken() })),
    );
    expect(next).toContain('`bursar restore ID`');
    expect(next).not.toContain('rm -rf');
  });

  it('that cannot be undone say so and offer nothing', () => {
    const lost = {
      decision: stop(instance(1)),
      outcome: { ...taken('Terminated.'), restorable: false } as const,
    };
    const told = only(lost);
    expect(told.next).toBe('It cannot be brought back; the cause is shown with it.');
    expect(told).not.toHaveProperty('offers');
    expect(only(lost, stopped(2)).offers).toEqual(['restore', 'details']);
    expect(only(lost, stopped(2)).next).toContain('1 of them cannot be brought back');
  });

  it('that a person asked for say who', () => {
    const by = 'ana (Slack)';
    const told = only({ decision: stop(instance(1), { trigger: 'person', by }), outcome: taken() });
    expect(told).toMatchObject({
      kind: 'person',
      severity: 'info',
      title: '1 resource of recsys stopped, as ana (Slack) asked',
    });
  });

  it('put no id into a command that does not look like one', () => {
    const { next } = only({ decision: stop(instance(1, { id: 'i-1; rm -rf /' })), outcome: taken() });
    expect(next).not.toContain('aws ec2');
  });

  it('keep requested, taken and the cause apart, with figures, rule and price', () => {
    expect(only({ decision: stop(instance(1)), outcome: failed('UnsupportedOperation') }).items).toEqual([
      {
        arn: instance(1).arn,
        id: instance(1).id,
        kind: 'ec2-instance',
        region: 'us-east-1',
        size: 'g5.xlarge',
        owner: 'alice',
        hourly: '1.006',
        requested: 'stop',
        status: 'failed',
        code: 'UnsupportedOperation',
        detail: 'AWS refused.',
        reason: expect.stringContaining('CPU at most 1.2%'),
        rule: 'development: idle for 30 min: stop',
      },
    ]);
  });

  it('count what has no price', () => {
    const { reason } = only(stopped(1), {
      decision: stop(instance(2, { hourly: undefined })),
      outcome: taken(),
    });
    expect(reason).toContain('What was stopped cost $1.01/h and 1 unpriced.');
  });

  it.each([
    ['all taken', [taken()], 'info', '1 idle resource of recsys stopped'],
    [
      'a failure that is retried',
      [failed('Throttling', true)],
      'warning',
      '1 idle resource of recsys not stopped: 1 failed',
    ],
    [
      'one of two failures is final',
      [failed('A', true), failed('B')],
      'critical',
      '2 idle resources of recsys not stopped: 2 failed',
    ],
    [
      'only left alone',
      [skipped('Restarted')],
      'info',
      '1 idle resource of recsys not stopped: 1 left alone',
    ],
    [
      'left alone beside taken',
      [taken(), skipped('Gone')],
      'info',
      '1 of 2 idle resources of recsys stopped, 1 left alone',
    ],
  ] as const)('%s', (_title, outcomes, severity, title) => {
    const results = outcomes.map((outcome, n) => ({ decision: stop(instance(n)), outcome }));
    expect(only(...results)).toMatchObject({ severity, title });
  });

  it('that may succeed later say who tries again', () => {
    const { next } = only({ decision: stop(instance(1)), outcome: failed('Throttling', true) });
    expect(next).toMatch(/^What failed may succeed later: the next sweep tries again\./);
  });

  it('for a budget or a freeze say so', () => {
    const [over, frozen] = alerts(
      { decision: stop(instance(1), { trigger: 'budget', key: 'a' }), outcome: taken() },
      { decision: stop(instance(2), { trigger: 'freeze', key: 'b' }), outcome: taken() },
    );
    expect(over).toMatchObject({
      kind: 'budget',
      severity: 'warning',
      title: '1 resource of recsys stopped: over budget',
    });
    expect(frozen).toMatchObject({
      kind: 'freeze',
      title: '1 resource of recsys stopped: the project is frozen',
    });
  });

  it.each(['Gone', 'AlreadyStopped', 'Expired'])('that were needless make no alert: %s', (code) => {
    expect(alerts({ decision: stop(instance(1)), outcome: skipped(code) })).toEqual([]);
  });
});

describe('the id of an alert', () => {
  const results = twentyStops();
  const idOf = (list: readonly Result[]) => only(...list).id;

  it('is the same for the same results in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...results], { minLength: 20 }), (shuffled) => {
        expect(idOf(shuffled)).toBe(idOf(results));
      }),
      { numRuns: 20 },
    );
  });

  it('differs where a retry ended otherwise', () => {
    const decision = stop(instance(1));
    expect(idOf([{ decision, outcome: failed('Throttling', true) }])).not.toBe(
      idOf([{ decision, outcome: taken() }]),
    );
  });
});

describe('groups', () => {
  it('are a project and what happened to it', () => {
    const fraud = stop(instance(3), { project: 'fraud', key: 'f' });
    const later = new Date('2026-11-25T10:45:00Z');
    const told = alerts(
      stopped(1),
      { decision: fraud, outcome: taken() },
      { decision: warn(instance(4), later), outcome: taken() },
      stopped(2),
    );
    expect(told.map(({ project, title }) => [project, title])).toEqual([
      ['recsys', '2 idle resources of recsys stopped'],
      ['fraud', '1 idle resource of fraud stopped'],
      ['recsys', '1 idle resource of recsys will be stopped at 2026-11-25 10:45 UTC'],
    ]);
    expect(told[1]).not.toHaveProperty('slack');
  });

  it('keep every result in exactly one alert, whatever the projects are called', () => {
    const projects = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'a/b'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(projects, { maxLength: 20 }), (names) => {
        const results = names.map((project, n) => ({
          decision: stop(instance(n), { project, key: `k${n}` }),
          outcome: taken(),
        }));
        const told = alerts(...results);
        expect(told.flatMap(({ items }) => items)).toHaveLength(names.length);
        expect(told).toHaveLength(new Set(names).size);
        expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
        for (const one of told) {
          expect(AlertSchema.parse(one)).toEqual(one);
          expect(one.title).not.toContain('\n');
        }
      }),
    );
  });
});

describe('a warning', () => {
  it('says when the stop comes and how to prevent it', () => {
    const told = only({ decision: warn(instance(1), new Date('2026-11-25T10:45:00Z')), outcome: taken() });
    expect(told.severity).toBe('warning');
    expect(told.items[0]).toMatchObject({
      requested: 'warn',
      status: 'none',
      stopAt: '2026-11-25T10:45:00.000Z',
    });
    expect(told.offers).toEqual(['keep-2h', 'keep-tomorrow', 'stop', 'details']);
    expect(told.tomorrow).toBe('2026-11-26T09:00:00.000Z');
    expect(told.next).toBe(
      'It is stopped at 2026-11-25 10:45 UTC unless it is used or kept before then. To keep it, answer below or set its tag `bursar:keep-until` to a later time, such as `2026-11-26T10:45:00Z`.',
    );
  });

  it('gives both ends where the times differ', () => {
    const told = only(
      { decision: warn(instance(1), new Date('2026-11-25T10:50:00Z')), outcome: taken() },
      { decision: warn(instance(2), new Date('2026-11-25T10:45:00Z')), outcome: taken() },
    );
    expect(told.title).toBe(
      '2 idle resources of recsys will be stopped from 2026-11-25 10:45 UTC on, the last at 2026-11-25 10:50 UTC',
    );
    expect(told.reason).toContain('Together they cost $2.01/h.');
  });
});

describe('the grace of a budget', () => {
  it('says that the spend may fall', () => {
    const decision = { ...warn(instance(1), new Date('2026-11-25T10:45:00Z')), trigger: 'budget' } as const;
    const told = only({ decision, outcome: taken() });
    expect(told).toMatchObject({
      kind: 'budget',
      title: '1 resource of recsys will be stopped at 2026-11-25 10:45 UTC: over budget',
    });
    expect(told.next).toContain('unless it is kept, or the spend falls, before then.');
  });
});

describe('what people asked for', () => {
  const by = 'ana (Slack)';
  const target = instance(1);
  const base = { key: 'k', project: 'recsys', reason: 'ana (Slack) asked for it.' };

  it('a restore says what is back and what was found', () => {
    const restore = (n: number): RestoreDecision => ({
      ...base,
      action: 'restore',
      target: instance(n),
      by,
      key: `${n}`,
    });
    const told = only(
      { decision: restore(1), outcome: taken('It is starting.') },
      { decision: restore(2), outcome: skipped('Running', 'It runs already.') },
    );
    expect(told).toMatchObject({
      kind: 'restore',
      severity: 'info',
      title: '1 of 2 resources of recsys restored, 1 left alone, as ana (Slack) asked',
      offers: ['details'],
    });
    expect(told.items.map(({ status, detail }) => [status, detail])).toEqual([
      ['taken', 'It is starting.'],
      ['skipped', 'It runs already.'],
    ]);
  });

  it('the rest of a restore is nobody’s wish of its own', () => {
    const decision: RestoreDecision = { ...base, action: 'restore', target, by: FINISHER };
    expect(only({ decision, outcome: taken('Its scaling is back.') }).title).toBe(
      '1 resource of recsys restored in full',
    );
  });

  it('a restore that failed can be asked for again', () => {
    const decision: RestoreDecision = { ...base, action: 'restore', target, by: 'policy development' };
    expect(only({ decision, outcome: failed('X') })).toMatchObject({
      severity: 'critical',
      title: '1 resource of recsys not restored: 1 failed',
      offers: ['restore', 'details'],
    });
    expect(only({ decision, outcome: taken() }).title).toBe(
      '1 resource of recsys restored, as policy development says',
    );
  });

  it.each([
    ['3.825', 'It costs $7.65 until then.'],
    [undefined, 'What it costs until then is not known.'],
  ])('a keep at %s an hour says what it costs', (hourly, cost) => {
    const decision: KeepDecision = {
      ...base,
      action: 'keep',
      target: instance(1, { hourly: hourly === undefined ? undefined : usd(hourly) }),
      until: new Date('2026-11-25T12:30:00Z'),
      by,
    };
    const told = only({ decision, outcome: taken() });
    expect(told).toMatchObject({
      kind: 'keep',
      title: '1 resource of recsys kept until 2026-11-25 12:30 UTC, as ana (Slack) asked',
    });
    expect(told.reason).toContain(cost);
    expect(told.next).toMatch(/^After that it is judged as before/);
  });

  it('a release says what it releases, and when it could not', () => {
    const decision: ReleaseDecision = { ...base, action: 'release', heldAt: AT, by: 'omar' };
    expect(only({ decision, outcome: taken() })).toMatchObject({
      kind: 'release',
      title: 'omar released the stops that were held back at 2026-11-25 10:30 UTC',
      items: [],
    });
    expect(only({ decision, outcome: skipped('TooOld', 'It was held too long ago.') })).toMatchObject({
      title: 'The stops that were held back at 2026-11-25 10:30 UTC were not released, though omar asked',
      reason: 'ana (Slack) asked for it. It was held too long ago.',
    });
  });
});

describe('the canary', () => {
  it('names its account and nothing else', () => {
    const decision: CanaryDecision = {
      action: 'canary',
      key: 'canary/1',
      project: undefined,
      reason: 'Daily.',
    };
    expect(only({ decision, outcome: taken() })).toMatchObject({
      kind: 'canary',
      severity: 'info',
      title: `Bursar is watching account ${ACCOUNT}: this alert proves that alerts arrive`,
      items: [],
    });
  });
});

describe('a notice', () => {
  it('of idle resources touches nothing', () => {
    const told = only({ decision: notify(instance(1)), outcome: taken() });
    expect(told).toMatchObject({ severity: 'info', title: '1 resource of recsys looks idle' });
    expect(told.items[0]).toMatchObject({ requested: 'notify', status: 'none' });
  });

  it('of a keep tag that cannot be read says how to write one', () => {
    const told = only({ decision: notify(instance(1), { trigger: 'keep-tag' }), outcome: taken() });
    expect(told).toMatchObject({
      kind: 'keep-tag',
      severity: 'warning',
      title: 'The tag bursar:keep-until of 1 resource of recsys cannot be read',
      offers: ['keep-2h', 'keep-tomorrow', 'details'],
    });
    expect(told.next).toContain('`2026-11-26T10:30:00Z`, or a duration, such as `4h`');
  });

  it('of untagged resources asks for the tag', () => {
    const decision = notify(instance(1), { trigger: 'untagged', project: undefined });
    const told = only({ decision, outcome: taken() });
    expect(told).toMatchObject({ kind: 'untagged', title: '1 resource names no project' });
    expect(told).not.toHaveProperty('project');
    expect(told.next).toContain('`project`');
  });

  const notice = (spent: string, threshold: string): Result => ({
    decision: {
      action: 'budget-notice',
      key: `budget-notice/recsys/${threshold}`,
      project: 'recsys',
      threshold,
      spent: usd(spent),
      limit: usd('12000'),
      reason: 'Project recsys has spent it.',
    },
    outcome: taken(),
  });

  it('of a budget says what comes next', () => {
    const told = only(notice('9700', '80% of actual'));
    expect(told).toMatchObject({
      severity: 'warning',
      kind: 'budget',
      title: 'recsys has spent $9,700.00 of $12,000.00 this month',
      items: [],
    });
    expect(told.next).toBe(
      'This notice stops nothing. At 100% of actual spend, policy development stops its resources. ' +
        'At 120% of actual spend, policy development freezes the project: what starts is stopped.',
    );
  });

  it('of a budget that is spent is critical, and names only what is still to come', () => {
    const told = only(notice('12500', '100% of actual'));
    expect(told.severity).toBe('critical');
    expect(told.next).not.toContain('100%');
    expect(told.next).toContain('120%');
  });

  it('of a forecast is no spend', () => {
    const told = only(notice('13000', '100% of forecasted'));
    expect(told.severity).toBe('warning');
    expect(told.title).toBe('recsys is forecast to spend $13,000.00 of $12,000.00 this month');
    expect(told.next).toContain('At 100% of actual spend');
  });
});

describe('a freeze', () => {
  const decision: FreezeDecision = {
    action: 'freeze',
    key: 'freeze/recsys/2026-11-01',
    project: 'recsys',
    rule: { policy: 'development', rule: 'budget 120% of actual: freeze' },
    until: new Date('2026-12-01T00:00:00Z'),
    reason: 'Project recsys has spent too much.',
  };

  it('says until when', () => {
    const told = only({ decision, outcome: taken() });
    expect(told).toMatchObject({ kind: 'freeze', title: 'recsys is frozen until 2026-12-01 00:00 UTC' });
    expect(told.next).toContain('Until 2026-12-01 00:00 UTC, whatever starts in recsys');
  });

  it('that failed does not say that it is frozen', () => {
    const told = only({ decision, outcome: failed('AccessDenied') });
    expect(told).toMatchObject({ severity: 'critical', title: 'recsys could not be frozen' });
    expect(told.reason).toContain('AccessDenied');
  });

  it('that waits for an approval is not told: what waits is told by itself', () => {
    const outcome = { status: 'skipped', at: AT, code: 'Unapproved', detail: 'Not approved.' } as const;
    expect(alerts({ decision, outcome })).toEqual([]);
  });
});

describe('a hold', () => {
  const hold = (cause: HoldDecision['cause'], project?: string, heldAt?: Date): Result => ({
    decision: {
      ...(heldAt === undefined ? {} : { heldAt }),
      action: 'hold',
      key: `hold/${cause}`,
      cause,
      project,
      targets: [instance(1), instance(2)],
      reason: 'Held.',
    },
    outcome: taken(),
  });

  it.each([
    ['blast-radius', 'limits.maxStopsPerSweep'],
    ['implausible-amount', 'Cost Explorer'],
    ['metrics-outage', 'Health Dashboard'],
  ] as const)('tells a person what to do: %s', (cause, what) => {
    const told = only(hold(cause));
    expect(told).toMatchObject({ severity: 'critical', kind: 'hold' });
    expect(told.next).toMatch(/^A person must (look|decide)\./);
    expect(told.next).toContain(what);
    expect(told.items.map(({ requested, status }) => [requested, status])).toEqual([
      ['hold', 'none'],
      ['hold', 'none'],
    ]);
  });

  it('of what no approved plan lists says how to approve one', () => {
    const told = only(hold('unapproved'));
    expect(told).toMatchObject({ severity: 'warning', kind: 'hold' });
    expect(told.next).toContain('`bursar plan --json > plan.json`');
    expect(told.next).toContain('`bursar approve <hash> --plan plan.json`');
    expect(told).not.toHaveProperty('offers');
  });

  it('can be released where the limits hold it, and only there', () => {
    const told = only(hold('blast-radius', undefined, AT));
    expect(told).toMatchObject({ heldAt: AT.toISOString(), offers: ['release', 'details'] });
    expect(told.next).toContain(`\`bursar release ${AT.toISOString()}\``);
    for (const cause of ['implausible-amount', 'metrics-outage'] as const) {
      expect(only(hold(cause, undefined, AT))).not.toHaveProperty('offers');
    }
  });

  it('is an alert of its own, and names its project', () => {
    expect(
      alerts(hold('blast-radius'), hold('implausible-amount', 'recsys')).map(({ title }) => title),
    ).toEqual([
      'Stops held back: more are due than the limits allow',
      'Budget of recsys reports an implausible amount: nothing was stopped',
    ]);
  });
});

describe('an approval', () => {
  const decision: ApproveDecision = {
    action: 'approve',
    key: 'approve/1/sha256:0123456789abcdef',
    project: undefined,
    hash: 'sha256:0123456789abcdef',
    policyHash: 'sha256:1',
    resources: 2,
    by: 'olga (command line)',
    reason: 'olga (command line) approves the plan sha256:0123456789abcdef, which lists 2 resources.',
  };

  it('is told with who gave it', () => {
    expect(only({ decision, outcome: taken() })).toMatchObject({
      kind: 'approve',
      severity: 'info',
      title: 'olga (command line) approved the plan sha256:0123456789ab…',
      reason: expect.stringContaining('which lists 2 resources'),
      items: [],
    });
  });

  it('that failed says that nothing has changed', () => {
    const told = only({ decision, outcome: failed('OtherPlan') });
    expect(told.title).toBe(
      'The plan sha256:0123456789ab… was not approved, though olga (command line) asked',
    );
    expect(told.next).toContain('What was approved before is approved still');
  });
});
