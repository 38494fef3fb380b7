import { Temporal } from 'temporal-polyfill';
import * as z from 'zod';
import { written } from '../../policy/fields.ts';
import { wrong } from '../../policy/words.ts';

/** How times are written in a scenario. */
export const TIME_FORMS = {
  /** `2026-11-27`, `2026-11-27T17:00Z`, `2026-11-27T18:00:00+01:00`. */
  instant: /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/,
  /** `+8h`, `-7d`, `+2h30m`. */
  offset: /^[+-](?:\d{1,6}[smhd])+$/,
  /** `64h`, `20h25m`. */
  span: /^(?:\d{1,6}[smhd])+$/,
  /** `09:00`; `24:00` is the end of the day. */
  clock: /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/,
} as const;

/** A time, or how long after the scenario begins; before it where it is below 0. */
export type Moment = { readonly instant: Date } | { readonly offsetMs: number };

/** The instant of a moment in a scenario that begins at `from`. */
export const instantOf = (moment: Moment, from: Date): Date =>
  'instant' in moment ? moment.instant : new Date(from.getTime() + moment.offsetMs);

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a text in the form `TIME_FORMS.span`. */
export const spanMs = (text: string): number =>
  [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
    0,
  );

const offsetMs = (text: string): number => (text.startsWith('-') ? -1 : 1) * spanMs(text.slice(1));

/** `undefined` where the calendar has no such time. */
function readInstant(text: string): Date | undefined {
  try {
    return new Date(Temporal.Instant.from(text.includes('T') ? text : `${text}T00:00Z`).epochMilliseconds);
  } catch {
    return undefined;
  }
}

export const INSTANT_MEND = 'Write it with its zone, such as 2026-11-27T17:00Z.';

const noSuchTime = (name: string, text: string): string =>
  `\`${name}: ${text}\` is no time of the calendar. ${INSTANT_MEND}`;

/** True of what is no time by its form: that is told already. */
const isOnCalendar = (text: string): boolean =>
  !TIME_FORMS.instant.test(text) || readInstant(text) !== undefined;

/** A time of its own. Output: a date. */
export const instant = (name: string) =>
  written(name, TIME_FORMS.instant, 'a time', INSTANT_MEND)
    .refine(isOnCalendar, {
      error: ({ input }) => noSuchTime(name, String(input)),
    })
    .transform((text) => readInstant(text) ?? new Date(Number.NaN));

const MOMENT_MEND =
  'Write a time such as 2026-11-27T17:00Z, or how long after the scenario begins, such as +2h30m.';

/** Either form of a moment, as one pattern. */
const MOMENT = new RegExp(`(?:${TIME_FORMS.instant.source})|(?:${TIME_FORMS.offset.source})`);

const toMoment = (text: string): Moment =>
  TIME_FORMS.offset.test(text)
    ? { offsetMs: offsetMs(text) }
    : { instant: readInstant(text) ?? new Date(Number.NaN) };

/** A time, or an offset from the beginning of the scenario. */
export const moment = (name: string) =>
  written(name, MOMENT, 'a time', MOMENT_MEND)
    .refine(isOnCalendar, { error: ({ input }) => noSuchTime(name, String(input)) })
    .transform(toMoment);

/** A time of day: minutes since its midnight, up to 1,440. */
export interface ClockTime {
  readonly minutes: number;
}

/** A moment, or a time of day where the use repeats. */
export const momentOrClock = (name: string) => {
  const error = wrong(
    name,
    'a time',
    'Write a time such as 2026-11-27T17:00Z, an offset such as +8h, or with `every` a time of day such as "09:00".',
  );
  return z
    .string({ error })
    .regex(new RegExp(`${MOMENT.source}|(?:${TIME_FORMS.clock.source})`), { error })
    .refine(isOnCalendar, { error: ({ input }) => noSuchTime(name, String(input)) })
    .transform((text): Moment | ClockTime => {
      if (!TIME_FORMS.clock.test(text)) return toMoment(text);
      const [hours = '', minutes = ''] = text.split(':');
      return { minutes: Number(hours) * 60 + Number(minutes) };
    });
};

const isWithin = (ms: number, least: string, most: string): boolean =>
  ms >= spanMs(least) && ms <= spanMs(most);

/** A length of time. Output in milliseconds. */
export const span = (name: string, least: string, most: string) =>
  written(name, TIME_FORMS.span, 'a duration', 'Write whole numbers and units, such as 30m, 64h or 2h30m.')
    .refine((text) => !TIME_FORMS.span.test(text) || isWithin(spanMs(text), least, most), {
      error: ({ input }) =>
        `\`${name}: ${String(input)}\` is out of range. Write a duration from ${least} to ${most}.`,
    })
    .transform(spanMs);

/** For messages: `2026-11-27 17:00 UTC`. */
export const shown = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
