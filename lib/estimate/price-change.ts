import { nameInRegion, priceName } from '../fleet/price-names.ts';
import type { PriceBook } from '../fleet/prices.ts';
import { assertNever } from '../types/assert-never.ts';
import { roundedUsd, sumUsd, type Usd } from '../types/money.ts';
import type { Change, ChangeItem, Estimate, EstimatedItem, PricePart } from './estimate.ts';

export interface PriceChangeDeps {
  readonly prices: Pick<PriceBook, 'hourly' | 'unit'>;
  /**
   * USD an hour of a Spot instance in the cheapest zone of a region; `undefined` = not known. Absent: nobody is there
   * to ask, and what runs on Spot is unpriced. Must not throw.
   */
  readonly spot?: (region: string, instanceType: string) => Promise<Usd | undefined>;
}

/**
 * What a change costs. Exact: each part is its price times its quantity, rounded half up to the micro-dollar once. Each
 * price is asked for once, however many parts need it. A part without a price costs `undefined`, is in no sum, and is
 * told in the item's `unpriced`.
 * @throws RangeError of a part whose count, hours or quantity is negative or no number
 */
export async function priceChange(change: Change, deps: PriceChangeDeps): Promise<Estimate> {
  const ask = askOnce(deps);
  const items = await Promise.all(change.items.map((item) => priceItem(item, ask)));
  return { items, free: change.free };
}

async function priceItem(item: ChangeItem, ask: Ask): Promise<EstimatedItem> {
  const priced = await Promise.all(
    item.parts.map(async (part) => ({ what: part.what, cost: await costOf(part, ask), part })),
  );
  return {
    ...item,
    cost: sumUsd(priced.flatMap(({ cost }) => (cost === undefined ? [] : [cost]))),
    costs: priced.map(({ what, cost }) => ({ what, cost })),
    unpriced: [
      ...item.unpriced,
      ...priced.flatMap(({ what, cost, part }) => (cost === undefined ? [whyOf(what, part)] : [])),
    ],
  };
}

type Ask = (part: Exclude<PricePart, { per: 'stated' }>) => Promise<Usd | undefined>;

/** Parts that need the same price share one question, also while it is under way. */
function askOnce({ prices, spot }: PriceChangeDeps): Ask {
  const asked = new Map<string, Promise<Usd | undefined>>();
  const once = (name: string, ask: () => Promise<Usd | undefined>): Promise<Usd | undefined> => {
    const known = asked.get(name);
    if (known !== undefined) return known;
    const answer = ask();
    asked.set(name, answer);
    return answer;
  };
  return (part) => {
    switch (part.per) {
      case 'hour':
        return once(priceName(part.key), () => prices.hourly(part.key));
      case 'unit':
        return once(priceName(part.key), () => prices.unit(part.key));
      case 'spot-hour':
        return once(`spot/${part.region}/${part.instanceType}`, async () =>
          spot?.(part.region, part.instanceType),
        );
      default:
        return assertNever(part);
    }
  };
}

async function costOf(part: PricePart, ask: Ask): Promise<Usd | undefined> {
  switch (part.per) {
    case 'stated':
      return part.cost;
    case 'hour':
    case 'spot-hour': {
      const quantity = [micros(part.count, part.what), micros(part.hours, part.what)];
      return timesMicros(await ask(part), quantity);
    }
    case 'unit': {
      const quantity = [micros(part.quantity, part.what)];
      return timesMicros(await ask(part), quantity);
    }
    default:
      return assertNever(part);
  }
}

const MICRO = 1_000_000n;

/** A quantity in millionths; what is finer than those is rounded. */
function micros(quantity: number, what: string): bigint {
  if (!Number.isFinite(quantity) || quantity < 0) {
    throw new RangeError(`${what}: ${quantity} is no quantity. It must be a number of 0 or more.`);
  }
  // Whole and fraction apart: of a large quantity times a million a double no longer holds every unit.
  const whole = Math.trunc(quantity);
  return BigInt(whole) * MICRO + BigInt(Math.round((quantity - whole) * 1_000_000));
}

/** A price times quantities in millionths, rounded half up to the micro-dollar at the end. */
function timesMicros(price: Usd | undefined, quantities: readonly bigint[]): Usd | undefined {
  if (price === undefined) return undefined;
  const scale = MICRO ** BigInt(quantities.length);
  const product = quantities.reduce<bigint>((sum, one) => sum * one, price);
  return roundedUsd(product, scale);
}

/** What is not priced and why, a sentence for people that says how to mend it. */
function whyOf(what: string, part: PricePart): string {
  switch (part.per) {
    case 'hour':
    case 'unit':
      return `${what}: no price of ${nameInRegion(part.key)} in ${part.key.region} is known; a price file may say it.`;
    case 'spot-hour':
      return `${what}: no Spot price of ${part.instanceType} in ${part.region} is known.`;
    case 'stated':
      return `${what}: no price is known.`;
    default:
      return assertNever(part);
  }
}
