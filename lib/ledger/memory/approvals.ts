import { approvalParts, readApprovalParts } from '../approval-text.ts';
import { naming } from '../errors.ts';
import type { Approval, Ledger } from '../ledger.ts';

/** The plan that was approved last. */
export function approvalsIn(): Pick<Ledger, 'approval' | 'approve'> {
  let last: (Omit<Approval, 'lists'> & { readonly parts: readonly string[] }) | undefined;
  return {
    approval: () =>
      naming('reading the approved plan', async () => {
        if (last === undefined) return undefined;
        const { parts, ...rest } = last;
        return { ...rest, lists: readApprovalParts(parts) };
      }),
    approve: ({ lists, ...rest }) =>
      naming('approving a plan', async () => {
        if (last !== undefined && last.at > rest.at) return;
        last = { ...rest, parts: approvalParts(lists) };
      }),
  };
}
