import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Anomaly, AnomalyCause } from '../signals/anomaly.ts';
import type { Alert } from '../types/alert.ts';
import { formatUsd } from '../types/money.ts';
import { cut, oneLine } from './characters.ts';

/** As much of a foreign message as an alert quotes. */
const EXCERPT_MAX = 300;

/**
 * Tells people of a message that could not be read, with the beginning of its text. `why` is one sentence;
 * `source` says where it came from, such as `the budgets topic`.
 */
export function notUnderstoodAlert(message: {
  readonly at: Date;
  readonly account: string;
  readonly source: string;
  readonly why: string;
  readonly text: string;
  /** True where the message itself is kept in the dead-letter queue. */
  readonly kept: boolean;
  /** Of SNS or SQS; absent = a digest of the text stands in for it. */
  readonly messageId?: string | undefined;
}): Alert {
  const { at, account, source, why, text } = message;
  return {
    version: 1,
    id: `not-understood/${message.messageId ?? digest(text)}`,
    at: at.toISOString(),
    severity: 'critical',
    kind: 'not-understood',
    account,
    title: `A message from ${source} was not understood`,
    reason: `${why} It begins: "${excerpt(text)}"`,
    next: `Nothing was done for it. A person must read it: if it tells of spend, act by hand.${
      message.kept ? ' The whole message is kept in the dead-letter queue.' : ''
    }`,
    items: [],
  };
}

/** The start alone is cleaned, so that a huge text costs no more than a small one. */
const excerpt = (text: string): string => cut(oneLine(text.slice(0, 4 * EXCERPT_MAX)), EXCERPT_MAX);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

/** Tells of spend that AWS calls unusual. Nothing is ever stopped for an anomaly. */
export function anomalyAlert(anomaly: Anomaly, at: Date): Alert {
  const { account, impact, spent, expected, causes, link } = anomaly;
  const compared =
    spent === undefined || expected === undefined
      ? ''
      : ` ${formatUsd(spent)} was spent where ${formatUsd(expected)} was expected.`;
  const monitor = anomaly.monitor === undefined ? '' : ` by monitor ${oneLine(anomaly.monitor)}`;
  const shown = causes.slice(0, 5).map(causeText);
  const because = shown.length === 0 ? '' : ` It comes from ${shown.join('; ')}.`;
  return {
    version: 1,
    // AWS sends the same anomaly again as it grows; each size is news.
    id: `anomaly/${anomaly.id}/${impact}`,
    at: at.toISOString(),
    severity: 'warning',
    kind: 'anomaly',
    account,
    title: `Unusual spend in account ${account}: ${formatUsd(impact)} more than expected`,
    reason: `AWS found unusual spend${monitor}${period(anomaly)}.${compared}${because}`,
    next: `Nothing was stopped. Look at what started it.${link === undefined ? '' : ` ${oneLine(link)}`}`,
    items: [],
  };
}

function period({ startDate, endDate }: Anomaly): string {
  if (startDate === undefined) return '';
  const days = [startDate, endDate ?? startDate].map((date) => oneLine(date).slice(0, 10));
  return days[0] === days[1] ? ` on ${days[0]}` : ` from ${days[0]} to ${days[1]}`;
}

const causeText = ({ service, region, account, usageType }: AnomalyCause): string => {
  const parts = [service, usageType, region, account].filter((part) => part !== undefined);
  return parts.length === 0 ? 'an unknown cause' : oneLine(parts.join(', '));
};

/**
 * What a CloudWatch alarm sends through SNS. Source: CloudWatch user guide, "Notify users on alarm changes";
 * fields that are not used are left out.
 */
const AlarmSchema = z.object({
  AlarmName: z.string().min(1),
  AlarmDescription: z.string().nullish(),
  AWSAccountId: z.string().nullish(),
  AlarmArn: z.string().nullish(),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string().nullish(),
  StateChangeTime: z.string().nullish(),
  Region: z.string().nullish(),
});

/**
 * The alert of a CloudWatch alarm of Bursar's own stacks; its description is the runbook entry.
 * `undefined` where the JSON is no alarm.
 */
export function alarmAlert(json: unknown, context: { at: Date; account: string }): Alert | undefined {
  const parsed = AlarmSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const alarm = parsed.data;
  const state = alarm.NewStateValue;
  const name = oneLine(alarm.AlarmName);
  const where = alarm.Region == null ? '' : ` in ${oneLine(alarm.Region)}`;
  const runbook = (alarm.AlarmDescription ?? '').trim();
  return {
    version: 1,
    id: `alarm/${oneLine(alarm.AlarmArn ?? alarm.AlarmName)}/${state}/${alarm.StateChangeTime ?? context.at.toISOString()}`,
    at: context.at.toISOString(),
    severity: ALARM_SEVERITY[state],
    kind: 'alarm',
    account: alarm.AWSAccountId ?? context.account,
    title: `Alarm ${name} ${ALARM_WORDS[state]}${where}`,
    reason: alarm.NewStateReason == null ? 'CloudWatch gave no reason.' : oneLine(alarm.NewStateReason),
    next:
      state === 'OK'
        ? 'Nothing needs to be done.'
        : runbook || 'The alarm has no description. Look at it in the CloudWatch console.',
    items: [],
  };
}

const ALARM_SEVERITY = { OK: 'info', ALARM: 'critical', INSUFFICIENT_DATA: 'warning' } as const;
const ALARM_WORDS = { OK: 'is over', ALARM: 'has gone off', INSUFFICIENT_DATA: 'lacks data' } as const;
