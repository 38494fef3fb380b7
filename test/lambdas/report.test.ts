import { Logger } from '@aws-lambda-powertools/logger';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ReportDeps, report } from '../../lambdas/report.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { hashOfToken } from '../../lib/report/link.ts';
import { monthsDue, reportKeys } from '../../lib/report/schedule.ts';
import { sampleReport } from '../support/report-fixture.ts';
import { quietConsole } from './fixtures.ts';

/** The Monday of a scheduled run, a little later than it was asked for. */
const SCHEDULED = '2026-11-23T07:40:00Z';
const NOW = new Date('2026-11-23T07:40:21.000Z');
const FOLDER = 'reports/2026-11/2026-11-23T07-40Z/bursar-2026-11';
const TOKEN = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE';

const s3 = mockClient(S3Client);
/** Little, so that its page is made quickly. */
const SAMPLE = {
  ...sampleReport({ projects: 1, running: 1, stops: 1 }),
  levels: [],
  days: [],
  allocation: undefined,
};
let quiet: ReturnType<typeof quietConsole>;
beforeEach(() => {
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  quiet = quietConsole();
});
afterEach(() => {
  vi.unstubAllEnvs();
  quiet.restore();
});

const written = () => s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
const keysWritten = () => written().map(({ Key }) => Key);

function setUp(now = NOW, more: Partial<ReportDeps> = {}) {
  const ledger = createMemoryLedger();
  const gather = vi.fn(async (month: string) => ({ ...SAMPLE, month }));
  let made = 0;
  const deps: ReportDeps = {
    ledger,
    gather,
    store: { s3: new S3Client({ region: 'us-east-1' }), bucket: 'reports-bucket' },
    linkUrl: 'https://abc.lambda-url.us-east-1.on.aws/',
    // The first one is known; each run makes another.
    newToken: () => (made++ === 0 ? TOKEN : `${TOKEN.slice(0, -1)}${made}`),
    now: () => now,
    tools: { logger: new Logger({ logLevel: 'DEBUG' }) },
    ...more,
  };
  return { ledger, gather, run: (event?: unknown) => report(event, deps) };
}

