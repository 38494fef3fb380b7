import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DescribeNotebookInstanceCommand } from '@aws-sdk/client-sagemaker';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PressSchema } from '../../lib/alerts/press.ts';
import { arnOf } from '../../lib/fleet/arn.ts';
import type { Keep } from '../../lib/ledger/ledger.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { createNotebook, putNotebookUse } from '../../lib/sandbox/seed-sagemaker.ts';
import { buttonsOf, type ShownMessage, type SignedRequest } from '../../lib/sandbox/slack-stand-in.ts';
import { buildStage, messagesIn, type Stage } from '../../lib/sandbox/stage.ts';
import { readPolicy } from '../../lib/stacks/policy-asset.ts';
import { formatUsd } from '../../lib/types/money.ts';
import { MAX_DELIVERIES } from '../../lib/types/queues.ts';
import { simulated } from './as-simulated.ts';
import { cost, postedDuring, taken, textOf, theOnly } from './looks.ts';
import { type Acts, actsOn, after, HOUR_MS, MINUTE_MS, nextWhole } from './on-stage.ts';

/*
 * Acceptance scenario 4, and what reaches people and comes from them, on the deployed stack: a stand-in for Slack shows
 * the messages, and what people press is posted, signed as Slack signs it, to the deployed Function URL. The tests of
 * this file follow each other, as the clock does.
 */
const POLICY = fileURLToPath(new URL('slack.yaml', import.meta.url));
const TEST_MS = 120_000;
/** So long the notebooks were left on. */
const LEFT_ON_DAYS = 60;

/** A member of recsys by name and of vision by a group. */
const ANA = { id: 'UANA00001', name: 'ana' };
/** An owner of both. */
const OLGA = { id: 'UOLGA0001', name: 'olga' };
/** In the workspace, and nobody to either project. */
const EVE = { id: 'UEVE00001', name: 'eve' };

const ANAS = 'anas-notebook';
const VISIONS = 'vision-notebook';
const arnOfNotebook = (name: string): string =>
  arnOf('sagemaker', REGION, ACCOUNT, `notebook-instance/${name}`);

let stage: Stage;
let acts: Acts;
/** When the notebooks were last used. */
let lastUse: Date;

beforeAll(async () => {
  stage = await buildStage({ policyFile: POLICY, ageHours: LEFT_ON_DAYS * 24 });
  acts = actsOn(stage, readPolicy(POLICY));
  stage.slack.setGroups({ SVISION: [ANA.id] });
  // At ten in the morning, far from the hour of the canary.
  lastUse = after(nextWhole(stage.now(), 24 * 60), 10 * 60);
  for (const [name, project] of [
    [ANAS, 'recsys'],
    [VISIONS, 'vision'],
  ] as const) {
    await createNotebook(stage.clients, {
      name,
      type: 'ml.p3.2xlarge',
      tags: { project, environment: 'dev' },
    });
    await putNotebookUse(stage.clients, name, { cpu: 60, gpu: 80 }, after(lastUse, -60), lastUse);
    await putNotebookUse(stage.clients, name, { cpu: 0.5, gpu: 0 }, lastUse, after(lastUse, 180));
  }
}, 240_000);
afterAll(() => stage?.stop());

const stateOf = async (name: string): Promise<string | undefined> =>
  (await stage.clients.sagemaker.send(new DescribeNotebookInstanceCommand({ NotebookInstanceName: name })))
    .NotebookInstanceStatus;

const keepOf = async (name: string): Promise<Keep | undefined> =>
  (await stage.ledger.keeps(ACCOUNT, REGION, stage.now())).get(arnOfNotebook(name));

/** The newest message about a notebook, as it stands now. */
function messageOf(name: string): ShownMessage {
  const found = stage.slack.messages().findLast((message) => textOf(message).includes(name));
  if (found === undefined) throw new Error(`No message is about ${name}.`);
  return found;
}

/** All that a press could change, and what Slack was told. */
async function everything(name: string) {
  const { slack, ledger } = stage;
  return {
    keep: await keepOf(name),
    trail: await ledger.audit({ arn: arnOfNotebook(name) }),
    state: await stateOf(name),
    messages: [...slack.messages()],
    windows: [...slack.windows()],
    schedules: await stage.schedules(),
  };
}

