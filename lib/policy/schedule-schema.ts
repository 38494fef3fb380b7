import * as z from 'zod';
import { choice, duration, list, mapping, notMapping, text, timezone, written } from './fields.ts';
import { FORMS } from './forms.ts';
import { isHolidayPlace, statesOf } from './holidays.ts';
import type { ClosedSpan, DaySpan } from './schedule.ts';
import { show, wrong } from './words.ts';

/** The form of `schedules`, and of `hours` and `maxRuntime` of a policy. */

const DAY_MINUTES = 1_440;
const SPAN_MEND = 'Write a span of hours such as "08:00-19:00", a list of them, or off.';

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function toSpan(text: string): DaySpan {
  const [from, to] = [minutes(text.slice(0, 5)), minutes(text.slice(6))];
  return { from, to: to > from ? to : to + DAY_MINUTES };
}

const span = (name: string) =>
  written(name, FORMS.hours, 'a span of hours', SPAN_MEND)
    .refine((text) => text.slice(0, 5) !== text.slice(6), {
      error: ({ input }) =>
        `${show(input)} begins where it ends. Write "00:00-24:00" for a whole day, or off.`,
    })
    .transform(toSpan);

const spans = (name: string, description: string) =>
  z
    .union(
      [
        // YAML 1.1 tools and many habits make `off` a truth value.
        z.literal(['off', false]).transform((): readonly DaySpan[] => []),
        span(name).transform((one): readonly DaySpan[] => [one]),
        z.array(span(name)).min(1, { error: `\`${name}\` is an empty list. ${SPAN_MEND}` }),
      ],
      { error: wrong(name, 'a span of hours', SPAN_MEND) },
    )
    .optional()
    .meta({ description, examples: ['08:00-19:00', ['08:00-12:00', '13:00-18:00'], '22:00-06:00'] });

const CLOSED_MEND = 'Write a date such as 2026-12-24, or "2026-12-24..2027-01-01".';

function toClosed(text: string): ClosedSpan {
  const [from = text, to = from] = text.split('..');
  return { from, to };
}

const closedDays = written('a closed day', FORMS.days, 'a date', CLOSED_MEND).refine(
  (text) => {
    const { from, to } = toClosed(text);
    return [from, to].every((day) => z.iso.date().safeParse(day).success) && from <= to;
  },
  { error: ({ input }) => `${show(input)} is no span of days of the calendar. ${CLOSED_MEND}` },
);

const HOLIDAYS_MEND = 'Write a country, or a country and its state, such as DE or DE-BE.';

const holidays = z.string({ error: wrong('holidays', 'a place', HOLIDAYS_MEND) }).refine(isHolidayPlace, {
  error: ({ input }) => {
    const country = String(input).slice(0, 2);
    const states = statesOf(country);
    const known = states.length === 0 ? '' : ` ${country} has ${states.join(', ')}.`;
    return `${show(input)} is no place whose public holidays are known.${known} ${HOLIDAYS_MEND}`;
  },
});

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const NO_DAYS =
  'It has no hours. Give it `daily`, `weekdays`, `weekends` or a day, such as weekdays: "08:00-19:00".';

/** How long what somebody starts outside hours runs; `undefined` = to the next closing. */
const manualStart = z
  .union(
    [
      z.literal('keep').transform(() => undefined),
      z.literal('stop').transform(() => 0),
      duration('manualStart', '5m', '14d'),
    ],
    {
      error: wrong(
        'manualStart',
        'what becomes of a manual start',
        'Write keep (to the next closing), stop, or a duration such as 4h.',
      ),
    },
  )
  .optional()
  .meta({
    description:
      'What becomes of what somebody starts outside hours. keep: it runs to the next closing. stop: it is stopped at once. A duration: it runs for so long.',
    examples: ['keep', 'stop', '4h'],
  });

