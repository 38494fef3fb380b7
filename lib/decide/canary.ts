import type { CanaryDecision } from '../types/decision.ts';
import { utcDay } from './sentences.ts';

/** The first sweep after this hour, UTC, sends the canary of the day. */
const HOUR = 6;

/**
 * The daily alert that says nothing but that alerts arrive; `undefined` before its hour. Every sweep of the hour asks
 * for it, and its key lets one of them have it.
 */
export const canaryDecision = (now: Date): CanaryDecision | undefined =>
  now.getUTCHours() === HOUR
    ? {
        action: 'canary',
        key: `canary/${utcDay(now)}`,
        project: undefined,
        reason: 'This alert comes once a day and proves that alerts arrive.',
      }
    : undefined;
