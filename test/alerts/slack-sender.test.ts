import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { SlackSendError } from '../../lib/alerts/slack-error.ts';
import { createSlackSender } from '../../lib/alerts/slack-sender.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { buttonsOf, startSlackStandIn } from '../../lib/sandbox/slack-stand-in.ts';
import { AT, alert, item } from './fixtures.ts';
import { type Reply, slackServer } from './slack-server.ts';

const WITHIN_MS = 25_000;

/** A sender on a clock that moves by sleeping alone. */
async function setUp(replies: readonly Reply[] = [], secret?: (url: string) => string) {
  const server = await slackServer(replies);
  const ledger = createMemoryLedger();
  let time = AT.getTime();
  const slept: number[] = [];
  const sender = createSlackSender({
    ledger,
    getSecret: async () => secret?.(server.url) ?? server.url,
    now: () => new Date(time),
    sleep: async (ms) => {
      slept.push(ms);
      time += ms;
    },
  });
  const failure = async (id = 'a', withinMs = WITHIN_MS): Promise<SlackSendError> => {
    try {
      await sender.send(alert({ id }), withinMs);
    } catch (error) {
      if (error instanceof SlackSendError) return error;
      throw error;
    }
    throw new Error('it was sent');
  };
  return { ...server, ledger, sender, slept, failure, pass: (ms: number) => (time += ms) };
}

const limited = (seconds: string): Reply => ({ status: 429, headers: { 'Retry-After': seconds } });

describe('an alert', () => {
  it('is posted as blocks with a line for notifications', async () => {
    const { sender, received } = await setUp();
    expect(await sender.send(alert(), WITHIN_MS)).toBe('sent');
    const schema = z.object({ text: z.string(), blocks: z.array(z.object({ type: z.string() })) });
    const [request] = received;
    const posted = schema.parse(JSON.parse(request?.body ?? ''));
    expect(request?.path).toBe('/services/T0/B0/s3cr3t');
    expect(posted.text).toBe('ℹ️ 1 idle resource of recsys stopped');
    expect(posted.blocks[0]?.type).toBe('header');
  });

  it('is sent once, however often it comes', async () => {
    const { sender, received } = await setUp();
    expect(await sender.send(alert(), WITHIN_MS)).toBe('sent');
    expect(await sender.send(alert(), WITHIN_MS)).toBe('repeat');
    expect(received).toHaveLength(1);
  });

  it('that two workers have at the same time is sent once', async () => {
    const { sender, received } = await setUp();
    const [one, two] = await Promise.allSettled([
      sender.send(alert(), WITHIN_MS),
      sender.send(alert(), WITHIN_MS),
    ]);
    expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
    const rejected =
      one.status === 'rejected' ? one.reason : two.status === 'rejected' ? two.reason : undefined;
    expect(rejected).toMatchObject({ failure: 'in-flight', retry: true });
    expect(received).toHaveLength(1);
  });

  it('whose worker died while sending is sent by the next', async () => {
    const { sender, ledger, failure, pass } = await setUp();
    await ledger.once(`slack/a/sending/${Math.floor(AT.getTime() / 300_000)}`, AT);
    expect((await failure('a')).failure).toBe('in-flight');
    pass(300_000);
    expect(await sender.send(alert({ id: 'a' }), WITHIN_MS)).toBe('sent');
  });

  it('that failed can be sent again', async () => {
    const { sender, failure } = await setUp([{ status: 404, body: 'no_service' }]);
    await failure('a');
    expect(await sender.send(alert({ id: 'a' }), WITHIN_MS)).toBe('sent');
  });
});

