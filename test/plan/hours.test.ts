import { expect, it } from 'vitest';
import { planLines } from '../../lib/cli/plan-lines.ts';
import { readOnlyLedger } from '../../lib/ledger/read-only.ts';
import { makePlan } from '../../lib/plan/look-ahead.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { Ec2Entry } from '../../lib/simulate/account/ec2-entry.ts';
import { microUsd } from '../../lib/types/money.ts';
import { recordedIo } from '../cli/run-cli.ts';
import { underBursar } from './real-handlers.ts';

const POLICY = parsePolicy(
  `
version: 1
projects: { vision: { owner: a, owners: [U0ANA] } }
policies:
  - name: development
    match: { environment: dev }
    hours: { weekdays: "08:00-19:00", timezone: Europe/Berlin, startAhead: 10m, warn: 15m }
  - { name: jobs, match: { environment: job }, maxRuntime: { after: 12h, warn: 30m } }
scope: { regions: [us-east-1] }
`,
  'bursar.yaml',
);
const NUMBER = '999988887777';
const price = async () => microUsd(1_000_000n);

/** A plan at that time, three days ahead, of two machines: one by hours, one that was started at 15:20. */
async function planAt(at: string) {
  const start = new Date('2026-11-27T15:20:00.000Z');
  const bursar = underBursar({
    policy: POLICY,
    accountId: NUMBER,
    start,
    prices: { hourly: price, unit: price, spot: price },
  });
  const put = (id: string, environment: string, since: Date): void => {
    const entry: Ec2Entry = {
      id,
      type: 'm5.xlarge',
      owner: NUMBER,
      region: 'us-east-1',
      tags: { project: 'vision', environment },
      since,
      use: () => ({ cpu: 60, network: 1_000_000 }),
    };
    bursar.account.instances.set(id, entry);
  };
  put('i-hours', 'dev', new Date('2026-11-20T09:00:00.000Z'));
  put('i-job', 'job', start);
  await bursar.run(new Date(at));
  const { effects } = bursar.account;
  const before = effects.length;
  const plan = await makePlan({
    policy: POLICY,
    policyFile: 'bursar.yaml',
    account: NUMBER,
    regions: bursar.handlers.regions,
    ledger: readOnlyLedger(bursar.ledger),
    aheadSeconds: 3 * 86_400,
    now: bursar.now,
    budgets: bursar.account.budgetsClient,
  });
  expect(effects).toHaveLength(before);
  return plan;
}

it('tells scheduled stops and starts ahead, with their reasons', async () => {
  // Friday, 17:31 in Berlin.
  const plan = await planAt('2026-11-27T16:31:00.000Z');
  const [hours, job] = ['i-hours', 'i-job'].map((id) => plan.lines.find((line) => line.id === id));
  expect(hours).toMatchObject({
    now: { action: 'none' },
    next: { at: new Date('2026-11-27T17:45:00.000Z'), action: 'warn' },
    stopAt: new Date('2026-11-27T18:00:00.000Z'),
    start: { at: new Date('2026-11-30T06:50:00.000Z') },
  });
  expect(hours?.next?.why).toContain('Policy development has hours');
  expect(hours?.start?.why).toContain('begin in 10 min: Mon 2026-11-30 08:00 Europe/Berlin');
  expect(job).toMatchObject({
    next: { at: new Date('2026-11-28T02:50:00.000Z'), action: 'warn' },
    stopAt: new Date('2026-11-28T03:20:00.000Z'),
  });
  expect(job).not.toHaveProperty('start');
  const text = planLines(plan, recordedIo().io).join('\n');
  expect(text).toMatch(/i-hours .*warn 17:45, STOP 18:00, restore 11-30 06:50/);
  expect(text).toContain('Then: The hours of policy development begin in 10 min');
});

it('looks at the minutes that were set before, and tells what is stopped when it comes back', async () => {
  // A minute before the closing, between two sweeps.
  const before = await planAt('2026-11-27T17:59:00.000Z');
  expect(before.lines.find(({ id }) => id === 'i-hours')?.stopAt).toEqual(
    new Date('2026-11-27T18:00:00.000Z'),
  );
  const after = await planAt('2026-11-27T20:02:00.000Z');
  expect(after.lines.find(({ id }) => id === 'i-hours')).toMatchObject({
    state: 'stopped',
    next: { at: new Date('2026-11-30T06:50:00.000Z'), action: 'restore' },
    // On Monday it closes again.
    stopAt: new Date('2026-11-30T18:00:00.000Z'),
  });
});
