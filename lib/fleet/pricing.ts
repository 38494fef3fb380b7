import { type Filter, GetProductsCommand, type PricingClient } from '@aws-sdk/client-pricing';
import * as z from 'zod';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../types/clock.ts';
import { formatUsd, microUsd, parseUsd, roundedUsd, type Usd } from '../types/money.ts';
import { allPages } from './pages.ts';
import { priceName } from './price-names.ts';
import { type Question, question } from './price-questions.ts';
import type { PriceBook, PriceKey, UnitKey } from './prices.ts';
import { readSpotPrice } from './spot-prices.ts';
import { unitQuestion } from './unit-questions.ts';

const HOUR_MS = 3_600_000;
const LISTED_FRESH_MS = 24 * HOUR_MS;
/** Spot prices move slowly, a few times a day at most: so often the meter follows, with four calls a day for each. */
const SPOT_FRESH_MS = 6 * HOUR_MS;
/** After a failure: long enough for one sweep to ask once a price, short enough for the next to try again. */
const FAILED_MS = 4 * 60_000;

interface Answer {
  readonly price: Usd | undefined;
  /** Good until then, in epoch milliseconds. */
  readonly until: number;
}

/** A price that is asked for at most once in `freshMs`. */
interface Asked {
  /** True where a price is not to be believed that is many times what it was: list prices hardly ever rise. */
  readonly isSteady: boolean;
  /** What the ledger keeps it by. */
  readonly name: string;
  readonly freshMs: number;
  readonly ask: () => Promise<Usd | undefined>;
}

interface PriceBookDeps {
  readonly pricing: PricingClient;
  readonly ledger: Pick<Ledger, 'price' | 'savePrice'>;
  readonly now: Clock;
  /** Told of each price that could not be read; a price never stops the work. */
  readonly onError: (key: string, error: unknown) => void;
}

/**
 * List prices of the Pricing API, kept in the ledger for a day so that a sweep asks for none, and Spot prices, kept
 * for six hours. Where AWS fails, or names what cannot be a price, the last known price is used; a price that was never
 * known is `undefined`, never zero.
 */
export function createPriceBook(deps: PriceBookDeps): PriceBook {
  const known = new Map<string, { readonly price: Promise<Usd | undefined>; until: number }>();
  const priceOf = (asked: Asked): Promise<Usd | undefined> => {
    const last = known.get(asked.name);
    if (last !== undefined && deps.now().getTime() < last.until) return last.price;
    const answer = find(asked, deps);
    // Whoever asks while the answer is under way waits for the same one.
    const entry = { price: answer.then(({ price }) => price), until: Number.POSITIVE_INFINITY };
    known.set(asked.name, entry);
    void answer.then(({ until }) => {
      entry.until = until;
    });
    return entry.price;
  };
  const listed = (key: PriceKey | UnitKey, asked: Question | undefined): Promise<Usd | undefined> =>
    priceOf({
      name: priceName(key),
      freshMs: LISTED_FRESH_MS,
      isSteady: true,
      ask: async () => (asked === undefined ? undefined : askList(asked, deps.pricing)),
    });
  return {
    hourly: (key) => listed(key, question(key)),
    unit: (key) => listed(key, unitQuestion(key)),
    spot: (key, ec2) =>
      priceOf({
        name: `spot/${Object.values(key).join('/')}`,
        freshMs: SPOT_FRESH_MS,
        isSteady: false,
        ask: () => readSpotPrice(ec2, key, deps.now()),
      }),
  };
}

/** Never throws. */
async function find(
  { name, freshMs, isSteady, ask }: Asked,
  { ledger, now, onError }: PriceBookDeps,
): Promise<Answer> {
  let last: Awaited<ReturnType<Ledger['price']>>;
  try {
    last = await ledger.price(name);
    const freshUntil = last === undefined ? 0 : last.asOf.getTime() + freshMs;
    if (now().getTime() < freshUntil) return { price: last?.hourly, until: freshUntil };
    const price = await ask();
    if (price !== undefined) mustBePlausible(price, isSteady ? last?.hourly : undefined);
    await ledger.savePrice(name, price, now());
    return { price, until: now().getTime() + freshMs };
  } catch (error) {
    onError(name, error);
    return { price: last?.hourly, until: now().getTime() + FAILED_MS };
  }
}

