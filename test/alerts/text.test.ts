import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toAmazonQ } from '../../lib/alerts/amazon-q.ts';
import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import { toSubject, toText } from '../../lib/alerts/text.ts';
import { hostileAlert } from './arbitraries.ts';
import { ACCOUNT, AT, alert, item, policy, twentyStops, undo } from './fixtures.ts';

function twenty() {
  const [told] = alertsFromBatch({
    batch: '3f0e5c1a',
    at: AT,
    account: ACCOUNT,
    policy,
    undo,
    results: twentyStops(),
  });
  if (told === undefined) throw new Error('no alert');
  return told;
}

describe('the subject of an e-mail', () => {
  it('says what happened', () => {
    expect(toSubject(alert())).toBe('[Bursar] 1 idle resource of recsys stopped');
    expect(toSubject(alert({ title: 'Projekt Zürich\n😀 stopped' }))).toBe(
      '[Bursar] Projekt Zurich ? stopped',
    );
  });

  it('is one line of 1 to 100 printable ASCII characters', () => {
    fc.assert(
      fc.property(hostileAlert, (hostile) => {
        expect(toSubject(hostile)).toMatch(/^\[[\x20-\x7E]{0,99}$/);
      }),
    );
  });
});

describe('the text of an e-mail', () => {
  it('of twenty stops names each of them', async () => {
    const text = toText(twenty());
    for (const { id } of twenty().items) expect(text).toContain(id);
    await expect(text).toMatchFileSnapshot('./snapshots/twenty-stops.email.snap');
  });

  it('keeps prose narrow and commands whole', () => {
    const lines = toText(twenty()).split('\n');
    expect(lines.filter((line) => line.includes('start-instances'))).toHaveLength(1);
    for (const line of toText(alert({ reason: 'word '.repeat(200), items: [] })).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(78);
    }
  });

  it('never throws and holds no control character', () => {
    fc.assert(
      fc.property(hostileAlert, (hostile) => {
        expect(toText(hostile)).not.toMatch(/(?!\n)\p{Cc}|\p{Cs}/u);
      }),
    );
  });
});

describe('an Amazon Q notification', () => {
  it('of twenty stops has every part of its schema', async () => {
    await expect(`${JSON.stringify(toAmazonQ(twenty()), null, 2)}\n`).toMatchFileSnapshot(
      './snapshots/twenty-stops.amazon-q.json.snap',
    );
  });

  it('keeps a command whole, as a step or in the text', () => {
    const short = '`aws ec2 start-instances --instance-ids i-1`';
    const long = `\`aws ec2 start-instances --instance-ids ${'i-00000000000000001 '.repeat(18)}\``;
    const { content } = toAmazonQ(alert({ next: `Start them:\n${short}\n${long}` }));
    expect(content.nextSteps).toEqual(['Start them:', short, 'Use the command at the end of the text.']);
    expect(content.description).toContain(long);
  });

  it('names the first ten resources', () => {
    const { content } = toAmazonQ(alert({ items: Array.from({ length: 22 }, (_, n) => item(n)) }));
    expect(content.description.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(11);
    expect(content.description).toContain('- and 12 more');
  });

  it('stays within its limits and mentions nobody, whatever the tags say', () => {
    fc.assert(
      fc.property(hostileAlert, (hostile) => {
        const { content } = toAmazonQ(hostile);
        expect(content.title.length).toBeLessThanOrEqual(250);
        expect(content.description.length).toBeLessThanOrEqual(4_000);
        expect(content.nextSteps.length).toBeLessThanOrEqual(8);
        for (const step of content.nextSteps) expect(step.length).toBeLessThanOrEqual(350);
        for (const keyword of content.keywords) expect(keyword.length).toBeLessThanOrEqual(75);
        const all = [content.title, content.description, ...content.nextSteps, ...content.keywords].join('');
        expect(all).not.toMatch(/[<>]/);
        expect(all.isWellFormed()).toBe(true);
      }),
    );
  });
});
