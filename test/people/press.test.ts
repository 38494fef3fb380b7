import { describe, expect, it } from 'vitest';
import type { SlackMessage } from '../../lib/alerts/slack.ts';
import { SlackSendError } from '../../lib/alerts/slack-error.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { handlePress } from '../../lib/people/handle-press.ts';
import { buttonsOf } from '../../lib/sandbox/slack-stand-in.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import {
  ANA,
  AT,
  arnOf,
  createPeopleStage,
  EVE,
  holdAt,
  OLGA,
  PAT,
  type PeopleStage,
  textOf,
  warning,
} from './stage.ts';

const ID = 'i-00000000000000001';
const OTHER = 'i-00000000000000002';
const HOUR_MS = 3_600_000;

const keeps = async ({ ledger, now }: PeopleStage) => ledger.keeps(ACCOUNT, REGION, now());
const keepOf = async (stage: PeopleStage, id = ID) => (await keeps(stage)).get(arnOf(id));
const answersOf = async ({ ledger }: PeopleStage, id = 'warn/recsys/1') =>
  (await ledger.alert(id))?.answers ?? [];
const actionsOf = (stage: PeopleStage) => buttonsOf(stage.shown().blocks).map(({ action_id }) => action_id);

async function warned(ids: readonly string[] = [ID], options: Parameters<typeof createPeopleStage>[0] = {}) {
  const stage = await createPeopleStage(options);
  for (const id of ids) stage.add(id);
  await stage.tell(warning(ids));
  return stage;
}

describe('Keep 2 h', () => {
  it('keeps for two hours, says who, until when and what it costs, in the message itself', async () => {
    const stage = await warned();
    const message = await stage.press('bursar:keep-2h:all');
    expect(await keepOf(stage)).toMatchObject({
      until: new Date('2026-11-25T12:30:00Z'),
      by: 'ana (Slack UANA00001)',
      count: 1,
    });
    expect(message.updates).toBe(1);
    expect(textOf(message)).toContain(
      'ana: Kept until 2026-11-25 12:30 UTC (13:30 in Europe/Berlin). That costs $7.65 at $3.825/h.',
    );
    expect(stage.slack.messages()).toHaveLength(1);
  });

  it('has a sweep look when it ends, and when people are to be warned before', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-2h:all');
    expect(stage.wakes.map((at) => at.toISOString()).sort()).toEqual([
      '2026-11-25T12:20:00.000Z',
      '2026-11-25T12:30:00.000Z',
    ]);
  });

  it('is in the audit trail with who asked', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-2h:all');
    const trail = await stage.ledger.audit({ arn: arnOf(ID) });
    expect(
      trail.map(({ event, decision }) => [decision.action, event, 'by' in decision && decision.by]),
    ).toEqual([
      ['keep', 'intended', 'ana (Slack UANA00001)'],
      ['keep', 'taken', 'ana (Slack UANA00001)'],
    ]);
  });

  it('counts from the press, however late it is read', async () => {
    const stage = await warned();
    await stage.send(stage.slack.press(stage.shown(), 'bursar:keep-2h:all'));
    stage.skip(60_000);
    await stage.drain();
    expect((await keepOf(stage))?.until).toEqual(new Date('2026-11-25T12:30:00Z'));
  });

  it('of all keeps each, and tells the sum', async () => {
    const stage = await warned([ID, OTHER]);
    const message = await stage.press('bursar:keep-2h:all');
    expect((await keeps(stage)).size).toBe(2);
    expect(textOf(message)).toContain(`${ID}, ${OTHER}: Kept until 2026-11-25 12:30 UTC`);
    expect(textOf(message)).toContain('That costs $15.30 at $7.65/h.');
  });

  it('of one keeps that one', async () => {
    const stage = await warned([ID, OTHER]);
    await stage.press('bursar:keep-2h:1');
    expect([...(await keeps(stage)).keys()]).toEqual([arnOf(OTHER)]);
  });

  it('of what is gone, or stopped, changes nothing and says so to who pressed', async () => {
    const stage = await warned([ID, OTHER]);
    stage.account.instances.delete(ID);
    const other = stage.account.instances.get(OTHER);
    if (other !== undefined) stage.account.instances.set(OTHER, { ...other, stoppedAt: AT });
    const message = await stage.press('bursar:keep-2h:all');
    expect((await keeps(stage)).size).toBe(0);
    expect(message.updates).toBe(0);
    expect(stage.slack.whispers()[0]?.text).toContain(`${ID}: It does not exist (any more).`);
    expect(stage.slack.whispers()[0]?.text).toContain(
      `${OTHER}: It does not run, so there is nothing to keep.`,
    );
  });

  it('never shortens what somebody keeps for longer', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-tomorrow:all');
    await stage.submit({ reason: '' });
    await stage.press('bursar:keep-2h:all', OLGA);
    expect(await keepOf(stage)).toMatchObject({
      until: new Date('2026-11-26T08:00:00Z'),
      by: 'ana (Slack UANA00001)',
    });
    expect(stage.slack.whispers()).toEqual([
      { user: OLGA.id, text: expect.stringContaining('already, by ana (Slack UANA00001)') },
    ]);
  });
});

