import * as z from 'zod';
import { choice, list, mapping, timezone, written } from '../../policy/fields.ts';
import { FORMS, toBytesPerSecond, toPercent } from '../../policy/forms.ts';
import { useOneOf, wrong } from '../../policy/words.ts';
import { type ClockTime, type Moment, momentOrClock, span } from './moments.ts';

/*
 * What a resource does, as one writes it: a word, figures, a span of time, what repeats, or a list of such.
 */

export const USE_WORDS = ['idle', 'busy', 'no metrics'] as const;
export type UseWord = (typeof USE_WORDS)[number];

/** `none`: that metric is not published. What is absent is as of an idle one. */
export interface Figures {
  readonly cpu?: number | 'none' | undefined;
  readonly gpu?: number | 'none' | undefined;
  readonly network?: number | 'none' | undefined;
  readonly invocations?: number | 'none' | undefined;
  readonly connections?: number | 'none' | undefined;
}

export const FIGURES = ['cpu', 'gpu', 'network', 'invocations', 'connections'] as const;
export type Figure = (typeof FIGURES)[number];

/** A span of time in which something is done; open ends reach as far as the list or the scenario does. */
export interface SegmentForm {
  readonly form: 'segment';
  readonly from?: Moment | undefined;
  readonly to?: Moment | undefined;
  readonly use: UseForm;
}

/** What is done at certain times of certain days, and otherwise. */
export interface WeeklyForm {
  readonly form: 'weekly';
  /** 1 is Monday, 7 Sunday. */
  readonly days: ReadonlySet<number>;
  /** Minutes of the day; `to` at or before `from` is of the next day. */
  readonly from: number;
  readonly to: number;
  /** Absent = that of the policy. */
  readonly timezone?: string | undefined;
  readonly use: UseForm;
  readonly otherwise: UseForm;
}

/** What is done for so long, again and again, counted from where it begins. */
export interface PulseForm {
  readonly form: 'pulse';
  readonly everyMs: number;
  readonly forMs: number;
  readonly use: UseForm;
  readonly otherwise: UseForm;
}

export type UseForm =
  | { readonly form: 'word'; readonly word: UseWord }
  | { readonly form: 'figures'; readonly figures: Figures }
  | { readonly form: 'list'; readonly items: readonly UseForm[] }
  | SegmentForm
  | WeeklyForm
  | PulseForm;

const NONE_MEND = 'or none where that metric is not published';

const none = z.literal('none');

const percentFigure = (name: string, description: string) => {
  const error = wrong(name, 'a percentage', `Write a number from 0 to 100, ${NONE_MEND}.`);
  return z
    .union(
      [
        z.number({ error }).min(0, { error }).max(100, { error }),
        z
          .string({ error })
          .regex(FORMS.percent, { error })
          .transform(toPercent)
          .refine((value) => value <= 100, {
            error: `More than 100 %. Write a number from 0 to 100, ${NONE_MEND}.`,
          }),
        none,
      ],
      { error },
    )
    .optional()
    .meta({ description, examples: [2, '95%', 'none'] });
};

const countFigure = (name: string, description: string) => {
  const error = wrong(name, 'a count', `Write a number from 0 to 1000000, ${NONE_MEND}.`);
  return z
    .union([z.number({ error }).min(0, { error }).max(1_000_000, { error }), none], { error })
    .optional()
    .meta({ description, examples: [40, 'none'] });
};

const rateFigure = (name: string, description: string) => {
  const mend = `Write a number and its unit, such as 10 kB/s, ${NONE_MEND}.`;
  return z
    .union([written(name, FORMS.rate, 'a rate', mend).transform(toBytesPerSecond), none], {
      error: wrong(name, 'a rate', mend),
    })
    .optional()
    .meta({ description, examples: ['500 B/s', '1 MB/s', 'none'] });
};

/** 1 is Monday. */
const DAYS = {
  monday: [1],
  tuesday: [2],
  wednesday: [3],
  thursday: [4],
  friday: [5],
  saturday: [6],
  sunday: [7],
  weekdays: [1, 2, 3, 4, 5],
  weekends: [6, 7],
  day: [1, 2, 3, 4, 5, 6, 7],
} as const;