describe('the pace', () => {
  it('is one message a second', async () => {
    const { sender, slept, received } = await setUp();
    for (const id of ['a', 'b', 'c']) await sender.send(alert({ id }), WITHIN_MS);
    expect(slept).toEqual([1_000, 1_000]);
    expect(received).toHaveLength(3);
  });

  it('is kept between senders at the same time', async () => {
    const { sender, slept } = await setUp();
    await Promise.all(['a', 'b', 'c'].map((id) => sender.send(alert({ id }), WITHIN_MS)));
    expect(slept).toHaveLength(2);
  });

  it('that leaves no time is told, and takes no slot from others', async () => {
    const { sender, failure, ledger, received, pass } = await setUp();
    await ledger.reserveSlot('slack/default', 30_000, AT);
    for (const id of ['a', 'b', 'c']) expect((await failure(id)).failure).toBe('busy');
    expect(received).toHaveLength(0);
    pass(30_000);
    await sender.send(alert({ id: 'd' }), 900);
    expect(received).toHaveLength(1);
  });
});

describe('an answer of Slack', () => {
  it('429 is waited for as long as it says', async () => {
    const { sender, slept, received } = await setUp([limited('7'), limited('2')]);
    expect(await sender.send(alert(), WITHIN_MS)).toBe('sent');
    expect(slept).toEqual([7_000, 2_000]);
    expect(received).toHaveLength(3);
  });

  it.each(['soon', '-1', '0', ''])('429 with an odd delay ("%s") is waited for a second', async (odd) => {
    const { sender, slept } = await setUp([limited(odd)]);
    await sender.send(alert(), WITHIN_MS);
    expect(slept).toEqual([1_000]);
  });

  it('429 that goes beyond the deadline is told without a wait', async () => {
    const { failure, slept } = await setUp([limited('30')]);
    expect(await failure()).toMatchObject({ failure: 'busy', status: 429, retry: true });
    expect(slept).toEqual([]);
  });

  it('429 again and again ends with the deadline', async () => {
    const { failure, slept } = await setUp(Array.from({ length: 100 }, () => limited('6')));
    expect((await failure()).failure).toBe('busy');
    expect(slept).toEqual([6_000, 6_000, 6_000, 6_000]);
  });

  it('5xx is tried again twice', async () => {
    const { sender, slept } = await setUp([{ status: 503 }, { status: 500 }]);
    expect(await sender.send(alert(), WITHIN_MS)).toBe('sent');
    expect(slept).toEqual([500, 1_000]);
  });

  it('5xx three times is told', async () => {
    const { failure, received } = await setUp(Array.from({ length: 9 }, () => ({ status: 502 })));
    expect(await failure()).toMatchObject({ failure: 'unavailable', status: 502, retry: true });
    expect(received).toHaveLength(3);
  });

  it.each([
    [404, 'no_service'],
    [400, 'invalid_payload'],
    [403, 'action_prohibited'],
  ])('%i is told and not tried again', async (status, body) => {
    const { failure, received } = await setUp([{ status, body }]);
    const error = await failure();
    expect(error).toMatchObject({ failure: 'refused', status, retry: false });
    expect(error.message).toBe(`Slack refused the message with HTTP ${status}: ${body}.`);
    expect(received).toHaveLength(1);
  });

  it('that is a redirect is never followed with the message', async () => {
    const { failure, received } = await setUp(
      Array.from({ length: 3 }, () => ({ status: 302, headers: { Location: '/elsewhere' } })),
    );
    await failure();
    expect(received.map(({ path }) => path)).not.toContain('/elsewhere');
  });

  it('that does not come is given up in time', async () => {
    const { failure, received } = await setUp([{ status: 200, silent: true }]);
    const error = await failure('a', 60);
    expect(error).toMatchObject({ failure: 'unavailable', retry: true });
    expect(received).toHaveLength(1);
  });

  it('and a server that is not there are the same', async () => {
    const { failure } = await setUp([], () => 'http://127.0.0.1:1/');
    expect(await failure()).toMatchObject({ failure: 'unavailable', status: undefined });
  });
});

