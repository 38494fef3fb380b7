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
/** Of the second day six hours have passed. */
const MONTH = { firstDay: SPAN.from, lastDay: SPAN.to, to: new Date('2026-11-02T06:00:00Z') };
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
      MONTH,
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
    const { allocation } = await readAllocation(POLICY, broken, undefined, MONTH, (name, error) =>
      told.push(`${name}: ${String(error)}`),
    );
    expect(told).toEqual(['gpu: Error: gpu.csv: no such file.']);
    // Not evenly, as the rule says of days that nobody used it on: nobody knows that of these.
    expect(allocation).toMatchObject({ total: usd(16), idle: usd(6) });
    expect(allocation.projects.map(({ project, total }) => [project, total])).toEqual([['fraud', usd(10)]]);
    // Nobody may say that nobody used it.
    expect(allocation.rules[0]).toMatchObject({
      explained: ['Split by the usage gpu, each UTC day by its own use.'],
      fallbacks: ['Of the usage gpu nothing is known: $6.00 is idle, a line of its own.'],
      basisUnit: undefined,
    });
  });

  it('counts as capacity what could have been used so far', async () => {
    const capacity = parsePolicy(
      `version: 1
projects: { fraud: {}, recsys: {} }
policies: [{ name: everything, match: {}, idle: 'off' }]
allocation:
  shared: [{ name: pool, match: { tags: { shared: pool } }, split: { usage: gpu, capacityPerHour: 4 } }]
  usage: { gpu: { file: gpu.csv, unit: GPU-hours } }
`,
      'bursar.yaml',
    );
    const at = new Date('2026-11-02T05:00:00Z');
    const some = sources(async (name, { unit }) => ({
      name,
      unit,
      sampled: false,
      notes: [],
      entries: [{ at, tenant: 'recsys', amount: 18 }],
    }));
    const readBill: AllocationSources['readBill'] = async (span) => ({
      ...(await some.readBill(span)),
      lines: [{ ...line('', 'pool', 12), day: '2026-11-02' }],
    });
    const { allocation } = await readAllocation(capacity, { ...some, readBill }, undefined, MONTH);
    // 18 of 24 that six hours have, not of 96.
    expect(allocation).toMatchObject({ idle: usd(3), total: usd(12) });
  });

  it('fails where it is not told how to go on', async () => {
    await expect(readAllocation(POLICY, broken, undefined, MONTH)).rejects.toThrow('gpu.csv: no such file.');
  });
});
