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

/** Alarms that tell all the given topics, each with the runbook entry that says what to do. */
export class Alarms extends Construct {
  readonly all: Alarm[] = [];
  readonly #topics: readonly ITopic[];

  constructor(scope: Construct, id: string, topics: readonly ITopic[]) {
    super(scope, id);
    this.#topics = topics;
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

  /** The same of a Lambda some of whose errors are answers by its contract: it counts its failures itself, by this metric. */
  ownFailures(name: string, metric: string): void {
    this.#add(`${name}Errors`, 'handler-errors', `The ${name} Lambda fails.`, {
      metric: ownMetric(metric, name),
    });
  }

  /** No sweep came to its end for 15 minutes, or none could read the meter; its silence is the alarm. */
  sweepSilent(): void {
    this.#add('SweepSilent', 'sweep-silent', 'No sweep was completed for 15 min: nothing idle is stopped.', {
      metric: ownMetric(METRICS.sweepCompleted, 'sweep').with({ period: Duration.minutes(15) }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    });
  }

  /**
   * No canary came through to Slack for 26 hours: it is sent once a day, and may be two hours late. A period of an
   * hour or more lets an alarm look back for up to seven days (`PutMetricAlarm`). Before the first canary there is
   * nothing to see, so it rings once after the first deployment, and ends with that canary.
   */
  canarySilent(): void {
    const description =
      'No canary reached Slack for 26 h, or none yet after the first deployment: alerts may not arrive.';
    this.#add('CanarySilent', 'canary-silent', description, {
      metric: ownMetric(METRICS.canaryArrived, 'notify').with({ period: Duration.hours(1) }),
      periods: 26,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    });
  }

  /** SNS could not hand a message of the topic to a subscriber. */
  undelivered(name: string, topic: ITopic): void {
    this.#add(`${name}Undelivered`, 'undelivered', `SNS could not deliver messages of the ${name} topic.`, {
      metric: topic.metricNumberOfNotificationsFailed({ period: Duration.minutes(5), statistic: 'Sum' }),
    });
  }

  /** More calls than the limit of the Lambda lets through: of a public URL, somebody may be flooding it. */
  throttled(name: string, handler: IFunction): void {
    this.#add(`${name}Throttled`, 'flood', `Calls of the ${name} Lambda are turned away, being too many.`, {
      metric: handler.metricThrottles({ period: Duration.minutes(5), statistic: 'Sum' }),
    });
  }

  #add(
    id: string,
    runbook: string,
    description: string,
    {
      metric,
      threshold = 1,
      periods = 1,
      comparison,
      missing,
    }: {
      readonly metric: IMetric;
      readonly threshold?: number;
      /** All of which must be wrong. */
      readonly periods?: number;
      readonly comparison?: ComparisonOperator;
      readonly missing?: TreatMissingData;
    },
  ): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `Bursar: ${description} What to do: docs/runbook.md#${runbook}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(...this.#topics.map((topic) => new SnsAction(topic)));
    this.all.push(alarm);
  }
}