describe('the secret', () => {
  it('can hold a webhook for each channel', async () => {
    const { sender, received } = await setUp([], (url) =>
      JSON.stringify({ default: `${url}/default`, '#recsys': `${url}/recsys` }),
    );
    await sender.send(alert({ id: 'a', slack: '#recsys' }), WITHIN_MS);
    await sender.send(alert({ id: 'b', slack: '#other' }), WITHIN_MS);
    expect(received.map(({ path }) => path.split('/').at(-1))).toEqual(['recsys', 'default']);
  });

  it('paces each channel by itself', async () => {
    const { sender, slept } = await setUp([], (url) => JSON.stringify({ default: url, '#recsys': url }));
    await sender.send(alert({ id: 'a', slack: '#recsys' }), WITHIN_MS);
    await sender.send(alert({ id: 'b', slack: '#other' }), WITHIN_MS);
    expect(slept).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no URL', 's3cr3t'],
    ['plain HTTP', 'http://hooks.slack.example/s3cr3t'],
    ['a host that only begins like this machine', 'http://127.0.0.1.example/s3cr3t'],
    ['another scheme', 'file:///s3cr3t'],
    ['broken JSON', '{"default": "https://hooks.slack.com/s3cr3t"'],
    ['JSON of another shape', '{"default": {"url": "https://hooks.slack.com/s3cr3t"}}'],
    ['no webhook for it', '{"#other": "https://hooks.slack.com/s3cr3t"}'],
    ['a name of Object', '{"#other": "https://hooks.slack.com/s3cr3t", "constructor": "s3cr3t"}'],
    ['plain HTTP for the channel', '{"#recsys": "http://hooks.slack.example/s3cr3t"}'],
    ['a token of a user', '{"botToken": "xoxp-s3cr3t", "defaultChannel": "#ml-ops"}'],
    ['a token that breaks the header', '{"botToken": "xoxb-s3cr3t\\nX: y", "defaultChannel": "#ml-ops"}'],
    ['a token without a channel', '{"botToken": "xoxb-s3cr3t"}'],
    ['a signing secret alone', '{"signingSecret": "s3cr3ts3cr3t"}'],
    ['a field that is misspelt', '{"botToken": "xoxb-s3cr3t", "defaultChanel": "#ml-ops"}'],
    [
      'an API that is not Slack’s',
      '{"botToken": "xoxb-s3cr3t", "defaultChannel": "#ml-ops", "apiUrl": "https://slack.com.example/api/"}',
    ],
  ])('that cannot be used is told without showing it: %s', async (_title, secret) => {
    const { failure } = await setUp([], () => secret);
    const error = await failure();
    expect(error).toMatchObject({ failure: 'misconfigured', retry: false });
    expect(inspect(error, { depth: 10 })).not.toContain('s3cr3t');
  });

  it('shows in no error of a send', async () => {
    for (const reply of [{ status: 500 }, { status: 404, body: 'no_service' }, limited('90')]) {
      const { failure } = await setUp([reply, reply, reply]);
      expect(inspect(await failure(), { depth: 10 })).not.toContain('s3cr3t');
    }
  });
});

