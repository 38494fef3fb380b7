import type { ModalView } from '@slack/types';
import { concerned, keepPrice, morningOf } from '../alerts/offers.ts';
import type { Press } from '../alerts/press.ts';
import { plain } from '../alerts/slack-blocks.ts';
import { stopWarning, whatOf } from '../alerts/slack-buttons.ts';
import { atMinute } from '../decide/sentences.ts';
import type { Place } from '../signals/slack-interaction.ts';
import type { Alert } from '../types/alert.ts';
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
  const stop = press.offer === 'stop';
  return {
    type: 'modal',
    callback_id: REASON_WINDOW,
    private_metadata: encodeWindow({ press, place }),
    title: plain(stop ? 'Stop now' : 'Keep until tomorrow'),
    submit: plain(stop ? 'Stop' : 'Keep'),
    close: plain(stop ? 'Leave running' : 'Cancel'),
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

function whatItDoes(press: Press, alert: Alert | undefined, at: Date): string {
  if (alert === undefined) return 'This concerns what the message is about.';
  const one = press.item === undefined ? undefined : alert.items[press.item];
  const items = one === undefined ? concerned(press.offer, alert.items) : [one];
  if (press.offer === 'stop') return stopWarning(alert, items);
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