describe('a scheduled run', () => {
  it('writes CSV and JSON, and then the page, for browsers to show and nobody to keep', async () => {
    const { run, gather } = setUp();
    expect(await run({ scheduledAt: SCHEDULED })).toEqual({ state: 'written', pages: [`${FOLDER}.html`] });
    expect(gather.mock.calls).toEqual([['2026-11', NOW]]);
    expect(written()).toMatchObject(
      [
        ['.csv', 'text/csv; charset=utf-8'],
        ['-days.csv', 'text/csv; charset=utf-8'],
        ['.json', 'application/json'],
        ['.html', 'text/html; charset=utf-8'],
      ].map(([end, ContentType]) => ({
        Bucket: 'reports-bucket',
        Key: `${FOLDER}${end}`,
        ContentType,
        ContentDisposition: `inline; filename="bursar-2026-11${end}"`,
        CacheControl: 'no-store',
      })),
    );
    const [csv, days, json, html] = written().map(({ Body }) => String(Body));
    expect(csv).toContain('\r\n');
    expect(days).toContain('month,account,day,');
    expect(JSON.parse(json ?? '')).toMatchObject({ month: '2026-11' });
    expect(html).toMatch(/^<!doctype html>/i);
  });

  it('remembers the report and a link to it that holds for eight days', async () => {
    const { run, ledger } = setUp();
    await run({ scheduledAt: SCHEDULED });
    expect(await ledger.newestReport(NOW)).toEqual({
      month: '2026-11',
      madeAt: NOW,
      keys: reportKeys('2026-11', new Date(SCHEDULED)),
      link: {
        url: `https://abc.lambda-url.us-east-1.on.aws/r/${TOKEN}`,
        tokenHash: hashOfToken(TOKEN),
        until: new Date('2026-12-01T07:40:21.000Z'),
      },
      recommended: {
        count: 2,
        monthly: 377_190_000n,
        largest: [
          { title: 'Resize i-0b7e55c1d2 from g5.2xlarge to g5.xlarge.', monthly: 367_190_000n },
          { title: 'Change volume vol-0f3d6c2a from gp2 to gp3.', monthly: 10_000_000n },
        ],
      },
    });
    expect(await ledger.reportByToken(hashOfToken(TOKEN), NOW)).toMatchObject({ state: 'open' });
  });

  it('that is delivered twice is done once: the same keys, one link, and nothing is asked anew', async () => {
    const { run, gather } = setUp();
    await run({ scheduledAt: SCHEDULED });
    expect(await run({ scheduledAt: SCHEDULED })).toEqual({ state: 'repeat', pages: [`${FOLDER}.html`] });
    expect(gather).toHaveBeenCalledTimes(1);
    expect(written()).toHaveLength(4);
  });

  it('of the week after is another one', async () => {
    const { run, ledger } = setUp();
    await run({ scheduledAt: SCHEDULED });
    expect(await run({ scheduledAt: '2026-11-30T07:40:00Z' })).toMatchObject({ state: 'written' });
    expect((await ledger.newestReport(NOW))?.keys.html).toContain('/2026-11-30T07-40Z/');
  });

  it('remembers a report without a link where nobody opens links', async () => {
    const { run, ledger } = setUp(NOW, { linkUrl: undefined });
    await run({ scheduledAt: SCHEDULED });
    expect(await ledger.newestReport(NOW)).toMatchObject({ month: '2026-11', link: undefined });
    expect(await run({ scheduledAt: SCHEDULED })).toMatchObject({ state: 'repeat' });
  });

  it('leaves neither link nor token in the log, and answers with neither', async () => {
    const { run } = setUp();
    const answer = JSON.stringify(await run({ scheduledAt: SCHEDULED }));
    const log = quiet.lines.join('\n');
    expect(log).toContain(`${FOLDER}.html`);
    for (const said of [log, answer]) {
      expect(said).not.toContain(TOKEN);
      expect(said).not.toContain(hashOfToken(TOKEN));
      expect(said).not.toContain('lambda-url');
    }
  });
});

describe('a run that breaks off', () => {
  it.each([
    ['while CSV is written', '.csv', 1],
    ['while days are written', '-days.csv', 2],
    ['while JSON is written', '.json', 3],
    ['while the page is written', '.html', 4],
  ])('%s has no page, tells nobody, and is done whole the next time', async (_, end, calls) => {
    const { run, ledger } = setUp();
    s3.on(PutObjectCommand, { Key: `${FOLDER}${end}` }).rejectsOnce(new Error('S3 is out'));
    await expect(run({ scheduledAt: SCHEDULED })).rejects.toThrow('S3 is out');
    expect(written()).toHaveLength(calls);
    expect(await ledger.newestReport(NOW)).toBeUndefined();
    expect(await run({ scheduledAt: SCHEDULED })).toMatchObject({ state: 'written' });
    expect(keysWritten().slice(-4)).toEqual(
      ['.csv', '-days.csv', '.json', '.html'].map((one) => `${FOLDER}${one}`),
    );
    expect(await ledger.newestReport(NOW)).toMatchObject({ keys: { html: `${FOLDER}.html` } });
  });

  it('before it is remembered writes the same objects again', async () => {
    const memory = createMemoryLedger();
    let isOut = true;
    const ledger: Pick<Ledger, 'newestReport' | 'saveReport'> = {
      newestReport: memory.newestReport,
      saveReport: async (saved) => {
        if (isOut) throw new Error('DynamoDB is out');
        return memory.saveReport(saved);
      },
    };
    const { run } = setUp(NOW, { ledger });
    await expect(run({ scheduledAt: SCHEDULED })).rejects.toThrow('DynamoDB is out');
    isOut = false;
    expect(await run({ scheduledAt: SCHEDULED })).toMatchObject({ state: 'written' });
    expect(keysWritten().slice(4)).toEqual(keysWritten().slice(0, 4));
  });

  it('because nothing could be read writes nothing', async () => {
    const { run, ledger } = setUp(NOW, {
      gather: async () => {
        throw new Error('the ledger is out');
      },
    });
    await expect(run({ scheduledAt: SCHEDULED })).rejects.toThrow('the ledger is out');
    expect(written()).toEqual([]);
    expect(await ledger.newestReport(NOW)).toBeUndefined();
  });
});

