import {
  CloudWatchClient,
  CloudWatchServiceException,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  InvalidNextToken,
  ListMetricsCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { answering } from './answering.ts';
import { listMetrics } from './cloudwatch-list.ts';
import { MINUTE_MS, pointsOf, STATISTICS, type Statistic, samplesBetween } from './cloudwatch-points.ts';
import { dimensionsOf, findSeries, type Place, spellOf } from './cloudwatch-series.ts';
import { seriesKey } from './recorded.ts';
import type { AccountState } from './state.ts';

/** The limits of GetMetricData (its reference). What is more than the datapoints comes on the next page. */
const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * CloudWatch of one region: what was recorded elsewhere of a series, or else what its resource does. Each minute is
 * published as soon as it has passed.
 */
export function cloudwatchIn(state: AccountState, region: string): CloudWatchClient {
  const at: Place = { state, region };
  return answering(new CloudWatchClient({ region }))
    .on(ListMetricsCommand, listMetrics(at))
    .on(GetMetricDataCommand, (input) => getMetricData(input, at)).client;
}

const invalid = (message: string) =>
  new CloudWatchServiceException({ name: 'ValidationError', message, $fault: 'client', $metadata: {} });

/** Where the pages so far have ended: so many datapoints of the query of that index were told. */
interface Cursor {
  readonly query: number;
  readonly told: number;
}

function getMetricData(input: GetMetricDataCommandInput, at: Place) {
  const { state } = at;
  const queries = input.MetricDataQueries ?? [];
  check(input, queries);
  const range = rangeOf(input, state.now().getTime());
  const ascending = input.ScanBy === 'TimestampAscending';
  const begin = cursorOf(input.NextToken, queries.length);
  if (input.NextToken === undefined) state.asked.metrics += queries.length;
  let room = Math.min(input.MaxDatapoints ?? MOST_DATAPOINTS, MOST_DATAPOINTS);
  const results: MetricDataResult[] = [];
  for (let index = begin.query; index < queries.length; index += 1) {
    const query = queries[index];
    if (query === undefined) continue;
    const { times, values } = state.health.metrics ? dataOf(query, range, at) : NO_DATA;
    if (!ascending) {
      times.reverse();
      values.reverse();
    }
    const told = index === begin.query ? begin.told : 0;
    const left = times.length - told;
    const whole = left <= room;
    const end = whole ? times.length : told + room;
    results.push({
      Id: query.Id,
      Label: query.Label ?? query.MetricStat?.Metric?.MetricName,
      Timestamps: told === 0 && whole ? times : times.slice(told, end),
      Values: told === 0 && whole ? values : values.slice(told, end),
      StatusCode: whole ? 'Complete' : 'PartialData',
    });
    if (!whole) return { MetricDataResults: results, Messages: [], NextToken: `${index}.${end}` };
    room -= left;
  }
  return { MetricDataResults: results, Messages: [] };
}

function check({ StartTime, EndTime, MaxDatapoints }: GetMetricDataCommandInput, queries: MetricDataQuery[]) {
  if (queries.length > MOST_QUERIES) {
    throw invalid(`The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`);
  }
  if (StartTime === undefined || EndTime === undefined) {
    throw invalid('The parameters StartTime and EndTime are required.');
  }
  if (StartTime >= EndTime) {
    throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  }
  if (MaxDatapoints !== undefined && (MaxDatapoints < 1 || !Number.isInteger(MaxDatapoints))) {
    throw invalid('The parameter MaxDatapoints must be greater than or equal to 1.');
  }
  const ids = new Set<string>();
  for (const { Id = '' } of queries) {
    if (!/^[a-z]\w*$/.test(Id)) throw invalid(`The value ${Id} for parameter Id is not valid.`);
    ids.add(Id);
  }
  if (ids.size < queries.length) throw invalid('The values for parameter Id must be unique.');
}

function cursorOf(token: string | undefined, queries: number): Cursor {
  if (token === undefined) return { query: 0, told: 0 };
  const [, query, told] = /^(\d+)\.(\d+)$/.exec(token) ?? [];
  if (query === undefined || told === undefined || Number(query) >= queries) {
    throw new InvalidNextToken({ message: 'The next token is not valid.', $metadata: {} });
  }
  return { query: Number(query), told: Number(told) };
}

interface Range {
  /** Rounded as AWS does. */
  readonly from: number;
  /** Exclusive, and not later than now. */
  readonly to: number;
  /** Of datapoints of so many milliseconds and more, those from then on are kept. */
  readonly keptFrom: (periodMs: number) => number;
  /** Instants of the periods of that length, which all queries of a call share. */
  readonly starts: (periodMs: number, index: number) => Date;
}

function rangeOf({ StartTime, EndTime }: GetMetricDataCommandInput, now: number): Range {
  const asked = StartTime?.getTime() ?? 0;
  const age = now - asked;
  const grid = age <= 15 * DAY_MS ? MINUTE_MS : age <= 63 * DAY_MS ? 5 * MINUTE_MS : HOUR_MS;
  const from = Math.floor(asked / grid) * grid;
  const known = new Map<number, Date[]>();
  return {
    from,
    to: Math.min(EndTime?.getTime() ?? 0, now),
    // CloudWatch user guide, "Metrics retention".
    keptFrom: (periodMs) => {
      if (periodMs < 5 * MINUTE_MS) return now - 15 * DAY_MS;
      return now - (periodMs < HOUR_MS ? 63 : 455) * DAY_MS;
    },
    starts: (periodMs, index) => {
      const own = known.get(periodMs) ?? [];
      if (own.length === 0) known.set(periodMs, own);
      const start = own[index] ?? new Date(from + index * periodMs);
      own[index] = start;
      return start;
    },
  };
}

interface Data {
  /** In the order of time. */
  readonly times: Date[];
  readonly values: number[];
}

const NO_DATA: Data = { times: [], values: [] };

function dataOf({ MetricStat, Expression }: MetricDataQuery, range: Range, at: Place): Data {
  if (MetricStat === undefined) {
    throw new Error(`The account in memory computes no expressions: ${Expression ?? 'no MetricStat'}.`);
  }
  const { Metric: { Namespace = '', MetricName = '', Dimensions } = {}, Period: seconds = 0 } = MetricStat;
  if (![1, 5, 10, 20, 30].includes(seconds) && (seconds <= 0 || seconds % 60 !== 0)) {
    throw invalid(`The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60; it is ${seconds}.`);
  }
  const statistic = STATISTICS.find((one) => one === MetricStat.Stat);
  if (statistic === undefined) {
    throw new Error(`The account in memory has no statistic ${MetricStat.Stat ?? ''}.`);
  }
  const dimensions = dimensionsOf(Dimensions);
  if (dimensions === undefined) return { times: [], values: [] };
  const { recorded } = at.state;
  const key = { namespace: Namespace, metricName: MetricName, dimensions };
  const series =
    recorded.size === 0 || (statistic !== 'Maximum' && statistic !== 'Sum')
      ? undefined
      : recorded.get(seriesKey({ ...key, region: at.region, statistic, periodSeconds: seconds }));
  return series === undefined
    ? computed(key, seconds * 1000, statistic, range, at)
    : ofRecord(series, key, seconds * 1000, range, at);
}

interface Key {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

function computed(
  { namespace, metricName, dimensions }: Key,
  periodMs: number,
  statistic: Statistic,
  range: Range,
  at: Place,
): Data {
  const publisher = findSeries(namespace, metricName, dimensions, at);
  if (publisher === undefined) return { times: [], values: [] };
  const { from, to } = range;
  const keptFrom = range.keptFrom(periodMs);
  const { periods, values } = pointsOf(publisher, { from, to, keptFrom, periodMs, statistic });
  return { times: periods.map((index) => range.starts(periodMs, index)), values };
}

/** A period that was recorded counts once all of it has passed: its datapoint knows no less. */
function ofRecord(
  series: Parameters<typeof samplesBetween>[0],
  { dimensions }: Key,
  periodMs: number,
  range: Range,
  at: Place,
): Data {
  const spell = spellOf(dimensions, at);
  const from = Math.max(range.from, spell.from - periodMs + 1, range.keptFrom(periodMs));
  const last = Math.min(at.state.now().getTime(), spell.to) - periodMs;
  const samples = samplesBetween(series, from, Math.min(range.to, last + 1));
  return { times: samples.map((one) => one.at), values: samples.map(({ value }) => value) };
}
