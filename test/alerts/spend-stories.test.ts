import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toAmazonQ } from '../../lib/alerts/amazon-q.ts';
import { answerLines } from '../../lib/alerts/commands.ts';
import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import { toSlack } from '../../lib/alerts/slack.ts';
import { toSnsMessage } from '../../lib/alerts/sns-message.ts';
import { toText } from '../../lib/alerts/text.ts';
import { creatorTag, UNKNOWN_CREATOR } from '../../lib/decide/untagged.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { type Alert, AlertSchema } from '../../lib/types/alert.ts';
import type {
  BurnRateDecision,
  Decision,
  FreezeDecision,
  UnfreezeDecision,
  WeeklyDecision,
} from '../../lib/types/decision.ts';
import { type Result, ROLES_NOT_ALLOWED } from '../../lib/types/outcome.ts';
import {
  ACCOUNT,
  AT,
  alert,
  failed,
  instance,
  notify,
  skipped,
  stop,
  taken,
  undo,
  usd,
  policy as usual,
  warn,
} from './fixtures.ts';
import { buttonsOf } from './slack-texts.ts';
import { estimating } from './spend-scenes.ts';

const alerts = (results: readonly Result[], policy: Policy = usual): Alert[] =>
  alertsFromBatch({ batch: 'b1', at: AT, account: ACCOUNT, policy, undo, results });

function only(decision: Decision, outcome = taken(), policy = usual): Alert {
  const [first, ...others] = alerts([{ decision, outcome }], policy);
  if (first === undefined || others.length > 0) throw new Error('not exactly one alert');
  return first;
}

describe('a budget notice', () => {
  const notice = (threshold: string, spent: string, limit = '1000'): Alert =>
    only(
      {
        action: 'budget-notice',
        key: threshold,
        project: 'recsys',
        threshold,
        spent: usd(spent),
        limit: usd(limit),
        reason: 'Figures. Worst case.',
      },
      taken(),
      estimating,
    );

  it.each([
    ['80% of actual', '803.2', 'recsys has spent $803.20 of $1,000.00 this month'],
    ['80% of forecasted', '803.2', 'recsys is forecast to spend $803.20 of $1,000.00 this month'],
    ['80% of estimated', '803.2', 'recsys has spent an estimated $803.20 of $1,000.00 this month'],
    ['80% of estimated per day', '803.2', 'recsys has spent an estimated $803.20 of $1,000.00 today (UTC)'],
    ['80% of estimated per total', '803.2', 'recsys has spent an estimated $803.20 of $1,000.00 in all'],
  ])('of %s names what kind of spend it is and of which time', (threshold, spent, title) => {
    expect(notice(threshold, spent)).toMatchObject({
      title,
      severity: 'warning',
      reason: `Figures. Worst case. It has reached ${threshold}.`,
    });
  });

  it('is critical where all is spent, also where that is estimated', () => {
    expect(notice('100% of estimated', '1000').severity).toBe('critical');
    expect(notice('100% of forecasted', '1000').severity).toBe('warning');
  });

  const ACTUAL_STOP = 'At 100% of actual spend, policy development stops its resources.';
  const ESTIMATED_STOP =
    'At 110% of estimated spend, policy development stops those of its resources that can be brought back, 15 min after people are warned.';
  const ESTIMATED_FREEZE =
    'At 120% of estimated spend, policy development freezes the project: what starts is stopped.';
  const DAY_FREEZE =
    'At 100% of estimated spend per day, policy development freezes the project until the day ends: what starts is stopped.';

  it.each([
    // The bill is behind: what waits for it is ahead, however much is estimated.
    ['100% of estimated', '1003.2', [ACTUAL_STOP, ESTIMATED_STOP, ESTIMATED_FREEZE]],
    ['100% of estimated', '1150', [ACTUAL_STOP, ESTIMATED_FREEZE]],
    ['120% of estimated', '1200', [ACTUAL_STOP]],
    // What is billed is estimated too: what it has passed, the meter passed before.
    ['80% of actual', '800', [ACTUAL_STOP, ESTIMATED_STOP, ESTIMATED_FREEZE]],
    ['100% of actual', '1150', [ESTIMATED_FREEZE]],
    ['80% of forecasted', '5000', [ACTUAL_STOP, ESTIMATED_STOP, ESTIMATED_FREEZE]],
    ['80% of estimated per day', '800', [DAY_FREEZE]],
    ['100% of estimated per day', '1000', []],
    ['90% of estimated per total', '900', []],
  ])('of %s at %s says what comes next of the same limit', (threshold, spent, steps) => {
    expect(notice(threshold, spent).next).toBe(['This notice stops nothing.', ...steps].join(' '));
  });
});

