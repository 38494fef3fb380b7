import { DETECTION_SECONDS, worstCase } from '../meter/limits.ts';
import {
  budgetsOf,
  levelTitle,
  levelWord,
  policiesOf,
  projectHolder,
  projectOfHolder,
  thresholdsOf,
} from '../policy/levels.ts';
import {
  type BudgetRule,
  type Budgets,
  type BudgetThreshold,
  matchPolicy,
  type NamedPolicy,
  type Policy,
  projectOf,
  ruleId,
  sourceOf,
} from '../policy/policy.ts';
import type {
  BudgetNoticeDecision,
  Decision,
  FreezeDecision,
  HoldDecision,
  StopDecision,
  Verdict,
  WarnDecision,
} from '../types/decision.ts';
import { formatUsd, largerUsd, microUsd, percentage, percentOf, sumUsd, type Usd } from '../types/money.ts';
import { fleetHourly, type Resource, startOf } from '../types/resource.ts';
import type { BudgetReading, SpendSource } from '../types/spend.ts';
import { wholeMinute } from './announcement.ts';
import { isPolicyApproved } from './approval.ts';
import { exemption, type Keeping } from './exempt.ts';
import { HOLD_SHOWS } from './limits.ts';
import { periodStart, readingEnd } from './period.ts';
import { atMinute, duration } from './sentences.ts';

/** What was reached in this period, and how the freeze of its holder stands. */
export interface Passed {
  /** When rules that stop were first reached in this period, by `ruleId`. */
  readonly reached: ReadonlyMap<string, Date>;
  /** What starts in it is stopped until then; absent = it is not frozen. */
  readonly frozenUntil?: Date | undefined;
  /** When somebody last ended a freeze that would not be over yet; absent = nobody did. */
  readonly unfrozenAt?: Date | undefined;
}

export interface BudgetInput extends Keeping, Passed {
  /** Confirmed with AWS, never the figures of the message; or the meter's. */
  readonly reading: BudgetReading;
  /** Notifications of the budget that AWS says are in ALARM. */
  readonly alarms: readonly BudgetThreshold[];
  /** The breach of the same holder and source that was enforced last; `undefined` = none of this period. */
  readonly enforced: BudgetReading | undefined;
  /** The resources that count for the holder of the limit (`resourcesOf`). */
  readonly resources: readonly Resource[];
}

export interface BudgetDecided {
  readonly decisions: readonly Decision[];
  readonly verdicts: readonly Verdict[];
  /** True where a rule that stops or freezes is newly reached: the sweep must finish what this one cannot. */
  readonly breached: boolean;
  /** Rules that stop, are reached and are not in `reached` yet: to be remembered first. */
  readonly newlyReached: readonly string[];
  /** Rules of `reached` with a grace period that are reached no more: the spend has fallen. */
  readonly fallen: readonly string[];
  /** True where the spend has fallen below a rule that was enforced: nothing more is owed or undone for it. */
  readonly lapsed: boolean;
}

/** An amount this many times what the budget and the fleet explain is taken for a billing error. */
const IMPLAUSIBLE_FACTOR = 10n;
/** The same early in a month, when the figure may be last month's: hardly more than the fleet can have cost. */
const EARLY_FACTOR = 2n;
/** Hours after the month has turned in which the spend that AWS reports may be last month's. */
const STALE_HOURS = 48;
/** For so long after a breach its stops are the enforcer's business; what then still runs is owed. */
export const ENFORCER_HAS_MS = 10 * 60_000;

/**
 * What a budget reading asks for: a notice for the highest threshold that is reached, a stop for each
 * resource whose own policy says so, a freeze. An amount that the fleet cannot explain is held for a human.
 */
