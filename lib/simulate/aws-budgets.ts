import {
  allHolders,
  awsBudgetName,
  budgetsOf,
  holdersOf,
  parseHolder,
  projectsOfTeam,
  thresholdsOf,
} from '../policy/levels.ts';
import type { Policy } from '../policy/policy.ts';
import {
  costOver,
  formatUsd,
  microUsd,
  percentOf,
  sumUsd,
  type Usd,
  usdToDecimal,
  ZERO_USD,
} from '../types/money.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import type { MemoryAccount } from './account/account.ts';
import { budgetsText } from './account/budgets-text.ts';
import type { FleetChange } from './fleet-view.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** AWS forecasts nothing of a month that has hardly begun. Days. */
const FORECAST_FROM = 5;

interface Spent {
  readonly limit: Usd;
  /** USD of this month (UTC), at list prices, up to `asOf`; and an hour from then on. */
  month: Usd;
  asOf: number;
  rate: Usd;
  /** What was spent at the hours that AWS has not told of yet, by their time. */
  readonly past: { readonly at: number; readonly month: Usd; readonly elapsed: number }[];
  /** Thresholds that were passed this month, by percent. */
  readonly passed: Set<number>;
}

export interface AwsBudgetsOptions {
  readonly accountId: string;
  readonly from: Date;
  readonly lagHours: number;
  /** USD that it says all the time, by project or team (`holderOf`); absent = what is spent, behind by the lag. */
  readonly says?: ReadonlyMap<string, { readonly actual: Usd; readonly forecasted: Usd }> | undefined;
}

/** An alert of AWS Budgets, due at a time. */
export interface BudgetAlert {
  readonly at: number;
  /** Whose budget it is: a project's or a team's (`holderOf`). */
  readonly holder: string;
  readonly of: 'actual' | 'forecasted';
  readonly amount: Usd;
  /** Percent. */
  readonly threshold: number;
}

/**
 * AWS Budgets, which says what was spent some hours ago, and alerts once a month of each threshold of actual spend. As
 * forecasted it says the spend so far, extended evenly to the month’s end.
 */
export class AwsBudgets {
  readonly #policy: Policy;
  readonly #account: MemoryAccount;
  readonly #accountId: string;
  readonly #lagMs: number;
  /** By holder of a budget: projects and teams. */
  readonly #spent = new Map<string, Spent>();
  #isOpen = false;
  /** What a step of the scenario has AWS Budgets say, by holder. */
  readonly #told = new Map<string, { actual?: Usd; forecasted?: Usd }>();

