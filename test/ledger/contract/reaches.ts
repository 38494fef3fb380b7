import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../lib/ledger/ledger.ts';
import { at, DAY, reading, T0 } from '../fixtures.ts';

const END = at(4 * DAY);
const JANUARY = '2026-01-01';
const FEBRUARY = '2026-02-01';
const RULE = 'actual-100';

const reachedOf = async (ledger: Ledger, now: Date, project = 'Recsys') =>
  (await ledger.projectMarks(now)).get(project)?.reached;

/** What every ledger must do with rules that were reached. */
export function reachesContract(makeLedger: () => Promise<Ledger>): void {
  describe('rules that were reached', () => {
    it('were so when it was said first; a repeat changes nothing', async () => {
      const ledger = await makeLedger();
      expect(await ledger.reach('Recsys', JANUARY, RULE, at(10), END)).toStrictEqual(at(10));
      expect(await ledger.reach('Recsys', JANUARY, RULE, at(20), at(5 * DAY))).toStrictEqual(at(10));
      expect(await ledger.reach('Recsys', JANUARY, RULE, at(5), END)).toStrictEqual(at(10));
      expect((await ledger.projectMarks(at(20))).get('Recsys')).toStrictEqual({
        holder: 'Recsys',
        breaches: new Map(),
        frozenUntil: undefined,
        reached: new Map([[RULE, at(10)]]),
        until: END,
      });
    });

    it('have one time for all who say so at once', async () => {
      const ledger = await makeLedger();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => ledger.reach('Recsys', JANUARY, RULE, at(index), END)),
      );
      expect(new Set(answers.map((time) => time.getTime())).size).toBe(1);
      expect(await reachedOf(ledger, T0)).toStrictEqual(new Map([[RULE, answers[0]]]));
    });

    it('are each its own: by project, period and rule', async () => {
      const ledger = await makeLedger();
      const wishes = [
        ['a', RULE],
        ['a#b', RULE],
        ['a', 'actual-50'],
        ['A', RULE],
      ] as const;
      for (const [index, [project, rule]] of wishes.entries()) {
        expect(await ledger.reach(project, JANUARY, rule, at(index), END)).toStrictEqual(at(index));
      }
      const marks = await ledger.projectMarks(T0);
      expect(new Map([...marks].map(([project, { reached }]) => [project, reached]))).toStrictEqual(
        new Map([
          [
            'a',
            new Map([
              [RULE, at(0)],
              ['actual-50', at(2)],
            ]),
          ],
          ['a#b', new Map([[RULE, at(1)]])],
          ['A', new Map([[RULE, at(3)]])],
        ]),
      );
    });

    it('end with the period, and begin anew in the next one', async () => {
      const ledger = await makeLedger();
      await ledger.reach('Recsys', JANUARY, RULE, at(10), END);
      expect(await reachedOf(ledger, new Date(END.getTime() - 1))).toStrictEqual(new Map([[RULE, at(10)]]));
      expect(await reachedOf(ledger, END)).toBeUndefined();
      const later = at(6 * DAY);
      expect(await ledger.reach('Recsys', FEBRUARY, RULE, later, at(30 * DAY))).toStrictEqual(later);
      expect(await reachedOf(ledger, later)).toStrictEqual(new Map([[RULE, later]]));
      await ledger.unreach('Recsys', JANUARY, RULE);
      expect(await reachedOf(ledger, later)).toStrictEqual(new Map([[RULE, later]]));
    });

    it('are forgotten when the spend falls, and may be reached again', async () => {
      const ledger = await makeLedger();
      await ledger.unreach('Recsys', JANUARY, RULE);
      await ledger.reach('Recsys', JANUARY, RULE, at(10), END);
      await ledger.reach('Recsys', JANUARY, 'actual-120', at(11), END);
      await ledger.unreach('Recsys', JANUARY, RULE);
      expect(await reachedOf(ledger, at(12))).toStrictEqual(new Map([['actual-120', at(11)]]));
      expect(await ledger.reach('Recsys', JANUARY, RULE, at(20), END)).toStrictEqual(at(20));
    });

    it('stand beside a breach and a freeze of the project', async () => {
      const ledger = await makeLedger();
      await ledger.reach('Recsys', JANUARY, RULE, at(10), at(100));
      await ledger.markBreach(reading('Recsys', at(20)), at(200));
      await ledger.freeze('Recsys', at(50));
      expect((await ledger.projectMarks(at(20))).get('Recsys')).toStrictEqual({
        holder: 'Recsys',
        breaches: new Map([['budgets', reading('Recsys', at(20))]]),
        frozenUntil: at(50),
        reached: new Map([[RULE, at(10)]]),
        until: at(200),
      });
      expect((await ledger.projectMarks(at(150))).get('Recsys')).toStrictEqual({
        holder: 'Recsys',
        breaches: new Map([['budgets', reading('Recsys', at(20))]]),
        frozenUntil: undefined,
        reached: new Map(),
        until: at(200),
      });
    });
  });
}
