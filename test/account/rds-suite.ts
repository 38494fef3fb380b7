import {
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { describe, expect, it, vi } from 'vitest';
import { rdsInstance } from '../../lib/fleet/rds-instance.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { fixedPrices, stopContextOf } from '../fleet/fixtures.ts';
import { itIf, type Side } from './both.ts';

const ELSEWHERE = 'eu-west-1';
const TAGS = { project: 'recsys', owner: 'ana' };

async function put(side: Side, id: string, region = REGION): Promise<void> {
  if (side.name === 'in memory') {
    const key = region === REGION ? id : `${region}/${id}`;
    side.account.databases.set(key, {
      id,
      region,
      type: 'db.t3.medium',
      engine: 'postgres',
      tags: TAGS,
      since: new Date(Date.now() - 3_600_000),
      use: () => ({ connections: 0 }),
    });
    return;
  }
  await side.clients(region).rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBInstanceClass: 'db.t3.medium',
      Engine: 'postgres',
      MasterUsername: 'root',
      MasterUserPassword: 'not-a-secret',
      AllocatedStorage: 20,
      Tags: Object.entries(TAGS).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
}

/** Lets what is between two states come to its end; on the local AWS nothing ever is. */
function settle(side: Side): void {
  if (side.name === 'in memory') vi.setSystemTime(Date.now() + 10 * 60_000);
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'none');
const errorOf = (call: Promise<unknown>): Promise<string> => call.then(() => 'none', nameOf);

/** All that RDS is asked, by the adapter and by itself. */
export function rdsSuite(side: () => Side, name: Side['name']): void {
  const contextOf = (region: string) => ({
    account: ACCOUNT,
    region,
    clients: side().clients(region),
    prices: fixedPrices(),
    now: () => new Date(),
  });
  const described = (...ids: readonly string[]) => rdsInstance.describe(ids, contextOf(REGION));
  async function one(id: string): Promise<Resource> {
    const [found] = await described(id);
    if (found === undefined) throw new Error(`${id} was not found`);
    return found;
  }
  const rds = (): RDSClient => side().clients(REGION).rds;
  const stop = (id: string) => rds().send(new StopDBInstanceCommand({ DBInstanceIdentifier: id }));
  const start = (id: string) => rds().send(new StartDBInstanceCommand({ DBInstanceIdentifier: id }));

  describe('RDS', () => {
    it('discovers all that a decision needs', async () => {
      await put(side(), 'models');
      const found = await rdsInstance.discover(contextOf(REGION));
      expect(found.find(({ id }) => id === 'models')).toEqual({
        kind: 'rds-instance',
        arn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:models`,
        id: 'models',
        account: ACCOUNT,
        region: REGION,
        tags: TAGS,
        state: 'running',
        since: expect.any(Date),
        size: 'db.t3.medium postgres',
        protections: [],
        hourly: undefined,
      });
    });

    it('describes the given ones, and leaves out what is not there', async () => {
      await put(side(), 'kept');
      expect((await described('kept', 'never-was')).map(({ id }) => id)).toEqual(['kept']);
      expect(await described('never-was')).toEqual([]);
      expect(await described()).toEqual([]);
    });

    it('knows the same name in each region as another database', async () => {
      await put(side(), 'twin');
      await put(side(), 'twin', ELSEWHERE);
      const [here, there] = await Promise.all(
        [REGION, ELSEWHERE].map((region) => rdsInstance.describe(['twin'], contextOf(region))),
      );
      expect(here?.map(({ arn }) => arn)).toEqual([`arn:aws:rds:${REGION}:${ACCOUNT}:db:twin`]);
      expect(there?.map(({ arn }) => arn)).toEqual([`arn:aws:rds:${ELSEWHERE}:${ACCOUNT}:db:twin`]);
    });

    it('stops and starts again; what has been done already is no failure', async () => {
      await put(side(), 'round-trip');
      const target = await one('round-trip');
      const context = stopContextOf(contextOf(REGION));
      expect((await rdsInstance.stop([target], context)).get(target.arn)).toMatchObject({
        status: 'taken',
        detail: expect.stringMatching(/^Stopped; its storage is kept\. AWS starts it again by itself /),
      });
      expect(context.saved).toHaveLength(1);
      expect(['transitional', 'stopped']).toContain((await one('round-trip')).state);
      settle(side());
      expect((await one('round-trip')).state).toBe('stopped');

      const record: unknown = JSON.parse(JSON.stringify(context.saved[0]?.record));
      expect(await rdsInstance.restore(target, record, context)).toMatchObject({
        outcome: { status: 'taken' },
        finished: true,
      });
      expect(['transitional', 'running']).toContain((await one('round-trip')).state);
      settle(side());
      const back = await one('round-trip');
      expect(back).toMatchObject({ state: 'running', tags: TAGS });
      expect(back.since, 'when it was made, not when it was started').toEqual(target.since);
      expect(await rdsInstance.restore(target, record, context)).toMatchObject({
        outcome: { status: 'skipped', code: 'AlreadyRunning' },
        finished: true,
      });
    });

    it('refuses what is not there', async () => {
      const gone: Resource = { ...(await one('models')), id: 'never-was', arn: 'arn:never-was' };
      const context = stopContextOf(contextOf(REGION));
      expect((await rdsInstance.stop([gone], context)).get(gone.arn)).toMatchObject({ code: 'Gone' });
      expect((await rdsInstance.restore(gone, {}, context)).outcome).toMatchObject({ code: 'Gone' });
      const ask = new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'never-was' });
      for (const call of [stop, start, () => rds().send(ask)]) {
        expect(await errorOf(call('never-was'))).toMatch(/^DBInstanceNotFound(Fault)?$/);
      }
    });

    itIf(name === 'in memory')(
      'stops what is available, and starts what is stopped, and nothing else',
      async () => {
        await put(side(), 'steady');
        expect(await errorOf(start('steady'))).toBe('InvalidDBInstanceStateFault');
        await stop('steady');
        expect(await errorOf(start('steady')), 'while it is stopping').toBe('InvalidDBInstanceStateFault');
        settle(side());
        expect(await errorOf(stop('steady'))).toBe('InvalidDBInstanceStateFault');
      },
    );

    itIf(name === 'local AWS')('MiniStack stops and starts in any state, which AWS refuses', async () => {
      await put(side(), 'steady');
      expect(await errorOf(start('steady'))).toBe('none');
      await stop('steady');
      expect(await errorOf(stop('steady'))).toBe('none');
    });
  });
}
