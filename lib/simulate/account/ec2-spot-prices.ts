import type { DescribeSpotPriceHistoryCommandInput } from '@aws-sdk/client-ec2';
import { refused } from './ec2-errors.ts';
import { list } from './ec2-list.ts';
import { memoOf, type SpotPriceChange } from './ec2-memo.ts';
import type { AccountState } from './state.ts';

/** Of what a Spot price is the price; `product` as the price history names it, such as `Linux/UNIX`. */
export interface SpotMarket {
  readonly zone: string;
  readonly instanceType: string;
  readonly product: string;
}

/**
 * Sets the Spot price of a market from an instant on, in USD an hour as a decimal, such as `0.4512`. What was never set
 * has no price: the price history says nothing of it.
 */
export function setSpotPrice(state: AccountState, market: SpotMarket, change: SpotPriceChange): void {
  const { spotPrices } = memoOf(state);
  const key = spotKey(market);
  const others = (spotPrices.get(key) ?? []).filter(({ from }) => from.getTime() !== change.from.getTime());
  spotPrices.set(
    key,
    [...others, change].toSorted((a, b) => a.from.getTime() - b.from.getTime()),
  );
}

const spotKey = ({ zone, instanceType, product }: SpotMarket): string =>
  [zone, instanceType, product].join(' ');

interface Price {
  readonly Timestamp: Date;
  readonly SpotPrice: string;
  readonly AvailabilityZone: string;
  readonly InstanceType: string;
  readonly ProductDescription: string;
}

/**
 * Answers DescribeSpotPriceHistory: of each market, newest first, the changes from the start time on and the last one
 * before it (EC2 API reference).
 */
export function describeSpotPrices(
  state: AccountState,
  region: string,
  asked: DescribeSpotPriceHistoryCommandInput,
) {
  const { StartTime: from = new Date(0), EndTime: to = state.now() } = asked;
  const { ProductDescriptions: products = [], InstanceTypes: types = [], AvailabilityZone: zone } = asked;
  const isOf = (wanted: readonly string[], one: string) => wanted.length === 0 || wanted.includes(one);
  const all = [...memoOf(state).spotPrices].flatMap(([key, changes]): Price[] => {
    const [zoneOf = '', type = '', ...product] = key.split(' ');
    const name = product.join(' ');
    const isAsked =
      zoneOf.startsWith(region) && isOf(products, name) && isOf(types, type) && (zone ?? zoneOf) === zoneOf;
    if (!isAsked) return [];
    const past = changes.filter((one) => one.from <= to);
    const first = past.findLastIndex((one) => one.from <= from);
    return past
      .slice(Math.max(first, 0))
      .reverse()
      .map(({ from: Timestamp, price: SpotPrice }) => ({
        Timestamp,
        SpotPrice,
        AvailabilityZone: zoneOf,
        InstanceType: type,
        ProductDescription: name,
      }));
  });
  const { items, next } = list<Price>(
    { filters: asked.Filters, size: asked.MaxResults, token: asked.NextToken },
    {
      all: () => all,
      get: () => undefined,
      unknown: () => refused('InvalidParameterValue', 'Prices have no ids.'),
      idFilter: '',
      tags: () => ({}),
      fields: {
        'availability-zone': (one) => one.AvailabilityZone,
        'instance-type': (one) => one.InstanceType,
        'product-description': (one) => one.ProductDescription,
        'spot-price': (one) => one.SpotPrice,
      },
    },
  );
  return { SpotPriceHistory: items, ...next };
}
