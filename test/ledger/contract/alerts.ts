import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../lib/ledger/ledger.ts';
import type { AlertAnswer } from '../../../lib/types/alert.ts';
import { alertOf as alert, at, T0 } from '../fixtures.ts';

const answer = (id: string, more: Partial<AlertAnswer> = {}): AlertAnswer => ({
  id,
  at: at(1).toISOString(),
  by: 'ana',
  text: `ana kept it (${id}).`,
  ...more,
});

/** What every ledger must do with alerts and the answers to them. */
export function alertsContract(makeLedger: () => Promise<Ledger>): void {
  describe('alerts', () => {
    it('come back as they were saved, with no answer yet', async () => {
      const ledger = await makeLedger();
      await ledger.saveAlert(alert('a-1'));
      await ledger.saveAlert(alert('a-2', { items: [], heldAt: T0.toISOString() }));
      expect(await ledger.alert('a-1')).toStrictEqual({ alert: alert('a-1'), answers: [] });
      expect((await ledger.alert('a-2'))?.alert.heldAt).toBe(T0.toISOString());
      expect(await ledger.alert('A-1')).toBeUndefined();
    });

    it('keep their answers in their order', async () => {
      const ledger = await makeLedger();
      await ledger.saveAlert(alert('a-1'));
      const asked = answer('p-2', { approval: { item: 0, offer: 'keep-2h', asker: 'U012AB3CD' } });
      expect(await ledger.answerAlert('a-1', answer('p-1'))).toStrictEqual([answer('p-1')]);
      expect(await ledger.answerAlert('a-1', asked)).toStrictEqual([answer('p-1'), asked]);
      // In the order in which they came, not of the clocks that they came from.
      const early = answer('p-0', { at: T0.toISOString() });
      const all = [answer('p-1'), asked, early];
      expect(await ledger.answerAlert('a-1', early)).toStrictEqual(all);
      expect(await ledger.alert('a-1')).toStrictEqual({ alert: alert('a-1'), answers: all });
    });

    it('take an answer once, and say what is there', async () => {
      const ledger = await makeLedger();
      await ledger.saveAlert(alert('a-1'));
      await ledger.answerAlert('a-1', answer('p-1'));
      await ledger.answerAlert('a-1', answer('p-2'));
      expect(await ledger.answerAlert('a-1', answer('p-1', { text: 'Again.' }))).toStrictEqual([
        answer('p-1'),
        answer('p-2'),
      ]);
      // An id is not found in another one.
      expect(await ledger.answerAlert('a-1', answer('p'))).toHaveLength(3);
    });

    it('that are saved again keep their answers and take the new words', async () => {
      const ledger = await makeLedger();
      await ledger.saveAlert(alert('a-1'));
      await ledger.answerAlert('a-1', answer('p-1'));
      await ledger.saveAlert(alert('a-1', { title: 'It will stop' }));
      expect(await ledger.alert('a-1')).toStrictEqual({
        alert: alert('a-1', { title: 'It will stop' }),
        answers: [answer('p-1')],
      });
      expect(await ledger.answerAlert('a-1', answer('p-1'))).toStrictEqual([answer('p-1')]);
    });

    it('that are unknown have no answers and take none', async () => {
      const ledger = await makeLedger();
      expect(await ledger.answerAlert('a-1', answer('p-1'))).toStrictEqual([]);
      expect(await ledger.alert('a-1')).toBeUndefined();
      await ledger.saveAlert(alert('a-1'));
      expect((await ledger.alert('a-1'))?.answers).toStrictEqual([]);
    });

    it('lose none of many answers that come at once, each of them twice', async () => {
      const ledger = await makeLedger();
      await ledger.saveAlert(alert('a-1'));
      const ids = Array.from({ length: 15 }, (_, index) => `p-${index}`);
      const said = await Promise.all(
        [...ids, ...ids].map(async (id) => ({ id, all: await ledger.answerAlert('a-1', answer(id)) })),
      );
      const answers = (await ledger.alert('a-1'))?.answers ?? [];
      expect(answers.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      // Each was told what was there by then, its own answer among it.
      for (const { id, all } of said) {
        expect(all).toStrictEqual(answers.slice(0, all.length));
        expect(all.map((one) => one.id)).toContain(id);
      }
    });
  });
}
