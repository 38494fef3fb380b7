import { describe } from 'vitest';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { ledgerContract } from './contract.ts';

describe('the ledger in memory', () => ledgerContract(async () => createMemoryLedger()));
