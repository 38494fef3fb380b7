import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type PriceFile,
  parsePrices,
  priceBookOf,
  pricesOver,
  recording,
  spotOf,
  writePrices,
} from '../../lib/fleet/price-file.ts';
import { nameInRegion } from '../../lib/fleet/price-names.ts';
import type { PriceBook } from '../../lib/fleet/prices.ts';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import { ROOT } from '../../lib/sandbox/local-aws.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';
import { anyPriceKey } from './any-price-key.ts';
import { NOW, usd } from './fixtures.ts';

const region = 'us-east-1';
const g5 = { service: 'ec2', region, instanceType: 'g5.xlarge', system: 'Linux' } as const;
const gp3 = { service: 'ebs', region, volumeType: 'gp3', unit: 'gib' } as const;
const ec2 = new EC2Client({ region });

const TEXT = `# what the list said
version: 1
prices:
  us-east-1:
    ec2/g5.xlarge/Linux: 1.006 USD
    sagemaker-hosting/ml.g5.12xlarge: 7.09 USD
    rds/db.m5.large/postgres/single-az: 0.171 USD
    ebs/gp3/gib: 0.08 USD
    lambda/x86_64/gb-seconds: 16.6667 USD
    spot/g5.xlarge: 0.45 USD
  eu-west-1: {}
`;

describe('a price file', () => {
  it('is a price book that asks nobody', async () => {
    const prices = priceBookOf(parsePrices(TEXT, 'prices.yaml'));
    expect(await prices.hourly(g5)).toBe(usd('1.006'));
    expect(await prices.hourly({ ...g5, system: 'Windows' })).toBeUndefined();
    expect(await prices.hourly({ ...g5, region: 'eu-west-1' })).toBeUndefined();
    expect(
      await prices.hourly({ service: 'sagemaker-hosting', region, instanceType: 'ml.g5.12xlarge' }),
    ).toBe(usd('7.09'));
    expect(await prices.unit(gp3)).toBe(usd('0.08'));
    expect(await prices.unit({ service: 'lambda', region, architecture: 'x86_64', unit: 'gb-seconds' })).toBe(
      usd('16.6667'),
    );
    expect(await prices.spot({ ...g5, zone: 'us-east-1b' }, ec2)).toBe(usd('0.45'));
    expect(await prices.spot({ ...g5, zone: 'us-east-1b', system: 'RHEL' }, ec2)).toBeUndefined();
    expect(await spotOf(parsePrices(TEXT, 'prices.yaml'))(region, 'g5.xlarge')).toBe(usd('0.45'));
  });

  it('may be JSON', async () => {
    const text = JSON.stringify({ version: 1, prices: { [region]: { 'ec2/g5.xlarge/Linux': '1.006 USD' } } });
    expect(await priceBookOf(parsePrices(text, 'prices.json')).hourly(g5)).toBe(usd('1.006'));
  });

  const problem = (text: string): string => {
    try {
      parsePrices(text, 'prices.yaml');
    } catch (error) {
      if (error instanceof PolicyError) return error.message;
    }
    return 'none';
  };
  const of = (line: string) => `version: 1\nprices:\n  us-east-1:\n    ${line}\n`;

  it.each([
    [of('ec2/g5.xlarge/Linux: 1.006'), 'prices.yaml:4:26: 1.006 is not a price. Write 1.006 USD.'],
    [of('ec2/g5.xlarge/Linux: $1.006'), 'prices.yaml:4:26: "$1.006" is not a price. Write 1.006 USD.'],
    [
      of('ec2/g5.xlarge/Linux: 0.0000166667 USD'),
      'prices.yaml:4:26: "0.0000166667 USD" is not a price. Write six decimals at most.',
    ],
    [
      of('ec2/g5.xlarge/Linux: 0 USD'),
      'prices.yaml:4:26: A price of 0 USD would make it free. Remove the line: what has no price is told as unpriced.',
    ],
    [
      of('ec2/g5.xlarge: 1.006 USD'),
      'prices.yaml:4:5: "ec2/g5.xlarge" names no price. Write ec2/<instance type>/Linux|Windows|RHEL|SUSE.',
    ],
    [of('ec3/g5.xlarge/Linux: 1 USD'), 'prices.yaml:4:5: Unknown key "ec3". Did you mean "ec2"?'],
    [of('spot/ml: 1 USD'), 'prices.yaml:4:5: "spot/ml" names no price. Write spot/<instance type>.'],
    [
      of('nat-gateway: 1 USD').replace('us-east-1', 'useast1'),
      'prices.yaml:3:3: "useast1" is not an AWS region.',
    ],
    ['version: 2\nprices: {}\n', 'prices.yaml:1:10: 2 is not a version that is known. Write version: 1.'],
    ['version: 1\n', '`prices` is missing. Name regions'],
    ['version: 1\nprices: {}\nprice: {}\n', 'prices.yaml:3:1: Unknown key "price". Did you mean "prices"?'],
    ['', 'prices.yaml:1:1: The file is empty. Start it with version: 1, then add `prices`.'],
    [
      `${of('nat-gateway: 0.045 USD')}    nat-gateway: 0.05 USD\n`,
      'prices.yaml:5:5: The key "nat-gateway" stands here twice',
    ],
  ])('says what is wrong and where: %j', (text, message) => {
    expect(problem(text)).toContain(message);
  });

  it('too large is refused unread', () => {
    expect(problem(`# ${'x'.repeat(1024 * 1024)}`)).toContain('larger than 1024 KiB');
  });
});

