import type { Alert, AlertItem } from '../types/alert.ts';
import { toAmazonQ } from './amazon-q.ts';
import { clean, cut, cutLines, oneLine } from './characters.ts';
import { mostTellingFirst } from './figures.ts';
import { toSubject, toText } from './text.ts';

/** What `PublishCommand` takes, but for the topic. */
export interface SnsMessage {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageStructure: 'json';
  readonly MessageAttributes: Record<string, { DataType: 'String'; StringValue: string }>;
}

/** Source: SNS quotas: 256 KiB for the message with its attributes, all variants together. */
const MESSAGE_MAX_BYTES = 262_144;

/**
 * One message for every subscriber: text for e-mail, the alert's JSON for queues and functions, and Amazon Q's
 * own JSON for HTTPS. Resources that do not fit are left out, the most telling kept, and their count is told.
 */
export function toSnsMessage(alert: Alert): SnsMessage {
  const bounded = withinBounds(alert);
  const whole = build(bounded);
  if (sizeOf(whole) <= MESSAGE_MAX_BYTES) return whole;
  let fits = 0;
  let tooMany = bounded.items.length;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (sizeOf(build(trimmed(bounded, middle))) <= MESSAGE_MAX_BYTES) fits = middle;
    else tooMany = middle;
  }
  return build(trimmed(bounded, fits));
}

function trimmed(alert: Alert, items: number): Alert {
  const left = alert.items.length - items;
  return {
    ...alert,
    reason: `${alert.reason} ${left} more ${left === 1 ? 'resource is' : 'resources are'} left out of this message; the ledger has them.`,
    items: alert.items.slice(0, items),
  };
}

function build(alert: Alert): SnsMessage {
  const text = toText(alert);
  const json = JSON.stringify(alert);
  const amazonQ = JSON.stringify(toAmazonQ(alert));
  return {
    Subject: toSubject(alert),
    Message: JSON.stringify({
      default: text,
      email: text,
      sqs: json,
      lambda: json,
      http: amazonQ,
      https: amazonQ,
    }),
    MessageStructure: 'json',
    MessageAttributes: attributes(alert),
  };
}

/** What a subscriber can filter by. SNS refuses an empty value. */
function attributes({ kind, severity, account, project }: Alert): SnsMessage['MessageAttributes'] {
  const pairs = Object.entries({ kind, severity, account, project: oneLine(project ?? '') });
  return Object.fromEntries(
    pairs
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, { DataType: 'String' as const, StringValue: value }]),
  );
}

function sizeOf({ Subject, Message, MessageAttributes }: SnsMessage): number {
  const parts = Object.entries(MessageAttributes).flatMap(([name, { DataType, StringValue }]) => [
    name,
    DataType,
    StringValue,
  ]);
  return [Subject, Message, ...parts].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
}

/** Bounds each text, so that an alert without its resources always fits, even where each character takes four bytes. */
function withinBounds(alert: Alert): Alert {
  return {
    ...alert,
    id: cut(oneLine(alert.id), 500),
    account: cut(oneLine(alert.account), 100),
    ...optional('project', alert.project, 256),
    ...optional('owner', alert.owner, 256),
    ...optional('slack', alert.slack, 100),
    title: cut(oneLine(alert.title), 500),
    reason: cut(clean(alert.reason), 3_000),
    ...(alert.lines === undefined ? {} : { lines: boundedLines(alert.lines) }),
    ...(alert.link === undefined
      ? {}
      : { link: { ...alert.link, title: cut(oneLine(alert.link.title), LINK_TITLE_MAX) } }),
    next: cutLines(clean(alert.next), 4_000),
    items: mostTellingFirst(alert.items).map(boundedItem),
  };
}

const LINK_TITLE_MAX = 200;

/** A list takes at most so many characters. */
const LINES_MAX = 5_000;
const LINE_MAX = 500;

/** As many whole lines as there is room for: the most telling stand first. */
function boundedLines(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let room = LINES_MAX;
  for (const line of lines.map((text) => cut(oneLine(text), LINE_MAX))) {
    room -= line.length;
    if (room < 0) break;
    kept.push(line);
  }
  const left = lines.length - kept.length;
  if (left === 0) return kept;
  return [...kept, `${left} more ${left === 1 ? 'line is' : 'lines are'} left out of this message.`];
}

function boundedItem(item: AlertItem): AlertItem {
  return {
    ...item,
    arn: cut(oneLine(item.arn), 2_048),
    id: cut(oneLine(item.id), 256),
    kind: cut(oneLine(item.kind), 100),
    region: cut(oneLine(item.region), 100),
    size: cut(oneLine(item.size), 200),
    ...optional('owner', item.owner, 256),
    ...optional('hourly', item.hourly, 50),
    ...optional('code', item.code, 200),
    ...optional('detail', item.detail, 500),
    reason: cut(oneLine(item.reason), 1_000),
    rule: cut(oneLine(item.rule), 300),
  };
}

const optional = <K extends string>(
  name: K,
  text: string | undefined,
  max: number,
): { [_ in K]?: string } => {
  const bounded: { [_ in K]?: string } = {};
  if (text !== undefined) bounded[name] = cut(oneLine(text), max);
  return bounded;
};
