import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BudgetsClient, CreateBudgetCommand, DeleteBudgetCommand } from '@aws-sdk/client-budgets';
import * as z from 'zod';
import { parseUsd, sumUsd, usdToDecimal, ZERO_USD } from '../types/money.ts';
import { NOT_SPEND, SPEND_METRIC } from '../types/spend-basis.ts';
import { ACCOUNT } from './local-aws.ts';

/** The budgets of the synthesised template, as CloudFormation would make them. */
const TemplateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.unknown(),
    }),
  ),
});

const BudgetSchema = z.object({
  Budget: z.object({
    BudgetName: z.string(),
    BudgetType: z.literal('COST'),
    TimeUnit: z.literal('MONTHLY'),
    BudgetLimit: z.object({ Amount: z.number(), Unit: z.string() }),
    FilterExpression: z.strictObject({
      And: z.tuple([
        z.strictObject({ Tags: z.object({ Key: z.string(), Values: z.array(z.string()) }) }),
        z.strictObject({
          Not: z.object({
            Dimensions: z.object({ Key: z.literal(NOT_SPEND.dimension), Values: z.array(z.string()) }),
          }),
        }),
      ]),
    }),
    Metrics: z.tuple([z.literal(SPEND_METRIC)]),
  }),
  NotificationsWithSubscribers: z.array(
    z.object({
      Notification: z.object({
        NotificationType: z.enum(['ACTUAL', 'FORECASTED']),
        ComparisonOperator: z.literal('GREATER_THAN'),
        Threshold: z.number(),
        ThresholdType: z.literal('PERCENTAGE'),
      }),
      Subscribers: z.array(z.object({ SubscriptionType: z.literal('SNS') })),
    }),
  ),
});

type CarriedBudget = z.infer<typeof BudgetSchema>;

/** Decimal USD of this month. */
export interface Spend {
  readonly actual: string;
  readonly forecasted: string;
}

/**
 * Makes the budgets of a synthesised template by the Budgets API, since the emulators' CloudFormation
 * refuses `AWS::Budgets::Budget`. `spend` is by project, of a team the sum of its projects'; the others have spent nothing.
 * @returns the name of each project's budget.
 */
export async function carryBudgetsOver(
  budgets: BudgetsClient,
  assembly: string,
  topicArn: string,
  spend: Readonly<Record<string, Spend>> = {},
): Promise<ReadonlyMap<string, string>> {
  const template = TemplateSchema.parse(
    JSON.parse(readFileSync(join(assembly, 'BursarBudgets.template.json'), 'utf8')),
  );
  const carried = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Budgets::Budget')
    .map(({ Properties }) => BudgetSchema.parse(Properties));
  const names = new Map<string, string>();
  for (const budget of carried) {
    const { BudgetName, FilterExpression } = budget.Budget;
    const [{ Tags }] = FilterExpression.And;
    const [project = ''] = Tags.Values;
    await makeBudget(budgets, budget, topicArn, sumOf(Tags.Values.flatMap((one) => spend[one] ?? [])));
    // That of a team may be of one project as well.
    if (Tags.Values.length === 1 && !names.has(project)) names.set(project, BudgetName);
  }
  return names;
}

const sumOf = (spends: readonly Spend[]): Spend => {
  const sum = (of: keyof Spend): string =>
    usdToDecimal(sumUsd(spends.map((one) => parseUsd(one[of]) ?? ZERO_USD)));
  return { actual: sum('actual'), forecasted: sum('forecasted') };
};

/** Anew, where there is one: moto has no UpdateBudget, and keeps the spend that a budget is made with. */
async function makeBudget(
  budgets: BudgetsClient,
  { Budget, NotificationsWithSubscribers }: CarriedBudget,
  topicArn: string,
  { actual, forecasted }: Spend,
): Promise<void> {
  const { BudgetName, BudgetLimit } = Budget;
  await budgets.send(new DeleteBudgetCommand({ AccountId: ACCOUNT, BudgetName })).catch(() => undefined);
  await budgets.send(
    new CreateBudgetCommand({
      AccountId: ACCOUNT,
      Budget: {
        ...Budget,
        BudgetLimit: { Amount: String(BudgetLimit.Amount), Unit: BudgetLimit.Unit },
        CalculatedSpend: {
          ActualSpend: { Amount: actual, Unit: 'USD' },
          ForecastedSpend: { Amount: forecasted, Unit: 'USD' },
        },
      },
      NotificationsWithSubscribers: NotificationsWithSubscribers.map(({ Notification }) => ({
        Notification,
        Subscribers: [{ SubscriptionType: 'SNS', Address: topicArn }],
      })),
    }),
  );
}
