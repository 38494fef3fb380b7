import type { AlertLink } from '../types/alert.ts';
import { clean, cut, oneLine } from './characters.ts';

/*
 * Text of Slack messages. No text of a tag, a name or a message can mention people, format the message or break
 * its limits.
 */

const WORD_MAX = 100;

/** Source: Slack's guide to formatting, "Escaping text": these three characters and no others. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
export const entity = (character: string): string => ENTITIES[character] ?? character;

/** At most `max` UTF-16 units of text in which nothing is markup of Slack's own. */
export const escaped = (text: string, max: number): string => cut(clean(text), max, entity);
/** A name or a figure, in one line. */
export const word = (text: string): string => escaped(oneLine(text), WORD_MAX);
/** A backtick inside would end the code. */
export const code = (text: string, max = WORD_MAX): string =>
  `\`${escaped(oneLine(text.replaceAll('`', "'")), max)}\``;

/** Escaped text in which `https` addresses can be followed. Only for text that Bursar words itself. */
export function linked(text: string, max: number): string {
  return escaped(text, max).replace(/https:\/\/[^\s`|<>]+[^\s`|<>.,;]/g, (address) => `<${address}>`);
}

/** A title that leads somewhere: `<https://…|The report of November 2026>`. */
export const linkText = ({ title, url }: AlertLink): string =>
  `<${url.replaceAll('&', '&amp;')}|${word(title.replaceAll('|', ' '))}>`;