export function decideBudget(input: BudgetInput): BudgetDecided {
  const { policy, reading, alarms, resources } = input;
  const implausible = implausibleAmount(input);
  if (implausible !== undefined) {
    return {
      decisions: [implausible],
      verdicts: [],
      breached: false,
      newlyReached: [],
      fallen: [],
      lapsed: false,
    };
  }

  const changes = reachedRules(input);
  const decisions: Decision[] = notices(policy, reading, alarms);
  const frozen = freezes(input);
  if (isEnforced(input)) {
    // Its stops are owed until they are carried out, and so is its freeze: the queue may have lost it.
    const lost = frozen.filter(({ until }) => input.frozenUntil === undefined || input.frozenUntil < until);
    return { decisions: [...decisions, ...lost], verdicts: [], breached: false, ...changes };
  }
  decisions.push(...frozen);
  const verdicts: Verdict[] = [];
  let breached = frozen.length > 0 || isNewlyBreached(input);
  const rulesOf = once((matched: NamedPolicy) => enforcedRules(matched, reading, policy));
  const whyWithin = once((matched: NamedPolicy | undefined) => within(matched, reading, policy));
  for (const resource of resources) {
    const matched = matchPolicy(policy, resource.tags);
    const rules = matched === undefined ? [] : rulesOf(matched);
    const highest = rules.at(-1);
    if (matched === undefined || highest === undefined) {
      verdicts.push({ resource, ...whyWithin(matched) });
      continue;
    }
    const asking = rules.filter((rule) => !startedSince(resource, rule, matched, input));
    if (asking.length === 0) {
      const why = `It was started after ${highest.at}% of ${highest.of} spend was enforced, and that is enforced once a month.`;
      verdicts.push({ resource, policy: matched.name, verdict: 'within-budget', why });
      continue;
    }
    breached = true;
    const kept = exemption(resource, matched, input);
    if (resource.state !== 'running') {
      verdicts.push({
        resource,
        policy: matched.name,
        verdict: 'not-running',
        why: `It is ${resource.state}.`,
      });
    } else if (kept !== undefined) {
      verdicts.push({ resource, policy: matched.name, verdict: 'exempt', why: kept.why });
    } else if (waitsForBill(resource, reading.source)) {
      verdicts.push({ resource, policy: matched.name, verdict: 'exempt', why: WAITS });
    } else {
      const stop = budgetStop({ resource, matched, rules: asking, breach: reading }, input);
      if (comesTooLate(stop, reading)) {
        const why = `${stop.decision.reason} Its grace period ends after ${atMinute(readingEnd(reading))}, and so with another period.`;
        verdicts.push({ resource, policy: matched.name, verdict: 'within-budget', why });
      } else if (stop.warning === undefined) decisions.push(stop.decision);
      else if (stop.warning.stopAt > input.now) decisions.push(stop.warning);
      else verdicts.push({ resource, policy: matched.name, verdict: 'held', why: announced(stop.warning) });
    }
  }
  return { decisions, verdicts, breached, ...changes };
}

/**
 * True where all that is reached was enforced already. A budget stops what runs when it is passed, once: who
 * starts something later has decided so, and only a freeze overrules it.
 */
function isEnforced({ policy, reading, enforced, now }: BudgetInput): boolean {
  if (enforced === undefined || enforced.period !== reading.period) return false;
  // A message of AWS Budgets that comes twice in these minutes gives the same stops again, which is harmless. The meter
  // is read more often than that, and what it could not queue the sweep owes.
  if (reading.source === 'budgets' && now.getTime() - enforced.asOf.getTime() < ENFORCER_HAS_MS) return false;
  return policiesOf(policy, reading.holder)
    .flatMap((matched) => enforcedRules(matched, reading, policy))
    .every((rule) => isReached(enforced, rule, policy));
}

/** True where a rule is reached that was not before, whether or not anything runs: launches go by that as well. */
function isNewlyBreached({ policy, reading, enforced }: BudgetInput): boolean {
  const before = enforced?.period === reading.period ? enforced : undefined;
  return policiesOf(policy, reading.holder)
    .flatMap((matched) => enforcedRules(matched, reading, policy))
    .some((rule) => before === undefined || !isReached(before, rule, policy));
}

/** What is lost for good when it is stopped is stopped for what AWS has billed alone: an estimate may be wrong. */
export const waitsForBill = ({ consent }: Resource, source: SpendSource): boolean =>
  source !== 'budgets' && (consent === 'terminate-spot' || consent === 'stop-jobs');

const WAITS = 'What cannot be brought back is not stopped for estimated spend, only for what AWS has billed.';