describe('a press that comes twice', () => {
  it('changes nothing, and shows the same', async () => {
    const stage = await warned();
    const before = stage.shown();
    await stage.press('bursar:keep-2h:all');
    const kept = await keepOf(stage);
    stage.skip(60_000);
    // The same button of the message as it stood: another request, the same press.
    await stage.send(stage.slack.press(before, 'bursar:keep-2h:all'));
    await stage.drain();
    expect(await keepOf(stage)).toEqual(kept);
    expect(await answersOf(stage)).toHaveLength(1);
    expect(stage.shown().updates).toBe(2);
  });

  it('by another user is the same press', async () => {
    const stage = await warned();
    const before = stage.shown();
    await stage.press('bursar:keep-2h:all');
    await stage.send(stage.slack.press(before, 'bursar:keep-2h:all', { user: OLGA }));
    await stage.drain();
    expect(await keepOf(stage)).toMatchObject({ count: 1, by: 'ana (Slack UANA00001)' });
  });

  it('at the same time is done once', async () => {
    const stage = await warned();
    await stage.send(stage.slack.press(stage.shown(), 'bursar:keep-2h:all'));
    const [message] = stage.queue.splice(0);
    if (message === undefined) throw new Error('nothing was queued');
    await Promise.allSettled([stage.work(message), stage.work(message), stage.work(message)]);
    await stage.work(message);
    expect(await keepOf(stage)).toMatchObject({ count: 1 });
    expect(await answersOf(stage)).toHaveLength(1);
    const trail = await stage.ledger.audit({ arn: arnOf(ID) });
    expect(trail.filter(({ event }) => event === 'taken')).toHaveLength(1);
  });

  it('asks the enforcer once', async () => {
    const stage = await warned();
    const before = stage.shown();
    for (let n = 0; n < 2; n += 1) {
      await stage.send(stage.slack.press(before, 'bursar:stop:all'));
      await stage.submit({ reason: '' });
    }
    expect(stage.commands).toHaveLength(1);
  });

  it('of the button that the updated message shows is a new one', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-2h:all');
    stage.skip(HOUR_MS);
    await stage.press('bursar:keep-2h:all');
    expect(await keepOf(stage)).toMatchObject({ count: 2, until: new Date('2026-11-25T13:30:00Z') });
  });

  it('a moment later, of the updated message, uses up no snooze', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-2h:all');
    const kept = await keepOf(stage);
    stage.skip(20_000);
    await stage.press('bursar:keep-2h:all');
    expect(await keepOf(stage)).toEqual(kept);
    expect(stage.slack.whispers()[0]?.text).toContain('already, by ana (Slack UANA00001)');
  });

  it('of what lasts until the same hour uses up no snooze, and needs no approval', async () => {
    const stage = await warned();
    for (let n = 0; n < 5; n += 1) {
      await stage.press('bursar:keep-tomorrow:all');
      await stage.submit({ reason: '' });
      stage.skip(HOUR_MS);
    }
    expect(await keepOf(stage)).toMatchObject({ count: 1 });
    expect(await answersOf(stage)).toHaveLength(1);
  });
});

