import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import type { FleetContext, StopContext } from '../../lib/fleet/kind.ts';
import type { PriceBook, PriceKey, SpotKey } from '../../lib/fleet/prices.ts';
import { parseUsd, type Usd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';

/** moto's own account. */
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const NOW = new Date('2026-11-25T10:30:00.000Z');

export function usd(text: string): Usd {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`no amount: ${text}`);
  return amount;
}

/** On-demand prices of us-east-1, USD an hour. */
export const PRICES = {
  'g5.xlarge': '1.006',
  'p3.8xlarge': '12.24',
  'p4d.24xlarge': '21.957642',
  'ml.m5.xlarge': '0.23',
  'ml.g5.xlarge': '1.408',
  'ml.g5.2xlarge': '1.515',
  'ml.g5.12xlarge': '7.09',
  'ml.p3.2xlarge': '3.825',
  'ml.p4d.24xlarge': '37.688',
} as const;

/** Spot prices of us-east-1, USD an hour. */
export const SPOT_PRICES = { 'g5.xlarge': '0.4512', 'p3.8xlarge': '3.672' } as const;

/** Prices of units of us-east-1, as the price list states them; by the values of their keys. */
export const UNIT_PRICES = {
  'ebs/us-east-1/gp2/gib': '0.1',
  'ebs/us-east-1/gp3/gib': '0.08',
  'ebs/us-east-1/gp3/iops': '0.005',
  'ebs/us-east-1/gp3/gibps': '40.96',
  'ebs/us-east-1/io1/gib': '0.125',
  'ebs/us-east-1/io1/iops': '0.065',
  'ebs/us-east-1/io2/gib': '0.125',
  'ebs/us-east-1/io2/iops': '0.065',
  'ebs/us-east-1/io2/iops-tier2': '0.0455',
  'ebs/us-east-1/io2/iops-tier3': '0.03185',
  'ebs/us-east-1/st1/gib': '0.045',
  'ebs/us-east-1/sc1/gib': '0.015',
  'ebs/us-east-1/standard/gib': '0.05',
  'nat-gateway/us-east-1': '0.045',
  'load-balancer/us-east-1/application': '0.0225',
  'load-balancer/us-east-1/network': '0.0225',
  'load-balancer/us-east-1/gateway': '0.0125',
} as const;

/** Prices of the lists above; what they do not name is unpriced. Remembers what it was asked. */
export function fixedPrices(): PriceBook & {
  readonly asked: readonly PriceKey[];
  readonly askedSpot: readonly SpotKey[];
} {
  const asked: PriceKey[] = [];
  const askedSpot: SpotKey[] = [];
  return {
    asked,
    askedSpot,
    hourly: async (key) => {
      asked.push(key);
      return listed(PRICES, key.instanceType);
    },
    unit: async (key) => listed(UNIT_PRICES, Object.values(key).join('/')),
    spot: async (key) => {
      askedSpot.push(key);
      return listed(SPOT_PRICES, key.instanceType);
    },
  };
}

function listed(list: Readonly<Record<string, string>>, name: string): Usd | undefined {
  const text = Object.hasOwn(list, name) ? list[name] : undefined;
  return text === undefined ? undefined : usd(text);
}

/**
 * Lets every AWS client of this process speak to `endpoint`, with made-up keys.
 * @returns what puts the environment back.
 */
export function useEndpoint(endpoint: string): () => void {
  const wanted = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
  };
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, wanted);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

export const contextOf = (clients: RegionClients = createRegionClients(REGION)): FleetContext => ({
  account: ACCOUNT,
  region: REGION,
  clients,
  prices: fixedPrices(),
  now: () => NOW,
});

export interface Saved {
  readonly resource: Resource;
  readonly record: unknown;
}

/** A context whose restore records are kept in `saved`. */
export function stopContextOf(
  context: FleetContext = contextOf(),
): StopContext & { readonly saved: Saved[] } {
  const saved: Saved[] = [];
  return {
    ...context,
    saved,
    saveRestore: async (resource, record) => {
      saved.push({ resource, record });
    },
  };
}

export const instanceArn = (id: string): string => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;

/** `i-00000000000000001` and so on. */
export const instanceId = (n: number): string => `i-${n.toString(16).padStart(17, '0')}`;

export const instance = (id: string, fields: Partial<Resource> = {}): Resource => ({
  kind: 'ec2-instance',
  arn: instanceArn(id),
  id,
  account: ACCOUNT,
  region: REGION,
  tags: { project: 'recsys', environment: 'dev' },
  state: 'running',
  since: new Date('2026-11-24T08:00:00.000Z'),
  size: 'm5.large',
  protections: [],
  hourly: undefined,
  ...fields,
});

export const endpointArn = (name: string): string =>
  `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${name}`;

export const endpoint = (name: string, fields: Partial<Resource> = {}): Resource => ({
  ...instance(name),
  kind: 'sagemaker-endpoint',
  arn: endpointArn(name),
  size: '1 × ml.m5.xlarge',
  parts: [{ name: 'main', type: 'ml.m5.xlarge', count: 1 }],
  ...fields,
});

/** An error as the SDK throws it: named, with the fault's side. */
export function awsError(name: string, message: string, fault: 'client' | 'server' = 'client'): Error {
  return Object.assign(new Error(message), { name, $fault: fault, $metadata: {} });
}
