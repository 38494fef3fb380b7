import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allocateBy } from '../../lib/cli/allocate.ts';
import { type ExitCode, type Io, UsageError } from '../../lib/cli/io.ts';
import { createBudgetsClient, createCostExplorerClient } from '../../lib/fleet/clients.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { AllocationJsonSchema } from '../../lib/report/allocation-json.ts';
import { microUsd } from '../../lib/types/money.ts';
import { recordedIo } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-allocate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const POLICY = at('bursar.yaml');
writeFileSync(
  POLICY,
  `version: 1
teams: { alpha: {} }
projects: { fraud: { team: alpha }, recsys: {} }
policies: [{ name: everything, match: {}, idle: 'off' }]
allocation:
  shared:
    - { name: pool, match: { tags: { shared: pool } }, split: { usage: gpu } }
    - { name: support, match: { service: AWS Support* }, split: direct }
  usage: { gpu: { file: gpu.csv, unit: GPU-seconds } }
`,
);
writeFileSync(
  at('gpu.csv'),
  'time,tenant,amount\n2026-11-01T03:00:00Z,fraud,3\n2026-11-01T04:00:00Z,recsys,1\n',
);

const HEAD =
  'BilledCost,BillingAccountId,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargePeriodEnd,ChargePeriodStart,EffectiveCost,ServiceName,SubAccountId,Tags';
const line = (
  day: string,
  cost: string,
  service: string,
  tags: Readonly<Record<string, string>>,
  category = 'Usage',
) =>
  [
    cost,
    '999988887777',
    'USD',
    '2026-12-01T00:00:00Z',
    '2026-11-01T00:00:00Z',
    category,
    '',
    `${day}T01:00:00Z`,
    `${day}T00:00:00Z`,
    cost,
    service,
    '111122223333',
    `"${JSON.stringify(tags).replaceAll('"', '""')}"`,
  ].join(',');
const BILL = at('focus.csv');
writeFileSync(
  BILL,
  `${[
    HEAD,
    line('2026-11-01', '30', 'Amazon SageMaker', { project: 'fraud', environment: 'prod' }),
    line('2026-11-02', '10', 'Amazon SageMaker', { project: 'recsys', environment: 'dev' }),
    line('2026-11-01', '8.01', 'Amazon Elastic Compute Cloud', { shared: 'pool' }),
    line('2026-11-03', '2', 'Amazon Elastic Compute Cloud', { shared: 'pool' }),
    line('2026-11-01', '4', 'AWS Support (Business)', {}),
    line('2026-11-02', '0.5', 'Amazon Simple Storage Service', {}),
    line('2026-11-02', '-5', 'Amazon SageMaker', { project: 'fraud' }, 'Credit'),
  ].join('\n')}\n`,
);

const OFFLINE = async () => {
  throw new Error('AWS was asked');
};

/** Runs the command in this process; `ledger` is that of the deployed Bursar. */
async function run(args: readonly string[], ledger?: Ledger, world: Partial<Io> = {}) {
  let code: ExitCode | undefined;
  const { io, said } = recordedIo(world);
  const parts =
    ledger === undefined
      ? { awsContexts: OFFLINE, findLedger: OFFLINE }
      : {
          awsContexts: async () => ({
            account: '111122223333',
            regions: new Map(),
            cloudTrails: new Map(),
            budgets: createBudgetsClient(),
            costExplorer: createCostExplorerClient(),
          }),
          findLedger: async ({ stack }: { readonly stack: string }) => ({
            stack,
            region: 'us-east-1',
            ledger,
          }),
        };
  const command = allocateBy(async () => parts)(io, (result) => {
    code = result;
  });
  await command.parseAsync(['--policy', POLICY, ...args], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    said.err += error.message;
    code = 2;
  });
  return { code, ...said };
}

