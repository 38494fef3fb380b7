import { LedgerError, naming } from '../errors.ts';
import { afterWish, type HeldKeep } from '../keeping.ts';
import type { Keep, KeepPlace, Ledger } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';
import { AT_ONCE, putAll } from './batches.ts';
import type { Entities } from './entities.ts';
import { readKeep, readKeepTag } from './rows.ts';

/** More than callers ever meet: each attempt fails only because another caller's wish got through. */
const ATTEMPTS = 40;

const itemOf = ({ account, region }: KeepPlace, { keep, ids }: HeldKeep, revision: number) => ({
  account,
  region,
  arn: keep.arn,
  since: keep.since.toISOString(),
  until: keep.until.toISOString(),
  by: keep.by,
  at: keep.at.toISOString(),
  count: keep.count,
  ids: [...ids],
  revision,
  expiresAt: expiryOf('keep', keep.until),
});

async function keepOne(entities: Entities, wish: Parameters<Ledger['keep']>[0]): Promise<Keep> {
  const { account, region, arn } = wish;
  const known = await entities.keep.get({ account, region, arn }).go({ consistent: true });
  let held = known.data === null ? undefined : readKeep(known.data);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const next = afterWish(held, wish);
    if (next === held) return next.keep;
    const seen = held?.revision;
    const { rejected, data } = await entities.keep
      .put(itemOf(wish, next, (seen ?? 0) + 1))
      .where(({ revision }, { notExists, eq }) =>
        seen === undefined ? notExists(revision) : eq(revision, seen),
      )
      .go({ returnOnConditionCheckFailure: 'all_old' });
    if (!rejected) return next.keep;
    held = data === null ? undefined : readKeep(data);
  }
  throw new LedgerError(`ledger: ${arn} could not be kept in ${ATTEMPTS} attempts`);
}

/** What people want kept, by a press or by a tag. */
export const keepsPart = (
  entities: Entities,
): Pick<Ledger, 'keeps' | 'keep' | 'keepTags' | 'saveKeepTags'> => ({
  keeps: (account, region, now) =>
    naming('reading keeps', async () => {
      const { data } = await entities.keep.query
        .primary({ account, region })
        .where(({ expiresAt }, { gt }) => gt(expiresAt, expiredBy(now)))
        .go({ pages: 'all', consistent: true });
      return new Map(data.map((item) => readKeep(item).keep).map((keep) => [keep.arn, keep]));
    }),

  keep: (wish) => naming('keeping a resource', () => keepOne(entities, wish)),

  keepTags: (account, region) =>
    naming('reading keep tags', async () => {
      const { data } = await entities.keepTag.query
        .primary({ account, region })
        .go({ pages: 'all', consistent: true });
      return new Map(data.map(readKeepTag).map((tag) => [tag.arn, tag]));
    }),

  saveKeepTags: (account, region, tags, now) =>
    naming('saving keep tags', () =>
      putAll(
        tags.map(({ arn, value, seenAt }) => ({
          account,
          region,
          arn,
          value,
          seenAt: seenAt.toISOString(),
          expiresAt: expiryOf('keepTag', now),
        })),
        ({ arn }: { arn: string }) => arn,
        (items) => entities.keepTag.put(items).go({ concurrent: AT_ONCE }),
      ),
    ),
});
