import type { ModalView } from '@slack/types';
import type { Press } from '../alerts/press.ts';
import type { Place } from '../signals/slack-interaction.ts';
import type { Alert } from '../types/alert.ts';
import { encodeWindow, REASON_FIELD, REASON_WINDOW } from './pressed.ts';

/*
 * Limits of Slack's windows. Source: its reference of the modal view: 24 characters in the title and the buttons,
 * 3,000 in the metadata.
 */
const TEXT_MAX = 250;

/** The window that asks why, before something is done that costs money or somebody's work. */
export function reasonWindow(press: Press, place: Place, alert: Alert | undefined): ModalView {
  const stop = press.offer === 'stop';
  const item = press.item === undefined ? undefined : alert?.items[press.item];
  const what =
    item === undefined ? (alert?.title ?? 'What the message is about') : `${item.id} (${item.size})`;
  return {
    type: 'modal',
    callback_id: REASON_WINDOW,
    private_metadata: encodeWindow({ press, place }),
    title: plain(stop ? 'Stop now' : 'Keep until tomorrow'),
    submit: plain(stop ? 'Stop' : 'Keep'),
    close: plain('Cancel'),
    blocks: [
      { type: 'section', text: plain(what.slice(0, TEXT_MAX)) },
      {
        type: 'input',
        block_id: REASON_FIELD,
        optional: true,
        label: plain('Why?'),
        hint: plain('It stands in the message and in the audit trail.'),
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

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false }) as const;
