import { setTimeout as pauseFor } from 'node:timers/promises';
import { LedgerError } from '../errors.ts';

/** Calls of DynamoDB that are under way at once. */
export const AT_ONCE = 10;

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 50;

/**
 * Puts items by BatchWriteItem, 25 a call, and again those that DynamoDB leaves unprocessed when it throttles.
 * Of items with the same key the last is written: DynamoDB refuses a batch that names a key twice.
 * @throws LedgerError where some are still unprocessed after 8 attempts over some 6 seconds.
 */
export async function putAll<Key, Item extends Key>(
  items: readonly Item[],
  keyOf: (item: Key) => string,
  write: (items: Item[]) => Promise<{ unprocessed: readonly Key[] }>,
  pause: (milliseconds: number) => Promise<unknown> = pauseFor,
): Promise<void> {
  let rest = new Map(items.map((item) => [keyOf(item), item]));
  for (let attempt = 0; rest.size > 0; attempt++) {
    if (attempt === ATTEMPTS) throw new LedgerError(`ledger: DynamoDB left ${rest.size} items unprocessed`);
    if (attempt > 0) await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    const { unprocessed } = await write([...rest.values()]);
    const left = new Set(unprocessed.map(keyOf));
    rest = new Map([...rest].filter(([key]) => left.has(key)));
  }
}
