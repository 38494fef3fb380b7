import type { HeaderBlock } from '@slack/types';
import { atMinute } from '../decide/sentences.ts';
import type { Alert, AlertAnswer } from '../types/alert.ts';
import { clean, cut, cutLines, oneLine } from './characters.ts';
import { answerLines } from './commands.ts';
import { formatCost, shared, stoppedOf } from './figures.ts';
import { escaped, linked, linkText, word } from './mrkdwn.ts';
import { answerBlocks } from './slack-answers.ts';
import { context, mrkdwn, plain, SECTION_MAX, type SlackBlock, section } from './slack-blocks.ts';
import { actions, alertButtons, linkBlocks } from './slack-buttons.ts';
import { itemBlocks, listBlocks } from './slack-items.ts';

/** What Slack takes: a line for notifications and the blocks of the message itself. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/*
 * Limits of Block Kit. Source: Slack's reference of the header and section blocks and of text objects:
 * 150 characters in a header, 3,000 in the text of a section, 2,000 in a field, 10 fields, 50 blocks.
 */
const HEADER_MAX = 150;
const FIELD_MAX = 2_000;
const FALLBACK_MAX = 1_000;

/**
 * An alert in Block Kit: what happened, whose it is, what it costs, why, to which resources, what comes next, what
 * people answered and what may still be answered. No text of a tag or a message can mention people, format the
 * message or break its limits.
 * @param buttons false where nothing listens to them: the commands stand in their place
 * @param windows true where a press can open a window
 */
export function toSlack(
  alert: Alert,
  answers: readonly AlertAnswer[] = [],
  { buttons = true, windows = false }: { readonly buttons?: boolean; readonly windows?: boolean } = {},
): SlackMessage {
  const text = escaped(oneLine(`${MARKS[alert.severity]} ${alert.title}`), FALLBACK_MAX);
  if (alert.kind === 'canary') return { text, blocks: [context(text)] };
  const { offers: _offers, link, ...mute } = alert;
  const shown = buttons ? alert : mute;
  const view = { round: answers.length, windows };
  const how = buttons ? [] : answerLines(alert);
  const blocks: SlackBlock[] = [
    header(alert),
    { type: 'section', fields: fields(alert).map((field) => mrkdwn(field)) },
    ...reasonBlocks(alert),
    ...listBlocks(alert.lines ?? []),
    ...(link === undefined ? [] : linkBlocks(link, { buttons })),
    ...itemBlocks(shown, view),
    section(
      `*${answers.length === 0 ? 'What happens next' : 'What happens next, unless an answer below says otherwise'}*\n${linked(cutLines(clean([alert.next, ...how].join('\n')), NEXT_MAX), NEXT_MAX)}`,
    ),
    ...answerBlocks(shown, answers),
    ...actions(alertButtons(shown, view)),
    context(`Bursar · ${atMinute(new Date(alert.at))} · ${escaped(alert.id, 300)}`),
  ];
  return { text: link === undefined ? text : `${text} ${linkText(link)}`, blocks };
}

/** What the weekly alert says is no reason of anything. */
function reasonBlocks({ kind, reason }: Alert): readonly SlackBlock[] {
  if (oneLine(reason) === '') return [];
  return [section(`${kind === 'weekly' ? '' : '*Why*\n'}${escaped(reason, SECTION_MAX - 10)}`)];
}

/** Less than a section takes: addresses that can be followed grow by two characters each. */
const NEXT_MAX = SECTION_MAX - 500;
const MARKS: Readonly<Record<Alert['severity'], string>> = { info: 'ℹ️', warning: '⚠️', critical: '🚨' };

const header = (alert: Alert): HeaderBlock => ({
  type: 'header',
  text: plain(escaped(oneLine(`${MARKS[alert.severity]} ${alert.title}`), HEADER_MAX)),
});

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