/** True where this very rule was enforced before the resource was started; a freeze is for what starts later. */
function startedSince(
  resource: Resource,
  rule: BudgetRule,
  matched: NamedPolicy,
  input: BudgetInput,
): boolean {
  const { policy, reading, enforced } = input;
  const first = isForLaunches(rule, matched, input) ? undefined : firstReached(rule, matched, input);
  if (first !== undefined && startOf(resource) > first) return true;
  if (enforced === undefined || enforced.period !== reading.period) return false;
  return isReached(enforced, rule, policy) && !concerns(rule, matched, resource, enforced, input);
}

/** True of a freeze, until somebody ends it: for the rest of the period it then is a stop of what ran, like any other. */
const isForLaunches = (rule: BudgetRule, matched: NamedPolicy, passed: Passed): boolean =>
  rule.do === 'freeze' && !isPassedOver(rule, matched, passed);

/**
 * True of a rule that had been reached when somebody ended the freeze of its project: they knew of it, so it freezes
 * nothing more, and launches that it would undo are left running.
 */
export function isPassedOver(rule: BudgetRule, matched: NamedPolicy, passed: Passed): boolean {
  const first = firstReached(rule, matched, passed);
  return first !== undefined && passed.unfrozenAt !== undefined && first <= passed.unfrozenAt;
}

/**
 * When a share of the month's budget was first reached, whichever figure showed it, billed or estimated: it is enforced
 * once. `undefined` = it was not yet. The policy may ask for something else, or nothing, at the other figure: then that
 * says nothing.
 */
function firstReached(rule: BudgetRule, matched: NamedPolicy, { reached }: Passed): Date | undefined {
  const twin = twinOf(rule, matched);
  return [rule, ...(twin === undefined ? [] : [twin])]
    .flatMap((one) => reached.get(ruleId(one)) ?? [])
    .reduce<Date | undefined>((first, at) => (first === undefined || at < first ? at : first), undefined);
}

/** The rule for the same share by the other figure. */
function twinOf(rule: BudgetRule, { budget }: NamedPolicy): BudgetRule | undefined {
  if (rule.per !== 'month') return undefined;
  const other = rule.of === 'actual' ? 'estimated' : 'actual';
  return budget.find(
    (one) =>
      one.of === other &&
      one.per === 'month' &&
      one.at === rule.at &&
      (rule.do === 'freeze' ? one.do === 'freeze' : one.do !== 'notify'),
  );
}

/**
 * Of the rules for one share, by the bill and by the estimate, the one that was reached first: its stop is theirs both.
 * Not every kind tells when it was last started, and what somebody has restored must not be stopped anew by the other.
 */
function firstOf(rule: BudgetRule, matched: NamedPolicy, reached: ReadonlyMap<string, Date>): BudgetRule {
  const twin = twinOf(rule, matched);
  const [own, other] = [reached.get(ruleId(rule)), twin && reached.get(ruleId(twin))];
  return twin !== undefined && other !== undefined && (own === undefined || other < own) ? twin : rule;
}

/**
 * True of what ran when the rule was enforced: when it was first reached, since a later breach may be that of another
 * rule. A freeze is for what starts later as well.
 */
function concerns(
  rule: BudgetRule,
  matched: NamedPolicy,
  resource: Resource,
  breach: BudgetReading,
  passed: Passed,
): boolean {
  if (isForLaunches(rule, matched, passed)) return true;
  const first = firstReached(rule, matched, passed);
  return startOf(resource) <= (first !== undefined && first < breach.asOf ? first : breach.asOf);
}

/** An announced stop is the sweep's: it looks at the minute, and knows whether people were told. */
const announced = ({ stopAt }: WarnDecision): string =>
  `Its stop was announced for ${atMinute(stopAt)}; the sweep of that minute decides.`;

