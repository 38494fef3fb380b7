import { describe, expect, it } from 'vitest';
import type { Approval, Ledger } from '../../../lib/ledger/ledger.ts';
import { arnOf, at, T0 } from '../fixtures.ts';

/** What every ledger must do with approved plans. */
export function approvalsContract(makeLedger: () => Promise<Ledger>): void {
  describe('the approved plan', () => {
    const approval = (lists: Readonly<Record<string, readonly string[]>>, when = T0): Approval => ({
      hash: `sha256:${when.getTime()}`,
      policyHash: 'sha256:policy',
      lists: new Map(Object.entries(lists).map(([name, arns]) => [name, new Set(arns)] as const)),
      at: when,
      by: 'ana (command line)',
    });

    it('comes back as it was approved; before that there is none', async () => {
      const ledger = await makeLedger();
      expect(await ledger.approval()).toBeUndefined();
      const first = approval({
        development: [arnOf('i-1'), arnOf('i-2')],
        ' untagged': [arnOf('i-3')],
        'ünïcode 🙂': [arnOf('Model')],
        constructor: [arnOf('model')],
      });
      await ledger.approve(first);
      expect(await ledger.approval()).toStrictEqual(first);
    });

    it('may list nothing', async () => {
      const ledger = await makeLedger();
      await ledger.approve(approval({}));
      expect(await ledger.approval()).toStrictEqual(approval({}));
    });

    it('is replaced whole by a later one, never by an earlier one', async () => {
      const ledger = await makeLedger();
      await ledger.approve(approval({ a: [arnOf('i-1')], b: [arnOf('i-2')] }, at(60)));
      const later = approval({ c: [arnOf('i-3')] }, at(120));
      await ledger.approve(later);
      await ledger.approve(approval({ a: [arnOf('i-9')] }, at(30)));
      expect(await ledger.approval()).toStrictEqual(later);
      await ledger.approve(later);
      expect(await ledger.approval()).toStrictEqual(later);
    });

    it('may list more than one item of a table takes', async () => {
      const ledger = await makeLedger();
      // As random as ids are, so that they can be packed no better than those.
      const ids = (from: number, count: number) =>
        Array.from({ length: count }, (_, n) => arnOf(`i-${idOf(from + n)}`));
      const large = approval({ development: ids(0, 10_000), research: ids(10_000, 40_000) }, at(60));
      await ledger.approve(large);
      const found = await ledger.approval();
      expect(found?.lists.get('development')?.size).toBe(10_000);
      expect(found).toEqual(large);
      const small = approval({ development: [arnOf('i-1')] }, at(120));
      await ledger.approve(small);
      expect(await ledger.approval()).toStrictEqual(small);
    });

    it('is whole for whoever reads it while others approve', async () => {
      const ledger = await makeLedger();
      await ledger.approve(approval({ development: [arnOf('i-0')] }));
      const approved = Array.from({ length: 8 }, (_, n) =>
        approval({ [`policy-${n}`]: [arnOf(`i-${n}`)] }, at(n + 1)),
      );
      const reads = await Promise.all(
        approved.flatMap((one) => [ledger.approve(one).then(() => ledger.approval()), ledger.approval()]),
      );
      for (const read of reads) {
        expect(read?.lists.size).toBe(1);
        const known = [approval({ development: [arnOf('i-0')] }), ...approved];
        expect(known).toContainEqual(read);
      }
      expect((await ledger.approval())?.at).toEqual(at(8));
    });
  });
}

/** 17 hexadecimal digits, as EC2 gives them; the same for the same number. */
function idOf(n: number): string {
  let state = BigInt(n + 1) * 0x9e3779b97f4a7c15n;
  state ^= state >> 29n;
  state = BigInt.asUintN(68, state * 0xbf58476d1ce4e5b9n);
  return state.toString(16).padStart(17, '0');
}
