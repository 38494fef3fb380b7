import { type Policy, tagOf } from '../policy/policy.ts';
import type { AlertItem } from '../types/alert.ts';
import type { HoldDecision } from '../types/decision.ts';
import { usdToDecimal } from '../types/money.ts';
import type { Outcome, Result } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';

/** The resources that a result is about, as an alert shows them; none for a project's budget. */
export function itemsOf({ decision, outcome }: Result, policy: Policy): readonly AlertItem[] {
  switch (decision.action) {
    case 'budget-notice':
    case 'freeze':
    case 'unfreeze':
    case 'release':
    case 'approve':
    case 'burn-rate':
    case 'spend-anomaly':
    case 'weekly':
    case 'canary':
      return [];
    case 'hold':
      return decision.targets.map((target) => ({
        ...resourceFields(target, policy),
        requested: decision.action,
        status: 'none' as const,
        reason: decision.reason,
        rule: HOLD_RULES[decision.cause],
      }));
    case 'stop':
    case 'warn':
    case 'notify':
      return [
        {
          ...resourceFields(decision.target, policy),
          ...outcomeFields(outcome, decision.action),
          requested: decision.action,
          reason: decision.reason,
          rule: `${decision.rule.policy}: ${decision.rule.rule}`,
          ...(decision.action === 'warn' ? { stopAt: decision.stopAt.toISOString() } : {}),
        },
      ];
    case 'restore':
    case 'keep':
      return [
        {
          ...resourceFields(decision.target, policy),
          ...outcomeFields(outcome, decision.action),
          requested: decision.action,
          reason: decision.reason,
          rule: `asked by ${decision.by}`,
        },
      ];
    case 'tag':
      return [
        {
          ...resourceFields(decision.target, policy),
          ...outcomeFields(outcome, decision.action),
          requested: decision.action,
          reason: decision.reason,
          rule: 'untagged',
        },
      ];
  }
}

const HOLD_RULES: Readonly<Record<HoldDecision['cause'], string>> = {
  'blast-radius': 'limits',
  'implausible-amount': 'implausible amount',
  'metrics-outage': 'metrics outage',
  unapproved: 'approval: required',
};

function resourceFields(resource: Resource, policy: Policy) {
  // Where nobody owns it, whoever made it is the one to ask.
  const owner = tagOf(resource.tags, policy.tags.owner) ?? tagOf(resource.tags, policy.tags.creator);
  return {
    arn: resource.arn,
    id: resource.id,
    kind: resource.kind,
    region: resource.region,
    size: resource.size,
    ...(owner === undefined ? {} : { owner }),
    ...(resource.hourly === undefined ? {} : { hourly: usdToDecimal(resource.hourly) }),
  };
}

/** Of a warning or a notice that was given there is nothing to tell: it takes nothing. */
function outcomeFields(outcome: Outcome, requested: Exclude<AlertItem['requested'], 'hold'>) {
  switch (outcome.status) {
    case 'taken':
      return requested === 'warn' || requested === 'notify'
        ? { status: 'none' as const }
        : {
            status: 'taken' as const,
            detail: outcome.detail,
            ...(outcome.restorable === undefined ? {} : { restorable: outcome.restorable }),
          };
    case 'skipped':
    case 'failed':
      return { status: outcome.status, code: outcome.code, detail: outcome.detail };
  }
}
