import * as z from 'zod';
import { mapping, notMapping, region, written } from '../policy/fields.ts';
import { problemsOf } from '../policy/issues.ts';
import { PolicyError } from '../policy/policy-error.ts';
import { readYaml } from '../policy/source.ts';
import { show, unknownKey, wrong } from '../policy/words.ts';
import { parseUsd, type Usd, usdToDecimal } from '../types/money.ts';
import { formOf, keyOfName, nameInRegion, PRICED_SERVICES } from './price-names.ts';
import type { PriceBook, PriceKey, UnitKey } from './prices.ts';

/**
 * Prices that somebody wrote down, or that were asked before: for pipelines without rights to ask AWS, and to say a
 * price of one's own. By region, then by name within it.
 */
export type PriceFile = ReadonlyMap<string, ReadonlyMap<string, Usd>>;

/** Where prices are written to and read from unless told otherwise. */
export const DEFAULT_PRICE_FILE = 'bursar-prices.yaml';

/** A larger file is refused unread, so that no input takes long. */
const MAX_KIB = 1024;

/** What Spot prices are named by, in the cheapest zone of the region: `spot/g5.xlarge`. */
const SPOT = 'spot';
const SPOT_NAME = /^spot\/[a-z][a-z0-9-]*\.[a-z0-9-]+$/;

const AMOUNT = /^\d{1,7}(?:\.\d{1,6})? USD$/;

/** How to write a price that was written in another way: `1.006` → `1.006 USD`. */
function amountMend(input: unknown): string {
  const text = typeof input === 'string' || typeof input === 'number' ? String(input).trim() : '';
  const [, digits, decimals = ''] =
    /^(?:usd|us\$|\$)?\s*(\d{1,7}(?:\.(\d+))?)\s*(?:usd|us\$|\$)?$/i.exec(text) ?? [];
  if (digits === undefined) return 'Write an amount in US dollars, such as 1.006 USD.';
  return decimals.length > 6 ? 'Write six decimals at most.' : `Write ${digits} USD.`;
}

const isName = (name: string): boolean => keyOfName('any', name) !== undefined || SPOT_NAME.test(name);

function nameMessage(name: string): string {
  const [service = ''] = name.split('/');
  const form = service === SPOT ? 'spot/<instance type>' : formOf(service);
  return form === undefined
    ? unknownKey(service, [...PRICED_SERVICES, SPOT])
    : `${show(name)} names no price. Write ${form}.`;
}

const PricesSchema = z.record(
  region,
  z.record(
    z.string().refine(isName, { error: ({ input }) => nameMessage(String(input)) }),
    written('a price', AMOUNT, 'a price', amountMend)
      .transform((text) => parseUsd(text.replace(' USD', '')))
      .refine((usd): usd is Usd => usd !== undefined && usd > 0n, {
        error: 'A price of 0 USD would make it free. Remove the line: what has no price is told as unpriced.',
      }),
    { error: notMapping('A region', 'Write a line for each price, such as ec2/g5.xlarge/Linux: 1.006 USD.') },
  ),
  {
    error: notMapping(
      '`prices`',
      'Name regions, each with its prices: us-east-1: { nat-gateway: 0.045 USD }.',
    ),
  },
);

const PriceFileSchema = mapping('The file', {
  version: z.literal(1, { error: wrong('version', 'a version that is known', 'Write version: 1.') }),
  prices: PricesSchema,
});

/**
 * Reads and checks a price file, YAML or JSON:
 *
 *     version: 1
 *     prices:
 *       us-east-1:
 *         ec2/g5.xlarge/Linux: 1.006 USD               # an hour
 *         sagemaker-hosting/ml.g5.12xlarge: 7.09 USD   # an hour
 *         rds/db.m5.large/postgres/single-az: 0.171 USD
 *         ebs/gp3/gib: 0.08 USD                        # a month
 *         lambda/x86_64/gb-seconds: 16.6667 USD        # a million
 *         spot/g5.xlarge: 0.45 USD                     # an hour, in the cheapest zone
 *
 * Names are those of `priceName` without the region; units are those of `PriceKey` and `UnitKey`.
 * @param file the file's name, for messages alone
 * @throws {PolicyError} with every mistake and its place; never anything else
 */
