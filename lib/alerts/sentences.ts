import type { AlertItem } from '../types/alert.ts';

/** Joins sentences; empty ones are left out. */
export const sentences = (...some: readonly string[]): string =>
  some.filter((sentence) => sentence !== '').join(' ');

/** Between two sentences; a decimal point or an abbreviation is followed by no capital. */
const BETWEEN = /(?<=\.) (?=[A-Z])/;

/**
 * Takes the closing sentences that all items share out of their reasons, so that they are said once. What is
 * left are each one's own figures. Where the reasons are wholly the same, they are left as they are.
 */
export function hoistSentences(items: readonly AlertItem[]): {
  readonly said: string;
  readonly items: readonly AlertItem[];
} {
  const reasons = items.map(({ reason }) => reason.split(BETWEEN));
  const [first = []] = reasons;
  if (reasons.every((reason) => reason.join(' ') === first.join(' '))) {
    return { said: first.join(' '), items };
  }
  const shortest = Math.min(...reasons.map(({ length }) => length));
  let count = 0;
  while (count < shortest - 1 && reasons.every((reason) => reason.at(-1 - count) === first.at(-1 - count))) {
    count += 1;
  }
  return {
    said: first.slice(first.length - count).join(' '),
    items: items.map((item, n) => ({
      ...item,
      reason: (reasons[n] ?? []).slice(0, (reasons[n]?.length ?? 0) - count).join(' '),
    })),
  };
}
