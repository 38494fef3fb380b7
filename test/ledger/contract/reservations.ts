import { describe, expect, it } from 'vitest';
import type { Ledger, Reservation } from '../../../lib/ledger/ledger.ts';
import { microUsd, sumUsd } from '../../../lib/types/money.ts';
import { at, DAY, T0 } from '../fixtures.ts';

export const reservation = (id: string, more: Partial<Reservation> = {}): Reservation => ({
  id,
  asked: 'a'.repeat(64),
  project: 'Recsys',
  at: T0,
  until: at(3_600),
  jobs: [
    {
      cost: microUsd(12_345_678n),
      kind: 'sagemaker-training-job',
      region: 'us-east-1',
      name: 'train',
      size: '2 × ml.g5.xlarge',
      jobs: 1,
    },
    { cost: microUsd(1n), kind: undefined, region: 'us-east-1', name: undefined, size: undefined, jobs: 1 },
  ],
  answer: '{"verdict":"pass"}',
  ...more,
});

const POT = 'team:alpha';

/** What every ledger must do with what the gate has let through. */
export function reservationsContract(makeLedger: () => Promise<Ledger>): void {
  describe('reservations', () => {
    it('come back as they were saved, each pot by itself', async () => {
      const ledger = await makeLedger();
      const none = await ledger.reservations(POT, T0);
      expect(none).toStrictEqual({ reservations: [], version: undefined });
      const some = [reservation('a'), reservation('b', { model: 'scorer' })];
      expect(await ledger.saveReservations(POT, some, none.version, T0)).toBe(true);
      expect((await ledger.reservations(POT, T0)).reservations).toStrictEqual(some);
      expect((await ledger.reservations('Recsys', T0)).reservations).toStrictEqual([]);
    });

    it('hold until they end, and are dropped by the next write', async () => {
      const ledger = await makeLedger();
      const long = reservation('long', { until: at(2 * DAY) });
      await ledger.saveReservations(POT, [reservation('short'), long], undefined, T0);
      const before = await ledger.reservations(POT, at(3_599.999));
      expect(before.reservations.map(({ id }) => id)).toEqual(['short', 'long']);
      expect((await ledger.reservations(POT, at(3_600))).reservations).toStrictEqual([long]);
      expect(await ledger.saveReservations(POT, before.reservations, before.version, at(3_600))).toBe(true);
      expect((await ledger.reservations(POT, T0)).reservations).toStrictEqual([long]);
    });

    it('are written by one of those who read the same, and nothing of the others is there', async () => {
      const ledger = await makeLedger();
      for (const before of [[], [reservation('old')]]) {
        if (before.length > 0) {
          const { version } = await ledger.reservations(POT, T0);
          await ledger.saveReservations(POT, before, version, T0);
        }
        const { version } = await ledger.reservations(POT, T0);
        const written = await Promise.all(
          ['a', 'b', 'c'].map((id) =>
            ledger.saveReservations(POT, [...before, reservation(id)], version, T0),
          ),
        );
        expect(written.filter(Boolean)).toHaveLength(1);
        const winner = ['a', 'b', 'c'][written.indexOf(true)];
        expect((await ledger.reservations(POT, T0)).reservations.map(({ id }) => id)).toEqual([
          ...before.map(({ id }) => id),
          winner,
        ]);
      }
    });

    it('let no more through than a limit holds, however many ask at once and read anew', async () => {
      const ledger = await makeLedger();
      const ask = async (id: string): Promise<boolean> => {
        for (;;) {
          const { reservations, version } = await ledger.reservations(POT, T0);
          const taken = sumUsd(reservations.flatMap(({ jobs }) => jobs.map(({ cost }) => cost)));
          // Each asks for $12.345679 of $40.
          if (taken + 12_345_679n > 40_000_000n) return false;
          if (await ledger.saveReservations(POT, [...reservations, reservation(id)], version, T0))
            return true;
        }
      };
      const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(ask));
      expect(answers.filter(Boolean)).toHaveLength(3);
    });

    it('are refused where they are more than one item holds', async () => {
      const ledger = await makeLedger();
      const much = Array.from({ length: 40 }, (_, n) =>
        reservation(String(n), { answer: 'x'.repeat(10_000) }),
      );
      await expect(ledger.saveReservations(POT, much, undefined, T0)).rejects.toThrow(
        /^ledger: what is reserved of team:alpha is \d+ KB; at most 350 KB can be kept/,
      );
    });
  });
}
