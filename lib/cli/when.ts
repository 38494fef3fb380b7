import * as z from 'zod';
import { atMinute } from '../decide/sentences.ts';
import { KEEP_MAX_DAYS, type KeepTerm } from '../people/request.ts';
import { FORMS, toSeconds } from '../policy/forms.ts';
import { show } from '../policy/words.ts';
import { UsageError } from './io.ts';

/** As ISO 8601 has it; without a zone it is the time of this computer. */
const TimeSchema = z.iso.datetime({ offset: true, local: true });
const DateSchema = z.iso.date();

/** zod wants seconds beside a zone; people leave them out. */
const isTime = (text: string): boolean =>
  TimeSchema.safeParse(text.replace(/(T\d\d:\d\d)(?=$|Z|[+-])/, '$1:00')).success;

const ZONED = /(?:Z|[+-]\d\d:\d\d)$/;

const MINUTE = 60;
const MOST = KEEP_MAX_DAYS * 86_400;
/** The name of the tag is the policy's. */
const LONGER = 'For longer, set the keep tag of the resource.';

/** The term of `--for 2h`. @throws UsageError */
export function termOfLength(text: string): KeepTerm {
  if (!FORMS.duration.test(text)) {
    throw new UsageError(`--for: ${show(text)} is no length of time. Write 90m, 2h or 3d.`);
  }
  const seconds = toSeconds(text);
  if (seconds < MINUTE) throw new UsageError(`--for: ${text} is too short. Write 1m to ${KEEP_MAX_DAYS}d.`);
  if (seconds > MOST) {
    throw new UsageError(`--for: ${text} is too long. Write 1m to ${KEEP_MAX_DAYS}d. ${LONGER}`);
  }
  return { seconds };
}

/** The term of `--until tomorrow` or of a time that is still to come. @throws UsageError */
export function termOfTime(text: string, now: Date): KeepTerm {
  if (text === 'tomorrow') return 'tomorrow';
  if (DateSchema.safeParse(text).success) {
    throw new UsageError(`--until: ${text} has no hour. Write ${text}T09:00.`);
  }
  if (!isTime(text)) {
    throw new UsageError(
      `--until: ${show(text)} is no time. Write tomorrow, 2026-12-01T09:00 (in the time zone of this computer) or 2026-12-01T09:00Z.`,
    );
  }
  const at = new Date(text);
  if (at.getTime() < now.getTime() + MINUTE * 1000) {
    throw new UsageError(`--until: ${atMinute(at)} is over. Write a time that is still to come.`);
  }
  if (at.getTime() > now.getTime() + MOST * 1000) {
    throw new UsageError(
      `--until: ${atMinute(at)} is more than ${KEEP_MAX_DAYS} days away. Write a nearer time. ${LONGER}`,
    );
  }
  return { at: at.toISOString() };
}

/** The time that `--since 7d`, `--since 2026-11-01` or a time means. @throws UsageError */
export function sinceTime(text: string, now: Date): Date {
  if (FORMS.duration.test(text)) return new Date(now.getTime() - toSeconds(text) * 1000);
  // A date alone would be midnight in UTC; people mean their own.
  const time = DateSchema.safeParse(text).success ? `${text}T00:00` : text;
  if (!isTime(time)) {
    throw new UsageError(
      `--since: ${show(text)} is no time. Write 24h, 7d, 2026-12-01 or 2026-12-01T09:00Z.`,
    );
  }
  const at = new Date(time);
  if (at > now) throw new UsageError(`--since: ${atMinute(at)} is still to come. Write an earlier time.`);
  return at;
}

/** When people held something back, as `status` and the alerts name it. @throws UsageError */
export function heldTime(text: string): string {
  if (isTime(text) && ZONED.test(text)) return new Date(text).toISOString();
  throw new UsageError(
    `${show(text)} is no time. Name the one that the alert or bursar status shows, such as 2026-11-25T10:30:00.000Z.`,
  );
}
