import type { Policy } from '../policy/policy.ts';
import type { Month } from '../report/month.ts';
import { readAllocation } from '../report/read-allocation.ts';
import type { Allocation } from '../types/allocation.ts';
import type { Bill } from '../types/cost.ts';
import { type BillParts, type BillRequest, billContextOfFiles, readableBillError } from './bill-run.ts';
import type { Io } from './io.ts';
import { withBar } from './progress-bar.ts';

export type AllocateParts = BillParts;

export interface AllocateRequest extends BillRequest {
  readonly month: Month;
}

export interface Allocated {
  /** By whose rules it was allocated. */
  readonly policy: Policy;
  /** `''` = no AWS was asked. */
  readonly account: string;
  readonly allocation: Allocation;
  readonly bill: Bill;
  /** What should be known of it, sentences for people. */
  readonly notes: readonly string[];
}

/** Reads the bill of a month and allocates it; touches nothing. @throws UsageError one line */
export async function runAllocate(
  request: AllocateRequest,
  io: Io,
  parts: AllocateParts,
): Promise<Allocated> {
  const { policy, month } = request;
  const context = await billContextOfFiles(request, io, parts);
  const account = context.aws?.account ?? '';
  const ledger = context.ledger === undefined ? undefined : { ledger: context.ledger, account };
  const { allocation, bill } = await withBar(io, 'Reading the bill', () =>
    readAllocation(policy, context.sources, ledger, month),
  ).catch((error: unknown) => {
    throw readableBillError(error, account);
  });
  return { policy, account, allocation, bill, notes: context.notes };
}
