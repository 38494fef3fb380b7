import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { Tools } from './lambda.ts';

/** What is read of a message of an SQS event; the rest is kept as it came. */
const MessageSchema = z.looseObject({
  messageId: z.string(),
  body: z.string(),
  attributes: z.looseObject({ ApproximateReceiveCount: z.coerce.number().int().positive() }),
});
const QueueEventSchema = z.object({ Records: z.array(MessageSchema) });

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** 1 at the first delivery. */
  readonly deliveries: number;
}

/**
 * Works through the messages of an SQS event one after the other, or all at once. Those whose work throws come back to the
 * queue, and after its receive limit go to its dead-letter queue; the others are done.
 */
export function eachMessage(
  event: unknown,
  context: Context,
  { logger }: Pick<Tools, 'logger'>,
  work: (message: QueueMessage) => Promise<void>,
  { atOnce = false }: { readonly atOnce?: boolean } = {},
) {
  return processPartialResponse(
    QueueEventSchema.parse(event),
    async (record: unknown) => {
      const { messageId, body, attributes } = MessageSchema.parse(record);
      try {
        await work({ id: messageId, body, deliveries: attributes.ApproximateReceiveCount });
      } catch (error) {
        logger.error('a message could not be worked through', { messageId, error });
        throw error;
      }
    },
    new BatchProcessor(EventType.SQS),
    { context, processInParallel: atOnce, throwOnFullBatchFailure: false },
  );
}
