import { levelTitle } from '../policy/levels.ts';
import type { BudgetRule, NamedPolicy } from '../policy/policy.ts';
import type { StopDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { ofHolder, spendText, thresholdText } from './budget.ts';
import { atMinute } from './sentences.ts';

/** The stop of what runs in a frozen project, team or model; the same whoever comes upon it first, a launch or a sweep. */
export const freezeStop = (
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  {
    holder,
    rule,
    until,
  }: {
    /** Who is frozen. */
    readonly holder: string;
    readonly rule: BudgetRule;
    readonly until: Date;
  },
): StopDecision => ({
  action: 'stop',
  trigger: 'freeze',
  key: `freeze/${holder}/${until.toISOString()}/${resource.arn}/${resource.since.toISOString()}`,
  ...ofHolder(holder, project),
  target: resource,
  rule: { policy: matched.name, rule: `budget ${thresholdText(rule)}: freeze` },
  reason: `${levelTitle(holder)} is frozen until ${atMinute(until)}: it has passed ${spendText(rule)}.`,
  expires: until,
});
