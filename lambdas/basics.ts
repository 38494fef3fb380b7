import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PATIENCE } from '../lib/fleet/patience.ts';
import { createLedger } from '../lib/ledger/dynamodb.ts';
import type { Ledger } from '../lib/ledger/ledger.ts';
import type { Clock } from '../lib/types/clock.ts';
import type { Tools } from './lambda.ts';

/*
 * What every handler is built of, apart from `parts.ts`: whoever answers Slack, which waits for three seconds, must not
 * load what reads policies and fleets.
 */

/** The machine's time; ahead of it in the sandbox, to play half an hour in seconds. */
export function clockOf({
  SANDBOX_CLOCK_AHEAD: ahead,
}: {
  readonly SANDBOX_CLOCK_AHEAD?: string | undefined;
}): Clock {
  const milliseconds = Number(ahead ?? 0) * 1000;
  return () => new Date(Date.now() + milliseconds);
}

export const ledgerOf = ({ LEDGER_TABLE }: { readonly LEDGER_TABLE: string }, { tracer }: Tools): Ledger =>
  createLedger(tracer.captureAWSv3Client(new DynamoDBClient({ ...PATIENCE })), LEDGER_TABLE);