/** Which rules have come since they were remembered, and which of those with a grace period have gone. */
function reachedRules({
  policy,
  reading,
  reached,
  enforced,
  frozenUntil,
  now: at,
}: BudgetInput): Pick<BudgetDecided, 'newlyReached' | 'fallen' | 'lapsed'> {
  const policies = policiesOf(policy, reading.holder);
  const now = new Set(policies.flatMap((matched) => enforcedRules(matched, reading, policy)).map(ruleId));
  const isAnnounced = (rule: BudgetRule): boolean => hasGrace(rule) && sourceOf(rule) === reading.source;
  const announced = new Set(policies.flatMap(({ budget }) => budget.filter(isAnnounced)).map(ruleId));
  const before =
    enforced?.period === reading.period
      ? policies.flatMap((matched) => enforcedRules(matched, enforced, policy))
      : [];
  const isFrozen = frozenUntil !== undefined && frozenUntil > at;
  // No spend at all is what AWS says for some hours after a budget was changed; it does not take money back.
  const isKnown = reading.actual !== 0n;
  return {
    newlyReached: [...now].filter((id) => !reached.has(id)),
    fallen: isKnown ? [...reached.keys()].filter((id) => announced.has(id) && !now.has(id)) : [],
    // A freeze lasts until its period or a person ends it.
    lapsed: isKnown && !isFrozen && before.some((rule) => !now.has(ruleId(rule))),
  };
}

/** True of a rule whose stops are announced. */
export const hasGrace = ({ graceSeconds }: BudgetRule): boolean => graceSeconds > 0;

/** A stop for a budget. `warning`: it has a grace period, comes at `warning.stopAt`, and only if that was told. */
export interface BudgetStop {
  readonly decision: StopDecision;
  readonly warning: WarnDecision | undefined;
  /** `ruleId` of the rule that asks for it. */
  readonly ruleId: string;
}

/**
 * The stop that a breach asks of one resource, running and not exempt; `undefined` where its policy asks for
 * none. The amount was found plausible when the breach was marked: one resource alone never explains it.
 */
export function owedBudgetStop(
  resource: Resource,
  matched: NamedPolicy,
  breach: BudgetReading,
  times: Passed & Pick<BudgetInput, 'policy'>,
): BudgetStop | undefined {
  if (waitsForBill(resource, breach.source)) return undefined;
  const rules = enforcedRules(matched, breach, times.policy).filter((rule) =>
    concerns(rule, matched, resource, breach, times),
  );
  if (rules.length === 0) return undefined;
  const stop = budgetStop({ resource, matched, rules, breach }, times);
  return comesTooLate(stop, breach) ? undefined : stop;
}

/** True of an announced stop that would come once the limit counts anew. */
const comesTooLate = ({ warning }: BudgetStop, breach: BudgetReading): boolean =>
  warning !== undefined && warning.stopAt >= readingEnd(breach);

/** The limit that counts: where the reading and the policy differ, a deploy is under way; the larger one stops less. */
export function effectiveLimit(reading: BudgetReading, policy: Policy): Usd {
  const budgets = budgetsOf(policy, reading.holder);
  const wanted = budgets === undefined ? undefined : limitOf(budgets, reading.source);
  return wanted === undefined ? reading.limit : largerUsd(wanted, reading.limit);
}

/** The limit that readings of a source are held against; `undefined` = there is none. */
function limitOf({ budget, daily, total }: Budgets, source: SpendSource): Usd | undefined {
  switch (source) {
    case 'budgets':
    case 'meter':
      return budget;
    case 'meter-day':
      return daily;
    case 'meter-total':
      return total?.limit;
  }
}

function spentOf({ actual, forecasted, meter }: BudgetReading, of: BudgetRule['of']): Usd | undefined {
  switch (of) {
    case 'actual':
      return actual;
    case 'forecasted':
      return forecasted;
    case 'estimated':
      return meter && sumUsd([meter.billed, meter.estimated]);
  }
}

/** Reached at exactly the threshold, in whole micro-dollars. A zero limit is reached by any spend. */
function isReached(reading: BudgetReading, rule: BudgetThreshold, policy: Policy): boolean {
  if (sourceOf(rule) !== reading.source) return false;
  const spent = spentOf(reading, rule.of);
  return spent !== undefined && spent > 0n && spent >= percentOf(effectiveLimit(reading, policy), rule.at);
}