it.each(['answerAlert', 'keep', 'settle', 'claim', 'alert'] as const)(
  'a press that breaks off at %s is finished by the repeat, once',
  async (method) => {
    let broken = true;
    const stage = await warned([ID], {
      ledger: (ledger): Ledger =>
        new Proxy(ledger, {
          get: (target, name, receiver) => {
            if (name !== method || !broken) return Reflect.get(target, name, receiver);
            broken = false;
            return async () => {
              throw new Error('DynamoDB is out');
            };
          },
        }),
    });
    const press = () => stage.send(stage.slack.press(stage.shown(), 'bursar:keep-2h:all'));
    await press();
    await expect(stage.drain()).rejects.toThrow();
    // As long as the lease of a worker that vanished.
    stage.skip(91_000);
    await stage.drain();
    expect(await keepOf(stage)).toMatchObject({ count: 1, until: new Date('2026-11-25T12:30:00Z') });
    expect(await answersOf(stage)).toHaveLength(1);
    expect(textOf(stage.shown())).toContain('Kept until 2026-11-25 12:30 UTC');
  },
);

describe('who may not', () => {
  it('changes nothing and is told alone', async () => {
    const stage = await warned();
    const message = await stage.press('bursar:keep-2h:all', EVE);
    expect((await keeps(stage)).size).toBe(0);
    expect(message.updates).toBe(0);
    expect(stage.slack.whispers()).toEqual([
      { user: EVE.id, text: expect.stringContaining('Only the people of project recsys may do this') },
    ]);
    expect(await stage.ledger.audit({ arn: arnOf(ID) })).toEqual([]);
  });

  it('takes the button from nobody', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-2h:all', EVE);
    await stage.press('bursar:keep-2h:all', ANA);
    expect((await keeps(stage)).size).toBe(1);
  });

  it('is judged by the tags as they are now, not by the alert', async () => {
    const stage = await createPeopleStage();
    stage.add(ID, 'fraud');
    await stage.tell(warning([ID]));
    await stage.press('bursar:keep-2h:all', ANA);
    expect((await keeps(stage)).size).toBe(0);
    await stage.press('bursar:keep-2h:all', PAT);
    expect((await keeps(stage)).size).toBe(1);
  });

  it('is everybody of a group that Slack does not tell of', async () => {
    const stage = await warned();
    stage.slack.setGroups({});
    await stage.press('bursar:keep-2h:all', ANA);
    expect((await keeps(stage)).size).toBe(0);
    expect(stage.slack.whispers()[0]?.text).toContain('could not be read');
    expect(stage.logged).toContain('group SRECSYS');
    await stage.press('bursar:keep-2h:all', OLGA);
    expect((await keeps(stage)).size).toBe(1);
  });

  it('is told in words that mention nobody', async () => {
    const stage = await createPeopleStage();
    stage.add(ID, '<!channel>');
    await stage.tell(warning([ID]));
    await stage.press('bursar:keep-2h:all', ANA);
    expect(stage.slack.whispers()[0]?.text).toContain('&lt;!channel&gt;');
  });
});

