import { RDSClient } from '@aws-sdk/client-rds';
import { answering } from './answering.ts';
import type { AccountState, Member } from './state.ts';

/** A database instance. */
export interface MemoryDatabase extends Member {
  readonly id: string;
  readonly engine: string;
  readonly stoppedAt?: Date;
}

/** RDS of one region. */
export function rdsIn(_state: AccountState, region: string): RDSClient {
  return answering(new RDSClient({ region })).client;
}