describe('an app with a bot token', () => {
  const SECRETS = ['xoxb-sandbox-token', 'sandbox-signing-secret'];

  async function bot(fields: object = {}) {
    const slack = await startSlackStandIn();
    onTestFinished(() => slack.stop());
    const secret: object = JSON.parse(slack.secret);
    const { sender, failure, slept, ledger } = await setUp([], () =>
      JSON.stringify({ ...secret, ...fields }),
    );
    return { slack, sender, failure, slept, ledger };
  }

  it('posts to the channel of the project, and else to the default one', async () => {
    const { slack, sender } = await bot();
    await sender.send(alert({ id: 'a', slack: '#recsys' }), WITHIN_MS);
    const { slack: _none, ...nowhere } = alert({ id: 'b' });
    await sender.send(nowhere, WITHIN_MS);
    expect(slack.messages().map(({ channel, text }) => [channel, text])).toEqual([
      ['#recsys', 'ℹ️ 1 idle resource of recsys stopped'],
      ['#ml-ops', 'ℹ️ 1 idle resource of recsys stopped'],
    ]);
  });

  it.each(['channel_not_found', 'not_in_channel', 'is_archived'])(
    'that cannot post to a channel (%s) posts to the default one, and says so',
    async (error) => {
      const { slack, sender } = await bot();
      slack.failNext('chat.postMessage', error);
      expect(await sender.send(alert({ slack: '#recsys' }), WITHIN_MS)).toBe('sent');
      const [message] = slack.messages();
      expect(message?.channel).toBe('#ml-ops');
      expect(message?.text).toContain(
        `Meant for #recsys, which Bursar’s app cannot post to (${error}): invite it there.`,
      );
      expect(JSON.stringify(message?.blocks[0])).toContain('Meant for #recsys');
    },
  );

  it('that can post nowhere is told', async () => {
    const { slack, failure } = await bot();
    slack.failNext('chat.postMessage', 'not_in_channel', 'channel_not_found');
    expect(await failure()).toMatchObject({ failure: 'refused', code: 'channel_not_found', retry: false });
  });

  it('that Slack knows no more is told and not tried again', async () => {
    const { slack, failure } = await bot({ botToken: 'xoxb-another' });
    expect(await failure()).toMatchObject({ failure: 'refused', code: 'invalid_auth', retry: false });
    expect(slack.calls()).toHaveLength(1);
  });

  it('waits as Slack asks, and tries again where it fails', async () => {
    const { slack, sender, slept } = await bot();
    slack.failNext('chat.postMessage', 429, 'ratelimited', 'internal_error', 503);
    expect(await sender.send(alert(), WITHIN_MS)).toBe('sent');
    expect(slept).toEqual([1_000, 1_000, 500, 1_000]);
  });

  it('keeps the pace of each channel', async () => {
    const { sender, slept } = await bot();
    for (const id of ['a', 'b']) await sender.send(alert({ id, slack: '#recsys' }), WITHIN_MS);
    await sender.send(alert({ id: 'c', slack: '#other' }), WITHIN_MS);
    expect(slept).toEqual([1_000]);
  });

  it('sends an alert once, that two workers have at the same time', async () => {
    const { slack, sender } = await bot();
    await Promise.allSettled([sender.send(alert(), WITHIN_MS), sender.send(alert(), WITHIN_MS)]);
    expect(slack.messages()).toHaveLength(1);
  });

  it('shows its secrets in no error', async () => {
    for (const answer of ['invalid_auth', 'internal_error', 500, 429]) {
      const { slack, failure } = await bot();
      slack.failNext('chat.postMessage', ...Array.from({ length: 30 }, () => answer));
      const shown = inspect(await failure(), { depth: 10 });
      for (const secret of SECRETS) expect(shown).not.toContain(secret);
    }
  });
});

describe('buttons', () => {
  const offering = alert({
    offers: ['keep-2h', 'details'],
    items: [{ ...item(1), requested: 'warn', status: 'none' }],
  });
  const postedBy = async (secret: (url: string) => string) => {
    const { sender, received } = await setUp([], secret);
    await sender.send(offering, WITHIN_MS);
    return buttonsOf(JSON.parse(received[0]?.body ?? ''));
  };

  it('are shown where a signing secret proves who pressed', async () => {
    const secret = (url: string) =>
      JSON.stringify({ signingSecret: 'a-signing-secret', webhooks: { default: url } });
    expect(await postedBy(secret)).not.toEqual([]);
  });

  it('are not where nothing could listen to them', async () => {
    expect(await postedBy((url) => url)).toEqual([]);
  });

  it('can be answered as soon as they are seen: the alert is in the ledger before', async () => {
    const { sender, ledger } = await setUp([], () => 'http://127.0.0.1:1/');
    await sender.send(offering, WITHIN_MS).catch(() => undefined);
    expect((await ledger.alert(offering.id))?.alert).toEqual(offering);
  });
});

it('the canary is one line', async () => {
  const { sender, received } = await setUp();
  await sender.send(alert({ kind: 'canary', title: 'The daily test alert', items: [] }), WITHIN_MS);
  const { text, blocks } = z
    .object({ text: z.string(), blocks: z.array(z.object({ type: z.string() })) })
    .parse(JSON.parse(received[0]?.body ?? ''));
  expect(text).toBe('ℹ️ The daily test alert');
  expect(blocks.map(({ type }) => type)).toEqual(['context']);
});