  constructor(
    policy: Policy,
    account: MemoryAccount,
    { accountId, from, lagHours, says }: AwsBudgetsOptions,
  ) {
    this.#accountId = accountId;
    for (const [holder, told] of says ?? []) this.#told.set(holder, { ...told });
    this.#policy = policy;
    this.#account = account;
    this.#lagMs = lagHours * HOUR_MS;
    for (const name of allHolders(policy)) {
      const budget = budgetsOf(policy, name)?.budget;
      const isMade = awsBudgetName(policy, name) !== undefined && thresholdsOf(policy, name).length > 0;
      if (budget === undefined || !isMade) continue;
      this.#spent.set(name, {
        limit: budget,
        month: ZERO_USD,
        asOf: from.getTime(),
        rate: ZERO_USD,
        past: [],
        passed: new Set(),
      });
      this.#show(name, ZERO_USD, ZERO_USD);
    }
  }

  /**
   * Takes down what costs otherwise from now on; the first time all that is there, and what it has cost this month.
   * @returns alerts of thresholds that were passed until now
   */
  note(changes: readonly FleetChange[], now: Date): readonly BudgetAlert[] {
    if (this.#spent.size === 0) return [];
    const earlier = this.#isOpen ? [] : this.#open(changes, now);
    this.#isOpen = true;
    const alerts = [...earlier, ...this.#accrue(now.getTime())];
    for (const { before, after } of changes) {
      this.#add(before, -1n);
      this.#add(after, 1n);
    }
    return alerts;
  }

  /** Brings what AWS says up to date, once an hour. @returns alerts of thresholds that were passed until now. */
  hour(now: Date): readonly BudgetAlert[] {
    const at = now.getTime();
    const alerts = this.#accrue(at);
    for (const [name, spent] of this.#spent) {
      const monthStart = monthStartOf(now);
      if (monthStart > at - HOUR_MS && monthStart <= at && spent.past.length > 0) {
        spent.month = ZERO_USD;
        spent.past.length = 0;
        spent.passed.clear();
        this.#told.delete(name);
      }
      spent.past.push({ at, month: spent.month, elapsed: at - monthStart });
      this.#showPast(name, spent, now);
    }
    return alerts;
  }

  /** Shows what was spent as long ago as AWS is behind. */
  #showPast(name: string, { past }: Spent, now: Date): void {
    const until = now.getTime() - this.#lagMs;
    while ((past[1]?.at ?? Number.POSITIVE_INFINITY) <= until) past.shift();
    const [known] = past;
    if (known === undefined || known.at > until) this.#show(name, ZERO_USD, ZERO_USD);
    else this.#show(name, known.month, forecastOf(known, now));
  }

  /**
   * What has been spent this month by what is there, taken to have run since its start.
   * @returns alerts that are still on their way; AWS has told of what was passed before
   */
  #open(changes: readonly FleetChange[], now: Date): readonly BudgetAlert[] {
    const [at, monthStart] = [now.getTime(), monthStartOf(now)];
    const costs = new Map<string, { readonly from: number; readonly hourly: Usd }[]>();
    for (const { after } of changes) {
      if (after === undefined) continue;
      for (const { holder, hourly } of this.#costsOf(after)) {
        if (this.#told.has(holder)) continue;
        const own = costs.get(holder) ?? [];
        own.push({ from: Math.max(after.since.getTime(), monthStart), hourly });
        costs.set(holder, own);
      }
    }
    return [...costs].flatMap(([holder, own]): readonly BudgetAlert[] => {
      const spent = this.#spent.get(holder);
      if (spent === undefined) return [];
      const by = (time: number): Usd =>
        sumUsd(own.map(({ from, hourly }) => costOver(hourly, Math.max(0, time - from))));
      spent.month = by(at);
      spent.past.length = 0;
      const seen = Math.max(monthStart, at - this.#lagMs);
      for (let time = seen; time <= at; time += HOUR_MS) {
        spent.past.push({ at: time, month: by(time), elapsed: time - monthStart });
      }
      this.#showPast(holder, spent, now);
      return thresholdsOf(this.#policy, holder).flatMap(({ at: percent, of }): readonly BudgetAlert[] => {
        const level = percentOf(spent.limit, percent);
        if (of !== 'actual' || spent.month <= level) return [];
        spent.passed.add(percent);
        if (by(seen) > level) return [];
        const passedAt = firstAfter(seen, at, (time) => by(time) > level);
        return [{ at: passedAt + this.#lagMs, holder, of, amount: by(passedAt), threshold: percent }];
      });
    });
  }

  /** From now on AWS says so. @returns the alert. */
  tell(holder: string, of: 'actual' | 'forecasted', amount: Usd, now: Date): BudgetAlert {
    this.#told.set(holder, { ...this.#told.get(holder), [of]: amount });
    this.#show(holder, ZERO_USD, ZERO_USD);
    const [first] = thresholdsOf(this.#policy, holder).filter((threshold) => threshold.of === of);
    return { at: now.getTime(), holder, of, amount, threshold: first?.at ?? 100 };
  }

  /** The text that AWS publishes of an alert. What it says can be read from AWS from now on. */
  publish({ at, holder, of, amount, threshold }: BudgetAlert, now: Date): string {
    const limit = budgetsOf(this.#policy, holder)?.budget ?? ZERO_USD;
    const shown = this.#account.budgets.get(this.#nameOf(holder));
    // What comes late of a month that has ended is in the text alone: AWS says what was spent in this one.
    const isOfThisMonth = at - this.#lagMs >= monthStartOf(now);
    if (of === 'actual' && isOfThisMonth && this.#told.get(holder)?.actual === undefined) {
      this.#show(holder, amount, ZERO_USD, shown?.forecasted);
    }
    return budgetsText({
      account: this.#accountId,
      budgetName: this.#nameOf(holder),
      type: of === 'actual' ? 'ACTUAL' : 'FORECASTED',
      date: now,
      limit: formatUsd(limit),
      threshold: formatUsd(percentOf(limit, threshold)),
      amount: formatUsd(amount),
    }).message;
  }

  #show(holder: string, actual: Usd, forecasted: Usd, before?: string): void {
    const limit = this.#spent.get(holder)?.limit ?? budgetsOf(this.#policy, holder)?.budget;
    if (limit === undefined) return;
    const told = this.#told.get(holder);
    const level = parseHolder(holder);
    const projects = level.level === 'team' ? projectsOfTeam(this.#policy, level.team) : [level.project];
    this.#account.budgets.set(this.#nameOf(holder), {
      project: projects[0] ?? '',
      projects,
      limit: usdToDecimal(limit),
      actual: usdToDecimal(told?.actual ?? actual),
      forecasted:
        told?.forecasted === undefined ? (before ?? usdToDecimal(forecasted)) : usdToDecimal(told.forecasted),
    });
  }

  #nameOf(holder: string): string {
    return awsBudgetName(this.#policy, holder) ?? holder;
  }

  #accrue(at: number): readonly BudgetAlert[] {
    const alerts: BudgetAlert[] = [];
    for (const [holder, spent] of this.#spent) {
      const before = spent.month;
      spent.month = microUsd(before + costOver(spent.rate, at - spent.asOf));
      for (const { at: percent, of } of thresholdsOf(this.#policy, holder)) {
        const level = percentOf(spent.limit, percent);
        if (of !== 'actual' || spent.month <= level || spent.passed.has(percent)) continue;
        spent.passed.add(percent);
        // The instant at which it was passed, to the millisecond, and what was spent then.
        const since = Math.ceil(Number(((level - before) * BigInt(HOUR_MS)) / spent.rate)) + 1;
        const amount = microUsd(before + costOver(spent.rate, since));
        alerts.push({ at: spent.asOf + since + this.#lagMs, holder, of, amount, threshold: percent });
      }
      spent.asOf = at;
    }
    return alerts;
  }

  #add(resource: Resource | undefined, sign: bigint): void {
    for (const { holder, hourly } of this.#costsOf(resource)) {
      const spent = this.#spent.get(holder);
      if (spent !== undefined) spent.rate = microUsd(spent.rate + sign * hourly);
    }
  }

  /** What something costs an hour, and of whose budgets. */
  #costsOf(resource: Resource | undefined): readonly { readonly holder: string; readonly hourly: Usd }[] {
    const hourly = resource?.hourly;
    if (resource?.state !== 'running' || hourly === undefined || isGroupMember(resource)) return [];
    return holdersOf(this.#policy, resource.tags).map((holder) => ({ holder, hourly }));
  }
}

const monthStartOf = (at: Date): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth());

/** The first millisecond after `low`, up to `high`, of which something is true that stays so. */
function firstAfter(low: number, high: number, isTrue: (time: number) => boolean): number {
  let [before, found] = [low, high];
  while (found - before > 1) {
    const middle = Math.floor((before + found) / 2);
    if (isTrue(middle)) found = middle;
    else before = middle;
  }
  return found;
}

function forecastOf({ month, elapsed }: Spent['past'][number], now: Date): Usd {
  if (elapsed < FORECAST_FROM * DAY_MS) return month;
  const days = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0);
  const whole = new Date(days).getUTCDate() * DAY_MS;
  return microUsd((month * BigInt(whole)) / BigInt(elapsed));
}