describe('the fourth snooze', () => {
  async function snoozed(times: number) {
    const stage = await warned();
    for (let n = 0; n < times; n += 1) {
      await stage.press('bursar:keep-2h:all');
      stage.skip(HOUR_MS);
    }
    return stage;
  }

  it('needs an owner: it asks, with the price, and changes nothing', async () => {
    const stage = await snoozed(3);
    const before = await keepOf(stage);
    expect(before).toMatchObject({ count: 3 });
    const message = await stage.press('bursar:keep-2h:all');
    expect(await keepOf(stage)).toEqual(before);
    expect((await answersOf(stage)).at(-1)).toMatchObject({
      by: 'ana',
      text: 'ana asks to keep it until 2026-11-25 15:30 UTC (16:30 in Europe/Berlin). It was kept 3 times since it last started, so an owner must approve. That costs $7.65 at $3.825/h.',
      approval: { offer: 'keep-2h', asker: ANA.id },
    });
    expect(actionsOf(stage)).toContain('bursar:approve:3');
    expect(message.updates).toBe(4);
  });

  it('is approved by an owner, and says by whom', async () => {
    const stage = await snoozed(3);
    await stage.press('bursar:keep-2h:all');
    const message = await stage.press('bursar:approve:3', OLGA);
    expect(await keepOf(stage)).toMatchObject({
      count: 4,
      until: new Date('2026-11-25T15:30:00Z'),
      by: 'ana (Slack UANA00001), approved by olga (Slack UOLGA0001)',
    });
    expect(textOf(message)).toContain('olga: Approved for ana. Kept until 2026-11-25 15:30 UTC');
    expect(actionsOf(stage)).not.toContain('bursar:approve:3');
  });

  it('is kept as long as the owner read, whenever they approve', async () => {
    const stage = await snoozed(3);
    await stage.press('bursar:keep-2h:all');
    stage.skip(HOUR_MS / 2);
    const message = await stage.press('bursar:approve:3', OLGA);
    expect(await keepOf(stage)).toMatchObject({ count: 4, until: new Date('2026-11-25T15:30:00Z') });
    expect(textOf(message)).toContain('olga: Approved for ana. Kept until 2026-11-25 15:30 UTC');
    expect(textOf(message)).toContain('That costs $7.65 at $3.825/h.');
  });

  it('of one among several is approved for that one, by an owner alone', async () => {
    const stage = await warned([ID, OTHER]);
    for (let n = 0; n < 3; n += 1) {
      await stage.press('bursar:keep-2h:0');
      stage.skip(HOUR_MS);
    }
    const message = await stage.press('bursar:keep-2h:all');
    expect(textOf(message)).toContain(`${ID}: ana asks to keep it until 2026-11-25 15:30 UTC`);
    const [one, other] = [await keepOf(stage), await keepOf(stage, OTHER)];
    expect(other).toMatchObject({ count: 1 });
    stage.skip(HOUR_MS / 2);
    await stage.press('bursar:approve:3');
    expect([await keepOf(stage), await keepOf(stage, OTHER)]).toEqual([one, other]);
    await stage.press('bursar:approve:3', OLGA);
    expect(await keepOf(stage)).toMatchObject({ count: 4 });
    expect(await keepOf(stage, OTHER)).toEqual(other);
  });

  it('needs an owner also where two people ask for the third at once', async () => {
    let waiting: (() => void)[] | undefined;
    const stage = await warned([ID], {
      ledger: (ledger): Ledger => ({
        ...ledger,
        // Both read what was kept before either keeps.
        keeps: async (...of) => {
          const found = await ledger.keeps(...of);
          if (waiting === undefined) return found;
          const ready = new Promise<void>((resolve) => waiting?.push(resolve));
          if (waiting.length === 2) for (const go of waiting) go();
          await ready;
          return found;
        },
      }),
    });
    for (let n = 0; n < 2; n += 1) {
      await stage.press('bursar:keep-2h:all');
      stage.skip(HOUR_MS);
    }
    await stage.tell(warning([ID], { id: 'warn/recsys/2' }));
    const press = (alert: string, by: typeof ANA) => ({
      version: 1 as const,
      press: { alert, offer: 'keep-2h' as const, round: 2 },
      by,
      place: {},
      at: stage.now().toISOString(),
    });
    const BEN = { id: 'UBEN00001', name: 'ben' };
    stage.slack.setGroups({ SOPERATORS: [PAT.id], SRECSYS: [ANA.id, BEN.id] });
    stage.skip(4 * 60_000);
    waiting = [];
    await Promise.allSettled([
      stage.work(press('warn/recsys/1', ANA)),
      stage.work(press('warn/recsys/2', BEN)),
    ]);
    waiting = undefined;
    expect(await keepOf(stage)).toMatchObject({ count: 3 });
    const answers = [await answersOf(stage), await answersOf(stage, 'warn/recsys/2')].flat();
    expect(answers.filter(({ approval }) => approval !== undefined)).toHaveLength(1);
  });

  it('is not approved by who asks, nor by another member, nor by a stranger', async () => {
    const stage = await snoozed(3);
    await stage.press('bursar:keep-2h:all');
    const before = await keepOf(stage);
    for (const user of [ANA, EVE]) await stage.press('bursar:approve:3', user);
    expect(await keepOf(stage)).toEqual(before);
    expect(stage.slack.whispers().map(({ user }) => user)).toEqual([ANA.id, EVE.id]);
    expect(stage.slack.whispers()[0]?.text).toBe(
      'Only an owner of the project or an operator may approve this.',
    );
    expect(actionsOf(stage)).toContain('bursar:approve:3');
  });

  it('of an owner or an operator needs nobody', async () => {
    const stage = await snoozed(3);
    await stage.press('bursar:keep-2h:all', OLGA);
    expect(await keepOf(stage)).toMatchObject({ count: 4, by: 'olga (Slack UOLGA0001)' });
    stage.skip(HOUR_MS);
    await stage.press('bursar:keep-2h:all', PAT);
    expect(await keepOf(stage)).toMatchObject({ count: 5, by: 'pat (Slack UPAT00001)' });
  });

  it('begins anew with each start', async () => {
    const stage = await snoozed(3);
    stage.restart(ID);
    await stage.press('bursar:keep-2h:all');
    expect(await keepOf(stage)).toMatchObject({ count: 1 });
  });

  it('an approval that nobody asked for is refused', async () => {
    const stage = await warned();
    const press = { alert: 'warn/recsys/1', offer: 'keep-2h' as const, round: 0, asker: EVE.id };
    await stage.work({ version: 1, press, by: OLGA, place: {}, at: AT.toISOString() });
    expect((await keeps(stage)).size).toBe(0);
  });
});

