import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/cli/io.ts';
import type { UsageSource } from '../../lib/policy/allocation.ts';
import type { Usage } from '../../lib/types/usage.ts';
import { readUsage } from '../../lib/usage/read-usage.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bursar-usage-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return name;
}

type FileSource = Extract<UsageSource, { readonly from: 'file' }>;

const source = (location: string, more: Partial<FileSource> = {}): FileSource => ({
  unit: 'GPU-seconds',
  tenants: {},
  from: 'file',
  location,
  columns: { time: 'time', tenant: 'tenant', amount: 'amount' },
  sampled: false,
  ...more,
});

const read = (location: string, more: Partial<FileSource> = {}, from = '2026-11-24', to = '2026-11-25') =>
  readUsage('gpu', source(location, more), { from, to, policyFolder: folder, defaultRegion: 'us-east-1' });

const shown = ({ entries }: Usage) =>
  entries.map(({ at, tenant, amount }) => `${at.toISOString().slice(0, 19)} ${tenant} ${amount}`);

const csv = (...rows: readonly string[]) => ['time,tenant,amount', ...rows, ''].join('\n');

describe('use from files', () => {
  it('is summed by hour and project; times without a zone are UTC', async () => {
    const file = put(
      'all.csv',
      csv(
        '2026-11-24T00:00:00Z,fraud,1.5',
        '2026-11-24 00:59:59.999,fraud,2',
        '2026-11-24T02:30:00+01:30,team-b,4',
        '"2026-11-24T01:30:00Z","idle",  1e2 ',
        '1795577400,recsys,.5',
        '1795577400500,recsys,0',
        '',
        '2026-11-25,fraud,7',
        '2026-11-26T00:00:00Z,fraud,999',
        '2026-11-23T23:59:59Z,fraud,not even a number',
      ),
    );
    const usage = await read(file, { tenants: { 'team-b': 'recsys' } });
    expect(shown(usage)).toEqual([
      '2026-11-24T00:00:00 fraud 3.5',
      '2026-11-24T01:00:00 idle 100',
      '2026-11-24T01:00:00 recsys 4',
      '2026-11-25T00:00:00 fraud 7',
      '2026-11-25T03:00:00 recsys 0.5',
    ]);
    expect(usage).toMatchObject({ name: 'gpu', unit: 'GPU-seconds', sampled: false });
    expect(usage.notes).toEqual(['2 lines of gpu outside of the span were left out.']);
  });

  it('is kept sample by sample where it is sampled', async () => {
    const file = put(
      'samples.csv',
      csv(
        '2026-11-24T00:05:00Z,b,1',
        '2026-11-24T00:00:00Z,b,2',
        '2026-11-24T00:00:00Z,a,1',
        '2026-11-24T00:00:00Z,b,3',
      ),
    );
    const usage = await read(file, { sampled: true });
    expect(shown(usage)).toEqual([
      '2026-11-24T00:00:00 a 1',
      '2026-11-24T00:00:00 b 5',
      '2026-11-24T00:05:00 b 1',
    ]);
    expect(usage.sampled).toBe(true);
  });

  it('may be JSON lines with keys of their own, and packed', async () => {
    const rows = [
      { ts: 1795521600, who: 'a', n: 2, more: { x: 1 } },
      { ts: '2026-11-24T12:00:00.000Z', who: 7, n: '0.25' },
    ];
    const text = `\uFEFF${rows.map((row) => JSON.stringify(row)).join('\r\n')}\n\n${JSON.stringify(rows[1])}`;
    const columns = { time: 'ts', tenant: 'who', amount: 'n' };
    const expected = ['2026-11-24T12:00:00 7 0.5', '2026-11-24T12:00:00 a 2'];
    expect(shown(await read(put('rows.jsonl', text), { columns }))).toEqual(expected);
    expect(shown(await read(put('rows.jsonl.gz', gzipSync(text)), { columns }))).toEqual(expected);
  });

  it('may be a folder, with all below it', async () => {
    put('folder/a.csv', csv('2026-11-24T00:00:00Z,a,1'));
    put('folder/deep/er/b.csv.gz', gzipSync(`\uFEFF${csv('2026-11-24T00:00:00Z,a,2')}`));
    put('folder/deep/_SUCCESS', '');
    for (const place of ['folder', 'folder/', join(folder, 'folder')]) {
      const usage = await read(place);
      expect(shown(usage)).toEqual(['2026-11-24T00:00:00 a 3']);
      expect(usage.notes).toEqual(['1 file of gpu is neither CSV nor JSON lines, and left out.']);
    }
  });

  it('may be a file for each month', async () => {
    put('months/2026-09.csv', csv('2026-09-30T00:00:00Z,a,1'));
    put('months/2026-11.csv', csv('2026-11-01T00:00:00Z,a,2', '2026-12-01T00:00:00Z,a,2'));
    const usage = await read('months/{month}.csv', {}, '2026-09-15', '2026-11-30');
    expect(shown(usage)).toEqual(['2026-09-30T00:00:00 a 1', '2026-11-01T00:00:00 a 2']);
    expect(usage.notes).toEqual([
      'months/2026-10.csv is not there: no use of gpu is known of that month.',
      '1 line of gpu outside of the span was left out.',
    ]);
  });

  it('says where nothing lies in the span', async () => {
    const usage = await read(put('old.csv', csv('2025-01-01,a,1')));
    expect(usage.entries).toEqual([]);
    expect(usage.notes).toEqual(['No use of gpu lies in the span.']);
  });
});

