/** Actions and verdicts that people should see first, in their words. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['stop', 'STOP'],
  ['warn', 'warn'],
  ['held', 'held back'],
  ['refused', 'refused today'],
  ['notify', 'tell'],
  ['restore', 'restore'],
  ['idle', 'idle'],
  ['exempt', 'exempt'],
  ['unknown', 'not known'],
  ['too-young', 'too young'],
  ['busy', 'busy'],
  ['within-budget', 'within budget'],
  ['no-policy', 'no policy'],
  ['not-running', 'not running'],
]);

const ORDER = [...WORDS.keys()];

/** An action, such as `stop`, or a verdict, such as `held`, for people. */
export const wordOf = (what: string): string => WORDS.get(what) ?? what;

/** The lower, the sooner people should see it. */
export function rankOf(what: string | undefined): number {
  const place = ORDER.indexOf(what ?? '');
  return place < 0 ? ORDER.length : place;
}
