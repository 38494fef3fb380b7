import * as z from 'zod';
import type { Schedule } from '../policy/schedule.ts';
import { usdToDecimal } from '../types/money.ts';
import type { ClockChange } from './schedule-clock.ts';
import type { ScheduledFleet } from './schedule-fleet.ts';
import type { Scheduled } from './schedule-run.ts';
import type { Timetable, TimetableDay, TimetableEvent } from './schedule-timetable.ts';
import { hoursText } from './schedule-words.ts';

/* What `bursar schedule --json` prints. Times are ISO 8601 in UTC, money is decimal USD as text. */

const time = z.iso.datetime();
const usd = z.string().regex(/^\d+(\.\d{1,6})?$/);
/** With the offset of its place: `2026-03-27T08:00+01:00`. */
const local = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d(:\d\d)?$/);

const ClocksJsonSchema = z.strictObject({
  at: time,
  timezone: z.string(),
  date: z.iso.date(),
  /** What the clock shows right before and right after. */
  from: z.string(),
  to: z.string(),
});

const EventJsonSchema = z.strictObject({
  at: time,
  local,
  /** `start`: what is started ahead of the opening `of`. `warning`: people are told of the stops at the closing `of`. */
  kind: z.enum(['start', 'opening', 'warning', 'closing']),
  of: time.nullable(),
  /** Of an opening what it starts, of a closing whether it stops; `null` of the others. */
  does: z.enum(['nothing', 'start-its-own', 'start-all', 'stop', 'stop-and-scale-down']).nullable(),
  /** The hours that govern it. */
  schedules: z.array(z.string()),
});

const ResourceJsonSchema = z.strictObject({
  id: z.string(),
  arn: z.string(),
  kind: z.string(),
  size: z.string(),
  region: z.string(),
  project: z.string(),
  policy: z.string(),
  state: z.string(),
  /** List price, USD an hour; `null` = unpriced. */
  hourly: usd.nullable(),
  savedAWeek: usd,
  /** Why its hours do nothing to it; `null` = they do. */
  leftAlone: z.string().nullable(),
});

export const ScheduleJsonSchema = z.strictObject({
  from: time,
  /** Exclusive. */
  to: time,
  /** `null` = no account was asked. */
  account: z.string().nullable(),
  timetables: z.array(
    z.strictObject({
      policies: z.array(z.string()),
      schedules: z.array(
        z.strictObject({
          /** `null` = it stands in its policy. */
          name: z.string().nullable(),
          /** For people. */
          hours: z.string(),
          timezone: z.string(),
          holidays: z.string().nullable(),
          do: z.enum(['start-and-stop', 'stop', 'start']),
        }),
      ),
      /** Of the local times and days. */
      timezone: z.string(),
      days: z.array(
        z.strictObject({
          date: z.iso.date(),
          /** When the day, or the span, begins. */
          open: z.boolean(),
          /** Why hours that there would be do not begin. */
          off: z.array(z.string()),
          clocks: z.array(ClocksJsonSchema),
          events: z.array(EventJsonSchema),
        }),
      ),
      /** The next change of clocks in each time zone. */
      nextClocks: z.array(ClocksJsonSchema),
      /** For how long of the first seven days what runs by these hours is stopped. */
      offHoursInWeek: z.number(),
      fleet: z
        .strictObject({ savedAWeek: usd, unpriced: z.number(), resources: z.array(ResourceJsonSchema) })
        .nullable(),
    }),
  ),
  runtimes: z.array(
    z.strictObject({
      policy: z.string(),
      afterSeconds: z.number(),
      warnSeconds: z.number(),
      do: z.enum(['stop', 'notify']),
    }),
  ),
  /** Policies that have neither. */
  without: z.array(z.string()),
  notes: z.array(z.string()),
});
export type ScheduleJson = z.infer<typeof ScheduleJsonSchema>;

export const scheduleJson = ({
  from,
  to,
  account,
  timetables,
  runtimes,
  without,
  notes,
}: Scheduled): ScheduleJson => ({
  from: from.toISOString(),
  to: to.toISOString(),
  account: account ?? null,
  timetables: timetables.map(({ fleet, ...timetable }) => ({
    ...timetableJson(timetable),
    fleet: fleet === undefined ? null : fleetJson(fleet),
  })),
  runtimes: runtimes.map(runtimeJson),
  without: [...without],
  notes: [...notes],
});

const runtimeJson = ({ policy, ...rule }: Scheduled['runtimes'][number]) => ({ policy, ...rule });

const nameOf = (schedule: Schedule): string => schedule.name ?? hoursText(schedule);

const timetableJson = ({ policies, hours, timezone, days, clocks, offInWeek }: Timetable) => ({
  policies: [...policies],
  schedules: hours.map((schedule) => ({
    name: schedule.name ?? null,
    hours: hoursText(schedule),
    timezone: schedule.timezone,
    holidays: schedule.holidays ?? null,
    do: schedule.do,
  })),
  timezone,
  days: days.map(dayJson),
  nextClocks: clocks.map(clocksJson),
  offHoursInWeek: Math.round(offInWeek / 36_000) / 100,
});

const dayJson = ({ date, isOpen, off, clocks, events }: TimetableDay) => ({
  date,
  open: isOpen,
  off: [...off],
  clocks: clocks.map(clocksJson),
  events: events.map(eventJson),
});

const clocksJson = ({ at, timezone, date, from, to }: ClockChange) => ({
  at: at.toISOString(),
  timezone,
  date,
  from,
  to,
});

function eventJson(event: TimetableEvent): z.infer<typeof EventJsonSchema> {
  const { at, local: wall, schedules } = event;
  const base = {
    at: at.toISOString(),
    local: `${wall.date}T${wall.time}${wall.offset}`,
    schedules: schedules.map(nameOf),
  };
  switch (event.kind) {
    case 'start':
      return { ...base, kind: 'start', of: event.opening.toISOString(), does: null };
    case 'opening':
      return {
        ...base,
        kind: 'opening',
        of: null,
        does: event.starts === 'nothing' ? 'nothing' : `start-${event.starts}`,
      };
    case 'warning':
      return { ...base, kind: 'warning', of: event.closing.toISOString(), does: null };
    case 'closing':
      return {
        ...base,
        kind: 'closing',
        of: null,
        does: !event.stops ? 'nothing' : event.scalesDown ? 'stop-and-scale-down' : 'stop',
      };
  }
}

const fleetJson = ({ savedAWeek, unpriced, resources }: ScheduledFleet) => ({
  savedAWeek: usdToDecimal(savedAWeek),
  unpriced,
  resources: resources.map(({ title: _, leftAlone, hourly, savedAWeek: saved, ...resource }) => ({
    ...resource,
    hourly: hourly === undefined ? null : usdToDecimal(hourly),
    savedAWeek: usdToDecimal(saved),
    leftAlone: leftAlone ?? null,
  })),
});
