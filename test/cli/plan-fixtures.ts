import type { Plan, PlanLine } from '../../lib/plan/plan.ts';
import { endpoint, instance } from './fixtures.ts';
import { usd, WEEKEND } from './run-fixtures.ts';

/** The time that a command takes for now (`run-cli.ts`). */
const NOW = new Date('2026-11-25T10:30:00.000Z');
const time = (text: string): Date => new Date(`2026-11-${text}:00.000Z`);

const line = (given: Partial<PlanLine> & Pick<PlanLine, 'arn' | 'id' | 'now'>): PlanLine => ({
  kind: 'ec2-instance',
  title: 'EC2 instance',
  size: 'g5.xlarge',
  region: 'us-east-1',
  account: '123456789012',
  state: 'running',
  project: 'recsys',
  policy: 'development',
  hourly: usd('1.006'),
  ...given,
});

const BUSY_WHY = 'CPU was 40% at 10:25 UTC (idle is below 5%).';

export const PLAN: Plan = {
  at: NOW,
  account: '123456789012',
  regions: ['us-east-1', 'eu-west-1'],
  policyFile: 'bursar.yaml',
  hash: 'sha256:3f5a0000000000000000000000000000000000000000000000000000000000ff',
  lists: new Map(),
  state: 'deployed',
  lines: [
    line({
      arn: endpoint('churn'),
      id: 'churn',
      kind: 'sagemaker-endpoint',
      title: 'SageMaker endpoint',
      size: '2 × ml.g5.xlarge',
      project: 'fraud-detection',
      hourly: usd('2.816'),
      now: {
        action: 'warn',
        verdict: 'idle',
        why: 'Idle from 10:00 UTC to 10:30 UTC: no invocations, CPU at most 1%.',
        stopAt: time('25T10:40'),
      },
      stopAt: time('25T10:40'),
      next: { at: time('25T10:40'), action: 'stop', why: 'Idle for 40 min.' },
    }),
    line({ arn: instance('i-busy'), id: 'i-busy', now: { action: 'none', verdict: 'busy', why: BUSY_WHY } }),
    line({
      arn: instance('i-busy-2'),
      id: 'i-busy-2',
      now: { action: 'none', verdict: 'busy', why: BUSY_WHY },
      hourly: usd('0.5'),
    }),
    line({
      arn: instance('i-young'),
      id: 'i-young',
      now: {
        action: 'none',
        verdict: 'too-young',
        why: 'Running for 10 min, less than the 30 min of the window.',
      },
      next: { at: time('25T10:50'), action: 'warn', why: 'Idle for 20 min.' },
      stopAt: time('25T11:00'),
    }),
    line({
      arn: instance('i-gone'),
      id: 'i-gone',
      now: { action: 'none', verdict: 'not-running', why: 'It is stopped.' },
      state: 'stopped',
    }),
    line({
      arn: instance('i-now'),
      id: 'i-now',
      now: { action: 'stop', verdict: 'idle', why: 'Idle for 34 min.' },
    }),
    line({
      arn: instance('i-untagged'),
      id: 'i-untagged',
      project: undefined,
      policy: undefined,
      hourly: undefined,
      size: 'x9.large',
      now: { action: 'none', verdict: 'no-policy', why: 'It has no tag project.' },
    }),
  ],
  ahead: {
    ...WEEKEND,
    from: NOW,
    to: time('26T10:30'),
    spent: usd('60'),
    without: usd('100'),
    events: [
      {
        event: 'budget',
        at: time('25T18:00'),
        project: 'recsys',
        reason: 'recsys has spent an estimated $10,800.00 of $12,000.00.',
        threshold: '90% of estimated',
        spent: usd('10800'),
        limit: usd('12000'),
      },
      {
        event: 'frozen',
        at: time('26T02:00'),
        project: 'recsys',
        reason: 'It has spent 100% of its day.',
        until: time('27T00:00'),
      },
      ...WEEKEND.events.slice(0, 2),
    ],
  },
  missing: ['The Studio apps of eu-west-1 could not be listed: AWS does not allow sagemaker:ListApps.'],
};

/** The same where the policy file asks for approved plans, of which none lists the youngest. */
export const APPROVING: Plan = {
  ...PLAN,
  lines: PLAN.lines.map((one) => ({ ...one, approved: one.id !== 'i-young' })),
};
