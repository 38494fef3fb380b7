import { atMinute } from '../decide/sentences.ts';
import type { Alert, AlertItem } from '../types/alert.ts';
import { costOver, formatUsd, parseUsd } from '../types/money.ts';
import { cutLines, oneLine } from './characters.ts';
import { mostTellingFirst, statusWord } from './figures.ts';
import { code, escaped, word } from './mrkdwn.ts';

/** Slack shows no longer text in one piece. */
const DETAILS_MAX = 3_000;
const HOUR_MS = 3_600_000;
/** A month as AWS counts it in its price examples. */
const MONTH_HOURS = 730;

/**
 * Everything that an alert knows of its resources, or of one of them, for whoever asks: mrkdwn, at most 3,000
 * characters. Resources that do not fit are counted.
 * @param index of the item in the alert; absent = all
 */
export function detailsText(alert: Alert, index?: number): string {
  const one = index === undefined ? undefined : alert.items[index];
  const items = one === undefined ? mostTellingFirst(alert.items) : [one];
  const head = [
    `*${escaped(oneLine(alert.title), 200)}*`,
    pair('Why', escaped(oneLine(alert.reason), 500)),
    pair('Alert', code(alert.id, 300)),
    pair('Account', word(alert.account)),
    pair('Project', word(alert.project ?? '')),
    pair('Held at', alert.heldAt === undefined ? '' : atMinute(new Date(alert.heldAt))),
  ];
  return joined(lines(head), items.map(itemText));
}

function itemText(item: AlertItem): string {
  const { owner = '', stopAt, code: error = '', detail = '', restorable } = item;
  return lines([
    `*${statusWord(item)}* ${code(item.id)}`,
    pair('ARN', code(item.arn, 400)),
    pair('Kind', [item.kind, item.size, item.region].map(word).filter(Boolean).join(' · ')),
    pair('Owner', word(owner)),
    pair('Cost', costText(item)),
    pair('Rule', word(item.rule)),
    pair('Found', escaped(oneLine(item.reason), 400)),
    pair('Stop at', stopAt === undefined ? '' : atMinute(new Date(stopAt))),
    pair('Asked for', item.status === 'failed' || item.status === 'skipped' ? item.requested : ''),
    pair('Code', word(error)),
    pair('Detail', escaped(oneLine(detail), 400)),
    pair('Restore', restorable === false ? 'not possible' : ''),
  ]);
}

function costText({ hourly }: AlertItem): string {
  const price = hourly === undefined ? undefined : parseUsd(hourly);
  if (price === undefined) return 'price unknown';
  const over = (hours: number): string => formatUsd(costOver(price, hours * HOUR_MS));
  return `${formatUsd(price)}/h, ${over(24)} a day, ${over(MONTH_HOURS)} a month`;
}

const pair = (name: string, value: string): string => (value === '' ? '' : `${name}: ${value}`);
const lines = (some: readonly string[]): string => some.filter((line) => line !== '').join('\n');

/** As many whole resources as there is room for. */
function joined(head: string, texts: readonly string[]): string {
  for (let shown = texts.length; shown > 1; shown -= 1) {
    const left = texts.length - shown;
    const more = left === 0 ? [] : [`_…and ${left} more_`];
    const whole = [head, ...texts.slice(0, shown), ...more].join('\n\n');
    if (whole.length <= DETAILS_MAX) return whole;
  }
  const more = texts.length > 1 ? `_…and ${texts.length - 1} more_` : '…';
  return cutLines([head, ...texts.slice(0, 1)].join('\n\n'), DETAILS_MAX - 100, more);
}
