import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ProjectBudgets, type ProjectBudgetsProps } from './project-budgets.ts';

export interface BudgetsStackProps extends StackProps, ProjectBudgetsProps {}

/**
 * The AWS Budgets of all projects, a stack of their own, so that they can be changed and removed without the
 * enforcer. AWS Budgets publishes to a topic of its own account only.
 */
export class BudgetsStack extends Stack {
  constructor(scope: Construct, id: string, props: BudgetsStackProps) {
    super(scope, id, props);
    new ProjectBudgets(this, 'Budgets', props);
  }
}
