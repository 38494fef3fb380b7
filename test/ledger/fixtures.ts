import type { Alert } from '../../lib/types/alert.ts';
import type { FreezeDecision, HoldDecision, StopDecision } from '../../lib/types/decision.ts';
import type { MeterRecord } from '../../lib/types/meter.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import type { BudgetReading, SpendSource } from '../../lib/types/spend.ts';

export const T0 = new Date('2026-01-28T10:00:00.000Z');

/** `T0` plus seconds. */
export const at = (seconds: number): Date => new Date(T0.getTime() + seconds * 1_000);

export const DAY = 86_400;

export const arnOf = (id: string): string => `arn:aws:ec2:us-east-1:111122223333:instance/${id}`;

export const resource = (id: string): Resource => ({
  kind: 'ec2-instance',
  arn: arnOf(id),
  id,
  account: '111122223333',
  region: 'us-east-1',
  tags: { project: 'Recsys', '': '' },
  state: 'running',
  since: at(-3_600),
  size: 'g5.xlarge',
  protections: [{ code: 'eks', detail: 'part of the cluster "ml"' }],
  hourly: microUsd(1_006_000n),
});

export const stop = (id: string, project: string | undefined = 'Recsys'): StopDecision => ({
  action: 'stop',
  key: `stop#${id}`,
  project,
  reason: `${id} was idle for 30 minutes.`,
  trigger: 'idle',
  rule: { policy: 'development', rule: 'development: idle' },
  target: resource(id),
});

export const untagged = (id: string): StopDecision => ({ ...stop(id), project: undefined });

export const hold = (key: string, project: string | undefined, ids: readonly string[]): HoldDecision => ({
  action: 'hold',
  key,
  project,
  reason: 'More than 30% of the fleet would be stopped.',
  cause: 'blast-radius',
  targets: ids.map(resource),
});

export const freeze = (key: string, project: string): FreezeDecision => ({
  action: 'freeze',
  key,
  project,
  reason: 'The budget is spent.',
  rule: { policy: 'development', rule: 'development: budget 120% of actual' },
  until: at(4 * DAY),
});

export const reading = (project: string, asOf: Date, more: Partial<BudgetReading> = {}): BudgetReading => ({
  source: 'budgets',
  budgetName: `bursar-${project}`,
  holder: project,
  limit: microUsd(12_000_000_000n),
  actual: microUsd(12_345_678_901n),
  forecasted: undefined,
  meter: undefined,
  period: '2026-01-01',
  asOf,
  ...more,
});

/** What the meter says of a project's spend. */
export const estimate = (
  project: string,
  asOf: Date,
  source: Exclude<SpendSource, 'budgets'> = 'meter',
): BudgetReading =>
  reading(project, asOf, {
    source,
    actual: undefined,
    meter: {
      billed: microUsd(11_000_000_000n),
      estimated: microUsd(1_200_000_000n),
      low: microUsd(12_100_000_000n),
      high: microUsd(12_300_000_000n),
      burn: microUsd(4_024_000n),
    },
  });

export const meterRecord = (id: string, more: Partial<MeterRecord> = {}): MeterRecord => ({
  arn: arnOf(id),
  id,
  kind: 'ec2-instance',
  account: '111122223333',
  region: 'us-east-1',
  size: 'g5.xlarge',
  points: [{ at: T0, on: true, project: 'Recsys', hourly: microUsd(1_006_000n), by: 'event' }],
  closed: [],
  ...more,
});

export const alertOf = (id: string, more: Partial<Alert> = {}): Alert => ({
  version: 1,
  id,
  at: T0.toISOString(),
  severity: 'warning',
  kind: 'idle',
  account: '111122223333',
  project: 'Recsys',
  title: '1 idle resource of Recsys will stop',
  reason: 'It was idle: "ünïcode 🙂".',
  next: 'It stops at 10:10 UTC.',
  items: [
    {
      arn: arnOf('i-1'),
      id: 'i-1',
      kind: 'ec2-instance',
      region: 'us-east-1',
      size: 'g5.xlarge',
      requested: 'warn',
      status: 'taken',
      reason: 'It was idle.',
      rule: 'development: idle',
    },
  ],
  offers: ['keep-2h', 'stop'],
  ...more,
});
