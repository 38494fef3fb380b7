import { describe, expect, it } from 'vitest';
import { toAmazonQ } from '../../lib/alerts/amazon-q.ts';
import { type Press, PressSchema, pressId } from '../../lib/alerts/press.ts';
import { type SlackMessage, toSlack } from '../../lib/alerts/slack.ts';
import { toText } from '../../lib/alerts/text.ts';
import { AlertSchema } from '../../lib/types/alert.ts';
import { alert, item } from './fixtures.ts';
import { SCENES, type Scene } from './scenes.ts';
import { buttonsOf, textsOf } from './slack-texts.ts';

function scene(name: string): Scene {
  const found = SCENES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no scene ${name}`);
  return found;
}
const slackOf = (name: string): SlackMessage => toSlack(scene(name).alert, scene(name).answers);
const labels = (message: SlackMessage): readonly string[] => buttonsOf(message).map(({ text }) => text.text);
const presses = (message: SlackMessage): readonly Press[] =>
  buttonsOf(message).map(({ value = '' }) => PressSchema.parse(JSON.parse(value)));
const all = (message: SlackMessage): string =>
  textsOf(message)
    .map(({ text }) => text)
    .join('\n');

describe('each kind of message', () => {
  it.each(SCENES.map((one) => [one.name, one] as const))('is as it was looked at: %s', async (name, one) => {
    expect(AlertSchema.parse(one.alert)).toEqual(one.alert);
    await expect(`${JSON.stringify(toSlack(one.alert, one.answers), null, 2)}\n`).toMatchFileSnapshot(
      `./snapshots/${name}.slack.json.snap`,
    );
    await expect(toText(one.alert)).toMatchFileSnapshot(`./snapshots/${name}.email.snap`);
  });
});

describe('the buttons of a warning', () => {
  it('of one resource say what each snooze costs', () => {
    expect(labels(slackOf('warning-one'))).toEqual([
      'Keep 2 h ($7.65)',
      // 22.5 h at $3.825.
      'Until tomorrow 9:00 ($86.06)',
      'Stop now',
      'Details',
    ]);
  });

  it('of several are for each, and for all together', () => {
    const message = slackOf('warning-three');
    expect(labels(message)).toEqual([
      ...['Keep 2 h ($24.48)', 'Until tomorrow 9:00 ($275.40)', 'Stop now'],
      ...['Keep 2 h ($2.01)', 'Until tomorrow 9:00 ($22.64)', 'Stop now'],
      ...['Keep 2 h', 'Until tomorrow 9:00', 'Stop now'],
      'Keep all 2 h ($26.49+)',
      'All until tomorrow ($298.04+)',
      'Stop all 3 now',
      'Details',
    ]);
  });

  it('name the resource by its place in the alert, wherever it is shown', () => {
    const items = [
      item(1, { status: 'none', hourly: '1' }),
      item(2, { status: 'failed', hourly: '1' }),
      item(3, { status: 'none', hourly: '9' }),
    ];
    const message = toSlack(alert({ items, offers: ['stop'] }));
    expect(presses(message).map(({ item: place }) => place)).toEqual([2, 0, undefined]);
    expect(labels(message)).toEqual(['Stop now', 'Stop now', 'Stop all 2 now']);
  });

  it('ask again before a stop, and before nothing else', () => {
    const asked = buttonsOf(slackOf('warning-three')).filter(({ confirm }) => confirm !== undefined);
    expect(asked.map(({ text, style }) => [text.text, style])).toEqual([
      ['Stop now', 'danger'],
      ['Stop now', 'danger'],
      ['Stop now', 'danger'],
      ['Stop all 3 now', 'danger'],
    ]);
    expect(asked.at(-1)?.confirm?.text.text).toMatch(/^3 resources of recsys are stopped at once/);
    expect(asked[0]?.confirm?.text.text).toContain('i-0000a1b2c3d4e5f01 (p3.8xlarge) of recsys is stopped');
  });

  it('are new ones after an answer, so that a second press is a repeat and the next is not', () => {
    const before = presses(slackOf('warning-one'));
    const after = presses(slackOf('warning-kept'));
    expect(before.map(({ round }) => round)).toEqual([0, 0, 0, 0]);
    expect(after.map(({ round }) => round)).toEqual([1, 1, 1, 1]);
    expect(new Set([...before, ...after].map(pressId)).size).toBe(8);
  });
});

describe('the buttons of a stop', () => {
  it('bring back what can come back, and that alone', () => {
    const message = slackOf('partially-failed');
    expect(labels(message)).toEqual(['Restore', 'Restore', 'Restore all 2', 'Details']);
    const { alert: told } = scene('partially-failed');
    const named = presses(message).flatMap(({ item: place }) =>
      place === undefined ? [] : [told.items[place]],
    );
    expect(named.map((one) => one?.id)).toEqual(['i-0000a1b2c3d4e5f01', 'ranker']);
  });

  it('are none where nothing can come back', () => {
    const lost = item(1, { restorable: false });
    expect(buttonsOf(toSlack(alert({ items: [lost], offers: ['restore'] })))).toEqual([]);
  });
});

describe('the answers under a message', () => {
  it('show who did what, newest last', () => {
    const texts = all(slackOf('fourth-snooze'));
    const places = ['12:30 UTC', '14:30 UTC', '16:30 UTC', 'an owner must approve'].map((what) =>
      texts.indexOf(what),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('ask an owner to approve, in the name of who asked', () => {
    const message = slackOf('fourth-snooze');
    const approve = buttonsOf(message).findIndex(({ text }) => text.text === 'Approve (owner)');
    expect(presses(message)[approve]).toEqual({
      alert: scene('warning-one').alert.id,
      offer: 'keep-2h',
      round: 4,
      asker: 'U0ANA',
    });
  });

  it('ask no more once an owner has approved', () => {
    expect(labels(slackOf('fourth-snooze-approved'))).not.toContain('Approve (owner)');
  });

  it('ask no more where somebody answered just before the owner approved', () => {
    const { alert: told, answers } = scene('fourth-snooze-approved');
    const [agreed] = answers.slice(-1);
    const between = { id: 'x', at: '2026-11-25T16:40:00.000Z', by: 'bob', text: 'bob asked.' };
    const shown = agreed === undefined ? [] : [...answers.slice(0, -1), between, agreed];
    expect(shown).toHaveLength(6);
    expect(labels(toSlack(told, shown))).not.toContain('Approve (owner)');
    expect(labels(toSlack(told, shown.slice(0, -1)))).toContain('Approve (owner)');
  });

  it('are counted where there are many, the newest shown', () => {
    const { alert: told } = scene('warning-one');
    const many = Array.from({ length: 20 }, (_, n) => ({
      id: `a${n}`,
      at: '2026-11-25T10:31:00.000Z',
      by: 'ana',
      text: `answer ${n}.`,
    }));
    const texts = all(toSlack(told, many));
    expect(texts).toContain('12 earlier answers');
    expect(texts).toContain('ana: answer 19.');
    expect(texts).not.toContain('answer 11.');
  });
});

describe('without buttons', () => {
  it('the commands say how to answer', () => {
    const { alert: told } = scene('warning-one');
    const keep = `Keep 2 h ($7.65): \`bursar keep ${told.items[0]?.arn} --for 2h\``;
    expect(toText(told)).toContain(keep);
    expect(toAmazonQ(told).content.nextSteps).toContain(keep);
    const message = toSlack(told, [], { buttons: false });
    expect(buttonsOf(message)).toEqual([]);
    expect(all(message)).toContain(keep);
    expect(all(slackOf('warning-one'))).not.toContain(keep);
  });

  it('of several resources the commands are for any of them', () => {
    const text = toText(scene('warning-three').alert);
    expect(text).toContain('ID stands for the id or the ARN of a resource.');
    expect(text).toContain('Keep 2 h ($26.49+ for all): `bursar keep ID --for 2h`');
  });

  it('no word of a resource is put into a command that a shell would read otherwise', () => {
    const odd = item(1, { status: 'none', arn: 'arn:x; rm -rf ~' });
    const text = toText(alert({ items: [odd], offers: ['stop'] }));
    expect(text).toContain('`bursar stop ID`');
    expect(text).not.toContain('rm -rf');
  });

  it('a hold and a stop say their commands in their own words', () => {
    expect(toText(scene('hold').alert)).toContain('`bursar release 2026-11-25T10:30:00.000Z`');
    expect(toText(scene('stopped-one').alert)).toContain('`bursar restore arn:aws:ec2:');
  });
});

describe('the canary', () => {
  it('is one line in Slack', () => {
    const message = slackOf('canary');
    expect(message.blocks).toHaveLength(1);
    expect(message.text).toContain('391613010373');
  });
});