const amount = fc.bigInt({ min: 1n, max: 999_999_999_999n }).map(microUsd);

describe('prices that are written down', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyPriceKey, amount), { maxLength: 20 }), (priced) => {
        const file = new Map<string, Map<string, Usd>>();
        for (const [{ key }, price] of priced) {
          const names = file.get(key.region) ?? new Map<string, Usd>();
          file.set(key.region, names.set(nameInRegion(key), price));
        }
        expect(parsePrices(writePrices(file, NOW), 'prices.yaml')).toEqual(file);
      }),
      { numRuns: 60 },
    );
  });

  it('are sorted, in a text that people can read', () => {
    const file: PriceFile = new Map([
      [
        'us-east-1',
        new Map([
          ['nat-gateway', usd('0.045')],
          ['ec2/g5.xlarge/Linux', usd('1.006')],
        ]),
      ],
      ['eu-west-1', new Map([['ebs/gp3/gib', usd('0.088')]])],
      ['ap-south-1', new Map<string, Usd>()],
    ]);
    expect(
      writePrices(file, new Date('2026-11-26T08:00:00Z')),
    ).toBe(`# List prices in US dollars, asked on 2026-11-26.
version: 1
prices:
  eu-west-1:
    ebs/gp3/gib: 0.088 USD
  us-east-1:
    ec2/g5.xlarge/Linux: 1.006 USD
    nat-gateway: 0.045 USD
`);
    expect(parsePrices(writePrices(new Map(), NOW), 'none.yaml')).toEqual(new Map());
  });

  it('are those that were asked and known, Spot prices of the cheapest zone among them', async () => {
    const known: PriceBook = {
      hourly: async ({ instanceType }) => (instanceType === 'g5.xlarge' ? usd('1.006') : undefined),
      unit: async () => usd('0.08'),
      spot: async () => usd('0.5'),
    };
    const { prices, spot, recorded } = recording(known, async (_, type) =>
      type === 'g5.xlarge' ? usd('0.45') : undefined,
    );
    expect(await prices.hourly(g5)).toBe(usd('1.006'));
    expect(await prices.hourly({ ...g5, instanceType: 'x9.unheard' })).toBeUndefined();
    await prices.unit(gp3);
    await prices.spot({ ...g5, zone: 'us-east-1b' }, ec2);
    expect(await spot?.(region, 'g5.xlarge')).toBe(usd('0.45'));
    await spot?.(region, 'x9.unheard');
    expect(recorded()).toEqual(
      new Map([
        [
          region,
          new Map([
            ['ec2/g5.xlarge/Linux', usd('1.006')],
            ['ebs/gp3/gib', usd('0.08')],
            ['spot/g5.xlarge', usd('0.45')],
          ]),
        ],
      ]),
    );
    const again = priceBookOf(parsePrices(writePrices(recorded(), NOW), 'prices.yaml'));
    expect(await again.hourly(g5)).toBe(usd('1.006'));
  });
});

it('prices of a file go before those of another book, which is asked for the rest alone', async () => {
  const asked: string[] = [];
  const others: PriceBook = {
    hourly: async (key) => {
      asked.push(nameInRegion(key));
      return usd('9');
    },
    unit: async (key) => {
      asked.push(nameInRegion(key));
      return usd('8');
    },
    spot: async () => usd('7'),
  };
  const prices = pricesOver(parsePrices(TEXT, 'prices.yaml'), others);
  expect(await prices.hourly(g5)).toBe(usd('1.006'));
  expect(await prices.unit(gp3)).toBe(usd('0.08'));
  expect(await prices.hourly({ ...g5, instanceType: 'g5.2xlarge' })).toBe(usd('9'));
  expect(await prices.unit({ service: 'nat-gateway', region })).toBe(usd('8'));
  expect(await prices.spot({ ...g5, zone: 'us-east-1a' }, ec2)).toBe(usd('0.45'));
  expect(await prices.spot({ ...g5, instanceType: 'g5.2xlarge', zone: 'us-east-1a' }, ec2)).toBe(usd('7'));
  expect(asked).toEqual(['ec2/g5.2xlarge/Linux', 'nat-gateway']);
});

it('the example of the documentation is one', () => {
  const page = readFileSync(join(ROOT, 'docs/price-file.md'), 'utf8');
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  expect(parsePrices(example, 'docs/price-file.md').get('us-east-1')?.size).toBe(8);
});