/** The rules of the policy that take resources out of service and are reached, ascending; a forecast is not spend. */
export const enforcedRules = (
  matched: NamedPolicy,
  reading: BudgetReading,
  policy: Policy,
): readonly BudgetRule[] =>
  matched.budget.filter(
    (rule) => rule.of !== 'forecasted' && rule.do !== 'notify' && isReached(reading, rule, policy),
  );

interface Breached {
  readonly resource: Resource;
  readonly matched: NamedPolicy;
  /** Those that ask for the stop, ascending, at least one. */
  readonly rules: readonly BudgetRule[];
  readonly breach: BudgetReading;
}

/**
 * Whose limit a decision is for, as decisions say it: the project, and the holder where that is not the project itself.
 * @param project of the one resource that it is about; absent = it is about no single one
 */
export function ofHolder(
  holder: string,
  project: string | undefined = projectOfHolder(holder),
): { readonly project: string | undefined; readonly holder?: string } {
  const isProject = project !== undefined && projectHolder(project) === holder;
  return isProject ? { project } : { project, holder };
}

/** When the grace of a rule ends, to the minute that people are told. */
export const graceEnd = (rule: BudgetRule, breach: BudgetReading, reached: ReadonlyMap<string, Date>): Date =>
  wholeMinute(new Date((reached.get(ruleId(rule)) ?? breach.asOf).getTime() + rule.graceSeconds * 1000));

/** By the rule whose stop comes first, and of several the highest. */
function budgetStop(
  { resource, matched, rules, breach }: Breached,
  { policy, reached }: Pick<BudgetInput, 'policy' | 'reached'>,
): BudgetStop {
  const timed = rules
    .map((rule) => ({ rule, at: !hasGrace(rule) ? 0 : graceEnd(rule, breach, reached).getTime() }))
    .toSorted((a, b) => a.at - b.at || b.rule.at - a.rule.at);
  const [first] = timed;
  if (first === undefined) throw new Error('a budget stop needs a rule that asks for it');
  const { rule, at } = first;
  const of = {
    trigger: 'budget' as const,
    ...ofHolder(breach.holder, projectOf(policy, resource.tags)),
    target: resource,
    rule: { policy: matched.name, rule: `budget ${thresholdText(rule)}: ${rule.do}` },
  };
  const spent = spendSentence(breach, rule.of, policy);
  const key = `${breach.holder}/${breach.period}/${ruleId(firstOf(rule, matched, reached))}/${resource.arn}`;
  const decision: StopDecision = {
    ...of,
    action: 'stop',
    key: `budget/${key}`,
    reason: `${spent} Policy ${matched.name} stops at ${spendText(rule)}.`,
    expires: readingEnd(breach),
  };
  if (!hasGrace(rule)) return { decision, warning: undefined, ruleId: ruleId(rule) };
  const stopAt = new Date(at);
  return {
    ruleId: ruleId(rule),
    decision: {
      ...decision,
      reason: `${decision.reason} It was announced for ${atMinute(stopAt)}.`,
    },
    warning: {
      ...of,
      action: 'warn',
      stopAt,
      key: `warn-budget/${key}/${stopAt.toISOString()}`,
      reason: `${spent} Policy ${matched.name} stops at ${spendText(rule)}, ${duration(rule.graceSeconds)} after it was reached.`,
    },
  };
}

/** `100% of actual`, `100% of estimated per day`: as the policy file says it. */
export const thresholdText = ({ at, of, per }: BudgetThreshold): string =>
  `${at}% of ${of}${per === 'month' ? '' : ` per ${per}`}`;

/** `100% of actual spend`, `80% of estimated spend per day`. */
export const spendText = ({ at, of, per }: BudgetThreshold): string =>
  `${at}% of ${of} spend${per === 'month' ? '' : ` per ${per}`}`;

