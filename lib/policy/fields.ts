import * as z from 'zod';
import { FORMS, moneyMend, percentMend, toPercent, toSeconds, toUsd } from './forms.ts';
import { kindOf, show, unknownKey, useOneOf, wrong } from './words.ts';

/*
 * The fields that the files people write are made of. Messages are "what. mend."; those of an unknown-keys issue are
 * one line a key.
 */

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** A mapping with these keys and no others. */
export const mapping = <Shape extends z.ZodRawShape>(what: string, shape: Shape) =>
  z.strictObject(shape, { error: (issue) => mappingMessage(what, Object.keys(shape), issue) });

export function mappingMessage(what: string, keys: readonly string[], issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, keys)).join('\n');
  return notMapping(what, `Give it some of these keys: ${keys.join(', ')}.`)(issue);
}

export const notMapping =
  (what: string, mend: string) =>
  ({ input }: { readonly input?: unknown }): string => {
    if (input === undefined) return `${what} is missing. ${mend}`;
    return input === null
      ? `${what} is empty. ${mend}`
      : `${what} must be a mapping, not ${typeof input === 'string' ? show(input) : kindOf(input)}. ${mend}`;
  };

/** A text in one of the `FORMS`. */
export const written = (
  name: string,
  form: RegExp,
  what: string,
  mend: string | ((input: unknown) => string),
) => {
  const error = wrong(name, what, mend);
  return z.string({ error }).regex(form, { error });
};

export const QUOTE = 'Put quotes around it.';

/** Free text. YAML reads `1234` and `true` as a number and a truth value: they need quotes. */
export const text = (name: string, mend: string) =>
  z
    .string({
      error: wrong(name, 'text', (input) =>
        typeof input === 'object' || input === undefined ? mend : QUOTE,
      ),
    })
    .min(1, { error: `\`${name}\` is empty. ${mend}` });

export const choice = <const Options extends readonly [string, ...string[]]>(
  name: string,
  what: string,
  options: Options,
) => z.enum(options, { error: wrong(name, what, (input) => useOneOf(input, options)) });

export const DURATION_MEND = 'Write a whole number and its unit, such as 30m, 24h or 2d.';

/** Output in seconds. */
export const duration = (name: string, least: string, most: string, whyLeast = '') =>
  written(name, FORMS.duration, 'a duration', DURATION_MEND)
    .transform((input) => ({ input, seconds: toSeconds(input) }))
    .superRefine(({ input, seconds }, context) => {
      if (seconds >= toSeconds(least) && seconds <= toSeconds(most)) return;
      const side = seconds < toSeconds(least) ? `shorter than ${least}${whyLeast}` : `longer than ${most}`;
      context.addIssue(`\`${name}: ${input}\` is ${side}. Write a duration from ${least} to ${most}.`);
    })
    .transform(({ seconds }) => seconds);

/** Output in percent. */
export const percent = (name: string, least: number, most: number) =>
  written(name, FORMS.percent, 'a percentage', percentMend)
    .transform(toPercent)
    .refine((value) => value >= least && value <= most, {
      error: ({ input }) =>
        `\`${name}: ${kindOf(input)}%\` is out of range. Write a percentage from ${least}% to ${most}%.`,
    });

export const wholeNumber = (name: string, least: number, most: number) => {
  const error = wrong(name, 'a whole number in range', `Write a whole number from ${least} to ${most}.`);
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};

/** A list without repetitions. */
export const list = <Item extends z.ZodType<string>>(name: string, item: Item, mend: string) =>
  z
    .array(item, { error: wrong(name, 'a list', mend) })
    .min(1, { error: `\`${name}\` is an empty list. ${mend}` })
    .superRefine((items, context) => {
      for (const [index, value] of items.entries()) {
        if (items.indexOf(value) === index) continue;
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `${show(value)} stands twice in \`${name}\`. Keep one.`,
        });
      }
    })
    .meta({ uniqueItems: true });

/** US dollars above 0. */
export const amount = (name: string, zero: string) =>
  written(name, FORMS.money, 'an amount', moneyMend)
    .transform(toUsd)
    .refine((usd) => usd > 0n, { error: `${zero} Write a larger amount, or remove \`${name}\`.` });

export const region = written('a region', FORMS.region, 'an AWS region', (input) =>
  typeof input === 'string' && FORMS.region.test(input.slice(0, -1))
    ? `That is a zone: write ${input.slice(0, -1)}.`
    : 'Write its code, such as us-east-1.',
).meta({ examples: ['us-east-1', 'eu-west-1'] });

export const onOff = (name: string) =>
  z
    .union([z.boolean(), z.literal('on'), z.literal('off')], {
      error: wrong(name, 'on or off', 'Write on or off.'),
    })
    .transform((value) => value === true || value === 'on');

/** The name of a time zone; `describe` it where it stands. */
export const timezone = z
  .string({ error: wrong('timezone', 'a time zone', 'Write its IANA name, such as Europe/Berlin.') })
  .refine((name) => isTimezone(name), {
    error: ({ input }) => `${show(input)} is not a time zone. Write its IANA name, such as Europe/Berlin.`,
  })
  .meta({
    examples: ['UTC', 'Europe/Berlin', 'America/New_York'],
  });

function isTimezone(name: string): boolean {
  try {
    // Offsets such as +01:00 are taken too, but know no summer time: names alone.
    return /^[A-Za-z]/.test(name) && Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
