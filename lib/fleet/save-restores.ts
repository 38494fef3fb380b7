import { mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';
import type { StopContext } from './kind.ts';

/** A resource and what its restore needs. */
export interface Planned<R> {
  readonly resource: Resource;
  readonly record: R;
}

/**
 * Saves what the restores need, at most `limit` at once. One that cannot be saved must not be touched: it is in
 * `failed`, by ARN, and keeps no other from being saved.
 */
export async function saveEach<R>(
  planned: readonly Planned<R>[],
  limit: number,
  context: StopContext,
): Promise<{ readonly saved: readonly Planned<R>[]; readonly failed: ReadonlyMap<string, Outcome> }> {
  const failed = new Map<string, Outcome>();
  await mapLimited(planned, limit, async ({ resource, record }) => {
    try {
      await context.saveRestore(resource, record);
    } catch (error) {
      failed.set(resource.arn, {
        status: 'failed',
        at: context.now(),
        code: errorCode(error),
        detail: `Left alone, since what a restore needs could not be saved: ${errorMessage(error)}`,
        retry: isTransient(error),
      });
    }
  });
  return { saved: planned.filter(({ resource }) => !failed.has(resource.arn)), failed };
}
