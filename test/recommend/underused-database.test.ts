import { DescribeDBInstancesCommand, DescribeEventsCommand, RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { connectionsOf, underusedDatabase } from '../../lib/recommend/underused-database.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { formatUsd } from '../../lib/types/money.ts';
import type { Recommendation } from '../../lib/types/recommendation.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { usd } from '../decide/fixtures.ts';
import { ACCOUNT, checkContext, daysAgo, NOW, REGION } from './support/context.ts';
import { dev } from './support/fleet.ts';
import { cloudwatchOf, type TestSeries } from './support/metrics.ts';

const HOURLY = { 'db.m5.large': '0.171', 'db.m5.xlarge': '0.342', 'db.m5.2xlarge': '0.684' };
const GIB = 1024 ** 3;

type Value = number | ((at: Date) => number | undefined);

interface Doing {
  readonly cpu?: Value;
  readonly freeGiB?: number;
  readonly connections?: number;
  readonly disk?: number;
}

const arn = `arn:aws:rds:${REGION}:${ACCOUNT}:db:orders`;

function seriesOf({ cpu, freeGiB, connections, disk = 1e6 }: Doing): readonly TestSeries[] {
  const one = (metricName: string, values: TestSeries['values']): TestSeries => ({
    namespace: 'AWS/RDS',
    metricName,
    dimensions: { DBInstanceIdentifier: 'orders' },
    values,
  });
  return [
    ...(cpu === undefined ? [] : [one('CPUUtilization', { Maximum: cpu })]),
    ...(freeGiB === undefined ? [] : [one('FreeableMemory', { Minimum: freeGiB * GIB })]),
    ...(connections === undefined ? [] : [one('DatabaseConnections', { Maximum: connections })]),
    one('ReadThroughput', { Maximum: disk }),
    one('WriteThroughput', { Maximum: disk }),
    one('NetworkReceiveThroughput', { Maximum: 1e6 }),
    one('NetworkTransmitThroughput', { Maximum: 2e6 }),
  ];
}

async function findWith(
  doing: Doing,
  {
    type = 'db.m5.2xlarge',
    hourly = '0.684',
    more = {},
    changedAt,
  }: {
    type?: string;
    hourly?: string;
    more?: { cluster?: string; multiAz?: true };
    changedAt?: Date;
  } = {},
): Promise<{ readonly found: readonly Recommendation[]; readonly asked: readonly string[] }> {
  const account = createAccount(() => NOW);
  account.databases.set(`${REGION}/orders`, {
    id: 'orders',
    engine: 'postgres',
    type,
    tags: dev,
    since: daysAgo(60),
    use: () => undefined,
    ...more,
  });
  const fleet: readonly Resource[] = [
    {
      kind: 'rds-instance',
      arn,
      id: 'orders',
      account: ACCOUNT,
      region: REGION,
      tags: dev,
      state: 'running',
      since: daysAgo(60),
      size: `${type} postgres`,
      protections: [],
      hourly: usd(hourly),
    },
  ];
  const { client: cloudwatch, asked } = cloudwatchOf(seriesOf(doing));
  const rds = new RDSClient({ region: REGION });
  const known = await account.clients.rds.send(new DescribeDBInstancesCommand({}));
  mockClient(rds)
    .on(DescribeDBInstancesCommand)
    .resolves({ DBInstances: known.DBInstances ?? [] })
    .on(DescribeEventsCommand, { SourceType: 'db-instance', Duration: 20_160 })
    .resolves({
      Events:
        changedAt === undefined
          ? []
          : [
              {
                SourceIdentifier: 'orders',
                Date: changedAt,
                Message: 'Finished applying modification to DB instance class',
              },
            ],
    });
  const clients = { ...account.clients, rds, cloudwatch };
  return {
    found: await underusedDatabase.find(checkContext({ clients, fleet, prices: { hourly: HOURLY } })),
    asked,
  };
}

const short = ([one]: readonly Recommendation[]) =>
  one === undefined ? undefined : [one.title.split(' to ')[1], formatUsd(one.monthly), one.confidence];

// db.m5.2xlarge has 8 vCPUs and 32 GiB. 8 × 20% × 1.25 = 2; (32 - 25.6) × 1.25 = 8.
const little: Doing = { cpu: 20, freeGiB: 25.6, connections: 40 };

describe('a database that is larger than what it does', () => {
  it('is told with the class that would fit', async () => {
    const { found, asked } = await findWith(little);
    expect(found).toEqual([
      {
        id: `underused-database ${arn}`,
        check: 'underused-database',
        title: 'Change RDS instance orders from db.m5.2xlarge to db.m5.large.',
        resource: {
          arn,
          id: 'orders',
          kind: 'RDS instance',
          region: REGION,
          project: 'recsys',
          owner: 'team-beta',
        },
        // (0.684 - 0.171) × 730 = 374.49
        monthly: 374_490_000n,
        basis: '($0.684 - $0.171) × 730 h',
        risk: 'medium',
        effort: 'medium',
        confidence: 'high',
        evidence: [
          'CPU at most 20% of 8 vCPUs in 336 hours of 14 days.',
          'Memory: at least 25.6 GiB of 32 GiB were free, so 6.4 GiB used at most.',
          'At most 40 connections; db.m5.large takes 901 by default.',
          'Network at most 2 MB/s, volume at most 2 MB/s.',
          'Parameters of its own, such as max_connections or a buffer size in bytes, must suit the smaller memory.',
        ],
        keeps:
          'db.m5.large keeps its highest CPU in 2 vCPUs, its highest memory (6.4 GiB) in 8 GiB and its connections (40 of 901), with a quarter of what was used to spare.',
        how: [
          {
            form: 'command',
            text: 'aws rds modify-db-instance --region us-east-1 --db-instance-identifier orders --db-instance-class db.m5.large --no-apply-immediately',
          },
          { form: 'cdk', text: "instanceType: new ec2.InstanceType('m5.large') instead of 'm5.2xlarge'" },
        ],
      },
    ]);
    expect(asked).toHaveLength(7);
  });

  it.each([
    // (0.684 - 0.342) × 730 = 249.66
    ['CPU', { ...little, cpu: 20.1 }, ['db.m5.xlarge.', '$249.66', 'high']],
    ['memory', { ...little, freeGiB: 25.5 }, ['db.m5.xlarge.', '$249.66', 'high']],
    // 720 × 1.25 = 900 of 901; one more does not fit.
    ['connections', { ...little, connections: 720 }, ['db.m5.large.', '$374.49', 'high']],
    ['connections', { ...little, connections: 721 }, ['db.m5.xlarge.', '$249.66', 'high']],
    // (18 + 18) × 1.25 = 45 of 43.6 MB/s.
    ['volume', { ...little, disk: 18e6 }, ['db.m5.xlarge.', '$249.66', 'high']],
    ['all of it', { ...little, cpu: 90 }, undefined],
  ])('goes by its %s', async (_, doing, expected) => {
    expect(short((await findWith(doing)).found)).toEqual(expected);
  });

  it('is changed with less effort where a standby takes over meanwhile', async () => {
    expect((await findWith(little, { more: { multiAz: true } })).found[0]?.effort).toBe('low');
  });
});

describe('nothing is said', () => {
  it.each([
    ['CPU', { freeGiB: 30, connections: 1 }],
    ['memory', { cpu: 1, connections: 1 }],
    ['connections', { cpu: 1, freeGiB: 30 }],
  ])('where its %s is not known', async (_, doing) => {
    expect((await findWith(doing)).found).toEqual([]);
  });

  it('of less than seven days', async () => {
    const cpu = (at: Date) => (at >= daysAgo(6) ? 1 : undefined);
    expect((await findWith({ ...little, cpu })).found).toEqual([]);
  });

  it('of what got its class less than seven days ago', async () => {
    expect((await findWith(little, { changedAt: daysAgo(6) })).found).toEqual([]);
    expect(short((await findWith(little, { changedAt: daysAgo(7) })).found)).toEqual([
      'db.m5.large.',
      '$374.49',
      'medium',
    ]);
  });

  it('of the smallest, and of members of clusters', async () => {
    expect((await findWith(little, { type: 'db.m5.large', hourly: '0.171' })).found).toEqual([]);
    expect((await findWith(little, { more: { cluster: 'aurora' } })).found).toEqual([]);
  });

  it('of an empty fleet', async () => {
    expect(await underusedDatabase.find(checkContext())).toEqual([]);
  });
});

it('knows how many connections a class takes', () => {
  // 8 × 1,073,741,824 / 9,531,392 = 901.2; / 12,582,880 = 682.7
  expect(connectionsOf('postgres', 8)).toBe(901);
  expect(connectionsOf('postgres', 384)).toBe(5_000);
  expect(connectionsOf('mysql', 8)).toBe(682);
  expect(connectionsOf('oracle-ee', 8)).toBeUndefined();
});
