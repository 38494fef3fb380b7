import { printable } from '../policy/words.ts';

/** Markup that is safe to be part of a page: only `html` makes it of text, and `trusted` of what Bursar itself drew. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

/** What may stand in the gaps of a template: text is escaped, markup is not, `undefined` and `false` are nothing. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/**
 * Markup of a template. What stands in its gaps is escaped, for text and for attributes in double quotes alike; gaps
 * may stand nowhere else.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += `${markup(part)}${strings[index + 1] ?? ''}`;
  return new Html(text);
}

/** Markup that holds nothing from outside, or only what is escaped already. */
export const trusted = (text: string): Html => new Html(text);

/** Text from outside as it stands on a page: on one line, control and invisible characters made visible. */
export const escapeText = (text: string): string =>
  plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** Text from outside before it is escaped, for what escapes it itself. */
export const plain = (text: string): string => printable(text.replace(/\s+/g, ' '));

function markup(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  if (part instanceof Html) return part.toString();
  return part.map(markup).join('');
}

/** A name from outside: its own direction of writing does not turn what stands beside it. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`;
