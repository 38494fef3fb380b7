import type { WarnDecision } from '../types/decision.ts';

/**
 * The id under which the ledger remembers that people were told of a stop. A stop that was to be announced comes only
 * where this is known: nobody loses work to a warning that never went out.
 */
export const announcementId = ({
  trigger,
  target,
  stopAt,
}: Pick<WarnDecision, 'trigger' | 'target' | 'stopAt'>): string =>
  `told/${trigger}/${target.arn}/${stopAt.toISOString()}`;

const MINUTE_MS = 60_000;

/** The minute that people are told of: the first whole one not before `at`. */
export const wholeMinute = (at: Date): Date => new Date(Math.ceil(at.getTime() / MINUTE_MS) * MINUTE_MS);
