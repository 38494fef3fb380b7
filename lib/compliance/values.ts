import { editDistance, nearest } from '../policy/nearest.ts';

/** `likely`: a guess, which a person must confirm. */
export type Confidence = 'sure' | 'likely';

/** An allowed value that another value most likely means. */
export interface Meant {
  readonly value: string;
  readonly confidence: Confidence;
  /** How the two differ, for people: `differs in case alone`. */
  readonly how: 'same' | 'case' | 'punctuation' | 'spelling' | 'abbreviation';
}

/** Alike but for upper case and spaces. */
export const fold = (text: string): string =>
  text.normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase();

/** Alike but for upper case and whatever is neither a letter nor a number. */
export const loose = (text: string): string => fold(text).replace(/[^\p{L}\p{N}]/gu, '');

/** Shorter ones would be abbreviations of too much. */
const MIN_ABBREVIATION = 3;

/**
 * The allowed value that `word` means; `undefined` where it may mean none, or several equally well. It is sure only
 * where they differ in upper case and spaces.
 * @param abbreviations whether `prod` and `production` mean each other
 */
export function meantBy(
  word: string,
  allowed: readonly string[],
  { abbreviations }: { readonly abbreviations: boolean },
): Meant | undefined {
  if (allowed.includes(word)) return { value: word, confidence: 'sure', how: 'same' };
  const bare = loose(word);
  if (bare === '') return undefined;
  const alike = (form: (text: string) => string): readonly string[] =>
    allowed.filter((value) => form(value) === form(word));
  const [byCase, ...moreByCase] = alike(fold);
  if (byCase !== undefined) {
    return moreByCase.length > 0 ? undefined : { value: byCase, confidence: 'sure', how: 'case' };
  }
  const [byLetters, ...moreByLetters] = alike(loose);
  if (byLetters !== undefined) {
    if (moreByLetters.length > 0) return undefined;
    return { value: byLetters, confidence: 'likely', how: 'punctuation' };
  }
  if (abbreviations && bare.length >= MIN_ABBREVIATION) {
    const [short, ...others] = allowed.filter((value) => abbreviates(bare, loose(value)));
    if (short !== undefined && others.length === 0) {
      return { value: short, confidence: 'likely', how: 'abbreviation' };
    }
  }
  const spelt = onlyNearest(word, allowed);
  return spelt === undefined ? undefined : { value: spelt, confidence: 'likely', how: 'spelling' };
}

const abbreviates = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) >= MIN_ABBREVIATION && (a.startsWith(b) || b.startsWith(a));

/** The nearest one, where no other is as near. */
function onlyNearest(word: string, allowed: readonly string[]): string | undefined {
  const best = nearest(word, allowed);
  if (best === undefined) return undefined;
  const second = nearest(
    word,
    allowed.filter((value) => value !== best),
  );
  const distance = (value: string): number => editDistance(word.toLowerCase(), value.toLowerCase());
  return second !== undefined && distance(second) === distance(best) ? undefined : best;
}

/**
 * What AWS takes as the value of a tag, whatever the service: up to 256 letters, numbers, spaces and `_ . : / = + - @`
 * (SageMaker API, `TagValue`; EC2 alone takes more).
 */
export const isTagValue = (value: string): boolean =>
  /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u.test(value) && value.trim() !== '';

/** Keys that AWS keeps for itself, in any case of letters. */
export const isReservedKey = (key: string): boolean => /^aws:/i.test(key);
