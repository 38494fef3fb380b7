import { atMinute, duration } from '../decide/sentences.ts';
import { holderOfDecision, policiesOf } from '../policy/levels.ts';
import { type BudgetRule, type Policy, sourceOf } from '../policy/policy.ts';
import type { BudgetNoticeDecision, FreezeDecision, UnfreezeDecision } from '../types/decision.ts';
import { formatUsd, percentage } from '../types/money.ts';
import { type Outcome, ROLES_NOT_ALLOWED, ROLES_NOT_DENIED } from '../types/outcome.ts';
import { restoreCommand } from './commands.ts';
import { sentences } from './sentences.ts';
import { asAsked, type Story } from './stop-alert.ts';
import { whoseOf } from './whose.ts';

type Spend = Pick<BudgetRule, 'of' | 'per'>;

/** Tells how much of its budget a project, team or model has spent, or is forecast to spend, and what comes after it. */
export function budgetNoticeStory(decision: BudgetNoticeDecision, policy: Policy): Story {
  const { spent, limit, threshold } = decision;
  const spend = spendOf(threshold);
  return {
    severity: spend.of !== 'forecasted' && spent >= limit ? 'critical' : 'warning',
    title: `${whoseOf(decision).title} ${VERBS[spend.of]} ${formatUsd(spent)} of ${formatUsd(limit)} ${PERIODS[spend.per]}`,
    reason: `${decision.reason} It has reached ${threshold}.`,
    next: sentences('This notice stops nothing.', ...stepsAhead(decision, spend, policy)),
  };
}

/** What a threshold is of: `100% of actual`, `80% of estimated per day`. */
function spendOf(threshold: string): Spend {
  const [, of, per] = / of (forecasted|estimated)(?: per (day|total))?$/.exec(threshold) ?? [];
  return {
    of: of === 'forecasted' || of === 'estimated' ? of : 'actual',
    per: per === 'day' || per === 'total' ? per : 'month',
  };
}

const VERBS: Readonly<Record<Spend['of'], string>> = {
  actual: 'has spent',
  forecasted: 'is forecast to spend',
  estimated: 'has spent an estimated',
};

const PERIODS: Readonly<Record<Spend['per'], string>> = {
  month: 'this month',
  day: 'today (UTC)',
  total: 'in all',
};

/** What the policies do at higher spend than now, of the same limit. */
function stepsAhead(decision: BudgetNoticeDecision, spend: Spend, policy: Policy): readonly string[] {
  const holder = holderOfDecision(decision);
  if (holder === undefined) return [];
  const { word } = whoseOf(decision);
  // AWS Budgets says nothing of a model.
  const counts = (rule: BudgetRule): boolean => word !== 'model' || sourceOf(rule) !== 'budgets';
  return policiesOf(policy, holder).flatMap(({ name, budget }) =>
    budget
      .filter(
        (rule) =>
          rule.do !== 'notify' && rule.per === spend.per && counts(rule) && isAhead(rule, decision, spend),
      )
      .map((rule) => stepSentence(rule, name, word)),
  );
}

/**
 * By its own kind of spend, a rule is ahead where it is higher. What is forecast is not spent yet, and what is
 * estimated is not billed yet: of them every rule that waits for the bill is ahead. What is billed is estimated too.
 */
function isAhead(rule: BudgetRule, { spent, limit }: BudgetNoticeDecision, spend: Spend): boolean {
  if (rule.of === 'forecasted') return false;
  const waits = spend.of === 'forecasted' || (spend.of === 'estimated' && sourceOf(rule) === 'budgets');
  return waits || rule.at > percentage(spent, limit);
}

function stepSentence(
  { at, of, per, do: action, graceSeconds }: BudgetRule,
  policy: string,
  word: string,
): string {
  const when = `At ${at}% of ${of} spend${per === 'month' ? '' : ` per ${per}`}, policy ${policy}`;
  if (action === 'freeze') {
    return `${when} freezes the ${word}${per === 'day' ? ' until the day ends' : ''}: what starts is stopped.`;
  }
  const what = of === 'estimated' ? 'those of its resources that can be brought back' : 'its resources';
  return `${when} stops ${what}${graceSeconds === 0 ? '' : `, ${duration(graceSeconds)} after people are warned`}.`;
}