/** What asked Slack for something: a press that reaches the queue is always answered by an update or a word. */
const callsDuring = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = stage.slack.calls().length;
  await work();
  await stage.quiet();
  return stage.slack.calls().slice(before);
};

describe('scenario 4: a notebook on ml.p3.2xlarge, left on for 60 days', () => {
  it('has cost $5,508.00', { timeout: TEST_MS }, async () => {
    const told = await postedDuring(stage, () => acts.sweepAt(after(lastUse, 20)));
    expect(told).toHaveLength(2);
    const { at, decision } = theOnly(await taken(stage, arnOfNotebook(ANAS), 'warn'));
    const { hourly, since } = decision.target;
    const until = after(since, LEFT_ON_DAYS * 24 * 60);
    const spent = cost(hourly, since, until);
    console.info(`Notebook on since ${since.toISOString()}, until ${until.toISOString()}: ${spent}.`);
    expect(at.getTime()).toBeGreaterThan(until.getTime());
    expect(spent).toBe('$5,508.00');
    expect(spent).toBe(formatUsd((await simulated('04-notebook-snooze.yaml')).result.without));
  });

  it('is warned of in the channel of its project, with what a keep costs', async () => {
    const message = messageOf(ANAS);
    expect(message.channel).toBe('#recsys');
    expect(messageOf(VISIONS).channel).toBe('#vision');
    const { stopAt } = theOnly(await taken(stage, arnOfNotebook(ANAS), 'warn')).decision;
    expect(stopAt).toEqual(after(lastUse, 30));
    const text = textOf(message);
    expect(text).toContain(`${stopAt.toISOString().slice(11, 16)} UTC`);
    expect(text).toContain('Keep 2 h ($7.65)');
    expect(buttonsOf(message.blocks).map(({ action_id }) => action_id)).toEqual([
      'bursar:keep-2h:all',
      'bursar:keep-tomorrow:all',
      'bursar:stop:all',
      'bursar:details:all',
    ]);
  });
});

describe('a request to the public URL that', () => {
  const genuine = (): SignedRequest =>
    stage.slack.press(messageOf(ANAS), 'bursar:keep-2h:all', { user: ANA });
  const without = ({ headers, body }: SignedRequest, name: string): SignedRequest => ({
    headers: Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name)),
    body,
  });
  const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

  it.each<[string, () => SignedRequest]>([
    ['is signed with another secret', () => stage.slack.sign(genuine().body, new Date(), 'a-guess')],
    [
      'was changed after it was signed',
      () => {
        const { headers, body } = genuine();
        return { headers, body: body.replace(ANA.id, OLGA.id) };
      },
    ],
    ['carries no signature', () => without(genuine(), 'x-slack-signature')],
    ['carries no timestamp', () => without(genuine(), 'x-slack-request-timestamp')],
    ['is six minutes old', () => stage.slack.sign(genuine().body, ago(360))],
    ['is of six minutes ahead', () => stage.slack.sign(genuine().body, ago(-360))],
    [
      'is six minutes old with a new timestamp',
      () => {
        const old = stage.slack.sign(genuine().body, ago(360));
        const timestamp = String(Math.floor(Date.now() / 1000));
        return { ...old, headers: { ...old.headers, 'x-slack-request-timestamp': timestamp } };
      },
    ],
  ])('%s is refused and changes nothing', { timeout: TEST_MS }, async (_, make) => {
    const before = await everything(ANAS);
    const request = make();
    const calls = await callsDuring(async () => expect(await stage.deliver(request)).toBe(401));
    expect(calls).toEqual([]);
    expect(await everything(ANAS)).toEqual(before);
  });

  it('is no POST is refused', async () => {
    expect((await fetch(stage.chatUrl)).status).toBe(405);
  });

  it('is of somebody who is nothing to the project is told so, alone, and changes nothing', {
    timeout: TEST_MS,
  }, async () => {
    const before = await everything(ANAS);
    await stage.press(messageOf(ANAS), 'bursar:keep-2h:all', { user: EVE });
    expect(await everything(ANAS)).toEqual(before);
    const whisper = theOnly(stage.slack.whispers());
    expect(whisper.user).toBe(EVE.id);
    expect(whisper.text).toContain('Only the people of project recsys may do this');
  });

  it('left no work and no letters behind', async () => {
    expect(await messagesIn(stage.sqs, stage.outputs.RequestsDeadLettersUrl)).toBe(0);
  });
});

