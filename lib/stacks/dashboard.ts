import { AlarmStatusWidget, Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Project } from '../policy/policy.ts';
import { METRICS } from '../types/metric.ts';
import { type Alarms, ownMetric } from './alarms.ts';
import { spendGraphs } from './spend-graphs.ts';
import type { WorkQueue } from './work-queue.ts';

export interface DashboardProps {
  readonly alarms: Alarms;
  readonly projects: readonly Project[];
  readonly handlers: Readonly<Record<string, IFunction>>;
  readonly queues: Readonly<Record<string, WorkQueue>>;
  /** Of what has no queue of its own. */
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  readonly topics: Readonly<Record<string, ITopic>>;
}

/** One page that answers: is it well, what did it do, what does it watch, what waits, what is spent. */
export function createDashboard(
  scope: Construct,
  { alarms, projects, handlers, queues, deadLetters, topics }: DashboardProps,
): Dashboard {
  const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12, height: 6 });
  return new Dashboard(scope, 'Dashboard', {
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.all, width: 24, height: 3 })],
      [
        graph('What was done', [
          ownMetric(METRICS.stopped, 'enforce'),
          ownMetric(METRICS.warned, 'enforce'),
          ownMetric(METRICS.held, 'enforce'),
          ownMetric(METRICS.failed, 'enforce'),
        ]),
        graph('What is watched', [
          ownMetric(METRICS.running, 'sweep'),
          ownMetric(METRICS.metricsRequested, 'sweep'),
          ownMetric(METRICS.sweepCompleted, 'sweep'),
        ]),
      ],
      [
        graph('What waits', [
          ...Object.entries(queues).flatMap(([label, work]) => [
            work.queue.metricApproximateNumberOfMessagesVisible({ label }),
            work.deadLetters.metricApproximateNumberOfMessagesVisible({ label: `${label}, dead` }),
          ]),
          ...Object.entries(deadLetters).map(([label, queue]) =>
            queue.metricApproximateNumberOfMessagesVisible({ label: `${label}, dead` }),
          ),
        ]),
        graph(
          'Errors',
          Object.entries(handlers).map(([label, handler]) => handler.metricErrors({ label })),
        ),
      ],
      [
        graph('What people are told', [
          ownMetric(METRICS.canaryArrived, 'notify'),
          ...Object.entries(topics).flatMap(([label, topic]) => [
            topic.metricNumberOfNotificationsDelivered({ label: `${label}, delivered` }),
            topic.metricNumberOfNotificationsFailed({ label: `${label}, failed` }),
          ]),
        ]),
        graph(
          'Calls turned away',
          Object.entries(handlers).map(([label, handler]) => handler.metricThrottles({ label })),
        ),
      ],
      ...spendGraphs(projects),
    ],
  });
}
