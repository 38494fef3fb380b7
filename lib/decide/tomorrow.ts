import { Temporal } from 'temporal-polyfill';

/** 9:00 of the next day where `timezone` (an IANA name) is: what "until tomorrow" means. */
export function tomorrowMorning(now: Date, timezone: string): Date {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timezone)
    .toPlainDate();
  const morning = today.add({ days: 1 }).toZonedDateTime({ timeZone: timezone, plainTime: '09:00' });
  return new Date(morning.epochMilliseconds);
}
