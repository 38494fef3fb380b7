import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { holderOf, projectsOfTeam, thresholdsOf } from '../policy/levels.ts';
import {
  type BudgetThreshold,
  budgetName,
  budgetThresholds,
  type Policy,
  teamBudgetName,
} from '../policy/policy.ts';
import { type Usd, usdToDecimal } from '../types/money.ts';
import { NOT_SPEND, SPEND_METRIC } from '../types/spend-basis.ts';
import { readPolicy } from './policy-asset.ts';

export interface ProjectBudgetsProps {
  /** Path of `bursar.yaml`. */
  readonly policyFile: string;
  /** Where AWS Budgets publishes; it must let `budgets.amazonaws.com` do so. */
  readonly signalsTopic: ITopic;
}

/**
 * One monthly AWS Budget for each project and each team of the policy that has one: filtered by the project tag, of a team
 * by all its projects, with the thresholds of the policies that apply to it, gross of credits as the meter's. The tag must
 * be activated as a cost allocation tag. Models go by the meter alone.
 */
export class ProjectBudgets extends Construct {
  constructor(scope: Construct, id: string, { policyFile, signalsTopic }: ProjectBudgetsProps) {
    super(scope, id);
    const policy = readPolicy(policyFile);
    for (const { id: own, name, projects, limit, thresholds } of budgetsOf(policy)) {
      new CfnBudget(this, own, {
        budget: {
          budgetName: name,
          budgetType: 'COST',
          timeUnit: 'MONTHLY',
          budgetLimit: { amount: Number(usdToDecimal(limit)), unit: 'USD' },
          // AWS takes a filter expression only together with the metric that it filters.
          metrics: [SPEND_METRIC],
          filterExpression: {
            and: [
              { tags: { key: policy.tags.project, values: [...projects] } },
              { not: { dimensions: notSpend() } },
            ],
          },
        },
        notificationsWithSubscribers: thresholds.map((threshold) => notification(threshold, signalsTopic)),
      });
    }
  }
}

interface OwnBudget {
  /** Of the construct: a project's name, or a team's after `team:`, which no project's name can begin with. */
  readonly id: string;
  readonly name: string;
  readonly projects: readonly string[];
  readonly limit: Usd;
  readonly thresholds: readonly BudgetThreshold[];
}

function budgetsOf(policy: Policy): readonly OwnBudget[] {
  const ofProjects = Object.values(policy.projects).flatMap(({ name, budget }): readonly OwnBudget[] =>
    budget === undefined
      ? []
      : [
          {
            id: name,
            name: budgetName(policy, name),
            projects: [name],
            limit: budget,
            thresholds: budgetThresholds(policy, name),
          },
        ],
  );
  const ofTeams = Object.values(policy.teams).flatMap(({ name, budget }): readonly OwnBudget[] => {
    const projects = projectsOfTeam(policy, name);
    if (budget === undefined || projects.length === 0) return [];
    const id = holderOf({ level: 'team', team: name });
    const thresholds = thresholdsOf(policy, id);
    return [{ id, name: teamBudgetName(name, thresholds), projects, limit: budget, thresholds }];
  });
  return [...ofProjects, ...ofTeams];
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
