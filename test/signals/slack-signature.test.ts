import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSlackRequest, refusedUnread, signSlackRequest } from '../../lib/signals/slack-signature.ts';

const NOW = new Date('2026-11-25T10:30:00Z');
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

function request(
  { body = 'payload=%7B%7D', at = NOW, secret = SECRET } = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return {
    method: 'POST',
    headers: {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signSlackRequest(body, timestamp, secret),
      ...headers,
    },
    body: Buffer.from(body),
  };
}
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);

describe('a signature', () => {
  it('is as Slack documents it', () => {
    // Slack's own example, "Verifying requests from Slack".
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    expect(signSlackRequest(body, '1531420618', SECRET)).toBe(
      'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    );
  });

  it('that is right is taken, and names the request', () => {
    const signed = request();
    expect(checkSlackRequest(signed, SECRET, NOW)).toEqual({
      genuine: true,
      signature: signed.headers['x-slack-signature'],
    });
  });

  it.each([
    ['of another secret', request({ secret: 'another-secret' })],
    ['of another body', { ...request(), body: Buffer.from('payload=%7B%20%7D') }],
    ['of another time', request({}, { 'x-slack-request-timestamp': String(NOW.getTime() / 1_000 - 1) })],
    ['cut short', request({}, { 'x-slack-signature': request().headers['x-slack-signature'].slice(0, -1) })],
    [
      'in capitals',
      request({}, { 'x-slack-signature': request().headers['x-slack-signature'].toUpperCase() }),
    ],
    [
      'of another version',
      request({}, { 'x-slack-signature': request().headers['x-slack-signature'].replace('v0', 'v1') }),
    ],
    ['that is empty', request({}, { 'x-slack-signature': '' })],
    ['that is no ASCII', request({}, { 'x-slack-signature': `v0=${'é'.repeat(64)}` })],
    [
      'without the time in it',
      request(
        {},
        { 'x-slack-signature': `v0=${createHmac('sha256', SECRET).update('payload=%7B%7D').digest('hex')}` },
      ),
    ],
  ])('%s is forged', (_title, forged) => {
    expect(checkSlackRequest(forged, SECRET, NOW)).toEqual({ genuine: false, why: 'forged' });
  });

  it('is checked over the very bytes, not over what a text makes of them', () => {
    const bytes = Buffer.from([0x70, 0x3d, 0xff, 0xfe]);
    const timestamp = String(NOW.getTime() / 1_000);
    const headers = {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signSlackRequest(bytes, timestamp, SECRET),
    };
    expect(checkSlackRequest({ method: 'POST', headers, body: bytes }, SECRET, NOW).genuine).toBe(true);
    const other = Buffer.from([0x70, 0x3d, 0xfe, 0xff]);
    expect(checkSlackRequest({ method: 'POST', headers, body: other }, SECRET, NOW).genuine).toBe(false);
  });

  it('survives no change of a single bit', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (body, index, bit) => {
          const signed = request({ body });
          const bytes = Buffer.from(signed.body);
          const at = index % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          return !checkSlackRequest({ ...signed, body: bytes }, SECRET, NOW).genuine;
        },
      ),
    );
  });
});

describe('the time', () => {
  it.each([
    [0, true],
    [300, true],
    [301, false],
    [-300, true],
    [-301, false],
    [86_400, false],
  ])('%i s after its timestamp a request is taken: %s', (seconds, taken) => {
    expect(checkSlackRequest(request(), SECRET, later(seconds))).toEqual(
      taken ? expect.objectContaining({ genuine: true }) : { genuine: false, why: 'stale' },
    );
  });

  it.each(['', 'now', '1e9', '-1', ' 1764066600', '1764066600.5', '99999999999999999'])(
    '"%s" is no timestamp',
    (timestamp) => {
      const signature = signSlackRequest('payload=%7B%7D', timestamp, SECRET);
      const odd = request({}, { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature });
      expect(checkSlackRequest(odd, SECRET, NOW)).toEqual({ genuine: false, why: 'unsigned' });
    },
  );
});

it.each(['x-slack-signature', 'x-slack-request-timestamp'])('a request without %s is unsigned', (name) => {
  const { [name]: _left, ...headers }: Record<string, string> = request().headers;
  expect(refusedUnread({ ...request(), headers }, NOW)).toBe('unsigned');
});
