import { inspect } from 'node:util';
import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { chat } from '../../lambdas/chat.ts';
import type { SignedRequest } from '../../lib/sandbox/slack-stand-in.ts';
import { createPeopleStage, functionUrlEvent, type PeopleStage, warning } from '../people/stage.ts';
import { quietConsole } from './fixtures.ts';

const ID = 'i-00000000000000001';

async function setUp(options: Parameters<typeof createPeopleStage>[0] = {}) {
  const stage = await createPeopleStage(options);
  stage.add(ID);
  const message = await stage.tell(warning([ID]));
  const press = (at?: Date, signingSecret?: string): SignedRequest => {
    const { body } = stage.slack.press(message, 'bursar:keep-2h:all');
    return stage.slack.sign(body, at, signingSecret);
  };
  return { ...stage, press };
}

const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1_000);

/** Nothing was queued, no window opened, and Slack was told nothing beyond the first message. */
const untouched = ({ queue, slack }: Pick<PeopleStage, 'queue' | 'slack'>): boolean =>
  queue.length === 0 && slack.windows().length === 0 && slack.calls().length === 1;

describe('a request of Slack', () => {
  it('is queued and answered with nothing', async () => {
    const stage = await setUp();
    expect(await stage.send(stage.press())).toEqual({ statusCode: 200, body: '' });
    expect(stage.queue).toMatchObject([
      {
        version: 1,
        press: { alert: 'warn/recsys/1', offer: 'keep-2h', round: 0 },
        by: { id: 'UANA00001', name: 'ana' },
        at: '2026-11-25T10:30:00.000Z',
      },
    ]);
  });

  it('in base64 is the same', async () => {
    const stage = await setUp();
    const request = stage.press();
    const body = Buffer.from(request.body).toString('base64');
    const event = functionUrlEvent(request, { body, isBase64Encoded: true });
    expect(await chat(event, stage.chatDeps)).toMatchObject({ statusCode: 200 });
    expect(stage.queue).toHaveLength(1);
  });

  it('with headers in capitals is the same', async () => {
    const stage = await setUp();
    const { headers, body } = stage.press();
    const loud = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(await stage.send({ headers: loud, body })).toMatchObject({ statusCode: 200 });
  });

  it('is judged by the machine’s time, though the Lambdas’ clock is ahead', async () => {
    const stage = await setUp();
    stage.skip(40 * 60_000);
    expect(await stage.send(stage.press())).toMatchObject({ statusCode: 200 });
  });

  it('that cannot be queued fails, and can be sent again', async () => {
    const stage = await setUp();
    const request = stage.press();
    const failing = {
      ...stage.chatDeps,
      queue: async () => {
        throw new Error('SQS is out');
      },
    };
    await expect(chat(functionUrlEvent(request), failing)).rejects.toThrow('SQS is out');
    expect(await stage.send(request)).toMatchObject({ statusCode: 200 });
    expect(stage.queue).toHaveLength(1);
  });

  it('answers the check of the URL', async () => {
    const stage = await setUp();
    const request = stage.slack.sign('{"type":"url_verification","challenge":"abc"}');
    expect(await stage.send(request)).toMatchObject({ statusCode: 200, body: 'abc' });
  });

  it.each([
    ['the check of the certificate', 'ssl_check=1&token=x'],
    [
      'a button of no alert',
      `payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions', user: { id: 'U1' }, actions: [{ value: 'hello' }] }))}`,
    ],
    ['nothing', ''],
  ])('that is %s is taken and does nothing', async (_title, body) => {
    const stage = await setUp();
    expect(await stage.send(stage.slack.sign(body))).toEqual({ statusCode: 200, body: '' });
    expect(untouched(stage)).toBe(true);
  });
});

describe('a press that a window is to be opened for', () => {
  const pressed = (stage: Awaited<ReturnType<typeof setUp>>, actionId: string, arrivedAt: Date) => {
    const [message] = stage.slack.messages();
    if (message === undefined) throw new Error('there is no message');
    const requestContext = { http: { method: 'POST' }, timeEpoch: arrivedAt.getTime() };
    return chat(functionUrlEvent(stage.slack.press(message, actionId), { requestContext }), stage.chatDeps);
  };

  it('opens it', async () => {
    const stage = await setUp();
    expect(await pressed(stage, 'bursar:stop:all', new Date())).toEqual({ statusCode: 200, body: '' });
    expect(stage.slack.windows()).toHaveLength(1);
  });

  it('that waited too long for a cold start is a keep without a reason, while Slack still waits', async () => {
    const stage = await setUp();
    expect(await pressed(stage, 'bursar:keep-tomorrow:all', ago(2.3))).toMatchObject({ statusCode: 200 });
    expect(stage.slack.windows()).toEqual([]);
    expect(stage.queue).toHaveLength(1);
  });

  it('that waited too long is no stop, and who pressed is told', async () => {
    const stage = await setUp();
    expect(await pressed(stage, 'bursar:stop:all', ago(2.3))).toMatchObject({ statusCode: 200 });
    expect(stage.queue).toEqual([]);
    expect(stage.slack.whispers()[0]?.text).toContain('Nothing was stopped: press again.');
  });

  it.each([
    ['when there is no time left to tell them', 3, 0],
    ['when they cannot be told', 0, 500],
  ])('that is no stop fails %s, so that Slack shows it', async (_title, seconds, status) => {
    const stage = await setUp();
    if (status > 0) {
      stage.slack.failNext('views.open', 'expired_trigger_id');
      stage.slack.failNext('respond', status, status, status);
    }
    expect(await pressed(stage, 'bursar:stop:all', ago(seconds))).toEqual({ statusCode: 503, body: '' });
    expect(stage.queue).toEqual([]);
  });
});

