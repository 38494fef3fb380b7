import type { Check } from './check.ts';

/** Every check there is. A new one is one file and one line here. */
export const checks: readonly Check[] = [];
