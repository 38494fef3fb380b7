import { formatUsd, sumUsd, usdToDecimal } from '../types/money.ts';
import type { Answered } from './request.ts';
import type { Price, Reply } from './wish.ts';

/** Resources that are named with an answer; more are counted. */
const NAMED = 3;

/** What came of a press, in a sentence or a few: those of which the same is true are told together. */
export function summary(
  replies: readonly Reply[],
  items: readonly { readonly arn: string; readonly id: string }[],
): string {
  const ids = new Map(items.map(({ arn, id }) => [arn, id]));
  const parts = [...Map.groupBy(replies, ({ text }) => text).values()].map((some) => {
    const [{ text } = { text: '' }] = some;
    const said = `${text}${costs(some.flatMap(({ price }) => (price === undefined ? [] : [price])))}`;
    const names = some.flatMap(({ arn }) => (arn === undefined ? [] : [ids.get(arn) ?? arn]));
    // Of an alert about one resource everybody knows which it is.
    if (names.length === 0 || items.length === 1) return said;
    const left = names.length - NAMED;
    return `${names.slice(0, NAMED).join(', ')}${left > 0 ? ` and ${left} more` : ''}: ${said}`;
  });
  return parts.length === 0 ? 'There is nothing to do any more.' : parts.join(' ');
}

/** The same for who asked by other ways than Slack: each answer with its cost. */
export const toAnswered = ({ price, text, ...rest }: Reply): Answered => ({
  ...rest,
  text: `${text}${price === undefined ? '' : costs([price])}`,
});

/** ` That costs $7.65 at $3.825/h.`; empty where there is nothing to pay. */
function costs(prices: readonly Price[]): string {
  if (prices.length === 0) return '';
  const known = prices.flatMap(({ hourly, cost }) =>
    hourly === undefined || cost === undefined ? [] : [{ hourly, cost }],
  );
  if (known.length === 0) return ' What that costs is not known.';
  const hourly = usdToDecimal(sumUsd(known.map((price) => price.hourly)));
  const cost = formatUsd(sumUsd(known.map((price) => price.cost)));
  const unpriced = prices.length - known.length;
  return ` That costs ${cost} at $${hourly}/h${unpriced === 0 ? '' : `, and what ${unpriced} unpriced cost`}.`;
}
