import type { ActionsBlock, Button, ConfirmationDialog } from '@slack/types';
import { levelText } from '../policy/levels.ts';
import type { Alert, AlertItem, AlertLink, AlertOffer } from '../types/alert.ts';
import { cut, oneLine } from './characters.ts';
import { formatCost } from './figures.ts';
import { escaped, linkText } from './mrkdwn.ts';
import { concerned, offerLabel } from './offers.ts';
import type { Press } from './press.ts';
import { plain, type SlackBlock, section } from './slack-blocks.ts';
import { count } from './stop-alert.ts';
import { frozenWord } from './whose.ts';

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

/** Offers that stand whatever items the alert has. */
const OF_NO_ITEM: ReadonlySet<AlertOffer> = new Set<AlertOffer>(['release', 'unfreeze']);

/** How a message stands when its buttons are drawn. */
export interface View {
  /** How many answers it shows. */
  readonly round: number;
  /** True where a press of "Stop" or "Unfreeze" opens a window, which asks before it is done: a dialog would ask twice. */
  readonly windows: boolean;
}

/** The buttons of the alert as a whole; none where nothing is offered. */
export function alertButtons(alert: Alert, view: View): readonly Button[] {
  return (alert.offers ?? []).flatMap((offer) =>
    !OF_NO_ITEM.has(offer) && concerned(offer, alert.items).length === 0
      ? []
      : offered({ alert: alert.id, offer, round: view.round }, alert, alert.items, view),
  );
}

/** The buttons of one of several items, which is the `index`th of the alert. */
export function itemButtons(alert: Alert, item: AlertItem, index: number, view: View): readonly Button[] {
  return (alert.offers ?? []).flatMap((offer) =>
    EACH.has(offer) && concerned(offer, [item]).length > 0
      ? offered({ alert: alert.id, item: index, offer, round: view.round }, alert, [item], view)
      : [],
  );
}

/** The button by which an owner approves what `asker` may not have alone. */
export const approveButton = (press: Press, label: string, index: number): readonly Button[] =>
  button(press, label, `bursar:approve:${index}`, {});

export const actions = (buttons: readonly Button[]): readonly ActionsBlock[] =>
  buttons.length === 0 ? [] : [{ type: 'actions', elements: [...buttons] }];

/**
 * A button that leads somewhere. Slack tells whoever listens to buttons of a press all the same, and shows people a
 * warning where nobody does: there it is a line of text.
 */
export const linkBlocks = (
  link: AlertLink,
  { buttons }: { readonly buttons: boolean },
): readonly SlackBlock[] =>
  buttons
    ? actions([
        {
          type: 'button',
          action_id: 'bursar:link:all',
          text: plain(escaped(oneLine(link.title), LABEL_MAX)),
          url: link.url,
        },
      ])
    : [section(`*${linkText(link)}*`)];

/** What takes something from people: red. */
const DANGEROUS: ReadonlySet<AlertOffer> = new Set<AlertOffer>(['stop', 'release']);

/** What a press opens a window for, where Slack can. */
const WINDOWED: ReadonlySet<AlertOffer> = new Set<AlertOffer>(['stop', 'unfreeze']);

function offered(
  press: Press,
  alert: Alert,
  items: readonly AlertItem[],
  { windows }: View,
): readonly Button[] {
  const { offer, item } = press;
  const confirm =
    WINDOWED.has(offer) && windows ? undefined : confirmation(offer, alert, concerned(offer, items));
  return button(press, offerLabel(offer, items, alert), `bursar:${offer}:${item ?? 'all'}`, {
    ...(DANGEROUS.has(offer) ? { style: 'danger' } : {}),
    ...(confirm === undefined ? {} : { confirm }),
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

/** What a press does that takes something from people, or lets money go, said before it does. */
function confirmation(
  offer: AlertOffer,
  alert: Alert,
  items: readonly AlertItem[],
): ConfirmationDialog | undefined {
  switch (offer) {
    case 'stop':
      return dialog(stopWarning(alert, items), {
        title: items.length === 1 ? 'Stop it now?' : `Stop all ${items.length} now?`,
        confirm: 'Stop',
        deny: 'Leave running',
      });
    case 'release':
      return dialog(
        `${whatIs(alert, items)} held back. ${items.length === 1 ? 'It is' : 'They are'} stopped at the next sweep, if still due: ${formatCost(items) ?? 'price unknown'}.`,
        { title: 'Release the stops?', confirm: 'Release', deny: 'Keep holding' },
      );
    case 'unfreeze':
      return dialog(unfreezeWarning(alert), {
        title: `Unfreeze the ${frozenWord(alert)}?`,
        confirm: 'Unfreeze',
        deny: 'Keep it frozen',
      });
    case 'keep-2h':
    case 'keep-tomorrow':
    case 'restore':
    case 'details':
      return undefined;
  }
}

/** What "Stop now" does, in words that hold before it is done. */
export const stopWarning = (alert: Alert, items: readonly AlertItem[]): string =>
  `${whatIs(alert, items)} stopped at once, whatever ${items.length === 1 ? 'it does' : 'they do'}. What is not saved is lost.`;

/** What "Unfreeze" does. */
export const unfreezeWarning = ({ project, holder }: Pick<Alert, 'project' | 'holder'>): string =>
  `What starts in ${name(holder === undefined ? (project ?? 'the project') : levelText(holder))} is left running again, over its budget. What was stopped stays stopped until someone restores it.`;

/** `anas-notebook (ml.p3.2xlarge) of recsys`, `3 resources of recsys`. */
export function whatOf({ project }: Pick<Alert, 'project'>, items: readonly AlertItem[]): string {
  const [first] = items;
  const of = project === undefined ? '' : ` of ${name(project)}`;
  return items.length === 1 && first !== undefined
    ? `${name(first.id)} (${name(first.size)})${of}`
    : `${count(items, '')}${of}`;
}

const whatIs = (alert: Alert, items: readonly AlertItem[]): string =>
  `${whatOf(alert, items)} ${items.length === 1 ? 'is' : 'are'}`;

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
