import { describe, expect, it } from 'vitest';
import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import type { Schedule } from '../../lib/policy/schedule.ts';
import type { Alert } from '../../lib/types/alert.ts';
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
  undo,
  warn,
} from './fixtures.ts';

/** Weekdays 08:00-11:30 in Berlin; `AT` is a Wednesday, when they ended at 10:30 UTC. */
const morning: Schedule = {
  timezone: 'Europe/Berlin',
  week: [1, 2, 3, 4, 5, 6, 7].map((day) => (day > 5 ? [] : [{ from: 480, to: 690 }])),
  closed: [],
  do: 'start-and-stop',
  starts: 'its-own',
  startAheadSeconds: 0,
  warnSeconds: 0,
  endpoints: 'shut-down',
};

function told(results: readonly Result[], hours: readonly Schedule[] = [morning]): Alert {
  const [first, ...others] = alertsFromBatch({
    batch: 'b1',
    at: AT,
    account: ACCOUNT,
    policy: {
      ...policy,
      policies: policy.policies.flatMap((one) => [
        { ...one, hours },
        { ...one, name: 'nights', match: { environment: ['night'] }, hours: [{ ...morning, do: 'stop' }] },
      ]),
    },
    undo,
    results,
  });
  if (first === undefined || others.length > 0) throw new Error('not exactly one alert');
  return first;
}

const REASON = 'Policy development has hours, which ended at Wed 2026-11-25 11:30 Europe/Berlin.';
const byHours = (n: number, name = 'development') =>
  stop(instance(n), {
    trigger: 'schedule',
    key: `schedule/${n}`,
    rule: { policy: name, rule: 'hours' },
    reason: REASON,
  });
const stopped = (n: number, name?: string): Result => ({ decision: byHours(n, name), outcome: taken() });

describe('stops by hours', () => {
  it('say when it comes back, what becomes of a start before, and how to have it now', () => {
    const alert = told([stopped(1)]);
    expect(alert).toMatchObject({
      kind: 'schedule',
      severity: 'info',
      title: '1 resource of recsys stopped: outside its hours',
      reason: `${REASON} What was stopped cost $1.01/h.`,
      offers: ['restore', 'details'],
    });
    expect(alert.next.split('\n')).toEqual([
      'It comes back when the hours of policy development begin: Thu 2026-11-26 08:00 Europe/Berlin.',
      'What somebody starts before then runs until hours end again, Thu 2026-11-26 11:30 Europe/Berlin.',
      'To have it before:',
      `\`bursar restore ${instance(1).arn}\``,
      'Or by the AWS CLI:',
      '`aws ec2 start-instances --region us-east-1 --instance-ids i-00000000000000001`',
    ]);
  });

  it('are one alert for a project, and tell of each policy', () => {
    const alert = told([stopped(1), stopped(2), stopped(3), stopped(4, 'nights')]);
    expect(alert.title).toBe('4 resources of recsys stopped: outside their hours');
    expect(alert.next.split('\n').slice(0, 4)).toEqual([
      'Those of policy development come back when the hours of policy development begin: Thu 2026-11-26 08:00 Europe/Berlin.',
      'What somebody starts before then runs until hours end again, Thu 2026-11-26 11:30 Europe/Berlin.',
      'Those of policy nights stay stopped until someone restores them: the hours of policy nights start nothing.',
      'To have them before, restore them.',
    ]);
  });

  it.each([
    [0, 'What somebody starts before then is stopped again at once, unless it is kept.'],
    [7_200, 'What somebody starts before then runs for 2 h.'],
  ])('say what becomes of a manual start: %s s', (manualStartSeconds, sentence) => {
    expect(told([stopped(1)], [{ ...morning, manualStartSeconds }]).next).toContain(sentence);
  });

  it('over a weekend name the day that comes', () => {
    const friday: Result = {
      decision: byHours(1),
      outcome: { ...taken(), at: new Date('2026-11-27T10:30:20Z') },
    };
    expect(told([friday]).next).toContain('begin: Mon 2026-11-30 08:00 Europe/Berlin.');
  });

  it('that failed promise nothing', () => {
    const { next } = told([{ decision: byHours(1), outcome: failed('UnsupportedOperation') }]);
    expect(next).toBe('What failed needs a person: stop it by hand, or fix the cause that is shown with it.');
  });

  it('of endpoints that are scaled down say so, and nothing while they go on variant by variant', () => {
    const decision = {
      ...byHours(1),
      target: endpoint('ranker'),
      manner: 'scale-down' as const,
    };
    const detail = 'Scaled down: main from 3 to 1 instance.';
    expect(told([{ decision, outcome: taken(detail) }])).toMatchObject({
      title: '1 resource of recsys scaled down: outside its hours',
      reason: `${REASON} Before it was scaled down, what is told of here cost $2.82/h.`,
    });
    expect(() => told([{ decision, outcome: skipped('ScalingDown') }])).toThrow('not exactly one');
  });
});

