import { atMinute, duration } from '../decide/sentences.ts';
import { type Policy, policiesFor } from '../policy/policy.ts';
import type { BudgetNoticeDecision, FreezeDecision, UnfreezeDecision } from '../types/decision.ts';
import { formatUsd, percentage } from '../types/money.ts';
import type { Outcome } from '../types/outcome.ts';
import { oneLine } from './characters.ts';
import type { Story } from './stop-alert.ts';

/** Tells how much of its budget a project has spent, or is forecast to spend, and what comes after it. */
export function budgetNoticeStory(decision: BudgetNoticeDecision, policy: Policy): Story {
  const { spent, limit, threshold } = decision;
  const project = oneLine(decision.project);
  const amounts = `${formatUsd(spent)} of ${formatUsd(limit)}`;
  const forecast = threshold.endsWith('of forecasted');
  return {
    severity: !forecast && spent >= limit ? 'critical' : 'warning',
    title: forecast
      ? `${project} is forecast to spend ${amounts} this month`
      : `${project} has spent ${amounts} this month`,
    reason: `${decision.reason} It has reached ${threshold}.`,
    next: ['This notice stops nothing.', ...stepsAhead(decision, forecast, policy)].join(' '),
  };
}

/** What the policies do at higher actual spend than now. */
function stepsAhead(
  { project, spent, limit }: BudgetNoticeDecision,
  forecast: boolean,
  policy: Policy,
): readonly string[] {
  const applies = (at: number): boolean => forecast || at > percentage(spent, limit);
  return policiesFor(policy, project).flatMap(({ name, budget }) =>
    budget
      .filter((rule) => rule.of === 'actual' && rule.do !== 'notify' && applies(rule.at))
      .map((rule) =>
        rule.do === 'stop'
          ? `At ${rule.at}% of actual spend, policy ${name} stops its resources${rule.graceSeconds === 0 ? '' : `, ${duration(rule.graceSeconds)} after people are warned`}.`
          : `At ${rule.at}% of actual spend, policy ${name} freezes the project: what starts is stopped.`,
      ),
  );
}

/** Tells that a project is frozen, or that it could not be. */
export function freezeStory(decision: FreezeDecision, outcome: Outcome, policy: Policy): Story {
  const project = oneLine(decision.project);
  if (outcome.status === 'failed') {
    return {
      severity: 'critical',
      title: `${project} could not be frozen`,
      reason: `${decision.reason} The freeze failed: ${outcome.code}: ${outcome.detail}`,
      next: 'A person must look: what starts in this project is not stopped.',
    };
  }
  return {
    severity: 'critical',
    title: `${project} is frozen until ${atMinute(decision.until)}`,
    reason: decision.reason,
    next:
      `Until ${atMinute(decision.until)}, whatever starts in ${project} under policy ${decision.rule.policy} is stopped. ` +
      `A resource whose tag \`${policy.tags.keepUntil}\` names a later time is left alone.`,
  };
}

/** Tells that what starts in a project is no longer stopped, who said so, and that what was stopped stays so. */
export function unfreezeStory({ project, by, reason }: UnfreezeDecision, outcome: Outcome): Story {
  const name = oneLine(project);
  const who = oneLine(by);
  switch (outcome.status) {
    case 'failed':
      return {
        severity: 'critical',
        title: `${name} could not be unfrozen, though ${who} asked`,
        reason: `${reason} ${outcome.code}: ${outcome.detail}`,
        next: 'A person must look: launches in this project may still be refused.',
      };
    case 'skipped':
      return {
        severity: 'info',
        title: `${name} was not unfrozen, though ${who} asked`,
        reason: `${reason} ${outcome.detail}`,
        next: 'Nothing was changed.',
      };
    case 'taken':
      return {
        severity: 'warning',
        title: `${name} is no longer frozen: ${who} unfroze it`,
        reason: `${reason} ${outcome.detail}`,
        next: 'What starts is left running.',
      };
  }
}