describe('Keep until tomorrow', () => {
  it('asks why, and keeps until 9:00 in the time zone of the policy', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-tomorrow:all');
    expect((await keeps(stage)).size).toBe(0);
    expect(stage.slack.windows()).toMatchObject([{ view: { title: { text: 'Keep until tomorrow' } } }]);
    const message = await stage.submit({ reason: ' It trains <!here> until noon ' });
    expect(await keepOf(stage)).toMatchObject({ until: new Date('2026-11-26T08:00:00Z') });
    expect(textOf(message)).toContain('Reason: It trains &lt;!here&gt; until noon');
    // 21.5 h × $3.825.
    expect(textOf(message)).toContain('That costs $82.24 at $3.825/h.');
    const [intent] = await stage.ledger.audit({ arn: arnOf(ID) });
    expect(intent?.decision.reason).toBe('ana (Slack UANA00001) keeps it: It trains <!here> until noon.');
  });

  it('needs no reason', async () => {
    const stage = await warned();
    await stage.press('bursar:keep-tomorrow:all');
    const message = await stage.submit({ reason: '' });
    expect((await keeps(stage)).size).toBe(1);
    expect(textOf(message)).not.toContain('Reason');
  });

  it('sent twice is done once', async () => {
    const stage = await warned();
    const before = stage.shown();
    for (let n = 0; n < 2; n += 1) {
      await stage.send(stage.slack.press(before, 'bursar:keep-tomorrow:all'));
      await stage.submit({ reason: `${n}` });
    }
    expect(await keepOf(stage)).toMatchObject({ count: 1 });
    expect(await answersOf(stage)).toHaveLength(1);
  });

  it('means the morning that the button had in mind, also after midnight', async () => {
    const stage = await createPeopleStage();
    stage.add(ID);
    await stage.tell(warning([ID], { tomorrow: '2026-11-26T08:00:00.000Z' }));
    // 00:30 in Berlin.
    stage.skip(13 * HOUR_MS);
    await stage.press('bursar:keep-tomorrow:all');
    const said = JSON.stringify(stage.slack.windows());
    // 8.5 h × $3.825.
    expect(said).toContain('until 2026-11-26 08:00 UTC ($32.51)');
    await stage.submit({ reason: '' });
    expect((await keepOf(stage))?.until).toEqual(new Date('2026-11-26T08:00:00Z'));
  });

  it('means the next morning once that one has passed', async () => {
    const stage = await createPeopleStage();
    stage.add(ID);
    await stage.tell(warning([ID], { tomorrow: '2026-11-26T08:00:00.000Z' }));
    stage.skip(24 * HOUR_MS);
    await stage.press('bursar:keep-tomorrow:all');
    expect(JSON.stringify(stage.slack.windows())).toContain('until 9:00 of the next day');
    await stage.submit({ reason: '' });
    expect((await keepOf(stage))?.until).toEqual(new Date('2026-11-27T08:00:00Z'));
  });

  it('is done at once where no window opens', async () => {
    const stage = await warned();
    stage.slack.failNext('views.open', 'expired_trigger_id');
    await stage.press('bursar:keep-tomorrow:all');
    expect((await keeps(stage)).size).toBe(1);
  });

  it('is done at once without a bot token', async () => {
    const stage = await warned([ID], { webhooks: true });
    // Groups cannot be read without one, so those who are named themselves may.
    await stage.press('bursar:keep-tomorrow:all', OLGA);
    expect((await keeps(stage)).size).toBe(1);
    expect(stage.slack.calls()).not.toContain('views.open');
    expect(textOf(stage.shown())).toContain('olga: Kept until 2026-11-26 08:00 UTC');
  });
});

