import type { Keep, KeepTag, Ledger } from '../ledger/ledger.ts';

/** What people said about stops, of all regions. */
export interface Kept {
  readonly keeps: ReadonlyMap<string, Keep>;
  readonly keepTags: ReadonlyMap<string, KeepTag>;
}

/** @throws `LedgerError`; a decision without it could stop what somebody keeps. */
export async function readKeeping(
  ledger: Pick<Ledger, 'keeps' | 'keepTags'>,
  account: string,
  regions: Iterable<string>,
  now: Date,
): Promise<Kept> {
  const all = await Promise.all(
    [...regions].map((region) =>
      Promise.all([ledger.keeps(account, region, now), ledger.keepTags(account, region)]),
    ),
  );
  return {
    keeps: new Map(all.flatMap(([keeps]) => [...keeps])),
    keepTags: new Map(all.flatMap(([, keepTags]) => [...keepTags])),
  };
}
