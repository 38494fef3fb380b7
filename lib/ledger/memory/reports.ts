import type { Ledger, LinkedReport, SavedReport } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';

/** Reports that were written, and the links to them. */
export function reportsIn(): Pick<Ledger, 'saveReport' | 'newestReport' | 'reportByToken'> {
  let newest: SavedReport | undefined;
  const links = new Map<string, SavedReport & { readonly until: Date }>();
  return {
    saveReport: async (report) => {
      if (report.link !== undefined) {
        links.set(report.link.tokenHash, { ...report, until: report.link.until });
      }
      if (newest === undefined || newest.madeAt <= report.madeAt) newest = report;
    },
    newestReport: async (now) =>
      newest !== undefined && expiryOf('newestReport', newest.madeAt) > expiredBy(now) ? newest : undefined,
    reportByToken: async (tokenHash, now): Promise<LinkedReport | undefined> => {
      const found = links.get(tokenHash);
      if (found === undefined || expiryOf('reportLink', found.until) <= expiredBy(now)) return undefined;
      const { month, keys, until } = found;
      return until > now ? { state: 'open', month, keys } : { state: 'expired' };
    },
  };
}
