import { gzipSync } from 'node:zlib';
import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import type { UsageSource } from '../../lib/policy/allocation.ts';
import type { Usage } from '../../lib/types/usage.ts';
import { readUsage } from '../../lib/usage/read-usage.ts';
import { REGION, useEndpoint } from '../fleet/fixtures.ts';
import { type Moto, startMoto } from '../support/moto.ts';

let moto: Moto;
let clients: RegionClients;
let s3: S3Client;
let restoreEnvironment: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restoreEnvironment = useEndpoint(moto.endpoint);
  clients = createRegionClients(REGION);
  s3 = new S3Client({ region: REGION, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'team-logs' }));
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  s3?.destroy();
  restoreEnvironment?.();
  await moto?.stop();
});

const shown = ({ entries }: Usage) =>
  entries.map(({ at, tenant, amount }) => `${at.toISOString().slice(0, 13)} ${tenant} ${amount}`);

describe('use in S3', () => {
  const put = (Key: string, Body: string | Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: 'team-logs', Key, Body }));
  const read = (location: string) =>
    readUsage(
      'gpu',
      {
        unit: 'GPU-seconds',
        tenants: {},
        from: 'file',
        location,
        columns: { time: 'time', tenant: 'tenant', amount: 'amount' },
        sampled: false,
      },
      { from: '2026-10-31', to: '2026-11-02', policyFolder: '/', s3, defaultRegion: REGION },
    );
  const row = (time: string, tenant: string, amount: number) => JSON.stringify({ time, tenant, amount });

  it('is read below a prefix, on all pages, and in each month', async () => {
    await put('gpu/2026-10/a.csv', 'time,tenant,amount\n2026-10-31T23:00:00Z,a,1\n');
    await put('gpu/2026-11/', Buffer.alloc(0));
    await put('gpu/2026-11/b.jsonl.gz', gzipSync(row('2026-11-01T00:10:00Z', 'b', 2)));
    await put('gpu/2026-11/deep/manifest.json', '{}');
    await put('gpu/2026-11-old/c.jsonl', row('2026-11-01T00:10:00Z', 'c', 99));
    const usage = await read('s3://team-logs/gpu/{month}');
    expect(shown(usage)).toEqual(['2026-10-31T23 a 1', '2026-11-01T00 b 2']);
    expect(usage.notes).toEqual(['1 file of gpu is neither CSV nor JSON lines, and left out.']);
  });

  it('is read from one object, and from those whose keys begin alike', async () => {
    await put('one.csv', 'time,tenant,amount\n2026-11-01T00:00:00Z,a,1\n');
    await put('one.csv.gz', gzipSync('time,tenant,amount\n2026-11-01T00:00:00Z,a,10\n'));
    expect(shown(await read('s3://team-logs/one.csv'))).toEqual(['2026-11-01T00 a 1']);
    expect(shown(await read('s3://team-logs/one'))).toEqual(['2026-11-01T00 a 11']);
  });

  it('a listing has many pages', async () => {
    await Promise.all(
      Array.from({ length: 6 }, (_, n) => put(`many/${n}.jsonl`, row('2026-11-01T00:00:00Z', 'a', 2 ** n))),
    );
    const paging = new S3Client({ region: REGION, forcePathStyle: true });
    let pages = 0;
    paging.middlewareStack.add(
      (next) => (args) => {
        if (!('Prefix' in args.input)) return next(args);
        pages += 1;
        return next({ ...args, input: { ...args.input, MaxKeys: 2 } });
      },
      { step: 'initialize' },
    );
    const usage = await readUsage(
      'gpu',
      {
        unit: 's',
        tenants: {},
        from: 'file',
        location: 's3://team-logs/many/',
        columns: { time: 'time', tenant: 'tenant', amount: 'amount' },
        sampled: false,
      },
      { from: '2026-11-01', to: '2026-11-01', policyFolder: '/', s3: paging, defaultRegion: REGION },
    );
    paging.destroy();
    expect(shown(usage)).toEqual(['2026-11-01T00 a 63']);
    expect(pages).toBe(3);
  });

  it('says what is not there', async () => {
    await expect(read('s3://team-logs/nothing/')).rejects.toThrow(
      's3://team-logs/nothing/: There is no such file.',
    );
    await expect(read('s3://no-such-bucket/gpu')).rejects.toThrow(
      's3://no-such-bucket/gpu: There is no such bucket. Name the one that the files are in.',
    );
    await put('bad/x.csv', 'time,tenant,amount\n2026-11-01,a,-3\n');
    await expect(read('s3://team-logs/bad')).rejects.toThrow(
      's3://team-logs/bad/x.csv:2: "-3" in `amount` is below 0.',
    );
  });
});

