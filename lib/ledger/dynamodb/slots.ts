import { LedgerError, naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import type { Entities } from './entities.ts';
import { readSlot } from './rows.ts';

const ATTEMPTS = 10;

/** Takes the slot after those already taken; `undefined` where the channel is free now. */
async function queueUp(entities: Entities, channel: string, spacingMs: number, now: Date) {
  const { rejected, data } = await entities.slot
    .update({ channel })
    .add({ freeFrom: spacingMs })
    .set({ expiresAt: expiryOf('slot', now) })
    .where(({ freeFrom }, { gt }) => gt(freeFrom, now.getTime()))
    .go({ response: 'all_new', returnOnConditionCheckFailure: true });
  return rejected ? undefined : new Date(readSlot(data).freeFrom - spacingMs);
}

/** Takes `now` itself; false where another caller was faster. */
async function takeNow(entities: Entities, channel: string, spacingMs: number, now: Date): Promise<boolean> {
  const { rejected } = await entities.slot
    .put({ channel, freeFrom: now.getTime() + spacingMs, expiresAt: expiryOf('slot', now) })
    .where(({ freeFrom }, { notExists, lte }) => `${notExists(freeFrom)} OR ${lte(freeFrom, now.getTime())}`)
    .go({ returnOnConditionCheckFailure: true });
  return !rejected;
}

/** Instants at which a channel takes a message. */
export const slotsPart = (entities: Entities): Pick<Ledger, 'reserveSlot'> => ({
  reserveSlot: (channel, spacingMs, now) =>
    naming('reserving a slot', async () => {
      // Exactly one of the two conditions holds at any time, so a second round is needed only where another
      // caller came between the two calls.
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const slot = await queueUp(entities, channel, spacingMs, now);
        if (slot !== undefined) return slot;
        if (await takeNow(entities, channel, spacingMs, now)) return now;
      }
      throw new LedgerError(`ledger: no slot of ${channel} could be had in ${ATTEMPTS} attempts`);
    }),
});
