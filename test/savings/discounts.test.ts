import { expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { discountsOf } from '../../lib/savings/discounts.ts';
import type { SpendDay } from '../../lib/types/meter.ts';
import { usd } from './fixtures.ts';

const NOW = new Date('2026-11-25T10:30:00.000Z');
const POLICY = parsePolicy(
  'version: 1\nprojects: { recsys: {}, vision: { discount: 12.5% }, other: {} }\npolicies: [{ name: all, match: {}, idle: off }]\n',
  'bursar.yaml',
);

const spent = (amount: string) => new Map([['Amazon SageMaker', usd(amount)]]);

/** Billed at 72% of list price. */
const days = Array.from({ length: 18 }, (_, n): SpendDay => {
  const day = `2026-11-${String(n + 3).padStart(2, '0')}`;
  return {
    day,
    billedAsOf: new Date(Date.parse(day) + 4 * 86_400_000),
    billed: new Map([
      ['recsys', spent('72')],
      ['vision', spent('50')],
    ]),
    metered: new Map([
      ['recsys', spent('100')],
      ['vision', spent('100')],
    ]),
  };
});

it('takes the discount of the policy, else what bills say, else none', () => {
  const discountOf = discountsOf({
    policy: POLICY,
    records: [],
    days,
    firstLooks: [new Date('2026-10-01T00:00:00.000Z')],
    now: NOW,
  });
  expect(['recsys', 'vision', 'other', undefined].map(discountOf)).toEqual([28, 12.5, 0, 0]);
});

it('learns nothing of days that the meter has not seen whole', () => {
  const late = discountsOf({ policy: POLICY, records: [], days, firstLooks: [NOW], now: NOW });
  expect(['recsys', 'vision'].map(late)).toEqual([0, 12.5]);
});
