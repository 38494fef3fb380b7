export { BudgetEnforcer, type BudgetEnforcerProps } from './budget-enforcer.ts';
export { BudgetsStack, type BudgetsStackProps } from './budgets-stack.ts';
export { EnforcerStack, type EnforcerStackProps } from './enforcer-stack.ts';
export { LaunchEvents, type LaunchEventsProps } from './launch-events.ts';
export { LaunchEventsStack, type LaunchEventsStackProps } from './launch-events-stack.ts';
export type { LaunchGuard } from './launch-guard.ts';
export { ProjectBudgets, type ProjectBudgetsProps } from './project-budgets.ts';
export { ScpStack, type ScpStackProps } from './scp-stack.ts';
export type { SlackParts } from './slack-parts.ts';
