import type { MonthSpend } from '../types/meter.ts';
import { sumUsd, type Usd } from '../types/money.ts';

/**
 * What several projects spent together: each figure is the sum of theirs. All may be off to the same side, so that the
 * bounds are sums as well. `undefined` of none.
 */
export function sumOfSpends(spends: readonly MonthSpend[]): MonthSpend | undefined {
  const [first, ...others] = spends;
  if (first === undefined) return undefined;
  const total = (of: (spend: MonthSpend) => Usd): Usd => sumUsd(spends.map(of));
  const through = spends.map(({ billedThrough }) => billedThrough?.getTime());
  return {
    asOf: others.reduce((oldest, { asOf }) => (asOf < oldest ? asOf : oldest), first.asOf),
    billed: total(({ billed }) => billed),
    estimated: total(({ estimated }) => estimated),
    low: total(({ low }) => low),
    high: total(({ high }) => high),
    band: spends.some(({ band, estimated }) => band === 'assumed' && estimated > 0n) ? 'assumed' : 'learned',
    billedThrough: through.includes(undefined)
      ? undefined
      : new Date(Math.min(...through.filter((time) => time !== undefined))),
    today: total(({ today }) => today),
    todayBilled: total(({ todayBilled }) => todayBilled),
    burn: total(({ burn }) => burn),
    running: spends.reduce((sum, { running }) => sum + running, 0),
    unpriced: spends.flatMap(({ unpriced }) => unpriced),
    forecast: {
      amount: total(({ forecast }) => forecast.amount),
      low: total(({ forecast }) => forecast.low),
      high: total(({ forecast }) => forecast.high),
      basis: spends.some(({ forecast }) => forecast.basis === 'burn') ? 'burn' : 'weekdays',
    },
  };
}
