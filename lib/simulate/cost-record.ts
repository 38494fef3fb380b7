import { billedAs } from '../fleet/metered-kinds.ts';
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
  readonly costs: Cost[];
  readonly ran: Span[];
}

const DAY_MS = 86_400_000;

/** What resources truly cost, whatever a meter or a bill says of it: price × time, and when they ran. */
export class CostRecord {
  readonly #policy: Policy;
  readonly #from: Date;
  readonly #known = new Map<string, Known>();

  /** @param from what ran before is not counted */
  constructor(policy: Policy, from: Date) {
    this.#policy = policy;
    this.#from = from;
  }

  /** Takes what has changed down. */
  note({ arn, before, after }: FleetChange, now: Date): void {
    const resource = after ?? before;
    if (resource === undefined || isGroupMember(resource)) return;
    const known: Known = this.#known.get(arn) ?? { resource, running: undefined, costs: [], ran: [] };
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
    if (!runs) return;
    // It runs since it says so; what the last look could not see yet has begun in between.
    const since = resource.since < this.#from ? this.#from : resource.since;
    const from = running === undefined && since < now ? since : now;
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

  /** What Cost Explorer says of all that ran before `through`, by day, project and service. */
  bills(through: Date): readonly MemoryBill[] {
    const bills = new Map<string, MemoryBill & { usd: number }>();
    for (const { resource, costs, running } of this.#known.values()) {
      const service = billedAs(resource.kind);
      if (service === undefined) continue;
      const open: readonly Cost[] =
        running?.hourly === undefined ? [] : [{ ...running, hourly: running.hourly, to: through }];
      for (const { project = '', hourly, from, to } of [...costs, ...open]) {
        const end = Math.min(to.getTime(), through.getTime());
        for (let start = from.getTime(); start < end; ) {
          const day = Math.floor(start / DAY_MS);
          const stop = Math.min(end, (day + 1) * DAY_MS);
          const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
          const key = `${name} ${service} ${project}`;
          const bill = bills.get(key) ?? { day: name, project, service, usd: 0 };
          bill.usd += Number(costOver(hourly, stop - start)) / 1e6;
          bills.set(key, bill);
          start = stop;
        }
      }
    }
    return [...bills.values()];
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
