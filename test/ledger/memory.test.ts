import { describe } from 'vitest';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { ledgerContract } from './contract.ts';
import { interleavingsHold, recordsHold, wishesHold } from './interleavings.ts';

const newLedger = async () => createMemoryLedger();

describe('the ledger in memory', () => {
  ledgerContract(newLedger);
  interleavingsHold(newLedger, 500);
  wishesHold(newLedger, 500);
  recordsHold(newLedger, 500);
});
