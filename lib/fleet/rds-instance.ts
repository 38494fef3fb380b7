import type { DBInstance } from '@aws-sdk/client-rds';
import type { Protection, Resource, ResourceState } from '../types/resource.ts';
import type { FleetContext, Kind } from './kind.ts';
import { tagsOf } from './managers.ts';
import { startDatabase, stopDatabases } from './rds-power.ts';
import { readDatabases } from './rds-read.ts';
import { databaseSignals } from './rds-signals.ts';

/** RDS database instances: stopped for at most seven days, after which AWS starts them again. Clusters are left alone. */
export const rdsInstance: Kind = {
  kind: 'rds-instance',
  title: 'RDS instance',
  billedAs: 'Amazon Relational Database Service',
  stopped: 'stopped',
  restored: 'started',
  permissions: {
    observe: [
      {
        actions: ['rds:DescribeDBInstances', 'cloudwatch:GetMetricData'],
        resources: ['*'],
        taggedOnly: false,
      },
    ],
    act: [
      {
        actions: ['rds:StopDBInstance', 'rds:StartDBInstance'],
        resources: ['rds:*:*:db:*'],
        taggedOnly: true,
      },
    ],
  },
  discover: async (context) => toResources(await readDatabases('all', context), context),
  describe: async (ids, context) => toResources(await readDatabases(ids, context), context),
  signals: databaseSignals,
  // The command takes one database.
  undo: ([id, ...others], region) =>
    id === undefined || others.length > 0
      ? undefined
      : `aws rds start-db-instance --region ${region} --db-instance-identifier ${id}`,
  stop: stopDatabases,
  restore: startDatabase,
  start: (resource, context) => startDatabase(resource, undefined, context),
};

async function toResources(
  found: readonly DBInstance[],
  context: FleetContext,
): Promise<readonly Resource[]> {
  const all = await Promise.all(found.map((one) => toResource(one, context)));
  return all.filter((one): one is Resource => one !== undefined);
}

/** `undefined` for what is being deleted, or lacks what a decision needs (its creation time, while it is created). */
async function toResource(database: DBInstance, context: FleetContext): Promise<Resource | undefined> {
  const {
    DBInstanceIdentifier: id,
    DBInstanceArn: arn,
    DBInstanceClass: type,
    Engine: engine,
    MultiAZ: multiAz = false,
    InstanceCreateTime: created,
    DBInstanceStatus: status,
  } = database;
  if (id === undefined || arn === undefined || type === undefined || engine === undefined) return undefined;
  if (created === undefined || status === 'deleting') return undefined;
  return {
    kind: rdsInstance.kind,
    arn,
    id,
    account: context.account,
    region: context.region,
    tags: tagsOf(database.TagList),
    state: stateOf(status),
    // RDS does not tell when it was last started. That is enough: a stopped database has no metrics, so the samples
    // have a gap, and one that has just been started is not known to be idle before the whole window has passed.
    since: created,
    size: `${type} ${engine}${multiAz ? ', Multi-AZ' : ''}`,
    protections: protectionsOf(database, engine, multiAz),
    hourly: await context.prices.hourly({
      service: 'rds',
      region: context.region,
      instanceType: type,
      engine,
      multiAz,
    }),
  };
}

/** States that no work of AWS ends by itself (RDS User Guide, "Viewing DB instance status"). */
const OUT_OF_SERVICE = new Set([
  'failed',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'incompatible-credentials',
  'incompatible-network',
  'incompatible-option-group',
  'incompatible-parameters',
  'incompatible-restore',
  'insufficient-capacity',
  'restore-error',
  'storage-full',
]);

/** Only an `available` database can be stopped; of the many states beside, most are work under way. */
function stateOf(status: string | undefined): ResourceState {
  if (status === 'available') return 'running';
  if (status === 'stopped') return 'stopped';
  return status !== undefined && OUT_OF_SERVICE.has(status) ? 'failed' : 'transitional';
}

/** What RDS cannot stop by itself (RDS User Guide, "Stopping an Amazon RDS DB instance temporarily"). */
function protectionsOf(database: DBInstance, engine: string, multiAz: boolean): readonly Protection[] {
  const left = (detail: string): Protection => ({ code: 'managed-elsewhere', detail });
  // Blank means the same as absent.
  const cluster = database.DBClusterIdentifier || undefined;
  const source =
    database.ReadReplicaSourceDBInstanceIdentifier ||
    database.ReadReplicaSourceDBClusterIdentifier ||
    undefined;
  const replicas = [
    ...(database.ReadReplicaDBInstanceIdentifiers ?? []),
    ...(database.ReadReplicaDBClusterIdentifiers ?? []),
  ];
  const found: Protection[] = [];
  if (cluster !== undefined) {
    found.push(left(`It belongs to database cluster ${cluster}, and clusters are not handled.`));
  }
  if (source !== undefined) found.push(left(`It is a read replica of ${source}, which cannot be stopped.`));
  if (replicas.length > 0) {
    found.push(left(`It has read replicas (${replicas.join(', ')}), so it cannot be stopped.`));
  }
  if (engine.startsWith('sqlserver') && multiAz) {
    found.push(left('It is an SQL Server in several Availability Zones, which cannot be stopped.'));
  }
  if (engine.startsWith('custom-')) {
    found.push(left('It is an RDS Custom database, which Bursar leaves alone.'));
  }
  return found;
}
