import type { ActionsBlock, Button, ConfirmationDialog } from '@slack/types';
import type { Alert, AlertItem, AlertOffer } from '../types/alert.ts';
import { cut, oneLine } from './characters.ts';
import { formatCost } from './figures.ts';
import { escaped } from './mrkdwn.ts';
import { concerned, offerLabel } from './offers.ts';
import type { Press } from './press.ts';
import { plain } from './slack-blocks.ts';
import { count } from './stop-alert.ts';

/*
 * Source of the limits: Slack's reference of the button element and the confirmation dialog object: 75 characters of
 * text, 2,000 of value, 255 of `action_id`; 100 of title, 300 of text, 30 of each answer. An option of a menu
 * takes a value of 75 only, too few to name an alert, so there are buttons alone.
 */
const LABEL_MAX = 75;
const VALUE_MAX = 2_000;
const CONFIRM_MAX = 300;

/** Offers that each of several items has for itself; the others concern the alert as a whole. */
const EACH: ReadonlySet<AlertOffer> = new Set<AlertOffer>(['keep-2h', 'keep-tomorrow', 'stop', 'restore']);

/** The buttons of the alert as a whole; none where nothing is offered. `round`: how many answers the message shows. */
export function alertButtons(alert: Alert, round: number): readonly Button[] {
  return (alert.offers ?? []).flatMap((offer) =>
    offer !== 'release' && concerned(offer, alert.items).length === 0
      ? []
      : offered({ alert: alert.id, offer, round }, alert, alert.items),
  );
}

/** The buttons of one of several items, which is the `index`th of the alert. */
export function itemButtons(alert: Alert, item: AlertItem, index: number, round: number): readonly Button[] {
  return (alert.offers ?? []).flatMap((offer) =>
    EACH.has(offer) && concerned(offer, [item]).length > 0
      ? offered({ alert: alert.id, item: index, offer, round }, alert, [item])
      : [],
  );
}

/** The button by which an owner agrees to what `asker` may not have alone. */
export const approveButton = (press: Press, label: string, index: number): readonly Button[] =>
  button(press, label, `bursar:approve:${index}`, {});

export const actions = (buttons: readonly Button[]): readonly ActionsBlock[] =>
  buttons.length === 0 ? [] : [{ type: 'actions', elements: [...buttons] }];

function offered(press: Press, alert: Alert, items: readonly AlertItem[]): readonly Button[] {
  const { offer, item } = press;
  const confirm = confirmation(offer, alert, concerned(offer, items));
  return button(press, offerLabel(offer, items, alert), `bursar:${offer}:${item ?? 'all'}`, {
    ...(confirm === undefined ? {} : { style: 'danger', confirm }),
  });
}

/** None where the press is too long to travel: Slack would refuse the whole message. */
function button(
  press: Press,
  label: string,
  actionId: string,
  more: Pick<Button, 'style' | 'confirm'>,
): readonly Button[] {
  const value = JSON.stringify(press);
  if (value.length > VALUE_MAX) return [];
  const text = plain(escaped(label, LABEL_MAX));
  return [{ type: 'button', action_id: actionId, text, value, ...more }];
}

/** What a press does that takes something from people, said before it does. */
function confirmation(
  offer: AlertOffer,
  alert: Alert,
  items: readonly AlertItem[],
): ConfirmationDialog | undefined {
  const [first] = items;
  const one = items.length === 1 && first !== undefined;
  const of = alert.project === undefined ? '' : ` of ${name(alert.project)}`;
  const what = one ? `${name(first.id)} (${name(first.size)})${of}` : `${count(items, '')}${of}`;
  switch (offer) {
    case 'stop':
      return dialog(
        `${what} ${one ? 'is' : 'are'} stopped at once, whatever ${one ? 'it does' : 'they do'}. What is not saved is lost.`,
        {
          title: one ? 'Stop it now?' : `Stop all ${items.length} now?`,
          confirm: 'Stop',
          deny: 'Leave running',
        },
      );
    case 'release':
      return dialog(
        `${what} ${one ? 'that was held back is' : 'that were held back are'} stopped at the next sweep, if still due: ${formatCost(items) ?? 'price unknown'}.`,
        { title: 'Let the stops go ahead?', confirm: 'Let them go ahead', deny: 'Keep holding' },
      );
    case 'keep-2h':
    case 'keep-tomorrow':
    case 'restore':
    case 'details':
      return undefined;
  }
}

const name = (text: string): string => cut(oneLine(text), 60);

const dialog = (
  text: string,
  { title, confirm, deny }: Readonly<Record<'title' | 'confirm' | 'deny', string>>,
): ConfirmationDialog => ({
  title: plain(title),
  text: plain(escaped(text, CONFIRM_MAX)),
  confirm: plain(confirm),
  deny: plain(deny),
  style: 'danger',
});
