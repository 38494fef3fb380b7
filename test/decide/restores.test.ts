import { describe, expect, it } from 'vitest';
import { nextPeriodRestores } from '../../lib/decide/restores.ts';
import type { ProjectMark, RestoreRecord } from '../../lib/ledger/ledger.ts';
import type { BudgetRule } from '../../lib/policy/policy.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';
import { breachesOf, budgetReading, development, instance, policyOf, production, usd } from './fixtures.ts';

const total: BudgetRule = { at: 100, of: 'estimated', per: 'total', do: 'stop', graceSeconds: 0 };
const policy = policyOf([development({ budget: [total], restore: 'next-period' }), production], {
  projects: {
    recsys: {
      name: 'recsys',
      owners: [],
      members: [],
      freezeRoles: [],
      total: { limit: usd('5000'), since: '2026-01-01' },
    },
  },
});
const NOW = new Date('2026-12-01T00:05:00Z');
const resource = instance('i-1', { state: 'stopped' });
const record: RestoreRecord = {
  arn: resource.arn,
  resource,
  project: 'recsys',
  trigger: 'budget',
  savedAt: new Date('2026-11-20T12:00:00Z'),
  state: 'stopped',
  record: {},
};
const inAll = (spent: string): BudgetReading =>
  budgetReading({
    source: 'meter-total',
    actual: undefined,
    limit: usd('5000'),
    meter: { billed: usd(spent), estimated: ZERO_USD, low: usd(spent), high: usd(spent), burn: ZERO_USD },
    period: '2026-12-01',
    asOf: NOW,
  });
const restored = (...breaches: readonly BudgetReading[]) => {
  const mark: ProjectMark = {
    holder: 'recsys',
    breaches: breachesOf(...breaches),
    frozenUntil: undefined,
    reached: new Map(),
    until: new Date('2027-01-01T00:00:00Z'),
  };
  const marks = new Map(breaches.length === 0 ? [] : [['recsys', mark]]);
  return nextPeriodRestores([record], [resource], policy, marks, NOW).map(({ target }) => target.id);
};

describe('what comes back because a new month has begun', () => {
  it('comes back where nothing speaks against it', () => {
    expect(restored()).toEqual(['i-1']);
    expect(restored(inAll('4999'))).toEqual(['i-1']);
  });

  it('stays stopped while its project is over another limit, such as that on all time: it would run on', () => {
    expect(restored(inAll('5000'))).toEqual([]);
  });
});
