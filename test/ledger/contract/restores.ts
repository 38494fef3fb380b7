import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../../lib/ledger/errors.ts';
import type { Ledger, RestoreRecord, RestoreState } from '../../../lib/ledger/ledger.ts';
import { arnOf, at, resource, T0 } from '../fixtures.ts';

/** What every ledger must do with what restores need. */
export function restoresContract(makeLedger: () => Promise<Ledger>): void {
  describe('restore records', () => {
    const record = (id: string, kept: unknown, more: Partial<RestoreRecord> = {}): RestoreRecord => ({
      arn: arnOf(id),
      resource: resource(id),
      project: 'Recsys',
      trigger: 'idle',
      savedAt: T0,
      state: 'stopped',
      record: kept,
      ...more,
    });
    const idsIn = async (ledger: Ledger, state: RestoreState, project?: string): Promise<string[]> =>
      (await ledger.restoreRecords(state, project)).map((found) => found.resource.id).toSorted();

    it.each([
      [{ config: 'c-1', tags: { '': '' }, list: [1, null, 'ünïcode 🙂', { deep: true }], none: {} }],
      [null],
      ['text'],
      [[]],
    ])('come back as they were saved: %j', async (kept) => {
      const ledger = await makeLedger();
      await ledger.saveRestore(record('i-1', kept));
      expect(await ledger.restoreRecord(arnOf('i-1'))).toStrictEqual(record('i-1', kept));
      expect(await ledger.restoreRecord(arnOf('i-2'))).toBeUndefined();
    });

    it('are replaced by the next stop', async () => {
      const ledger = await makeLedger();
      await ledger.saveRestore(record('i-1', { turn: 1 }));
      await ledger.saveRestore({ ...record('i-1', { turn: 2 }), savedAt: at(9) });
      expect(await ledger.restoreRecord(arnOf('i-1'))).toMatchObject({ savedAt: at(9), record: { turn: 2 } });
    });

    it('of up to 350 KB are kept and larger ones refused, in bytes', async () => {
      const ledger = await makeLedger();
      await ledger.saveRestore(record('i-1', 'x'.repeat(349 * 1_024)));
      expect((await ledger.restoreRecord(arnOf('i-1')))?.record).toHaveLength(349 * 1_024);
      // A euro sign is 3 bytes.
      const refused = ledger.saveRestore(record('i-2', '€'.repeat(120 * 1_024)));
      await expect(refused).rejects.toBeInstanceOf(LedgerError);
      await expect(refused).rejects.toThrow(/restore record of .*i-2 is 361 KB; at most 350 KB/);
      expect(await ledger.restoreRecord(arnOf('i-2'))).toBeUndefined();
    });

    it('that are no JSON are refused with the cause', async () => {
      const ledger = await makeLedger();
      const refused = ledger.saveRestore(record('i-1', { big: 1n }));
      await expect(refused).rejects.toBeInstanceOf(LedgerError);
      await expect(refused).rejects.toHaveProperty('cause', expect.any(TypeError));
    });

    it.each([
      { trigger: 'budget', project: undefined },
      { trigger: 'person', project: '' },
      { trigger: 'keep-tag', project: 'null' },
    ] as const)('say what they were stopped for, and for whom: $trigger, $project', async (more) => {
      const ledger = await makeLedger();
      const saved = record('i-1', { turn: 1 }, { ...more, state: 'restoring' });
      await ledger.saveRestore(saved);
      expect(await ledger.restoreRecord(arnOf('i-1'))).toStrictEqual(saved);
      expect(await ledger.restoreRecords('restoring')).toStrictEqual([saved]);
    });

    it('are found by their state, of one project or of all', async () => {
      const ledger = await makeLedger();
      await ledger.saveRestore(record('i-1', {}));
      await ledger.saveRestore(record('i-2', {}, { project: 'fraud' }));
      await ledger.saveRestore(record('i-3', {}, { project: undefined }));
      await ledger.saveRestore(record('i-4', {}, { state: 'restoring' }));
      await ledger.saveRestore(record('i-5', {}, { state: 'restored' }));
      expect(await idsIn(ledger, 'stopped')).toEqual(['i-1', 'i-2', 'i-3']);
      expect(await idsIn(ledger, 'restoring')).toEqual(['i-4']);
      expect(await idsIn(ledger, 'restored')).toEqual(['i-5']);
      expect(await idsIn(ledger, 'stopped', 'Recsys')).toEqual(['i-1']);
      expect(await idsIn(ledger, 'stopped', 'fraud')).toEqual(['i-2']);
      expect(await idsIn(ledger, 'restored', 'fraud')).toEqual([]);
    });

    it('of a project are never those of another whose name begins like it, whatever it holds', async () => {
      const ledger = await makeLedger();
      const projects = [
        'a',
        'a#b',
        'a"',
        'a"#',
        'ab',
        'A',
        '',
        '#',
        '"a"',
        'null',
        'a\\',
        'a\\"#x',
        undefined,
      ];
      for (const [index, project] of projects.entries()) {
        await ledger.saveRestore(record(`i-${index}`, {}, { project }));
      }
      for (const [index, project] of projects.entries()) {
        if (project === undefined) continue;
        expect(await idsIn(ledger, 'stopped', project)).toEqual([`i-${index}`]);
      }
      expect(await idsIn(ledger, 'stopped')).toHaveLength(projects.length);
    });

    it('are found by a new state, and by it alone', async () => {
      const ledger = await makeLedger();
      await ledger.saveRestore(record('i-1', { turn: 1 }));
      await ledger.saveRestore(record('i-2', {}, { project: undefined }));
      await ledger.setRestoreState(arnOf('i-1'), T0, 'restoring');
      await ledger.setRestoreState(arnOf('i-2'), T0, 'restored');
      expect(await ledger.restoreRecord(arnOf('i-1'))).toStrictEqual(
        record('i-1', { turn: 1 }, { state: 'restoring' }),
      );
      expect(await ledger.restoreRecords('restoring', 'Recsys')).toStrictEqual([
        record('i-1', { turn: 1 }, { state: 'restoring' }),
      ]);
      expect(await idsIn(ledger, 'restored')).toEqual(['i-2']);
      expect(await idsIn(ledger, 'stopped')).toEqual([]);
      await ledger.setRestoreState(arnOf('i-1'), T0, 'restored');
      expect(await idsIn(ledger, 'restored', 'Recsys')).toEqual(['i-1']);
      expect(await idsIn(ledger, 'restoring')).toEqual([]);
    });

    it('of a later stop stay as they are when an earlier one is settled', async () => {
      const ledger = await makeLedger();
      const second = record('i-1', { turn: 2 }, { savedAt: at(9), project: 'fraud' });
      await ledger.saveRestore(record('i-1', { turn: 1 }));
      await ledger.saveRestore(second);
      await ledger.setRestoreState(arnOf('i-1'), T0, 'restored');
      expect(await ledger.restoreRecord(arnOf('i-1'))).toStrictEqual(second);
      expect(await idsIn(ledger, 'restored')).toEqual([]);
      expect(await idsIn(ledger, 'stopped', 'Recsys')).toEqual([]);
      expect(await idsIn(ledger, 'stopped', 'fraud')).toEqual(['i-1']);
    });

    it('that were stopped again are in that state alone', async () => {
      const ledger = await makeLedger();
      await ledger.saveRestore(record('i-1', { turn: 1 }));
      await ledger.setRestoreState(arnOf('i-1'), T0, 'restored');
      await ledger.saveRestore(record('i-1', { turn: 2 }, { savedAt: at(9) }));
      expect(await idsIn(ledger, 'restored')).toEqual([]);
      expect(await idsIn(ledger, 'stopped')).toEqual(['i-1']);
    });

    it('have no state to change where there are none', async () => {
      const ledger = await makeLedger();
      await ledger.setRestoreState(arnOf('i-1'), T0, 'restored');
      expect(await ledger.restoreRecord(arnOf('i-1'))).toBeUndefined();
      expect(await ledger.restoreRecords('restored')).toEqual([]);
    });

    it('are all found, however many and large they are', async () => {
      const ledger = await makeLedger();
      // A page of a query ends at 1 MB.
      for (let index = 0; index < 8; index++) {
        await ledger.saveRestore(record(`i-${index}`, 'x'.repeat(300 * 1_024)));
      }
      expect(await idsIn(ledger, 'stopped', 'Recsys')).toHaveLength(8);
    });
  });
}
