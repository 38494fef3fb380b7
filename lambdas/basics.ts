import { readFileSync } from 'node:fs';
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

interface ClockEnvironment {
  readonly SANDBOX_CLOCK_AHEAD?: string | undefined;
}

/**
 * How far the sandbox's clock is ahead of the machine's, in milliseconds; 0 on AWS. Where a file says it, time passes for
 * Lambdas that stay warm meanwhile, as they do on AWS.
 */
export function aheadOf({ SANDBOX_CLOCK_AHEAD: ahead = '0' }: ClockEnvironment): () => number {
  if (!ahead.startsWith('file:')) return () => Number(ahead) * 1000;
  const file = new URL(ahead);
  return () => Number(readFileSync(file, 'utf8')) * 1000;
}

/** The machine's time; ahead of it in the sandbox, to play half an hour in seconds. */
export function clockOf(environment: ClockEnvironment): Clock {
  const ahead = aheadOf(environment);
  return () => new Date(Date.now() + ahead());
}

export const ledgerOf = ({ LEDGER_TABLE }: { readonly LEDGER_TABLE: string }, { tracer }: Tools): Ledger =>
  createLedger(tracer.captureAWSv3Client(new DynamoDBClient({ ...PATIENCE })), LEDGER_TABLE);
