import { pressId } from '../../lib/alerts/press.ts';
import type { Alert, AlertAnswer } from '../../lib/types/alert.ts';
import type { Result } from '../../lib/types/outcome.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  ACCOUNT,
  AT,
  endpoint,
  failed,
  instance,
  notify,
  skipped,
  stop,
  taken,
  usd,
  warn,
} from './fixtures.ts';
import { done, type Scene, scene } from './scene.ts';
import { SPEND_SCENES } from './spend-scenes.ts';

export type { Scene };

const STOP_AT = new Date('2026-11-25T10:45:00Z');
const ANA = 'ana (Slack)';

const notebook: Resource = instance(0, {
  kind: 'sagemaker-notebook',
  arn: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:notebook-instance/anas-notebook`,
  id: 'anas-notebook',
  size: 'ml.p3.2xlarge',
  tags: { project: 'recsys', owner: 'ana', environment: 'dev' },
  hourly: usd('3.825'),
});
const large = instance(0xa1b2c3d4e5f01, { size: 'p3.8xlarge', hourly: usd('12.24') });
const small = instance(0xa1b2c3d4e5f02, { tags: { project: 'recsys', owner: 'bob', environment: 'dev' } });
const unpriced = instance(0xa1b2c3d4e5f03, { size: 'x9.metal', hourly: undefined });
const spot = instance(0xa1b2c3d4e5f04, { size: 'p3.2xlarge', hourly: usd('1.1475') });

const overBudget = (target: Resource): Result =>
  done({
    ...warn(target, STOP_AT),
    trigger: 'budget',
    key: `warn/budget/${target.arn}`,
    rule: { policy: 'development', rule: 'budget 100% of actual: stop after 15 min' },
    reason:
      'Project recsys has spent $12,080.00 of $12,000.00 (100.6%). Policy development stops its resources at 100% of actual spend, 15 min after this.',
  });

const kept = (alert: Alert, n: number): AlertAnswer => ({
  id: pressId({ alert: alert.id, offer: 'keep-2h', round: n }),
  at: new Date(AT.getTime() + n * 7_200_000).toISOString(),
  by: 'ana',
  text: `Kept until 2026-11-25 ${12 + 2 * n}:30 UTC (${13 + 2 * n}:30 in Europe/Berlin). That costs $7.65 at $3.825/h.`,
});
const warned = scene('warning-one', [done(warn(notebook, STOP_AT))]);
const snoozes = [0, 1, 2].map((n) => kept(warned.alert, n));
const pending: AlertAnswer = {
  id: pressId({ alert: warned.alert.id, offer: 'keep-2h', round: 3 }),
  at: '2026-11-25T16:35:00.000Z',
  by: 'ana',
  text: 'ana asks to keep it until 2026-11-25 18:35 UTC (19:35 in Europe/Berlin). It was kept 3 times since it last started, so an owner must approve. That costs $7.65 at $3.825/h.',
  approval: { offer: 'keep-2h', asker: 'U0ANA' },
};
const approved: AlertAnswer = {
  id: pressId({ alert: warned.alert.id, offer: 'keep-2h', round: 4, asker: 'U0ANA' }),
  at: '2026-11-25T16:41:00.000Z',
  by: 'omar',
  text: 'Approved for ana. Kept until 2026-11-25 18:35 UTC (19:35 in Europe/Berlin). That costs $7.65 at $3.825/h.',
};

/** Every kind of message, as the golden tests pin it and `render-blocks.ts` draws it. */
export const SCENES: readonly Scene[] = [
  warned,
  { ...warned, name: 'warning-kept', answers: snoozes.slice(0, 1) },
  { ...warned, name: 'fourth-snooze', answers: [...snoozes, pending] },
  { ...warned, name: 'fourth-snooze-approved', answers: [...snoozes, pending, approved] },
  scene('warning-three', [
    done(warn(large, STOP_AT)),
    done({
      ...warn(small, new Date('2026-11-25T10:50:00Z')),
      reason:
        'Idle from 10:05 UTC to 10:35 UTC: CPU at most 3.1%, GPU at most 0%. Policy development stops it after 30 min idle.',
    }),
    done(warn(unpriced, STOP_AT)),
  ]),
  scene('budget-grace', [overBudget(large), overBudget(small), overBudget(endpoint('ranker'))]),
  scene('stopped-one', [done(stop(small))]),
  scene('stopped-three', [done(stop(small)), done(stop(large)), done(stop(endpoint('ranker')))]),
  scene('partially-failed', [
    done(stop(large)),
    done(stop(endpoint('ranker'))),
    done(stop(small), {
      ...failed('OperationNotPermitted'),
      detail: "The instance 'i-0000a1b2c3d4e5f02' may not be stopped. Modify its 'disableApiStop' attribute.",
    }),
    done(stop(spot), {
      status: 'taken',
      at: AT,
      detail: 'Terminated: a Spot instance of a one-time request cannot be started again.',
      restorable: false,
    }),
  ]),
  scene('stopped-for-a-person', [
    done(
      stop(notebook, {
        trigger: 'person',
        by: ANA,
        reason: 'ana (Slack) asked for it: "done for today".',
        rule: { policy: 'development', rule: 'asked by ana (Slack)' },
      }),
    ),
  ]),
  scene('hold', [
    done({
      action: 'hold',
      key: 'hold/blast-radius/1',
      project: undefined,
      cause: 'blast-radius',
      reason:
        '60 resources are due to be stopped at once, 60% of the running fleet. The limits are 25 stops a sweep and 30% of the fleet: 25 are stopped and 35 held back.',
      targets: Array.from({ length: 35 }, (_, n) => instance(n + 1)),
      heldAt: AT,
    }),
  ]),
  scene('released', [
    done({
      action: 'release',
      key: 'release/1',
      project: undefined,
      heldAt: AT,
      by: 'omar (Slack)',
      reason: 'omar (Slack) said: "the batch is over".',
    }),
  ]),
  scene('restored', [
    done(
      {
        action: 'restore',
        key: 'r1',
        project: 'recsys',
        target: large,
        by: ANA,
        reason: 'ana (Slack) asked for it.',
      },
      taken('It is starting.'),
    ),
    done(
      {
        action: 'restore',
        key: 'r2',
        project: 'recsys',
        target: endpoint('ranker'),
        by: ANA,
        reason: 'ana (Slack) asked for it.',
      },
      taken(
        'It is being created again from endpoint configuration ranker-2026-11; its scaling follows once it is in service.',
      ),
    ),
    done(
      {
        action: 'restore',
        key: 'r3',
        project: 'recsys',
        target: small,
        by: ANA,
        reason: 'ana (Slack) asked for it.',
      },
      skipped('AlreadyRunning', 'It runs already: somebody started it at 2026-11-25 10:12 UTC.'),
    ),
    done(
      {
        action: 'restore',
        key: 'r4',
        project: 'recsys',
        target: notebook,
        by: ANA,
        reason: 'ana (Slack) asked for it.',
      },
      {
        ...failed('ResourceLimitExceeded'),
        detail: 'The account-level service limit for ml.p3.2xlarge is 0.',
      },
    ),
  ]),
  scene('kept', [
    done(
      {
        action: 'keep',
        key: 'k1',
        project: 'recsys',
        target: notebook,
        until: new Date('2026-11-25T12:30:00Z'),
        by: ANA,
        reason: 'ana (Slack) asked for it: "a run ends at noon".',
      },
      taken('Kept.'),
    ),
  ]),
  scene('looks-idle', [done(notify(small))]),
  scene('keep-tag', [
    done(
      notify(small, {
        trigger: 'keep-tag',
        reason:
          'Tag bursar:keep-until is "next friday", which is neither a time such as 2026-12-01T09:00:00Z nor a duration such as 4h; kept until 2026-11-26 10:30 UTC, to be mended.',
        rule: { policy: 'development', rule: 'idle for 30 min: stop' },
      }),
    ),
  ]),
  scene('canary', [
    done({
      action: 'canary',
      key: 'canary/2026-11-25',
      project: undefined,
      reason: 'It is sent once a day.',
    }),
  ]),
  ...SPEND_SCENES,
];
