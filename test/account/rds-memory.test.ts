import {
  DescribeDBInstancesCommand,
  type DescribeDBInstancesCommandInput,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetContext } from '../../lib/fleet/kind.ts';
import { rdsInstance } from '../../lib/fleet/rds-instance.ts';
import { createAccount, type MemoryAccount } from '../../lib/simulate/account/account.ts';
import { adoptRds } from '../../lib/simulate/account/adopt-rds.ts';
import type { MemoryDatabase } from '../../lib/simulate/account/rds.ts';
import { ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import { fixedPrices, instance } from '../fleet/fixtures.ts';

const START = new Date('2026-11-10T10:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const after = (milliseconds: number): Date => new Date(START.getTime() + milliseconds);

const database = (id: string, fields: Partial<MemoryDatabase> = {}): MemoryDatabase => ({
  id,
  type: 'db.m5.large',
  engine: 'postgres',
  tags: { project: 'recsys' },
  since: after(-DAY_MS),
  use: () => ({ connections: 0 }),
  ...fields,
});

function play(...all: readonly MemoryDatabase[]) {
  let now = START;
  const account = createAccount(() => now);
  for (const one of all) account.databases.set(one.id, one);
  account.takeTouched();
  const { rds } = account.clients;
  const context: FleetContext = {
    account: '111122223333',
    region: REGION,
    clients: account.clients,
    prices: fixedPrices(),
    now: () => now,
  };
  return {
    account,
    context,
    setNow: (time: Date) => {
      now = time;
    },
    stop: (id: string) => rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: id })),
    start: (id: string) => rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: id })),
    ask: (asked: DescribeDBInstancesCommandInput) => rds.send(new DescribeDBInstancesCommand(asked)),
    statusOf: async (id: string) => {
      const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
      return DBInstances?.[0]?.DBInstanceStatus;
    },
  };
}