describe('Stop now', () => {
  it('asks why, and has the enforcer stop it', async () => {
    const stage = await warned();
    await stage.press('bursar:stop:all');
    expect(stage.commands).toEqual([]);
    const message = await stage.submit({ reason: 'Forgotten' });
    expect(stage.commands).toMatchObject([
      {
        action: 'stop',
        trigger: 'person',
        project: 'recsys',
        by: 'ana (Slack UANA00001)',
        rule: { policy: 'development', rule: 'asked by ana (Slack UANA00001)' },
        reason: 'ana (Slack UANA00001) asked for it: Forgotten.',
        target: { id: ID },
      },
    ]);
    expect(stage.commands[0]?.key).toMatch(new RegExp(`^person/[0-9a-f]{32}/${arnOf(ID)}$`));
    expect(textOf(message)).toContain('ana: It is being stopped. Reason: Forgotten');
  });

  it('is not done where no window opens, and says so', async () => {
    const stage = await warned();
    stage.slack.failNext('views.open', 'expired_trigger_id');
    await stage.press('bursar:stop:all');
    expect(stage.commands).toEqual([]);
    expect(stage.slack.whispers()[0]?.text).toContain('Nothing was stopped: press again.');
  });

  it('asks once: in the window where there is one, in a dialog elsewhere', async () => {
    const dialogs = (stage: PeopleStage) => JSON.stringify(stage.shown().blocks).match(/"confirm":/g) ?? [];
    const stage = await warned();
    expect(dialogs(stage)).toEqual([]);
    await stage.press('bursar:stop:all');
    expect(JSON.stringify(stage.slack.windows())).toContain(
      `${ID} (g5.xlarge) of recsys is stopped at once, whatever it does. What is not saved is lost.`,
    );
    await stage.submit({ reason: '' });
    expect(dialogs(stage)).toEqual([]);
    const webhooks = await warned([ID], { webhooks: true });
    expect(dialogs(webhooks)).not.toEqual([]);
    await webhooks.press('bursar:keep-2h:all', OLGA);
    expect(webhooks.shown().updates).toBe(1);
    expect(dialogs(webhooks)).not.toEqual([]);
  });

  it('of what no policy stops is refused at once, and says why', async () => {
    const stage = await warned([ID, OTHER]);
    const [one, other] = [stage.account.instances.get(ID), stage.account.instances.get(OTHER)];
    if (one === undefined || other === undefined) throw new Error('there are two');
    stage.account.instances.set(ID, { ...one, tags: { project: 'recsys', environment: 'prod' } });
    stage.account.instances.set(OTHER, { ...other, tags: { project: 'recsys' } });
    await stage.press('bursar:stop:all');
    await stage.submit({ reason: '' });
    expect(stage.commands).toEqual([]);
    expect(stage.slack.whispers()[0]?.text).toBe(
      `${ID}: Policy production stops nothing, so Bursar stops it for nobody. ` +
        `${OTHER}: No policy names it, so Bursar stops it for nobody.`,
    );
  });

  it('twice gives the same key', async () => {
    const stage = await warned();
    const before = stage.shown();
    const press = { alert: 'warn/recsys/1', offer: 'stop' as const, round: 0 };
    const message = { version: 1 as const, press, by: ANA, place: {}, at: AT.toISOString() };
    const settle = () => stage.work(message).catch(() => undefined);
    await Promise.all([settle(), settle()]);
    expect(new Set(stage.commands.map(({ key }) => key)).size).toBe(1);
    expect(before.updates).toBe(0);
  });
});

