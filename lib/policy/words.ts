import { nearest } from './nearest.ts';

const MAX_SHOWN = 40;

/** A value from the file as a message quotes it: on one line, short, and without terminal control characters. */
export function show(value: unknown): string {
  if (typeof value !== 'string') return kindOf(value);
  const short = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
  return `"${printable(short.replaceAll('"', '\\"'))}"`;
}

/** Makes control and other invisible characters visible, as `\u{…}`. */
export const printable = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`);

/** What a value is, for people: `a list`, `a mapping`, `42`. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' ? 'a mapping' : String(value);
}

/** `a`, `a or b`, `a, b or c`. */
export function either(options: readonly string[]): string {
  const last = options.at(-1) ?? '';
  return options.length < 2 ? last : `${options.slice(0, -1).join(', ')} or ${last}`;
}

/** The mend for a word that is not one of the allowed ones. */
export function useOneOf(input: unknown, options: readonly string[]): string {
  const meant = typeof input === 'string' ? nearest(input, options) : undefined;
  return `${meant === undefined ? '' : `Did you mean ${meant}? `}Use ${either(options)}.`;
}

/** True of `000 USD`, the key that YAML makes of the end of `{ budget: 4,000 USD }`. */
export const isCutAmount = (key: string): boolean => /^[\d,.]+ USD$/.test(key);

/** The message for a key that is none of those known in its place. */
export function unknownKey(key: string, known: readonly string[]): string {
  if (isCutAmount(key)) {
    return `${show(key)} is no key: the comma before it cut an amount in two. Write amounts without commas, such as 4000 USD.`;
  }
  const meant = nearest(key, known);
  const mend =
    meant === undefined
      ? `Remove it, or use one of these: ${known.join(', ')}.`
      : `Did you mean ${show(meant)}?`;
  return `Unknown key ${show(key)}. ${mend}`;
}

/**
 * The message for a value of the wrong form.
 * @param name the key, for when there is no value at all
 * @param form what it should be, with its article: `a duration`
 * @param mend a whole sentence, or how to make it of the value found
 */
export function wrong(name: string, form: string, mend: string | ((input: unknown) => string)) {
  return ({ input }: { readonly input?: unknown }): string => {
    const advice = typeof mend === 'string' ? mend : mend(input);
    if (input === undefined) return `\`${name}\` is missing. ${advice}`;
    if (input === null) return `\`${name}\` is empty. ${advice}`;
    if (typeof input === 'object') return `\`${name}\` must be ${form}, not ${kindOf(input)}. ${advice}`;
    return `${show(input)} is not ${form}. ${advice}`;
  };
}
