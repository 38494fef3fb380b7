import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrapSns } from '../../lib/signals/sns-envelope.ts';

const envelope = {
  Type: 'Notification',
  MessageId: 'f1e2',
  TopicArn: 'arn:aws:sns:us-east-1:391613010373:budgets',
  Subject: 'AWS Budgets: test has exceeded your alert threshold',
  Message: 'Budget Name: test\r\n',
  Timestamp: '2026-01-28T10:00:00.000Z',
  SignatureVersion: '1',
};

describe('the body of an SQS message', () => {
  it('holds an SNS notification', () => {
    expect(unwrapSns(JSON.stringify(envelope))).toEqual({
      kind: 'message',
      subject: envelope.Subject,
      message: envelope.Message,
      messageId: 'f1e2',
      topicArn: envelope.TopicArn,
    });
  });

  it.each([null, undefined])('may lack a subject (%s)', (Subject) => {
    expect(unwrapSns(JSON.stringify({ ...envelope, Subject }))).toMatchObject({
      kind: 'message',
      subject: undefined,
    });
  });

  it.each([
    ['text', 'Budget Name: test'],
    ['JSON of something else', '{"accountId":"1","Message":"x"}'],
    ['a JSON number', '17'],
    ['broken JSON', '{"Type":"Notification"'],
    ['nothing', ''],
  ])('is itself the message where there is no envelope: %s', (_title, body) => {
    expect(unwrapSns(body)).toEqual({
      kind: 'message',
      subject: undefined,
      message: body,
      messageId: undefined,
      topicArn: undefined,
    });
  });

  it('is malformed where an envelope lacks its message', () => {
    expect(unwrapSns(JSON.stringify({ ...envelope, Message: { a: 1 } }))).toMatchObject({
      kind: 'malformed',
    });
  });

  it('is no notification where SNS confirms a subscription', () => {
    const body = JSON.stringify({ ...envelope, Type: 'SubscriptionConfirmation', SubscribeURL: 'https://x' });
    expect(unwrapSns(body)).toEqual({
      kind: 'malformed',
      why: 'The message is an SNS SubscriptionConfirmation, not a notification.',
    });
  });

  it('gives back any message, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.json(), (message, json) => {
        expect(unwrapSns(JSON.stringify({ ...envelope, Message: message }))).toMatchObject({ message });
        unwrapSns(message);
        unwrapSns(json);
      }),
    );
  });
});
