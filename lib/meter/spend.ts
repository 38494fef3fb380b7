import { ascending } from '../types/lists.ts';
import type { ByService, EarlierSpend, MonthSpend, ProjectSpend, SpendDay } from '../types/meter.ts';
import { largerUsd, microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { DAY_MS, dayName, dayNumber, numberOfDay } from './days.ts';
import { forecast } from './forecast.ts';
import { type Band, bandOf, type Compared, learnedDiscount, lessDiscount, scaled } from './learned.ts';
import type { Measured, Running } from './measure.ts';
import { type Amounts, type AmountsByService, byModel } from './model-spend.ts';
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
  /** By project, the models that have limits; absent = none has. */
  readonly modelsOf?: ReadonlyMap<string, readonly string[]>;
  /** The services of which the meter has something to say; others count as billed. */
  readonly knownServices: ReadonlySet<string>;
  readonly now: Date;
}

export interface Spends {
  /** Of every project that something is billed for this month or measured, by name; `''` = what has none. */
  readonly spends: ReadonlyMap<string, ProjectSpend>;
  /** Days that count as billed from now on, with what the meter said of them: to be saved, for the band. */
  readonly settled: readonly Pick<SpendDay, 'day' | 'metered' | 'models'>[];
  /** The month before, of the same projects. */
  readonly monthBefore: ReadonlyMap<string, MonthBefore>;
  /**
   * Day by day, of the same projects: this month up to now, and before it as far back as the input reaches. Worked out
   * when it is asked for: sweeps do not.
   */
  readonly byDay: () => ReadonlyMap<string, readonly ProjectDay[]>;
  /** Of each model that has limits, by project and by its name. */
  readonly models: ReadonlyMap<string, ReadonlyMap<string, ModelSpend>>;
}

/** What a model of a project spent: a part of what the project did. */
export interface ModelSpend extends MonthSpend {
  /** Day by day, as those of its project. */
  readonly days: readonly ProjectDay[];
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
  const calendar = calendarOf(measured, bills, now);
  const found = [...projects].map((project) => [project, spendOf(project, bills, calendar, input)] as const);
  const isNews = (day: SpendDay): boolean =>
    day.metered === undefined && day.day >= measured.from && isSettled(day, bills);
  return {
    spends: new Map(found.map(([project, { spend }]) => [project, spend])),
    monthBefore: new Map(found.map(([project, { before }]) => [project, before])),
    byDay: () => new Map(found.map(([project, one]) => [project, one.days()])),
    models: new Map(
      found.flatMap(([project, { models }]) => (models.size === 0 ? [] : [[project, models] as const])),
    ),
    settled: days.filter(isNews).map(({ day }) => {
      const models = measured.models.days.get(day);
      const metered = measured.days.get(day) ?? new Map();
      return models === undefined ? { day, metered } : { day, metered, models };
    }),
  };
}

const NOTHING: SpendDay['billed'] = new Map();
const NO_SERVICES: ByService = new Map();

const billedProjects = (billed: SpendDay['billed']): readonly string[] =>
  [...billed].flatMap(([project, services]) =>
    [...services.values()].some((amount) => amount > 0n) ? [project] : [],
  );

interface Found {
  readonly spend: ProjectSpend;
  readonly before: MonthBefore;
  readonly days: () => readonly ProjectDay[];
  readonly models: ReadonlyMap<string, ModelSpend>;
}