type DayWord = keyof typeof DAYS;
const DAY_WORDS = [
  'day',
  'weekdays',
  'weekends',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const satisfies readonly DayWord[];

const daysOf = (words: readonly DayWord[]): ReadonlySet<number> =>
  new Set(words.flatMap((word): readonly number[] => DAYS[word]));

const EVERY_MEND =
  'Use day, weekdays, weekends, a day such as monday, or a duration from 5m to 30d, such as 6h.';

/** A word; not `choice`, so that what is neither word nor duration is told as such. */
const dayWord = z
  .string()
  .regex(new RegExp(`^(?:${DAY_WORDS.join('|')})$`))
  .meta({ enum: DAY_WORDS });

const isDayWord = (word: string): word is DayWord => Object.hasOwn(DAYS, word);

const every = z
  .union(
    [
      dayWord.transform((word) => daysOf(isDayWord(word) ? [word] : [])),
      list('every', choice('every', 'a day', DAY_WORDS), 'List days, such as [monday, friday].').transform(
        daysOf,
      ),
      span('every', '5m', '30d'),
    ],
    {
      error: ({ input }) =>
        wrong('every', 'something that repeats', (value) =>
          typeof value === 'string' && /^[a-z]+$/i.test(value) ? useOneOf(value, DAY_WORDS) : EVERY_MEND,
        )({ input }),
    },
  )
  .optional()
  .meta({
    description:
      'On which days it repeats: day, weekdays, weekends, a day or a list of days. Or after how long, as of the beginning: 6h, with `for`.',
    examples: ['weekdays', ['monday', 'friday'], '6h'],
  });

const USE_MEND = 'Write idle, busy, no metrics, or figures such as { cpu: 2, gpu: 95 }.';

const useWord = choice('use', 'something that a resource does', USE_WORDS).transform(
  (word): UseForm => ({ form: 'word', word }),
);

/** Keys that say when, and what: they go with no figures. */
const WHEN = ['from', 'to', 'every', 'for', 'timezone', 'use', 'else'] as const;

const useMapping = mapping('`use`', {
  cpu: percentFigure('cpu', 'Percent of all cores.'),
  gpu: percentFigure('gpu', 'Percent of the busiest GPU.'),
  network: rateFigure('network', 'Traffic each way.'),
  invocations: countFigure('invocations', 'Requests to the endpoint in a minute.'),
  connections: countFigure('connections', 'Open connections of the database.'),
  every,
  from: momentOrClock('from')
    .optional()
    .meta({
      description:
        'When it begins: a time, or how long after the scenario begins. With `every`, the time of day. Absent = where the one before ends.',
      examples: ['2026-11-27T18:00Z', '+8h10m', '09:00'],
    }),
  to: momentOrClock('to')
    .optional()
    .meta({
      description: 'When it ends, written as `from`. Absent = where the next begins, or at the end.',
      examples: ['2026-11-30T09:00Z', '+20h', '18:00'],
    }),
  for: span('for', '1m', '30d')
    .optional()
    .meta({ description: 'How long it lasts, where `every` is a duration.', examples: ['20m'] }),
  timezone: timezone.optional().meta({
    description: 'Time zone of `from` and `to` with `every`; absent = that of the policy.',
    examples: ['UTC', 'Europe/Berlin', 'America/New_York'],
  }),
  get use() {
    return UseSchema.optional().describe('What it does then.');
  },
  get else() {
    return UseSchema.optional().describe('What it does at other times; absent = idle.');
  },
});

type UseMapping = Readonly<z.output<typeof useMapping>>;

const IDLE: UseForm = { form: 'word', word: 'idle' };
const BUSY: UseForm = { form: 'word', word: 'busy' };

const isClock = (time: Moment | ClockTime | undefined): time is ClockTime =>
  time !== undefined && 'minutes' in time;

/** The first mistake between the keys of a mapping of `use`. */
function mistakeIn(given: UseMapping): readonly [key: string, message: string] | undefined {
  const has = (key: keyof UseMapping): boolean => given[key] !== undefined;
  const figure = FIGURES.find(has);
  const when = WHEN.find(has);
  if (figure !== undefined && when !== undefined) {
    return [
      figure,
      `\`${figure}\` stands beside \`${when}\`. Put the figures under \`use\`: { ${when}: …, use: { ${figure}: … } }.`,
    ];
  }
  if (figure !== undefined) return undefined;
  if (typeof given.every === 'number') {
    if (given.for === undefined)
      return ['every', '`every` needs to know for how long. Add `for`, such as for: 20m.'];
    if (given.for >= given.every) return ['for', '`for` is as long as `every`. Write a shorter one.'];
    const clock = (['from', 'to', 'timezone'] as const).find(has);
    return clock === undefined
      ? undefined
      : [clock, `\`${clock}\` goes with days. Remove it, or write every: day.`];
  }
  if (has('for'))
    return [
      'for',
      '`for` goes with `every` and a duration. Write `to`, or { every: 6h, for: 20m, use: busy }.',
    ];
  if (given.every !== undefined) {
    const moment = (['from', 'to'] as const).find((key) => has(key) && !isClock(given[key]));
    if (moment !== undefined)
      return [
        moment,
        `With \`every\`, \`${moment}\` is a time of day. Write it such as "09:00", or put this use under one with from and to.`,
      ];
    return undefined;
  }
  const clock = (['from', 'to'] as const).find((key) => isClock(given[key]));
  if (clock !== undefined)
    return [
      clock,
      `A time of day repeats: say on which days. Add \`every\`, such as every: weekdays, or write a time such as 2026-11-27T18:00Z.`,
    ];
  const stray = (['timezone', 'else'] as const).find(has);
  if (stray !== undefined)
    return [stray, `\`${stray}\` goes with \`every\`. Add every: weekdays, or remove it.`];
  return has('use') ? undefined : ['', `It says not what is done. Add \`use\`, such as use: busy.`];
}

function toForm(given: UseMapping): UseForm {
  const { every: repeats, from, to, use = BUSY, else: otherwise = IDLE } = given;
  if (typeof repeats === 'number') {
    return { form: 'pulse', everyMs: repeats, forMs: given.for ?? repeats, use, otherwise };
  }
  if (repeats !== undefined) {
    return {
      form: 'weekly',
      days: repeats,
      from: isClock(from) ? from.minutes : 0,
      to: isClock(to) ? to.minutes : 1_440,
      timezone: given.timezone,
      use,
      otherwise,
    };
  }
  if (FIGURES.some((key) => given[key] !== undefined)) return { form: 'figures', figures: given };
  return {
    form: 'segment',
    from: isClock(from) ? undefined : from,
    to: isClock(to) ? undefined : to,
    use,
  };
}

export const UseSchema: z.ZodType<UseForm> = z
  .lazy(() =>
    z.union(
      [
        useWord,
        useMapping
          .superRefine((given, context) => {
            // What has another mistake in it may mean something else.
            if (context.issues.length > 0) return;
            const [key, message] = mistakeIn(given) ?? [];
            if (key === undefined || message === undefined) return;
            context.addIssue({ code: 'custom', path: key === '' ? [] : [key], message });
          })
          .transform(toForm),
        z
          .array(UseSchema)
          .min(1, { error: `This list is empty. ${USE_MEND}` })
          .transform((items): UseForm => ({ form: 'list', items })),
      ],
      {
        error: wrong('use', 'something that a resource does', (input) =>
          typeof input === 'string' ? useOneOf(input, USE_WORDS) : USE_MEND,
        ),
      },
    ),
  )
  .meta({
    id: 'Use',
    title: 'Use',
    description:
      'What it does: idle, busy, no metrics, figures, a span of time with from and to, what repeats with every, or a list of these in the order of time. What no item of a list covers is idle.',
    examples: [
      'busy',
      { cpu: 2, gpu: 95 },
      { every: 'weekdays', from: '09:00', to: '18:00', timezone: 'Europe/Berlin', use: 'busy' },
      [
        { to: '+8h10m', use: 'busy' },
        { from: '+8h39m', to: '+8h40m', use: 'busy' },
      ],
    ],
  });
