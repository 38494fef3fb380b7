import { dayName, numberOfDay, weekdayOf } from '../../lib/meter/days.ts';
import type { ByProject } from '../../lib/types/meter.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';

/*
 * Made-up histories of what projects cost day by day, of the kinds that accounts have, with anomalies planted in them.
 * The same seed makes the same history each time.
 */

export const HISTORY_KINDS = [
  'steady',
  'weekdays',
  'growth',
  'bursts',
  'base and bursts',
  'noisy',
  'new',
  'monthly fee',
  'step up',
  'step down',
  'small',
] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** `spike`: one day × `size`. `stays`: from a day on so many times as much. `weekend`: a weekend like weekdays. */
export interface Planted {
  readonly kind: 'spike' | 'stays' | 'weekend';
  /** First and last UTC day, both included. */
  readonly from: string;
  readonly to: string;
  /** The first day cost so many times what it would have cost. */
  readonly size: number;
  /** USD that the first day cost more. */
  readonly extra: number;
}

export interface History {
  readonly kind: HistoryKind;
  readonly project: string;
  readonly days: readonly { readonly day: string; readonly projects: ByProject }[];
  readonly planted: readonly Planted[];
}

/** Numbers from 0 to 1 that look like chance. */
export function seeded(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Chance {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seeded(seed);
  }

  between = (low: number, high: number): number => low + (high - low) * this.next();
  /** As likely to double as to halve. */
  scaled = (low: number, high: number): number => Math.exp(this.between(Math.log(low), Math.log(high)));
  whole = (low: number, high: number): number => Math.floor(this.between(low, high + 1));
  is = (likelihood: number): boolean => this.next() < likelihood;
  normal = (): number => Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  /** × about 1; `spread` 0.1 = by 10 % as a rule. */
  noise = (spread: number): number => Math.exp(spread * this.normal() - (spread * spread) / 2);
}

export const HISTORY_DAYS = 120;
/** Before this nothing is planted: it takes so long to know what is usual. */
const PLANTED_AFTER = 28;

/** A project over 120 days. What is not of `kind`s with anomalies of their own has up to two planted. */
export function historyOf(kind: HistoryKind, seed: number): History {
  const chance = new Chance(seed * 7919 + HISTORY_KINDS.indexOf(kind) * 104_729);
  const firstDay = numberOfDay('2026-01-01') + chance.whole(0, 364);
  const days = Array.from({ length: HISTORY_DAYS }, (_, index) => firstDay + index);
  const plain = amountsOf(kind, days, chance);
  const services = servicesOf(chance);
  const planted: Planted[] = [];
  const amounts = plain.amounts.map((amount) => [amount]);
  const begin = Math.max(PLANTED_AFTER, plain.begins + PLANTED_AFTER);
  if (plain.step !== undefined) {
    const { at, size } = plain.step;
    const extra = (plain.amounts[at] ?? 0) * (1 - 1 / size);
    planted.push({
      kind: 'stays',
      from: dayName(firstDay + at),
      to: dayName(firstDay + HISTORY_DAYS - 1),
      size,
      extra,
    });
  } else if (begin < HISTORY_DAYS - 10 && chance.is(0.75)) {
    let at = begin + chance.whole(0, 14);
    for (let left = 2; left > 0 && at < HISTORY_DAYS; left -= 1) {
      const one = plant(plain, at, days, chance);
      if (one === undefined) break;
      for (const [index, extra] of one.extras) amounts[index]?.push(extra);
      planted.push(one.planted);
      if (one.planted.kind === 'stays') break;
      at += 21 + chance.whole(0, 30);
    }
  }
  const project = `${kind.replaceAll(' ', '-')}-${seed}`;
  const culprit = chance.whole(0, services.length - 1);
  return {
    kind,
    project,
    planted,
    days: days.map((day, index) => {
      const [usual = 0, ...extras] = amounts[index] ?? [];
      const extra = extras.reduce((a, b) => a + b, 0);
      const own = new Map<string, Usd>();
      for (const [n, [service, share]] of services.entries()) {
        const amount = usual * share + (n === culprit ? extra : 0);
        if (amount > 0) own.set(service, microUsd(BigInt(Math.round(amount * 1e6))));
      }
      return { day: dayName(day), projects: own.size === 0 ? new Map() : new Map([[project, own]]) };
    }),
  };
}

/** Shares of a project's spend. */
function servicesOf(chance: Chance): readonly (readonly [string, number])[] {
  const names = [
    'Amazon Elastic Compute Cloud - Compute',
    'Amazon SageMaker',
    'Amazon Simple Storage Service',
  ];
  const weights = names
    .slice(0, chance.whole(1, names.length))
    .map((name) => [name, chance.between(0.2, 1)] as const);
  const all = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return weights.map(([name, weight]) => [name, weight / all]);
}

interface Plain {
  readonly kind: HistoryKind;
  readonly amounts: readonly number[];
  /** Index of the first day with spend. */
  readonly begins: number;
  /** How much less a weekend day costs: 0.3 = three tenths of a weekday. */
  readonly weekend: number;
  readonly step?: { readonly at: number; readonly size: number };
}

