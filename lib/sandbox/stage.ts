import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BudgetsClient } from '@aws-sdk/client-budgets';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type * as z from 'zod';
import { createBudgetsClient, createRegionClients, type RegionClients } from '../fleet/clients.ts';
import { createLedger } from '../ledger/dynamodb.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Request } from '../people/request.ts';
import { carryBudgetsOver, type Spend } from './carry-budgets.ts';
import { clockAheadAt } from './clock.ts';
import { assemblyOf, bootstrap, deploy, type Outputs } from './deploy.ts';
import {
  ask,
  type DeployedSweep,
  readClockFrom,
  runReport,
  runSweep,
  sweepsEnded,
  writeClock,
} from './lambdas.ts';
import { type LocalAws, REGION, startLocalAws } from './local-aws.ts';
import {
  type PressOptions,
  type ShownMessage,
  type SignedRequest,
  type SlackStandIn,
  startSlackStandIn,
} from './slack-stand-in.ts';
import { dropWakes, fireWakes, listWakes } from './wakes.ts';

/** The product, deployed on a local AWS, with its clock in our hand. */
export interface Stage {
  readonly aws: LocalAws;
  readonly outputs: Outputs;
  readonly clients: RegionClients;
  readonly sqs: SQSClient;
  readonly ledger: Ledger;
  /** Stands in for Slack, with Bursar's app in it. */
  readonly slack: SlackStandIn;
  /** The time as the deployed Lambdas see it. */
  readonly now: () => Date;
  /** Lets time pass for the deployed Lambdas, in seconds. */
  readonly advance: (seconds: number) => Promise<void>;
  /** Lets it pass until a time, to within the second; one that has passed changes nothing. */
  readonly advanceTo: (at: Date) => Promise<void>;
  /** One sweep of the deployed Lambda; a dry run only says what it would do. */
  readonly sweep: (options?: { readonly dryRun: boolean }) => Promise<DeployedSweep>;
  /** Has the deployed Lambda write the reports that are due. @returns the keys of their pages */
  readonly report: () => Promise<readonly string[]>;
  /** Opens a link of a deployed Function URL, as a browser would, but for following where it leads. */
  readonly open: (link: string) => Promise<Response>;
  /** Asks the deployed request Lambda, as the command line does; `answer` is the schema of what it says. */
  readonly request: <T>(request: Request, answer: z.ZodType<T>) => Promise<T>;
  /** Where Slack sends what people press: the deployed Function URL. */
  readonly chatUrl: string;
  /** Sends there what Slack would, or what only claims to be of Slack. @returns the HTTP status of the answer. */
  readonly deliver: (request: SignedRequest) => Promise<number>;
  /**
   * A user presses a button of a message, as it stands now or stood once, and all that comes of it is worked through.
   * `actionId` as in the message: `bursar:keep-2h:all`, `bursar:restore:0`.
   * @throws Error where the message has no such button, or Slack would show the user that it failed.
   */
  readonly press: (message: ShownMessage, actionId: string, options?: PressOptions) => Promise<void>;
  /** Sweeps that the deployed Lambdas have asked for at a given minute, as they see the time; the soonest first. */
  readonly schedules: () => Promise<readonly { readonly name: string; readonly at: Date }[]>;
  /**
   * Has the newest schedule fire that is due by `now()`, which takes up to 10 s; the local AWS invokes the sweep by
   * itself. Waits until it has ended, and all that it asked for is done. Older ones are dropped: their times were
   * skipped, and all at once they would look at one and the same moment.
   * @returns how many were due
   */
  readonly fireDue: () => Promise<number>;
  /** Makes the budgets of the template anew with these spends by project. @returns their names by project. */
  readonly setSpend: (spend: Readonly<Record<string, Spend>>) => Promise<ReadonlyMap<string, string>>;
  /** Publishes on the topic that AWS Budgets publishes on. */
  readonly publish: (subject: string, message: string) => Promise<void>;
  /** Waits until no queue holds any work; messages in dead-letter queues are no work. */
  readonly quiet: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface StageOptions {
  readonly policyFile: string;
  /** How many hours what is launched now shall have run for. */
  readonly ageHours: number;
  /** The first day of a month on which the clock may start; absent = the 4th. */
  readonly firstDay?: number;
  /** Told what happens, a line each. */
  readonly onLine?: (line: string) => void;
  /** Gives up in the middle; what was started is stopped before the promise is rejected. */
  readonly signal?: AbortSignal;
}

const SECRET = 'bursar/slack';

/**
 * Builds the stage: the local AWS, the real `cdk bootstrap` and `cdk deploy`, the budgets. Sets the AWS
 * environment of this process, so that no client of it can reach the real AWS.
 * @throws Error that says which part did not come up; nothing is then left running.
 */
export async function buildStage({
  policyFile,
  ageHours,
  firstDay,
  onLine,
  signal,
}: StageOptions): Promise<Stage> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const scratch = mkdtempSync(join(tmpdir(), 'bursar-cdk-'));
    undo.push(async () => rmSync(scratch, { recursive: true, force: true }));
    onLine?.('starting MiniStack and moto');
    const aws = await startLocalAws();
    undo.push(aws.stop);
    enter(aws);
    const slack = await startSlackStandIn();
    undo.push(slack.stop);
    await new SecretsManagerClient({}).send(
      new CreateSecretCommand({ Name: SECRET, SecretString: slack.secret }),
    );
    signal?.throwIfAborted();
    await bootstrap(aws, { onLine, signal });
    let ahead = clockAheadAt(new Date(), ageHours, firstDay);
    const outputs = await deploy(aws, {
      policyFile,
      slackSecretName: SECRET,
      clockAhead: ahead,
      scratch,
      onLine,
      signal,
    });
    const lambda = new LambdaClient({});
    const clock = join(scratch, 'clock');
    writeClock(clock, ahead);
    await readClockFrom(lambda, outputs, clock);
    // MiniStack names its queues by another host than the one that we speak to.
    const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
    const sns = new SNSClient({});
    const scheduler = new SchedulerClient({});
    // Schedules follow the machine's clock: what one means to the Lambdas is told by their clock when it was made.
    const clocks = [{ since: new Date(0), ahead }];
    const schedules: Stage['schedules'] = async () =>
      (await listWakes(scheduler, outputs.WakeGroupName)).map(({ name, at, createdAt }) => {
        const then = clocks.findLast(({ since }) => since <= createdAt)?.ahead ?? ahead;
        return { name, at: new Date(at.getTime() + then * 1000) };
      });
    const now = (): Date => new Date(Date.now() + ahead * 1000);
    aws.events.setClock(now);
    const budgets: BudgetsClient = createBudgetsClient();
    const setSpend: Stage['setSpend'] = (spend) =>
      carryBudgetsOver(budgets, assemblyOf(scratch), outputs.SignalsTopicArn, spend);
    await setSpend({});
    const advance: Stage['advance'] = async (seconds) => {
      // What is at work is done before: it began at a time, and ends then.
      await aws.eventsTold();
      await quiet(sqs, { withinMs: SETTLED_WITHIN_MS, looks: 2 }).catch(() => undefined);
      ahead += seconds;
      writeClock(clock, ahead);
      clocks.push({ since: new Date(), ahead });
    };
    const chatUrl = localUrlOf(aws, outputs.SlackRequestUrl);
    const deliver: Stage['deliver'] = async ({ headers, body }) => {
      const answer = await fetch(chatUrl, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      return answer.status;
    };
    return {
      aws,
      outputs,
      slack,
      sqs,
      clients: createRegionClients(REGION),
      ledger: createLedger(new DynamoDBClient({}), outputs.LedgerTableName),
      now,
      advance,
      advanceTo: async (at) => {
        const seconds = Math.ceil((at.getTime() - now().getTime()) / 1000);
        if (seconds > 0) await advance(seconds);
      },
      sweep: (options = { dryRun: false }) => runSweep(lambda, outputs, options),
      report: async () => (await runReport(lambda, outputs)).pages,
      open: (link) => fetch(localUrlOf(aws, link), { redirect: 'manual' }),
      request: (request, answer) => ask(lambda, outputs, request, answer),
      chatUrl,
      deliver,
      press: async (message, actionId, options) => {
        const status = await deliver(slack.press(message, actionId, options));
        if (status !== 200) throw new Error(`The press of ${actionId} was answered with HTTP ${status}.`);
        await quiet(sqs);
      },
      schedules,
      fireDue: async () => {
        const due = (await schedules()).filter(({ at }) => at <= now()).map(({ name }) => name);
        const newest = due.at(-1);
        if (newest === undefined) return 0;
        await dropWakes(scheduler, outputs.WakeGroupName, due.slice(0, -1));
        const since = new Date();
        await fireWakes(scheduler, outputs.WakeGroupName, [newest]);
        const { default: endpoint = '' } = aws.endpoints;
        await swept(() => sweepsEnded(lambda, outputs, { endpoint, since }));
        await quiet(sqs);
        return due.length;
      },
      setSpend,
      publish: async (Subject, Message) => {
        await sns.send(new PublishCommand({ TopicArn: outputs.SignalsTopicArn, Subject, Message }));
      },
      quiet: async () => {
        await aws.eventsTold();
        await quiet(sqs);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A Function URL as the local AWS serves it: by its path, since no name server knows its host. */
function localUrlOf({ endpoints }: LocalAws, functionUrl: string): string {
  const { hostname, pathname } = new URL(functionUrl);
  const [id = ''] = hostname.split('.');
  return `${endpoints.default}/_aws/lambda-url/${id}${pathname}`;
}

/** Points every AWS client of this process at the local AWS. */
function enter(aws: LocalAws): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  for (const [name, value] of Object.entries(aws.env)) if (name.startsWith('AWS_')) process.env[name] = value;
}

const SWEPT_WITHIN_MS = 60_000;

/** Waits until a sweep has ended. */
async function swept(ended: () => Promise<number>): Promise<void> {
  for (const deadline = Date.now() + SWEPT_WITHIN_MS; (await ended()) === 0; await sleep(200)) {
    if (Date.now() > deadline) throw new Error(`A sweep did not end within ${SWEPT_WITHIN_MS / 1000} s.`);
  }
}

const QUIET_WITHIN_MS = 60_000;
/** What waits for longer than this does not wait for a Lambda. */
const SETTLED_WITHIN_MS = 15_000;

async function quiet(sqs: SQSClient, { withinMs = QUIET_WITHIN_MS, looks = 4 } = {}): Promise<void> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ MaxResults: 1000 }));
  const working = QueueUrls.filter((url) => !url.includes('DeadLetters'));
  // Between two queues a message is in none for a moment, so one empty look proves nothing.
  let emptyLooks = 0;
  for (const deadline = Date.now() + withinMs; emptyLooks < looks; await sleep(150)) {
    if (Date.now() > deadline) throw new Error(`The queues still hold work after ${withinMs / 1000} s.`);
    const held = await Promise.all(working.map((url) => messagesIn(sqs, url)));
    emptyLooks = held.every((count) => count === 0) ? emptyLooks + 1 : 0;
  }
}

/** Messages of a queue, those that are being worked on among them. */
export async function messagesIn(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
}
