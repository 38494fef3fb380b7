import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, type ChangeItem, MONTH_HOURS, type PricePart } from '../../lib/estimate/estimate.ts';
import { priceChange } from '../../lib/estimate/price-change.ts';
import { parsePrices, priceBookOf, spotOf } from '../../lib/fleet/price-file.ts';
import { priceName } from '../../lib/fleet/price-names.ts';
import type { PriceBook, PriceKey, UnitKey } from '../../lib/fleet/prices.ts';
import { formatUsd, microUsd, sumUsd, usdToDecimal } from '../../lib/types/money.ts';
import { usd } from '../fleet/fixtures.ts';

const region = 'us-east-1';
const FILE = parsePrices(
  `version: 1
prices:
  us-east-1:
    ec2/g5.xlarge/Linux: 1.006 USD
    sagemaker-hosting/ml.g5.12xlarge: 7.09 USD
    sagemaker-hosting/ml.g5.2xlarge: 1.515 USD
    sagemaker-hosting/ml.g5.xlarge: 1.408 USD
    sagemaker-training/ml.p3.2xlarge: 3.825 USD
    rds/db.m5.large/postgres/single-az: 0.171 USD
    rds-storage/gp3/gib/single-az: 0.115 USD
    ebs/gp3/gib: 0.08 USD
    lambda/x86_64/requests: 0.2 USD
    lambda/x86_64/gb-seconds: 16.6667 USD
    nat-gateway: 0.045 USD
    nat-gateway-data: 0.045 USD
    spot/g5.xlarge: 0.4501 USD
`,
  'prices.yaml',
);

const hosting = (type: string): PriceKey => ({ service: 'sagemaker-hosting', region, instanceType: type });
const month = (key: PriceKey, count = 1, hours = MONTH_HOURS): PricePart => ({
  per: 'hour',
  key,
  count,
  hours,
  what: `${count} × ${key.instanceType}`,
});
const unit = (key: UnitKey, quantity: number): PricePart => ({
  per: 'unit',
  key,
  quantity,
  what: priceName(key),
});
const gp3: UnitKey = { service: 'ebs', region, volumeType: 'gp3', unit: 'gib' };
const lambda = (of: 'requests' | 'gb-seconds'): UnitKey => ({
  service: 'lambda',
  region,
  architecture: 'x86_64',
  unit: of,
});

const item = (parts: readonly PricePart[], more: Partial<ChangeItem> = {}): ChangeItem => ({
  id: 'App/Thing',
  type: 'AWS::EC2::Instance',
  project: 'fraud-detection',
  place: { file: 'app.yaml', line: 3, col: 5 },
  frequency: 'month',
  parts,
  unpriced: [],
  ...more,
});
const change = (...items: readonly ChangeItem[]): Change => ({ items, free: 2 });
const price = (of: Change) => priceChange(of, { prices: priceBookOf(FILE), spot: spotOf(FILE) });

/** USD of a change of one item. */
async function costOf(...parts: readonly PricePart[]): Promise<string> {
  const { items } = await price(change(item(parts)));
  return usdToDecimal(sumUsd(items.map(({ cost }) => cost)));
}

