import { randomUUID } from 'node:crypto';
import { mapLimited } from '../../types/lists.ts';
import { approvalParts, readApprovalParts } from '../approval-text.ts';
import { LedgerError, naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { AT_ONCE, putAll } from './batches.ts';
import type { Entities } from './entities.ts';
import { readApproval, readApprovalPart } from './rows.ts';

/** Its place among the others, so that they sort as they came. */
const partName = (index: number): string => String(index).padStart(4, '0');

/**
 * The plan that was approved last: one item that says who approved what, and names the parts that its lists are cut
 * into. Each approval has parts of its own.
 */
export const approvalsPart = (entities: Entities): Pick<Ledger, 'approval' | 'approve'> => ({
  approval: () =>
    naming('reading the approved plan', async () => {
      const { data } = await entities.approval.get({}).go({ consistent: true });
      if (data === null) return undefined;
      const { id, parts, ...rest } = readApproval(data);
      const found = await entities.approvalPart.query.primary({ id }).go({ pages: 'all', consistent: true });
      if (found.data.length !== parts) {
        throw new LedgerError(
          `ledger: of the approved plan ${rest.hash} only ${found.data.length} of ${parts} parts are left; approve it again`,
        );
      }
      return { ...rest, lists: readApprovalParts(found.data.map(readApprovalPart)) };
    }),

  approve: ({ hash, policyHash, lists, at, by }) =>
    naming('approving a plan', async () => {
      const known = await entities.approval.get({}).go({ consistent: true });
      const id = randomUUID();
      const texts = approvalParts(lists);
      // The parts first: whoever reads the one item finds all that it names.
      await putAll(
        texts.map((text, index) => ({ id, part: partName(index), text })),
        ({ part }: { part: string }) => part,
        (items) => entities.approvalPart.put(items).go({ concurrent: AT_ONCE }),
      );
      const { rejected } = await entities.approval
        .put({ id, hash, policyHash, parts: texts.length, at: at.toISOString(), by })
        .where((held, { notExists, lte }) => `${notExists(held.at)} OR ${lte(held.at, at.toISOString())}`)
        .go({ returnOnConditionCheckFailure: true });
      const left = rejected ? { id, parts: texts.length } : known.data && readApproval(known.data);
      if (left !== null) await expire(left, at, entities);
    }),
});

/** Lets the parts of one that does not count go, once whoever reads it now has read it. */
async function expire(
  { id, parts }: { readonly id: string; readonly parts: number },
  at: Date,
  entities: Entities,
): Promise<void> {
  const expiresAt = expiryOf('approvalBefore', at);
  await mapLimited(
    Array.from({ length: parts }, (_, index) => partName(index)),
    AT_ONCE,
    (part) => entities.approvalPart.patch({ id, part }).set({ expiresAt }).go(),
  );
}
