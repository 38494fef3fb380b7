import { encodeBudgetReading } from '../../types/wire.ts';
import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { mergeMarks } from '../marks.ts';
import type { Entities } from './entities.ts';
import { readBreach, readFreeze } from './rows.ts';

/** Breaches and freezes: an item each, so that each lives and is guarded by itself. */
export const marksPart = (entities: Entities): Pick<Ledger, 'projectMarks' | 'markBreach' | 'freeze'> => ({
  projectMarks: (now) =>
    naming('reading project marks', async () => {
      const all = { pages: 'all', consistent: true } as const;
      const live = now.toISOString();
      const [breaches, freezes] = await Promise.all([
        entities.breach.query
          .primary({})
          .where(({ until }, { gt }) => gt(until, live))
          .go(all),
        entities.freeze.query
          .primary({})
          .where(({ until }, { gt }) => gt(until, live))
          .go(all),
      ]);
      return mergeMarks(breaches.data.map(readBreach), freezes.data.map(readFreeze));
    }),

  markBreach: (reading, until) =>
    naming('marking a breach', async () => {
      const asOfText = reading.asOf.toISOString();
      await entities.breach
        .put({
          project: reading.project,
          asOf: asOfText,
          reading: JSON.stringify(encodeBudgetReading(reading)),
          until: until.toISOString(),
          expiresAt: expiryOf('mark', until),
        })
        .where(({ asOf }, { notExists, lte }) => `${notExists(asOf)} OR ${lte(asOf, asOfText)}`)
        .go({ returnOnConditionCheckFailure: true });
    }),

  freeze: (project, until) =>
    naming('freezing a project', async () => {
      const untilText = until.toISOString();
      await entities.freeze
        .put({ project, until: untilText, expiresAt: expiryOf('mark', until) })
        .where((frozen, { notExists, lt }) => `${notExists(frozen.until)} OR ${lt(frozen.until, untilText)}`)
        .go({ returnOnConditionCheckFailure: true });
    }),
});
