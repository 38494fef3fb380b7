/**
 * Text that came from tags, messages or AWS, made safe to show: lone surrogates, control characters and
 * bidirectional overrides (which could make a line read as another) are replaced. Line feeds stay.
 */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(/[\u2028\u2029]|(?!\n)\p{Cc}/gu, ' ')
    .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '');

/** The same in one line. */
export const oneLine = (text: string): string => clean(text).replace(/\s+/gu, ' ').trim();

const asItIs = (text: string): string => text;

/**
 * At most `max` UTF-16 units, cut between code points, with an ellipsis where something is cut. `encode` is
 * applied to each code point first and counts with its result, so that no entity is ever cut in two.
 */
export function cut(text: string, max: number, encode: (character: string) => string = asItIs): string {
  if (encode === asItIs && text.length <= max) return text;
  let result = '';
  /** Where the text must end if what follows does not fit: room for the ellipsis. */
  let fallback = '';
  for (const character of text) {
    const next = result + encode(character);
    if (next.length > max) return `${fallback}…`;
    result = next;
    if (result.length <= max - 1) fallback = result;
  }
  return result;
}

/**
 * At most `max` UTF-16 units, in whole lines where possible: a command that is cut in the middle would do
 * something else than it says.
 */
export function cutLines(text: string, max: number, more = '…'): string {
  if (text.length <= max) return text;
  const kept: string[] = [];
  let room = max - more.length - 1;
  for (const line of text.split('\n')) {
    if (line.length + 1 > room) break;
    kept.push(line);
    room -= line.length + 1;
  }
  return kept.length === 0 ? cut(text, max) : [...kept, more].join('\n');
}
