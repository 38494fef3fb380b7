import { expect, it, onTestFinished, vi } from 'vitest';
import { readSlackSecret } from '../../lib/alerts/slack-secret.ts';
import { slackPlace } from '../../lib/people/slack-place.ts';

const ON_AWS =
  '{"signingSecret":"not-a-secret","webhooks":{"default":"https://hooks.slack.com/services/T/B/x"}}';
const SANDBOX = '{"signingSecret":"not-a-secret","webhooks":{"default":"http://127.0.0.1:9/services/x"}}';

function setUp(responseUrl: string | undefined, secret = ON_AWS) {
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('ok'));
  onTestFinished(() => fetched.mockRestore());
  const options = {
    now: () => new Date(),
    sleep: async () => {},
    deadline: new Date(Date.now() + 5_000),
  };
  const where = responseUrl === undefined ? {} : { responseUrl };
  return { fetched, place: slackPlace(where, { id: 'U1' }, readSlackSecret(secret), options) };
}

it('answers at the URL that Slack gave', async () => {
  const { fetched, place } = setUp('https://hooks.slack.com/actions/T/1/x');
  await place.whisper('Done.');
  expect(fetched.mock.calls.map(([url]) => url)).toEqual(['https://hooks.slack.com/actions/T/1/x']);
  expect(fetched.mock.calls[0]?.[1]).toMatchObject({ redirect: 'error' });
});

it.each([
  ['another host', 'https://example.com/actions/x'],
  ['another host of Slack', 'https://files.slack.com/actions/x'],
  ['a host that only ends so', 'https://hooks.slack.com.example.com/x'],
  ['a host that only begins so', 'https://hooks.slack.com@example.com/x'],
  ['another port', 'https://hooks.slack.com:8443/x'],
  ['plain HTTP', 'http://hooks.slack.com/actions/x'],
  ['this machine', 'http://127.0.0.1/x'],
  ['the metadata of the machine', 'http://169.254.169.254/latest/meta-data/'],
  ['no URL', undefined],
])('never answers at %s', async (_title, url) => {
  const { fetched, place } = setUp(url);
  await expect(place.whisper('Done.')).rejects.toThrow('Slack gave no URL to answer to.');
  expect(fetched).not.toHaveBeenCalled();
});

it('in the sandbox answers on this machine alone', async () => {
  const { fetched, place } = setUp('http://127.0.0.1:9/respond/x', SANDBOX);
  await place.whisper('Done.');
  expect(fetched).toHaveBeenCalledOnce();
  const elsewhere = setUp('https://hooks.slack.com/actions/x', SANDBOX);
  await expect(elsewhere.place.whisper('Done.')).rejects.toThrow('Slack gave no URL to answer to.');
});
