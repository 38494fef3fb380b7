import * as z from 'zod';
import { TRIGGERS } from '../types/decision.ts';
import { DateText, decodeResource, encodeResource } from '../types/wire.ts';
import { LedgerError } from './errors.ts';
import type { RestoreRecord, RestoreState } from './ledger.ts';

/** DynamoDB refuses items over 400 KB; this leaves room for keys and a margin. */
export const RESTORE_LIMIT_BYTES = 350 * 1024;

/** The JSON text of a restore record without its ARN and its state, which changes. @throws LedgerError where it is over 350 KB. */
export function restoreText(saved: RestoreRecord): string {
  const { arn, resource, project, trigger, savedAt, record } = saved;
  const text = JSON.stringify({
    resource: encodeResource(resource),
    ...(project === undefined ? {} : { project }),
    trigger,
    savedAt: savedAt.toISOString(),
    record,
  });
  const bytes = Buffer.byteLength(text);
  if (bytes <= RESTORE_LIMIT_BYTES) return text;
  throw new LedgerError(
    `ledger: the restore record of ${arn} is ${Math.ceil(bytes / 1024)} KB; at most ${RESTORE_LIMIT_BYTES / 1024} KB can be kept`,
  );
}

const RestoreTextSchema = z.object({
  resource: z.unknown(),
  project: z.string().optional(),
  trigger: z.enum(TRIGGERS),
  savedAt: DateText,
  record: z.unknown(),
});

/** Reads what `restoreText` wrote. @throws where it is something else. */
export function readRestoreText(arn: string, state: RestoreState, text: string): RestoreRecord {
  const { resource, project, trigger, savedAt, record } = RestoreTextSchema.parse(JSON.parse(text));
  return { arn, resource: decodeResource(resource), project, trigger, savedAt, state, record };
}