describe('use in CloudWatch', () => {
  // moto forgets no datapoint by its age.
  const TODAY = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000);
  const day = TODAY.toISOString().slice(0, 10);

  const put = (
    name: string,
    dimensions: Readonly<Record<string, string>>,
    values: readonly [number, number][],
  ) =>
    clients.cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: 'Gateway',
        MetricData: values.map(([minutes, Value]) => ({
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          Timestamp: new Date(TODAY.getTime() + minutes * 60_000),
          Value,
        })),
      }),
    );
  const read = (metric: string, more: Partial<Extract<UsageSource, { from: 'metric' }>> = {}) =>
    readUsage(
      'tokens',
      {
        unit: 'tokens',
        tenants: { 'team-b': 'recsys', spare: 'idle' },
        from: 'metric',
        namespace: 'Gateway',
        metric,
        tenant: 'Team',
        where: {},
        region: undefined,
        ...more,
      },
      {
        from: day,
        to: day,
        policyFolder: '/',
        cloudWatch: (): CloudWatchClient => clients.cloudwatch,
        defaultRegion: REGION,
        now: new Date(TODAY.getTime() + 20 * 3_600_000),
      },
    );

  it('is the sum of each hour of each tenant', async () => {
    await put('Tokens', { Team: 'a' }, [
      [0, 1],
      [59, 2],
      [180, 4],
      [-1, 99],
    ]);
    await put('Tokens', { Team: 'team-b' }, [[60, 8]]);
    await put('Tokens', { Team: 'spare' }, [[60, 16]]);
    await put('Tokens', { Model: 'x' }, [[60, 999]]);
    const usage = await read('Tokens');
    const hour = (n: number) => `${day}T${String(n).padStart(2, '0')}`;
    expect(shown(usage)).toEqual([
      `${hour(0)} a 3`,
      `${hour(1)} idle 16`,
      `${hour(1)} recsys 8`,
      `${hour(3)} a 4`,
    ]);
    expect(usage.notes).toEqual([
      `3 metrics of Gateway Tokens in ${REGION} were read, for $0.00003. Hours without a datapoint count as hours without use.`,
    ]);
  });

  it('counts no use twice', async () => {
    await put('Calls', { Team: 'a', Model: 'x' }, [[0, 1]]);
    await put('Calls', { Team: 'a', Model: 'y' }, [[0, 2]]);
    expect(shown(await read('Calls')), 'by all its models').toEqual([`${day}T00 a 3`]);
    expect(shown(await read('Calls', { where: { Model: 'y' } }))).toEqual([`${day}T00 a 2`]);
    await put('Calls', { Team: 'a', Zone: 'z' }, [[0, 3]]);
    await expect(read('Calls')).rejects.toThrow(
      `Gateway Calls in ${REGION} comes with the dimensions { Model, Team } and { Team, Zone }: the same use may be in both. Say by \`where\` which of them counts.`,
    );
    await put('Calls', { Team: 'a' }, [[0, 7]]);
    expect(shown(await read('Calls')), 'as it is by the tenant alone').toEqual([`${day}T00 a 7`]);
  });

  it('says where there is none', async () => {
    expect(await read('Nothing', { where: { Model: 'x' } })).toMatchObject({
      entries: [],
      notes: [`There is no series of Gateway Nothing in ${REGION} with the dimension Team and Model=x.`],
    });
  });
});
