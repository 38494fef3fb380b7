import { describe, expect, it } from 'vitest';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import { OutcomesAnswerSchema, WishAnswerSchema } from '../../lib/people/answer.ts';
import { buttonsOf } from '../../lib/sandbox/slack-stand-in.ts';
import type { Alert } from '../../lib/types/alert.ts';
import {
  ANA,
  AT,
  createPeopleStage,
  EVE,
  OLGA,
  PAT,
  type PeopleStage,
  type StageOptions,
  textOf,
  warning,
} from './stage.ts';

const MONTH_END = new Date('2026-12-01T00:00:00Z');
const WHY = { reason: 'The new budget is in.' };

const frozen = (fields: Partial<Alert> = {}): Alert =>
  warning([], {
    id: 'freeze/recsys/1',
    kind: 'freeze',
    severity: 'critical',
    title: 'recsys is frozen until 2026-12-01 00:00 UTC',
    next: 'What starts is stopped.',
    offers: ['unfreeze'],
    ...fields,
  });

async function setUp(alert = frozen(), options: StageOptions = {}) {
  const stage = await createPeopleStage(options);
  await stage.ledger.freeze('recsys', MONTH_END);
  await stage.tell(alert);
  return stage;
}

/** Has the enforcer carry out what was queued. */
async function enforce(stage: PeopleStage): Promise<void> {
  const { ledger, policy, regions } = stage.requestDeps;
  const decisions = stage.commands.splice(0);
  const wake = async (): Promise<void> => {};
  await carryOut(
    { id: 'commands', issuedAt: stage.now(), decisions },
    { ledger, policy, regions, now: stage.now, wake, onWakeError: () => {} },
  );
}

const frozenUntil = async (stage: PeopleStage) =>
  (await stage.ledger.projectMarks(stage.now())).get('recsys')?.frozenUntil;

describe('the button', () => {
  it.each([
    { who: 'an owner', user: OLGA },
    { who: 'an operator', user: PAT },
  ])('asks $who why, and has the enforcer end the freeze', async ({ user }) => {
    const stage = await setUp();
    await stage.press('bursar:unfreeze:all', user);
    expect(await frozenUntil(stage), 'a window is open, and nothing is done').toEqual(MONTH_END);
    const message = await stage.submit(WHY, user);
    expect(stage.commands).toMatchObject([
      {
        action: 'unfreeze',
        project: 'recsys',
        by: `${user.name} (Slack ${user.id})`,
        reason: `${user.name} (Slack ${user.id}) unfreezes the project: The new budget is in.`,
      },
    ]);
    expect(textOf(message)).toContain(
      `${user.name}: It is being unfrozen. What was stopped stays stopped until it is restored. Reason: The new budget is in.`,
    );
    await enforce(stage);
    expect(await frozenUntil(stage)).toBeUndefined();
  });

  it.each([
    { who: 'a member', user: ANA, says: 'Only the owners of project recsys and the operators' },
    { who: 'a stranger', user: EVE, says: 'Only the people of project recsys may do this' },
  ])('does nothing for $who, and tells them alone', async ({ user, says }) => {
    const stage = await setUp();
    await stage.press('bursar:unfreeze:all', user);
    const message = await stage.submit(WHY, user);
    expect(stage.commands).toEqual([]);
    expect(message.updates).toBe(0);
    expect(stage.slack.whispers().at(-1)?.text).toContain(says);
  });

  it('of what is not frozen any more says so', async () => {
    const stage = await setUp();
    await stage.ledger.unfreeze('recsys', AT);
    await stage.press('bursar:unfreeze:all', OLGA);
    await stage.submit(WHY, OLGA);
    expect(stage.commands).toEqual([]);
    expect(stage.slack.whispers().at(-1)?.text).toContain('Project recsys is not frozen.');
  });

  it('without windows is asked about by Slack itself, and done at once', async () => {
    const stage = await setUp(frozen(), { webhooks: true });
    expect(buttonsOf(stage.shown().blocks)).toMatchObject([
      { action_id: 'bursar:unfreeze:all', confirm: { title: { text: 'Unfreeze the project?' } } },
    ]);
    await stage.press('bursar:unfreeze:all', OLGA);
    expect(stage.commands).toMatchObject([{ action: 'unfreeze', project: 'recsys' }]);
  });

  it('is refused where it was not offered', async () => {
    const stage = await setUp(frozen({ offers: ['details'] }));
    const press = { alert: 'freeze/recsys/1', offer: 'unfreeze' as const, round: 0 };
    await stage.work({ version: 1, press, by: PAT, place: {}, at: AT.toISOString() });
    expect(stage.commands).toEqual([]);
  });
});

describe('the command line', () => {
  const by = { via: 'cli' as const, id: 'arn:aws:sts::111122223333:assumed-role/ops/olga', name: 'olga' };
  const ask = async (stage: PeopleStage, project = 'recsys', id = 'wish-1') =>
    WishAnswerSchema.parse(await stage.ask({ ask: 'unfreeze', project, by, id })).answered;
  const outcomeOf = async (stage: PeopleStage, key: string) =>
    OutcomesAnswerSchema.parse(await stage.ask({ ask: 'outcomes', keys: [key] })).outcomes[key];

  it('asks for it and is told what became of it', async () => {
    const stage = await setUp();
    const [answer] = await ask(stage);
    expect(answer).toEqual({
      status: 'asked',
      text: 'It is being unfrozen. What was stopped stays stopped until it is restored.',
      key: 'unfreeze/wish-1/recsys',
    });
    const key = answer?.key ?? '';
    expect(await outcomeOf(stage, key)).toEqual({ status: 'unknown' });
    await enforce(stage);
    expect(await outcomeOf(stage, key)).toEqual({
      status: 'taken',
      detail: 'The project is not frozen any more.',
    });
  });

  it('asked twice under one id is done once', async () => {
    const stage = await setUp();
    await ask(stage);
    await ask(stage);
    expect(new Set(stage.commands.map(({ key }) => key)).size).toBe(1);
  });

  it('of what is not frozen has nothing to do', async () => {
    const stage = await setUp();
    expect(await ask(stage, 'fraud')).toEqual([
      { status: 'nothing-to-do', text: 'Project fraud is not frozen.' },
    ]);
  });

  it('of what is no project of the policy file is refused', async () => {
    const stage = await setUp();
    expect(await ask(stage, 'recsis')).toEqual([
      { status: 'refused', text: 'No project recsis is frozen. Did you mean recsys?' },
    ]);
    expect(await ask(stage, 'constructor')).toMatchObject([{ status: 'refused' }]);
  });

  it('ends the freeze of a project that the policy file names no more', async () => {
    const stage = await setUp();
    await stage.ledger.freeze('gone', MONTH_END);
    expect(await ask(stage, 'gone')).toMatchObject([{ status: 'asked' }]);
    await enforce(stage);
    expect((await stage.ledger.projectMarks(AT)).get('gone')?.frozenUntil).toBeUndefined();
  });
});
