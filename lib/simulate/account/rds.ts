import {
  type DBInstance,
  DBInstanceNotFoundFault,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  type DescribeDBInstancesCommandInput,
  InvalidDBInstanceStateFault,
  RDSClient,
  RDSServiceException,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { arnOf } from '../../fleet/arn.ts';
import { answering } from './answering.ts';
import { findIn, keyIn, regionOf } from './sagemaker-keys.ts';
import type { AccountState, Member } from './state.ts';

/** A database instance. `since`: metrics are published from then on; in the future: it is being created or started. */
export interface MemoryDatabase extends Member {
  readonly id: string;
  /** As RDS names it: `postgres`. */
  readonly engine: string;
  /** When it was stopped; it is `stopping` for some minutes from then on. */
  readonly stoppedAt?: Date;
  /** RDS tells of this alone, and it stays whatever is started and stopped; absent = `since`. */
  readonly created?: Date;
  /** Absent = that of its region, name and the account. */
  readonly arn?: string;
  readonly multiAz?: true;
  /** The cluster that it belongs to. */
  readonly cluster?: string;
  /** What it is a read replica of. */
  readonly replicaOf?: string;
  /** Its own read replicas. */
  readonly replicas?: readonly string[];
  /** A state that neither a start nor a stop has to do with, such as `storage-full`, and in which it stays. */
  readonly status?: string;
  /** What StopDBInstance answers for it, though DescribeDBInstances shows nothing special. */
  readonly refusal?: string;
  /** The same of StartDBInstance. */
  readonly startRefusal?: string;
}

/** How long a stop and a start take here; on AWS it is minutes, and longer for large databases. */
export const STOPPING_MS = 3 * 60_000;
const STARTING_MS = 6 * 60_000;
/** RDS user guide, "Stopping an Amazon RDS DB instance temporarily". */
const AUTOMATIC_RESTART_MS = 7 * 24 * 3_600_000;

/** RDS of one region. What was stopped seven days ago it starts again by itself; what is deleted is gone at once. */
export function rdsIn(state: AccountState, region: string): RDSClient {
  const all = function* () {
    for (const one of [...state.databases.values()]) {
      if (regionOf(one) === region) yield settled(state, one);
    }
  };
  const find = (id: string): MemoryDatabase | undefined => {
    const one = findIn(state.databases, region, id);
    return one === undefined ? undefined : settled(state, one);
  };
  const get = (id: string): MemoryDatabase => {
    const one = find(id);
    if (one === undefined) throw missing(id);
    return one;
  };
  return answering(new RDSClient({ region }))
    .on(DescribeDBInstancesCommand, (asked) => {
      const { items, next } = pageOf(some(asked, find, get, all), asked);
      return {
        DBInstances: items.map((one) => describe(one, region, state)),
        ...(next === undefined ? {} : { Marker: next }),
      };
    })
    .on(StopDBInstanceCommand, ({ DBInstanceIdentifier: id = '' }) => {
      const one = get(id);
      const refusal = stopRefusal(one, state);
      if (refusal !== undefined) throw refusal;
      const at = state.now();
      putStopped(state, one, at);
      state.effects.push({ at, id: one.id });
      return { DBInstance: describe(get(id), region, state) };
    })
    .on(StartDBInstanceCommand, ({ DBInstanceIdentifier: id = '' }) => {
      const one = get(id);
      const status = statusOf(one, state);
      if (status !== 'stopped') throw wrongState(`Instance ${one.id} is not stopped, it is ${status}.`);
      if (one.startRefusal !== undefined) throw refused(one.startRefusal, `${one.id} cannot be started.`);
      started(state, one, state.now());
      state.restored.push({ at: state.now(), id: one.id });
      return { DBInstance: describe(get(id), region, state) };
    })
    .on(DeleteDBInstanceCommand, ({ DBInstanceIdentifier: id = '' }) => {
      const DBInstance = describe(get(id), region, state);
      state.databases.delete(keyIn(state.databases, region, id));
      return { DBInstance };
    }).client;
}

const missing = (id: string) =>
  new DBInstanceNotFoundFault({ message: `DBInstance ${id} not found.`, $metadata: {} });

const wrongState = (message: string) => new InvalidDBInstanceStateFault({ message, $metadata: {} });

const refused = (name: string, message: string) =>
  new RDSServiceException({ name, message, $fault: 'client', $metadata: {} });

/** Puts a database under its name, and tells of it by its name whatever its key. */
export function putDatabase(state: AccountState, one: MemoryDatabase): void {
  const region = regionOf(one);
  const key = keyIn(state.databases, region, one.id);
  state.databases.set(key, one);
  if (key !== one.id) state.touch({ kind: 'rds-instance', region, id: one.id });
}

/** Takes a database out of service; AWS starts it again by itself. */
export function putStopped(state: AccountState, one: MemoryDatabase, stoppedAt: Date): void {
  putDatabase(state, { ...one, stoppedAt });
  for (const after of [STOPPING_MS, AUTOMATIC_RESTART_MS]) {
    const at = new Date(stoppedAt.getTime() + after);
    if (at > state.now()) state.touchAt(at, { kind: 'rds-instance', region: regionOf(one), id: one.id });
  }
}

/** Starts it; `created` is kept, since its time in service begins anew. */
function started(state: AccountState, one: MemoryDatabase, at: Date): MemoryDatabase {
  const { stoppedAt, ...running } = one;
  const since = new Date(at.getTime() + STARTING_MS);
  const next = { ...running, since, created: one.created ?? one.since };
  putDatabase(state, next);
  if (since > state.now()) {
    state.touchAt(since, { kind: 'rds-instance', region: regionOf(one), id: one.id });
  }
  return next;
}

/** A database as it stands now: started again where AWS has done so by itself. */
function settled(state: AccountState, one: MemoryDatabase): MemoryDatabase {
  if (one.stoppedAt === undefined) return one;
  const restart = new Date(one.stoppedAt.getTime() + AUTOMATIC_RESTART_MS);
  return restart <= state.now() ? started(state, one, restart) : one;
}

function statusOf({ status, since, stoppedAt, created }: MemoryDatabase, { now }: AccountState): string {
  if (status !== undefined) return status;
  const at = now();
  if (stoppedAt !== undefined) {
    return at.getTime() < stoppedAt.getTime() + STOPPING_MS ? 'stopping' : 'stopped';
  }
  if (since <= at) return 'available';
  return created !== undefined && created < since ? 'starting' : 'creating';
}

/** RDS user guide, "Stopping an Amazon RDS DB instance temporarily", limitations. */
function stopRefusal(one: MemoryDatabase, state: AccountState): RDSServiceException | undefined {
  const { id, engine, multiAz, cluster, replicaOf, replicas = [], refusal } = one;
  const status = statusOf(one, state);
  if (status !== 'available') return wrongState(`Instance ${id} is not in available state.`);
  if (refusal !== undefined) return refused(refusal, `${id} cannot be stopped.`);
  if (cluster !== undefined)
    return wrongState(`${id} is of cluster ${cluster}: the cluster must be stopped.`);
  if (replicaOf !== undefined) return wrongState(`${id} is a read replica and cannot be stopped.`);
  if (replicas.length > 0) return wrongState(`${id} has read replicas and cannot be stopped.`);
  if (engine.startsWith('sqlserver') && multiAz === true) {
    return wrongState(`${id} is an SQL Server in several Availability Zones and cannot be stopped.`);
  }
  return undefined;
}

function describe(one: MemoryDatabase, region: string, state: AccountState): DBInstance {
  const { id, type, engine, since, created = since, stoppedAt, arn, tags } = one;
  const status = statusOf(one, state);
  return {
    DBInstanceIdentifier: id,
    DBInstanceArn: arn ?? arnOf('rds', region, state.account, `db:${id}`),
    DBInstanceClass: type,
    Engine: engine,
    DBInstanceStatus: status,
    // It has one once it was created.
    ...(status === 'creating' ? {} : { InstanceCreateTime: created }),
    MultiAZ: one.multiAz === true,
    TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ReadReplicaDBInstanceIdentifiers: [...(one.replicas ?? [])],
    ...(one.cluster === undefined ? {} : { DBClusterIdentifier: one.cluster }),
    ...(one.replicaOf === undefined ? {} : { ReadReplicaSourceDBInstanceIdentifier: one.replicaOf }),
    ...(stoppedAt === undefined
      ? {}
      : { AutomaticRestartTime: new Date(stoppedAt.getTime() + AUTOMATIC_RESTART_MS) }),
  };
}

/** One by its identifier, which must be there; those of a filter, which need not; or all. */
function some(
  { DBInstanceIdentifier: id, Filters = [] }: DescribeDBInstancesCommandInput,
  find: (id: string) => MemoryDatabase | undefined,
  get: (id: string) => MemoryDatabase,
  all: () => Iterable<MemoryDatabase>,
): readonly MemoryDatabase[] {
  for (const { Name = '' } of Filters) {
    if (!Object.hasOwn(FIELDS, Name)) {
      throw refused('InvalidParameterValue', `Unrecognized filter name: ${Name}`);
    }
  }
  const named = Filters.find(({ Name }) => Name === 'db-instance-id')?.Values;
  const found =
    id !== undefined && id !== ''
      ? [get(nameOf(id))]
      : named !== undefined
        ? [...new Set(named.map((one) => nameOf(one)))].flatMap((one) => find(one) ?? [])
        : [...all()];
  return found.filter((one) =>
    Filters.every(({ Name = '', Values = [] }) => {
      const field = FIELDS[Name]?.(one);
      return field !== undefined && Values.some((value) => nameOf(value) === field);
    }),
  );
}

/** The filters that are known here, with what each is compared with. */
const FIELDS: Readonly<Record<string, (one: MemoryDatabase) => string | undefined>> = {
  'db-instance-id': ({ id }) => id,
  'db-cluster-id': ({ cluster }) => cluster,
  engine: ({ engine }) => engine,
};

/** Filters take ARNs as well. */
const nameOf = (idOrArn: string): string =>
  idOrArn.startsWith('arn:') ? (idOrArn.split(':').at(-1) ?? '') : idOrArn;

function pageOf(
  found: readonly MemoryDatabase[],
  { MaxRecords: size = 100, Marker }: DescribeDBInstancesCommandInput,
): { readonly items: readonly MemoryDatabase[]; readonly next: string | undefined } {
  if (size < 20 || size > 100) {
    throw refused(
      'InvalidParameterValue',
      `Invalid value ${size} for MaxRecords. Must be between 20 and 100`,
    );
  }
  const start = Marker === undefined ? 0 : Number(Marker);
  if (!Number.isInteger(start) || start < 0) {
    throw refused('InvalidParameterValue', `Invalid marker: ${Marker}`);
  }
  const end = start + size;
  return { items: found.slice(start, end), next: end < found.length ? `${end}` : undefined };
}
