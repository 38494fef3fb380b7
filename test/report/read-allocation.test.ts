import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { type AllocationSources, readAllocation } from '../../lib/report/read-allocation.ts';
import type { CostLine } from '../../lib/types/cost.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';

const POLICY = parsePolicy(
  `version: 1
projects: { fraud: {}, recsys: {} }
policies: [{ name: everything, match: {}, idle: 'off' }]
allocation:
  shared:
    - { name: pool, match: { tags: { shared: pool } }, split: { usage: gpu, idle: spread, whenUnused: even } }
    - { name: llm, match: { project: fraud, service: Bedrock }, split: { usage: calls } }
  usage: { gpu: { file: gpu.csv, unit: GPU-seconds }, calls: { file: calls.csv } }
`,
  'bursar.yaml',
);
const SPAN = { from: '2026-11-01', to: '2026-11-02' };
const usd = (dollars: number): Usd => microUsd(BigInt(dollars) * 1_000_000n);
const line = (project: string, rule: string | undefined, dollars: number): CostLine => ({
  day: '2026-11-01',
  project,
  rule,
  service: 'Amazon SageMaker',
  charge: 'usage',
  cost: usd(dollars),
});

function sources(readUsage: AllocationSources['readUsage']): AllocationSources {
  return {
    readBill: async () => ({
      source: 'focus',
      ...SPAN,
      lines: [line('fraud', undefined, 10), line('', 'pool', 6)],
      dimensions: new Map(),
      charges: [],
      notes: [],
    }),
    readUsage,
  };
}

describe('what an allocation is read from', () => {
  it('is only the usage of rules that matched something', async () => {
    const asked: string[] = [];
    const { allocation } = await readAllocation(
      POLICY,
      sources(async (name, { unit }) => {
        asked.push(name);
        const at = new Date('2026-11-01T00:00:00Z');
        return { name, unit, sampled: false, notes: [], entries: [{ at, tenant: 'recsys', amount: 1 }] };
      }),
      undefined,
      SPAN,
    );
    expect(asked).toEqual(['gpu']);
    expect(allocation.projects.map(({ project, total }) => [project, total])).toEqual([
      ['fraud', usd(10)],
      ['recsys', usd(6)],
    ]);
  });

  const broken = sources(async () => {
    throw new Error('gpu.csv: no such file.');
  });

  it('splits nothing by a usage that cannot be read, where it goes on without', async () => {
    const told: string[] = [];
    const { allocation } = await readAllocation(POLICY, broken, undefined, SPAN, (name, error) =>
      told.push(`${name}: ${String(error)}`),
    );
    expect(told).toEqual(['gpu: Error: gpu.csv: no such file.']);
    // Not evenly, as the rule says of days that nobody used it on: nobody knows that of these.
    expect(allocation).toMatchObject({ total: usd(16), idle: usd(6) });
    expect(allocation.projects.map(({ project, total }) => [project, total])).toEqual([['fraud', usd(10)]]);
  });

  it('fails where it is not told how to go on', async () => {
    await expect(readAllocation(POLICY, broken, undefined, SPAN)).rejects.toThrow('gpu.csv: no such file.');
  });
});