/** `Project recsys has spent $12,400.00 of its $12,000.00 for the month (103.3%).` */
export function spendSentence(reading: BudgetReading, of: BudgetRule['of'], policy: Policy): string {
  const limit = effectiveLimit(reading, policy);
  const spent = spentOf(reading, of) ?? microUsd(0n);
  const share = `${formatUsd(spent)} of its ${formatUsd(limit)} ${periodText(reading, policy)} (${percentage(spent, limit)}%)`;
  const { meter } = reading;
  if (meter === undefined) {
    return `${levelTitle(reading.holder)} ${of === 'forecasted' ? 'is forecast to spend' : 'has spent'} ${share}.`;
  }
  const beyond = formatUsd(worstCase(meter.burn, DETECTION_SECONDS));
  return (
    `${levelTitle(reading.holder)} has spent an estimated ${share}: ${formatUsd(meter.billed)} is billed, ` +
    `${formatUsd(meter.estimated)} is not yet, in all between ${formatUsd(meter.low)} and ${formatUsd(meter.high)}. ` +
    `It costs ${formatUsd(meter.burn)} an hour now, so it goes beyond a limit by at most ${beyond} ` +
    `before it is looked at again in ${duration(DETECTION_SECONDS)}.`
  );
}

function periodText({ source, holder, period }: BudgetReading, policy: Policy): string {
  switch (source) {
    case 'budgets':
    case 'meter':
      return 'for the month';
    case 'meter-day':
      return `for the day (${period}, UTC)`;
    case 'meter-total':
      return `in all${sinceText(budgetsOf(policy, holder))}`;
  }
}

const sinceText = (budgets: Budgets | undefined): string =>
  budgets?.total === undefined ? '' : ` since ${budgets.total.since.slice(0, 7)}`;

/** Said of every resource under the policy. */
function within(
  matched: NamedPolicy | undefined,
  reading: BudgetReading,
  policy: Policy,
): Omit<Verdict, 'resource'> {
  if (matched === undefined) {
    return { policy: undefined, verdict: 'no-policy', why: 'No policy matches its tags.' };
  }
  return {
    policy: matched.name,
    verdict: 'within-budget',
    why: `${spendSentence(reading, spendOf(reading), policy)} No rule of policy ${matched.name} that stops is reached.`,
  };
}

/** Works each out the first time that it is asked for: a fleet of thousands is under a few policies. */
function once<K, V>(work: (key: K) => V): (key: K) => V {
  const known = new Map<K, { readonly value: V }>();
  return (key) => {
    const before = known.get(key) ?? { value: work(key) };
    known.set(key, before);
    return before.value;
  };
}

/** What a reading says was spent. */
const spendOf = ({ source }: BudgetReading): BudgetRule['of'] =>
  source === 'budgets' ? 'actual' : 'estimated';

/** One notice for each kind of spend, for the highest threshold that is reached. */
function notices(
  policy: Policy,
  reading: BudgetReading,
  alarms: readonly BudgetThreshold[],
): BudgetNoticeDecision[] {
  const inAlarm = new Set(alarms.map(ruleId));
  return (['actual', 'forecasted', 'estimated'] as const).flatMap((of) => {
    const spent = spentOf(reading, of);
    const reached = thresholdsOf(policy, reading.holder, reading.source)
      .filter((one) => one.of === of && (isReached(reading, one, policy) || inAlarm.has(ruleId(one))))
      .at(-1);
    if (reached === undefined || spent === undefined) return [];
    return [
      {
        action: 'budget-notice' as const,
        key: `budget-notice/${reading.holder}/${reading.period}/${ruleId(reached)}`,
        ...ofHolder(reading.holder),
        threshold: thresholdText(reached),
        spent,
        limit: effectiveLimit(reading, policy),
        reason: spendSentence(reading, of, policy),
      },
    ];
  });
}

/**
 * One for each policy of the holder whose freeze is reached, by the highest of several; a forecast is not spend. None
 * that somebody has ended, and none of a policy file that nobody has approved where that is required.
 */
function freezes(input: BudgetInput): FreezeDecision[] {
  const { policy, reading } = input;
  if (!isPolicyApproved(input)) return [];
  const until = readingEnd(reading);
  return policiesOf(policy, reading.holder).flatMap((matched) => {
    const rule = enforcedRules(matched, reading, policy).findLast((one) => one.do === 'freeze');
    if (rule === undefined || isPassedOver(rule, matched, input)) return [];
    return [
      {
        action: 'freeze' as const,
        key: freezeKey(rule, matched, reading),
        ...ofHolder(reading.holder),
        rule: { policy: matched.name, rule: `budget ${thresholdText(rule)}: freeze` },
        until,
        reason:
          `${spendSentence(reading, rule.of, policy)} Policy ${matched.name} freezes the ${levelWord(reading.holder)} at ${spendText(rule)}, ` +
          `until ${atMinute(until)}.`,
      },
    ];
  });
}

