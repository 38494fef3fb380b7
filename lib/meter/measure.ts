import type { ByModel, ByProject, ByService, MeterPoint, MeterRecord, Unpriced } from '../types/meter.ts';
import { microUsd, roundedUsd, type Usd } from '../types/money.ts';
import type { ResourceKind } from '../types/resource.ts';
import { DAY_MS, dayName, dayNumber, numberOfDay } from './days.ts';
import { eachSpan, settledPoints } from './points.ts';

/** What the records come to, at list price. Projects are named by the value of their tag; `''` is what has none. */
export interface Measured extends Running {
  /** The first UTC day that is measured. */
  readonly from: string;
  /** By UTC day; those on which nothing that is priced ran are absent. */
  readonly days: ReadonlyMap<string, ByProject>;
  /** What of all this is of models, as far as the points tell them apart; of each a part of its project's. */
  readonly models: {
    /** By UTC day; those on which nothing of a model that is priced ran are absent. */
    readonly days: ReadonlyMap<string, ByModel>;
    /** By project, then by model. */
    readonly now: ReadonlyMap<string, Running>;
  };
}

/** What costs money now, by name. */
export interface Running {
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
export function measure(records: Iterable<MeterRecord>, scope: MeasureScope): Measured {
  const { from, billedAs } = scope;
  const until = scope.now.getTime();
  const projects = new Tally(scope);
  const models = new Map<string, Tally>();
  const ofModels = (project: string): Tally => entry(models, project, () => new Tally(scope));
  for (const record of records) {
    const service = billedAs(record.kind);
    if (service === undefined) continue;
    for (const stretch of record.closed) {
      const { project = '', model } = stretch;
      projects.stretch(project, service, stretch, record);
      if (model !== undefined) ofModels(project).stretch(model, service, stretch, record);
    }
    eachSpan(settledPoints(record.points), until, ({ project = '', model, hourly }, start, end) => {
      projects.span(project, service, hourly, start, end, record);
      if (model !== undefined) ofModels(project).span(model, service, hourly, start, end, record);
    });
    const held = heldAt(record, until);
    if (held?.on !== true) continue;
    const { project = '', model } = held;
    projects.runs(project, held, record);
    if (model !== undefined) ofModels(project).runs(model, held, record);
  }
  return {
    from,
    days: projects.days,
    ...projects.running,
    models: {
      days: byDay([...models].map(([project, tally]) => [project, tally.days] as const)),
      now: new Map([...models].map(([project, tally]) => [project, tally.running])),
    },
  };
}

/** What holds of it at an instant; a guess that yields is followed by what says the same. */
const heldAt = ({ points }: MeterRecord, instant: number) =>
  points.findLast(({ at }) => at.getTime() <= instant);

/** Days of each, as what each had of a day. */
function byDay<T>(
  some: readonly (readonly [string, ReadonlyMap<string, T>])[],
): ReadonlyMap<string, ReadonlyMap<string, T>> {
  const days = new Map<string, Map<string, T>>();
  for (const [name, own] of some) {
    for (const [day, what] of own) entry(days, day, () => new Map<string, T>()).set(name, what);
  }
  return days;
}

/** Sums of projects by name, or of the models of one project. */
class Tally {
  readonly #firstDay: number;
  readonly #unpricedFrom: number;
  readonly #sums: Sums;
  readonly #burn = new Map<string, Usd>();
  readonly #running = new Map<string, number>();
  readonly #unpriced = new Map<string, Map<string, Unpriced>>();

  constructor({ now, from }: MeasureScope) {
    this.#firstDay = numberOfDay(from);
    this.#unpricedFrom = Math.max(this.#firstDay * DAY_MS, Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
    this.#sums = new Sums(dayNumber(now.getTime()) - this.#firstDay + 1);
  }

  /** Time that is closed. */
  stretch(
    name: string,
    service: string,
    { day, hourly, milliseconds }: MeterRecord['closed'][number],
    record: MeterRecord,
  ): void {
    const number = numberOfDay(day);
    if (hourly !== undefined) {
      this.#sums.of(name, service).add(number - this.#firstDay, hourly, milliseconds);
    } else if (number * DAY_MS >= this.#unpricedFrom) this.#noteUnpriced(name, record);
  }

  /** Time between two points; milliseconds. */
  span(
    name: string,
    service: string,
    hourly: Usd | undefined,
    start: number,
    end: number,
    record: MeterRecord,
  ): void {
    const firstMs = this.#firstDay * DAY_MS;
    if (hourly === undefined) {
      if (end > this.#unpricedFrom) this.#noteUnpriced(name, record);
    } else if (end > firstMs) {
      this.#sums.of(name, service).addSpan(start - firstMs, end - firstMs, hourly);
    }
  }

  /** It costs money now. */
  runs(name: string, { hourly }: Pick<MeterPoint, 'hourly'>, record: MeterRecord): void {
    this.#running.set(name, (this.#running.get(name) ?? 0) + 1);
    if (hourly === undefined) this.#noteUnpriced(name, record);
    else this.#burn.set(name, microUsd((this.#burn.get(name) ?? 0n) + hourly));
  }

  #noteUnpriced(name: string, { arn, id, kind, size }: MeterRecord): void {
    entry(this.#unpriced, name, () => new Map<string, Unpriced>()).set(arn, { arn, id, kind, size });
  }

  get days(): ReadonlyMap<string, ByProject> {
    return this.#sums.byDay(this.#firstDay);
  }

  get running(): Running {
    return {
      burn: this.#burn,
      running: this.#running,
      unpriced: new Map([...this.#unpriced].map(([name, some]) => [name, [...some.values()]])),
    };
  }
}

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
const perHour = (numerator: bigint): Usd => roundedUsd(numerator, HOUR_MS);

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}
