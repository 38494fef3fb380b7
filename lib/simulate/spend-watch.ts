import type { Metered } from '../enforce/meter-fleet.ts';
import { isAnomalyTime } from '../enforce/tell-anomalies.ts';
import { type LevelSpend, levelSpends } from '../meter/level-spends.ts';
import { readingsOf } from '../meter/limits.ts';
import { holdersOf, policiesOf, thresholdsOf } from '../policy/levels.ts';
import { type Policy, projectNamed, projectOf, sourceOf } from '../policy/policy.ts';
import { percentOf, sumUsd, ZERO_USD } from '../types/money.ts';
import { isGroupMember, type Resource, startOf } from '../types/resource.ts';
import type { SpendSource } from '../types/spend.ts';
import type { FleetChange } from './fleet-view.ts';

/** USD are plain numbers here: they only say when it is time to ask the meter, which says how much it is. */
interface Watched {
  /** USD an hour of what runs, less the discount that the meter has learned. */
  rate: number;
  /** Of each source what the meter said, and what has come on top of it since. */
  readonly spent: Map<SpendSource, number>;
  /** The next threshold of each. */
  readonly next: Map<SpendSource, number>;
  /** At this rate it is told that it burns. */
  burnAt: number;
  /** Some threshold that stops things is passed: what starts now is stopped by the next reading. */
  isOver: boolean;
  /** Something of it has changed since the meter was read. */
  changed: boolean;
  /** It is a project with limits of models. */
  readonly hasModels: boolean;
}

const HOUR_MS = 3_600_000;
/** So long after a bill the meter asks Cost Explorer for the next, and where it gets none, again in the next hours. */
const BILLING_MS = 6 * HOUR_MS;
/** Between two sweeps. */
const SWEEP_MS = 300_000;
/** So long something takes at most to come into service. */
const COMING_MS = HOUR_MS;
/** It is read this share of the five minutes before a threshold, for what a running sum and the meter differ by. */
const EARLY = 0.05;

/**
 * When the spend of projects and teams must be read off the meter. A sweep reads it every five minutes; nothing comes of that
 * unless a threshold is passed, something changed in a project that is over a limit, a bill is due, the day ends
 * or the day before is judged. In between, what it costs an hour says when that is. What a model spends is a share of its
 * project's spend that changes with all that the project runs, so that it is read by each sweep while any of that runs.
 */
