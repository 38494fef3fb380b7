import type { Ledger } from '../ledger.ts';

/** What was told of a batch. */
export function toldIn(): Pick<Ledger, 'told' | 'rememberTold'> {
  const told = new Map<string, ReadonlySet<string>>();
  return {
    told: async (batch) => told.get(batch) ?? new Set(),
    rememberTold: async (batch, marks) => {
      if (marks.length > 0) told.set(batch, new Set([...(told.get(batch) ?? []), ...marks]));
    },
  };
}
