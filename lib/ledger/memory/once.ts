import type { Ledger } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';

/** Ids that must be acted on once. */
export function idsIn(): Pick<Ledger, 'once' | 'forget' | 'seen'> {
  const ids = new Map<string, number>();
  const isKnown = (id: string, now: Date) => (ids.get(id) ?? Number.NEGATIVE_INFINITY) > expiredBy(now);
  return {
    once: async (id, now) => {
      const isNew = !isKnown(id, now);
      if (isNew) ids.set(id, expiryOf('once', now));
      return isNew;
    },
    forget: async (id) => {
      ids.delete(id);
    },
    seen: async (id, now) => isKnown(id, now),
  };
}
