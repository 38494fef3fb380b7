import { randomUUID } from 'node:crypto';
import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { lastEnd, live, reservationsText } from '../reservation-text.ts';
import type { Entities } from './entities.ts';
import { readReservations, readVersion } from './rows.ts';

/** What the gate has let through: an item for each pot, so that one conditional write decides between two requests. */
export const reservationsPart = (entities: Entities): Pick<Ledger, 'reservations' | 'saveReservations'> => ({
  reservations: (pot, now) =>
    naming('reading what is reserved', async () => {
      const { data } = await entities.reservations.get({ pot }).go({ consistent: true });
      if (data === null) return { reservations: [], version: undefined };
      const { reservations, version } = readReservations(data);
      return { reservations: live(reservations, now), version };
    }),

  saveReservations: (pot, reservations, seen, now) =>
    naming('reserving', async () => {
      const kept = live(reservations, now);
      const mine = randomUUID();
      const { rejected, data } = await entities.reservations
        .put({
          pot,
          version: mine,
          reservations: reservationsText(pot, kept),
          expiresAt: expiryOf('reservations', lastEnd(kept, now)),
        })
        .where(({ version }, { notExists, eq }) =>
          seen === undefined ? notExists(version) : eq(version, seen),
        )
        .go({ returnOnConditionCheckFailure: 'all_old' });
      // The SDK sends a write again whose answer was lost: it may be refused for the sake of this very write.
      return !rejected || (data !== null && readVersion(data).version === mine);
    }),
});
