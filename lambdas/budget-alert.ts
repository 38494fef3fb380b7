import type { BudgetsClient } from '@aws-sdk/client-budgets';
import { SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { anomalyAlert, notUnderstoodAlert } from '../lib/alerts/notices.ts';
import { enforceReading } from '../lib/enforce/enforce-reading.ts';
import { readKeeping } from '../lib/enforce/read-keeping.ts';
import { readBudget } from '../lib/fleet/budgets.ts';
import { createBudgetsClient } from '../lib/fleet/clients.ts';
import { discoverFleet, type RegionContexts } from '../lib/fleet/discover.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Ledger } from '../lib/ledger/ledger.ts';
import { resourcesOf, teamsByBudget } from '../lib/policy/levels.ts';
import type { Policy } from '../lib/policy/policy.ts';
import { readSignal } from '../lib/signals/read-signal.ts';
import { unwrapSns } from '../lib/signals/sns-envelope.ts';
import type { Alert } from '../lib/types/alert.ts';
import { assertNever } from '../lib/types/assert-never.ts';
import type { Clock } from '../lib/types/clock.ts';
import type { Decision } from '../lib/types/decision.ts';
import { type BudgetAlertEnvironment, BudgetAlertEnvironmentSchema } from '../lib/types/environment.ts';
import { lambda, type Tools } from './lambda.ts';
import { commander, commonParts, publisher } from './parts.ts';
import { eachMessage, type QueueMessage } from './queue.ts';

export interface BudgetAlertDeps {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly budgets: BudgetsClient;
  readonly regions: RegionContexts;
  readonly account: string;
  readonly now: Clock;
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
  readonly publish: (alert: Alert) => Promise<void>;
  /** Puts a message where it is kept for people to look at, with the reason. */
  readonly keep: (body: string, why: string) => Promise<void>;
  readonly tools: Pick<Tools, 'logger' | 'metrics'>;
}

/**
 * Works one message of the signals topic through. One that cannot be understood is kept and told; the
 * amounts of a budget notification are never believed, AWS Budgets is asked instead.
 * @throws where AWS cannot be asked now, so that the message comes back.
 */
export async function budgetAlert(message: QueueMessage, deps: BudgetAlertDeps): Promise<void> {
  const envelope = unwrapSns(message.body);
  if (envelope.kind === 'malformed') return notUnderstood(message, message.body, envelope.why, deps);
  const signal = readSignal(envelope.subject, envelope.message);
  switch (signal.type) {
    case 'not-understood':
      return notUnderstood(message, envelope.message, signal.why, deps);
    case 'anomaly':
      return once(`anomaly/${message.id}`, deps, () =>
        deps.publish(anomalyAlert(signal.anomaly, deps.now())),
      );
    case 'budget': {
      const why = await enforceBudget(message, signal, deps);
      return why === undefined ? undefined : notUnderstood(message, envelope.message, why, deps);
    }
    default:
      return assertNever(signal);
  }
}

/** Decides by the budget as AWS has it. @returns why nothing could be decided, in one sentence. */
async function enforceBudget(
  message: QueueMessage,
  { account, budgetName }: { readonly account: string; readonly budgetName: string },
  deps: BudgetAlertDeps,
): Promise<string | undefined> {
  const { policy, ledger, regions, tools } = deps;
  if (account !== deps.account)
    return `It is about account ${account}; account ${deps.account} is watched here.`;
  const now = deps.now();
  const holders = teamsByBudget(policy);
  const answer = await readBudget(deps.budgets, { account, budgetName, tags: policy.tags, holders, now });
  if (answer.state === 'unusable') return answer.why;
  const { reading, alarms } = answer;
  const resources = resourcesOf(await discoverFleet(regions), reading.holder, policy);
  const mark = (await ledger.projectMarks(now)).get(reading.holder);
  const kept = await readKeeping(ledger, account, regions.keys(), now, policy);
  const { decisions, verdicts } = await enforceReading(
    { reading, alarms, resources, mark, id: `budget/${message.id}`, ...kept },
    deps,
  );
  tools.logger.info('budget decided', {
    budgetName,
    holder: reading.holder,
    decisions: decisions.map(({ key }) => key),
    verdicts: verdicts.map(({ resource, policy: name, verdict, why }) => ({
      arn: resource.arn,
      policy: name,
      verdict,
      why,
    })),
  });
  return undefined;
}

function notUnderstood(
  { id, body }: QueueMessage,
  text: string,
  why: string,
  deps: BudgetAlertDeps,
): Promise<void> {
  deps.tools.logger.warn('a message was not understood', { messageId: id, why });
  return once(`kept/${id}`, deps, async () => {
    await deps.keep(body, why);
    const { account } = deps;
    await deps.publish(
      notUnderstoodAlert({
        source: 'the signals topic',
        text,
        why,
        account,
        at: deps.now(),
        kept: true,
        messageId: id,
      }),
    );
  });
}

/** Repeats of a message do it once; a failure half-way does it again rather than never. */
async function once(id: string, { ledger, now }: BudgetAlertDeps, work: () => Promise<void>): Promise<void> {
  if (await ledger.seen(id, now())) return;
  await work();
  await ledger.once(id, now());
}

export const handler = lambda<BudgetAlertEnvironment, BudgetAlertDeps, unknown>({
  name: 'budget-alert',
  environment: BudgetAlertEnvironmentSchema,
  build: async (environment, tools) => {
    const sqs = tools.tracer.captureAWSv3Client(new SQSClient({ ...PATIENCE }));
    const sns = tools.tracer.captureAWSv3Client(new SNSClient({ ...PATIENCE }));
    return {
      ...(await commonParts(environment, tools)),
      budgets: createBudgetsClient(),
      send: commander(sqs, environment.COMMANDS_QUEUE_URL),
      publish: publisher(sns, environment.ALERTS_TOPIC_ARN),
      keep: async (MessageBody, why) => {
        await sqs.send(
          new SendMessageCommand({
            QueueUrl: environment.DEAD_LETTER_QUEUE_URL,
            MessageBody,
            MessageAttributes: { why: { DataType: 'String', StringValue: why } },
          }),
        );
      },
    };
  },
  handle: (event, deps, context) =>
    eachMessage(event, context, deps.tools, (message) => budgetAlert(message, deps)),
});