describe('the month', () => {
  it('that is over is written in the first week of the next one, and people are led to it', async () => {
    const monday = new Date('2026-12-07T07:40:05Z');
    const { run, ledger } = setUp(monday);
    const { pages } = await run({ scheduledAt: '2026-12-07T07:40:00Z' });
    expect(pages).toEqual([
      'reports/2026-12/2026-12-07T07-40Z/bursar-2026-12.html',
      'reports/2026-11/2026-12-07T07-40Z/bursar-2026-11.html',
    ]);
    expect(keysWritten().filter((key) => key?.endsWith('.html'))).toEqual(pages);
    expect(await ledger.newestReport(monday)).toMatchObject({ month: '2026-11', keys: { html: pages[1] } });
    expect(await run({ scheduledAt: '2026-12-07T07:40:00Z' })).toEqual({ state: 'repeat', pages });
  });

  it('is due by the UTC day, once for each month that is over whatever weekday it begins on', () => {
    expect(monthsDue(new Date('2026-11-08T00:00:00Z'))).toEqual(['2026-11']);
    expect(monthsDue(new Date('2027-01-07T23:59:59Z'))).toEqual(['2027-01', '2026-12']);
    const over = new Map<string, number>();
    // Every Monday of seven years.
    for (let at = Date.UTC(2026, 0, 5, 7, 40); at < Date.UTC(2033, 0, 1); at += 7 * 86_400_000) {
      const [, before] = monthsDue(new Date(at));
      if (before !== undefined) over.set(before, (over.get(before) ?? 0) + 1);
    }
    expect(over.size).toBe(7 * 12);
    expect([...over.values()].every((times) => times === 1)).toBe(true);
  });

  it('is due by the time of the schedule, though the try that succeeds comes after midnight', async () => {
    // Monday 07:40 in Singapore, and the last try.
    const scheduledAt = '2026-12-07T23:40:00Z';
    const { run } = setUp(new Date('2026-12-08T00:12:00Z'));
    const { pages } = await run({ scheduledAt });
    expect(pages).toEqual([
      'reports/2026-12/2026-12-07T23-40Z/bursar-2026-12.html',
      'reports/2026-11/2026-12-07T23-40Z/bursar-2026-11.html',
    ]);
    expect(await run({ scheduledAt })).toEqual({ state: 'repeat', pages });
  });

  it('that somebody names is written alone, and nobody is sent a link to it', async () => {
    const { run, ledger, gather } = setUp();
    expect(await run({ month: '2026-09' })).toEqual({
      state: 'written',
      pages: ['reports/2026-09/2026-11-23T07-40Z/bursar-2026-09.html'],
    });
    expect(gather.mock.calls).toEqual([['2026-09', NOW]]);
    expect(await ledger.newestReport(NOW)).toBeUndefined();
  });

  it.each(['2026-13', '2026-1', 'November', '2026-11-01', 7])('%j is refused', async (month) => {
    const { run } = setUp();
    await expect(run({ month })).rejects.toThrow(/month/);
    expect(written()).toEqual([]);
  });
});

it.each([undefined, null, {}, { scheduledAt: '<aws.scheduler.scheduled-time>' }])(
  'an event that says nothing (%j) is a run of now',
  async (event) => {
    const { run, ledger } = setUp();
    expect(await run(event)).toEqual({ state: 'written', pages: [`${FOLDER}.html`] });
    expect(await ledger.newestReport(NOW)).toMatchObject({ madeAt: NOW });
    // Asked by hand it is done again.
    expect(await run(event)).toMatchObject({ state: 'written' });
  },
);