describe('a freeze', () => {
  const freeze: FreezeDecision = {
    action: 'freeze',
    key: 'freeze/recsys',
    project: 'recsys',
    rule: { policy: 'development', rule: 'budget 100% of estimated per day: freeze' },
    until: new Date('2026-11-26T00:00:00Z'),
    reason: 'Figures.',
  };

  it('names the roles that may launch nothing, and offers its end to people', () => {
    const told = only(freeze, taken('The project is frozen. Role dev may launch nothing.'));
    expect(told.title).toBe('recsys is frozen until 2026-11-26 00:00 UTC');
    expect(told.next).toContain(
      'under policy development is stopped. Role dev may launch nothing. A resource',
    );
    expect(told.offers).toEqual(['unfreeze']);
    expect(buttonsOf(toSlack(told)).map(({ text }) => text.text)).toEqual(['Unfreeze the project']);
    expect(answerLines(told)).toEqual(['To end the freeze of the project: `bursar unfreeze recsys`']);
    expect(toText(told)).toContain('`bursar unfreeze recsys`');
    expect(toAmazonQ(told).content.nextSteps.at(-1)).toContain('`bursar unfreeze recsys`');
  });

  it('asks before it is ended, where no window does', () => {
    const buttons = (windows: boolean) => buttonsOf(toSlack(only(freeze), [], { windows }));
    expect(buttons(false)[0]?.confirm?.text.text).toMatch(/^What starts in recsys is left running again/);
    expect(buttons(true)[0]).not.toHaveProperty('confirm');
  });

  it('gives no command for a name that a shell would read otherwise', () => {
    const told = only({ ...freeze, project: 'a b; rm -rf' });
    expect(told.offers).toEqual(['unfreeze']);
    expect(answerLines(told)).toEqual([]);
  });
});

describe('an unfreeze', () => {
  const unfreeze: UnfreezeDecision = {
    action: 'unfreeze',
    key: 'unfreeze/1',
    project: 'recsys',
    by: 'olga (Slack U0OLGA)',
    reason: 'olga (Slack U0OLGA) unfreezes the project.',
  };

  it('says who, what launches again, and how to get back what was stopped', () => {
    const told = only(unfreeze, taken('The project is not frozen any more. Role dev may launch again.'));
    expect(told).toMatchObject({
      kind: 'unfreeze',
      severity: 'warning',
      title: 'recsys is no longer frozen, as olga (Slack U0OLGA) asked',
    });
    expect(told.reason).toContain('Role dev may launch again.');
    expect(told.next).toMatch(
      /What Bursar stopped stays stopped until someone restores it\.\n.*`bursar restore recsys`$/,
    );
  });

  it('of roles alone is no news of the project', () => {
    const told = only(
      { ...unfreeze, by: 'the new period', roles: ['dev'] },
      taken('Role dev may launch again.'),
    );
    expect(told).toMatchObject({
      severity: 'info',
      title: 'Roles of recsys may launch again',
      next: 'Role dev may launch again.',
    });
  });

  it('that failed or changed nothing says so', () => {
    expect(only(unfreeze, failed('LedgerError'))).toMatchObject({
      severity: 'critical',
      title: 'recsys could not be unfrozen, as olga (Slack U0OLGA) asked',
    });
    expect(only(unfreeze, failed(ROLES_NOT_ALLOWED, true))).toMatchObject({
      severity: 'warning',
      title: 'recsys is not frozen, but some of its roles may launch nothing still',
    });
    expect(only(unfreeze, skipped('AlreadyUnfrozen', 'Project recsys was not frozen.'))).toMatchObject({
      severity: 'info',
      title: 'recsys was not unfrozen, as olga (Slack U0OLGA) asked',
      next: 'Nothing was changed.',
    });
  });
});

describe('a launch', () => {
  const started = (seconds: number, n = 1) =>
    instance(n, { since: new Date(AT.getTime() - seconds * 1_000) });

  it.each([
    ['launch', 4, '1 resource of recsys stopped 4 s after its start'],
    ['launch', 3_600, '1 resource of recsys stopped right after its start'],
    ['launch', -2, '1 resource of recsys stopped right after its start'],
    ['freeze', 4, '1 resource of recsys stopped 4 s after its start: the project is frozen'],
    ['freeze', 3_600, '1 resource of recsys stopped: the project is frozen'],
    ['idle', 4, '1 idle resource of recsys stopped'],
  ] as const)('by trigger %s after %s s', (trigger, seconds, title) => {
    expect(only(stop(started(seconds), { trigger })).title).toBe(title);
  });

  it('of several tells the soonest and the latest, and nothing where one had run before', () => {
    const stops = (...seconds: readonly number[]): string =>
      alerts(
        seconds.map((one, n) => ({
          decision: stop(started(one, n), { trigger: 'freeze', key: `${n}` }),
          outcome: taken(),
        })),
      )[0]?.title ?? '';
    expect(stops(3, 9)).toBe(
      '2 resources of recsys stopped 3 to 9 s after their start: the project is frozen',
    );
    expect(stops(3, 9_000)).toBe('2 resources of recsys stopped: the project is frozen');
  });

  it('that was stopped in a frozen project offers to end the freeze', () => {
    expect(only(stop(started(4), { trigger: 'freeze' })).offers).toEqual(['restore', 'unfreeze', 'details']);
    expect(only(stop(started(4), { trigger: 'launch' })).offers).toEqual(['restore', 'details']);
  });

  it('that is told of may be stopped', () => {
    expect(only(notify(started(4), { trigger: 'launch' }))).toMatchObject({
      kind: 'launch',
      severity: 'warning',
      title: '1 resource of recsys started, which its project may not run now',
      offers: ['stop', 'details'],
    });
  });
});

