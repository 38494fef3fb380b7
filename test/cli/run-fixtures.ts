import type { ResourceRun, RunEvent, RunResult } from '../../lib/simulate/result.ts';
import { parseUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import { endpoint, instance } from './fixtures.ts';

export const usd = (text: string): Usd => {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`${text} is no amount`);
  return amount;
};

/** A time of the weekend of the fixture: `at('27T18:00')`. */
export const at = (dayAndTime: string): Date => new Date(`2026-11-${dayAndTime}:00.000Z`);

const FROM = at('27T18:00');
const TO = at('30T09:00');

export const resourceRun = (given: Partial<ResourceRun> & Pick<ResourceRun, 'arn' | 'id'>): ResourceRun => ({
  kind: 'ec2-instance',
  title: 'EC2 instance',
  size: 'g5.xlarge',
  region: 'us-east-1',
  project: 'recsys',
  policy: 'development',
  hourly: usd('1.006'),
  ran: [{ from: FROM, to: TO }],
  stopped: [],
  busy: [],
  spent: ZERO_USD,
  without: ZERO_USD,
  ...given,
});

/** An idle weekend: an endpoint is warned and stopped, an instance is kept, one more is stopped too soon. */
export const WEEKEND: RunResult = {
  title: 'Weekend endpoint',
  description: 'An endpoint is left on\nfrom Friday to Monday.',
  from: FROM,
  to: TO,
  policy: 'policies/weekend.yaml',
  spent: usd('44.364'),
  without: usd('2437.722'),
  assumptions: ['What was stopped would have run on to the end.'],
  projects: [
    {
      project: 'fraud-detection',
      limit: usd('1000'),
      spent: usd('28.266'),
      without: usd('2374.344'),
      points: [
        { at: at('28T00:00'), billed: ZERO_USD, estimated: usd('28.266') },
        { at: at('29T00:00'), billed: usd('20'), estimated: usd('1000') },
      ],
    },
    {
      project: 'recsys',
      limit: usd('12000'),
      spent: usd('16.098'),
      without: usd('63.378'),
      points: [{ at: at('28T00:00'), billed: usd('4000'), estimated: usd('16.098') }],
    },
    { project: undefined, limit: undefined, spent: ZERO_USD, without: ZERO_USD, points: [] },
  ],
  resources: [
    resourceRun({
      arn: endpoint('churn'),
      id: 'churn',
      kind: 'sagemaker-endpoint',
      title: 'SageMaker endpoint',
      size: 'ml.p4d.24xlarge',
      project: 'fraud-detection',
      hourly: usd('37.688'),
      ran: [{ from: FROM, to: at('27T18:45') }],
      stopped: [{ from: at('27T18:45'), to: TO }],
      spent: usd('28.266'),
      without: usd('2374.344'),
    }),
    resourceRun({ arn: instance('i-0aaa'), id: 'i-0aaa', spent: usd('16.098'), without: usd('63.378') }),
    resourceRun({
      arn: instance('i-0bbb'),
      id: 'i-0bbb',
      project: undefined,
      policy: undefined,
      hourly: undefined,
    }),
  ],
  events: [
    {
      at: at('27T18:30'),
      project: 'fraud-detection',
      reason: 'Idle from 18:00 UTC to 18:30 UTC: no invocations, CPU at most 1%, GPU at most 0%.',
      event: 'warned',
      arn: endpoint('churn'),
      policy: 'development',
      stopAt: at('27T18:45'),
    },
    {
      at: at('27T18:45'),
      project: 'fraud-detection',
      reason: 'Idle from 18:00 UTC to 18:45 UTC: no invocations, CPU at most 1%, GPU at most 0%.',
      event: 'stopped',
      arn: endpoint('churn'),
      policy: 'development',
      trigger: 'idle',
      whileBusy: false,
      falseStop: false,
    },
    {
      at: at('27T19:00'),
      project: 'recsys',
      reason: 'ana keeps it.',
      event: 'kept',
      arn: instance('i-0aaa'),
      until: at('27T21:00'),
      by: 'ana',
    },
    {
      at: at('28T10:00'),
      project: 'recsys',
      reason: 'Idle from 09:30 UTC to 10:00 UTC: CPU at most 2%.',
      event: 'stopped',
      arn: instance('i-0aaa'),
      policy: 'development',
      trigger: 'idle',
      whileBusy: false,
      falseStop: true,
    },
    {
      at: at('29T00:00'),
      project: 'fraud-detection',
      reason: 'fraud-detection has spent an estimated $1,020.00 of $1,000.00.',
      event: 'budget',
      threshold: '100% of estimated',
      spent: usd('1020'),
      limit: usd('1000'),
    },
  ],
  gates: [],
  counts: { sweeps: 756, metrics: 1 },
};

export const BUSY_STOP: RunEvent = {
  at: at('28T12:00'),
  project: 'recsys',
  reason: 'Idle from 11:30 UTC to 12:00 UTC: CPU at most 2%.',
  event: 'stopped',
  arn: instance('i-0aaa'),
  policy: 'development',
  trigger: 'idle',
  whileBusy: true,
  falseStop: false,
};

/** One event of every name. */
export const EVERY_EVENT: readonly RunEvent[] = [
  ...WEEKEND.events,
  BUSY_STOP,
  {
    event: 'notified',
    at: at('28T13:00'),
    project: undefined,
    reason: 'It has no tag project.',
    arn: instance('i-0bbb'),
    policy: 'untagged',
  },
  {
    event: 'failed',
    at: at('28T13:05'),
    project: 'recsys',
    reason: 'It is a one-time Spot instance.',
    arn: instance('i-0aaa'),
    code: 'UnsupportedOperation',
  },
  {
    event: 'skipped',
    at: at('28T13:10'),
    project: 'recsys',
    reason: 'It is gone.',
    arn: instance('i-0aaa'),
    code: 'gone',
  },
  {
    event: 'restored',
    at: at('28T13:15'),
    project: 'recsys',
    reason: 'It was started.',
    arn: instance('i-0aaa'),
    by: 'ben',
  },
  {
    event: 'refused',
    at: at('28T13:20'),
    project: 'recsys',
    reason: 'An owner must approve the fourth.',
    by: 'ana',
  },
  {
    event: 'held',
    at: at('28T13:25'),
    project: undefined,
    reason: '6 were due, and the limits allow 3.',
    cause: 'blast-radius',
    arns: [instance('i-0aaa'), instance('i-0bbb')],
  },
  { event: 'released', at: at('28T13:30'), project: undefined, reason: '', by: 'ana' },
  {
    event: 'frozen',
    at: at('28T13:35'),
    project: 'recsys',
    reason: 'It has spent 120%.',
    until: new Date('2026-12-01T00:00:00.000Z'),
  },
  { event: 'unfrozen', at: at('28T13:40'), project: 'recsys', reason: 'ana ends the freeze.', by: 'ana' },
  {
    event: 'burn-rate',
    at: at('28T13:45'),
    project: 'recsys',
    reason: 'It costs more than usual.',
    burn: usd('50'),
    usual: usd('5'),
  },
  { event: 'started', at: at('28T13:50'), project: 'recsys', reason: '', arn: instance('i-0aaa') },
  { event: 'ended', at: at('28T13:55'), project: 'recsys', reason: '', arn: instance('i-0aaa') },
  {
    event: 'fault',
    at: at('28T14:00'),
    project: undefined,
    reason: 'CloudWatch answers nothing.',
    until: at('28T15:00'),
  },
];