describe('what cannot be read is one line that names the place and the mend', () => {
  const T = '2026-11-24T00:00:00Z';
  it.each([
    [
      `${T},a,-1`,
      'bad.csv:3: "-1" in `amount` is below 0. Write a plain number of 0 or more, such as 1234.5.',
    ],
    [`${T},a,NaN`, 'bad.csv:3: "NaN" in `amount` is not a number. Write a plain number'],
    [`${T},a,Infinity`, 'bad.csv:3: "Infinity" in `amount` is not a number.'],
    [`${T},a,1e999`, 'bad.csv:3: "1e999" in `amount` is more than'],
    [`${T},a,"1,5"`, 'bad.csv:3: "1,5" in `amount` is not a number.'],
    [`${T},a,`, 'bad.csv:3: `amount` is empty.'],
    [
      `${T},,1`,
      'bad.csv:3: `tenant` is empty. Write who used it, or say whose that is by `tenants: { "": idle }`.',
    ],
    [
      'yesterday,a,1',
      'bad.csv:3: "yesterday" in `time` is no time. Write ISO 8601, such as 2026-11-25T10:30:00Z',
    ],
    ['2026-02-30T00:00:00Z,a,1', 'bad.csv:3: "2026-02-30T00:00:00Z" in `time` is no time.'],
    ['2026-11-24T24:30:00Z,a,1', '"2026-11-24T24:30:00Z" in `time` is no time.'],
    ['2026-11-24T00:00:00+99:00,a,1', 'is no time.'],
    ['-5,a,1', '"-5" in `time` is no time.'],
    ['1795521600000000,a,1', '"1795521600000000" in `time` is finer than milliseconds. Write seconds or'],
    [`${T},a`, 'bad.csv: It is not CSV: Invalid Record Length'],
    [`${T},"a,1`, 'bad.csv: It is not CSV: Quote Not Closed'],
  ])('%s', async (row, message) => {
    const error = await read(put('bad.csv', csv(`${T},a,1`, row))).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).not.toContain('\n');
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });

  it.each<[string, string | Buffer, string]>([
    [
      'head.csv',
      'when,tenant,amount\n',
      'head.csv:1: There is no column "time" among "when", "tenant", "amount".',
    ],
    ['empty.csv', '', 'empty.csv: It is empty. Its first line must name the columns.'],
    ['text.jsonl', '{"time":1}\n{"time"', 'text.jsonl:1: `tenant` is missing.'],
    [
      'half.jsonl',
      '{"time"',
      'half.jsonl:1: "{\\"time\\"" is not a JSON object. Write one object on each line.',
    ],
    ['list.jsonl', '[1]', 'list.jsonl:1: "[1]" is not a JSON object.'],
    ['flag.jsonl', `{"time":"${T}","tenant":true,"amount":1}`, 'flag.jsonl:1: true in `tenant` is no name.'],
    [
      'null.jsonl',
      `{"time":"${T}","tenant":"a","amount":null}`,
      'null.jsonl:1: nothing in `amount` is not a number.',
    ],
    ['latin.jsonl', Buffer.from([0x7b, 0xe9, 0x7d]), 'latin.jsonl: Not UTF-8 text. Save it as UTF-8.'],
    [
      'packed.csv.gz',
      'not packed',
      'packed.csv.gz: It cannot be unpacked (Z_DATA_ERROR). Write it again by gzip.',
    ],
    [
      'cut.csv.gz',
      gzipSync(csv('2026-11-24,a,1')).subarray(0, 30),
      'cut.csv.gz: It cannot be unpacked (Z_BUF_ERROR).',
    ],
    [
      'use.xlsx',
      '',
      'use.xlsx: Its name does not say how it is written. Name it .csv, .jsonl, .csv.gz or .jsonl.gz.',
    ],
  ])('%s', async (name, content, message) => {
    const wide = ['text.jsonl', 'half.jsonl'].includes(name) ? (['1970-01-01', '2026-11-25'] as const) : [];
    const error = await read(put(name, content), {}, ...wide).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });

  it('a place where nothing is', async () => {
    await expect(read('no/{month}.csv')).rejects.toThrow(
      'no/2026-11.csv: There is no such file. Put it there, or mend `file` of the usage "gpu".',
    );
    put('others/read.me', '');
    await expect(read('others')).rejects.toThrow('others: No file in it can be read. Name them .csv');
    await expect(read('s3://bucket/x')).rejects.toThrow('s3://bucket/x: S3 cannot be read here.');
  });

  it('a tenant of no name may be mapped', async () => {
    const usage = await read(put('none.csv', csv(`${T},,1`)), { tenants: { '': 'idle' } });
    expect(shown(usage)).toEqual(['2026-11-24T00:00:00 idle 1']);
  });
});

it('the order of rows and files changes nothing', async () => {
  const anyRow = fc
    .tuple(
      fc.integer({ min: -3_600, max: 2 * 86_400 + 3_600 }),
      fc.constantFrom('a', 'b', 'c', 'idle'),
      fc.double({ min: 0, max: 1e12, noNaN: true }),
    )
    .map(
      ([second, tenant, amount]) =>
        `${new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString()},${tenant},${amount}`,
    );
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(anyRow, { maxLength: 40 })
        .chain((rows) =>
          fc.tuple(
            fc.constant(rows),
            fc.shuffledSubarray(rows, { minLength: rows.length }),
            fc.nat({ max: 40 }),
          ),
        ),
      fc.boolean(),
      async ([rows, shuffled, cut], sampled) => {
        n += 1;
        const one = await read(put(`order-${n}/all.csv`, csv(...rows)), { sampled });
        put(`order-${n}/parts/1.csv`, csv(...shuffled.slice(0, cut)));
        put(`order-${n}/parts/2.csv`, csv(...shuffled.slice(cut)));
        expect(await read(`order-${n}/parts`, { sampled })).toEqual(one);
      },
    ),
    { numRuns: 40 },
  );
});