describe('what a change costs', () => {
  it.each([
    // The figures of the gate: 7.09 × 730, 1.515 × 730, 1.408 × 730.
    ['ml.g5.12xlarge for a month', [month(hosting('ml.g5.12xlarge'))], '5175.7'],
    ['ml.g5.2xlarge for a month', [month(hosting('ml.g5.2xlarge'))], '1105.95'],
    ['ml.g5.xlarge for a month', [month(hosting('ml.g5.xlarge'))], '1027.84'],
    // 3 × 1.006 × 730
    [
      'three instances',
      [month({ service: 'ec2', region, instanceType: 'g5.xlarge', system: 'Linux' }, 3)],
      '2203.14',
    ],
    // 2 × 3.825 × 26.5
    [
      'a job',
      [month({ service: 'sagemaker-training', region, instanceType: 'ml.p3.2xlarge' }, 2, 26.5)],
      '202.725',
    ],
    // 0.171 × 730 + 100 × 0.115 = 124.83 + 11.5
    [
      'a database and its storage',
      [
        month({ service: 'rds', region, instanceType: 'db.m5.large', engine: 'postgres', multiAz: false }),
        unit({ service: 'rds-storage', region, storageType: 'gp3', unit: 'gib', multiAz: false }, 100),
      ],
      '136.33',
    ],
    // 730 × 0.045 + 50 × 0.045 = 32.85 + 2.25
    [
      'a NAT gateway with its data',
      [unit({ service: 'nat-gateway', region }, 730), unit({ service: 'nat-gateway-data', region }, 50)],
      '35.1',
    ],
    // 2 million requests of 300 ms with 512 MiB: 2 × 0.20 + 0.3 million GB-seconds × 16.6667 = 0.40 + 5.00001
    ['a function', [unit(lambda('requests'), 2), unit(lambda('gb-seconds'), 0.3)], '5.40001'],
    // 0.000001 million GB-seconds, one: 16.6667 / 1,000,000 is $0.0000166667, rounded once.
    ['one GB-second', [unit(lambda('gb-seconds'), 0.000001)], '0.000017'],
    ['Spot for a month', [spotPart()], '328.573'],
    ['what somebody else reckoned', [{ per: 'stated', cost: usd('12.34'), what: 'by Infracost' }], '12.34'],
    ['nothing', [], '0'],
  ] satisfies readonly (readonly [string, readonly PricePart[], string])[])('%s', async (_, parts, cost) => {
    expect(await costOf(...parts)).toBe(cost);
  });

  it('reads as people expect', async () => {
    const { items } = await price(change(item([month(hosting('ml.g5.12xlarge'))])));
    expect(formatUsd(items[0]?.cost ?? usd('0'))).toBe('$5,175.70');
  });

  it('keeps what was read, with the cost of each part', async () => {
    const read = item([month(hosting('ml.g5.xlarge')), unit(gp3, 12.5)], { unpriced: ['Data: state it.'] });
    expect(await price(change(read))).toEqual({
      items: [
        {
          ...read,
          cost: usd('1028.84'),
          costs: [
            { what: '1 × ml.g5.xlarge', cost: usd('1027.84') },
            { what: 'ebs/us-east-1/gp3/gib', cost: usd('1') },
          ],
          unpriced: ['Data: state it.'],
        },
      ],
      free: 2,
    });
  });

  it('is never zero of what has no price: that is named, and in no sum', async () => {
    const { items } = await price(
      change(
        item([
          month(hosting('ml.x9.unheard'), 2),
          unit(gp3, 100),
          unit({ ...gp3, volumeType: 'st1' }, 5),
          { ...spotPart(), instanceType: 'x9.unheard' },
        ]),
      ),
    );
    expect(items[0]?.cost).toBe(usd('8'));
    expect(items[0]?.costs.map(({ cost }) => cost)).toEqual([undefined, usd('8'), undefined, undefined]);
    expect(items[0]?.unpriced).toEqual([
      '2 × ml.x9.unheard: no price of sagemaker-hosting/ml.x9.unheard in us-east-1 is known; a price file may say it.',
      'ebs/us-east-1/st1/gib: no price of ebs/st1/gib in us-east-1 is known; a price file may say it.',
      '1 × g5.xlarge, Spot: no Spot price of x9.unheard in us-east-1 is known.',
    ]);
  });

  it('on Spot is unpriced where nobody is there to ask', async () => {
    const { items } = await priceChange(change(item([spotPart()])), { prices: priceBookOf(FILE) });
    expect(items[0]?.costs).toEqual([{ what: '1 × g5.xlarge, Spot', cost: undefined }]);
    expect(items[0]?.unpriced).toHaveLength(1);
  });

  it('asks each price once, whatever needs it and however its key was written', async () => {
    const asked: string[] = [];
    const own = priceBookOf(FILE);
    const prices: Pick<PriceBook, 'hourly' | 'unit'> = {
      hourly: (key) => {
        asked.push(priceName(key));
        return own.hourly(key);
      },
      unit: (key) => {
        asked.push(priceName(key));
        return own.unit(key);
      },
    };
    const spots: string[] = [];
    await priceChange(
      change(
        item([month(hosting('ml.g5.xlarge')), unit(gp3, 1), spotPart()]),
        item([
          month({ instanceType: 'ml.g5.xlarge', region, service: 'sagemaker-hosting' }, 4),
          unit({ unit: 'gib', volumeType: 'gp3', region, service: 'ebs' }, 2),
          month(hosting('ml.x9.unheard')),
          month(hosting('ml.x9.unheard')),
          spotPart(),
        ]),
      ),
      {
        prices,
        spot: async (of, type) => {
          spots.push(`${of} ${type}`);
          return undefined;
        },
      },
    );
    expect(asked.sort()).toEqual([
      'ebs/us-east-1/gp3/gib',
      'sagemaker-hosting/us-east-1/ml.g5.xlarge',
      'sagemaker-hosting/us-east-1/ml.x9.unheard',
    ]);
    expect(spots).toEqual(['us-east-1 g5.xlarge']);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d of something', async (quantity) => {
    await expect(price(change(item([unit(gp3, quantity)])))).rejects.toThrow(RangeError);
  });

  it('is price × quantity, exact to six decimals and rounded once', async () => {
    const micros = fc.integer({ min: 0, max: 5_000_000_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 1n, max: 999_999_999n }),
        micros,
        fc.integer({ min: 0, max: 1000 }),
        async (amount, millionths, count) => {
          const prices = { hourly: async () => microUsd(amount), unit: async () => microUsd(amount) };
          const { items } = await priceChange(
            change(
              item([unit(gp3, millionths / 1e6), month(hosting('ml.any.type'), count, millionths / 1e6)]),
            ),
            { prices },
          );
          const exact = amount * BigInt(millionths);
          const rounded = (of: bigint) => (of + 500_000n) / 1_000_000n;
          expect(items[0]?.costs.map(({ cost }) => cost)).toEqual([
            rounded(exact),
            rounded(exact * BigInt(count)),
          ]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** 0.4501 × 730 */
function spotPart(): Extract<PricePart, { per: 'spot-hour' }> {
  return {
    per: 'spot-hour',
    region,
    instanceType: 'g5.xlarge',
    count: 1,
    hours: MONTH_HOURS,
    what: '1 × g5.xlarge, Spot',
  };
}
