import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
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

  /**
   * A message that came into a dead-letter queue: work or an alert that was promised and not done. It rings for
   * arrivals, not for what lies there: that stays for 14 days, and an alarm that stays on tells of no later loss.
   * What SQS moves there is in no count of sent messages, so arrivals are where the number of messages grows.
   * An idle queue has no data; filled with zeros, so that its first message is growth as well. The newest minute
   * may be such a zero because its data is late, so the minutes before it are looked at again.
   */
  deadLetters(name: string, queue: IQueue): void {
    const period = Duration.minutes(1);
    this.#add(
      `${name}DeadLetters`,
      'dead-letters',
      `A message of the ${name} queue came into its dead-letter queue.`,
      {
        metric: new MathExpression({
          label: 'new dead letters',
          expression: 'DIFF(FILL(m, 0))',
          usingMetrics: {
            m: queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
          },
          period,
        }),
        threshold: 0,
        comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
        lookBack: 3,
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
      lookBack = 1,
    }: {
      readonly metric: IMetric;
      readonly threshold?: number;
      readonly comparison?: ComparisonOperator;
      readonly missing?: TreatMissingData;
      /** Periods of which one is enough to ring. */
      readonly lookBack?: number;
    },
  ): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `Bursar: ${description} What to do: docs/runbook.md#${runbook}`,
      metric,
      threshold,
      evaluationPeriods: lookBack,
      datapointsToAlarm: 1,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    this.all.push(alarm);
  }
}