describe('bursar allocate', () => {
  it('tells who pays what of a bill in a file, and asks AWS for nothing', async () => {
    const { code, out, err } = await run(['--bill', BILL, '--by', 'environment']);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/^Allocation of \$54\.51, 2026-11-01 to 2026-11-25 \(UTC\), by FOCUS$/m);
    // $8.01 of the pool by 3 to 1, $2.00 of a day on which nobody used it, $4.00 of support by 30 to 10.
    expect(out).toMatch(/fraud +alpha +\$30\.00 +\$6\.01 +\$3\.00 +\$39\.01 +71\.6%/);
    expect(out).toMatch(/recsys +\$10\.00 +\$2\.00 +\$1\.00 +\$13\.00 +23\.8%/);
    expect(out).toMatch(/Idle +– +\$2\.00 +– +\$2\.00/);
    expect(out).toMatch(/No project +\$0\.50/);
    expect(out).toMatch(/difference +\$0\.00 ✓/);
    expect(out).toMatch(/credits and refunds +-\$5\.00/);
    expect(out).toMatch(/invoiced, all charges +\$49\.51/);
    expect(out).toMatch(/prod +\$30\.00 +\$9\.01 +\$39\.01/);
  });

  it('says the same to machines and to spreadsheets, to the cent', async () => {
    const csv = at('out.csv');
    const { code, out } = await run(['--bill', BILL, '--json', '--csv', csv]);
    expect(code).toBe(0);
    const json = AllocationJsonSchema.parse(JSON.parse(out));
    expect(json.total).toBe('54.51');
    const rows = readFileSync(csv, 'utf8').trim().split(/\r?\n/).slice(1);
    const cents = rows.map((row) => Math.round(Number(row.split(',').at(-1)) * 100));
    expect(cents.reduce((sum, one) => sum + one, 0)).toBe(5451);
    expect(json.rows.map(({ usd }) => usd)).toEqual(rows.map((row) => row.split(',').at(-1)));
  });

  it('writes FOCUS that reads back as the same', async () => {
    const focus = at('out.focus.csv');
    expect(await run(['--bill', BILL, '--focus', focus, '--account', '999988887777'])).toMatchObject({
      code: 0,
    });
    const { out } = await run(['--bill', focus, '--json']);
    const { projects, total } = AllocationJsonSchema.parse(JSON.parse(out));
    expect(total).toBe('54.51');
    expect(projects.map((one) => [one.project, one.total])).toEqual([
      ['fraud', '39.0075'],
      ['recsys', '13.0025'],
    ]);
  });

  it('goes by what Cost Explorer has told Bursar already, for nothing', async () => {
    const ledger = createMemoryLedger();
    const billedAsOf = new Date('2026-11-25T06:00:00Z');
    const days = Array.from({ length: 25 }, (_, index) => `2026-11-${String(index + 1).padStart(2, '0')}`);
    await ledger.saveBilledDays(
      '111122223333',
      days.map((day) => ({
        day,
        billedAsOf,
        billed: new Map([['fraud', new Map([['Amazon SageMaker', microUsd(2_000_000n)]])]]),
      })),
    );
    const { code, out, err } = await run(['--bill', 'ledger'], ledger);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/^Allocation of \$50\.00, .* by what Cost Explorer last told Bursar$/m);
    expect(out).toMatch(/known to Bursar as billed +\$50\.00/);
  });

  it.each([
    [['--month', '2026-13'], '--month: "2026-13" is no month. Write it such as 2026-11.'],
    [['--month', '2026-12'], '--month: 2026-12 has not begun. The current month is 2026-11 (UTC).'],
    [['--bill', 'ledger', BILL], '--bill: ledger stands alone. Name either it, or files and folders.'],
    [['--bill', BILL, '--by', 'category:'], '--by: category: needs a name, such as "category:Cost center".'],
    [
      ['--bill', BILL, '--by', 'a b'],
      '--by: "a b" is no tag key. Write one such as environment, or category:its-name.',
    ],
    [['--bill', at('none.parquet')], 'cannot be opened: it is not there, or may not be read.'],
    [
      ['--bill', BILL, '--csv', at('no/where.csv')],
      'There is no such folder. Make it, or name another file.',
    ],
    [['--bill', BILL, '--focus', at('a.csv')], 'Give its 12 digits by --account.'],
    [['--bill', 'nowhere', '--focus', 'a.xml'], '--focus a.xml: Such a file cannot be FOCUS. Name a .csv,'],
  ])('refuses %j in one line', async (args, told) => {
    const { code, err, out } = await run(args);
    expect(err).toContain(told);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('fits its table to a narrow terminal', async () => {
    const { out } = await run(['--bill', BILL], undefined, { width: 80 });
    expect(out).toMatch(/PROJECT +TEAM +DIRECT +SHARED +TOTAL +SHARE/);
  });
});
