import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Decision } from '../types/decision.ts';
import { mapLimited } from '../types/lists.ts';
import { encodeCommandBatch, toBatches } from './command.ts';

/**
 * Queues decisions for the enforcer. `id` names what woke us; the same id and decisions give the same batches.
 * @returns how many messages were sent.
 * @throws what SQS answers; a repeat then sends all again, which the ledger makes harmless.
 */
export async function sendCommands(
  decisions: readonly Decision[],
  {
    sqs,
    queueUrl,
    id,
    now,
  }: { readonly sqs: SQSClient; readonly queueUrl: string; readonly id: string; readonly now: Date },
): Promise<number> {
  const batches = toBatches(decisions, id, now);
  await mapLimited(batches, 5, (batch) =>
    sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: encodeCommandBatch(batch) })),
  );
  return batches.length;
}
