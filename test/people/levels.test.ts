import { describe, expect, it } from 'vitest';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import { OutcomesAnswerSchema, StateAnswerSchema, WishAnswerSchema } from '../../lib/people/answer.ts';
import { standingOf, standingOfHolder } from '../../lib/people/may.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { Alert } from '../../lib/types/alert.ts';
import { ANA, createPeopleStage, EVE, OLGA, PAT, type PeopleStage, textOf, warning } from './stage.ts';

/** Olga owns the team, Ana one of its projects, Pat is an operator by a group. */
const POLICY = `
version: 1
operators: [SOPERATORS]
teams:
  alpha: { budget: 500 USD, owners: [UOLGA0001] }
projects:
  recsys: { team: alpha, owners: [UANA00001], models: { scorer: { budget: 50 USD } } }
  fraud: {}
policies: [{ name: all, match: {}, idle: off, budget: [{ at: 100%, of: estimated, do: freeze }] }]
`;
const policy = parsePolicy(POLICY, 'bursar.yaml');
const MONTH_END = new Date('2026-12-01T00:00:00Z');

describe('owners of a team', () => {
  const roleOf = (id: string, holder: string) =>
    standingOfHolder({ via: 'slack', id }, holder, policy, new Map([['SOPERATORS', new Set([PAT.id])]])).role;

  it.each([
    [OLGA.id, 'team:alpha', 'owner'],
    [OLGA.id, 'recsys', 'owner'],
    [OLGA.id, 'model:recsys:scorer', 'owner'],
    [OLGA.id, 'fraud', 'none'],
    // One project does not speak for its whole team.
    [ANA.id, 'team:alpha', 'none'],
    [ANA.id, 'recsys', 'owner'],
    [ANA.id, 'model:recsys:scorer', 'owner'],
    [PAT.id, 'team:alpha', 'operator'],
    [OLGA.id, 'team:constructor', 'none'],
    [OLGA.id, 'project:team:alpha', 'none'],
  ])('%s is to %s: %s', (id, holder, role) => {
    expect(roleOf(id, holder)).toBe(role);
  });

  it('may act on what a tag names one of its projects for, not on what is called like the team', () => {
    const of = (project: string) =>
      standingOf({ via: 'slack', id: OLGA.id }, project, policy, new Map()).role;
    expect(of('recsys')).toBe('owner');
    expect(of('team:alpha')).toBe('none');
  });
});

const frozen = (fields: Partial<Alert> = {}): Alert => {
  const { project: _, ...alert } = warning([], {
    id: 'freeze/1',
    kind: 'freeze',
    severity: 'critical',
    title: 'Team alpha is frozen until 2026-12-01 00:00 UTC',
    next: 'What starts is stopped.',
    holder: 'team:alpha',
    offers: ['unfreeze'],
  });
  return { ...alert, ...fields };
};

async function setUp(alert = frozen()): Promise<PeopleStage> {
  const stage = await createPeopleStage({ policy: POLICY });
  await stage.ledger.freeze('team:alpha', MONTH_END);
  await stage.ledger.freeze('recsys', MONTH_END);
  await stage.tell(alert);
  return stage;
}

async function enforce(stage: PeopleStage): Promise<void> {
  const { ledger, policy: own, regions } = stage.requestDeps;
  const decisions = stage.commands.splice(0);
  const wake = async (): Promise<void> => {};
  await carryOut(
    { id: 'commands', issuedAt: stage.now(), decisions },
    { ledger, policy: own, regions, now: stage.now, wake, onWakeError: () => {} },
  );
}

const frozenNow = async (stage: PeopleStage) =>
  [...(await stage.ledger.projectMarks(stage.now()))].flatMap(([holder, { frozenUntil }]) =>
    frozenUntil === undefined ? [] : [holder],
  );

describe('the freeze of a team', () => {
  it('is ended by its owner in Slack, and that of its project goes on', async () => {
    const stage = await setUp();
    await stage.press('bursar:unfreeze:all', OLGA);
    const message = await stage.submit({ reason: 'It is paid for.' }, OLGA);
    expect(stage.commands).toMatchObject([
      {
        action: 'unfreeze',
        project: undefined,
        holder: 'team:alpha',
        reason: 'olga (Slack UOLGA0001) unfreezes the team: It is paid for.',
      },
    ]);
    expect(textOf(message)).toContain('It is being unfrozen.');
    await enforce(stage);
    expect(await frozenNow(stage)).toEqual(['recsys']);
  });

  it.each([
    [ANA, 'Only the people of team alpha may do this'],
    [EVE, 'Only the people of team alpha may do this'],
  ])('is not ended by %o', async (user, says) => {
    const stage = await setUp();
    await stage.press('bursar:unfreeze:all', user);
    await stage.submit({ reason: 'Please.' }, user);
    expect(stage.commands).toEqual([]);
    expect(stage.slack.whispers().at(-1)?.text).toContain(says);
  });

  it('is ended at the command line by its text, and what became of it is told', async () => {
    const stage = await setUp();
    const by = { via: 'cli' as const, id: 'arn:aws:sts::111122223333:assumed-role/ops/olga', name: 'olga' };
    const ask = async (project: string, id: string) =>
      WishAnswerSchema.parse(await stage.ask({ ask: 'unfreeze', project, by, id })).answered[0];
    const answer = await ask('team:alpha', 'wish-1');
    expect(answer).toMatchObject({ status: 'asked', key: 'unfreeze/wish-1/team:alpha' });
    await enforce(stage);
    const key = answer?.key ?? '';
    const { outcomes } = OutcomesAnswerSchema.parse(await stage.ask({ ask: 'outcomes', keys: [key] }));
    expect(outcomes[key]).toEqual({ status: 'taken', detail: 'The team is not frozen any more.' });
    expect(await ask('team:alpha', 'wish-2')).toMatchObject({ text: 'Team alpha is not frozen.' });
    expect(await ask('model:recsys:scorer', 'wish-3')).toMatchObject({
      text: 'Model scorer of project recsys is not frozen.',
    });
    expect(await ask('team:alhpa', 'wish-4')).toMatchObject({
      status: 'refused',
      text: 'No team alhpa is frozen. Did you mean team:alpha?',
    });
  });

  it('is part of what is remembered', async () => {
    const stage = await setUp();
    const { state } = StateAnswerSchema.parse(await stage.ask({ ask: 'state' }));
    expect(state.projects.map(({ project }) => project).sort()).toEqual(['recsys', 'team:alpha']);
  });
});
