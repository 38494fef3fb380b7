import type { AuditEntry, Ledger } from '../ledger.ts';
import { lineOrder, subjectArn, type TrailLine } from '../trail.ts';

/** The trail, and what appends to it. */
export function trail(): Pick<Ledger, 'audit'> & { readonly append: (line: TrailLine) => void } {
  const lines = new Map<string, AuditEntry>();
  return {
    append: (line) => {
      lines.set(lineOrder(line), line.entry);
    },
    audit: async (of, since) =>
      [...lines]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, entry]) => entry)
        .filter(({ decision }) =>
          'arn' in of ? subjectArn(decision) === of.arn : decision.project === of.project,
        )
        .filter(({ at }) => since === undefined || at >= since),
  };
}
