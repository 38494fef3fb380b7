import type * as z from 'zod';
import type { SweepAnswerSchema } from '../../lib/cli/sweep-answer.ts';
import type { SweepSummary } from '../../lib/enforce/sweep-summary.ts';
import type { State } from '../../lib/people/answer.ts';

export const instance = (id: string): string => `arn:aws:ec2:us-east-1:123456789012:instance/${id}`;
export const endpoint = (name: string, region = 'us-east-1'): string =>
  `arn:aws:sagemaker:${region}:123456789012:endpoint/${name}`;

type Answer = z.input<typeof SweepAnswerSchema>;

/** What the sweep answers is what the command line reads: where they part, this does not compile. */
export const asAnswer = (summary: SweepSummary): Answer => summary;

export const SWEEP: Answer = {
  at: '2026-11-25T10:30:00.000Z',
  decisions: { warn: 1, stop: 1, 'budget-notice': 1 },
  verdicts: { exempt: 1, held: 1, busy: 1, 'no-policy': 1 },
  decided: [
    {
      action: 'warn',
      arn: endpoint('churn'),
      id: 'churn',
      kind: 'sagemaker-endpoint',
      project: 'fraud-detection',
      size: '2 × ml.g5.xlarge',
      hourly: '2.816',
      state: 'running',
      stopAt: '2026-11-25T10:40:00.000Z',
      reason: 'No invocations for 20 min.',
    },
    {
      action: 'stop',
      arn: instance('i-0aaa'),
      id: 'i-0aaa',
      kind: 'ec2-instance',
      project: 'fraud-detection',
      size: 'g5.xlarge',
      hourly: '1.006',
      state: 'running',
      reason: 'Idle for 34 min.',
    },
    { action: 'budget-notice', project: 'recsys', reason: 'recsys has spent $12,480.50 of $12,000.00.' },
  ],
  leftAlone: [
    {
      arn: instance('i-0bbb'),
      id: 'i-0bbb',
      kind: 'ec2-instance',
      project: 'recsys',
      size: 'p3.8xlarge',
      hourly: '12.24',
      state: 'running',
      policy: 'development',
      verdict: 'exempt',
      why: 'Kept until 2026-11-25 12:00 UTC by ana.',
    },
    {
      arn: endpoint('ranker'),
      id: 'ranker',
      kind: 'sagemaker-endpoint',
      project: 'recsys',
      size: 'ml.p4d.24xlarge',
      hourly: '37.688',
      state: 'running',
      policy: 'development',
      verdict: 'held',
      why: 'Held back: 31 stops were due, and the limits allow 25.',
    },
    {
      arn: endpoint('ranker', 'eu-west-1'),
      id: 'ranker',
      kind: 'sagemaker-endpoint',
      project: 'recsys',
      size: 'ml.m5.xlarge',
      state: 'running',
      policy: 'development',
      verdict: 'busy',
      why: '12 invocations at 10:25 UTC.',
    },
    {
      arn: instance('i-0ccc'),
      id: 'i-0ccc',
      kind: 'ec2-instance',
      size: 't3.micro',
      hourly: '0.0104',
      state: 'stopped',
      verdict: 'no-policy',
      why: 'It has no tag project.',
    },
  ],
};

export const STATE: State = {
  keeps: [{ arn: instance('i-0bbb'), until: '2026-11-25T12:00:00.000Z', by: 'ana', count: 1 }],
  projects: [
    {
      project: 'recsys',
      breach: { actual: '12480.5', limit: '12000', asOf: '2026-11-25T06:00:00.000Z' },
      frozenUntil: '2026-12-01T00:00:00.000Z',
      reached: [
        {
          rule: 'actual-100',
          at: '2026-11-25T10:00:00.000Z',
          stopAt: '2026-11-25T10:45:00.000Z',
        },
      ],
    },
  ],
  restorable: [
    {
      arn: endpoint('old'),
      id: 'old',
      project: 'recsys',
      kind: 'sagemaker-endpoint',
      savedAt: '2026-11-24T18:30:00.000Z',
      trigger: 'idle',
      state: 'stopped',
    },
    {
      arn: instance('i-0ddd'),
      id: 'i-0ddd',
      project: 'vision',
      kind: 'ec2-instance',
      savedAt: '2026-11-23T18:30:00.000Z',
      trigger: 'budget',
      state: 'restoring',
    },
  ],
  held: ['2026-11-25T10:25:00.000Z'],
};