it('Details are told to whoever asks, alone', async () => {
  const stage = await warned();
  await stage.press('bursar:details:all', EVE);
  expect(stage.slack.whispers()).toEqual([{ user: EVE.id, text: expect.stringContaining(arnOf(ID)) }]);
  expect(stage.shown().updates).toBe(0);
});

describe('Restore', () => {
  const stopped = (stage: PeopleStage) => {
    const id = 'stopped/recsys/1';
    const [item] = warning([ID]).items;
    if (item === undefined) throw new Error('no item');
    const items = [{ ...item, requested: 'stop' as const, status: 'taken' as const }];
    return stage.tell(warning([ID], { id, items, offers: ['restore', 'details'] }));
  };

  it('has the enforcer bring it back from what was saved', async () => {
    const stage = await createPeopleStage();
    stage.add(ID);
    const resource = {
      kind: 'ec2-instance',
      arn: arnOf(ID),
      id: ID,
      account: ACCOUNT,
      region: REGION,
      tags: { project: 'recsys' },
      state: 'running' as const,
      since: AT,
      size: 'g5.xlarge',
      protections: [],
      hourly: undefined,
    };
    await stage.ledger.saveRestore({
      arn: arnOf(ID),
      resource,
      project: 'recsys',
      trigger: 'idle',
      savedAt: AT,
      state: 'stopped',
      record: {},
    });
    await stopped(stage);
    const message = await stage.press('bursar:restore:all');
    expect(stage.commands).toMatchObject([
      { action: 'restore', by: 'ana (Slack UANA00001)', target: { id: ID } },
    ]);
    expect(textOf(message)).toContain('ana: It is being restored.');
    await stage.press('bursar:restore:all', EVE);
    expect(stage.commands).toHaveLength(1);
  });

  it('of what Bursar did not stop says so', async () => {
    const stage = await createPeopleStage();
    stage.add(ID);
    await stopped(stage);
    await stage.press('bursar:restore:all');
    expect(stage.slack.whispers()[0]?.text).toContain('Bursar has not stopped it');
    expect(stage.commands).toEqual([]);
  });
});

describe('a release', () => {
  const held = async (stage: PeopleStage): Promise<void> => {
    await holdAt(stage.ledger, AT);
    await stage.tell(
      warning([ID], { id: 'hold/1', kind: 'hold', offers: ['release', 'details'], heldAt: AT.toISOString() }),
    );
  };
  const released = ({ ledger, now }: PeopleStage) => ledger.seen(`released/${AT.toISOString()}`, now());

  it('is an operator’s alone', async () => {
    const stage = await createPeopleStage();
    stage.add(ID);
    await held(stage);
    for (const user of [ANA, OLGA, EVE]) await stage.press('bursar:release:all', user);
    expect(await released(stage)).toBe(false);
    expect(stage.slack.whispers()).toHaveLength(3);
    const message = await stage.press('bursar:release:all', PAT);
    expect(await released(stage)).toBe(true);
    expect(textOf(message)).toContain('pat: What was held back at 2026-11-25 10:30 UTC is released');
    expect(stage.wakes).toHaveLength(1);
  });

  it('is done once, whoever asks again', async () => {
    const stage = await createPeopleStage();
    stage.add(ID);
    await held(stage);
    await stage.press('bursar:release:all', PAT);
    await stage.press('bursar:release:all', PAT);
    expect(stage.slack.whispers()[0]?.text).toBe('They were released before.');
    expect(stage.wakes).toHaveLength(1);
  });
});

