import type { AwsEvent } from './event-bus.ts';
import { ACCOUNT, REGION } from './local-aws.ts';

/** What CloudTrail tells EventBridge of a call that started an instance, by somebody who signed in by IAM Identity Center. */
export const creationEvent = (instanceId: string, who: string, at: Date): AwsEvent => ({
  region: REGION,
  source: 'aws.ec2',
  detailType: 'AWS API Call via CloudTrail',
  detail: {
    eventVersion: '1.08',
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    awsRegion: REGION,
    eventID: `of-${instanceId}`,
    eventTime: at.toISOString(),
    recipientAccountId: ACCOUNT,
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_ml_0123456789abcdef/${who}`,
      accountId: ACCOUNT,
    },
    responseElements: { instancesSet: { items: [{ instanceId }] } },
  },
});
