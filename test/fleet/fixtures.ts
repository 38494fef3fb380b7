import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import type { FleetContext, StopContext } from '../../lib/fleet/kind.ts';
import type { PriceBook, PriceKey } from '../../lib/fleet/prices.ts';
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

const priceList: ReadonlyMap<string, string> = new Map(Object.entries(PRICES));

/** Prices of the list above; what it does not name is unpriced. Remembers what it was asked. */
export function fixedPrices(): PriceBook & { readonly asked: readonly PriceKey[] } {
  const asked: PriceKey[] = [];
  return {
    asked,
    hourly: async (key) => {
      asked.push(key);
      const text = priceList.get(key.instanceType);
      return text === undefined ? undefined : usd(text);
    },
  };
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
