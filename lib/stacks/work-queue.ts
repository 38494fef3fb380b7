import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
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

  constructor(scope: Construct, id: string, { encryptionKey, visibilityTimeout }: WorkQueueProps) {
    super(scope, id);
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

  /** Messages of the topic; those that SNS cannot deliver go to the dead letters as well. */
  subscribeTo(topic: ITopic): void {
    topic.addSubscription(new SqsSubscription(this.queue, { deadLetterQueue: this.deadLetters }));
  }

  /** Feeds a Lambda, one message at a time by default, and believes its partial answers. */
  feed(handler: IFunction, { batchSize }: { readonly batchSize: number } = { batchSize: 1 }): void {
    handler.addEventSource(new SqsEventSource(this.queue, { batchSize, reportBatchItemFailures: true }));
  }
}
