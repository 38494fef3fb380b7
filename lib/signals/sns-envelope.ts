import * as z from 'zod';
import { parseJsonDocument } from './json.ts';

/** What SNS puts around a message on its way to SQS without raw delivery. */
const EnvelopeSchema = z.object({
  Type: z.literal('Notification'),
  MessageId: z.string(),
  TopicArn: z.string(),
  Subject: z.string().nullish(),
  Message: z.string(),
});

/** What SNS says of itself when it is asked to subscribe; it carries no notification. */
const ControlSchema = z.object({
  Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  TopicArn: z.string(),
});

/** Any SNS envelope, sound or not. */
const AnyEnvelopeSchema = z.object({ Type: z.literal('Notification'), TopicArn: z.string() });

/** `why` is one sentence for people. */
export type Unwrapped =
  | {
      readonly kind: 'message';
      readonly subject: string | undefined;
      readonly message: string;
      /** `undefined` where the body came without an envelope. */
      readonly messageId: string | undefined;
      readonly topicArn: string | undefined;
    }
  | { readonly kind: 'malformed'; readonly why: string };

/**
 * Takes an SNS notification out of the body of an SQS message. A body that is no envelope at all was put into
 * the queue directly or delivered raw, and is itself the message. Never throws.
 */
export function unwrapSns(body: string): Unwrapped {
  const document = parseJsonDocument(body);
  const json = document.json ? document.value : undefined;
  const envelope = EnvelopeSchema.safeParse(json);
  if (envelope.success) {
    const { Subject, Message, MessageId, TopicArn } = envelope.data;
    return {
      kind: 'message',
      subject: Subject ?? undefined,
      message: Message,
      messageId: MessageId,
      topicArn: TopicArn,
    };
  }
  const control = ControlSchema.safeParse(json);
  if (control.success) {
    return { kind: 'malformed', why: `The message is an SNS ${control.data.Type}, not a notification.` };
  }
  if (AnyEnvelopeSchema.safeParse(json).success) {
    return {
      kind: 'malformed',
      why: 'The SNS envelope lacks its message, or one of its fields has a wrong type.',
    };
  }
  return { kind: 'message', subject: undefined, message: body, messageId: undefined, topicArn: undefined };
}