describe('what has no project', () => {
  const target = instance(1, { tags: { environment: 'dev' } });
  const told = notify(target, { trigger: 'untagged', project: undefined, reason: 'It has no tag project.' });
  const tag = creatorTag(target, 'ana', usual);

  it('is told with who made it, in one message', () => {
    const [first, ...others] = alerts([
      { decision: tag, outcome: taken('Tagged bursar:creator=ana.') },
      { decision: told, outcome: taken() },
    ]);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      kind: 'untagged',
      reason: expect.stringMatching(/^Made by ana, by CloudTrail\. It has no tag project\./),
      items: [{ owner: 'ana' }],
    });
  });

  it('is told without where the tag was not written, and that it was not', () => {
    const [first, second] = alerts([
      { decision: tag, outcome: failed('AccessDenied') },
      { decision: told, outcome: taken() },
    ]);
    expect(first).toMatchObject({
      kind: 'tag',
      severity: 'warning',
      title: '1 untagged resource not given the tag bursar:creator: 1 failed',
    });
    expect(second?.reason).not.toContain('ana');
  });

  it('has its maker told alone where nothing else is', () => {
    expect(only(tag, taken('Tagged bursar:creator=ana.'))).toMatchObject({
      kind: 'tag',
      severity: 'info',
      title: '1 untagged resource given the tag bursar:creator',
      items: [{ requested: 'tag', detail: 'Tagged bursar:creator=ana.' }],
    });
  });

  it('has nothing told where nobody knows who made it, or its tag is there', () => {
    const unknown = creatorTag(target, UNKNOWN_CREATOR, usual);
    expect(alerts([{ decision: unknown, outcome: taken() }])).toEqual([]);
    expect(alerts([{ decision: tag, outcome: skipped('AlreadyTagged') }])).toEqual([]);
    const [first, ...others] = alerts([
      { decision: unknown, outcome: taken() },
      { decision: told, outcome: taken() },
    ]);
    expect(others).toEqual([]);
    expect(first?.reason).not.toContain('Made by');
  });

  it('is warned of, and stopped, as untagged', () => {
    const stopAt = new Date('2026-11-25T11:30:00Z');
    const warned = only({ ...warn(target, stopAt), trigger: 'untagged', project: undefined });
    expect(warned.title).toBe('1 untagged resource will be stopped at 2026-11-25 11:30 UTC');
    expect(warned.next).toContain('unless it is kept, or gets the tag `project` before then');
    const stopped = only(stop(target, { trigger: 'untagged', project: undefined }));
    expect(stopped.title).toBe('1 untagged resource stopped');
    expect(stopped.next).toContain('Set the tag `project` first: without a project it is stopped again.');
  });

  it('that is given a project is told as of it', () => {
    const decision: Decision = {
      action: 'tag',
      key: 't',
      project: 'recsys',
      target,
      tags: { project: 'recsys', owner: 'ana' },
      reason: 'Its subnet is that of recsys.',
    };
    const given = only(decision, taken('Tagged project=recsys, owner=ana.'));
    expect(given.title).toBe('1 resource of recsys given the tags project, owner');
    expect(given.next).not.toContain('Set the tag');
  });
});

describe('a burn rate', () => {
  it.each([
    ['48.96', '1.4', 'recsys costs $48.96/h, 34 times its usual $1.40/h'],
    ['4.96', '2', 'recsys costs $4.96/h, 2.4 times its usual $2.00/h'],
  ])('of %s where %s is usual', (burn, usualBurn, title) => {
    const decision: BurnRateDecision = {
      action: 'burn-rate',
      key: 'burn-rate/recsys',
      project: 'recsys',
      burn: usd(burn),
      usual: usd(usualBurn),
      reason: 'It costs much.',
    };
    expect(only(decision)).toMatchObject({ kind: 'burn-rate', severity: 'warning', title });
    expect(only(decision).next).toContain('`bursar status --project recsys`');
    expect(only({ ...decision, project: 'a b' }).next).toContain('`bursar status`');
  });
});

