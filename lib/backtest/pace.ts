import { setTimeout as sleepFor } from 'node:timers/promises';

/** Waits until so many more units may be asked for. */
export type Pace = (units: number, signal: AbortSignal | undefined) => Promise<void>;

/** Lets through so many units a second on average, the first at once. */
export function createPace(perSecond: number, sleep = waitFor): Pace {
  let free = 0;
  return async (units, signal) => {
    const now = performance.now();
    const at = Math.max(now, free);
    free = at + (units / perSecond) * 1000;
    if (at > now) await sleep(at - now, signal);
  };
}

/** @throws what the signal was aborted with */
export async function waitFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
