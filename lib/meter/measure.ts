import type { ByProject, ByService, MeterRecord, Unpriced } from '../types/meter.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { ResourceKind } from '../types/resource.ts';
import { DAY_MS, dayName, dayNumber, numberOfDay } from './days.ts';
import { eachSpan, settledPoints } from './points.ts';

/** What the records come to, at list price. Projects are named by the value of their tag; `''` is what has none. */
export interface Measured {
  /** The first UTC day that is measured. */
  readonly from: string;
  /** By UTC day; those on which nothing that is priced ran are absent. */
  readonly days: ReadonlyMap<string, ByProject>;
  /** USD an hour of what costs money now and is priced. */
  readonly burn: ReadonlyMap<string, Usd>;
  /** How many resources cost money now, priced or not. */
  readonly running: ReadonlyMap<string, number>;
  /** What costs money now, or did this month (UTC), and had no known price. */
  readonly unpriced: ReadonlyMap<string, readonly Unpriced[]>;
}

export interface MeasureScope {
  readonly now: Date;
  /** The first UTC day to measure, `2026-11-25`. */
  readonly from: string;
  /** The service that a kind is billed as; what has none is left out. */
  readonly billedAs: (kind: ResourceKind) => string | undefined;
}

/**
 * Sums up records up to now. Price × time is summed exactly for each day, project and service, and rounded once, half
 * up to the micro-dollar.
 */
export function measure(records: Iterable<MeterRecord>, { now, from, billedAs }: MeasureScope): Measured {
  const until = now.getTime();
  const firstDay = numberOfDay(from);
  const firstMs = firstDay * DAY_MS;
  const unpricedFrom = Math.max(firstMs, Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  const sums = new Sums(dayNumber(until) - firstDay + 1);
  const burn = new Map<string, Usd>();
  const running = new Map<string, number>();
  const unpriced = new Map<string, Map<string, Unpriced>>();
  const noteUnpriced = (project: string, { arn, id, kind, size }: MeterRecord): void => {
    entry(unpriced, project, () => new Map<string, Unpriced>()).set(arn, { arn, id, kind, size });
  };

  for (const record of records) {
    const service = billedAs(record.kind);
    if (service === undefined) continue;
    for (const { day, project = '', hourly, milliseconds } of record.closed) {
      const number = numberOfDay(day);
      if (hourly === undefined) {
        if (number * DAY_MS >= unpricedFrom) noteUnpriced(project, record);
      } else {
        sums.of(project, service).add(number - firstDay, hourly, milliseconds);
      }
    }
    eachSpan(settledPoints(record.points), until, ({ project = '', hourly }, start, end) => {
      if (hourly === undefined) {
        if (end > unpricedFrom) noteUnpriced(project, record);
      } else if (end > firstMs) {
        sums.of(project, service).addSpan(start - firstMs, end - firstMs, hourly);
      }
    });
    const held = heldAt(record, until);
    if (held?.on !== true) continue;
    const { project = '', hourly } = held;
    running.set(project, (running.get(project) ?? 0) + 1);
    if (hourly === undefined) noteUnpriced(project, record);
    else burn.set(project, microUsd((burn.get(project) ?? 0n) + hourly));
  }
  return {
    from,
    days: sums.byDay(firstDay),
    burn,
    running,
    unpriced: new Map([...unpriced].map(([project, some]) => [project, [...some.values()]])),
  };
}

/** What holds of it at an instant; a guess that yields is followed by what says the same. */
const heldAt = ({ points }: MeterRecord, instant: number) =>
  points.findLast(({ at }) => at.getTime() <= instant);

/** Micro-dollars an hour × milliseconds, of each day. */
class Numerators {
  readonly ofDay: bigint[];

  constructor(days: number) {
    this.ofDay = new Array<bigint>(Math.max(0, days)).fill(0n);
  }

  add(day: number, hourly: Usd, milliseconds: number): void {
    const sum = this.ofDay[day];
    // What is not of these days has no place.
    if (sum !== undefined) this.ofDay[day] = sum + hourly * BigInt(milliseconds);
  }

  /** From and to in milliseconds since the first day began. */
  addSpan(from: number, to: number, hourly: Usd): void {
    let start = Math.max(0, from);
    for (let day = dayNumber(start); start < to; day += 1) {
      const end = Math.min(to, (day + 1) * DAY_MS);
      this.add(day, hourly, end - start);
      start = end;
    }
  }
}

class Sums {
  readonly #days: number;
  readonly #byProject = new Map<string, Map<string, Numerators>>();

  constructor(days: number) {
    this.#days = days;
  }

  of(project: string, service: string): Numerators {
    const services = entry(this.#byProject, project, () => new Map<string, Numerators>());
    return entry(services, service, () => new Numerators(this.#days));
  }

  byDay(firstDay: number): ReadonlyMap<string, ByProject> {
    const days = new Map<string, ByProject>();
    for (let index = 0; index < this.#days; index += 1) {
      const projects = new Map<string, ByService>();
      for (const [project, services] of this.#byProject) {
        const amounts = new Map<string, Usd>();
        for (const [service, { ofDay }] of services) {
          const numerator = ofDay[index] ?? 0n;
          if (numerator !== 0n) amounts.set(service, perHour(numerator));
        }
        if (amounts.size > 0) projects.set(project, amounts);
      }
      if (projects.size > 0) days.set(dayName(firstDay + index), projects);
    }
    return days;
  }
}

const HOUR_MS = 3_600_000n;

/** Half up. */
const perHour = (numerator: bigint): Usd => microUsd((2n * numerator + HOUR_MS) / (2n * HOUR_MS));

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}
