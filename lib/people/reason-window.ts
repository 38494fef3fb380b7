import type { ModalView } from '@slack/types';
import { concerned, keepPrice, morningOf } from '../alerts/offers.ts';
import type { Press } from '../alerts/press.ts';
import { plain } from '../alerts/slack-blocks.ts';
import { stopWarning, unfreezeWarning, whatOf } from '../alerts/slack-buttons.ts';
import { atMinute } from '../decide/sentences.ts';
import type { Place } from '../signals/slack-interaction.ts';
import type { Alert, AlertOffer } from '../types/alert.ts';
import { encodeWindow, REASON_FIELD, REASON_WINDOW } from './pressed.ts';

/*
 * Limits of Slack's windows. Source: its reference of the modal view: 24 characters in the title and the buttons,
 * 3,000 in the metadata, and in a text.
 */

/**
 * The window that asks why, before something is done that costs money or somebody's work. It says what is done and what
 * that costs; closing it does nothing.
 * @param at when it was asked for
 */
export function reasonWindow(press: Press, place: Place, alert: Alert | undefined, at: Date): ModalView {
  const { title, submit, close } = wordsOf(press.offer);
  return {
    type: 'modal',
    callback_id: REASON_WINDOW,
    private_metadata: encodeWindow({ press, place }),
    title: plain(title),
    submit: plain(submit),
    close: plain(close),
    blocks: [
      { type: 'section', text: plain(whatItDoes(press, alert, at)) },
      {
        type: 'input',
        block_id: REASON_FIELD,
        optional: true,
        label: plain('Why?'),
        hint: plain('Shown in the message and in the audit trail.'),
        element: {
          type: 'plain_text_input',
          action_id: REASON_FIELD,
          max_length: 500,
          multiline: false,
          focus_on_load: true,
        },
      },
    ],
  };
}

function wordsOf(offer: AlertOffer): Readonly<Record<'title' | 'submit' | 'close', string>> {
  switch (offer) {
    case 'stop':
      return { title: 'Stop now', submit: 'Stop', close: 'Leave running' };
    case 'unfreeze':
      return { title: 'Unfreeze', submit: 'Unfreeze', close: 'Keep it frozen' };
    default:
      return { title: 'Keep until tomorrow', submit: 'Keep', close: 'Cancel' };
  }
}

function whatItDoes(press: Press, alert: Alert | undefined, at: Date): string {
  if (alert === undefined) return 'This concerns what the message is about.';
  const one = press.item === undefined ? undefined : alert.items[press.item];
  const items = one === undefined ? concerned(press.offer, alert.items) : [one];
  if (press.offer === 'stop') return stopWarning(alert, items);
  if (press.offer === 'unfreeze') return unfreezeWarning(alert);
  const tomorrow = morningOf(alert, at);
  const price =
    tomorrow === undefined
      ? undefined
      : keepPrice('keep-tomorrow', items, { at: at.toISOString(), tomorrow: tomorrow.toISOString() });
  return [
    `${whatOf(alert, items)}: not stopped until `,
    tomorrow === undefined ? '9:00 of the next day' : atMinute(tomorrow),
    price === undefined ? '.' : ` (${price}).`,
  ].join('');
}
