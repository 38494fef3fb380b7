import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alarmAlert, anomalyAlert, notUnderstoodAlert } from '../../lib/alerts/notices.ts';
import { readAlert } from '../../lib/alerts/read-alert.ts';
import { toSnsMessage } from '../../lib/alerts/sns-message.ts';
import { AlertSchema } from '../../lib/types/alert.ts';
import { ACCOUNT, AT, alert, usd } from './fixtures.ts';

const context = { at: AT, account: ACCOUNT };

describe('a message that is not understood', () => {
  const notice = (text: string, messageId?: string) =>
    notUnderstoodAlert({
      ...context,
      source: 'the budgets topic',
      why: 'It is odd.',
      text,
      messageId,
      kept: true,
    });

  it('is quoted in at most 300 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const told = notice(text);
        expect(AlertSchema.parse(told)).toEqual(told);
        const quoted = told.reason.slice('It is odd. It begins: "'.length, -1);
        expect(quoted.length).toBeLessThanOrEqual(300);
        expect(quoted).not.toMatch(/\p{Cc}|\p{Cs}/u);
      }),
    );
    expect(notice('Dear customer').reason).toBe('It is odd. It begins: "Dear customer"');
  });

  it('has the same id when it comes again', () => {
    expect(notice('a', 'm-1').id).toBe('not-understood/m-1');
    expect(notice('a').id).toBe(notice('a').id);
    expect(notice('a').id).not.toBe(notice('b').id);
  });
});

describe('an anomaly', () => {
  const anomaly = {
    account: ACCOUNT,
    id: 'a-1',
    startDate: '2026-07-14T00:00:00Z',
    endDate: '2026-07-15T00:00:00Z',
    monitor: 'services',
    impact: usd('301.7'),
    spent: usd('1301.1'),
    expected: usd('999.4'),
    causes: [
      { service: 'Amazon SageMaker', region: 'us-east-1', account: undefined, usageType: 'Host:ml.p4d' },
    ],
    link: 'https://console.aws.amazon.com/cost-management/home#x',
  };

  it('is told with its figures, its cause and its link', () => {
    expect(anomalyAlert(anomaly, AT)).toMatchObject({
      kind: 'anomaly',
      severity: 'warning',
      title: `Unusual spend in account ${ACCOUNT}: $301.70 more than expected`,
      reason:
        'AWS found unusual spend by monitor services from 2026-07-14 to 2026-07-15. $1,301.10 was spent where $999.40 was expected. ' +
        'It comes from Amazon SageMaker, Host:ml.p4d, us-east-1.',
      next: 'Nothing was stopped. Look at what started it. https://console.aws.amazon.com/cost-management/home#x',
    });
  });

  it('is news when it has grown, and else not', () => {
    const grown = { ...anomaly, impact: usd('400') };
    expect(anomalyAlert(anomaly, AT).id).toBe(anomalyAlert(anomaly, new Date(0)).id);
    expect(anomalyAlert(grown, AT).id).not.toBe(anomalyAlert(anomaly, AT).id);
  });
});

const alarm = {
  AlarmName: 'bursar-dead-letters',
  AlarmDescription: 'Commands are lost. Runbook: https://docs.example/runbook#dead-letters',
  AWSAccountId: ACCOUNT,
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed: 1 datapoint [1.0] was greater than 0.',
  StateChangeTime: '2026-11-25T10:29:00.000+0000',
  Region: 'US East (N. Virginia)',
  AlarmArn: `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:bursar-dead-letters`,
  OldStateValue: 'OK',
  Trigger: { MetricName: 'ApproximateNumberOfMessagesVisible' },
};

describe('a CloudWatch alarm', () => {
  it('is told with its reason and its runbook', () => {
    expect(alarmAlert(alarm, context)).toMatchObject({
      kind: 'alarm',
      severity: 'critical',
      title: 'Alarm bursar-dead-letters has gone off in US East (N. Virginia)',
      reason: alarm.NewStateReason,
      next: alarm.AlarmDescription,
    });
  });

  it('that is over needs no runbook', () => {
    const told = alarmAlert({ ...alarm, NewStateValue: 'OK' }, context);
    expect(told).toMatchObject({ severity: 'info', next: 'Nothing needs to be done.' });
    expect(told?.id).not.toBe(alarmAlert(alarm, context)?.id);
  });

  it('may lack all but its name and state', () => {
    const told = alarmAlert({ AlarmName: 'x', NewStateValue: 'INSUFFICIENT_DATA', Region: null }, context);
    expect(told).toMatchObject({ account: ACCOUNT, severity: 'warning', title: 'Alarm x lacks data' });
    expect(alarmAlert({ AlarmName: 'x' }, context)).toBeUndefined();
  });
});

describe('the body of a message of the alerts topic', () => {
  const envelope = (Message: string) =>
    JSON.stringify({ Type: 'Notification', MessageId: 'm-1', TopicArn: 'arn:t', Message });

  it('is an alert, as it was published', () => {
    const { sqs } = z.object({ sqs: z.string() }).parse(JSON.parse(toSnsMessage(alert()).Message));
    expect(readAlert(envelope(sqs), context)).toEqual(alert());
    expect(readAlert(sqs, context)).toEqual(alert());
  });

  it('is an alarm', () => {
    expect(readAlert(envelope(JSON.stringify(alarm)), context).kind).toBe('alarm');
  });

  it('is told where it is neither', () => {
    expect(readAlert(envelope('{"version":1}'), context)).toMatchObject({
      kind: 'not-understood',
      id: 'not-understood/m-1',
    });
    expect(readAlert('{"Type":"Notification","TopicArn":"t"}', context)).toMatchObject({
      kind: 'not-understood',
      reason: expect.stringContaining('lacks its message'),
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(readAlert(text, context).kind).toBe('not-understood');
        expect(readAlert(envelope(text), context).kind).toBe('not-understood');
      }),
    );
  });
});
