import type { PriceChangeDeps } from '../estimate/price-change.ts';
import { type ClientOptions, createPricingClient, createRegionClients } from '../fleet/clients.ts';
import {
  type PriceFile,
  parsePrices,
  priceBookOf,
  pricesOver,
  recording,
  type SpotPrices,
  spotOf,
  writePrices,
} from '../fleet/price-file.ts';
import { createPriceBook } from '../fleet/pricing.ts';
import { cheapestSpot } from '../fleet/spot-cheapest.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import { PolicyError } from '../policy/policy-error.ts';
import type { Clock } from '../types/clock.ts';
import { writeText } from './html-file.ts';
import { UsageError } from './io.ts';
import { readIfThere } from './read-if-there.ts';
import { remoteError } from './remote-error.ts';

/** Where prices come from, and what came of asking. */
export interface GatePrices extends PriceChangeDeps {
  /** What could not be asked, a sentence each. */
  readonly notes: () => readonly string[];
  /** Writes down what was asked where that is wanted. @throws UsageError one line */
  readonly save: () => Promise<void>;
}

export interface PricesWanted {
  /** A price file; absent = AWS is asked. */
  readonly file?: string;
  /** Where to write what was asked; with a file AWS is asked for what that lacks. */
  readonly saveAs?: string;
  readonly profile?: string;
  readonly now: Clock;
}

/** @throws UsageError with a line for each mistake in the price file */
export async function gatePrices({ file, saveAs, profile, now }: PricesWanted): Promise<GatePrices> {
  const known = file === undefined ? undefined : await readPrices(file);
  const failed = new Map<string, unknown>();
  const asked =
    known !== undefined && saveAs === undefined
      ? { prices: priceBookOf(known), spot: spotOf(known) }
      : overAws(known ?? new Map(), profile === undefined ? {} : { profile }, now, failed);
  const { prices, spot, recorded } = recording(asked.prices, asked.spot);
  return {
    prices,
    ...(spot === undefined ? {} : { spot }),
    notes: () => notesOf(failed),
    save: async () => {
      if (saveAs !== undefined) await writeText('--save-prices', saveAs, writePrices(recorded(), now()));
    },
  };
}

function overAws(
  known: PriceFile,
  options: ClientOptions,
  now: Clock,
  failed: Map<string, unknown>,
): {
  readonly prices: PriceChangeDeps['prices'] & ReturnType<typeof priceBookOf>;
  readonly spot: SpotPrices;
} {
  const own = spotOf(known);
  const book = createPriceBook({
    pricing: createPricingClient(options),
    ledger: createMemoryLedger(),
    now,
    onError: (price, error) => failed.set(price, error),
  });
  return {
    prices: pricesOver(known, book),
    spot: async (region, instanceType) => {
      const stated = await own(region, instanceType);
      if (stated !== undefined) return stated;
      try {
        return (await cheapestSpot(createRegionClients(region, options).ec2, instanceType, now()))?.hourly;
      } catch (error) {
        failed.set(`spot/${region}/${instanceType}`, error);
        return undefined;
      }
    },
  };
}

async function readPrices(file: string): Promise<PriceFile> {
  const text = await readIfThere('--prices', file);
  if (text === undefined) {
    throw new UsageError(`--prices ${file}: No such file. Write it by --save-prices, or leave --prices out.`);
  }
  try {
    return parsePrices(text, file);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function notesOf(failed: ReadonlyMap<string, unknown>): readonly string[] {
  const [first] = failed;
  if (first === undefined) return [];
  const [price, error] = first;
  const of = failed.size === 1 ? 'A price' : `${failed.size} prices`;
  return [
    remoteError(
      error,
      `${of} could not be read`,
      `(${price})`,
      'The gate needs pricing:GetProducts and ec2:DescribeSpotPriceHistory, or a file by --prices.',
    ).message,
  ];
}
