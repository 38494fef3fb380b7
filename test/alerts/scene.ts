import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Alert, AlertAnswer } from '../../lib/types/alert.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { Outcome, Result } from '../../lib/types/outcome.ts';
import { ACCOUNT, AT, taken, undo, policy as usual } from './fixtures.ts';

/** A message as people meet it: an alert, and what was answered to it. */
export interface Scene {
  readonly name: string;
  readonly alert: Alert;
  readonly answers: readonly AlertAnswer[];
}

export const done = (decision: Decision, outcome: Outcome = taken()): Result => ({ decision, outcome });

/** The first alert of what was done. */
export function scene(
  name: string,
  results: readonly Result[],
  answers: readonly AlertAnswer[] = [],
  policy: Policy = usual,
): Scene {
  const [alert] = alertsFromBatch({
    batch: '5f0c7ee2-93b1-5d0e-8a6e-2f1f1f0a7d11',
    at: AT,
    account: ACCOUNT,
    policy,
    undo,
    results,
  });
  if (alert === undefined) throw new Error(`no alert: ${name}`);
  return { name, alert, answers };
}
