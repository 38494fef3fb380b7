import type { PriceBook } from '../../lib/fleet/prices.ts';
import type { RunTimeDeps } from '../../lib/gate/run-time.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { MeterPoint, MeterRecord } from '../../lib/types/meter.ts';
import { parseUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
/** Half a day of the 16th has passed: 348 h are left of the month. */
export const NOW = new Date('2026-11-16T12:00:00.000Z');
/** `NOW` plus minutes. */
export const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);

export const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

export const policy = parsePolicy(
  `
version: 1
tags: { project: project, owner: owner, environment: environment, model: model }
teams:
  alpha: { budget: 6000 USD }
projects:
  recsys: { budget: 5000 USD, team: alpha, models: { ranker: { budget: 50 USD } } }
  search: { budget: 4000 USD, team: alpha }
  open: { budget: { daily: 10 USD } }
policies:
  - { name: all, match: {}, idle: off }
scope: { regions: [${REGION}], accounts: [self] }
`,
  'bursar.yaml',
);

const HOURLY: Readonly<Record<string, string>> = {
  'ml.g5.xlarge': '1.408',
  'ml.g5.2xlarge': '1.515',
  'ml.g5.12xlarge': '7.09',
  'ml.p3.2xlarge': '3.825',
  'ml.m5.xlarge': '0.23',
};

export const prices: Pick<PriceBook, 'hourly' | 'unit'> = {
  hourly: async ({ instanceType }) => parseUsd(HOURLY[instanceType] ?? ''),
  unit: async () => usd('0.14'),
};

/** A ledger in which recsys has been billed so much on the first, and search $100. */
export async function ledgerWith(billed: string, now = NOW): Promise<Ledger> {
  const ledger = createMemoryLedger();
  const of = (amount: string) => new Map([['Amazon SageMaker', usd(amount)]]);
  await ledger.saveBilledDays(ACCOUNT, [
    {
      day: '2026-11-01',
      billedAsOf: now,
      billed: new Map([
        ['recsys', of(billed)],
        ['search', of('100')],
      ]),
    },
  ]);
  await ledger.saveMeteredAt(ACCOUNT, REGION, new Date('2026-10-01T00:00:00.000Z'));
  await ledger.saveMeteredAt(ACCOUNT, REGION, now);
  return ledger;
}

export const depsOf = (ledger: Ledger, now = NOW): RunTimeDeps => ({
  policy,
  ledger,
  prices,
  account: ACCOUNT,
  region: REGION,
  now: () => now,
  pause: async () => {},
});

const point = (at: Date, hourly: string | undefined, project = 'recsys'): MeterPoint => ({
  at,
  on: hourly !== undefined,
  project: hourly === undefined ? undefined : project,
  hourly: hourly === undefined ? undefined : usd(hourly),
  by: 'event',
});

/** A job as the meter sees it. */
export function jobRecord(
  name: string,
  {
    from,
    to,
    hourly,
    size = '1 × ml.p3.2xlarge',
    project = 'recsys',
  }: {
    readonly from: Date;
    readonly to?: Date;
    readonly hourly: string;
    readonly size?: string;
    readonly project?: string;
  },
): MeterRecord {
  return {
    arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/${name}`,
    id: name,
    kind: 'sagemaker-training-job',
    account: ACCOUNT,
    region: REGION,
    size,
    points: [point(from, hourly, project), ...(to === undefined ? [] : [point(to, undefined)])],
    closed: [],
  };
}

/** An instance that goes on. */
export const instanceRecord = (from: Date, hourly: string): MeterRecord => ({
  ...jobRecord('i-0a1b', { from, hourly, size: 'm5.large' }),
  arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-0a1b`,
  kind: 'ec2-instance',
});

export const save = async (ledger: Ledger, now: Date, ...records: readonly MeterRecord[]): Promise<void> => {
  const known = await ledger.meterRecords(ACCOUNT, REGION);
  await ledger.saveMeterRecords(
    records.map((record) => ({ record, version: known.get(record.arn)?.version })),
    now,
  );
  await ledger.saveMeteredAt(ACCOUNT, REGION, now);
};
