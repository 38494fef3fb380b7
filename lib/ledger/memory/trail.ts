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
  const put = <K>(into: Map<K, Map<string, AuditEntry>>, key: K, order: string, entry: AuditEntry): void => {
    let own = into.get(key);
    if (own === undefined) {
      own = new Map();
      into.set(key, own);
    }
    own.set(order, entry);
    if (own.size <= most) return;
    const [oldest] = own.keys();
    if (oldest !== undefined) own.delete(oldest);
  };
  return {
    append: (line) => {
      const { entry } = line;
      const order = lineOrder(line);
      const arn = subjectArn(entry.decision);
      if (arn !== undefined) put(byArn, arn, order, entry);
      put(byProject, entry.decision.project, order, entry);
    },
    audit: async (of, since) =>
      [...(('arn' in of ? byArn.get(of.arn) : byProject.get(of.project)) ?? [])]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, entry]) => entry)
        .filter(({ at }) => since === undefined || at >= since),
  };
}
