import type { BudgetRule, NamedPolicy } from '../policy/policy.ts';
import type { StopDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { spendText, thresholdText } from './budget.ts';
import { atMinute } from './sentences.ts';

/** The stop of what runs in a frozen project; the same whoever comes upon it first, a launch or a sweep. */
export const freezeStop = (
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  { rule, until }: { readonly rule: BudgetRule; readonly until: Date },
): StopDecision => ({
  action: 'stop',
  trigger: 'freeze',
  key: `freeze/${project}/${until.toISOString()}/${resource.arn}/${resource.since.toISOString()}`,
  project,
  target: resource,
  rule: { policy: matched.name, rule: `budget ${thresholdText(rule)}: freeze` },
  reason: `Project ${project} is frozen until ${atMinute(until)}: it has passed ${spendText(rule)}.`,
  expires: until,
});
