import type { ContextBlock, HeaderBlock, MrkdwnElement, SectionBlock } from '@slack/types';
import { atMinute } from '../decide/sentences.ts';
import type { Alert, AlertItem } from '../types/alert.ts';
import { clean, cut, cutLines, oneLine } from './characters.ts';
import { causeOf, formatCost, mostTellingFirst, shared, statusWord, stoppedOf } from './figures.ts';

/** What an incoming webhook takes: a line for notifications and the blocks of the message itself. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}
export type SlackBlock = HeaderBlock | SectionBlock | ContextBlock;

/*
 * Limits of Block Kit. Source: Slack's reference of the header and section blocks and of text objects:
 * 150 characters in a header, 3,000 in the text of a section, 2,000 in a field, 10 fields, 50 blocks.
 */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const FIELD_MAX = 2_000;
const FALLBACK_MAX = 1_000;
/** Resources that are named; more of them would hide what matters, and the e-mail names all. */
const ITEMS_SHOWN = 10;
/** One resource's lines: ten of them fill at most four sections. */
const ITEM_MAX = 1_000;
const WORD_MAX = 100;

/**
 * An alert in Block Kit: what happened, whose it is, what it costs, why, to which resources, and what comes next.
 * No text of a tag or a message can mention people, format the message or break its limits.
 */
export function toSlack(alert: Alert): SlackMessage {
  const items = mostTellingFirst(alert.items);
  const blocks: SlackBlock[] = [
    header(alert),
    { type: 'section', fields: fields(alert).map((text) => mrkdwn(text)) },
    section(`*Why*\n${escaped(alert.reason, SECTION_MAX - 10)}`),
    ...itemSections(items),
    section(`*What happens next*\n${linked(cutLines(clean(alert.next), SECTION_MAX - 500))}`),
    {
      type: 'context',
      elements: [mrkdwn(`Bursar · ${atMinute(new Date(alert.at))} · ${escaped(alert.id, 300)}`)],
    },
  ];
  return { text: escaped(oneLine(`${MARKS[alert.severity]} ${alert.title}`), FALLBACK_MAX), blocks };
}

const MARKS: Readonly<Record<Alert['severity'], string>> = { info: 'ℹ️', warning: '⚠️', critical: '🚨' };
const STATUS_MARKS: Readonly<Record<AlertItem['status'], string>> = {
  taken: '✅',
  skipped: '⏭️',
  failed: '❌',
  none: '•',
};

const header = (alert: Alert): HeaderBlock => ({
  type: 'header',
  text: {
    type: 'plain_text',
    text: escaped(oneLine(`${MARKS[alert.severity]} ${alert.title}`), HEADER_MAX),
    emoji: false,
  },
});

/** `verbatim`: Slack must not turn names and addresses in the text into links and mentions by itself. */
const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string): SectionBlock => ({ type: 'section', text: mrkdwn(text) });

/** Source: Slack's guide to formatting, "Escaping text": these three characters and no others. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const entity = (character: string): string => ENTITIES[character] ?? character;

const escaped = (text: string, max: number): string => cut(clean(text), max, entity);
const word = (text: string): string => escaped(oneLine(text), WORD_MAX);
/** A backtick inside would end the code. */
const code = (text: string): string => `\`${word(text.replaceAll('`', "'"))}\``;

/** Escaped text in which `https` addresses can be followed. Only for text that Bursar words itself. */
function linked(text: string): string {
  const whole = escaped(text, SECTION_MAX - 400);
  return whole.replace(/https:\/\/[^\s`|<>]+[^\s`|<>.,;]/g, (address) => `<${address}>`);
}

function fields(alert: Alert): readonly string[] {
  const cost = formatCost(alert.items);
  const rule = shared(alert.items, (item) => item.rule);
  const saved = formatCost(stoppedOf(alert.items));
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['Project', alert.project],
    ['Owner', alert.owner],
    ...(saved === undefined ? [['Cost', cost] as const] : [['Saved', saved] as const]),
    ['Account', alert.account],
    ['Region', shared(alert.items, (item) => item.region)],
    ['Rule', rule],
  ];
  return pairs.flatMap(([title, value]) =>
    value === undefined || oneLine(value) === '' ? [] : [cut(`*${title}*\n${word(value)}`, FIELD_MAX)],
  );
}

function itemSections(items: readonly AlertItem[]): readonly SectionBlock[] {
  if (items.length === 0) return [];
  const differ = {
    reason: shared(items, (item) => item.reason) === undefined,
    rule: shared(items, (item) => item.rule) === undefined,
    region: shared(items, (item) => item.region) === undefined,
  };
  const lines = items.slice(0, ITEMS_SHOWN).map((item) => itemLines(item, differ));
  const left = items.slice(ITEMS_SHOWN);
  if (left.length > 0) lines.push(`_…and ${left.length} more: ${summary(left)}._`);
  return packed(lines).map((text) => section(text));
}

/** `8 stopped, $12.07/h`. */
function summary(items: readonly AlertItem[]): string {
  const words = Map.groupBy(items, statusWord);
  return `${[...words].map(([status, some]) => `${some.length} ${status}`).join(', ')}, ${formatCost(items)}`;
}

/** One resource; what all have in common is said above the list. */
function itemLines(item: AlertItem, differ: Readonly<Record<'reason' | 'rule' | 'region', boolean>>): string {
  const head = [
    code(item.id),
    word(item.size),
    formatCost([item]) ?? '',
    differ.region ? word(item.region) : '',
    word(item.owner ?? ''),
  ].filter((part) => part !== '');
  const below = [
    escaped(oneLine(causeOf(item)), 250),
    differ.reason ? escaped(oneLine(item.reason), 250) : '',
    differ.rule ? `Rule: ${word(item.rule)}` : '',
  ].filter((line) => line !== '');
  const status = `${STATUS_MARKS[item.status]} *${statusWord(item)}*`;
  return cutLines(
    [`${status}  ${head.join(' · ')}`, ...below.map((line) => `    ${line}`)].join('\n'),
    ITEM_MAX,
  );
}

/** Joins texts into as few sections as their limit allows. */
function packed(texts: readonly string[]): readonly string[] {
  const sections: string[] = [];
  for (const text of texts) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= SECTION_MAX) {
      sections[sections.length - 1] = `${last}\n${text}`;
    } else sections.push(text);
  }
  return sections;
}