describe('a database in memory', () => {
  it('takes minutes to stop and to start, and what is known of it must then be read anew', async () => {
    const { account, stop, start, statusOf, setNow } = play(database('a'));
    const touched = [{ kind: 'rds-instance', region: REGION, id: 'a' }];
    await stop('a');
    expect(account.takeTouched()).toEqual(touched);
    expect(await statusOf('a')).toBe('stopping');
    setNow(after(2 * MINUTE_MS));
    expect(account.takeTouched()).toEqual([]);
    setNow(after(3 * MINUTE_MS));
    expect(account.takeTouched()).toEqual(touched);
    expect(await statusOf('a')).toBe('stopped');
    await start('a');
    expect(await statusOf('a')).toBe('starting');
    account.takeTouched();
    setNow(after(9 * MINUTE_MS));
    expect(account.takeTouched()).toEqual(touched);
    expect(await statusOf('a')).toBe('available');
    expect(account.effects).toEqual([{ at: START, id: 'a' }]);
    expect(account.restored).toEqual([{ at: after(3 * MINUTE_MS), id: 'a' }]);
  });

  it('is started again by AWS after seven days', async () => {
    const { account, context, stop, statusOf, setNow } = play(database('a'));
    const { DBInstance } = await stop('a');
    expect(DBInstance?.AutomaticRestartTime).toEqual(after(7 * DAY_MS));
    setNow(after(7 * DAY_MS - 1));
    account.takeTouched();
    expect(await statusOf('a')).toBe('stopped');
    setNow(after(7 * DAY_MS));
    expect(account.takeTouched().map(({ id }) => id)).toEqual(['a']);
    expect(await statusOf('a')).toBe('starting');
    setNow(after(7 * DAY_MS + 6 * MINUTE_MS));
    expect(await statusOf('a')).toBe('available');
    expect(account.restored, 'nobody did it').toEqual([]);
    const [found] = await rdsInstance.describe(['a'], context);
    expect(found?.since, 'when it was made').toEqual(after(-DAY_MS));
  });

  it.each<readonly [string, Partial<MemoryDatabase>]>([
    ['a read replica', { replicaOf: 'main' }],
    ['the source of read replicas', { replicas: ['copy'] }],
    ['the instance of a cluster', { cluster: 'aurora' }],
    ['an SQL Server in several zones', { engine: 'sqlserver-se', multiAz: true }],
    ['one that is being modified', { status: 'modifying' }],
    ['one that is being created', { since: after(MINUTE_MS) }],
  ])('is not stopped where it is %s', async (_, fields) => {
    await expect(play(database('a', fields)).stop('a')).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
    });
  });

  it('is refused by AWS where it is told to be', async () => {
    const { stop, start, setNow } = play(
      database('a', { refusal: 'KMSKeyNotAccessibleFault' }),
      database('b', { startRefusal: 'InsufficientDBInstanceCapacityFault' }),
    );
    await expect(stop('a')).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });
    await stop('b');
    setNow(after(MINUTE_MS * 5));
    await expect(start('b')).rejects.toMatchObject({ name: 'InsufficientDBInstanceCapacityFault' });
  });

  it('comes on pages, and by the filters that RDS knows', async () => {
    const names = Array.from({ length: 45 }, (_, n) => `db-${n}`);
    const all = names.map((id, n) => database(id, n % 9 === 0 ? { engine: 'mysql' } : {}));
    const { ask, account } = play(...all);
    account.databases.set('there', database('there', { region: ELSEWHERE }));
    const found: number[] = [];
    let Marker: string | undefined;
    do {
      const page = await ask({ MaxRecords: 20, ...(Marker === undefined ? {} : { Marker }) });
      found.push(page.DBInstances?.length ?? 0);
      ({ Marker } = page);
    } while (Marker !== undefined);
    expect(found).toEqual([20, 20, 5]);
    const by = async (Name: string, ...Values: string[]) =>
      (await ask({ Filters: [{ Name, Values }] })).DBInstances?.map((one) => one.DBInstanceIdentifier);
    expect(await by('db-instance-id', 'db-7', 'gone', 'there')).toEqual(['db-7']);
    expect(await by('engine', 'mysql')).toEqual(['db-0', 'db-9', 'db-18', 'db-27', 'db-36']);
    await expect(by('colour', 'blue')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(ask({ MaxRecords: 5 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

const facts: fc.Arbitrary<Partial<MemoryDatabase>> = fc.oneof(
  fc.constant({}),
  fc.constantFrom<Partial<MemoryDatabase>>(
    { multiAz: true },
    { replicaOf: 'main' },
    { replicas: ['copy-1', 'copy-2'] },
    { cluster: 'aurora', engine: 'aurora-postgresql' },
    { engine: 'sqlserver-se', multiAz: true },
    { engine: 'custom-oracle-ee' },
    { status: 'modifying' },
    { status: 'storage-full' },
    { stoppedAt: after(-10 * MINUTE_MS) },
    { cluster: 'a', replicas: ['copy'], multiAz: true },
  ),
);

const discover = async (account: MemoryAccount) => {
  const found = await Promise.all(
    [REGION, ELSEWHERE].map((region) =>
      rdsInstance.discover({
        account: '999988887777',
        region,
        clients: account.clientsOf(region),
        prices: fixedPrices(),
        now: () => START,
      }),
    ),
  );
  return found.flat().toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
};

describe('a database that was found elsewhere', () => {
  it('is discovered as it was', async () => {
    const one = fc.record({
      region: fc.constantFrom(REGION, ELSEWHERE),
      facts,
      ago: fc.integer({ min: 1, max: 1_000_000 }),
      tags: fc.dictionary(fc.constantFrom('project', 'owner'), fc.constantFrom('a', 'b')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 4 }), async (ones) => {
        const { account: before } = play();
        for (const [n, { facts: own, ago, ...rest }] of ones.entries()) {
          const arn = `arn:aws:rds:${rest.region}:999988887777:db:db-${n}`;
          const entry = database(`db-${n}`, { since: after(-DAY_MS - ago * 1000), arn, ...rest, ...own });
          before.databases.set(entry.id, entry);
        }
        const found = await discover(before);
        expect(found).toHaveLength(ones.length);
        const { account } = play();
        for (const resource of found) adoptRds(account, resource, { use: () => undefined });
        expect(await discover(account)).toEqual(found);
      }),
      { numRuns: 25 },
    );
  });

  it('can be started where it was stopped, and has its metrics', async () => {
    const { account, start, statusOf } = play();
    const resource = instance('a', {
      kind: 'rds-instance',
      size: 'db.m5.large postgres',
      state: 'stopped',
      since: after(-DAY_MS),
    });
    adoptRds(account, resource, { use: () => ({ connections: 2 }), steadyUntil: () => after(DAY_MS) });
    expect(await statusOf('a')).toBe('stopped');
    await start('a');
    expect(await statusOf('a')).toBe('starting');
    expect(account.databases.get('a')?.use(START)).toEqual({ connections: 2 });
  });

  it('is left alone where it is protected by what nobody knows here', async () => {
    const { account, context } = play();
    const resource = instance('a', {
      kind: 'rds-instance',
      size: 'db.m5.large postgres',
      since: after(-DAY_MS),
      protections: [{ code: 'managed-elsewhere', detail: 'A newer reason.' }],
    });
    adoptRds(account, resource, { use: () => undefined });
    expect((await rdsInstance.describe(['a'], context))[0]?.protections).toHaveLength(1);
  });

  it('must name its class and its engine', () => {
    const { account } = play();
    expect(() => adoptRds(account, instance('a', { size: 'huge' }), { use: () => undefined })).toThrow(
      'The database a cannot be simulated: its size "huge" names no class and engine.',
    );
  });
});