export function parsePrices(text: string, file: string): PriceFile {
  const refuse = (message: string): PolicyError => new PolicyError(file, [{ line: 1, col: 1, message }]);
  if (text.length > MAX_KIB * 1024) {
    throw refuse(`The file is larger than ${MAX_KIB} KiB. Is it the price file? Name the right one.`);
  }
  const source = readYaml(text);
  if (!source.complete) throw new PolicyError(file, source.problems);
  if (source.value === undefined || source.value === null) {
    throw refuse('The file is empty. Start it with version: 1, then add `prices`.');
  }
  const result = PriceFileSchema.safeParse(source.value, { reportInput: true });
  const problems = [...source.problems, ...problemsOf(result.error?.issues ?? [], source)];
  if (result.data === undefined || problems.length > 0) throw new PolicyError(file, problems);
  return new Map(
    Object.entries(result.data.prices).map(([name, prices]) => [name, new Map(Object.entries(prices))]),
  );
}

/** Prices of a file alone: AWS is asked nothing. A Spot price is the same in each zone of its region. */
export function priceBookOf(file: PriceFile): PriceBook {
  const find = async (key: PriceKey | UnitKey) => file.get(key.region)?.get(nameInRegion(key));
  return {
    hourly: find,
    unit: find,
    spot: ({ region: of, instanceType, system }) =>
      system === 'Linux' ? spotOf(file)(of, instanceType) : Promise.resolve(undefined),
  };
}

/** USD an hour of a Spot instance in the cheapest zone of a region, where one is known. */
export type SpotPrices = (region: string, instanceType: string) => Promise<Usd | undefined>;

export const spotOf =
  (file: PriceFile): SpotPrices =>
  async (of, instanceType) =>
    file.get(of)?.get(`${SPOT}/${instanceType}`);

/** Prices of a file, and of what it does not name those of another book. */
export function pricesOver(file: PriceFile, others: PriceBook): PriceBook {
  const own = priceBookOf(file);
  return {
    hourly: async (key) => (await own.hourly(key)) ?? others.hourly(key),
    unit: async (key) => (await own.unit(key)) ?? others.unit(key),
    spot: async (key, ec2) => (await own.spot(key, ec2)) ?? others.spot(key, ec2),
  };
}

/** What `recording` gives. */
export interface RecordedPrices {
  readonly prices: PriceBook;
  /** Absent where no `spot` was given. */
  readonly spot?: SpotPrices;
  /** Every price that was asked through these and known, up to now. */
  readonly recorded: () => PriceFile;
}

/** The same prices, remembered as they are asked, so that `writePrices` can write them down. */
export function recording(prices: PriceBook, spot?: SpotPrices): RecordedPrices {
  const known = new Map<string, Map<string, Usd>>();
  const keep = (of: string, name: string, price: Usd | undefined): Usd | undefined => {
    if (price === undefined) return undefined;
    const names = known.get(of) ?? new Map<string, Usd>();
    known.set(of, names.set(name, price));
    return price;
  };
  return {
    prices: {
      hourly: async (key) => keep(key.region, nameInRegion(key), await prices.hourly(key)),
      unit: async (key) => keep(key.region, nameInRegion(key), await prices.unit(key)),
      // A price of one zone is not that of the cheapest: it has no name in a file.
      spot: (key, ec2) => prices.spot(key, ec2),
    },
    ...(spot === undefined
      ? {}
      : {
          spot: async (of, instanceType) => keep(of, `${SPOT}/${instanceType}`, await spot(of, instanceType)),
        }),
    recorded: () => known,
  };
}

/**
 * Prices as the text of a price file, which `parsePrices` reads back: sorted by region and name, so that two files of
 * the same prices are the same text.
 * @param asked when they were asked, for people
 */
export function writePrices(file: PriceFile, asked: Date): string {
  const regions = [...file].filter(([, prices]) => prices.size > 0).sort(byName);
  const lines = regions.flatMap(([of, prices]) => [
    `  ${of}:`,
    ...[...prices].sort(byName).map(([name, price]) => `    ${name}: ${usdToDecimal(price)} USD`),
  ]);
  return [
    `# List prices in US dollars, asked on ${asked.toISOString().slice(0, 10)}.`,
    'version: 1',
    ...(lines.length === 0 ? ['prices: {}'] : ['prices:', ...lines]),
    '',
  ].join('\n');
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
