import { createHash } from 'node:crypto';

/*
 * Keys of what people ask for. Each names the wish, so that a repeat is done once, and holds the ARN or the holder, so
 * that what became of it is found in the audit trail of that.
 */

/** The id of a wish, fit to stand in a key: as it is where it is a plain word, a digest of it elsewhere. */
export const wishId = (id: string): string =>
  /^[A-Za-z0-9-]{1,80}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 32);

export const keepKey = (arn: string, wish: string): string => `keep/${arn}/${wishId(wish)}`;
export const stopKey = (arn: string, wish: string): string => `person/${wishId(wish)}/${arn}`;
/** One stop is restored once a wish, however often it is asked for. */
export const restoreKey = (arn: string, savedAt: Date, wish: string): string =>
  `restore/${arn}/${savedAt.toISOString()}/${wishId(wish)}`;
/** A holder of limits (`holderOf`: a project, team or model) is unfrozen once a wish. */
export const unfreezeKey = (holder: string, wish: string): string => `unfreeze/${wishId(wish)}/${holder}`;
/** A plan is approved once a wish. */
export const approveKey = (hash: string, wish: string): string => `approve/${wishId(wish)}/${hash}`;
/** A hold is released once, whoever asks. */
export const releaseKey = (heldAt: Date): string => `release/${heldAt.toISOString()}`;

/** The holder of limits that a key holds; `undefined` of all that do not end a freeze. */
export const holderOfKey = (key: string): string | undefined =>
  /^unfreeze\/[A-Za-z0-9-]+\/(?<holder>.+)$/s.exec(key)?.groups?.holder;

/** The ARN that a key holds; `undefined` of a release, an approval, an unfreeze and keys that no wish has. */
export function arnOfKey(key: string): string | undefined {
  const wishOf =
    /^(?:person\/[A-Za-z0-9-]+\/(?<stop>arn:.+)|keep\/(?<keep>arn:.+)\/[A-Za-z0-9-]+|restore\/(?<restore>arn:.+)\/\d{4}-[\d:T.-]+Z\/[A-Za-z0-9-]+)$/;
  const groups = wishOf.exec(key)?.groups;
  return groups?.stop ?? groups?.keep ?? groups?.restore;
}