/**
 * One for each rule. The lowest for billed spend has the key that earlier versions gave to all of these, so that what
 * they froze is not frozen anew by this one.
 */
function freezeKey(
  rule: BudgetRule,
  matched: NamedPolicy,
  { holder, period, source }: BudgetReading,
): string {
  const key = `freeze/${holder}/${period}/${matched.name}`;
  const lowest = matched.budget.find((one) => one.do === 'freeze' && sourceOf(one) === 'budgets');
  return source === 'budgets' && rule === lowest ? key : `${key}/${ruleId(rule)}`;
}

/** The freeze of a policy that the reading has reached. */
export const reachedFreeze = (
  matched: NamedPolicy,
  reading: BudgetReading,
  policy: Policy,
): BudgetRule | undefined => enforcedRules(matched, reading, policy).find((rule) => rule.do === 'freeze');

/**
 * A hold where AWS reports what cannot be true. In July 2026 a billing error sent real forecasts of
 * $183,965,812,157.54; stopping a project for such a figure would be our outage, not theirs.
 */
function implausibleAmount(input: BudgetInput): HoldDecision | undefined {
  const { policy, reading, resources } = input;
  // What the meter estimates is what the fleet explains; what it was told is billed may be wrong.
  const claimed = (of: BudgetRule['of']): Usd =>
    (of === 'estimated' ? reading.meter?.billed : spentOf(reading, of)) ?? microUsd(0n);
  const suspect = thresholdsOf(policy, reading.holder, reading.source).find(
    (threshold) =>
      isReached(reading, threshold, policy) && claimed(threshold.of) > plausibleAmount(input, threshold.of),
  )?.of;
  if (suspect === undefined) return undefined;
  const running = resources.filter(({ state }) => state === 'running');
  return {
    action: 'hold',
    cause: 'implausible-amount',
    key: `hold/implausible-amount/${reading.holder}/${reading.period}/${suspect}${reading.source === 'meter-total' ? '/total' : ''}`,
    ...ofHolder(reading.holder),
    targets: running.slice(0, HOLD_SHOWS),
    reason:
      `${spendSentence(reading, suspect, policy)} Its fleet costs ${formatUsd(fleetHourly(running))} an hour, ` +
      'which cannot explain that amount so far into the month. Nothing was stopped.',
  };
}

/**
 * The most that can have been spent: many times what its fleet costs since the period began, or its
 * limit on other things. In the first two days AWS may still report last month's spend, since it refreshes a
 * budget only some hours after the month has turned: then what runs, and little more, is the measure.
 */
function plausibleAmount(input: BudgetInput, of: BudgetRule['of']): Usd {
  const { reading, enforced } = input;
  const byFleet = explainedByFleet(input, of);
  if (enforced === undefined || enforced.period !== reading.period) return byFleet;
  // It was explained when it was enforced, by a fleet that may be stopped since; the bill still comes in.
  return largerUsd(byFleet, microUsd(EARLY_FACTOR * (spentOf(enforced, of) ?? 0n)));
}

function explainedByFleet({ policy, reading, resources, now }: BudgetInput, of: BudgetRule['of']): Usd {
  const elapsedHours = Math.max(
    1,
    Math.ceil((now.getTime() - periodStart(reading.period).getTime()) / 3_600_000),
  );
  if (of === 'actual' && elapsedHours <= STALE_HOURS) {
    const running = resources.filter(({ state }) => state === 'running');
    return microUsd(EARLY_FACTOR * fleetHourly(running) * BigInt(elapsedHours));
  }
  return largerUsd(
    microUsd(IMPLAUSIBLE_FACTOR * fleetHourly(resources) * BigInt(elapsedHours)),
    microUsd(IMPLAUSIBLE_FACTOR * effectiveLimit(reading, policy)),
  );
}
