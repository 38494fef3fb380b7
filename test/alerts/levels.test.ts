import { describe, expect, it } from 'vitest';
import { answerLines } from '../../lib/alerts/commands.ts';
import { alertsFromBatch } from '../../lib/alerts/from-outcomes.ts';
import { offerLabel } from '../../lib/alerts/offers.ts';
import { unfreezeWarning } from '../../lib/alerts/slack-buttons.ts';
import type { Alert } from '../../lib/types/alert.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { Result } from '../../lib/types/outcome.ts';
import { ACCOUNT, AT, policy as base, instance, stop, taken, undo, usd, warn } from './fixtures.ts';

const MONTH_END = new Date('2026-12-01T00:00:00Z');
const policy = {
  ...base,
  teams: {
    alpha: { name: 'alpha', owner: 'carol', owners: [], slack: '#alpha', budget: usd('900') },
  },
  projects: {
    ...base.projects,
    fraud: {
      name: 'fraud',
      owners: [],
      members: [],
      freezeRoles: [],
      team: 'alpha',
      models: { scorer: { name: 'scorer', budget: usd('90') } },
    },
  },
};

function alertOf(...decisions: readonly Decision[]): Alert {
  const results = decisions.map((decision): Result => ({ decision, outcome: taken() }));
  const [first, ...others] = alertsFromBatch({ batch: 'b', at: AT, account: ACCOUNT, policy, undo, results });
  if (first === undefined || others.length > 0) throw new Error('not exactly one alert');
  return first;
}

const notice = (of: Pick<Decision, 'project' | 'holder'>): Decision => ({
  action: 'budget-notice',
  key: 'k',
  ...of,
  threshold: '80% of estimated',
  spent: usd('800'),
  limit: usd('900'),
  reason: 'So much was spent.',
});
const freeze = (of: Pick<Decision, 'project' | 'holder'>): Decision => ({
  action: 'freeze',
  key: 'k',
  ...of,
  rule: { policy: 'development', rule: 'budget 100% of estimated: freeze' },
  until: MONTH_END,
  reason: 'So much was spent.',
});

const TEAM = { project: undefined, holder: 'team:alpha' };
const MODEL = { project: 'fraud', holder: 'model:fraud:scorer' };

describe('an alert names the level', () => {
  it.each([
    [TEAM, 'Team alpha has spent an estimated $800.00 of $900.00 this month'],
    [{ project: 'fraud' }, 'fraud has spent an estimated $800.00 of $900.00 this month'],
    [MODEL, 'Model scorer of project fraud has spent an estimated $800.00 of $900.00 this month'],
  ])('of %o', (of, title) => {
    expect(alertOf(notice(of)).title).toBe(title);
  });

  it('and goes to the people of the team where it is about that, or its project names nobody', () => {
    for (const of of [TEAM, MODEL]) {
      expect(alertOf(notice(of))).toMatchObject({ slack: '#alpha', owner: 'carol', holder: of.holder });
    }
    expect(alertOf(notice({ project: 'recsys' }))).toMatchObject({ slack: '#recsys', owner: 'team-beta' });
    expect(alertOf(notice(TEAM)).project).toBeUndefined();
  });

  it('says no rule of billed spend ahead of a model, which AWS Budgets knows nothing of', () => {
    const waits = 'At 100% of actual spend';
    expect(alertOf(notice(TEAM)).next).toContain(waits);
    expect(alertOf(notice(TEAM)).next).toContain('freezes the team');
    expect(alertOf(notice(MODEL)).next).not.toContain(waits);
  });

  it('of a freeze, with how it is ended', () => {
    const team = alertOf(freeze(TEAM));
    expect(team.title).toBe('Team alpha is frozen until 2026-12-01 00:00 UTC');
    expect(team.next).toContain('whatever starts in team alpha under policy development is stopped');
    expect(team.next).toContain('An owner of the team or an operator');
    expect(answerLines(team)).toEqual(['To end the freeze of the team: `bursar unfreeze team:alpha`']);
    expect(offerLabel('unfreeze', [], team)).toBe('Unfreeze the team');
    expect(unfreezeWarning(team)).toContain('What starts in team alpha is left running again');
    const model = alertOf(freeze(MODEL));
    expect(offerLabel('unfreeze', [], model)).toBe('Unfreeze the model');
    expect(answerLines(model)).toEqual([
      'To end the freeze of the model: `bursar unfreeze model:fraud:scorer`',
    ]);
    expect(offerLabel('unfreeze', [], alertOf(freeze({ project: 'fraud' })))).toBe('Unfreeze the project');
  });

  it('of stops and warnings, apart from those for the project’s own limit', () => {
    const target = instance(1);
    const over = { trigger: 'budget' as const, project: 'fraud' };
    expect(alertOf(stop(target, { ...over, holder: 'team:alpha' })).title).toBe(
      '1 resource of fraud stopped: team alpha is over budget',
    );
    expect(
      alertOf(stop(target, { ...over, trigger: 'freeze', holder: 'model:fraud:scorer' })).title,
    ).toContain(': model scorer of project fraud is frozen');
    expect(alertOf({ ...warn(target, MONTH_END), ...over, holder: 'team:alpha' }).title).toMatch(
      /: team alpha is over budget$/,
    );
    const results = [stop(target, over), stop(instance(2), { ...over, key: 'k2', holder: 'team:alpha' })].map(
      (decision): Result => ({ decision, outcome: taken() }),
    );
    expect(alertsFromBatch({ batch: 'b', at: AT, account: ACCOUNT, policy, undo, results })).toHaveLength(2);
  });

  it('of a project as it always did', () => {
    expect(alertOf(stop(instance(1), { trigger: 'budget', project: 'fraud' })).title).toBe(
      '1 resource of fraud stopped: over budget',
    );
  });
});
