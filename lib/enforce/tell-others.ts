import { type AnnounceDeps, announce } from './announce.ts';
import { type CarriedOut, carryOut } from './carry-out.ts';
import type { CommandBatch } from './command.ts';
import type { EnforceDeps } from './deps.ts';

/**
 * Carries out what somebody asked for at the command line, and tells the project's people: unlike a press in Slack,
 * nobody else has seen it.
 */
export async function carryOutAndTell(
  batch: CommandBatch,
  deps: EnforceDeps & AnnounceDeps,
): Promise<CarriedOut> {
  const carried = await carryOut(batch, deps);
  await announce(batch, carried.results, { lastAttempt: false, now: deps.now() }, deps);
  return carried;
}
