import type { AthenaClient } from '@aws-sdk/client-athena';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import type { Ledger } from '../ledger/ledger.ts';
import type { BillExport } from '../policy/allocation.ts';
import type { Policy } from '../policy/policy.ts';
import { assertNever } from '../types/assert-never.ts';
import type { Bill } from '../types/cost.ts';
import { readBillFromAthena } from './athena.ts';
import { BillError } from './bill-error.ts';
import { readBillFromCostExplorer } from './cost-explorer.ts';
import { readBillFromLedger } from './from-ledger.ts';
import type { BillQuestion, BillSpan } from './question.ts';

/** Where a bill is read. */
export type BillSource =
  | { readonly from: 'cost-explorer' }
  /** What Bursar has been told by Cost Explorer already: by project and service alone, and free. */
  | { readonly from: 'ledger' }
  | { readonly from: 'athena'; readonly table: NonNullable<BillExport['athena']> }
  /** Line items: paths of files and folders, or `s3://bucket/prefix/name` of an export. */
  | { readonly from: 'files'; readonly locations: readonly string[] };

export interface BillClients {
  readonly policy: Pick<Policy, 'tags' | 'allocation'>;
  readonly account: string;
  readonly costExplorer: CostExplorerClient;
  readonly ledger: Pick<Ledger, 'spendDays'> | undefined;
  readonly athena: () => AthenaClient;
  /** Reads line items with the embedded engine; `undefined` where there is none (in Lambda). */
  readonly readFiles?: (locations: readonly string[], question: BillQuestion) => Promise<Bill>;
}

/** Where the policy file says that the bill is; line items by Athena where it names a table. */
export function usualSource({ allocation: { bill } }: Pick<Policy, 'allocation'>): BillSource {
  if (bill === undefined) return { from: 'cost-explorer' };
  return bill.athena === undefined
    ? { from: 'files', locations: [bill.location] }
    : { from: 'athena', table: bill.athena };
}

/**
 * Reads a bill by the rules of the policy.
 * @throws `BillError` one line, for people
 */
export async function readBill(source: BillSource, span: BillSpan, clients: BillClients): Promise<Bill> {
  const { policy, account, costExplorer, ledger } = clients;
  const question = { ...span, tagKey: policy.tags.project, rules: policy.allocation.shared };
  switch (source.from) {
    case 'cost-explorer':
      return readBillFromCostExplorer(costExplorer, question);
    case 'ledger':
      if (ledger === undefined) {
        throw new BillError(
          'Bursar is not deployed, so it knows no bill. Name a stack by --stack, or another bill by --bill.',
        );
      }
      return readBillFromLedger(ledger, { account, ...question });
    case 'athena':
      return readBillFromAthena(clients.athena(), source.table, {
        ...question,
        format: policy.allocation.bill?.format ?? 'cur2',
      });
    case 'files':
      if (clients.readFiles === undefined) {
        throw new BillError(
          'Line items in files cannot be read here. Give `allocation.bill` an `athena` table, or run bursar report where the files can be read.',
        );
      }
      return clients.readFiles(source.locations, question);
    default:
      return assertNever(source);
  }
}
