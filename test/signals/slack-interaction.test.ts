import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInteraction } from '../../lib/signals/slack-interaction.ts';

const form = (payload: unknown): string =>
  new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

/** As Slack's reference of `block_actions` shows it, with the fields that are used and some that are not. */
const press = {
  type: 'block_actions',
  team: { id: 'T9TK3CUKW', domain: 'example' },
  user: { id: 'UA8RXUSPL', username: 'jtorrance', name: 'jtorrance', team_id: 'T9TK3CUKW' },
  api_app_id: 'AABA1ABCD',
  token: '9s8d9as89d8as9d8as989',
  container: {
    type: 'message',
    message_ts: '1548261231.000200',
    channel_id: 'CBR2V3XEX',
    is_ephemeral: false,
  },
  trigger_id: '12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3',
  channel: { id: 'CBR2V3XEX', name: 'review-updates' },
  message: { bot_id: 'BAH5CA16Z', type: 'message', text: 'x', user: 'UAJ2RU415', ts: '1548261231.000200' },
  response_url: 'https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209',
  actions: [
    {
      action_id: 'bursar:keep-2h:all',
      block_id: '=qXel',
      text: { type: 'plain_text', text: 'Keep 2 h' },
      value: '{"alert":"a"}',
      type: 'button',
      action_ts: '1548426417.840180',
    },
  ],
};

const window = {
  type: 'view_submission',
  team: { id: 'T9TK3CUKW' },
  user: { id: 'UA8RXUSPL', name: 'jtorrance' },
  view: {
    id: 'VNHU13V36',
    type: 'modal',
    callback_id: 'bursar-reason',
    private_metadata: '{"x":1}',
    state: {
      values: {
        reason: { reason: { type: 'plain_text_input', value: '  it trains until noon ' } },
        other: { other: { type: 'plain_text_input', value: null } },
        picked: { who: { type: 'users_select', selected_user: 'U1' } },
      },
    },
  },
};

describe('a press of a button', () => {
  it('is read with who pressed, where, and what the button carries', () => {
    expect(readInteraction(form(press))).toEqual({
      type: 'button',
      value: '{"alert":"a"}',
      by: { id: 'UA8RXUSPL', name: 'jtorrance' },
      place: { channel: 'CBR2V3XEX', ts: '1548261231.000200', responseUrl: press.response_url },
      triggerId: press.trigger_id,
    });
  });

  it('in a message of a webhook is read without the channel that is not there', () => {
    const { channel: _c, message: _m, trigger_id: _t, ...less } = press;
    const read = readInteraction(form({ ...less, container: {} }));
    expect(read).toMatchObject({ type: 'button', triggerId: undefined });
    expect(read).toHaveProperty('place', {
      channel: undefined,
      ts: undefined,
      responseUrl: press.response_url,
    });
  });

  it('by a user without a name is named by the id', () => {
    const read = readInteraction(form({ ...press, user: { id: 'U1' } }));
    expect(read).toHaveProperty('by', { id: 'U1', name: 'U1' });
  });

  it('on something without a value is ignored', () => {
    expect(readInteraction(form({ ...press, actions: [{ action_id: 'link' }] })).type).toBe('ignored');
  });
});

it('a window is read with what was filled in', () => {
  expect(readInteraction(form(window))).toEqual({
    type: 'window',
    name: 'bursar-reason',
    metadata: '{"x":1}',
    fields: new Map([['reason', 'it trains until noon']]),
    by: { id: 'UA8RXUSPL', name: 'jtorrance' },
  });
});

it('the check of the URL is answered with its challenge', () => {
  expect(readInteraction('{"type":"url_verification","token":"t","challenge":"3eZbrw1aB"}')).toEqual({
    type: 'challenge',
    challenge: '3eZbrw1aB',
  });
});

it.each([
  ['the check of the certificate', 'ssl_check=1&token=abc'],
  ['nothing', ''],
  ['a form of something else', 'command=%2Fbursar&text=keep'],
  ['a payload that is no JSON', 'payload=abc'],
  ['a payload that is a list', 'payload=%5B%5D'],
  ['another type', form({ type: 'message_action' })],
  ['a window closed', form({ ...window, type: 'view_closed' })],
  ['a press without actions', form({ ...press, actions: [] })],
  ['a press by nobody', form({ ...press, user: undefined })],
])('%s is ignored', (_title, body) => {
  expect(readInteraction(body).type).toBe('ignored');
});

it('no text makes it throw, and none is quoted', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((json) => `payload=${encodeURIComponent(json)}`),
      ),
      (body) => {
        const read = readInteraction(body);
        if (read.type === 'ignored') expect(read.why).toMatch(/^It[ a-zA-Z’s]+\.$/);
      },
    ),
  );
});
