import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { readOnlyLedger } from '../../lib/ledger/read-only.ts';
import { microUsd } from '../../lib/types/money.ts';

const NOW = new Date('2026-11-25T10:30:00.000Z');
const UNTIL = new Date('2026-12-01T00:00:00.000Z');
const ARN = 'arn:aws:ec2:us-east-1:123456789012:instance/i-0aaa';

const READS = [
  'watches',
  'projectMarks',
  'restoreRecord',
  'restoreRecords',
  'keeps',
  'keepTags',
  'approval',
  'alert',
  'audit',
  'price',
  'meterRecords',
  'meterRecord',
  'meteredAt',
  'spendDays',
  'spendMonths',
  'reservations',
  'newestReport',
  'reportByToken',
  'seen',
  'told',
];

describe('a ledger that may only be read', () => {
  it('passes on what reads', async () => {
    const ledger = createMemoryLedger();
    await ledger.freeze('recsys', UNTIL);
    await ledger.savePrice('ec2/g5.xlarge', microUsd(1_006_000n), NOW);
    await ledger.once('told', NOW);
    await ledger.saveMeteredAt('123456789012', 'us-east-1', NOW);
    await ledger.keep({
      arn: ARN,
      since: NOW,
      until: UNTIL,
      by: 'ana',
      at: NOW,
      account: '123456789012',
      region: 'us-east-1',
      id: 'wish',
    });
    const seen = readOnlyLedger(ledger);
    expect((await seen.projectMarks(NOW)).get('recsys')?.frozenUntil).toEqual(UNTIL);
    expect(await seen.price('ec2/g5.xlarge')).toEqual({ hourly: 1_006_000n, asOf: NOW });
    expect(await seen.seen('told', NOW)).toBe(true);
    expect((await seen.meteredAt('123456789012', 'us-east-1'))?.last).toEqual(NOW);
    expect((await seen.keeps('123456789012', 'us-east-1', NOW)).get(ARN)?.by).toBe('ana');
    expect(await seen.restoreRecord(ARN)).toBeUndefined();
  });

  it('passes on the very arguments and the answer, of every method that reads', async () => {
    const asked: unknown[] = [];
    const echo = new Proxy(createMemoryLedger(), {
      get:
        (_, name) =>
        async (...given: readonly unknown[]): Promise<unknown> => {
          asked.push(name);
          return [name, given];
        },
    });
    const seen = readOnlyLedger(echo);
    for (const name of READS) {
      const method: unknown = Reflect.get(seen, name);
      if (typeof method !== 'function') throw new Error(`${name} is no method`);
      expect(await method(1, 2, 3)).toEqual([name, [1, 2, 3]]);
    }
    expect(asked).toEqual(READS);
  });

  it('throws from every other method, and changes nothing', async () => {
    const touched: unknown[] = [];
    const ledger: Ledger = new Proxy(createMemoryLedger(), {
      get: (_, name) => () => {
        touched.push(name);
      },
    });
    const seen = readOnlyLedger(ledger);
    const others = Object.keys(createMemoryLedger()).filter((name) => !READS.includes(name));
    expect(others.length).toBeGreaterThan(20);
    for (const name of others) {
      const method: unknown = Reflect.get(seen, name);
      if (typeof method !== 'function') throw new Error(`${name} is no method`);
      await expect(method()).rejects.toThrow(
        `ledger: it may only be read here, and ${name} would write to it`,
      );
    }
    expect(touched).toEqual([]);
  });
});
