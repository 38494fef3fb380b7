import {
  type DBInstance,
  DescribeDBInstancesCommand,
  type DescribeDBInstancesCommandInput,
  RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { rdsInstance } from '../../lib/fleet/rds-instance.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  ACCOUNT,
  awsError,
  contextOf,
  fixedPrices,
  instance,
  NOW,
  REGION,
  stopContextOf,
} from './fixtures.ts';

// The states, engines and refusals that no emulator has.
const rds = mockClient(RDSClient);
beforeEach(() => rds.reset());

const arnOf = (id: string): string => `arn:aws:rds:${REGION}:${ACCOUNT}:db:${id}`;

const database = (id: string): Resource => ({
  ...instance(id),
  kind: 'rds-instance',
  arn: arnOf(id),
  size: 'db.r6g.large postgres',
});

const answer = (fields: Partial<DBInstance>): DBInstance => ({
  DBInstanceIdentifier: 'db1',
  DBInstanceArn: arnOf('db1'),
  DBInstanceClass: 'db.r6g.large',
  Engine: 'postgres',
  InstanceCreateTime: new Date('2026-11-01T08:00:00.000Z'),
  DBInstanceStatus: 'available',
  MultiAZ: false,
  ...fields,
});

const answers = (...found: readonly DBInstance[]): void => {
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [...found] });
};

async function discover(fields: Partial<DBInstance>) {
  answers(answer(fields));
  const prices = fixedPrices();
  const [found] = await rdsInstance.discover({ ...contextOf(), prices });
  return { found, asked: prices.asked };
}

describe('discover', () => {
  it.each([
    { status: 'available', state: 'running' },
    { status: 'stopped', state: 'stopped' },
    { status: 'starting', state: 'transitional' },
    { status: 'stopping', state: 'transitional' },
    { status: 'backing-up', state: 'transitional' },
    { status: 'storage-optimization', state: 'transitional' },
    { status: 'a-state-of-tomorrow', state: 'transitional' },
    { status: 'failed', state: 'failed' },
    { status: 'storage-full', state: 'failed' },
    { status: 'incompatible-parameters', state: 'failed' },
  ])('reads $status as $state', async ({ status, state }) => {
    expect((await discover({ DBInstanceStatus: status })).found?.state).toBe(state);
  });

  it.each<Partial<DBInstance>>([
    { DBInstanceStatus: 'deleting' },
    { InstanceCreateTime: undefined, DBInstanceStatus: 'creating' },
  ])('leaves out what goes or is not there yet: %o', async (fields) => {
    expect((await discover(fields)).found).toBeUndefined();
  });

  it('asks for the price of the class, the engine and the standby', async () => {
    const { found, asked } = await discover({ Engine: 'mysql', MultiAZ: true });
    expect(asked).toEqual([
      { service: 'rds', region: REGION, instanceType: 'db.r6g.large', engine: 'mysql', multiAz: true },
    ]);
    expect(found?.size).toBe('db.r6g.large mysql, Multi-AZ');
  });

  it('reads every page', async () => {
    rds
      .on(DescribeDBInstancesCommand)
      .callsFake(({ Marker }: DescribeDBInstancesCommandInput) =>
        Marker === undefined
          ? { DBInstances: [answer({})], Marker: 'more' }
          : { DBInstances: [answer({ DBInstanceIdentifier: 'db2', DBInstanceArn: arnOf('db2') })] },
      );
    const found = await rdsInstance.discover(contextOf());
    expect(found.map(({ id }) => id)).toEqual(['db1', 'db2']);
  });

  it.each<{ fields: Partial<DBInstance>; detail: string }>([
    {
      fields: { DBClusterIdentifier: 'aurora-1', Engine: 'aurora-postgresql' },
      detail: 'It belongs to database cluster aurora-1, and clusters are not handled.',
    },
    {
      fields: { ReadReplicaSourceDBInstanceIdentifier: 'main' },
      detail: 'It is a read replica of main, which cannot be stopped.',
    },
    {
      fields: { ReadReplicaDBInstanceIdentifiers: ['r1', 'r2'] },
      detail: 'It has read replicas (r1, r2), so it cannot be stopped.',
    },
    {
      fields: { ReadReplicaDBClusterIdentifiers: ['c1'] },
      detail: 'It has read replicas (c1), so it cannot be stopped.',
    },
    {
      fields: { Engine: 'sqlserver-se', MultiAZ: true },
      detail: 'It is an SQL Server in several Availability Zones, which cannot be stopped.',
    },
    {
      fields: { Engine: 'custom-oracle-ee' },
      detail: 'It is an RDS Custom database, which Bursar leaves alone.',
    },
  ])('protects what RDS cannot stop: $detail', async ({ fields, detail }) => {
    expect((await discover(fields)).found?.protections).toEqual([{ code: 'managed-elsewhere', detail }]);
  });

  it.each<Partial<DBInstance>>([
    { Engine: 'sqlserver-se' },
    { Engine: 'postgres', MultiAZ: true },
    { DBClusterIdentifier: '', ReadReplicaSourceDBInstanceIdentifier: '' },
  ])('protects nothing else: %o', async (fields) => {
    expect((await discover(fields)).found?.protections).toEqual([]);
  });
});

it('describes one by one where RDS refuses the question because of one that is gone', async () => {
  rds.on(DescribeDBInstancesCommand).callsFake(({ Filters = [] }: DescribeDBInstancesCommandInput) => {
    const ids = Filters[0]?.Values ?? [];
    if (ids.includes('gone')) throw awsError('DBInstanceNotFoundFault', 'DBInstance gone not found.');
    return { DBInstances: ids.map((id) => answer({ DBInstanceIdentifier: id, DBInstanceArn: arnOf(id) })) };
  });
  const found = await rdsInstance.describe(['db1', 'gone', 'db2'], contextOf());
  expect(found.map(({ id }) => id)).toEqual(['db1', 'db2']);
});

