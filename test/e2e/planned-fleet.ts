import { CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import {
  BUSY,
  createEndpoint,
  createGroup,
  IDLE,
  putEndpointUse,
  putGroupUse,
  putInstanceUse,
  putSeries,
} from '../../lib/sandbox/seed.ts';
import { createNotebook, putNotebookUse } from '../../lib/sandbox/seed-sagemaker.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import { type Acts, after } from './on-stage.ts';

/** So long after the hour the fleet does what it does. Minutes. */
const LASTS = 60;

/**
 * A fleet in which something of each sort is about to happen, or never, around a full hour: each that is idle has been
 * so for another time, so that the stops come at different sweeps.
 */
export async function plannedFleet(stage: Stage, acts: Acts, hour: Date) {
  const { clients } = stage;
  const [begins, ends] = [after(hour, -120), after(hour, LASTS)];
  const tags = (project: string, environment: string, more: Record<string, string> = {}) => ({
    project,
    environment,
    ...more,
  });
  const one = async (...[what]: Parameters<Acts['launch']>): Promise<string> =>
    (await acts.launch(what))[0] ?? '';
  /** In use until so many minutes before the hour; absent = all the time. */
  const idleFrom = async (ids: readonly string[], minutes: number): Promise<void> => {
    await acts.use(ids, BUSY, begins, after(hour, -minutes));
    await acts.use(ids, IDLE, after(hour, -minutes), ends);
  };
  const idle = await acts.launch({ tags: tags('recsys', 'dev'), count: 2 });
  const kept = await one({ tags: tags('recsys', 'dev') });
  const careful = await one({ tags: tags('recsys', 'careful') });
  const busy = await acts.launch({ tags: tags('recsys', 'dev'), type: 'c5.4xlarge', count: 3 });
  const production = await one({ tags: tags('recsys', 'prod'), type: 'm5.2xlarge' });
  const training = await one({ tags: tags('vision', 'dev'), type: 'p3.2xlarge' });
  const agentless = await one({ tags: tags('vision', 'dev'), type: 'p3.8xlarge' });
  const keptByTag = await one({ tags: tags('vision', 'dev', { 'bursar:keep-until': '2099-12-31' }) });
  const untagged = await one({ tags: { Name: 'what-is-this' }, type: 't3.medium' });
  const member = await one({ tags: tags('recsys', 'dev', { 'aws:autoscaling:groupName': 'batch' }) });
  const guarded = await one({ tags: tags('recsys', 'dev') });
  await acts.launch({ tags: tags('demos', 'demo'), count: 2 });
  await idleFrom([...idle, kept, production, keptByTag, untagged, member, guarded], 35);
  await idleFrom([careful, agentless], 25);
  await acts.use(busy, BUSY, begins, ends);
  await putInstanceUse(clients, training, { ...IDLE, cpu: 2, gpu: 95 }, begins, ends);
  await acts.faults({ instances: { [guarded]: { fault: 'stop-protected' } } });

  const endpoint = 'recsys-ranking';
  await createEndpoint(clients, { name: endpoint, type: 'ml.m5.xlarge', tags: tags('recsys', 'dev') });
  await putEndpointUse(clients, endpoint, { cpu: 3, invocations: 10 }, begins, after(hour, -20));
  await putEndpointUse(clients, endpoint, { cpu: 3, invocations: 0 }, after(hour, -20), ends);
  const notebook = 'recsys-notebook';
  await createNotebook(clients, { name: notebook, type: 'ml.p3.2xlarge', tags: tags('recsys', 'careful') });
  await putNotebookUse(clients, notebook, { cpu: 60, gpu: 80 }, begins, after(hour, -15));
  await putNotebookUse(clients, notebook, { cpu: 0.5, gpu: 0 }, after(hour, -15), ends);
  const database = 'ranking-store';
  await clients.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: database,
      DBInstanceClass: 'db.m5.large',
      Engine: 'postgres',
      MasterUsername: 'root',
      MasterUserPassword: 'not-a-secret',
      AllocatedStorage: 20,
      Tags: Object.entries(tags('features', 'dev')).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  for (const [metric, value] of [
    ['DatabaseConnections', 0],
    ['NetworkReceiveThroughput', 500],
  ] as const) {
    const dimensions = { DBInstanceIdentifier: database };
    const of = { namespace: 'AWS/RDS', metric, dimensions };
    await putSeries(clients, { ...of, from: begins, to: after(hour, -20), value: value + 100_000 });
    await putSeries(clients, { ...of, from: after(hour, -20), to: ends, value });
  }
  await createGroup(clients, {
    name: 'recsys-workers',
    type: 'm5.xlarge',
    count: 2,
    tags: tags('recsys', 'workers'),
  });
  await putGroupUse(clients, 'recsys-workers', BUSY, begins, after(hour, -15));
  await putGroupUse(clients, 'recsys-workers', { cpu: 0.1, network: 50_000 }, after(hour, -15), ends);
  return { idle, kept, untagged };
}
