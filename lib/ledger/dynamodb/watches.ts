import { naming } from '../errors.ts';
import type { Ledger, Watch } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';
import { AT_ONCE, putAll } from './batches.ts';
import type { Entities } from './entities.ts';
import { readWatch } from './rows.ts';

/** Whole: a field that is `undefined` is absent from the item, so a put clears it. */
const itemOf = (account: string, region: string, watch: Watch, now: Date) => ({
  account,
  region,
  arn: watch.arn,
  since: watch.since.toISOString(),
  ...(watch.busyAt === undefined ? {} : { busyAt: watch.busyAt.toISOString() }),
  ...(watch.stopAt === undefined ? {} : { stopAt: watch.stopAt.toISOString() }),
  ...(watch.heldAt === undefined ? {} : { heldAt: watch.heldAt.toISOString() }),
  ...(watch.heldDue === undefined ? {} : { heldDue: watch.heldDue }),
  ...(watch.toldAt === undefined ? {} : { toldAt: watch.toldAt.toISOString() }),
  ...(watch.orderedAt === undefined ? {} : { orderedAt: watch.orderedAt.toISOString() }),
  ...(watch.paced === undefined ? {} : { paced: watch.paced }),
  ...(watch.closingAt === undefined ? {} : { closingAt: watch.closingAt.toISOString() }),
  ...(watch.endsAt === undefined ? {} : { endsAt: watch.endsAt.toISOString() }),
  ...(watch.upSince === undefined ? {} : { upSince: watch.upSince.toISOString() }),
  ...(watch.downSince === undefined ? {} : { downSince: watch.downSince.toISOString() }),
  ...(watch.notedAt === undefined ? {} : { notedAt: watch.notedAt.toISOString() }),
  expiresAt: expiryOf('watch', now),
});

/** What the sweep remembers. */
export const watchesPart = (entities: Entities): Pick<Ledger, 'watches' | 'saveWatches'> => ({
  watches: (account, region, now) =>
    naming('reading watches', async () => {
      const { data } = await entities.watch.query
        .primary({ account, region })
        .where(({ expiresAt }, { gt }) => gt(expiresAt, expiredBy(now)))
        .go({ pages: 'all', consistent: true });
      return new Map(data.map(readWatch).map((watch) => [watch.arn, watch]));
    }),

  saveWatches: (account, region, watches, now) =>
    naming('saving watches', () =>
      putAll(
        watches.map((watch) => itemOf(account, region, watch, now)),
        ({ arn }: { arn: string }) => arn,
        (items) => entities.watch.put(items).go({ concurrent: AT_ONCE }),
      ),
    ),
});
