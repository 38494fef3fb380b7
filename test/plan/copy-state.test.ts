import { expect, it } from 'vitest';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { readOnlyLedger } from '../../lib/ledger/read-only.ts';
import { copyOfState } from '../../lib/plan/copy-state.ts';
import { wakesOf } from '../../lib/plan/wakes.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { BudgetReading, SpendSource } from '../../lib/types/spend.ts';
import { instance } from '../decide/fixtures.ts';

const usd = (dollars: bigint) => microUsd(dollars * 1_000_000n);
const ACCOUNT = '111122223333';
const NOW = new Date('2026-11-25T10:30:00.000Z');
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
const MONTH_END = new Date('2026-12-01T00:00:00.000Z');
const DAY_END = new Date('2026-11-26T00:00:00.000Z');

const POLICY = parsePolicy(
  `version: 1
projects: { recsys: { budget: { monthly: 100 USD, daily: 10 USD } } }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, warn: 10m, do: stop }
    budget:
      - { at: 100%, do: stop, grace: 1h }
      - { at: 100%, of: estimated, per: day, do: stop, grace: 2h }
`,
  'bursar.yaml',
);

const breach = (source: SpendSource, period: string): BudgetReading => ({
  source,
  budgetName: 'bursar-recsys',
  holder: 'recsys',
  limit: usd(100n),
  actual: source === 'budgets' ? usd(120n) : undefined,
  forecasted: undefined,
  meter:
    source === 'budgets'
      ? undefined
      : {
          billed: usd(0n),
          estimated: usd(12n),
          low: usd(10n),
          high: usd(14n),
          burn: usd(1n),
        },
  period,
  asOf: later(-20),
});

const copyOf = (ledger: ReturnType<typeof createMemoryLedger>) =>
  copyOfState(readOnlyLedger(ledger), POLICY, ACCOUNT, ['us-east-1'], NOW);

it('ends each breach, and what was reached with it, with its own period', async () => {
  const ledger = createMemoryLedger();
  await ledger.markBreach(breach('budgets', '2026-11-01'), MONTH_END);
  await ledger.markBreach(breach('meter-day', '2026-11-25'), DAY_END);
  await ledger.reach('recsys', '2026-11-01', 'actual-100', later(-20), MONTH_END);
  await ledger.reach('recsys', '2026-11-25', 'estimated-day-100', later(-10), DAY_END);
  const copy = await copyOf(ledger);
  expect(await copy.projectMarks(NOW)).toEqual(await ledger.projectMarks(NOW));
  expect(await copy.projectMarks(DAY_END)).toEqual(await ledger.projectMarks(DAY_END));
  // It is known by its period: it can be forgotten.
  await copy.unreach('recsys', '2026-11-25', 'estimated-day-100');
  expect((await copy.projectMarks(NOW)).get('recsys')?.reached).toEqual(
    new Map([['actual-100', later(-20)]]),
  );
});

it('keeps a freeze that came after one that somebody had ended', async () => {
  const ledger = createMemoryLedger();
  await ledger.markBreach(breach('budgets', '2026-11-01'), MONTH_END);
  await ledger.freeze('recsys', MONTH_END);
  await ledger.unfreeze('recsys', later(-60));
  const ended = await copyOf(ledger);
  expect(await ended.projectMarks(NOW)).toEqual(await ledger.projectMarks(NOW));
  await ledger.freeze('recsys', DAY_END);
  const again = await copyOf(ledger);
  expect((await again.projectMarks(NOW)).get('recsys')).toMatchObject({
    frozenUntil: DAY_END,
    unfrozenAt: later(-60),
  });
});

it('knows what was told, and does nothing a second time that was done', async () => {
  const ledger = createMemoryLedger();
  await ledger.once('told/idle/x', later(-5));
  await ledger.once('billing/2026-11-25/1', later(-5));
  const decision = {
    action: 'budget-notice' as const,
    key: 'budget-notice/recsys/2026-11-01/actual-80',
    project: 'recsys',
    threshold: '80% of actual spend',
    spent: usd(80n),
    limit: usd(100n),
    reason: 'It has spent $80.00.',
  };
  const options = { batch: 'b', now: later(-5), leaseSeconds: 60 };
  const [claim] = await ledger.claim([decision], options);
  if (claim === undefined) throw new Error('not claimed');
  const outcome = { status: 'taken', at: later(-5), detail: 'People are told.' } as const;
  await ledger.settle([{ record: claim.record, outcome, retryAt: undefined }], later(-5));
  const lines = await ledger.audit({ project: 'recsys' });

  const copy = await copyOf(ledger);
  expect(await copy.seen('told/idle/x', NOW)).toBe(true);
  expect(await copy.seen('told/idle/y', NOW)).toBe(false);
  expect(await copy.once('billing/2026-11-25/1', NOW), 'a request that was used').toBe(false);
  expect(await copy.once('billing/2026-11-25/2', NOW)).toBe(true);
  const again = { ...options, now: NOW };
  expect(await copy.claim([decision, { ...decision, key: 'other' }], again)).toMatchObject([
    { state: 'done', record: { status: 'taken' } },
    { state: 'won' },
  ]);
  expect(await ledger.audit({ project: 'recsys' }), 'nothing is written').toEqual(lines);
});

it('has the sweeps set that a deployed Bursar has set', async () => {
  const ledger = createMemoryLedger();
  const resource = instance('i-1');
  const { arn, since } = resource;
  const place = { account: ACCOUNT, region: 'us-east-1', id: 'w' };
  await ledger.keep({ arn, since, until: later(62), by: 'ana', at: later(-1), ...place });
  const watch = { arn, since, busyAt: undefined, heldAt: undefined, heldDue: undefined, toldAt: undefined };
  await ledger.saveWatches(ACCOUNT, 'us-east-1', [{ ...watch, stopAt: later(7), orderedAt: undefined }], NOW);
  await ledger.markBreach(breach('budgets', '2026-11-01'), MONTH_END);
  await ledger.reach('recsys', '2026-11-01', 'actual-100', later(-20), MONTH_END);
  const wakes = await wakesOf(readOnlyLedger(ledger), {
    policy: POLICY,
    account: ACCOUNT,
    regions: ['us-east-1'],
    resources: [resource],
    marks: await ledger.projectMarks(NOW),
    now: NOW,
  });
  expect(wakes).toEqual([later(7), later(52), later(62), later(40)]);
});
