import { Logger } from '@aws-lambda-powertools/logger';
import { onTestFinished } from 'vitest';
import { type ChatDeps, chat, type HttpAnswer } from '../../lambdas/chat.ts';
import { pressed, type RequestDeps } from '../../lambdas/request.ts';
import { createSlackApi } from '../../lib/alerts/slack-api.ts';
import { readSlackSecret } from '../../lib/alerts/slack-secret.ts';
import { createSlackSender } from '../../lib/alerts/slack-sender.ts';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import type { RegionContexts } from '../../lib/fleet/discover.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { doRequest } from '../../lib/people/do-request.ts';
import { createGroupReader } from '../../lib/people/groups.ts';
import type { Pressed } from '../../lib/people/pressed.ts';
import { type Request, RequestSchema } from '../../lib/people/request.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import {
  type PressOptions,
  type ShownMessage,
  type SignedRequest,
  startSlackStandIn,
} from '../../lib/sandbox/slack-stand-in.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import type { Alert, AlertItem } from '../../lib/types/alert.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { parseUsd } from '../../lib/types/money.ts';

/** The sweep remembers that it held something back at that time. */
export const holdAt = (ledger: Ledger, heldAt: Date): Promise<void> =>
  ledger.saveWatches(
    ACCOUNT,
    REGION,
    [
      {
        arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-held`,
        since: new Date('2026-11-20T00:00:00Z'),
        busyAt: undefined,
        stopAt: undefined,
        heldAt,
        heldDue: 40,
        toldAt: undefined,
        orderedAt: undefined,
      },
    ],
    heldAt,
  );

export const AT = new Date('2026-11-25T10:30:00Z');
export const ANA = { id: 'UANA00001', name: 'ana' };
export const OLGA = { id: 'UOLGA0001', name: 'olga' };
export const PAT = { id: 'UPAT00001', name: 'pat' };
export const EVE = { id: 'UEVE00001', name: 'eve' };

/** Ana is a member by her group, Olga an owner, Pat an operator by a group; nobody acts for fraud but operators. */
const POLICY = `
version: 1
timezone: Europe/Berlin
operators: [SOPERATORS]
projects:
  recsys: { owner: team-beta, owners: [UOLGA0001], members: [SRECSYS] }
  fraud: { owner: team-alpha }
policies:
  - name: production
    match: { environment: prod }
    idle: off
  - name: development
    match: { environment: [dev] }
    idle: { after: 30m, warn: 10m, do: stop }
`;

/** The price of a notebook on ml.p3.2xlarge, in acceptance 4. */
const PRICES: Readonly<Record<string, string>> = { 'g5.xlarge': '3.825', 'm5.xlarge': '0.192' };

export interface StageOptions {
  /** Slack as incoming webhooks alone, without a bot token. */
  readonly webhooks?: boolean;
  readonly ledger?: (ledger: Ledger) => Ledger;
  /** The policy file; absent = one of two projects. */
  readonly policy?: string;
}

/**
 * Everything between a button and what it does: the chat function, its queue, the request function over a fleet in
 * memory, and a stand-in for Slack that shows the messages.
 */
export async function createPeopleStage({
  webhooks = false,
  ledger: wrap = (same) => same,
  policy: text = POLICY,
}: StageOptions = {}) {
  let now = AT;
  const clock = () => now;
  const slack = await startSlackStandIn();
  onTestFinished(() => slack.stop());
  slack.setGroups({ SOPERATORS: [PAT.id], SRECSYS: [ANA.id] });
  const secret = webhooks ? slack.webhookSecret : slack.secret;
  const account = createAccount(clock);
  const policy = parsePolicy(text, 'bursar.yaml');
  const ledger = wrap(createMemoryLedger());
  const prices = {
    hourly: async ({ instanceType }: { readonly instanceType: string }) =>
      parseUsd(PRICES[instanceType] ?? ''),
    unit: async () => undefined,
    spot: async () => undefined,
  };
  const regions: RegionContexts = new Map([
    [REGION, { account: ACCOUNT, region: REGION, clients: account.clients, prices, now: clock }],
  ]);
  const logged: string[] = [];
  const logger = new Logger({ logLevel: 'SILENT' });
  const wakes: Date[] = [];
  const commands: Decision[] = [];
  const queue: Pressed[] = [];
  const pace = { now: () => new Date(), sleep: async () => {} };
  const wake = async (at: Date): Promise<void> => {
    wakes.push(at);
  };
  const onWakeError = (error: unknown): never => {
    throw error;
  };
  const requestDeps: RequestDeps = {
    policy,
    ledger,
    regions,
    account: ACCOUNT,
    now: clock,
    carryOut: (batch, approved) =>
      carryOut(batch, { ledger, policy, regions, now: clock, wake, onWakeError, ...approved }),
    carryOutAndTell: (batch, approved) =>
      carryOut(batch, { ledger, policy, regions, now: clock, wake, onWakeError, ...approved }),
    send: async (decisions) => {
      commands.push(...decisions);
      return 1;
    },
    groups: createGroupReader({
      list: (group) => {
        const { bot } = readSlackSecret(secret);
        if (bot === undefined) throw new Error('no token');
        const deadline = new Date(Date.now() + 5_000);
        return createSlackApi(bot).usersOf(group, { ...pace, deadline });
      },
      now: clock,
      onError: (group) => logged.push(`group ${group}`),
    }),
    getSecret: async () => secret,
    slack: pace,
    tools: { logger },
  };
  const chatDeps: ChatDeps = {
    ledger,
    getSecret: async () => secret,
    queue: async (message) => {
      queue.push(message);
    },
    now: clock,
    machineNow: () => new Date(),
    sleep: async () => {},
    tools: { logger },
  };
  const sender = createSlackSender({
    ledger,
    getSecret: async () => secret,
    now: () => new Date(),
    sleep: async () => {},
  });

  const send = (request: SignedRequest): Promise<HttpAnswer> => chat(functionUrlEvent(request), chatDeps);
  /** Delivers what waits in the queue, in turn. What throws comes back at the next call. */
  const drain = async (): Promise<void> => {
    for (const message of queue.splice(0))
      await work(message).catch((error: unknown) => fail(message, error));
  };
  const fail = (message: Pressed, error: unknown): never => {
    queue.push(message);
    throw error;
  };
  const work = (message: Pressed): Promise<void> => pressed(JSON.stringify(message), 20_000, requestDeps);
  /** The message as it stands; tests have one. */
  const shown = (): ShownMessage => {
    const message = slack.messages().at(-1);
    if (message === undefined) throw new Error('there is no message');
    return message;
  };

  return {
    slack,
    account,
    ledger,
    commands,
    wakes,
    queue,
    logged,
    chatDeps,
    requestDeps,
    send,
    drain,
    work,
    shown,
    skip: (ms: number): void => {
      now = new Date(now.getTime() + ms);
    },
    restart: (id: string): void => {
      const one = account.instances.get(id);
      if (one !== undefined) account.instances.set(id, { ...one, since: now });
    },
    now: clock,
    add: (id: string, project = 'recsys', type: 'g5.xlarge' | 'm5.xlarge' = 'g5.xlarge'): void => {
      account.instances.set(id, {
        id,
        type,
        tags: { environment: 'dev', project },
        since: new Date(AT.getTime() - 86_400_000),
        use: () => ({ cpu: 1 }),
      });
    },
    tell: async (alert: Alert): Promise<ShownMessage> => {
      await sender.send(alert, 20_000);
      return shown();
    },
    /** Presses a button of the newest message, as it stands, and has all of it done. */
    press: async (actionId: string, user: PressOptions['user'] = ANA): Promise<ShownMessage> => {
      const answer = await send(slack.press(shown(), actionId, { user }));
      if (answer.statusCode !== 200) throw new Error(`the press was answered with ${answer.statusCode}`);
      await drain();
      return shown();
    },
    submit: async (fields: Readonly<Record<string, string>>, user: PressOptions['user'] = ANA) => {
      const window = slack.windows().at(-1);
      if (window === undefined) throw new Error('no window is open');
      await send(slack.submit(window, fields, user));
      await drain();
      return shown();
    },
    /** As the command line does. */
    ask: (request: Request): Promise<unknown> => doRequest(RequestSchema.parse(request), requestDeps),
  };
}

export type PeopleStage = Awaited<ReturnType<typeof createPeopleStage>>;

/** As a Function URL hands a request over. */
export const functionUrlEvent = ({ headers, body }: SignedRequest, fields: object = {}) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: '/',
  rawQueryString: '',
  headers: { 'content-length': String(body.length), ...headers },
  requestContext: { http: { method: 'POST', path: '/', sourceIp: '54.0.0.1' } },
  body,
  isBase64Encoded: false,
  ...fields,
});

export const arnOf = (id: string): string => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;

const item = (id: string): AlertItem => ({
  arn: arnOf(id),
  id,
  kind: 'ec2-instance',
  region: REGION,
  size: 'g5.xlarge',
  hourly: '3.825',
  requested: 'warn',
  status: 'none',
  reason: 'It was idle.',
  rule: 'development: idle',
  stopAt: new Date(AT.getTime() + 600_000).toISOString(),
});

/** A warning of a stop in ten minutes. */
export const warning = (ids: readonly string[], fields: Partial<Alert> = {}): Alert => ({
  version: 1,
  id: 'warn/recsys/1',
  at: AT.toISOString(),
  severity: 'info',
  kind: 'idle',
  account: ACCOUNT,
  project: 'recsys',
  title: `${ids.length} idle of recsys: stop at 10:40 UTC`,
  reason: 'It was idle.',
  next: 'It is stopped at 10:40 UTC.',
  items: ids.map(item),
  offers: ['keep-2h', 'keep-tomorrow', 'stop', 'details'],
  ...fields,
});

/** The text of a message, as people read it. */
export function textOf(message: ShownMessage): string {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (name === 'text' && typeof inner === 'string') texts.push(inner);
        else walk(inner);
      }
    }
  };
  walk(message.blocks);
  return texts.join('\n');
}
