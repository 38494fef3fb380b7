import { budgetName, budgetThresholds, type Policy, projectOf } from '../policy/policy.ts';
import {
  costOver,
  formatUsd,
  microUsd,
  percentOf,
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
  /** USD that it says all the time, by project; absent = what is spent, behind by the lag. */
  readonly says?: ReadonlyMap<string, { readonly actual: Usd; readonly forecasted: Usd }> | undefined;
}

/** An alert of AWS Budgets, due at a time. */
export interface BudgetAlert {
  readonly at: number;
  readonly project: string;
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
  readonly #projects = new Map<string, Spent>();
  /** What a step of the scenario has AWS Budgets say, by project. */
  readonly #told = new Map<string, { actual?: Usd; forecasted?: Usd }>();

  constructor(
    policy: Policy,
    account: MemoryAccount,
    { accountId, from, lagHours, says }: AwsBudgetsOptions,
  ) {
    this.#accountId = accountId;
    for (const [project, told] of says ?? []) this.#told.set(project, { ...told });
    this.#policy = policy;
    this.#account = account;
    this.#lagMs = lagHours * HOUR_MS;
    for (const { name, budget } of Object.values(policy.projects)) {
      if (budget === undefined || budgetThresholds(policy, name).length === 0) continue;
      this.#projects.set(name, {
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

  /** Takes down what costs otherwise from now on. @returns alerts of thresholds that were passed until now. */
  note(changes: readonly FleetChange[], now: Date): readonly BudgetAlert[] {
    if (this.#projects.size === 0) return [];
    const alerts = this.#accrue(now.getTime());
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
    for (const [name, spent] of this.#projects) {
      const monthStart = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
      if (monthStart > at - HOUR_MS && monthStart <= at && spent.past.length > 0) {
        spent.month = ZERO_USD;
        spent.past.length = 0;
        spent.passed.clear();
        this.#told.delete(name);
      }
      spent.past.push({ at, month: spent.month, elapsed: at - monthStart });
      while ((spent.past[1]?.at ?? Number.POSITIVE_INFINITY) <= at - this.#lagMs) spent.past.shift();
      const [known] = spent.past;
      if (known === undefined || known.at > at - this.#lagMs) this.#show(name, ZERO_USD, ZERO_USD);
      else this.#show(name, known.month, forecastOf(known, now));
    }
    return alerts;
  }

  /** From now on AWS says so. @returns the alert. */
  tell(project: string, of: 'actual' | 'forecasted', amount: Usd, now: Date): BudgetAlert {
    this.#told.set(project, { ...this.#told.get(project), [of]: amount });
    this.#show(project, ZERO_USD, ZERO_USD);
    const [first] = budgetThresholds(this.#policy, project).filter((threshold) => threshold.of === of);
    return { at: now.getTime(), project, of, amount, threshold: first?.at ?? 100 };
  }

  /** The text that AWS publishes of an alert. What it says can be read from AWS from now on. */
  publish({ project, of, amount, threshold }: BudgetAlert, now: Date): string {
    const limit = this.#projects.get(project)?.limit ?? ZERO_USD;
    const shown = this.#account.budgets.get(budgetName(this.#policy, project));
    if (of === 'actual' && this.#told.get(project)?.actual === undefined) {
      this.#show(project, amount, ZERO_USD, shown?.forecasted);
    }
    return budgetsText({
      account: this.#accountId,
      budgetName: budgetName(this.#policy, project),
      type: of === 'actual' ? 'ACTUAL' : 'FORECASTED',
      date: now,
      limit: formatUsd(limit),
      threshold: formatUsd(percentOf(limit, threshold)),
      amount: formatUsd(amount),
    }).message;
  }

  #show(project: string, actual: Usd, forecasted: Usd, before?: string): void {
    const limit = this.#projects.get(project)?.limit ?? this.#policy.projects[project]?.budget;
    if (limit === undefined) return;
    const told = this.#told.get(project);
    this.#account.budgets.set(budgetName(this.#policy, project), {
      project,
      limit: usdToDecimal(limit),
      actual: usdToDecimal(told?.actual ?? actual),
      forecasted:
        told?.forecasted === undefined ? (before ?? usdToDecimal(forecasted)) : usdToDecimal(told.forecasted),
    });
  }

  #accrue(at: number): readonly BudgetAlert[] {
    const alerts: BudgetAlert[] = [];
    for (const [project, spent] of this.#projects) {
      const before = spent.month;
      spent.month = microUsd(before + costOver(spent.rate, at - spent.asOf));
      for (const { at: percent, of } of budgetThresholds(this.#policy, project)) {
        const level = percentOf(spent.limit, percent);
        if (of !== 'actual' || spent.month <= level || spent.passed.has(percent)) continue;
        spent.passed.add(percent);
        // The instant at which it was passed, to the millisecond, and what was spent then.
        const since = Math.ceil(Number(((level - before) * BigInt(HOUR_MS)) / spent.rate)) + 1;
        const amount = microUsd(before + costOver(spent.rate, since));
        alerts.push({ at: spent.asOf + since + this.#lagMs, project, of, amount, threshold: percent });
      }
      spent.asOf = at;
    }
    return alerts;
  }

  #add(resource: Resource | undefined, sign: bigint): void {
    if (resource?.state !== 'running' || resource.hourly === undefined || isGroupMember(resource)) return;
    const project = projectOf(this.#policy, resource.tags);
    const spent = project === undefined ? undefined : this.#projects.get(project);
    if (spent !== undefined) spent.rate = microUsd(spent.rate + sign * resource.hourly);
  }
}

function forecastOf({ month, elapsed }: Spent['past'][number], now: Date): Usd {
  if (elapsed < FORECAST_FROM * DAY_MS) return month;
  const days = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0);
  const whole = new Date(days).getUTCDate() * DAY_MS;
  return microUsd((month * BigInt(whole)) / BigInt(elapsed));
}