function amountsOf(kind: HistoryKind, days: readonly number[], chance: Chance): Plain {
  const level = kind === 'small' ? chance.scaled(0.5, 12) : chance.scaled(40, 3_000);
  const hasWeek = kind === 'weekdays' || (kind !== 'bursts' && chance.is(0.5));
  const weekend = hasWeek ? chance.between(0.05, 0.7) : 1;
  const friday = hasWeek && chance.is(0.3) ? chance.between(0.7, 0.95) : 1;
  const spread = kind === 'noisy' ? chance.between(0.2, 0.45) : chance.between(0.02, 0.12);
  const weekOf = (day: number): number => {
    const weekday = weekdayOf(day);
    return weekday === 0 || weekday === 6 ? weekend : weekday === 5 ? friday : 1;
  };
  const growth = kind === 'growth' ? chance.between(0.003, 0.015) : chance.between(-0.001, 0.001);
  const begins = kind === 'new' ? chance.whole(20, 75) : 0;
  const fee = chance.between(0.3, 2) * level;
  const feeIsLast = chance.is(0.3);
  const burstShare = chance.between(0.12, 0.4);
  const burst = level * chance.between(2, 8);
  const burstSpread = chance.between(0.05, 0.35);
  const longest = chance.whole(1, 4);
  const stepAt = chance.whole(PLANTED_AFTER + 5, 85);
  const stepSize = kind === 'step up' ? chance.between(1.5, 4) : chance.between(0.2, 0.6);
  let [burstLeft, drift] = [0, 0];
  const amounts = days.map((day, index) => {
    if (index < begins) return 0;
    // What is slow to change: a busy week follows a busy week.
    drift = 0.8 * drift + 0.3 * spread * chance.normal();
    const base = level * weekOf(day) * (1 + growth) ** index * Math.exp(drift) * chance.noise(spread);
    switch (kind) {
      case 'bursts':
      case 'base and bursts': {
        if (burstLeft > 0) burstLeft -= 1;
        else if (chance.is(burstShare / longest)) burstLeft = chance.whole(1, longest);
        const one = burstLeft > 0 ? burst * chance.noise(burstSpread) : 0;
        return one + (kind === 'bursts' ? 0 : base);
      }
      case 'monthly fee': {
        const today = dayName(day).slice(8);
        const isDay = feeIsLast ? dayName(day + 1).endsWith('-01') : today === '01';
        return base + (isDay ? fee : 0);
      }
      case 'step up':
      case 'step down':
        return index >= stepAt ? base * stepSize : base;
      default:
        return base;
    }
  });
  return {
    kind,
    amounts,
    begins,
    weekend,
    ...(kind === 'step up' ? { step: { at: stepAt, size: stepSize } } : {}),
  };
}

/** What each index costs more, and what people should be told. */
function plant(
  { kind, amounts, weekend }: Plain,
  at: number,
  days: readonly number[],
  chance: Chance,
): { readonly planted: Planted; readonly extras: readonly (readonly [number, number])[] } | undefined {
  const day = days[at] ?? 0;
  const named = (from: number, to: number) => ({
    from: dayName(days[from] ?? 0),
    to: dayName(days[Math.min(to, days.length - 1)] ?? 0),
  });
  const usual = amounts[at] ?? 0;
  if (kind === 'bursts' || kind === 'base and bursts') {
    // More than the largest of the bursts that are usual.
    const largest = Math.max(...amounts.slice(0, at));
    const size = chance.between(1.5, 5);
    const extra = Math.max(0, largest * size - usual);
    return { planted: { kind: 'spike', ...named(at, at), size, extra }, extras: [[at, extra]] };
  }
  if (weekend <= 0.55 && chance.is(0.3)) {
    const saturday = at + ((6 - weekdayOf(day) + 7) % 7);
    if (saturday + 1 >= days.length) return undefined;
    const extras = [saturday, saturday + 1].map((index) => {
      const own = amounts[index] ?? 0;
      return [index, own / weekend - own] as const;
    });
    const extra = extras[0]?.[1] ?? 0;
    return {
      planted: { kind: 'weekend', ...named(saturday, saturday + 1), size: 1 / weekend, extra },
      extras,
    };
  }
  const size = chance.between(1.5, 5);
  if (chance.is(0.25)) {
    const length = chance.is(0.5) ? days.length : chance.whole(3, 25);
    // An endpoint costs the same each day of the week.
    const mean = amounts.slice(at - 14, at).reduce((a, b) => a + b, 0) / 14;
    const extra = mean * (size - 1);
    // It begins in the course of a day.
    const begun = chance.between(0.3, 1);
    const extras = Array.from({ length }, (_, n) => [at + n, n === 0 ? extra * begun : extra] as const);
    return {
      planted: { kind: 'stays', ...named(at, at + length - 1), size, extra },
      extras,
    };
  }
  const extra = usual * (size - 1);
  return { planted: { kind: 'spike', ...named(at, at), size, extra }, extras: [[at, extra]] };
}
