import type { Restored } from './kind.ts';

/** It is back, or on its way; `finished: false` where something is left to do. */
export const taken = (at: Date, detail: string, finished: boolean): Restored => ({
  finished,
  outcome: { status: 'taken', at, detail },
});

/** Nothing more is done to it; the detail says what was found. */
export const leftAlone = (at: Date, code: string, detail: string): Restored => ({
  finished: true,
  outcome: { status: 'skipped', at, code, detail },
});

/** It is between two states: what is left to do must wait. */
export const waiting = (at: Date, detail: string): Restored => ({
  finished: false,
  outcome: { status: 'skipped', at, code: 'InProgress', detail },
});

/** It cannot be brought back; where `retry`, for now. */
export const failed = (at: Date, code: string, detail: string, retry = false): Restored => ({
  finished: !retry,
  outcome: { status: 'failed', at, code, detail, retry },
});
