import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type BudgetThreshold, budgetName, budgetThresholds } from '../policy/policy.ts';
import { usdToDecimal } from '../types/money.ts';
import { NOT_SPEND, SPEND_METRIC } from '../types/spend-basis.ts';
import { readPolicy } from './policy-asset.ts';

export interface ProjectBudgetsProps {
  /** Path of `bursar.yaml`. */
  readonly policyFile: string;
  /** Where AWS Budgets publishes; it must let `budgets.amazonaws.com` do so. */
  readonly signalsTopic: ITopic;
}

/**
 * One monthly AWS Budget for each project of the policy that has one: filtered by the project tag, with the
 * thresholds of the policies that apply to it, gross of credits as the meter's. The tag must be activated as a cost
 * allocation tag.
 */
export class ProjectBudgets extends Construct {
  constructor(scope: Construct, id: string, { policyFile, signalsTopic }: ProjectBudgetsProps) {
    super(scope, id);
    const policy = readPolicy(policyFile);
    for (const { name, budget } of Object.values(policy.projects)) {
      const thresholds = budgetThresholds(policy, name);
      if (budget === undefined) continue;
      new CfnBudget(this, name, {
        budget: {
          budgetName: budgetName(policy, name),
          budgetType: 'COST',
          timeUnit: 'MONTHLY',
          budgetLimit: { amount: Number(usdToDecimal(budget)), unit: 'USD' },
          // AWS takes a filter expression only together with the metric that it filters.
          metrics: [SPEND_METRIC],
          filterExpression: {
            and: [
              { tags: { key: policy.tags.project, values: [name] } },
              { not: { dimensions: notSpend() } },
            ],
          },
        },
        notificationsWithSubscribers: thresholds.map((threshold) => notification(threshold, signalsTopic)),
      });
    }
  }
}

const notSpend = (): CfnBudget.ExpressionDimensionValuesProperty => ({
  key: NOT_SPEND.dimension,
  values: [...NOT_SPEND.values],
});

const notification = (
  { at, of }: BudgetThreshold,
  topic: ITopic,
): CfnBudget.NotificationWithSubscribersProperty => ({
  notification: {
    notificationType: of === 'actual' ? 'ACTUAL' : 'FORECASTED',
    comparisonOperator: 'GREATER_THAN',
    threshold: at,
    thresholdType: 'PERCENTAGE',
  },
  subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
});
