import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocate } from '../lib/allocate/allocate.ts';
import { readBillFromFiles } from '../lib/bill/duckdb.ts';
import type { SharedRule } from '../lib/policy/allocation.ts';
import { formatUsd, microUsd } from '../lib/types/money.ts';
import type { Usage } from '../lib/types/usage.ts';
import {
  MADE_MONTH,
  type MadeFormat,
  type MadeType,
  makeBill,
  PROJECTS,
  type Reckoned,
  reckon,
  type SharedKind,
} from './make-bill.ts';

/*
 * How long a month of 1,000,000 line items takes to be read and allocated, and how much memory: both formats, Parquet
 * and CSV, by eight rules of all kinds. Each is measured in a process of its own, so that the peak of memory is its own.
 * What comes out is held against `reckon`, which adds up the same lines without the engine and without the rules.
 */

const LINES = Number(process.argv[2] ?? 1_000_000);
/** `file format` where this process is to measure that one. */
const [, , , ONE, ONE_FORMAT] = process.argv;

const CASES: readonly (readonly [MadeFormat, MadeType])[] = [
  ['cur2', 'parquet'],
  ['focus', 'parquet'],
  ['cur2', 'csv.gz'],
  ['focus', 'csv.gz'],
];

const RULES: readonly SharedRule[] = [
  { name: 'support', match: { service: ['AWS Support*'] }, split: { by: 'direct' } },
  { name: 'tax', match: { charge: ['tax'] }, split: { by: 'direct' } },
  { name: 'transfer', match: { usageType: ['*DataTransfer*'] }, split: { by: 'even' } },
  { name: 'commitment', match: { charge: ['commitment'] }, split: { by: 'project', project: 'platform' } },
  {
    name: 'gpu-pool',
    match: { tags: { shared: ['gpu-pool'] } },
    split: {
      by: 'usage',
      usage: 'gpu-seconds',
      per: 'day',
      capacityPerHour: 20_000,
      idle: 'line',
      whenUnused: 'idle',
    },
  },
  {
    name: 'llm',
    match: { tags: { shared: ['llm'] } },
    split: { by: 'usage', usage: 'samples', per: 'period', idle: 'spread', whenUnused: 'even' },
  },
  {
    name: 'discount',
    match: { charge: ['discount'] },
    split: { by: 'weights', weights: { recsys: 2, speech: 1 } },
  },
  {
    name: 'buckets',
    match: { service: ['Amazon Simple Storage*'], region: ['us-*'], account: ['1111*'], resource: ['arn:*'] },
    split: { by: 'even' },
    among: ['vision', 'speech'],
  },
];

/** Rules that take exactly what `reckon` calls so. */
const SAME: readonly SharedKind[] = [
  'support',
  'tax',
  'transfer',
  'commitment',
  'gpu-pool',
  'llm',
  'discount',
];

/** Each project uses something each hour of the month. */
function usageOf(name: string, sampled: boolean): Usage {
  const begin = Date.parse(`${MADE_MONTH}-01T00:00:00Z`);
  const entries = Array.from({ length: 720 }, (_, hour) =>
    PROJECTS.map((tenant, index) => ({
      at: new Date(begin + hour * 3_600_000),
      tenant,
      amount: ((hour * 7 + index * 13) % 50) + 1,
    })),
  ).flat();
  return { name, unit: name, entries, sampled, notes: [] };
}

async function measure(path: string, format: MadeFormat): Promise<void> {
  const started = performance.now();
  const bill = await readBillFromFiles([path], {
    tagKey: 'project',
    rules: RULES,
    dimensions: [
      { of: 'tag', key: 'environment' },
      { of: 'category', name: 'cost_center' },
    ],
    from: `${MADE_MONTH}-01`,
    to: `${MADE_MONTH}-30`,
  });
  const read = performance.now();
  const allocation = allocate({
    bill,
    rules: RULES,
    usage: new Map([
      ['gpu-seconds', usageOf('gpu-seconds', false)],
      ['samples', usageOf('samples', true)],
    ]),
    projects: PROJECTS.map((name) => ({ name })),
  });
  const done = performance.now();
  const seconds = (from: number, to: number): string => `${((to - from) / 1_000).toFixed(1)} s`;
  const { reconciliation } = allocation;
  const cpu = process.cpuUsage();
  console.log(
    `${format} ${path.endsWith('parquet') ? 'Parquet' : 'CSV.gz '} ${(statSync(path).size / 1e6).toFixed(0)} MB: ` +
      `read ${seconds(started, read)}, allocated ${seconds(read, done)}, ` +
      `${(cpu.user / 1e6 + cpu.system / 1e6).toFixed(1)} s of processors, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB; ${bill.lines.length} lines of the bill, ` +
      `${formatUsd(allocation.total)}, difference ${reconciliation.difference ?? 'unknown'} micro-dollars`,
  );
  const wrong = differences(
    reckon(LINES),
    (project) =>
      bill.lines
        .filter((line) => line.project === project && line.rule === undefined)
        .reduce((sum, { cost }) => sum + cost, 0n),
    (rule) => allocation.rules.find((one) => one.rule === rule)?.cost ?? 0n,
    allocation.total,
    bill.lines.length,
  );
  console.log(
    wrong.length === 0 ? '  agrees with the independent reckoning' : `  WRONG: ${wrong.join('; ')}`,
  );
  if (wrong.length > 0) process.exitCode = 1;
}

/** Where the two reckonings differ by more than the rounding of lines to micro-dollars. */
function differences(
  made: Reckoned,
  ofProject: (project: string) => bigint,
  ofRule: (rule: string) => bigint,
  total: bigint,
  lines: number,
): readonly string[] {
  const off = (name: string, got: bigint, units: bigint, most: bigint): readonly string[] => {
    const difference = got - microUsd((units + 5_000n) / 10_000n);
    return difference > most || difference < -most ? [`${name} by ${difference} micro-dollars`] : [];
  };
  return [
    ...off('the total', total, made.spend, 0n),
    ...[...made.byProject].flatMap(([project, units]) =>
      off(project, ofProject(project), units, BigInt(lines)),
    ),
    ...SAME.flatMap((kind) => off(kind, ofRule(kind), made.byShared.get(kind) ?? 0n, BigInt(lines))),
  ];
}

async function measureAll(): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), 'bursar-measure-'));
  try {
    for (const [format, type] of CASES) {
      const started = performance.now();
      const path = await makeBill({ lines: LINES, format, type, out });
      console.log(`made ${format} ${type} in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
      const args = ['--import', 'tsx', import.meta.filename, String(LINES), path, format];
      process.stdout.write(execFileSync(process.execPath, args, { encoding: 'utf8' }));
      rmSync(path);
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

if (ONE === undefined) await measureAll();
else await measure(ONE, ONE_FORMAT === 'focus' ? 'focus' : 'cur2');
