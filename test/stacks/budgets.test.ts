import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { changedPolicy, policyFile, templates } from './fixtures.ts';
import { resourcesOf } from './read-template.ts';

const BudgetSchema = z.object({
  Budget: z.object({
    BudgetName: z.string(),
    BudgetType: z.literal('COST'),
    TimeUnit: z.literal('MONTHLY'),
    BudgetLimit: z.object({ Amount: z.number(), Unit: z.literal('USD') }),
    // What Cost Explorer is asked for too (test/fleet/billing.test.ts), so that both say the same of a project.
    Metrics: z.tuple([z.literal('AmortizedCost')]),
    FilterExpression: z.strictObject({
      And: z.tuple([
        z.strictObject({ Tags: z.strictObject({ Key: z.string(), Values: z.array(z.string()) }) }),
        z.strictObject({
          Not: z.strictObject({
            Dimensions: z.strictObject({
              Key: z.literal('RECORD_TYPE'),
              Values: z.tuple([z.literal('Credit'), z.literal('Refund')]),
            }),
          }),
        }),
      ]),
    }),
  }),
  NotificationsWithSubscribers: z.array(
    z.object({
      Notification: z.object({
        NotificationType: z.enum(['ACTUAL', 'FORECASTED']),
        ComparisonOperator: z.literal('GREATER_THAN'),
        Threshold: z.number(),
        ThresholdType: z.literal('PERCENTAGE'),
      }),
      Subscribers: z.array(z.object({ SubscriptionType: z.string(), Address: z.unknown() })),
    }),
  ),
});

function budgets(file?: string) {
  const { budgets: template } = templates(file === undefined ? {} : { policyFile: file });
  return resourcesOf(template, 'AWS::Budgets::Budget').map(({ properties }) => {
    const { Budget, NotificationsWithSubscribers } = BudgetSchema.parse(properties);
    return {
      name: Budget.BudgetName,
      amount: Budget.BudgetLimit.Amount,
      tags: Budget.FilterExpression.And[0].Tags,
      thresholds: NotificationsWithSubscribers.map(
        ({ Notification }) => `${Notification.NotificationType} ${Notification.Threshold}%`,
      ),
      subscribers: NotificationsWithSubscribers.flatMap(({ Subscribers }) => Subscribers),
    };
  });
}

