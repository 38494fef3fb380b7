import { encodeBudgetReading } from '../../types/wire.ts';
import { LedgerError, naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { laterEnd, mergeMarks } from '../marks.ts';
import type { Entities } from './entities.ts';
import { readBreach, readFreeze, readReach, readUnfreeze } from './rows.ts';

/**
 * Breaches, freezes and rules that were reached: an item each, so that each lives and is guarded by itself. The attribute
 * `project` is the holder of the limits: of a project its name, which it was before teams and models had any.
 */
export const marksPart = (
  entities: Entities,
): Pick<Ledger, 'projectMarks' | 'markBreach' | 'freeze' | 'unfreeze' | 'reach' | 'unreach'> => ({
  projectMarks: (now) =>
    naming('reading project marks', async () => {
      const all = { pages: 'all', consistent: true } as const;
      const live = now.toISOString();
      const [breaches, otherBreaches, freezes, unfreezes, reaches] = await Promise.all([
        entities.breach.query
          .primary({})
          .where(({ until }, { gt }) => gt(until, live))
          .go(all),
        entities.sourceBreach.query
          .primary({})
          .where(({ until }, { gt }) => gt(until, live))
          .go(all),
        entities.freeze.query
          .primary({})
          .where(({ until }, { gt }) => gt(until, live))
          .go(all),
        entities.unfreeze.query
          .primary({})
          .where(({ until }, { gt }) => gt(until, live))
          .go(all),
        entities.reach.query
          .primary({})
          .where(({ until }, { gt }) => gt(until, live))
          .go(all),
      ]);
      return mergeMarks(
        [...breaches.data, ...otherBreaches.data].map(readBreach),
        freezes.data.map(readFreeze),
        unfreezes.data.map(readUnfreeze),
        reaches.data.map(readReach),
      );
    }),

  markBreach: (reading, until) =>
    naming('marking a breach', async () => {
      const { source } = reading;
      const item = {
        project: reading.holder,
        asOf: reading.asOf.toISOString(),
        reading: JSON.stringify(encodeBudgetReading(reading)),
        until: until.toISOString(),
        expiresAt: expiryOf('mark', until),
      };
      const quiet = { returnOnConditionCheckFailure: true } as const;
      if (source === 'budgets') {
        await entities.breach
          .put(item)
          .where(({ asOf }, { notExists, lte }) => `${notExists(asOf)} OR ${lte(asOf, item.asOf)}`)
          .go(quiet);
      } else {
        await entities.sourceBreach
          .put({ ...item, source })
          .where(({ asOf }, { notExists, lte }) => `${notExists(asOf)} OR ${lte(asOf, item.asOf)}`)
          .go(quiet);
      }
    }),

  freeze: (holder, until) =>
    naming('freezing a project', async () => {
      const untilText = until.toISOString();
      await entities.freeze
        .put({ project: holder, until: untilText, expiresAt: expiryOf('mark', until) })
        .where((frozen, { notExists, lt }) => `${notExists(frozen.until)} OR ${lt(frozen.until, untilText)}`)
        .go({ returnOnConditionCheckFailure: true });
    }),

  unfreeze: (holder, now) =>
    naming('ending a freeze', async () => {
      const [frozen, ended] = await Promise.all([
        entities.freeze.get({ project: holder }).go({ consistent: true }),
        entities.unfreeze.get({ project: holder }).go({ consistent: true }),
      ]);
      if (frozen.data === null || readFreeze(frozen.data).until <= now) return;
      const until = laterEnd(
        ended.data === null ? undefined : readUnfreeze(ended.data).until,
        readFreeze(frozen.data).until,
      );
      // First, so that whoever finds it frozen no more finds this as well.
      await entities.unfreeze
        .put({
          project: holder,
          at: now.toISOString(),
          until: until.toISOString(),
          expiresAt: expiryOf('mark', until),
        })
        .go();
      await entities.freeze.delete({ project: holder }).go();
    }),

  reach: (holder, period, rule, at, until) =>
    naming('remembering that a rule was reached', async () => {
      const { rejected, data } = await entities.reach
        .put({
          project: holder,
          period,
          rule,
          at: at.toISOString(),
          until: until.toISOString(),
          expiresAt: expiryOf('mark', until),
        })
        .where((reached, { notExists }) => notExists(reached.at))
        .go({ returnOnConditionCheckFailure: 'all_old' });
      if (!rejected) return at;
      if (data === null)
        throw new LedgerError(`ledger: no time of ${rule} of ${holder} came with the refusal`);
      return readReach(data).at;
    }),

  unreach: (holder, period, rule) =>
    naming('forgetting that a rule was reached', async () => {
      await entities.reach.delete({ project: holder, period, rule }).go();
    }),
});
