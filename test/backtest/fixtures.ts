import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { onTestFinished } from 'vitest';
import type { RegionContexts } from '../../lib/fleet/discover.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { answering } from '../../lib/simulate/account/answering.ts';
import { ACCOUNT, REGION, type Use } from '../../lib/simulate/account/state.ts';
import { parseUsd } from '../../lib/types/money.ts';

export const NOW = new Date('2026-11-25T10:30:00.000Z');
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export const at = (text: string): Date => new Date(text.includes('T') ? text : `${text}T00:00:00.000Z`);

/** A folder that is gone after the test. */
export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bursar-backtest-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** An account in memory; instances cost $1.006 an hour. */
export function accountOf(now = NOW) {
  const account = createAccount(() => now);
  const priceOf = async () => parseUsd('1.006');
  const prices = { hourly: priceOf, unit: async () => undefined, spot: priceOf };
  const clients = account.clientsOf(REGION);
  return {
    account,
    clients,
    /** Its only region, with these clients in place of its own. */
    regions: (own: Partial<typeof clients> = {}): RegionContexts =>
      new Map([
        [
          REGION,
          { account: ACCOUNT, region: REGION, clients: { ...clients, ...own }, prices, now: () => now },
        ],
      ]),
    add: (
      id: string,
      use: (minute: Date) => Use | undefined,
      since = at('2026-01-01'),
      tags: Readonly<Record<string, string>> = { project: 'recsys', environment: 'dev' },
    ): void => {
      account.instances.set(id, { id, type: 'm5.large', tags, since, use });
    },
    cloudTrails: account.cloudTrails,
  };
}

type Results = readonly {
  readonly StatusCode: string;
  readonly values: readonly (readonly [number, number])[];
}[];

/** CloudWatch that answers what it is told; remembers what it was asked. */
export function cloudwatchOf(answer: (input: GetMetricDataCommandInput, call: number) => Results) {
  const inputs: GetMetricDataCommandInput[] = [];
  const { client } = answering(new CloudWatchClient({ region: REGION })).on(GetMetricDataCommand, (input) => {
    inputs.push(input);
    const results = answer(input, inputs.length);
    return {
      MetricDataResults: (input.MetricDataQueries ?? []).map(({ Id }, n) => ({
        Id,
        StatusCode: results[n]?.StatusCode,
        Timestamps: results[n]?.values.map(([time]) => new Date(time)),
        Values: results[n]?.values.map(([, value]) => value),
      })),
    };
  });
  return { cloudwatch: client, inputs };
}

/** Every query whole, with a sample of each period. */
export const steady =
  (value: number) =>
  ({ StartTime, EndTime, MetricDataQueries = [] }: GetMetricDataCommandInput): Results =>
    MetricDataQueries.map(({ MetricStat }) => {
      const values: [number, number][] = [];
      const step = (MetricStat?.Period ?? 0) * 1000;
      for (let time = StartTime?.getTime() ?? 0; time < (EndTime?.getTime() ?? 0); time += step) {
        values.push([time, value]);
      }
      return { StatusCode: 'Complete', values };
    });
