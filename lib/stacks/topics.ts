import type { IKey } from 'aws-cdk-lib/aws-kms';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Alert } from '../types/alert.ts';
import { serviceForThisAccount } from './this-account.ts';

/** Encrypted by our own key, since `alias/aws/sns` lets no AWS service publish; these alone of this account may. */
export function createTopic(scope: Construct, id: string, key: IKey, publishers: readonly string[]): Topic {
  const topic = new Topic(scope, id, { masterKey: key, enforceSSL: true });
  for (const service of publishers) topic.grantPublish(serviceForThisAccount(scope, service));
  return topic;
}

/**
 * By mail: all alerts but the daily test of the way to Slack, and the fallback. Alarms come by the fallback
 * alone. They carry no attributes, and no filter can let such messages through: SNS takes a missing attribute
 * for a mismatch, and lets `exists: false` match only where the message has another attribute (SNS developer
 * guide, "Key matching").
 */
export function tellByMail(
  address: string,
  topics: { readonly alerts: Topic; readonly fallback: Topic },
): void {
  const untold: Alert['kind'] = 'canary';
  topics.alerts.addSubscription(
    new EmailSubscription(address, {
      filterPolicy: { kind: SubscriptionFilter.stringFilter({ denylist: [untold] }) },
    }),
  );
  topics.fallback.addSubscription(new EmailSubscription(address));
}
