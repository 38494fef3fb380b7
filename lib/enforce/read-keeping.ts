import type { Approval, Keep, KeepTag, Ledger } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';

/** What people said about stops, of all regions. */
export interface Kept {
  readonly keeps: ReadonlyMap<string, Keep>;
  readonly keepTags: ReadonlyMap<string, KeepTag>;
  /** The plan that was approved last; `undefined` = none was, or the policy does not ask for one. */
  readonly approval: Approval | undefined;
}

/** @throws `LedgerError`; a decision without it could stop what somebody keeps, or what nobody approved. */
export async function readKeeping(
  ledger: Pick<Ledger, 'keeps' | 'keepTags' | 'approval'>,
  account: string,
  regions: Iterable<string>,
  now: Date,
  policy: Pick<Policy, 'approval'>,
): Promise<Kept> {
  const approval = policy.approval === 'required' ? ledger.approval() : undefined;
  const [all, approved] = await Promise.all([
    Promise.all(
      [...regions].map((region) =>
        Promise.all([ledger.keeps(account, region, now), ledger.keepTags(account, region)]),
      ),
    ),
    approval,
  ]);
  return {
    keeps: new Map(all.flatMap(([keeps]) => [...keeps])),
    keepTags: new Map(all.flatMap(([, keepTags]) => [...keepTags])),
    approval: approved,
  };
}