it('a warning says when hours end, that a keep prevents the stop, and when it comes back', () => {
  const stopAt = new Date('2026-11-25T10:45:00Z');
  const alert = told([
    {
      decision: {
        ...warn(instance(1), stopAt),
        trigger: 'schedule',
        rule: { policy: 'development', rule: 'hours' },
        reason: REASON,
      },
      outcome: taken(),
    },
  ]);
  expect(alert).toMatchObject({
    title: '1 resource of recsys will be stopped at 2026-11-25 10:45 UTC: its hours end',
    offers: ['keep-2h', 'keep-tomorrow', 'stop', 'details'],
  });
  expect(alert.next).toMatch(
    /^It is stopped at 2026-11-25 10:45 UTC unless it is kept before then\. It comes back when the hours of policy development begin: Thu 2026-11-26 08:00 Europe\/Berlin\. What somebody starts before then runs until hours end again, .* To keep it, answer below/,
  );
});

it('an opening that a limit is in the way of says so', () => {
  const alert = told([
    {
      decision: notify(instance(1), {
        trigger: 'schedule',
        reason: 'Project recsys is frozen until 2026-12-01 00:00 UTC, so it is not started.',
      }),
      outcome: taken(),
    },
  ]);
  expect(alert).toMatchObject({
    severity: 'warning',
    title: '1 resource of recsys is not started, though its hours begin',
    reason:
      'Project recsys is frozen until 2026-12-01 00:00 UTC, so it is not started. Running, it costs $1.01/h.',
    offers: ['details'],
  });
  expect(alert.next).toContain('`bursar restore ID` brings one back.');
});

it('what an opening starts says by what', () => {
  const alert = told([
    {
      decision: {
        action: 'restore',
        key: 'r1',
        project: 'recsys',
        target: instance(1),
        by: 'the hours of policy development',
        reason: 'The hours of policy development began: Wed 2026-11-25 08:00 Europe/Berlin.',
      },
      outcome: taken('Started.'),
    },
  ]);
  expect(alert).toMatchObject({
    kind: 'restore',
    severity: 'info',
    title: '1 resource of recsys restored, as the hours of policy development say',
  });
});

describe('a longest runtime', () => {
  const fields = {
    trigger: 'runtime',
    rule: { policy: 'development', rule: 'maxRuntime 12 h: stop' },
  } as const;

  it('that is over says that a person brings it back, and for how long', () => {
    const alert = told([{ decision: stop(instance(1), fields), outcome: taken() }]);
    expect(alert).toMatchObject({
      kind: 'runtime',
      severity: 'warning',
      title: '1 resource of recsys stopped: over its longest runtime',
      offers: ['restore', 'details'],
    });
    expect(alert.next).toMatch(/^It stays stopped until someone restores it:/);
    expect(alert.next).toContain('What is restored may run for as long again.');
  });

  it('is announced, and told where nothing is stopped for it', () => {
    const warned = { ...warn(instance(1), new Date('2026-11-25T11:00:00Z')), ...fields };
    expect(told([{ decision: warned, outcome: taken() }]).title).toBe(
      '1 resource of recsys will be stopped at 2026-11-25 11:00 UTC: over its longest runtime',
    );
    expect(told([{ decision: notify(instance(1), fields), outcome: taken() }])).toMatchObject({
      title: '1 resource of recsys runs for longer than the policy means',
      offers: ['stop', 'details'],
    });
  });
});
