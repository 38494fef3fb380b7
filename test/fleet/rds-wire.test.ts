import { CreateDBInstanceCommand, DeleteDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { rdsInstance } from '../../lib/fleet/rds-instance.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { startMiniStack } from '../support/ministack.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, contextOf, REGION, stopContextOf, useEndpoint } from './fixtures.ts';

// Both change a database's state at once, where AWS takes minutes; MiniStack stops and starts in any state, where AWS
// and moto refuse. What they cannot show is in rds-instance.test.ts.
describe.each([
  { name: 'moto', start: startMoto },
  { name: 'MiniStack', start: startMiniStack },
])('RDS on $name', ({ start }) => {
  let server: Moto;
  let clients: RegionClients;
  let restoreEnvironment: () => void;

  beforeAll(async () => {
    server = await start();
    restoreEnvironment = useEndpoint(server.endpoint);
    clients = createRegionClients(REGION);
  }, 60_000);

  afterAll(async () => {
    for (const client of Object.values(clients ?? {})) client.destroy();
    restoreEnvironment?.();
    await server?.stop();
  });

  async function create(id: string): Promise<void> {
    await clients.rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: id,
        DBInstanceClass: 'db.t3.medium',
        Engine: 'postgres',
        MasterUsername: 'root',
        MasterUserPassword: 'not-a-secret',
        AllocatedStorage: 20,
        Tags: [{ Key: 'project', Value: 'recsys' }],
      }),
    );
  }

  const described = (...ids: readonly string[]): Promise<readonly Resource[]> =>
    rdsInstance.describe(ids, contextOf(clients));

  async function one(id: string): Promise<Resource> {
    const [found] = await described(id);
    if (found === undefined) throw new Error(`${id} was not found`);
    return found;
  }

  it('discovers all that a decision needs', async () => {
    await create('features');
    const found = (await rdsInstance.discover(contextOf(clients))).find(({ id }) => id === 'features');
    expect(found).toEqual({
      kind: 'rds-instance',
      arn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:features`,
      id: 'features',
      account: ACCOUNT,
      region: REGION,
      tags: { project: 'recsys' },
      state: 'running',
      since: expect.any(Date),
      size: 'db.t3.medium postgres',
      protections: [],
      hourly: undefined,
    });
  });

  it('describes the given ones, and one that is gone is absent', async () => {
    await create('kept');
    expect((await described('kept', 'never-was')).map(({ id }) => id)).toEqual(['kept']);
    expect(await described('never-was')).toEqual([]);
    expect(await described()).toEqual([]);
  });

  it('stops and starts again; twice changes nothing', async () => {
    await create('round-trip');
    const target = await one('round-trip');
    const context = stopContextOf(contextOf(clients));
    const stopped = await rdsInstance.stop([target], context);
    expect(stopped.get(target.arn)).toMatchObject({
      status: 'taken',
      detail: 'Stopped; its storage is kept. AWS starts it again by itself after 7 days.',
    });
    expect(context.saved).toHaveLength(1);
    expect((await one('round-trip')).state).toBe('stopped');

    const record: unknown = JSON.parse(JSON.stringify(context.saved[0]?.record));
    expect(await rdsInstance.restore(target, record, context)).toMatchObject({
      outcome: { status: 'taken' },
      finished: true,
    });
    expect((await one('round-trip')).state).toBe('running');
    expect(await rdsInstance.restore(target, record, context)).toMatchObject({
      outcome: { status: 'skipped', code: 'AlreadyRunning' },
      finished: true,
    });
  });

  it('finds that one is gone', async () => {
    await create('short-lived');
    const target = await one('short-lived');
    await clients.rds.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'short-lived', SkipFinalSnapshot: true }),
    );
    const context = stopContextOf(contextOf(clients));
    expect((await rdsInstance.stop([target], context)).get(target.arn)).toMatchObject({
      status: 'skipped',
      code: 'Gone',
    });
    expect((await rdsInstance.restore(target, {}, context)).outcome).toMatchObject({
      status: 'skipped',
      code: 'Gone',
    });
  });
});
