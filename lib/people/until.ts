import { Temporal } from 'temporal-polyfill';
import { atMinute } from '../decide/sentences.ts';
import { tomorrowMorning } from '../decide/tomorrow.ts';
import { KEEP_MAX_DAYS, type KeepTerm } from './request.ts';

const DAY_MS = 86_400_000;

/** Until when a term keeps, asked for at `at`; or why it cannot, one sentence. */
export function untilOf(
  term: KeepTerm,
  at: Date,
  { timezone, keepTag }: { readonly timezone: string; readonly keepTag: string },
): { readonly ok: true; readonly until: Date } | { readonly ok: false; readonly why: string } {
  const until = endOf(term, at, timezone);
  if (until.getTime() <= at.getTime()) {
    return { ok: false, why: `${atMinute(until)} has passed: name a later time.` };
  }
  if (until.getTime() - at.getTime() > KEEP_MAX_DAYS * DAY_MS) {
    return {
      ok: false,
      why: `More than ${KEEP_MAX_DAYS} days cannot be asked for: tag the resource with ${keepTag} instead.`,
    };
  }
  return { ok: true, until };
}

function endOf(term: KeepTerm, at: Date, timezone: string): Date {
  if (term === 'tomorrow') return tomorrowMorning(at, timezone);
  return 'seconds' in term ? new Date(at.getTime() + term.seconds * 1_000) : new Date(term.at);
}

/** `2026-11-26 08:00 UTC (09:00 in Europe/Berlin)`. */
export function localMinute(at: Date, timezone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone);
  if (local.offsetNanoseconds === 0) return atMinute(at);
  const day =
    local.toPlainDate().toString() === at.toISOString().slice(0, 10) ? '' : `${local.toPlainDate()} `;
  return `${atMinute(at)} (${day}${local.toPlainTime().toString({ smallestUnit: 'minute' })} in ${timezone})`;
}
