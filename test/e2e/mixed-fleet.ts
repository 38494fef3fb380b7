import { CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import { BUSY, createEndpoint, IDLE, putEndpointUse, putInstanceUse } from '../../lib/sandbox/seed.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import { type Acts, after, nextWhole } from './on-stage.ts';

/** A fleet in which something of each sort is found, for whoever looks at it by the command line. */
export interface MixedFleet {
  /** Six that turn idle at `idleSince`. */
  readonly idle: readonly string[];
  readonly busy: string;
  readonly production: string;
  readonly training: string;
  readonly agentless: string;
  readonly keptByTag: string;
  readonly untagged: string;
  /** Real-time endpoint, idle too. */
  readonly endpoint: string;
  readonly database: string;
  readonly idleSince: Date;
}

export async function mixedFleet(stage: Stage, acts: Acts): Promise<MixedFleet> {
  const dev = (project: string, more: Record<string, string> = {}) => ({
    project,
    environment: 'dev',
    ...more,
  });
  const one = async (...[what]: Parameters<Acts['launch']>): Promise<string> =>
    (await acts.launch(what))[0] ?? '';
  const idle = await acts.launch({ tags: dev('recsys'), count: 6 });
  const busy = await one({ tags: dev('recsys'), type: 'c5.4xlarge' });
  const production = await one({ tags: { project: 'recsys', environment: 'prod' }, type: 'm5.2xlarge' });
  const training = await one({ tags: dev('vision'), type: 'p3.2xlarge' });
  const agentless = await one({ tags: dev('vision'), type: 'p3.8xlarge' });
  const keptByTag = await one({ tags: dev('vision', { 'bursar:keep-until': '2099-12-31' }) });
  const untagged = await one({ tags: { Name: 'test-please-ignore' }, type: 't3.medium' });
  const endpoint = 'recsys-scoring';
  await createEndpoint(stage.clients, { name: endpoint, type: 'ml.m5.xlarge', tags: dev('recsys') });
  const database = 'feature-store';
  await stage.clients.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: database,
      DBInstanceClass: 'db.m5.large',
      Engine: 'postgres',
      MasterUsername: 'root',
      MasterUserPassword: 'not-a-secret',
      AllocatedStorage: 20,
      Tags: Object.entries(dev('features')).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  const idleSince = nextWhole(stage.now(), 5);
  const [before, later] = [after(idleSince, -60), after(idleSince, 90)];
  await acts.use([...idle, agentless], BUSY, before, idleSince);
  await acts.use([...idle, agentless], IDLE, idleSince, later);
  await acts.use([busy], BUSY, before, later);
  await putInstanceUse(stage.clients, training, { ...IDLE, cpu: 2, gpu: 95 }, before, later);
  await putEndpointUse(stage.clients, endpoint, { cpu: 3, invocations: 10 }, before, idleSince);
  await putEndpointUse(stage.clients, endpoint, { cpu: 3, invocations: 0 }, idleSince, later);
  return {
    idle,
    busy,
    production,
    training,
    agentless,
    keptByTag,
    untagged,
    endpoint,
    database,
    idleSince,
  };
}
