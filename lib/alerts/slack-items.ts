import type { Alert, AlertItem } from '../types/alert.ts';
import { cutLines, oneLine } from './characters.ts';
import { causeOf, formatCost, shared, statusWord, tellingOrder } from './figures.ts';
import { code, escaped, word } from './mrkdwn.ts';
import { SECTION_MAX, type SlackBlock, section } from './slack-blocks.ts';
import { actions, itemButtons, type View } from './slack-buttons.ts';

/** Resources that are named; more of them would hide what matters, and the e-mail names all. */
const ITEMS_SHOWN = 10;
/** One resource's lines: ten of them fill at most four sections. */
const ITEM_MAX = 1_000;

const STATUS_MARKS: Readonly<Record<AlertItem['status'], string>> = {
  taken: '✅',
  skipped: '⏭️',
  failed: '❌',
  none: '•',
};

/**
 * The resources of an alert, the most telling first. Where there are several and each may be answered for itself,
 * each has its own buttons under it; else they stand as close as they can.
 */
export function itemBlocks(alert: Alert, view: View): readonly SlackBlock[] {
  const { items } = alert;
  if (items.length === 0) return [];
  const differ = {
    reason: shared(items, (item) => item.reason) === undefined,
    rule: shared(items, (item) => item.rule) === undefined,
    region: shared(items, (item) => item.region) === undefined,
    stopAt: shared(items, (item) => item.stopAt ?? '') === undefined,
  };
  const ordered = tellingOrder(items);
  const shown = ordered.slice(0, ITEMS_SHOWN).map(([index, item]) => ({
    lines: itemLines(item, differ),
    buttons: items.length === 1 ? [] : itemButtons(alert, item, index, view),
  }));
  const left = ordered.slice(ITEMS_SHOWN).map(([, item]) => item);
  const more = left.length === 0 ? [] : [`_…and ${left.length} more: ${summary(left)}._`];
  if (shown.every(({ buttons }) => buttons.length === 0)) {
    return packed([...shown.map(({ lines }) => lines), ...more]).map((text) => section(text));
  }
  return [
    ...shown.flatMap(({ lines, buttons }) =>
      buttons.length === 1 ? [section(lines, buttons[0])] : [section(lines), ...actions(buttons)],
    ),
    ...more.map((text) => section(text)),
  ];
}

/** Lists that are longer hide what matters, and fill no more than four sections. */
const LINES_SHOWN = 30;
const LINE_MAX = 350;

/** The list that belongs to the reason, in as few sections as it fits. */
export function listBlocks(lines: readonly string[]): readonly SlackBlock[] {
  const shown = lines.slice(0, LINES_SHOWN).map((line) => `• ${escaped(oneLine(line), LINE_MAX)}`);
  const left = lines.length - shown.length;
  return packed([...shown, ...(left === 0 ? [] : [`_…and ${left} more._`])]).map((text) => section(text));
}

/** `8 stopped, $12.07/h`. */
function summary(items: readonly AlertItem[]): string {
  const words = Map.groupBy(items, statusWord);
  return `${[...words].map(([status, some]) => `${some.length} ${status}`).join(', ')}, ${formatCost(items)}`;
}

/** One resource; what all have in common is said above the list. */
function itemLines(
  item: AlertItem,
  differ: Readonly<Record<'reason' | 'rule' | 'region' | 'stopAt', boolean>>,
): string {
  const head = [
    code(item.id),
    word(item.size),
    formatCost([item]) ?? '',
    differ.region ? word(item.region) : '',
    word(item.owner ?? ''),
    differ.stopAt && item.stopAt !== undefined ? `stop at ${item.stopAt.slice(11, 16)} UTC` : '',
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