/** How the enforcer begins what it says of a freeze; the title says it. */
const PLAIN_FREEZE = /^The (?:project|team|model) is frozen\./;

/** Tells that a project, team or model is frozen, which roles may launch nothing, or that it could not be. */
export function freezeStory(decision: FreezeDecision, outcome: Outcome, policy: Policy): Story {
  const { title: who, text, word } = whoseOf(decision);
  if (outcome.status === 'failed' && outcome.code === ROLES_NOT_DENIED) {
    return {
      severity: 'critical',
      title: `${who} is frozen, but some of its roles may launch still`,
      reason: `${decision.reason} ${outcome.detail}`,
      next: 'What starts is stopped all the same. The sweeps try the roles again: what AWS refused for good once a day, until the freeze ends.',
      offers: ['unfreeze'],
    };
  }
  if (outcome.status === 'failed') {
    return {
      severity: 'critical',
      title: `${who} could not be frozen`,
      reason: `${decision.reason} The freeze failed: ${outcome.code}: ${outcome.detail}`,
      next: `A person must look: what starts in this ${word} is not stopped.`,
    };
  }
  const until = atMinute(decision.until);
  if (decision.roles !== undefined) {
    return {
      severity: 'warning',
      title: `Roles of ${text} may launch nothing until ${until}`,
      reason: decision.reason,
      next: outcome.detail,
      offers: ['unfreeze'],
    };
  }
  return {
    severity: 'critical',
    title: `${who} is frozen until ${until}`,
    reason: decision.reason,
    next: sentences(
      `Until ${until}, whatever starts in ${text} under policy ${decision.rule.policy} is stopped.`,
      outcome.detail.replace(PLAIN_FREEZE, '').trim(),
      `A resource whose tag \`${policy.tags.keepUntil}\` names a later time is left alone.`,
      `An owner of the ${word === 'team' ? 'team' : 'project'} or an operator may end the freeze before.`,
    ),
    offers: ['unfreeze'],
  };
}

/** Tells that launches in a project, team or model go again, who said so, and that what was stopped stays stopped. */
export function unfreezeStory(decision: UnfreezeDecision, outcome: Outcome): Story {
  const { by, reason, roles } = decision;
  const { title: name, text, word } = whoseOf(decision);
  const asked = isPerson(by) ? asAsked(by) : '';
  switch (outcome.status) {
    case 'failed':
      return {
        severity: outcome.retry ? 'warning' : 'critical',
        title:
          outcome.code === ROLES_NOT_ALLOWED
            ? `${name} is not frozen, but some of its roles may launch nothing still`
            : `${name} could not be unfrozen${asked}`,
        reason: sentences(reason, `${outcome.code}: ${outcome.detail}`),
        next: `A person must look: launches in this ${word} may be refused or stopped still.`,
      };
    case 'skipped':
      return {
        severity: 'info',
        title: `${name} was not unfrozen${asked}`,
        reason: sentences(reason, outcome.detail),
        next: 'Nothing was changed.',
      };
    case 'taken':
      if (roles !== undefined) {
        return {
          severity: 'info',
          title: `Roles of ${text} may launch again`,
          reason,
          next: outcome.detail,
        };
      }
      return {
        severity: isPerson(by) ? 'warning' : 'info',
        title: `${name} is no longer frozen${asked}`,
        reason: sentences(reason, outcome.detail),
        next: staysStopped(decision),
      };
  }
}

/** False where the freeze has ended by itself. A person's name is followed by where they asked. */
const isPerson = (by: string): boolean => / \((Slack|command line)\b/.test(by);

/** One sentence or command a line. */
function staysStopped({ project, holder }: UnfreezeDecision): string {
  const { word } = whoseOf({ project, ...(holder === undefined ? {} : { holder }) });
  // A project as a whole can be restored by one command.
  const command = holder === undefined && project !== undefined ? restoreCommand(project) : undefined;
  return [
    `What starts in the ${word} from now on is left running, and its budget rules go on. What Bursar stopped stays stopped until someone restores it.`,
    ...(command === undefined ? [] : [`All of it: \`${command}\``]),
  ].join('\n');
}
