import type { ByService, EarlierSpend, ProjectSpend, SpendDay } from '../types/meter.ts';
import { largerUsd, microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { DAY_MS, dayName, dayNumber, numberOfDay } from './days.ts';
import { forecast } from './forecast.ts';
import { bandOf, type Compared, learnedDiscount, lessDiscount, scaled } from './learned.ts';
import type { Measured } from './measure.ts';
import { type Bills, billsOf, isSettled, knowledgeOf } from './settled.ts';

export interface SpendInput {
  readonly measured: Measured;
  /** Of this month and some weeks before. */
  readonly days: readonly SpendDay[];
  /**
   * The first UTC day, `YYYY-MM-DD`, of which the meter saw all. From those before it nothing is learned: what ended or
   * changed before the first look was never seen.
   */
  readonly watchedFrom: string;
  /** Percent that the policy says is taken off list prices; `undefined` = learned. */
  readonly discountOf: (project: string) => number | undefined;
  /** The services of which the meter has something to say; others count as billed. */
  readonly knownServices: ReadonlySet<string>;
  readonly now: Date;
}

export interface Spends {
  /** Of every project that something is billed for this month or measured, by name; `''` = what has none. */
  readonly spends: ReadonlyMap<string, ProjectSpend>;
  /** Days that count as billed from now on, with what the meter said of them: to be saved, for the band. */
  readonly settled: readonly Pick<SpendDay, 'day' | 'metered'>[];
  /** The month before, of the same projects. */
  readonly monthBefore: ReadonlyMap<string, MonthBefore>;
  /** Day by day, of the same projects: this month up to now, and before it as far back as the input reaches. */
  readonly byDay: ReadonlyMap<string, readonly ProjectDay[]>;
}

/** What a project spent on one UTC day. */
export interface ProjectDay {
  /** `2026-11-25`. */
  readonly day: string;
  readonly billed: Usd;
  /** What is not billed yet. */
  readonly estimated: Usd;
}

/** The days of the month before that the input reaches back to. */
export interface MonthBefore extends EarlierSpend {
  /** They are all of the month, and Cost Explorer was asked about each. */
  readonly isWhole: boolean;
}

/**
 * What each project has spent this month (UTC): as billed where that is known to be all, else the larger of what is
 * billed so far and price × time less discount, service by service, so that nothing jumps where a bill catches up.
 */
export function projectSpends(input: SpendInput): Spends {
  const { measured, days, now } = input;
  const bills = billsOf(days);
  const today = dayName(dayNumber(now.getTime()));
  const month = today.slice(0, '2026-11'.length);
  const projects = new Set([
    ...days.flatMap(({ day, billed, metered = NOTHING }) =>
      day.startsWith(month) ? [...billedProjects(billed), ...metered.keys()] : [],
    ),
    ...[...measured.days.values()].flatMap((byProject) => [...byProject.keys()]),
    ...measured.running.keys(),
    ...measured.unpriced.keys(),
  ]);
  const found = [...projects].map((project) => [project, spendOf(project, bills, input)] as const);
  return {
    spends: new Map(found.map(([project, { spend }]) => [project, spend])),
    monthBefore: new Map(found.map(([project, { before }]) => [project, before])),
    byDay: new Map(found.map(([project, { days: ofProject }]) => [project, ofProject])),
    settled: days
      .filter((day) => day.metered === undefined && day.day >= measured.from && isSettled(day, bills))
      .map(({ day }) => ({ day, metered: measured.days.get(day) ?? new Map() })),
  };
}

const NOTHING: SpendDay['billed'] = new Map();
const NO_SERVICES: ByService = new Map();

const billedProjects = (billed: SpendDay['billed']): readonly string[] =>
  [...billed].flatMap(([project, services]) =>
    [...services.values()].some((amount) => amount > 0n) ? [project] : [],
  );

function spendOf(
  project: string,
  bills: Bills,
  input: SpendInput,
): {
  readonly spend: ProjectSpend;
  readonly before: MonthBefore;
  readonly days: readonly ProjectDay[];
} {
  const { measured, discountOf, now } = input;
  const compared = comparedDays(project, bills, input);
  const discount = discountOf(project) ?? learnedDiscount(compared) ?? 0;
  const band = bandOf(compared, discount);
  const today = dayNumber(now.getTime());
  const firstOfMonth = dayNumber(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  const figures = (day: number): DayFigures => figuresOf(project, dayName(day), bills, discount, input);
  const monthDays = daysBetween(firstOfMonth, today).map(figures);
  const billed = sumUsd(monthDays.map((day) => day.billed));
  const estimated = sumUsd(monthDays.map((day) => day.estimated));
  const low = sumUsd([billed, scaled(estimated, band.low)]);
  const high = sumUsd([billed, scaled(estimated, band.high)]);
  const burn = lessDiscount(measured.burn.get(project) ?? ZERO_USD, discount);
  const ofToday = monthDays.at(-1);
  const todayBilled = ofToday?.billed ?? ZERO_USD;
  const firstDay = numberOfDay([measured.from, ...bills.days.keys()].reduce((a, b) => (a < b ? a : b)));
  const past = daysBetween(firstDay, today - 1).map(figures);
  const pastDays = past.map(totalOf);
  const firstSpent = pastDays.findIndex((amount) => amount > 0n);
  const spend: ProjectSpend = {
    project: project === '' ? undefined : project,
    asOf: now,
    billed,
    estimated,
    low,
    high,
    band: band.basis,
    billedThrough: billedThrough(firstOfMonth, monthDays),
    today: ofToday === undefined ? ZERO_USD : totalOf(ofToday),
    todayBilled,
    burn,
    usualBurn: usualBurn(project, daysBetween(firstDay, today - 1), discount, bills, input),
    discount,
    running: measured.running.get(project) ?? 0,
    unpriced: measured.unpriced.get(project) ?? [],
    forecast: forecast({
      spent: sumUsd([billed, estimated]),
      low,
      high,
      burn,
      band,
      pastDays: firstSpent < 0 ? [] : pastDays.slice(firstSpent),
      now,
    }),
  };
  const start = dayNumber(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1));
  const before = past.slice(Math.max(0, start - firstDay), Math.max(0, firstOfMonth - firstDay));
  const earlier = past.slice(0, Math.max(0, firstOfMonth - firstDay));
  return {
    spend,
    days: [...earlier, ...monthDays].map(({ billed: ofDay, estimated: notBilled }, index) => ({
      day: dayName(Math.min(firstDay, firstOfMonth) + index),
      billed: ofDay,
      estimated: notBilled,
    })),
    before: {
      billed: sumUsd(before.map((day) => day.billed)),
      estimated: sumUsd(before.map((day) => day.estimated)),
      isWhole: daysBetween(start, firstOfMonth - 1).every(
        (day) => bills.days.get(dayName(day))?.billedAsOf !== undefined,
      ),
    },
  };
}

/** From one day number to another, both included. */
const daysBetween = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

interface DayFigures {
  readonly billed: Usd;
  readonly estimated: Usd;
  /** All of it that ever will be is billed. */
  readonly isSettled: boolean;
}

const totalOf = ({ billed, estimated }: DayFigures): Usd => sumUsd([billed, estimated]);

function figuresOf(
  project: string,
  name: string,
  bills: Bills,
  discount: number,
  { measured, knownServices }: SpendInput,
): DayFigures {
  const day = bills.days.get(name);
  const bill = day?.billed.get(project);
  const billed = sumUsd([...(bill?.values() ?? [])].map(spentOf));
  const listed = meteredOf(project, name, bills, measured);
  const settled = day !== undefined && isSettled(day, bills);
  const known = listed.size === 0 ? 'whole' : knowledgeOf(project, name, bills);
  if (settled && known === 'whole') return { billed, estimated: ZERO_USD, isSettled: true };
  const unbilled = [...listed].map(([service, list]) =>
    knownServices.has(service)
      ? largerUsd(ZERO_USD, microUsd(lessDiscount(list, discount) - spentOf(bill?.get(service) ?? ZERO_USD)))
      : ZERO_USD,
  );
  return { billed, estimated: sumUsd(unbilled), isSettled: settled && known !== 'none' };
}

/** Below zero are refunds and credits that slipped through, and they say nothing of what was spent. */
const spentOf = (billed: Usd): Usd => largerUsd(ZERO_USD, billed);

/** The settled days of a project that the meter saw all of, of those services that it saw at work. */
function comparedDays(
  project: string,
  bills: Bills,
  { measured, knownServices, watchedFrom }: SpendInput,
): readonly Compared[] {
  return [...bills.days.values()].flatMap((day) => {
    if (day.day < watchedFrom || !isSettled(day, bills) || knowledgeOf(project, day.day, bills) !== 'whole')
      return [];
    const listed = meteredOf(project, day.day, bills, measured);
    const services = [...listed.keys()].filter((service) => knownServices.has(service));
    if (services.length === 0) return [];
    const billed = day.billed.get(project);
    return [
      {
        billed: sumUsd(services.map((service) => spentOf(billed?.get(service) ?? ZERO_USD))),
        metered: sumUsd(services.map((service) => listed.get(service) ?? ZERO_USD)),
      },
    ];
  });
}

/** What the meter says of a day, or said when it was settled: its records may have been forgotten since. */
const meteredOf = (project: string, day: string, bills: Bills, measured: Measured): ByService =>
  (bills.days.get(day)?.metered ?? measured.days.get(day))?.get(project) ?? NO_SERVICES;

/** The end of the days from the first of the month on that are settled, one after the other. */
function billedThrough(firstOfMonth: number, monthDays: readonly DayFigures[]): Date | undefined {
  const open = monthDays.findIndex((day) => !day.isSettled);
  const settled = open < 0 ? monthDays.length : open;
  return settled === 0 ? undefined : new Date((firstOfMonth + settled) * DAY_MS);
}

/** Fewer days do not tell what is usual. */
const USUAL_NEEDS = 5;
const HOUR_OF_DAY = 24n;

/** The median of the past days that the meter saw all of and on which anything ran, USD an hour, less discount. */
function usualBurn(
  project: string,
  pastDays: readonly number[],
  discount: number,
  bills: Bills,
  { measured, watchedFrom }: SpendInput,
): Usd | undefined {
  const daily = pastDays
    .filter((day) => dayName(day) >= watchedFrom)
    .map((day) => sumUsd(meteredOf(project, dayName(day), bills, measured).values()))
    .filter((amount) => amount > 0n)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [lower, upper] = [daily[(daily.length - 1) >> 1], daily[daily.length >> 1]];
  if (daily.length < USUAL_NEEDS || lower === undefined || upper === undefined) return undefined;
  return lessDiscount(microUsd((lower + upper) / (2n * HOUR_OF_DAY)), discount);
}
