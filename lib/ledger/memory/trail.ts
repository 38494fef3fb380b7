import type { AuditEntry, Ledger } from '../ledger.ts';
import { lineOrder, subjectArn, type TrailLine } from '../trail.ts';

/**
 * The trail, and what appends to it.
 * @param most so many lines of each resource and project are kept, the last that were written
 */
export function trail(most: number): Pick<Ledger, 'audit'> & { readonly append: (line: TrailLine) => void } {
  /** By resource, and by project; each line by its place in the order. */
  const byArn = new Map<string, Map<string, AuditEntry>>();
  const byProject = new Map<string | undefined, Map<string, AuditEntry>>();
  const put = <K>(into: Map<K, Map<string, AuditEntry>>, key: K, line: TrailLine): void => {
    const own = into.get(key) ?? new Map<string, AuditEntry>();
    own.set(lineOrder(line), line.entry);
    if (own.size > most)
      for (const oldest of own.keys()) {
        own.delete(oldest);
        break;
      }
    into.set(key, own);
  };
  return {
    append: (line) => {
      const { decision } = line.entry;
      const arn = subjectArn(decision);
      if (arn !== undefined) put(byArn, arn, line);
      put(byProject, decision.project, line);
    },
    audit: async (of, since) =>
      [...(('arn' in of ? byArn.get(of.arn) : byProject.get(of.project)) ?? [])]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, entry]) => entry)
        .filter(({ at }) => since === undefined || at >= since),
  };
}
