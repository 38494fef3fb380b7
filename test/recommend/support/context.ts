import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { S3Client } from '@aws-sdk/client-s3';
import type { RegionClients } from '../../../lib/fleet/clients.ts';
import type { PriceBook } from '../../../lib/fleet/prices.ts';
import type { IdleRule, NamedPolicy, Policy } from '../../../lib/policy/policy.ts';
import type { CheckContext } from '../../../lib/recommend/check.ts';
import { createAccount } from '../../../lib/simulate/account/account.ts';
import type { Usd } from '../../../lib/types/money.ts';
import type { Resource } from '../../../lib/types/resource.ts';
import { policyOf, usd } from '../../decide/fixtures.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
/** A Thursday, on the hour. */
export const NOW = new Date('2026-11-26T10:00:00.000Z');

/** `count` days before `NOW`. */
export const daysAgo = (count: number): Date => new Date(NOW.getTime() - count * 86_400_000);

/** Amounts as decimals, by the name of what they are asked for. */
type Listed = Readonly<Record<string, string>>;

export interface PriceLists {
  /** USD an hour by instance type, with its `ml.` or `db.`; the same for every use, system and engine. */
  readonly hourly?: Listed;
  /** USD a unit by the values of its key, joined by slashes: `ebs/us-east-1/gp3/gib`. */
  readonly unit?: Listed;
  /** USD an hour of Spot by instance type, the same in each zone; or by `type/zone`. */
  readonly spot?: Listed;
}

/** What the lists do not name is unpriced. */
export const pricesFrom = ({ hourly = {}, unit = {}, spot = {} }: PriceLists): PriceBook => ({
  hourly: async ({ instanceType }) => listed(hourly, instanceType),
  unit: async (key) => listed(unit, Object.values(key).join('/')),
  spot: async ({ instanceType, zone }) =>
    listed(spot, `${instanceType}/${zone}`) ?? listed(spot, instanceType),
});

function listed(list: Listed, name: string): Usd | undefined {
  const text = Object.hasOwn(list, name) ? list[name] : undefined;
  return text === undefined ? undefined : usd(text);
}

export interface ContextOptions {
  /** Absent = those of an empty account in memory. */
  readonly clients?: RegionClients;
  readonly prices?: PriceLists;
  readonly fleet?: readonly Resource[];
  /** Absent = one that only tells of idleness. */
  readonly policies?: readonly NamedPolicy[];
  readonly policy?: Partial<Policy>;
  readonly s3?: S3Client;
  readonly logs?: CloudWatchLogsClient;
  readonly costExplorer?: CostExplorerClient;
  readonly now?: Date;
}

/** Where a check looks in a test. Clients that are not given ask nobody, or have made-up keys and no endpoint. */
export function checkContext(options: ContextOptions = {}): CheckContext {
  const now = options.now ?? NOW;
  const nobody = {
    region: REGION,
    endpoint: 'http://127.0.0.1:1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return {
    account: ACCOUNT,
    region: REGION,
    clients: options.clients ?? createAccount(() => now).clients,
    prices: pricesFrom(options.prices ?? {}),
    now: () => now,
    policy: policyOf(options.policies ?? [telling], options.policy),
    fleet: options.fleet ?? [],
    s3: options.s3 ?? new S3Client(nobody),
    logs: options.logs ?? new CloudWatchLogsClient(nobody),
    costExplorer: options.costExplorer ?? new CostExplorerClient(nobody),
  };
}

/** The usual limits; people are told. */
export const tellingRule: IdleRule = {
  afterSeconds: 1800,
  warnSeconds: 0,
  do: 'notify',
  below: { cpu: 5, gpu: 5, network: 10_000, invocations: 1, backlog: 1, connections: 1 },
};

/** A policy of all development that only tells people. */
export const telling: NamedPolicy = {
  name: 'development',
  match: { environment: ['dev'] },
  idle: tellingRule,
  budget: [],
  launch: 'notify',
  allow: [],
  restore: 'by-hand',
};