function spendOf(project: string, bills: Bills, calendar: Calendar, input: SpendInput): Found {
  const { measured, discountOf, modelsOf, now } = input;
  const compared = comparedDays(project, bills, input);
  const discount = discountOf(project) ?? learnedDiscount(compared) ?? 0;
  const figures = new Map(
    calendar.days.map((day) => [day, figuresOf(project, dayName(day), bills, discount, input)] as const),
  );
  const pricing: Pricing = { discount, band: bandOf(compared, discount), calendar, now };
  const spend = monthSpend((day) => figures.get(day), nowOf(project, measured), pricing);
  const { beforeFrom, firstDay, firstOfMonth, today } = calendar;
  const before = daysBetween(Math.max(firstDay, beforeFrom), firstOfMonth - 1).flatMap(
    (day) => figures.get(day) ?? [],
  );
  return {
    spend: {
      ...spend,
      project: project === '' ? undefined : project,
      usualBurn: usualBurn(project, daysBetween(firstDay, today - 1), discount, bills, input),
      discount,
    },
    days: () => daysOf((day) => figures.get(day), calendar),
    before: {
      billed: sumUsd(before.map((day) => day.billed)),
      estimated: sumUsd(before.map((day) => day.estimated)),
      isWhole: calendar.isBeforeWhole,
    },
    models: modelSpends(project, modelsOf?.get(project) ?? [], figures, bills, pricing, measured),
  };
}

/** Day numbers, the same for all projects. */
interface Calendar {
  readonly today: number;
  readonly firstOfMonth: number;
  /** The first of the month before. */
  readonly beforeFrom: number;
  /** The first that anything is known of, … */
  readonly firstDay: number;
  /** … and all from then on, or from the first of the month where that is earlier. */
  readonly days: readonly number[];
  /** Cost Explorer was asked about each day of the month before. */
  readonly isBeforeWhole: boolean;
}

function calendarOf({ from }: Pick<Measured, 'from'>, bills: Bills, now: Date): Calendar {
  const firstDay = numberOfDay([from, ...bills.days.keys()].reduce((a, b) => (a < b ? a : b)));
  const today = dayNumber(now.getTime());
  const firstOfMonth = dayNumber(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  const beforeFrom = dayNumber(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1));
  return {
    today,
    firstOfMonth,
    beforeFrom,
    firstDay,
    isBeforeWhole: daysBetween(beforeFrom, firstOfMonth - 1).every(
      (day) => bills.days.get(dayName(day))?.billedAsOf !== undefined,
    ),
    days: daysBetween(Math.min(firstDay, firstOfMonth), today),
  };
}

/** What estimates of a project are made with; its models share it. */
interface Pricing {
  readonly discount: number;
  readonly band: Band;
  readonly calendar: Calendar;
  readonly now: Date;
}

type OfDay = (day: number) => (Amounts & Pick<DayFigures, 'isSettled'>) | undefined;