describe('scenario 4: a member says "not now"', () => {
  let shown: ShownMessage;
  let request: SignedRequest;
  let kept: Keep;
  /** When it was pressed, as the ledger tells. */
  let pressedAt: Date;

  it('presses "Keep 2 h": the message itself says $7.65, and Slack has its answer within 3 s', {
    timeout: TEST_MS,
  }, async () => {
    shown = messageOf(ANAS);
    const count = stage.slack.messages().length;
    request = stage.slack.press(shown, 'bursar:keep-2h:all', { user: ANA });
    const started = Date.now();
    expect(await stage.deliver(request)).toBe(200);
    const answered = Date.now() - started;
    await stage.quiet();
    expect(answered).toBeLessThan(3_000);

    const keep = await keepOf(ANAS);
    if (keep === undefined) throw new Error('It is not kept.');
    kept = keep;
    const [{ value = '' } = {}] = buttonsOf(shown.blocks);
    const { alert } = PressSchema.parse(JSON.parse(value));
    pressedAt = new Date((await stage.ledger.alert(alert))?.answers[0]?.at ?? 0);
    expect(kept).toMatchObject({ by: 'ana (Slack UANA00001)', count: 1 });
    const now = messageOf(ANAS);
    expect(stage.slack.messages()).toHaveLength(count);
    expect(now).toMatchObject({ ts: shown.ts, channel: shown.channel, updates: 1 });
    const until = `${kept.until.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    expect(textOf(now)).toContain(`ana: Kept until ${until}. That costs $7.65 at $3.825/h.`);
    console.info(`Slack had its answer after ${answered} ms. The message says: ana: Kept until ${until}.`);
  });

  it('the same request once more is refused, and changes nothing', { timeout: TEST_MS }, async () => {
    const before = await everything(ANAS);
    const calls = await callsDuring(async () => expect(await stage.deliver(request)).toBe(401));
    expect(calls).toEqual([]);
    expect(await everything(ANAS)).toEqual(before);
  });

  it('the same button once more changes nothing', { timeout: TEST_MS }, async () => {
    const before = await everything(ANAS);
    await stage.press(shown, 'bursar:keep-2h:all', { user: ANA });
    const now = await everything(ANAS);
    // The message is shown anew, and says the same.
    const said = ({ messages, ...rest }: typeof now) => ({ ...rest, texts: messages.map(textOf) });
    expect(said(now)).toEqual(said(before));
  });

  it('a fourth time needs an owner, who approves by button', { timeout: 2 * TEST_MS }, async () => {
    for (const count of [1, 2, 3]) {
      await stage.press(messageOf(VISIONS), 'bursar:keep-2h:all', { user: ANA });
      expect(await keepOf(VISIONS)).toMatchObject({ by: 'ana (Slack UANA00001)', count });
      // Less than a minute more would be no keep of its own.
      await stage.advance(120);
    }
    const third = await keepOf(VISIONS);
    await stage.press(messageOf(VISIONS), 'bursar:keep-2h:all', { user: ANA });
    expect(await keepOf(VISIONS)).toEqual(third);
    const asking = messageOf(VISIONS);
    expect(textOf(asking)).toContain('ana asks to keep it until');
    expect(textOf(asking)).toContain('an owner must approve');
    const approve = buttonsOf(asking.blocks).find(({ action_id }) => action_id.startsWith('bursar:approve:'));
    const action = approve?.action_id ?? '';

    const whispers = stage.slack.whispers().length;
    await stage.press(asking, action, { user: ANA });
    expect(await keepOf(VISIONS)).toEqual(third);
    expect(stage.slack.whispers().slice(whispers)).toMatchObject([
      { user: ANA.id, text: expect.stringContaining('Only an owner') },
    ]);

    await stage.press(messageOf(VISIONS), action, { user: OLGA });
    const fourth = await keepOf(VISIONS);
    expect(fourth).toMatchObject({
      by: 'ana (Slack UANA00001), approved by olga (Slack UOLGA0001)',
      count: 4,
    });
    expect(fourth?.until.getTime()).toBeGreaterThan(third?.until.getTime() ?? 0);
    expect(textOf(messageOf(VISIONS))).not.toContain('Approve (owner)');
  });

  it('is warned again before the two hours end', { timeout: TEST_MS }, async () => {
    const minute = new Date(Math.ceil(kept.until.getTime() / MINUTE_MS) * MINUTE_MS);
    // Both by the schedules that the keep made.
    await stage.advanceTo(after(minute, -10));
    expect(await stage.fireDue()).toBeGreaterThan(0);
    const [, second] = await taken(stage, arnOfNotebook(ANAS), 'warn');
    expect(second?.decision.stopAt).toEqual(minute);
    expect(messageOf(ANAS).ts).not.toBe(shown.ts);
    expect(textOf(messageOf(ANAS))).toContain(`${minute.toISOString().slice(11, 16)} UTC`);
  });

  it('is stopped at their end: they cost $7.65', { timeout: TEST_MS }, async () => {
    const [, second] = await taken(stage, arnOfNotebook(ANAS), 'warn');
    const stopAt = second?.decision.stopAt ?? new Date(0);
    await stage.advanceTo(stopAt);
    expect(await stage.fireDue()).toBeGreaterThan(0);
    const { at, decision } = theOnly(await taken(stage, arnOfNotebook(ANAS), 'stop'));
    const { hourly } = decision.target;
    console.info(
      `Pressed at ${pressedAt.toISOString()}, kept until ${kept.until.toISOString()}: ${cost(hourly, pressedAt, kept.until)}; ` +
        `announced for ${stopAt.toISOString()}, stopped at ${at.toISOString()}: ` +
        `${cost(hourly, kept.until, at)} more, for the rest of the minute and the seconds that the stop took.`,
    );
    expect(kept.until.getTime() - pressedAt.getTime()).toBe(2 * HOUR_MS);
    expect(cost(hourly, pressedAt, kept.until)).toBe('$7.65');
    expect(stopAt.getTime() - kept.until.getTime()).toBeLessThan(MINUTE_MS);
    expect(at.getTime()).toBeGreaterThanOrEqual(stopAt.getTime());
    expect(at.getTime() - stopAt.getTime()).toBeLessThan(MINUTE_MS);
    expect(await stateOf(ANAS)).toBe('Stopped');
    expect(await stateOf(VISIONS)).toBe('InService');
  });

  it('comes to what a simulation of it comes to', { timeout: TEST_MS }, async () => {
    // Its policy warns at another minute: what is compared is the course, and what follows from the keep.
    const once = await simulated('04-notebook-snooze.yaml');
    const names = { warn: 'warned', stop: 'stopped', keep: 'kept' } as const;
    const trail = await stage.ledger.audit({ arn: arnOfNotebook(ANAS) });
    const done = trail.flatMap(({ event, decision: { action } }) =>
      event === 'taken' && (action === 'warn' || action === 'stop' || action === 'keep')
        ? [names[action]]
        : [],
    );
    expect(once.course('notebook')).toEqual(done);
    const [keep] = once.events('kept', 'notebook');
    const [stop] = once.events('stopped', 'notebook');
    const [notebook] = once.result.resources;
    const { at: stoppedAt } = theOnly(await taken(stage, arnOfNotebook(ANAS), 'stop'));
    if (keep === undefined || stop === undefined) throw new Error('It was not kept, or not stopped.');
    expect(cost(notebook?.hourly, keep.at, keep.until)).toBe(cost(notebook?.hourly, pressedAt, kept.until));
    // Its minute is the one that follows the end of the keep.
    expect(stop.at).toEqual(keep.until);
    expect(stoppedAt.getTime() - kept.until.getTime()).toBeLessThan(2 * MINUTE_MS);

    const four = await simulated('04b-fourth-snooze.yaml');
    expect(four.events('kept')).toHaveLength(3);
    const [refusal] = four.events('refused');
    expect(refusal?.reason).toContain('an owner must approve');
    expect(await keepOf(VISIONS)).toMatchObject({ count: four.events('kept').length + 1 });
  });

  it('wants it back: "Restore" starts it again', { timeout: TEST_MS }, async () => {
    const stopped = messageOf(ANAS);
    await stage.press(stopped, 'bursar:restore:all', { user: ANA });
    expect(await stateOf(ANAS)).toBe('InService');
    expect(theOnly(await taken(stage, arnOfNotebook(ANAS), 'restore')).decision.by).toBe(
      'ana (Slack UANA00001)',
    );
    const updated = stage.slack.messages().find(({ ts }) => ts === stopped.ts);
    expect(updated?.updates).toBe(1);
  });
});

describe('that alerts arrive', () => {
  const CANARY = 'this alert proves that alerts arrive';

  it('is proven once a day: one canary, whatever the number of sweeps', { timeout: TEST_MS }, async () => {
    const six = new Date(stage.now());
    six.setUTCHours(6, 0, 0, 0);
    if (six <= stage.now()) six.setUTCDate(six.getUTCDate() + 1);
    for (const name of [ANAS, VISIONS]) {
      await putNotebookUse(stage.clients, name, { cpu: 60, gpu: 80 }, after(six, -60), after(six, 60));
    }
    const told = await postedDuring(stage, async () => {
      for (const minutes of [0, 5, 30]) await acts.sweepAt(after(six, minutes));
    });
    expect(told.map(textOf).filter((text) => text.includes(CANARY))).toHaveLength(1);
    const tomorrow = await postedDuring(stage, async () => {
      await acts.sweepAt(after(six, 60));
      await acts.sweepAt(after(six, 24 * 60));
    });
    expect(tomorrow.map(textOf).filter((text) => text.includes(CANARY))).toHaveLength(1);
    expect(told.find((message) => textOf(message).includes(CANARY))?.channel).toBe('#ml-ops');
  });

  it('by another way where Slack will not take them', { timeout: TEST_MS }, async () => {
    const { slack, sqs, outputs } = stage;
    const fallback = await queueOn(outputs.FallbackTopicArn);
    // Else the four repeats would take minutes.
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: await alertsQueue(),
        Attributes: { VisibilityTimeout: '1' },
      }),
    );
    const letters = await messagesIn(sqs, outputs.AlertsDeadLettersUrl);
    slack.failNext('chat.postMessage', ...Array.from({ length: MAX_DELIVERIES }, () => 'account_inactive'));
    const shown = slack.messages().length;
    await stage.publish('AWS Budgets', 'Something that nobody understands');
    const text = await messageFrom(fallback);
    await stage.quiet();
    expect(slack.messages()).toHaveLength(shown);
    expect(text).toContain('Slack did not take this alert');
    expect(text).toContain('account_inactive');
    expect(text).toContain('Something that nobody understands');
    expect(await messagesIn(sqs, outputs.AlertsDeadLettersUrl)).toBe(letters + 1);
    // And the next one arrives as ever.
    const next = await postedDuring(stage, () =>
      stage.publish('AWS Budgets', 'Another that nobody understands'),
    );
    expect(textOf(theOnly(next))).toContain('Another that nobody understands');
  });

  async function queueOn(TopicArn: string): Promise<string> {
    const { QueueUrl = '' } = await stage.sqs.send(new CreateQueueCommand({ QueueName: 'fallback-reader' }));
    const { Attributes } = await stage.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    await new SNSClient({}).send(
      new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }),
    );
    return QueueUrl;
  }

  async function alertsQueue(): Promise<string> {
    const { QueueUrls = [] } = await stage.sqs.send(new ListQueuesCommand({ MaxResults: 1000 }));
    return theOnly(QueueUrls.filter((url) => url.includes('AlertsQueue') && !url.includes('DeadLetters')));
  }

  async function messageFrom(QueueUrl: string): Promise<string> {
    for (let looks = 0; looks < 100; looks += 1) {
      const { Messages: [message] = [] } = await stage.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      if (message?.Body !== undefined) {
        await stage.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
        return message.Body;
      }
      await sleep(200);
    }
    throw new Error('The queue stays empty.');
  }
});
