import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { live, readReservationsText, reservationsText } from '../reservation-text.ts';

/** What the gate has let through. */
export function reservationsIn(): Pick<Ledger, 'reservations' | 'saveReservations'> {
  const pots = new Map<string, { readonly text: string; readonly version: string }>();
  let versions = 0;
  return {
    reservations: async (pot, now) => {
      const held = pots.get(pot);
      return {
        reservations: held === undefined ? [] : live(readReservationsText(held.text), now),
        version: held?.version,
      };
    },
    saveReservations: (pot, reservations, version, now) =>
      naming('reserving', async () => {
        if (pots.get(pot)?.version !== version) return false;
        versions += 1;
        pots.set(pot, {
          text: reservationsText(pot, live(reservations, now)),
          version: String(versions),
        });
        return true;
      }),
  };
}