describe('the message', () => {
  it('shows every answer, however they cross', async () => {
    const stage = await warned([ID, OTHER]);
    const before = stage.shown();
    await stage.send(stage.slack.press(before, 'bursar:keep-2h:0'));
    await stage.send(stage.slack.press(before, 'bursar:keep-2h:1', { user: OLGA }));
    const [first, second] = stage.queue.splice(0);
    if (first === undefined || second === undefined) throw new Error('two were pressed');
    // What the first shows is under way when the second begins, and arrives when the second has ended.
    const arrived: SlackMessage[] = [];
    const deps = { ...stage.requestDeps, onError: () => {} };
    const whisper = async () => {};
    const other = () =>
      handlePress(
        second,
        { windows: true, whisper, update: async (message) => void arrived.push(message) },
        deps,
      );
    let crossed = false;
    const update = async (message: SlackMessage): Promise<void> => {
      if (!crossed) {
        crossed = true;
        await other();
      }
      arrived.push(message);
    };
    await handlePress(first, { windows: true, whisper, update }, deps);
    expect(JSON.stringify(arrived.at(-1))).toMatch(/ana: .*olga: /);
  });

  it('that cannot be changed any more is told beside', async () => {
    const stage = await warned();
    stage.slack.failNext('chat.update', 'message_not_found');
    await stage.press('bursar:keep-2h:all');
    expect((await keeps(stage)).size).toBe(1);
    expect(stage.slack.whispers()[0]?.text).toContain('Kept until');
  });

  it('that Slack does not change now is changed by the repeat', async () => {
    const stage = await warned();
    stage.slack.failNext('chat.update', 500, 500, 500);
    await expect(stage.press('bursar:keep-2h:all')).rejects.toThrow(SlackSendError);
    expect(stage.shown().updates).toBe(0);
    await stage.drain();
    expect(stage.shown().updates).toBe(1);
    expect(await keepOf(stage)).toMatchObject({ count: 1 });
  });

  it('of a webhook is changed by the URL that came with the press', async () => {
    const stage = await warned([ID], { webhooks: true });
    const message = await stage.press('bursar:keep-2h:all', OLGA);
    expect(message).toMatchObject({ channel: 'default', updates: 1 });
    expect(stage.slack.calls()).toEqual(['services', 'respond']);
  });

  it('of an alert that is not known is answered by how else to do it', async () => {
    const stage = await warned();
    const press = { alert: 'older', offer: 'keep-2h' as const, round: 0 };
    await stage.send(stage.slack.press(stage.shown(), 'bursar:keep-2h:all'));
    const [message] = stage.queue.splice(0);
    if (message === undefined) throw new Error('nothing was queued');
    await stage.work({ ...message, press });
    expect(stage.slack.whispers()[0]?.text).toContain('use the command line');
  });

  it.each([
    ['an item that is not there', { offer: 'keep-2h' as const, item: 7, round: 0 }],
    ['what was not offered', { offer: 'release' as const, round: 0 }],
  ])('a press of %s does nothing', async (_title, press) => {
    const stage = await warned();
    await stage.work({
      version: 1,
      press: { alert: 'warn/recsys/1', ...press },
      by: PAT,
      place: {},
      at: AT.toISOString(),
    });
    expect((await keeps(stage)).size).toBe(0);
    expect(await answersOf(stage)).toEqual([]);
  });
});
