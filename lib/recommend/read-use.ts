import { GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { stateOf } from '../fleet/metrics.ts';
import { chunks } from '../types/lists.ts';
import type { CheckContext } from './check.ts';

/** Days that are looked at. */
export const USE_DAYS = 14;
export const USE_HOURS = USE_DAYS * 24;
/** The sizes of something are judged by so many days at least: less is not known well enough. */
export const LEAST_DAYS = 7;

const HOUR_MS = 3_600_000;
/** AWS answers 100,800 datapoints a call, and takes 500 metrics: of two weeks by the hour the first binds. */
const SERIES_PER_CALL = Math.floor(100_800 / USE_HOURS);

/** One metric, hour by hour. */
export interface UseSeries {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Maximum' | 'Minimum' | 'Sum';
}

/** A value for each of the last 336 whole hours, the oldest first, in the unit of AWS; NaN where there is no datapoint. */
export type Hours = Float64Array;

/** The last 14 days of whole hours. */
export function useWindow(now: Date): { readonly from: Date; readonly to: Date } {
  const to = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return { from: new Date(to - USE_HOURS * HOUR_MS), to: new Date(to) };
}

/**
 * Reads metrics of two weeks in the order in which they are given: one metric that AWS bills for each ($0.01 for 1,000).
 * `undefined` of one that was not answered in whole.
 * @throws what CloudWatch answers
 */
export async function readUse(
  series: readonly UseSeries[],
  { clients, now }: Pick<CheckContext, 'clients' | 'now'>,
): Promise<readonly (Hours | undefined)[]> {
  const window = useWindow(now());
  const read: (Hours | undefined)[] = [];
  for (const some of chunks(series, SERIES_PER_CALL)) {
    read.push(...(await readCall(some, window, clients)));
  }
  return read;
}

async function readCall(
  series: readonly UseSeries[],
  { from, to }: { readonly from: Date; readonly to: Date },
  { cloudwatch }: CheckContext['clients'],
): Promise<readonly (Hours | undefined)[]> {
  const hours = series.map(() => new Float64Array(USE_HOURS).fill(Number.NaN));
  const states = new Map<number, ReturnType<typeof stateOf>>();
  let token: string | undefined;
  do {
    const page = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: from,
        EndTime: to,
        ScanBy: 'TimestampAscending',
        MetricDataQueries: series.map(({ namespace, metricName, dimensions, statistic }, index) => ({
          Id: `q${index}`,
          MetricStat: {
            Metric: {
              Namespace: namespace,
              MetricName: metricName,
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: HOUR_MS / 1000,
            Stat: statistic,
          },
          ReturnData: true,
        })),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    for (const result of page.MetricDataResults ?? []) {
      const index = Number(result.Id?.slice(1));
      const own = hours[index];
      if (own === undefined) continue;
      if (states.get(index) !== 'failed') states.set(index, stateOf(result.StatusCode));
      fill(own, result, from.getTime());
    }
    token = page.NextToken === '' ? undefined : page.NextToken;
  } while (token !== undefined);
  return hours.map((own, index) => (states.get(index) === 'whole' ? own : undefined));
}

function fill(own: Hours, { Timestamps = [], Values = [] }: MetricDataResult, from: number): void {
  for (const [n, at] of Timestamps.entries()) {
    const value = Values[n];
    const hour = Math.floor((at.getTime() - from) / HOUR_MS);
    if (value !== undefined && hour >= 0 && hour < USE_HOURS) own[hour] = value;
  }
}

/** Those hours alone that began at a time or later: what was before says nothing of the size that it has now. */
export function hoursFrom(hours: Hours | undefined, at: Date, now: Date): Hours | undefined {
  const first = Math.ceil((at.getTime() - useWindow(now).from.getTime()) / HOUR_MS);
  return first <= 0 ? hours : hours?.map((value, hour) => (hour < first ? Number.NaN : value));
}

/** What some hours come to. */
export interface UseFigures {
  /** Hours with a datapoint. */
  readonly hours: number;
  /** Days of 24 hours, back from the newest, in which there is one. */
  readonly days: number;
  /** Hours since the first one with a datapoint. */
  readonly since: number;
  readonly highest: number;
  readonly lowest: number;
  readonly sum: number;
  /** What 99 of 100 hours are not above. */
  readonly usual: number;
}

/** `undefined` where there is no datapoint at all. */
export function figuresOf(hours: Hours | undefined): UseFigures | undefined {
  if (hours === undefined) return undefined;
  const present = hours.filter((value) => !Number.isNaN(value)).sort();
  const [lowest] = present;
  const highest = present.at(-1);
  if (lowest === undefined || highest === undefined) return undefined;
  const days = new Set<number>();
  hours.forEach((value, hour) => {
    if (!Number.isNaN(value)) days.add(Math.floor(hour / 24));
  });
  return {
    hours: present.length,
    days: days.size,
    since: USE_HOURS - hours.findIndex((value) => !Number.isNaN(value)),
    highest,
    lowest,
    sum: present.reduce((total, value) => total + value, 0),
    usual: present[Math.ceil(0.99 * present.length) - 1] ?? highest,
  };
}

/** How many hours are above a value. */
export const hoursAbove = (hours: Hours | undefined, limit: number): number =>
  hours?.filter((value) => value > limit).length ?? 0;

/** True where a metric was there in nearly all the hours in which another was: it then tells of the whole time. */
export const coversAsMuch = (one: UseFigures | undefined, as: UseFigures): one is UseFigures =>
  one !== undefined && one.hours >= 0.95 * as.hours;