/**
 * One instance, or one month of a unit, costs less (and a million of what is priced by the million): the dearest instance that is listed costs some $220 an hour, and the
 * 72 GPUs of an UltraServer $762.
 */
const DEAREST: Usd = microUsd(1_000_000_000n);
const STEEPEST_RISE = 5n;

/**
 * In July 2026 AWS reported spend in the billions by mistake. By such a price the meter would stop whatever runs.
 * @param before the price as it was last known, in the last seven days
 */
function mustBePlausible(price: Usd, before: Usd | undefined): void {
  if (price > DEAREST) throw new Error(`A price of ${formatUsd(price)} is not believed.`);
  if (before !== undefined && price > STEEPEST_RISE * before) {
    throw new Error(`A price of ${formatUsd(price)} that was ${formatUsd(before)} is not believed for now.`);
  }
}

async function askList(
  { ServiceCode, filters, accepts, perUnit = perHour, tiered = false }: Question,
  pricing: PricingClient,
): Promise<Usd | undefined> {
  const entries = await allPages<unknown>(async (NextToken) => {
    const page = await pricing.send(
      new GetProductsCommand({
        ServiceCode,
        FormatVersion: 'aws_v1',
        MaxResults: 100,
        Filters: Object.entries(filters).map(
          ([Field, Value]): Filter => ({ Type: 'TERM_MATCH', Field, Value }),
        ),
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.PriceList, next: page.NextToken };
  });
  const prices = entries.flatMap((entry) => {
    const product = ProductSchema.safeParse(parseJson(entry));
    return product.success && accepts(product.data.product.attributes)
      ? pricesOf(product.data, perUnit, tiered)
      : [];
  });
  // More than one price means that the filters no longer tell the products apart: then none is right.
  const [price, ...others] = new Set(prices);
  return others.length === 0 ? price : undefined;
}

const perHour = (unit: string): bigint | undefined => (/^hrs?$|^hours?$/i.test(unit) ? 1n : undefined);

/** Each entry of `PriceList` is a JSON text; only what a price needs is read of it. */
const ProductSchema = z.object({
  product: z.object({ attributes: z.record(z.string(), z.string()) }),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({
              unit: z.string(),
              beginRange: z.string().optional(),
              pricePerUnit: z.object({ USD: z.string().optional() }),
            }),
          ),
        }),
      )
      .optional(),
  }),
});

function pricesOf(
  { terms }: z.infer<typeof ProductSchema>,
  perUnit: NonNullable<Question['perUnit']>,
  tiered: boolean,
): Usd[] {
  return Object.values(terms.OnDemand ?? {}).flatMap(({ priceDimensions }) => {
    const paid = Object.values(priceDimensions).flatMap(({ unit, beginRange = '0', pricePerUnit }) => {
      const times = perUnit(unit);
      const price = times === undefined ? undefined : timesDecimal(pricePerUnit.USD ?? '', times);
      return price === undefined || price === 0n ? [] : [{ price, from: Number(beginRange) }];
    });
    const first = Math.min(...paid.map(({ from }) => from));
    return paid.filter(({ from }) => !tiered || from === first).map(({ price }) => price);
  });
}

/**
 * A price as the list writes it, `0.0000166667`, times a whole number, rounded half up to the micro-dollar once: after
 * it was multiplied. `undefined` where the text is no amount.
 */
function timesDecimal(text: string, times: bigint): Usd | undefined {
  if (times === 1n) return parseUsd(text);
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text.trim()) ?? [];
  if (whole === '') return undefined;
  return roundedUsd(BigInt(whole + fraction) * times * 1_000_000n, 10n ** BigInt(fraction.length));
}

function parseJson(entry: unknown): unknown {
  try {
    return JSON.parse(String(entry));
  } catch {
    return undefined;
  }
}