describe('changes nothing and is answered 401:', () => {
  const without = (name: string, { headers, body }: SignedRequest): SignedRequest => {
    const { [name]: _left, ...rest } = headers;
    return { headers: rest, body };
  };
  it.each([
    [
      'a forged request',
      (stage: Awaited<ReturnType<typeof setUp>>) => stage.press(new Date(), 'another-secret'),
    ],
    ['one of six minutes ago', (stage) => stage.press(ago(360))],
    ['one of in six minutes', (stage) => stage.press(ago(-360))],
    [
      'another body under a signature',
      (stage) => ({ ...stage.press(), body: stage.press().body.replace('keep-2h', 'stop') }),
    ],
    [
      'an old body with a new time',
      (stage) => {
        const { headers, body } = stage.press(ago(360));
        return {
          headers: { ...headers, 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1_000)) },
          body,
        };
      },
    ],
    ['no signature', (stage) => without('x-slack-signature', stage.press())],
    ['no timestamp', (stage) => without('x-slack-request-timestamp', stage.press())],
  ] satisfies [string, (stage: Awaited<ReturnType<typeof setUp>>) => SignedRequest][])(
    '%s',
    async (_title, request) => {
      const stage = await setUp();
      expect(await stage.send(request(stage))).toEqual({ statusCode: 401, body: '' });
      expect(untouched(stage)).toBe(true);
    },
  );

  it('the same request again', async () => {
    const stage = await setUp();
    const request = stage.press();
    expect(await stage.send(request)).toMatchObject({ statusCode: 200 });
    expect(await stage.send(request)).toEqual({ statusCode: 401, body: '' });
    expect(stage.queue).toHaveLength(1);
  });

  it('the same request at the same time', async () => {
    const stage = await setUp();
    const request = stage.press();
    const answers = await Promise.all([1, 2, 3, 4].map(() => stage.send(request)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 401, 401, 401]);
    expect(stage.queue).toHaveLength(1);
  });

  it('everything, where the secret holds no signing secret', async () => {
    const stage = await setUp();
    const getSecret = async () => '{"default":"https://hooks.slack.com/services/T/B/x"}';
    const deps = { ...stage.chatDeps, getSecret };
    expect(await chat(functionUrlEvent(stage.press()), deps)).toMatchObject({ statusCode: 401 });
    expect(untouched(stage)).toBe(true);
  });
});

it('what is unsigned or stale is refused before the secret is read', async () => {
  const stage = await setUp();
  const getSecret = async (): Promise<string> => {
    throw new Error('it was read');
  };
  const deps = { ...stage.chatDeps, getSecret };
  for (const request of [{ headers: {}, body: '' }, stage.press(ago(360))]) {
    expect(await chat(functionUrlEvent(request), deps)).toMatchObject({ statusCode: 401 });
  }
});

it.each([
  ['GET', functionUrlEvent({ headers: {}, body: '' }, { requestContext: { http: { method: 'GET' } } })],
  ['something else', { Records: [] }],
  ['nothing', undefined],
])('%s is no request', async (_title, event) => {
  const stage = await setUp();
  expect(await chat(event, stage.chatDeps)).toEqual({ statusCode: 405, body: '' });
});

it('of what is sent nothing is logged', async () => {
  // The logger of Powertools then writes by the console, where it can be read.
  process.env.POWERTOOLS_DEV = 'true';
  const quiet = quietConsole();
  try {
    const stage = await setUp();
    const deps = { ...stage.chatDeps, tools: { logger: new Logger({ logLevel: 'DEBUG' }) } };
    const body = `payload=${encodeURIComponent('{"type":"block_actions","user":{"id":"U1"},"s3cr3t":1}')}`;
    const events = [
      stage.slack.sign(body),
      stage.slack.sign(body, ago(360)),
      stage.slack.sign(body, new Date(), 'another-secret'),
    ];
    for (const request of events) await chat(functionUrlEvent(request), deps);
    expect(quiet.lines.length).toBeGreaterThan(0);
    expect(inspect(quiet.lines)).not.toMatch(/s3cr3t|payload|v0=/);
  } finally {
    quiet.restore();
    delete process.env.POWERTOOLS_DEV;
  }
});
