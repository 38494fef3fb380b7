import type { Alert, AlertItem, AlertOffer } from '../types/alert.ts';
import { costOver, formatUsd } from '../types/money.ts';
import { costOf } from './figures.ts';
import { frozenWord } from './whose.ts';

const HOUR_MS = 3_600_000;

/** The items that an offer can still do something for. */
export function concerned(offer: AlertOffer, items: readonly AlertItem[]): readonly AlertItem[] {
  switch (offer) {
    case 'keep-2h':
    case 'keep-tomorrow':
    case 'stop':
      return items.filter(({ status }) => status === 'none');
    case 'restore':
      return items.filter(isRestorable);
    case 'details':
    case 'release':
    case 'unfreeze':
      return items;
  }
}

/** True of what a stop took and a restore can bring back, and of a restore that failed. */
export const isRestorable = ({ requested, status, restorable }: AlertItem): boolean =>
  (requested === 'stop' && status === 'taken' && restorable !== false) ||
  (requested === 'restore' && status === 'failed');

/**
 * What an offer says on its button, with what it costs: `Keep 2 h ($7.65)`. Never anything that people wrote, and
 * short: Slack may cut a button's text after about 30 characters (its reference of the button element).
 */
export function offerLabel(offer: AlertOffer, items: readonly AlertItem[], alert: Alert): string {
  const some = concerned(offer, items);
  const one = some.length <= 1;
  switch (offer) {
    case 'keep-2h':
      return `${one ? 'Keep 2 h' : 'Keep all 2 h'}${priced(keepPrice(offer, some, alert))}`;
    case 'keep-tomorrow':
      return `${one ? 'Until tomorrow 9:00' : 'All until tomorrow'}${priced(keepPrice(offer, some, alert))}`;
    case 'stop':
      return one ? 'Stop now' : `Stop all ${some.length} now`;
    case 'restore':
      return one ? 'Restore' : `Restore all ${some.length}`;
    case 'details':
      return 'Details';
    case 'release':
      return 'Release the stops';
    case 'unfreeze':
      return `Unfreeze the ${frozenWord(alert)}`;
  }
}

/** Less than this is no night, in milliseconds. */
const SHORTEST_NIGHT_MS = HOUR_MS;

/**
 * The morning that the button `keep-tomorrow` of an alert means, whose price it names: also when it is pressed after
 * midnight. `undefined` once that morning has come: then it is the next one.
 */
export function morningOf({ tomorrow }: Pick<Alert, 'tomorrow'>, at: Date): Date | undefined {
  const morning = tomorrow === undefined ? undefined : new Date(tomorrow);
  return morning === undefined || morning.getTime() - at.getTime() < SHORTEST_NIGHT_MS ? undefined : morning;
}

/** What a keep costs, `$12.40`; `$12.40+` with unknown prices among them; `undefined` = unknown. */
export function keepPrice(
  offer: 'keep-2h' | 'keep-tomorrow',
  items: readonly AlertItem[],
  { at, tomorrow }: Pick<Alert, 'at' | 'tomorrow'>,
): string | undefined {
  const { hourly, unpriced } = costOf(items);
  const ms =
    offer === 'keep-2h' ? 2 * HOUR_MS : tomorrow === undefined ? 0 : Date.parse(tomorrow) - Date.parse(at);
  if (unpriced === items.length || !(ms > 0)) return undefined;
  return `${formatUsd(costOver(hourly, ms))}${unpriced === 0 ? '' : '+'}`;
}

const priced = (price: string | undefined): string => (price === undefined ? '' : ` (${price})`);
