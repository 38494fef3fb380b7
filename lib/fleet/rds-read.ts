import { type DBInstance, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { chunks, mapLimited } from '../types/lists.ts';
import { errorCode } from './aws-errors.ts';
import type { FleetContext } from './kind.ts';
import { allPages } from './pages.ts';

/** The limit of AWS for one page. */
const PER_PAGE = 100;

/** All database instances, or those of the identifiers; one that is gone is absent. */
export async function readDatabases(
  ids: readonly string[] | 'all',
  context: FleetContext,
): Promise<readonly DBInstance[]> {
  if (ids === 'all') return readPages(undefined, context);
  return (await mapLimited(chunks(ids, PER_PAGE), 2, (some) => readSome(some, context))).flat();
}

/**
 * By a filter, of which AWS leaves out what it does not know. Should it refuse the whole question because of one that
 * is gone, as it does without a filter, they are asked one by one.
 */
async function readSome(ids: readonly string[], context: FleetContext): Promise<readonly DBInstance[]> {
  try {
    return await readPages(ids, context);
  } catch (error) {
    if (!isDatabaseMissing(error)) throw error;
    if (ids.length === 1) return [];
    return (await mapLimited(ids, 5, (id) => readSome([id], context))).flat();
  }
}

const readPages = (
  ids: readonly string[] | undefined,
  { clients }: FleetContext,
): Promise<readonly DBInstance[]> =>
  allPages<DBInstance>(async (Marker) => {
    const page = await clients.rds.send(
      new DescribeDBInstancesCommand({
        MaxRecords: PER_PAGE,
        ...(ids === undefined ? {} : { Filters: [{ Name: 'db-instance-id', Values: [...ids] }] }),
        ...(Marker === undefined ? {} : { Marker }),
      }),
    );
    return { items: page.DBInstances, next: page.Marker };
  });

/** By the SDK's name of the error, or by its code on the wire. */
export const isDatabaseMissing = (error: unknown): boolean =>
  ['DBInstanceNotFoundFault', 'DBInstanceNotFound'].includes(errorCode(error));

export const isWrongState = (error: unknown): boolean =>
  ['InvalidDBInstanceStateFault', 'InvalidDBInstanceState'].includes(errorCode(error));
