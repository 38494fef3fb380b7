import { randomUUID } from 'node:crypto';
import type { Person } from '../people/request.ts';
import { UsageError } from './io.ts';
import type { Remote } from './remote.ts';

/** What the request Lambda takes at most. */
const MAX_REASON = 500;

/** Who asks, why, and under which id: each run of a command is a wish of its own, however often it is delivered. */
export async function signed(
  remote: Remote,
  reason: string | undefined,
): Promise<{ readonly by: Person; readonly id: string; readonly reason?: string }> {
  if (reason !== undefined && reason.length > MAX_REASON) {
    throw new UsageError(`--reason: Write at most ${MAX_REASON} characters; these are ${reason.length}.`);
  }
  const by = await remote.person();
  return { by, id: `cli/${randomUUID()}`, ...(reason === undefined ? {} : { reason }) };
}
