import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';
import { recommendedText } from '../recommended-text.ts';
import type { Entities } from './entities.ts';
import { readNewestReport, readReportLink } from './rows.ts';

/** Reports that were written, and the links to them. */
export const reportsPart = (
  entities: Entities,
): Pick<Ledger, 'saveReport' | 'newestReport' | 'reportByToken'> => ({
  saveReport: ({ month, madeAt, keys, link, recommended }) =>
    naming('saving a report', async () => {
      const report = { month, keys: JSON.stringify(keys) };
      // The link first: whoever is told of it finds it open.
      if (link !== undefined) {
        const { tokenHash, until } = link;
        await entities.reportLink
          .put({
            ...report,
            tokenHash,
            until: until.toISOString(),
            expiresAt: expiryOf('reportLink', until),
          })
          .go();
      }
      await entities.newestReport
        .put({
          ...report,
          madeAt: madeAt.toISOString(),
          ...(recommended === undefined ? {} : { recommended: recommendedText(recommended) }),
          ...(link === undefined ? {} : { ...link, until: link.until.toISOString() }),
          expiresAt: expiryOf('newestReport', madeAt),
        })
        .where(
          (held, { notExists, lte }) =>
            `${notExists(held.madeAt)} OR ${lte(held.madeAt, madeAt.toISOString())}`,
        )
        .go({ returnOnConditionCheckFailure: true });
    }),

  newestReport: (now) =>
    naming('reading the newest report', async () => {
      const { data } = await entities.newestReport.get({}).go({ consistent: true });
      if (data === null) return undefined;
      const { report, expiresAt } = readNewestReport(data);
      return expiresAt > expiredBy(now) ? report : undefined;
    }),

  reportByToken: (tokenHash, now) =>
    naming('looking up a link to a report', async () => {
      const { data } = await entities.reportLink.get({ tokenHash }).go({ consistent: true });
      if (data === null) return undefined;
      const { month, keys, until, expiresAt } = readReportLink(data);
      if (expiresAt <= expiredBy(now)) return undefined;
      return until > now ? { state: 'open', month, keys } : { state: 'expired' };
    }),
});