function monthSpend(
  figures: OfDay,
  { burn: listed, running, unpriced }: Now,
  { discount, band, calendar, now }: Pricing,
): MonthSpend {
  const { today, firstOfMonth, firstDay } = calendar;
  const monthDays = daysBetween(firstOfMonth, today).flatMap((day) => figures(day) ?? []);
  const billed = sumUsd(monthDays.map((day) => day.billed));
  const estimated = sumUsd(monthDays.map((day) => day.estimated));
  const low = sumUsd([billed, scaled(estimated, band.low)]);
  const high = sumUsd([billed, scaled(estimated, band.high)]);
  const burn = lessDiscount(listed, discount);
  const ofToday = monthDays.at(-1);
  const pastDays = daysBetween(firstDay, today - 1).flatMap((day) => {
    const one = figures(day);
    return one === undefined ? [] : [totalOf(one)];
  });
  const firstSpent = pastDays.findIndex((amount) => amount > 0n);
  return {
    asOf: now,
    billed,
    estimated,
    low,
    high,
    band: band.basis,
    billedThrough: billedThrough(firstOfMonth, monthDays),
    today: ofToday === undefined ? ZERO_USD : totalOf(ofToday),
    todayBilled: ofToday?.billed ?? ZERO_USD,
    burn,
    running,
    unpriced,
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
}

const daysOf = (figures: OfDay, { days }: Calendar): readonly ProjectDay[] =>
  days.flatMap((day) => {
    const one = figures(day);
    return one === undefined ? [] : [{ day: dayName(day), billed: one.billed, estimated: one.estimated }];
  });

/** What costs money now of one of those that are measured. */
interface Now extends Pick<MonthSpend, 'running' | 'unpriced'> {
  /** At list price. */
  readonly burn: Usd;
}

const nowOf = (name: string, measured: Running | undefined): Now => ({
  burn: measured?.burn.get(name) ?? ZERO_USD,
  running: measured?.running.get(name) ?? 0,
  unpriced: measured?.unpriced.get(name) ?? [],
});

/** What of a project's spend is of its models. They have its discount and its band: a bill tells of none of them. */
function modelSpends(
  project: string,
  names: readonly string[],
  figures: ReadonlyMap<number, DayFigures>,
  bills: Bills,
  pricing: Pricing,
  measured: Measured,
): ReadonlyMap<string, ModelSpend> {
  if (names.length === 0) return new Map();
  const parts = new Map(
    [...figures].map(([day, { byService, isSettled: settled }]) => {
      const listed = meteredOf(project, dayName(day), bills, measured);
      const models = modelsMetered(project, dayName(day), bills, measured);
      return [day, { isSettled: settled, of: byModel(byService, listed, models) }] as const;
    }),
  );
  return new Map(
    names.map((name) => {
      const ofDay: OfDay = (day) => {
        const part = parts.get(day);
        return part && { ...(part.of.get(name) ?? NOTHING_SPENT), isSettled: part.isSettled };
      };
      const now = nowOf(name, measured.models.now.get(project));
      return [name, { ...monthSpend(ofDay, now, pricing), days: daysOf(ofDay, pricing.calendar) }];
    }),
  );
}

const NOTHING_SPENT: Amounts = { billed: ZERO_USD, estimated: ZERO_USD };

/** From one day number to another, both included. */
const daysBetween = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

interface DayFigures extends Amounts {
  readonly byService: AmountsByService;
  /** All of it that ever will be is billed. */
  readonly isSettled: boolean;
}

const totalOf = ({ billed, estimated }: Amounts): Usd => sumUsd([billed, estimated]);

function figuresOf(
  project: string,
  name: string,
  bills: Bills,
  discount: number,
  { measured, knownServices }: SpendInput,
): DayFigures {
  const day = bills.days.get(name);
  const bill = day?.billed.get(project);
  const listed = meteredOf(project, name, bills, measured);
  const settled = day !== undefined && isSettled(day, bills);
  const known = listed.size === 0 ? 'whole' : knowledgeOf(project, name, bills);
  const isWhole = settled && known === 'whole';
  const byService = new Map(
    [...new Set([...(bill?.keys() ?? []), ...listed.keys()])].map((service) => {
      const billed = spentOf(bill?.get(service) ?? ZERO_USD);
      const list = knownServices.has(service) && !isWhole ? listed.get(service) : undefined;
      const unbilled = list === undefined ? ZERO_USD : microUsd(lessDiscount(list, discount) - billed);
      return [service, { billed, estimated: largerUsd(ZERO_USD, unbilled) }] as const;
    }),
  );
  return {
    byService,
    billed: sumUsd([...byService.values()].map(({ billed }) => billed)),
    estimated: sumUsd([...byService.values()].map(({ estimated }) => estimated)),
    isSettled: isWhole || (settled && known !== 'none'),
  };
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

/** The same of its models. */
const modelsMetered = (
  project: string,
  day: string,
  bills: Bills,
  measured: Measured,
): ReadonlyMap<string, ByService> => {
  const saved = bills.days.get(day);
  const models = saved?.metered === undefined ? measured.models.days.get(day) : saved.models;
  return models?.get(project) ?? new Map();
};

/** The end of the days from the first of the month on that are settled, one after the other. */
function billedThrough(
  firstOfMonth: number,
  monthDays: readonly Pick<DayFigures, 'isSettled'>[],
): Date | undefined {
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
    .sort(ascending);
  const [lower, upper] = [daily[(daily.length - 1) >> 1], daily[daily.length >> 1]];
  if (daily.length < USUAL_NEEDS || lower === undefined || upper === undefined) return undefined;
  return lessDiscount(microUsd((lower + upper) / (2n * HOUR_OF_DAY)), discount);
}
