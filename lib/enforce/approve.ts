import { planHashOf } from '../plan/hash.ts';
import type { ApproveDecision } from '../types/decision.ts';
import type { Outcome } from '../types/outcome.ts';
import type { EnforceDeps } from './deps.ts';

/**
 * Makes a plan the one that is approved, in place of the one before. Safe to repeat.
 * @throws `LedgerError`
 */
export async function approve(
  { hash, policyHash, by }: ApproveDecision,
  { lists, ledger, now }: EnforceDeps,
): Promise<Outcome> {
  const at = now();
  if (lists === undefined || planHashOf(policyHash, lists) !== hash) {
    return {
      status: 'failed',
      at,
      code: 'OtherPlan',
      detail: 'What it lists is not what was approved.',
      retry: false,
    };
  }
  const sets = new Map([...lists].map(([name, arns]) => [name, new Set(arns)] as const));
  await ledger.approve({ hash, policyHash, lists: sets, at, by });
  return { status: 'taken', at, detail: 'What it lists may be acted on from now on.' };
}