describe('the week', () => {
  const lines = Array.from({ length: 200 }, (_, n) => `Project p${n} has spent ${'much '.repeat(50)}.`);
  const week = only({
    action: 'weekly',
    key: 'weekly/1',
    project: undefined,
    reason: 'How it stands.',
    lines,
  });

  it('is a list, of which a message holds what it can, in whole lines', () => {
    expect(AlertSchema.parse(week).lines).toEqual(lines);
    const { blocks } = toSlack(week);
    expect(blocks.length).toBeLessThanOrEqual(50);
    const texts = blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []));
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(3_000);
    const list = texts
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('• '));
    expect(list).toHaveLength(30);
    expect(list.at(-1)).toMatch(/^• Project p29 has spent .*much \.$/);
    expect(texts.join('\n')).toContain('_…and 170 more._');
  });

  it('is short where there is little room', () => {
    const sent: unknown = JSON.parse(toSnsMessage(week).Message);
    const { lambda } = Object(sent);
    const { lines: kept } = AlertSchema.parse(JSON.parse(lambda));
    expect(kept?.slice(0, -1)).toEqual(
      lines.slice(0, (kept?.length ?? 0) - 1).map((line) => line.replace(/ \.$/, ' .')),
    );
    expect(kept?.at(-1)).toBe(`${200 - ((kept?.length ?? 0) - 1)} more lines are left out of this message.`);
  });

  it('hangs its lines in mails', () => {
    const mail = toText(alert({ kind: 'weekly', lines: [`Project a ${'costs '.repeat(20)}.`], items: [] }));
    expect(mail).toContain('How it stands\n-------------\nIt was idle.\n- Project a costs');
    expect(mail).toMatch(/\n {2}costs costs/);
  });
});

describe('the link of the weekly alert', () => {
  const link = {
    title: 'The report of November 2026',
    url: 'https://links.example.com/r/AbC-_1?a=1&b=2',
  };
  const weekly = (more: Partial<WeeklyDecision> = {}): Alert =>
    only({
      action: 'weekly',
      key: 'weekly/2026-11-23',
      project: undefined,
      reason: 'This is how the projects stand.',
      lines: ['recsys has spent $1.00.'],
      ...more,
    });
  const told = weekly({ link });

  it('is a button in Slack, and stands in the line that notifications show', () => {
    const message = toSlack(told);
    expect(buttonsOf(message)).toEqual([
      {
        type: 'button',
        action_id: 'bursar:link:all',
        text: { type: 'plain_text', text: link.title, emoji: false },
        url: link.url,
      },
    ]);
    expect(message.text).toBe(
      `ℹ️ The week in account ${ACCOUNT} <https://links.example.com/r/AbC-_1?a=1&amp;b=2|${link.title}>`,
    );
  });

  it('is a line of text in Slack where nothing listens to buttons', () => {
    const message = toSlack(told, [], { buttons: false });
    expect(buttonsOf(message)).toEqual([]);
    expect(JSON.stringify(message.blocks)).toContain(
      `*<https://links.example.com/r/AbC-_1?a=1&amp;b=2|${link.title}>*`,
    );
  });

  it('has a line of its own in an e-mail', () => {
    expect(toText(told).split('\n')).toEqual(expect.arrayContaining([`${link.title}:`, link.url]));
  });

  it('is Markdown for Amazon Q, whatever its title', () => {
    expect(toAmazonQ(told).content.description).toContain(`[${link.title}](${link.url})`);
    const odd = weekly({ link: { ...link, title: 'a](https://evil) [b' } });
    expect(toAmazonQ(odd).content.description).toContain(`[a (https://evil) b](${link.url})`);
  });

  it('comes through SNS whole', () => {
    const { Message } = toSnsMessage(told);
    const { sqs } = z.object({ sqs: z.string() }).parse(JSON.parse(Message));
    expect(AlertSchema.parse(JSON.parse(sqs)).link).toEqual(link);
  });

  it('is absent, with what is said of it, where there is no report', () => {
    const without = weekly();
    expect(without).not.toHaveProperty('link');
    expect(toText(without)).not.toContain('report');
    expect(toText(told)).toContain('The report opens for whoever has its link, for 8 days.');
  });

  it.each([
    'http://links.example.com/r/a',
    'javascript:alert(1)',
    'https://a/b c',
    'https://a/<b>',
    'https://a/b|c',
    'https://a/b)c',
  ])('cannot be %s', (url) => {
    expect(AlertSchema.safeParse({ ...told, link: { ...link, url } }).success).toBe(false);
  });
});
