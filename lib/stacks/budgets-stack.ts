import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ProjectBudgets, type ProjectBudgetsProps } from './project-budgets.ts';

export interface BudgetsStackProps extends StackProps, ProjectBudgetsProps {}

/**
 * The AWS Budgets of all projects, a stack of their own: they live where costs are seen, which may be
 * another account than the one that is watched.
 */
export class BudgetsStack extends Stack {
  constructor(scope: Construct, id: string, props: BudgetsStackProps) {
    super(scope, id, props);
    new ProjectBudgets(this, 'Budgets', props);
  }
}
