import { atMinute } from '../decide/sentences.ts';
import type { Alert, AlertItem } from '../types/alert.ts';
import { clean, cut, oneLine } from './characters.ts';
import { answerLines } from './commands.ts';
import { causeOf, formatCost, mostTellingFirst, shared, statusWord, stoppedOf } from './figures.ts';

/** Source: SNS Publish, `Subject`: ASCII that begins with a letter, number or punctuation mark, under 101 characters. */
const SUBJECT_MAX = 100;
/** Mail programs show this many columns without breaking lines of their own accord. */
const COLUMNS = 78;

/** The subject of an e-mail: one line of at most 100 printable ASCII characters. */
export function toSubject(alert: Alert): string {
  const ascii = oneLine(`[Bursar] ${alert.title}`)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7E]/gu, '?');
  return ascii.length <= SUBJECT_MAX ? ascii : `${ascii.slice(0, SUBJECT_MAX - 3)}...`;
}

/** The body of an e-mail: plain text with every resource. Commands stay on one line, so that they can be copied. */
export function toText(alert: Alert): string {
  const saved = formatCost(stoppedOf(alert.items));
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Project', alert.project],
    ['Owner', alert.owner],
    saved === undefined ? ['Cost', formatCost(alert.items)] : ['Saved', saved],
    ['Account', alert.account],
    ['Rule', shared(alert.items, (item) => item.rule)],
    ['Time', atMinute(new Date(alert.at))],
    ['Severity', alert.severity],
    ['Alert', alert.id],
  ];
  const answers = answerLines(alert);
  const parts = [
    wrap(oneLine(alert.title)),
    facts
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value = '']) => `${`${name}:`.padEnd(10)}${oneLine(value)}`)
      .join('\n'),
    alert.link === undefined ? '' : `${oneLine(alert.link.title)}:\n${alert.link.url}`,
    oneLine(alert.reason) === '' && alert.lines === undefined
      ? ''
      : titled(alert.kind === 'weekly' ? 'How it stands' : 'Why', reasonText(alert)),
    alert.items.length === 0 ? '' : titled('Resources', itemLines(alert.items)),
    titled('What happens next', wrap(clean(alert.next))),
    answers.length === 0 ? '' : titled('How to answer', wrap(answers.join('\n'))),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const reasonText = ({ reason, lines = [] }: Alert): string =>
  [wrap(clean(reason)), ...lines.map((line) => wrap(`- ${oneLine(line)}`).replaceAll('\n', '\n  '))].join(
    '\n',
  );

const titled = (title: string, text: string): string => `${title}\n${'-'.repeat(title.length)}\n${text}`;

function itemLines(items: readonly AlertItem[]): string {
  const sameReason = shared(items, (item) => item.reason) !== undefined;
  const sameRule = shared(items, (item) => item.rule) !== undefined;
  return mostTellingFirst(items)
    .map((item) => {
      const head = [statusWord(item), item.id, item.size, formatCost([item]) ?? '', item.region];
      if (item.owner !== undefined) head.push(item.owner);
      const below = [
        causeOf(item),
        sameReason ? '' : item.reason,
        sameRule ? '' : `Rule: ${item.rule}`,
      ].filter((line) => line !== '');
      return [`- ${head.map(oneLine).join('  ')}`, ...below.map((line) => wrap(oneLine(line), '    '))].join(
        '\n',
      );
    })
    .join('\n');
}

/** Breaks lines between words; a line with a command in it is left whole, and a longer word stands alone. */
function wrap(text: string, indent = ''): string {
  return text
    .split('\n')
    .flatMap((line) => (line.includes('`') ? [indent + line] : wrapLine(line, indent)))
    .join('\n');
}

function wrapLine(line: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let current = indent;
  for (const word of line.split(' ')) {
    if (current.length > indent.length && current.length + 1 + word.length > COLUMNS) {
      lines.push(current);
      current = indent + word;
    } else current = current.length > indent.length ? `${current} ${word}` : indent + word;
  }
  return [...lines, current];
}

/** The whole alert in a few lines, for where there is little room. */
export function toBrief(alert: Alert, items: number, max: number): string {
  const some = mostTellingFirst(alert.items).slice(0, items);
  const left = alert.items.length - some.length;
  const lines = [
    oneLine(alert.reason),
    ...(alert.lines ?? []).map((line) => `- ${oneLine(line)}`),
    ...some.map(
      (item) =>
        `- ${[statusWord(item), item.id, item.size, formatCost([item]) ?? '', causeOf(item)].filter(Boolean).map(oneLine).join(' · ')}`,
    ),
    ...(left > 0 ? [`- and ${left} more`] : []),
  ];
  return cut(lines.join('\n'), max);
}
