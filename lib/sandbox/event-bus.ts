import { randomUUID } from 'node:crypto';
import {
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** An event that AWS itself would put on the default bus of a region. */
export interface AwsEvent {
  readonly region: string;
  /** `aws.ec2`. */
  readonly source: string;
  readonly detailType: string;
  readonly resources?: readonly string[];
  readonly detail: unknown;
  /** When it happened; now by the clock of the bus where it is not said. */
  readonly at?: Date;
}

/**
 * The default event buses, for what AWS tells them by itself. MiniStack tells nothing of its instances, and lets nobody
 * else put an event of AWS (as AWS does not): so this asks it which rules match, and brings the event to their queues.
 */
export interface EventBus {
  /** What time the events are of; the machine's until told otherwise. */
  readonly setClock: (now: () => Date) => void;
  readonly now: () => Date;
  /** @throws where MiniStack cannot be asked */
  readonly put: (event: AwsEvent) => Promise<void>;
}

/** `account` of 12 digits. */
export function createEventBus(endpoint: string, account: string): EventBus {
  let clock = (): Date => new Date();
  const credentials = { accessKeyId: account, secretAccessKey: 'sandbox' };
  return {
    setClock: (now) => {
      clock = now;
    },
    now: () => clock(),
    put: async ({ region, source, detailType, resources = [], detail, at = clock() }) => {
      const config = { region, endpoint, credentials };
      const events = new EventBridgeClient(config);
      const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
      const event = JSON.stringify({
        version: '0',
        id: randomUUID(),
        'detail-type': detailType,
        source,
        account,
        time: `${at.toISOString().slice(0, 19)}Z`,
        region,
        resources,
        detail,
      });
      const { Rules = [] } = await events.send(new ListRulesCommand({}));
      for (const { Name: Rule, EventPattern } of Rules) {
        if (EventPattern === undefined) continue;
        const { Result } = await events.send(new TestEventPatternCommand({ EventPattern, Event: event }));
        if (Result !== true) continue;
        const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule }));
        for (const { Arn = '' } of Targets) {
          const [, , service, , , QueueName] = Arn.split(':');
          if (service !== 'sqs') throw new Error(`Rule ${Rule} has a target that is no queue: ${Arn}`);
          const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
          await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: event }));
        }
      }
      events.destroy();
      sqs.destroy();
    },
  };
}
