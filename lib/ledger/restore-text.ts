import * as z from 'zod';
import { TRIGGERS } from '../types/decision.ts';
import { DateText, decodeResource, encodeResource } from '../types/wire.ts';
import type { RestoreRecord, RestoreState } from './ledger.ts';
import { limitedText } from './limited-text.ts';

/** The JSON text of a restore record without its ARN and its state, which changes. @throws LedgerError where it is over 350 KB. */
export function restoreText(saved: RestoreRecord): string {
  const { arn, resource, project, trigger, savedAt, record, manner, stays } = saved;
  const text = JSON.stringify({
    resource: encodeResource(resource),
    ...(project === undefined ? {} : { project }),
    trigger,
    savedAt: savedAt.toISOString(),
    record,
    ...(manner === undefined ? {} : { manner }),
    ...(stays === undefined ? {} : { stays }),
  });
  return limitedText(`the restore record of ${arn}`, text);
}

const RestoreTextSchema = z.object({
  resource: z.unknown(),
  project: z.string().optional(),
  trigger: z.enum(TRIGGERS),
  savedAt: DateText,
  record: z.unknown(),
  manner: z.exactOptional(z.literal('scale-down')),
  stays: z.exactOptional(z.literal(true)),
});

/** Reads what `restoreText` wrote. @throws where it is something else. */
export function readRestoreText(arn: string, state: RestoreState, text: string): RestoreRecord {
  const { resource, project, ...rest } = RestoreTextSchema.parse(JSON.parse(text));
  return { arn, resource: decodeResource(resource), project, state, ...rest };
}
