import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { toSnsMessage } from '../lib/alerts/sns-message.ts';
import { sendCommands } from '../lib/enforce/send-commands.ts';
import { createWake, type Wake } from '../lib/enforce/wake.ts';
import { createIamClient, createPricingClient, createRegionClients } from '../lib/fleet/clients.ts';
import type { RegionContexts } from '../lib/fleet/discover.ts';
import { createLaunchDenial, type LaunchDenial } from '../lib/fleet/launch-denial.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import { createPriceBook } from '../lib/fleet/pricing.ts';
import type { Ledger } from '../lib/ledger/ledger.ts';
import { parsePolicy } from '../lib/policy/parse.ts';
import type { Policy } from '../lib/policy/policy.ts';
import type { Alert } from '../lib/types/alert.ts';
import type { Clock } from '../lib/types/clock.ts';
import type { Decision } from '../lib/types/decision.ts';
import type {
  CommonEnvironment,
  EnforceEnvironment,
  SweepEnvironment,
  WakeEnvironment,
} from '../lib/types/environment.ts';
import { aheadOf, clockOf, ledgerOf } from './basics.ts';
import type { Tools } from './lambda.ts';

/** What every handler that decides or acts is built of. */
export async function commonParts(environment: CommonEnvironment, tools: Tools) {
  const policy = await policyOf(environment);
  const ledger = ledgerOf(environment, tools);
  const now = clockOf(environment);
  const regions = regionsOf(policy, ledger, environment, now, tools);
  return { policy, ledger, now, regions, account: environment.ACCOUNT_ID, tools };
}

/** The deployed policy. Its key changes with its content, so one read a cold start is always the newest. */
async function policyOf({ POLICY_BUCKET, POLICY_KEY }: CommonEnvironment): Promise<Policy> {
  const answer = await new S3Client({ ...PATIENCE }).send(
    new GetObjectCommand({ Bucket: POLICY_BUCKET, Key: POLICY_KEY }),
  );
  return parsePolicy((await answer.Body?.transformToString()) ?? '', 'bursar.yaml');
}

/** A context for each region of the policy. */
function regionsOf(
  policy: Policy,
  ledger: Ledger,
  environment: CommonEnvironment,
  now: Clock,
  { logger }: Tools,
): RegionContexts {
  const prices = createPriceBook({
    pricing: createPricingClient(),
    ledger,
    now,
    onError: (price, error) => logger.warn('a price could not be read', { price, error }),
  });
  return new Map(
    policy.scope.regions.map((region) => [
      region,
      { account: environment.ACCOUNT_ID, region, clients: createRegionClients(region), prices, now },
    ]),
  );
}

/** Lets a sweep look at a given minute. */
export function wakeOf(environment: WakeEnvironment, { tracer }: Tools): Wake {
  const client = tracer.captureAWSv3Client(new SchedulerClient({ ...PATIENCE }));
  const ahead = aheadOf(environment);
  return (at) =>
    createWake(client, {
      sweepFunctionArn: environment.SWEEP_FUNCTION_ARN,
      roleArn: environment.WAKE_ROLE_ARN,
      group: environment.WAKE_GROUP,
      machineNow: () => new Date(),
      aheadMs: ahead(),
    })(at);
}

/**
 * Lets a sweep have another one look at a given minute: its own ARN it makes of what Lambda tells it.
 * @throws where it runs outside Lambda
 */
export function ownWakeOf(environment: SweepEnvironment, tools: Tools): Wake {
  const { AWS_REGION, AWS_LAMBDA_FUNCTION_NAME, ACCOUNT_ID, WAKE_ROLE_ARN } = environment;
  if (AWS_REGION === undefined || AWS_LAMBDA_FUNCTION_NAME === undefined) {
    throw new Error('Lambda sets AWS_REGION and AWS_LAMBDA_FUNCTION_NAME, and did not.');
  }
  const [, partition = 'aws'] = WAKE_ROLE_ARN.split(':');
  const SWEEP_FUNCTION_ARN = `arn:${partition}:lambda:${AWS_REGION}:${ACCOUNT_ID}:function:${AWS_LAMBDA_FUNCTION_NAME}`;
  return wakeOf({ ...environment, SWEEP_FUNCTION_ARN }, tools);
}

/** Denies launches to roles; `undefined` where the stack has no policy for that. */
export const denialOf = (
  { LAUNCH_DENY_POLICY_ARN: policyArn }: Pick<EnforceEnvironment, 'LAUNCH_DENY_POLICY_ARN'>,
  now: Clock,
  { tracer }: Tools,
): LaunchDenial | undefined =>
  policyArn === undefined
    ? undefined
    : createLaunchDenial({
        iam: tracer.captureAWSv3Client(createIamClient()),
        sts: tracer.captureAWSv3Client(new STSClient({ ...PATIENCE })),
        policyArn,
        now,
      });

/** Queues decisions for the enforcer. */
export const commander =
  (sqs: SQSClient, queueUrl: string) =>
  (decisions: readonly Decision[], id: string, now: Date): Promise<number> =>
    sendCommands(decisions, { sqs, queueUrl, id, now });

/** Publishes alerts on the topic that e-mail, queues, Amazon Q and Slack hang on. */
export const publisher =
  (sns: SNSClient, TopicArn: string) =>
  async (alert: Alert): Promise<void> => {
    await sns.send(new PublishCommand({ TopicArn, ...toSnsMessage(alert) }));
  };
