import type { Resource } from '../types/resource.ts';
import type { FleetContext, Restored } from './kind.ts';

/** Brings a shut-down endpoint back from what was saved before it was deleted. */
export async function restoreEndpoint(
  _endpoint: Resource,
  _record: unknown,
  { now }: FleetContext,
): Promise<Restored> {
  return {
    finished: true,
    outcome: {
      status: 'failed',
      at: now(),
      code: 'Unsupported',
      detail: 'It cannot be created again yet.',
      retry: false,
    },
  };
}
