import { Duration, Stack } from 'aws-cdk-lib';
import { CfnRule, type IRuleTarget } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type ITopic, Subscription, SubscriptionProtocol } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MAX_DELIVERIES } from '../types/queues.ts';

export interface WorkQueueProps {
  readonly encryptionKey: IKey;
  /** How long a message that is being worked on stays hidden; at least the time limit of its Lambda. */
  readonly visibilityTimeout: Duration;
}

/** A queue of work with its dead-letter queue, in which messages stay for 14 days. Encrypted, TLS alone. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { encryptionKey, visibilityTimeout }: WorkQueueProps) {
    super(scope, id);
    this.#key = encryptionKey;
    const common = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_DELIVERIES },
    });
  }

  /**
   * Messages of a topic of this account; those that SNS cannot deliver go to the dead letters as well. Not
   * CDK's `SqsSubscription`: under the flags of a new app it names the topic in the key's policy, and a topic
   * that is encrypted by the same key names the key.
   */
  subscribeTo(topic: ITopic): void {
    const { partition, region, account } = Stack.of(this);
    const sns = new ServicePrincipal('sns.amazonaws.com');
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        principals: [sns],
        conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
      }),
    );
    this.#key.addToResourcePolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        principals: [sns],
        conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:sns:${region}:${account}:*` } },
      }),
    );
    new Subscription(this, 'Subscription', {
      topic,
      protocol: SubscriptionProtocol.SQS,
      endpoint: this.queue.queueArn,
      deadLetterQueue: this.deadLetters,
    });
  }

  /**
   * For rules of EventBridge of this account and region; events that it cannot deliver go to the dead letters as well.
   * Not CDK's `SqsQueue`: it lets the service do more than send, and not use the key for the dead letters. The queue
   * takes the events of the rule alone, but the key is open to all of EventBridge: with a condition on the source it
   * could not send to encrypted topics (SNS developer guide, "Key management"), and the same of queues is unverified.
   */
  eventTarget(): IRuleTarget {
    const events = new ServicePrincipal('events.amazonaws.com');
    this.#key.addToResourcePolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        principals: [events],
      }),
    );
    return {
      bind: (rule) => {
        for (const queue of [this.queue, this.deadLetters])
          queue.addToResourcePolicy(
            new PolicyStatement({
              actions: ['sqs:SendMessage'],
              resources: [queue.queueArn],
              principals: [events],
              conditions: { ArnEquals: { 'aws:SourceArn': CfnRule.arnForRule(rule) } },
            }),
          );
        return { arn: this.queue.queueArn, deadLetterConfig: { arn: this.deadLetters.queueArn } };
      },
    };
  }

  /**
   * Feeds a Lambda one message at a time, or up to `together` of those that are there, with at most `atOnce` (2 or more)
   * of them running: a flood of messages then waits in the queue instead of pressing on EC2, SageMaker or Slack.
   */
  feed(
    handler: IFunction,
    { atOnce, together = 1 }: { readonly atOnce: number; readonly together?: number },
  ): void {
    handler.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: together,
        reportBatchItemFailures: true,
        maxConcurrency: atOnce,
      }),
    );
  }
}
