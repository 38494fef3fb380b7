import { billedAs } from '../fleet/metered-kinds.ts';
import { DAY_MS, dayName } from '../meter/days.ts';
import { type Policy, projectOf } from '../policy/policy.ts';
import { costOver, microUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import type { MemoryBill } from './account/state.ts';
import type { FleetChange } from './fleet-view.ts';
import type { Span } from './result.ts';

/** A span in which a resource cost the same, for the same project. */
interface Cost extends Span {
  readonly project: string | undefined;
  readonly hourly: Usd;
}

interface Running {
  readonly from: Date;
  readonly project: string | undefined;
  readonly hourly: Usd | undefined;
}

/** What is known of one resource. */
interface Known {
  /** As it was last seen. */
  resource: Resource;
  running: Running | undefined;
  /** When it was last seen out of service; `undefined` = never. */
  outAt: Date | undefined;
  readonly costs: Cost[];
  readonly ran: Span[];
  /** How many of the costs are in the bills of days that are over, wholly. */
  billed: number;
}

type Bill = MemoryBill & { usd: number };

/** What resources truly cost, whatever a meter or a bill says of it: price × time, and when they ran. */
export class CostRecord {
  readonly #policy: Policy;
  readonly #from: Date;
  readonly #known = new Map<string, Known>();
  /** Of the days that are over, up to `#billedTo` (epoch milliseconds). */
  readonly #bills = new Map<string, Bill>();
  #billedTo = 0;

  /** @param from what ran before is not counted */
  constructor(policy: Policy, from: Date) {
    this.#policy = policy;
    this.#from = from;
  }

  /** Takes what has changed down. */
  note({ arn, before, after }: FleetChange, now: Date): void {
    const resource = after ?? before;
    if (resource === undefined || isGroupMember(resource)) return;
    const known: Known = this.#known.get(arn) ?? {
      resource,
      running: undefined,
      outAt: undefined,
      costs: [],
      ran: [],
      billed: 0,
    };
    this.#known.set(arn, known);
    known.resource = resource;
    const runs = after !== undefined && after.state === 'running';
    const project = projectOf(this.#policy, resource.tags);
    const { running } = known;
    if (running !== undefined) {
      const isSame = runs && running.project === project && running.hourly === resource.hourly;
      if (isSame) return;
      close(known, now);
    }
    if (!runs) {
      known.outAt = now;
      return;
    }
    // It runs since it says so; what the last look could not see yet has begun in between. What says when it was made,
    // such as a database, whatever has become of it since, runs since it is seen to.
    const since = resource.since < this.#from ? this.#from : resource.since;
    const isSeenLate = running === undefined && since < now && (known.outAt ?? since) <= since;
    const from = isSeenLate ? since : now;
    known.running = { from, project, hourly: resource.hourly };
  }

  /** Ends the record. */
  finish(to: Date): void {
    for (const known of this.#known.values()) close(known, to);
  }

  /** Every resource that there ever was, as it was last seen. */
  *resources(): Iterable<{
    readonly resource: Resource;
    readonly ran: readonly Span[];
    readonly spent: Usd;
  }> {
    for (const { resource, ran, costs } of this.#known.values()) {
      yield { resource, ran, spent: sumOf(costs) };
    }
  }

  /** USD by project; `undefined` = without one. */
  byProject(): ReadonlyMap<string | undefined, Usd> {
    const sums = new Map<string | undefined, Usd>();
    for (const { costs } of this.#known.values()) {
      for (const { project, hourly, from, to } of costs) {
        const cost = costOver(hourly, to.getTime() - from.getTime());
        sums.set(project, microUsd((sums.get(project) ?? 0n) + cost));
      }
    }
    return sums;
  }

  /**
   * What Cost Explorer says of all that ran before `through`, by day, project and service. Each question is of a later
   * time than the one before.
   */
  bills(through: Date): readonly MemoryBill[] {
    const open = new Map<string, Bill>();
    const before = this.#billedTo;
    const wholeDays = Math.floor(through.getTime() / DAY_MS) * DAY_MS;
    const add = (cost: Cost, service: string): void => {
      addTo(this.#bills, cost, service, before, wholeDays);
      addTo(open, cost, service, Math.max(before, wholeDays), through.getTime());
    };
    for (const known of this.#known.values()) {
      const { resource, costs, running } = known;
      const service = billedAs(resource.kind);
      if (service === undefined) continue;
      for (const cost of costs.slice(known.billed)) add(cost, service);
      while ((costs[known.billed]?.to.getTime() ?? Number.POSITIVE_INFINITY) <= wholeDays) known.billed += 1;
      if (running?.hourly === undefined) continue;
      add({ ...running, hourly: running.hourly, to: through }, service);
    }
    this.#billedTo = Math.max(before, wholeDays);
    return [...this.#bills.values(), ...open.values()];
  }
}

/** Adds what of a cost lies between two times, epoch milliseconds, to the bills of its days. */
function addTo(bills: Map<string, Bill>, cost: Cost, service: string, after: number, before: number): void {
  const { project = '', hourly, from, to } = cost;
  const end = Math.min(to.getTime(), before);
  for (let start = Math.max(from.getTime(), after); start < end; ) {
    const number = Math.floor(start / DAY_MS);
    const stop = Math.min(end, (number + 1) * DAY_MS);
    const key = `${number} ${service} ${project}`;
    const bill = bills.get(key) ?? { day: dayName(number), project, service, usd: 0 };
    bill.usd += Number(costOver(hourly, stop - start)) / 1e6;
    bills.set(key, bill);
    start = stop;
  }
}

function close(known: Known, at: Date): void {
  const { running } = known;
  known.running = undefined;
  if (running === undefined || running.from >= at) return;
  const last = known.ran.at(-1);
  if (last !== undefined && last.to.getTime() === running.from.getTime()) {
    known.ran[known.ran.length - 1] = { from: last.from, to: at };
  } else known.ran.push({ from: running.from, to: at });
  const { hourly, project, from } = running;
  if (hourly !== undefined) known.costs.push({ from, to: at, project, hourly });
}

const sumOf = (costs: readonly Cost[]): Usd =>
  costs.reduce<Usd>(
    (sum, { hourly, from, to }) => microUsd(sum + costOver(hourly, to.getTime() - from.getTime())),
    ZERO_USD,
  );
