import { Logger } from '@aws-lambda-powertools/logger';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, openLink, type ReportLinkDeps } from '../../lambdas/report-link.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { hashOfToken, LINK_MS, linkOf, newToken, tokenIn } from '../../lib/report/link.ts';
import { reportKeys } from '../../lib/report/schedule.ts';
import { context, quietConsole } from './fixtures.ts';

const MADE_AT = new Date('2026-11-23T07:41:00.000Z');
const UNTIL = new Date('2026-12-01T07:41:00.000Z');
const TOKEN = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE';
const KEYS = reportKeys('2026-11', MADE_AT);
const BASE = 'https://abc.lambda-url.us-east-1.on.aws/';
const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

const request = (rawPath: string, method = 'GET') => ({
  version: '2.0',
  rawPath,
  rawQueryString: '',
  headers: { 'user-agent': 'Mozilla/5.0' },
  requestContext: { http: { method, path: rawPath } },
});

let quiet: ReturnType<typeof quietConsole>;
beforeEach(() => {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  quiet = quietConsole();
});
afterEach(() => {
  quiet.restore();
  vi.unstubAllEnvs();
});

/** The link is known to the ledger, and followed at a time. */
async function setUp(now = MADE_AT) {
  const ledger = createMemoryLedger();
  await ledger.saveReport({
    month: '2026-11',
    madeAt: MADE_AT,
    keys: KEYS,
    link: { url: linkOf(BASE, TOKEN), tokenHash: hashOfToken(TOKEN), until: after(MADE_AT, LINK_MS) },
  });
  const asked = vi.spyOn(ledger, 'reportByToken');
  const sign = vi.fn(async (key: string) => `https://bucket.s3.amazonaws.com/${key}?X-Amz-Signature=secret`);
  const deps: ReportLinkDeps = {
    ledger,
    sign,
    now: () => now,
    tools: { logger: new Logger({ logLevel: 'DEBUG' }) },
  };
  return { asked, sign, open: (event: unknown) => openLink(event, deps) };
}

describe('a link to a report', () => {
  it.each(['GET', 'HEAD'])('leads %s to the page, by a URL that is signed for it', async (method) => {
    const { open, sign } = await setUp();
    const answer = await open(request(`/r/${TOKEN}`, method));
    expect(answer).toMatchObject({ statusCode: 302, body: '' });
    expect(answer.headers.location).toBe(
      `https://bucket.s3.amazonaws.com/${KEYS.html}?X-Amz-Signature=secret`,
    );
    expect(sign.mock.calls).toEqual([[KEYS.html]]);
  });

  it('opens to the last moment of its eight days, again and again', async () => {
    const { open } = await setUp(after(UNTIL, -1));
    for (let n = 0; n < 3; n++) expect(await open(request(`/r/${TOKEN}`))).toMatchObject({ statusCode: 302 });
  });

  it('that has expired says so and signs nothing; at last it is unknown', async () => {
    const { open, sign } = await setUp(UNTIL);
    const answer = await open(request(`/r/${TOKEN}`));
    expect(answer.statusCode).toBe(410);
    expect(answer.body).toContain('This link has expired: it opens its report for 8 days.');
    const later = await setUp(after(UNTIL, 30 * 86_400_000));
    expect((await later.open(request(`/r/${TOKEN}`))).statusCode).toBe(404);
    expect(sign).not.toHaveBeenCalled();
    expect(later.sign).not.toHaveBeenCalled();
  });

  it('that nobody was sent is answered as one that is malformed, by one look at the ledger at most', async () => {
    const { open, asked, sign } = await setUp();
    const unknown = await open(request(`/r/${newToken()}`));
    expect(unknown.statusCode).toBe(404);
    expect(asked).toHaveBeenCalledTimes(1);
    const answers = await Promise.all(
      [
        '/',
        '/r/',
        '/r',
        `/r/${TOKEN}x`,
        `/r/${TOKEN.slice(1)}`,
        `/R/${TOKEN}`,
        `/r/${TOKEN}/`,
        '/favicon.ico',
      ].map((path) => open(request(path))),
    );
    for (const answer of answers) expect(answer).toEqual(unknown);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(sign).not.toHaveBeenCalled();
  });

  it('is told from every other token', async () => {
    const { open } = await setUp();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 42 }),
        fc.constantFrom('A', 'b', '_', '-'),
        async (at, letter) => {
          const near = `${TOKEN.slice(0, at)}${letter}${TOKEN.slice(at + 1)}`;
          const { statusCode } = await open(request(`/r/${near}`));
          expect(statusCode).toBe(near === TOKEN ? 302 : 404);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('takes no %s', async (method) => {
    const { open, asked } = await setUp();
    const answer = await open(request(`/r/${TOKEN}`, method));
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD' } });
    expect(asked).not.toHaveBeenCalled();
  });

  it.each([undefined, null, {}, 'GET', { rawPath: `/r/${TOKEN}` }, { rawPath: 7, requestContext: {} }])(
    'is not opened by the event %j',
    async (event) => {
      const { open, sign } = await setUp();
      expect((await open(event)).statusCode).toBe(404);
      expect(sign).not.toHaveBeenCalled();
    },
  );
});

describe('every answer', () => {
  it('is kept, framed, listed and referred from by nobody', async () => {
    const { open } = await setUp();
    const expired = await setUp(UNTIL);
    const answers = [
      await open(request(`/r/${TOKEN}`)),
      await open(request('/')),
      await open(request('/', 'POST')),
      await expired.open(request(`/r/${TOKEN}`)),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([302, 404, 405, 410]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': expect.stringContaining('noindex'),
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
    }
    for (const { headers, body } of answers.slice(1)) {
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(body).toMatch(/^<!doctype html>\n<html lang="en">/);
      expect(body).not.toMatch(/<script|https?:/);
    }
  });

  it('leaves neither token nor signed URL in the log', async () => {
    const { open } = await setUp();
    await open(request(`/r/${TOKEN}`));
    await open(request(`/r/${newToken()}`));
    const log = quiet.lines.join('\n');
    expect(log).toContain('a report is opened');
    expect(log).not.toMatch(/\/r\/|Signature|amazonaws\.com/);
    expect(log).not.toContain(TOKEN);
    expect(log).not.toContain(hashOfToken(TOKEN));
  });
});

describe('tokens', () => {
  it('are 256 bits of chance, and fit into a path', () => {
    const tokens = Array.from({ length: 200 }, newToken);
    expect(new Set(tokens).size).toBe(200);
    for (const token of tokens) {
      expect(Buffer.from(token, 'base64url')).toHaveLength(32);
      expect(tokenIn(new URL(linkOf(BASE, token)).pathname)).toBe(token);
    }
  });

  it('are known by their SHA-256', () => {
    expect(hashOfToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

it('the Lambda itself is built of its environment and answers what is no link', async () => {
  for (const [name, value] of Object.entries({
    LEDGER_TABLE: 'ledger',
    REPORTS_BUCKET: 'reports',
    AWS_REGION: 'us-east-1',
  }))
    vi.stubEnv(name, value);
  expect(await handler(request('/nothing'), context)).toMatchObject({ statusCode: 404 });
});