describe('budgets', () => {
  const shipped = budgets();

  it('are one for each project that has one, a month long, of what carries its tag, gross of credits', () => {
    const standard = ['ACTUAL 80%', 'ACTUAL 100%', 'ACTUAL 120%', 'FORECASTED 80%'];
    expect(shipped.map(({ subscribers, ...rest }) => rest)).toEqual(
      [
        ['fraud-detection', 4000] as const,
        ['recsys', 12_000] as const,
        ['demand-forecast', 2500] as const,
        ['llm-finetuning', 30_000] as const,
      ].map(([name, amount]) => ({
        name: expect.stringMatching(new RegExp(`^bursar-${name}-[0-9a-f]{8}$`)),
        amount,
        tags: { Key: 'project', Values: [name] },
        thresholds: standard,
      })),
    );
  });

  it('tell the signals topic, each notification once', () => {
    for (const { subscribers, thresholds } of shipped) {
      expect(subscribers).toEqual(
        thresholds.map(() => ({
          SubscriptionType: 'SNS',
          Address: { 'Fn::ImportValue': expect.stringMatching(/^Bursar:.*EnforcerSignals/) },
        })),
      );
    }
  });

  it('stay within the 10 notifications that AWS allows, or the policy is refused', () => {
    for (const { thresholds } of shipped) expect(thresholds.length).toBeLessThanOrEqual(10);
    const rules = (count: number): string =>
      Array.from({ length: count }, (_, index) => `{ at: ${10 * (index + 1)}%, do: notify }`).join(', ');
    const policy = (count: number): string =>
      `version: 1\nprojects: { a: { budget: 5 USD } }\npolicies:\n  - { name: all, match: {}, budget: [ ${rules(count)} ] }\n`;
    expect(budgets(policyFile(policy(10)))[0]?.thresholds).toHaveLength(10);
    expect(() => budgets(policyFile(policy(11)))).toThrow(/^policy-\d+\.yaml:\d+:\d+: .*10/);
  });

  it('are new ones, by their names, where their thresholds change, and the same ones where only an amount does', () => {
    const names = (file?: string) => budgets(file).map(({ name }) => name);
    const changed = names(
      changedPolicy('{ at: 120%, of: actual, do: freeze }', '{ at: 130%, of: actual, do: freeze }'),
    );
    expect(changed.filter((name) => names().includes(name))).toEqual([]);
    expect(names(changedPolicy('budget: 4000 USD', 'budget: 4500 USD'))).toEqual(names());
  });

  it('of a team see all its projects, under a name that no project of the same letters has', () => {
    const text = [
      'version: 1',
      'teams: { alpha: { budget: 900 USD }, quiet: { budget: 5 USD }, free: {} }',
      'projects:',
      '  fraud: { budget: 500 USD, team: alpha }',
      '  team-alpha: { budget: 400 USD, team: alpha }',
      '  other: { team: free, models: { scorer: { budget: 50 USD } } }',
      'policies:',
      '  - { name: a, match: { project: fraud }, budget: [{ at: 100%, do: stop }] }',
      '  - { name: b, match: {}, budget: [{ at: 80%, do: notify }, { at: 90%, of: estimated, do: stop }] }',
    ].join('\n');
    const made = budgets(policyFile(text));
    expect(
      made.map(({ name, amount, tags, thresholds }) => ({ name, amount, of: tags.Values, thresholds })),
    ).toEqual([
      {
        name: expect.stringMatching(/^bursar-fraud-[0-9a-f]{8}$/),
        amount: 500,
        of: ['fraud'],
        thresholds: ['ACTUAL 80%', 'ACTUAL 100%'],
      },
      {
        name: expect.stringMatching(/^bursar-team-alpha-[0-9a-f]{8}$/),
        amount: 400,
        of: ['team-alpha'],
        thresholds: ['ACTUAL 80%'],
      },
      {
        name: expect.stringMatching(/^bursar-team-alpha-[0-9a-f]{8}$/),
        amount: 900,
        of: ['fraud', 'team-alpha'],
        thresholds: ['ACTUAL 80%', 'ACTUAL 100%'],
      },
    ]);
    expect(new Set(made.map(({ name }) => name)).size).toBe(3);
  });

  it('follow the tag key of the policy', () => {
    const file = changedPolicy('tags: { project: project,', 'tags: { project: cost-unit,');
    expect(new Set(budgets(file).map(({ tags }) => tags.Key))).toEqual(new Set(['cost-unit']));
  });

  it('keep cents', () => {
    const [first] = budgets(changedPolicy('budget: 4000 USD', 'budget: 4000.25 USD'));
    expect(first?.amount).toBe(4000.25);
  });
});

describe('a new amount in the policy file', () => {
  const before = templates();
  const after = templates({ policyFile: changedPolicy('budget: 4000 USD', 'budget: 4500 USD') });

  it('changes the one budget, and nothing else of the budgets', () => {
    const text = JSON.stringify(before.budgets.toJSON()).replace('"Amount":4000,', '"Amount":4500,');
    expect(JSON.parse(text)).toEqual(after.budgets.toJSON());
    expect(after.budgets.toJSON()).not.toEqual(before.budgets.toJSON());
  });

  it('changes the key of the policy’s object in the enforcer, and nothing else', () => {
    const keys = [before, after].map(({ enforcer }) => {
      const found = [...JSON.stringify(enforcer.toJSON()).matchAll(/[0-9a-f]{64}\.yaml/g)];
      return new Set(found.map(([key]) => key));
    });
    const [[old = ''] = [], [fresh = ''] = []] = keys.map((set) => [...set]);
    expect(keys.map((set) => set.size)).toEqual([1, 1]);
    expect(fresh).not.toBe(old);
    const replaced = JSON.stringify(before.enforcer.toJSON()).replaceAll(old, fresh);
    expect(JSON.parse(replaced)).toEqual(after.enforcer.toJSON());
  });
});
