export { BudgetEnforcer, type BudgetEnforcerProps, type SlackParts } from './budget-enforcer.ts';
export { BudgetsStack, type BudgetsStackProps } from './budgets-stack.ts';
export { EnforcerStack, type EnforcerStackProps } from './enforcer-stack.ts';
export { ProjectBudgets, type ProjectBudgetsProps } from './project-budgets.ts';