export class SpendWatch {
  readonly #policy: Policy;
  /** By holder of limits: projects and teams. */
  readonly #watched = new Map<string, Watched>();
  /** What is taken off list prices, by project. */
  readonly #discounts = new Map<string, number>();
  #asOf = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #billedAsOf = Number.NEGATIVE_INFINITY;
  #mustRead = true;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** What has changed, before anything else happens at that time. */
  note({ before, after }: FleetChange, at: Date): void {
    this.#accrue(at);
    for (const [resource, sign] of [
      [before, -1],
      [after, 1],
    ] as const) {
      if (resource === undefined) continue;
      const project = projectOf(this.#policy, resource.tags);
      if (project === undefined) continue;
      const discount = this.#discounts.get(project);
      if (discount === undefined) {
        this.#mustRead ||= projectNamed(this.#policy, project) !== undefined;
        continue;
      }
      const rate = hourlyOf(resource) * (1 - discount / 100);
      // The meter has it cost from its start on, which is when somebody asked for it.
      const coming =
        sign > 0 && before?.state !== 'running'
          ? Math.min(Math.max(0, at.getTime() - startOf(resource).getTime()), COMING_MS)
          : 0;
      for (const holder of holdersOf(this.#policy, resource.tags)) {
        const watched = this.#watched.get(holder);
        if (watched === undefined) continue;
        watched.changed = true;
        watched.rate = Math.max(0, watched.rate + sign * rate);
        for (const [source, amount] of watched.spent) {
          watched.spent.set(source, amount + (rate * coming) / HOUR_MS);
        }
      }
    }
  }

  /** True where the meter must be read at that time. */
  isDue(at: Date): boolean {
    if (this.#mustRead) return true;
    const now = at.getTime();
    if (now - this.#billedAsOf >= BILLING_MS && hourOf(now) !== hourOf(this.#readAt)) return true;
    if (Math.floor(now / (24 * HOUR_MS)) !== Math.floor(this.#readAt / (24 * HOUR_MS))) return true;
    if (isAnomalyTime(at, this.#policy) && hourOf(now) !== hourOf(this.#readAt)) return true;
    this.#accrue(at);
    for (const { rate, spent, next, burnAt, isOver, changed, hasModels } of this.#watched.values()) {
      if ((isOver && changed) || (changed && rate >= burnAt)) return true;
      if (hasModels && (changed || rate > 0)) return true;
      const margin = (rate * SWEEP_MS) / HOUR_MS;
      for (const [source, threshold] of next) {
        if ((spent.get(source) ?? 0) + margin * EARLY >= threshold) return true;
      }
    }
    return false;
  }

  /**
   * Takes what the meter said; `undefined` = it could not be read.
   * @param billedAsOf when the newest bill came, in epoch milliseconds
   */
  take(metered: Metered | undefined, billedAsOf: number, at: Date): void {
    this.#billedAsOf = billedAsOf;
    this.#asOf = at.getTime();
    this.#mustRead = metered === undefined;
    if (metered === undefined) return;
    this.#readAt = at.getTime();
    this.#watched.clear();
    this.#discounts.clear();
    for (const { project, discount } of metered.spends.values()) {
      if (project !== undefined && projectNamed(this.#policy, project) !== undefined) {
        this.#discounts.set(project, discount);
      }
    }
    for (const level of levelSpends(metered, this.#policy)) {
      if (level.level !== 'model') this.#watched.set(level.holder, this.#watchedOf(level, metered));
    }
  }

  #watchedOf({ level, name, holder, budgets, spend, earlier }: LevelSpend, metered: Metered): Watched {
    const { burnRate } = this.#policy.alerts;
    const usualBurn = level === 'project' ? metered.spends.get(name)?.usualBurn : undefined;
    const usual = usualBurn === undefined ? undefined : Math.max(Number(usualBurn), 100_000);
    const watched: Watched = {
      rate: Number(spend.burn) / 1e6,
      spent: new Map(),
      next: new Map(),
      burnAt:
        usual === undefined || burnRate === undefined
          ? Number.POSITIVE_INFINITY
          : (usual / 1e6) * burnRate * (1 - EARLY),
      isOver: false,
      changed: false,
      hasModels: level === 'project' && metered.models.has(name),
    };
    for (const { source, limit, meter } of readingsOf(spend, holder, budgets, earlier)) {
      const spent = meter === undefined ? ZERO_USD : sumUsd([meter.billed, meter.estimated]);
      watched.spent.set(source, Number(spent) / 1e6);
      const amounts = thresholdsOf(this.#policy, holder, source).map(({ at }) => percentOf(limit, at));
      const ahead = amounts.filter((amount) => amount > spent).map(Number);
      if (ahead.length > 0) watched.next.set(source, Math.min(...ahead) / 1e6);
      watched.isOver ||= policiesOf(this.#policy, holder).some(({ budget }) =>
        budget.some(
          (rule) => sourceOf(rule) === source && rule.do !== 'notify' && percentOf(limit, rule.at) <= spent,
        ),
      );
    }
    return watched;
  }

  /** What has been spent up to that time, at the rates that held until then. */
  #accrue(at: Date): void {
    const hours = (at.getTime() - this.#asOf) / HOUR_MS;
    if (hours <= 0) return;
    this.#asOf = at.getTime();
    for (const { rate, spent } of this.#watched.values()) {
      if (rate === 0) continue;
      for (const [source, amount] of spent) spent.set(source, amount + rate * hours);
    }
  }
}

const hourlyOf = (resource: Resource): number =>
  resource.state !== 'running' || resource.hourly === undefined || isGroupMember(resource)
    ? 0
    : Number(resource.hourly) / 1e6;

const hourOf = (at: number): number => Math.floor(at / HOUR_MS);
