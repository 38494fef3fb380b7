import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import { PressSchema } from '../../lib/alerts/press.ts';
import { toSlack } from '../../lib/alerts/slack.ts';
import { hostileAlert, hostileAnswer } from './arbitraries.ts';
import { ACCOUNT, AT, alert, item, policy, twentyStops, undo } from './fixtures.ts';
import { buttonsOf, textsOf } from './slack-texts.ts';

describe('a Slack message', () => {
  it('of twenty stops reads at a glance', async () => {
    const [told] = alertsFromBatch({
      batch: '3f0e5c1a',
      at: AT,
      account: ACCOUNT,
      policy,
      undo,
      results: twentyStops(),
    });
    if (told === undefined) throw new Error('no alert');
    await expect(`${JSON.stringify(toSlack(told), null, 2)}\n`).toMatchFileSnapshot(
      './snapshots/twenty-stops.slack.json.snap',
    );
  });

  it('keeps the limits of Block Kit, whatever the tags say', () => {
    fc.assert(
      fc.property(
        hostileAlert,
        fc.array(hostileAnswer, { maxLength: 30 }),
        fc.boolean(),
        (hostile, answers, on) => {
          const message = toSlack(hostile, answers, { buttons: on });
          expect(message.blocks.length).toBeLessThanOrEqual(50);
          const ids = buttonsOf(message).map(({ action_id }) => action_id ?? '');
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of ids) expect(id).toMatch(/^bursar:[a-z0-9-]+:(all|\d+)$/);
          for (const { value, url } of buttonsOf(message)) {
            // A button that leads somewhere carries nothing.
            if (value === undefined) {
              expect(url).toBe(hostile.link?.url);
              continue;
            }
            expect(value.length).toBeLessThanOrEqual(2_000);
            expect(PressSchema.parse(JSON.parse(value))).toMatchObject({
              alert: hostile.id,
              round: answers.length,
            });
          }
          for (const block of message.blocks) {
            if (block.type === 'actions') expect(block.elements.length).toBeGreaterThan(0);
            if (block.type === 'actions') expect(block.elements.length).toBeLessThanOrEqual(25);
            if (block.type === 'section') expect(block.fields?.length ?? 1).toBeLessThanOrEqual(10);
            if (block.type === 'section') expect(block.fields?.length ?? 1).toBeGreaterThan(0);
          }
          for (const { text, max } of textsOf(message)) {
            expect(text.length).toBeGreaterThan(0);
            expect(text.length).toBeLessThanOrEqual(max);
            expect(text.isWellFormed()).toBe(true);
          }
        },
      ),
    );
  });

  it('mentions nobody and opens no link of a tag', () => {
    const word = fc.constantFrom('<!channel>', '<@U123>', '<https://evil|x>', '&lt;', '>', '`', '@here ');
    const mention = fc.array(fc.oneof(word, fc.string())).map((parts) => parts.join(''));
    fc.assert(
      fc.property(mention, (text) => {
        const hostile = item(1, {
          id: text,
          owner: text,
          reason: text,
          rule: text,
          detail: text,
          status: 'failed',
        });
        const message = toSlack(
          alert({
            title: text,
            reason: text,
            project: text,
            owner: text,
            items: [hostile, { ...hostile, status: 'none' }],
            offers: ['keep-2h', 'stop', 'release', 'details'],
          }),
          [
            { id: 'a', at: AT.toISOString(), by: text, text },
            { id: 'b', at: AT.toISOString(), by: text, text, approval: { offer: 'keep-2h', asker: text } },
          ],
        );
        expect(buttonsOf(message).length).toBeGreaterThan(4);
        for (const one of textsOf(message)) {
          expect(one.text).not.toMatch(/<|&(?!amp;|lt;|gt;)/);
        }
      }),
    );
  });

  it('lets the addresses of its own words be followed, and those alone', () => {
    const message = toSlack(
      alert({
        reason: 'See https://evil.example/x.',
        next: 'See https://docs.example/runbook#a. <!channel>',
      }),
    );
    const all = textsOf(message)
      .map(({ text }) => text)
      .join('\n');
    expect(all).toContain('See <https://docs.example/runbook#a>. &lt;!channel&gt;');
    expect(all).toContain('See https://evil.example/x.');
  });

  it('names the first ten, what failed before the rest, and counts the others', () => {
    const items = Array.from({ length: 22 }, (_, n) => item(n, { status: n === 21 ? 'failed' : 'taken' }));
    const all = textsOf(toSlack(alert({ items }))).map(({ text }) => text);
    const list = all.find((text) => text.startsWith('❌')) ?? '';
    expect(list.split('\n').filter((line) => /^(❌|✅)/u.test(line))).toHaveLength(10);
    expect(list).toContain('_…and 12 more: 12 stopped, $12.07/h._');
  });

  it('says the rule and the figures of each where they differ', () => {
    const items = [item(1), item(2, { rule: 'other: idle', reason: 'Also idle.' })];
    const all = textsOf(toSlack(alert({ items })))
      .map(({ text }) => text)
      .join('\n');
    expect(all).toContain('Rule: other: idle');
    expect(all).toContain('Also idle.');
  });

  it('works without a project, an owner or resources', () => {
    const { project: _project, owner: _owner, slack: _slack, ...rest } = alert({ items: [] });
    expect(toSlack(rest).blocks.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'context',
    ]);
  });
});