export const ScheduleSchema = mapping('A schedule', {
  daily: spans('daily', 'Hours of every day.'),
  weekdays: spans('weekdays', 'Hours from Monday to Friday, instead of `daily`.'),
  weekends: spans('weekends', 'Hours of Saturday and Sunday, instead of `daily`.'),
  monday: spans('monday', 'Hours of Monday, instead of the others; so of each day.'),
  tuesday: spans('tuesday', 'Hours of Tuesday.'),
  wednesday: spans('wednesday', 'Hours of Wednesday.'),
  thursday: spans('thursday', 'Hours of Thursday.'),
  friday: spans('friday', 'Hours of Friday.'),
  saturday: spans('saturday', 'Hours of Saturday.'),
  sunday: spans('sunday', 'Hours of Sunday.'),
  timezone: timezone.optional().describe('Time zone of the hours; absent = that of the policy file.'),
  holidays: holidays
    .optional()
    .meta({ description: 'On public holidays of this place no span begins.', examples: ['DE-BE', 'US'] }),
  closed: list('closed', closedDays, 'List dates, such as [2026-12-24, "2026-12-27..2026-12-31"].')
    .optional()
    .describe('Days on which no span begins.'),
  do: choice('do', 'something to do by a schedule', ['start-and-stop', 'stop', 'start'])
    .prefault('start-and-stop')
    .describe('stop: only stop at closing. start: only start at opening.'),
  starts: choice('starts', 'something to start', ['its-own', 'all'])
    .optional()
    .describe(
      'its-own: an opening starts what a closing stopped. all: it starts everything of the policy that is stopped, but what Bursar stopped for another reason. Absent = its-own, and all with do: start.',
    ),
  manualStart,
  startAhead: duration('startAhead', '0s', '4h')
    .prefault('0s')
    .meta({ description: 'How long before opening it is started, to be ready then.', examples: ['10m'] }),
  warn: duration('warn', '0s', '4h')
    .prefault('0s')
    .meta({ description: 'How long before closing people are told; 0s = they are not.', examples: ['15m'] }),
  endpoints: choice('endpoints', 'something to do to an endpoint', ['shut-down', 'scale-down'])
    .prefault('shut-down')
    .describe(
      'shut-down: in the kind’s own way. scale-down: to the fewest instances that each variant can serve with.',
    ),
})
  .refine(
    (schedule) => ['daily', 'weekdays', 'weekends', ...DAYS].some((key) => Object.hasOwn(schedule, key)),
    {
      when: ({ issues }) => issues.length === 0,
      error: NO_DAYS,
    },
  )
  .superRefine((schedule, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (schedule.do === 'start') {
      if (schedule.starts === 'its-own') {
        refuse(
          'starts',
          'With `do: start` nothing is stopped, so there is nothing of its own. Remove `starts`.',
        );
      }
      if (schedule.warn > 0)
        refuse('warn', '`warn` announces a stop, and `do: start` stops nothing. Remove it.');
      if (schedule.manualStart !== undefined) {
        refuse('manualStart', '`do: start` stops nothing, so a manual start goes on. Remove `manualStart`.');
      }
    }
    if (schedule.do === 'stop') {
      if (schedule.starts !== undefined) refuse('starts', '`do: stop` starts nothing. Remove `starts`.');
      if (schedule.startAhead > 0) refuse('startAhead', '`do: stop` starts nothing. Remove `startAhead`.');
    }
  })
  .transform(
    ({
      daily,
      weekdays,
      weekends,
      startAhead,
      warn,
      manualStart: seconds,
      starts,
      closed = [],
      ...rest
    }) => ({
      week: DAYS.map((day, index) => rest[day] ?? (index < 5 ? weekdays : weekends) ?? daily ?? []),
      ...(rest.timezone === undefined ? {} : { timezone: rest.timezone }),
      ...(rest.holidays === undefined ? {} : { holidays: rest.holidays }),
      closed: closed.map(toClosed),
      do: rest.do,
      starts: starts ?? (rest.do === 'start' ? ('all' as const) : ('its-own' as const)),
      ...(seconds === undefined ? {} : { manualStartSeconds: seconds }),
      startAheadSeconds: startAhead,
      warnSeconds: warn,
      endpoints: rest.endpoints,
    }),
  )
  .meta({ title: 'Schedule', description: 'When resources run, by the clock on the wall of a place.' });

const SCHEDULES_MEND = 'Write a line for each, such as office: { weekdays: "08:00-19:00" }.';

export const SchedulesSchema = z
  .record(
    z.string().regex(FORMS.name, {
      error: ({ input }) => `${show(input)} cannot be a schedule's name. Use up to 100 visible characters.`,
    }),
    ScheduleSchema,
    { error: notMapping('`schedules`', SCHEDULES_MEND) },
  )
  .meta({ title: 'Schedules', description: 'Hours by name, for policies to share.' });

const HOURS_MEND =
  'Write the name of a schedule, hours such as { weekdays: "08:00-19:00" }, or a list of these.';

const oneOfHours = z.union([text('hours', HOURS_MEND), ScheduleSchema], {
  error: wrong('hours', 'hours', HOURS_MEND),
});

export const HoursSchema = z
  .union(
    [
      oneOfHours.transform((one): readonly z.output<typeof oneOfHours>[] => [one]),
      z.array(oneOfHours).min(1, { error: `\`hours\` is an empty list. ${HOURS_MEND}` }),
    ],
    { error: wrong('hours', 'hours', HOURS_MEND) },
  )
  .meta({
    description:
      'When its resources run: names of `schedules`, or hours of its own. Of several it runs where any is open.',
    examples: ['office', { weekdays: '08:00-19:00', timezone: 'Europe/Berlin', holidays: 'DE-BE' }],
  });

const runtime = duration('maxRuntime', '15m', '90d');

const RuntimeRuleSchema = mapping('`maxRuntime`', {
  after: duration('after', '15m', '90d').meta({
    description: 'How long a resource may run from its start on.',
    examples: ['12h'],
  }),
  warn: duration('warn', '0s', '1d')
    .prefault('0s')
    .meta({ description: 'How long before the stop people are told, within `after`.', examples: ['30m'] }),
  do: choice('do', 'something to do about a long run', ['stop', 'notify'])
    .prefault('stop')
    .describe('stop: in the kind’s own way. notify: tell people.'),
})
  .superRefine(({ after, warn, do: action }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['warn'], message });
    if (warn === 0) return;
    if (action === 'notify') {
      refuse('`warn` announces a stop, and `do: notify` stops nothing. Remove `warn`, or write do: stop.');
    } else if (warn >= after) {
      refuse('`warn` lies within `after`, and is as long or longer. Write a shorter `warn`.');
    }
  })
  .transform(({ after, warn, do: action }) => ({ afterSeconds: after, warnSeconds: warn, do: action }));

export const MaxRuntimeSchema = z
  .union(
    [
      runtime.transform((afterSeconds) => ({ afterSeconds, warnSeconds: 0, do: 'stop' as const })),
      RuntimeRuleSchema,
    ],
    {
      error: wrong(
        'maxRuntime',
        'a longest runtime',
        'Write a duration such as 12h, or { after: 12h, warn: 30m }.',
      ),
    },
  )
  .meta({
    description: 'How long a resource may run from its start on; absent = as long as it likes.',
    examples: ['12h', { after: '12h', warn: '30m', do: 'stop' }],
  });
