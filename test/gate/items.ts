import type { ChangeItem, EstimatedItem, InstanceChoice, PricePart } from '../../lib/estimate/estimate.ts';
import { priceChange } from '../../lib/estimate/price-change.ts';
import { parsePrices, priceBookOf, spotOf } from '../../lib/fleet/price-file.ts';
import type { InstanceNeeds } from '../../lib/types/gate.ts';
import { parseUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';

export const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

const BOOK = parsePrices(
  `version: 1
prices:
  us-east-1:
    ec2/g5.12xlarge/Linux: 5.672 USD
    ec2/g5.xlarge/Linux: 1.006 USD
    ec2/g5.2xlarge/Linux: 1.212 USD
    ec2/m5.4xlarge/Linux: 0.768 USD
    spot/g5.12xlarge: 2.1 USD
    spot/g5.xlarge: 0.45 USD
    sagemaker-hosting/ml.g5.12xlarge: 7.09 USD
    sagemaker-hosting/ml.g5.2xlarge: 1.515 USD
    sagemaker-hosting/ml.g5.xlarge: 1.408 USD
    sagemaker-training/ml.g5.12xlarge: 7.09 USD
    sagemaker-training/ml.g5.xlarge: 1.408 USD
`,
  'prices.yaml',
);

export const price = async (items: readonly ChangeItem[]): Promise<readonly EstimatedItem[]> =>
  (await priceChange({ items, free: 0 }, { prices: priceBookOf(BOOK), spot: spotOf(BOOK) })).items;

/** Something that costs so much, as somebody has reckoned it. */
export const stated = (id: string, cost: string, more: Partial<EstimatedItem> = {}): EstimatedItem => ({
  id,
  type: 'aws_thing',
  project: 'nlp',
  place: { file: 'infra/app.yaml', line: 3, col: 5 },
  frequency: 'month',
  parts: [{ per: 'stated', cost: usd(cost), what: id }],
  unpriced: [],
  cost: usd(cost),
  costs: [{ what: id, cost: usd(cost) }],
  ...more,
});

export interface Machine {
  readonly service?: InstanceChoice['service'];
  readonly type: string;
  readonly count?: number;
  readonly hours?: number;
  readonly project?: string;
  readonly needs?: InstanceNeeds;
  readonly interruptible?: boolean;
  readonly path?: InstanceChoice['at']['path'];
}

/** An item of instances, which others could stand in for. */
export function machine(
  id: string,
  {
    service = 'ec2',
    type,
    count = 1,
    hours = 730,
    project = 'nlp',
    needs,
    interruptible = false,
    path = [],
  }: Machine,
): ChangeItem {
  const region = 'us-east-1';
  const part: PricePart = {
    per: 'hour',
    key:
      service === 'ec2'
        ? { service, region, instanceType: type, system: 'Linux' }
        : service === 'rds'
          ? { service, region, instanceType: type, engine: 'postgres', multiAz: false }
          : { service, region, instanceType: type },
    count,
    hours,
    what: `${count} × ${type}`,
  };
  return {
    id,
    type: 'AWS::Thing',
    project,
    place: { file: 'infra/app.yaml', line: 9 },
    frequency: service === 'sagemaker-training' ? 'once' : 'month',
    parts: [part],
    unpriced: [],
    choice: {
      instanceType: type,
      service,
      at: { file: 'infra/app.yaml', path },
      interruptible,
      ...(needs === undefined ? {} : { needs }),
    },
  };
}