it('asks for connections first, and for what the network brings', async () => {
  const plan = (await rdsInstance.signals([database('db1')], contextOf())).get(arnOf('db1'));
  expect(plan?.missing).toEqual([]);
  expect(
    plan?.queries.map(({ signal, metricName, statistic, scale }) => [signal, metricName, statistic, scale]),
  ).toEqual([
    ['connections', 'DatabaseConnections', 'Maximum', 1],
    ['network', 'NetworkReceiveThroughput', 'Maximum', 1],
  ]);
  for (const query of plan?.queries ?? []) {
    expect(query).toMatchObject({
      namespace: 'AWS/RDS',
      dimensions: { DBInstanceIdentifier: 'db1' },
      absence: 'unknown',
    });
  }
});

describe('stop', () => {
  it('tells when AWS starts it again, where AWS says so', async () => {
    rds
      .on(StopDBInstanceCommand)
      .resolves({ DBInstance: { AutomaticRestartTime: new Date('2026-12-02T10:30:00.000Z') } });
    const outcomes = await rdsInstance.stop([database('db1')], stopContextOf());
    expect(outcomes.get(arnOf('db1'))).toEqual({
      status: 'taken',
      at: NOW,
      detail: 'Stopped; its storage is kept. AWS starts it again by itself at 2026-12-02T10:30:00.000Z.',
    });
  });

  it('touches nothing whose restore record could not be saved', async () => {
    rds.on(StopDBInstanceCommand).resolves({});
    const outcomes = await rdsInstance.stop([database('db1'), database('db2')], {
      ...stopContextOf(),
      saveRestore: async ({ id }) => {
        if (id === 'db1') throw new Error('no room');
      },
    });
    expect(outcomes.get(arnOf('db1'))).toMatchObject({ status: 'failed', retry: false });
    expect(outcomes.get(arnOf('db2'))).toMatchObject({ status: 'taken' });
    expect(rds.commandCalls(StopDBInstanceCommand).map(({ args }) => args[0].input)).toEqual([
      { DBInstanceIdentifier: 'db2' },
    ]);
  });

  it.each([
    { status: 'stopping', outcome: { status: 'skipped', code: 'AlreadyStopped' } },
    { status: 'stopped', outcome: { status: 'skipped', code: 'AlreadyStopped' } },
    { status: 'backing-up', outcome: { status: 'failed', code: 'InvalidDBInstanceStateFault', retry: true } },
  ])('of one that is $status', async ({ status, outcome }) => {
    rds
      .on(StopDBInstanceCommand)
      .rejects(awsError('InvalidDBInstanceStateFault', 'Instance db1 is not in available state.'));
    answers(answer({ DBInstanceStatus: status }));
    const outcomes = await rdsInstance.stop([database('db1')], stopContextOf());
    expect(outcomes.get(arnOf('db1'))).toMatchObject(outcome);
  });

  it.each([
    { error: awsError('ThrottlingException', 'Rate exceeded'), retry: true },
    { error: awsError('AccessDenied', 'no'), retry: false },
  ])('is refused: $error.name', async ({ error, retry }) => {
    rds.on(StopDBInstanceCommand).rejects(error);
    const outcomes = await rdsInstance.stop([database('db1')], stopContextOf());
    expect(outcomes.get(arnOf('db1'))).toMatchObject({ status: 'failed', code: error.name, retry });
  });
});

describe('restore', () => {
  const restore = () => rdsInstance.restore(database('db1'), {}, contextOf());

  it.each([
    { status: 'available', outcome: { status: 'skipped', code: 'AlreadyRunning' } },
    { status: 'starting', outcome: { status: 'skipped', code: 'AlreadyRunning' } },
    { status: 'deleting', outcome: { status: 'skipped', code: 'Gone' } },
    { status: 'stopping', outcome: { status: 'failed', code: 'InvalidDBInstanceState', retry: true } },
  ])('starts nothing that is $status', async ({ status, outcome }) => {
    answers(answer({ DBInstanceStatus: status }));
    expect((await restore()).outcome).toMatchObject(outcome);
    expect(rds.commandCalls(StartDBInstanceCommand)).toEqual([]);
  });

  it.each([
    { error: awsError('InsufficientDBInstanceCapacityFault', 'none left'), retry: true },
    { error: awsError('InvalidDBInstanceStateFault', 'not stopped'), retry: true },
    { error: awsError('KMSKeyNotAccessibleFault', 'no key'), retry: false },
  ])('tells of a refusal: $error.name', async ({ error, retry }) => {
    answers(answer({ DBInstanceStatus: 'stopped' }));
    rds.on(StartDBInstanceCommand).rejects(error);
    expect(await restore()).toMatchObject({
      outcome: { status: 'failed', code: error.name, retry },
      finished: false,
    });
  });

  it('never throws, also where it cannot look', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(awsError('InternalFailure', 'oops', 'server'));
    expect(await restore()).toMatchObject({ outcome: { status: 'failed', retry: true }, finished: false });
  });
});

it('is undone by a command that takes one database', () => {
  expect(rdsInstance.undo(['db1'], REGION)).toBe(
    'aws rds start-db-instance --region us-east-1 --db-instance-identifier db1',
  );
  expect(rdsInstance.undo(['db1', 'db2'], REGION)).toBeUndefined();
  expect(rdsInstance.undo([], REGION)).toBeUndefined();
});
