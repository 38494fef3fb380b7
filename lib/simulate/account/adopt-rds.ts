import type { Resource } from '../../types/resource.ts';
import { type MemoryDatabase, putDatabase, putStopped, STOPPING_MS } from './rds.ts';
import type { AccountState } from './state.ts';
import type { SteadyUntil, UseAt } from './use.ts';

/**
 * Puts a database that was discovered elsewhere into the account, so that the adapter discovers the same there. What
 * the resource does not tell is as little as possible: one that is stopped has just been.
 * @throws Error where the resource is none that `rds-instance` discovers.
 */
export function adoptRds(
  state: AccountState,
  resource: Resource,
  more: { readonly use: UseAt; readonly steadyUntil?: SteadyUntil },
): void {
  const { id, arn, region, tags, since, state: stands, protections } = resource;
  const one: MemoryDatabase = {
    id,
    arn,
    region,
    tags,
    since,
    created: since,
    ...sizeOf(resource),
    ...(stands === 'transitional' ? { status: 'modifying' } : {}),
    ...(stands === 'failed' ? { status: 'storage-full' } : {}),
    ...factsOf(protections),
    ...more,
  };
  if (stands === 'stopped') putStopped(state, one, new Date(state.now().getTime() - STOPPING_MS));
  else putDatabase(state, one);
}

/** `db.m5.large postgres, Multi-AZ`. */
function sizeOf({ id, size }: Resource): Pick<MemoryDatabase, 'type' | 'engine' | 'multiAz'> {
  const [, type, engine, multiAz] = /^(\S+) ([^\s,]+)(, Multi-AZ)?$/.exec(size) ?? [];
  if (type === undefined || engine === undefined) {
    throw new Error(`The database ${id} cannot be simulated: its size "${size}" names no class and engine.`);
  }
  return { type, engine, ...(multiAz === undefined ? {} : { multiAz: true }) };
}

type Facts = Partial<Pick<MemoryDatabase, 'cluster' | 'replicaOf' | 'replicas'>>;

/** What the adapter tells of as protections, which it knows by the same facts. */
const FACTS: readonly {
  readonly pattern: RegExp;
  readonly facts: (name: string) => Facts;
}[] = [
  { pattern: /^It belongs to database cluster (.+), and clusters are/, facts: (cluster) => ({ cluster }) },
  { pattern: /^It is a read replica of (.+), which cannot be/, facts: (replicaOf) => ({ replicaOf }) },
  {
    pattern: /^It has read replicas \((.+)\), so it cannot be/,
    facts: (names) => ({ replicas: names.split(', ') }),
  },
  // Told by the engine.
  { pattern: /^It is an (SQL Server in several|RDS Custom database)/, facts: () => ({}) },
];

/** What is not known here stands as a member of a cluster: it is left alone all the same. */
function factsOf(protections: Resource['protections']): Facts {
  let all: Facts = {};
  for (const { detail } of protections) all = { ...all, ...factOf(detail) };
  return all;
}

function factOf(detail: string): Facts {
  for (const { pattern, facts } of FACTS) {
    const name = pattern.exec(detail)?.[1];
    if (name !== undefined) return facts(name);
  }
  return { cluster: 'unknown' };
}
