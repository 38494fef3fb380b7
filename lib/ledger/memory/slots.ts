import type { Ledger } from '../ledger.ts';

/** Instants at which a channel takes a message. */
export function slotsIn(): Pick<Ledger, 'reserveSlot'> {
  const freeFrom = new Map<string, number>();
  return {
    reserveSlot: async (channel, spacingMs, now) => {
      const slot = Math.max(now.getTime(), freeFrom.get(channel) ?? 0);
      freeFrom.set(channel, slot + spacingMs);
      return new Date(slot);
    },
  };
}
