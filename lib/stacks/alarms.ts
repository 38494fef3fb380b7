import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRICS, METRICS_NAMESPACE } from '../types/metric.ts';

/** A metric of Bursar's own, summed over five minutes. */
export const ownMetric = (name: string, service: string): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: name,
    dimensionsMap: { service },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });

/** Alarms that tell the alerts topic, each with the runbook entry that says what to do. */
export class Alarms extends Construct {
  readonly all: Alarm[] = [];
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, topic: ITopic) {
    super(scope, id);
    this.#topic = topic;
  }

  /** Any message in a dead-letter queue: work or an alert that was promised and not done. */
  deadLetters(name: string, queue: IQueue): void {
    this.#add(
      `${name}DeadLetters`,
      'dead-letters',
      `Messages of the ${name} queue are in its dead-letter queue.`,
      {
        metric: queue.metricApproximateNumberOfMessagesVisible({
          period: Duration.minutes(1),
          statistic: 'Maximum',
        }),
      },
    );
  }

  /** Messages that wait: the enforcer does not keep up, or does not run. */
  stale(name: string, queue: IQueue, age: Duration): void {
    this.#add(
      `${name}Stale`,
      'stale-commands',
      `Messages of the ${name} queue wait longer than ${age.toMinutes()} min.`,
      {
        metric: queue.metricApproximateAgeOfOldestMessage({
          period: Duration.minutes(1),
          statistic: 'Maximum',
        }),
        threshold: age.toSeconds(),
      },
    );
  }

  handlerErrors(name: string, handler: IFunction): void {
    this.#add(`${name}Errors`, 'handler-errors', `The ${name} Lambda fails.`, {
      metric: handler.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
    });
  }

  /** No sweep came to its end for 15 minutes; its silence is the alarm. */
  sweepSilent(): void {
    this.#add('SweepSilent', 'sweep-silent', 'No sweep was completed for 15 min: nothing idle is stopped.', {
      metric: ownMetric(METRICS.sweepCompleted, 'sweep').with({ period: Duration.minutes(15) }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    });
  }

  #add(
    id: string,
    runbook: string,
    description: string,
    {
      metric,
      threshold = 1,
      comparison,
      missing,
    }: {
      readonly metric: IMetric;
      readonly threshold?: number;
      readonly comparison?: ComparisonOperator;
      readonly missing?: TreatMissingData;
    },
  ): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `Bursar: ${description} What to do: docs/runbook.md#${runbook}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    this.all.push(alarm);
  }
}
