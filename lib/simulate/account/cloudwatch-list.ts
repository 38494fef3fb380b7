import {
  type DimensionFilter,
  InvalidNextToken,
  type ListMetricsCommandInput,
  type Metric,
} from '@aws-sdk/client-cloudwatch';
import { samplesBetween, wasActive } from './cloudwatch-points.ts';
import { recordedMetrics } from './cloudwatch-recorded.ts';
import { type Dimensions, familiesOf, type Place, seriesOf } from './cloudwatch-series.ts';

/** Metrics on one page (the reference of ListMetrics). */
const PER_PAGE = 500;
const HOUR_MS = 3_600_000;
/** What has had no datapoint for longer is not listed (the same), nor for less than this where that is asked for. */
const LISTED_MS = 14 * 24 * HOUR_MS;
const RECENT_MS = 3 * HOUR_MS;

/** Answers ListMetrics. The pages of one listing are as the metrics were when its first one was asked for. */
export function listMetrics(at: Place) {
  let listing: { readonly question: string; readonly metrics: readonly Metric[] } | undefined;
  return ({ NextToken, ...asked }: ListMetricsCommandInput) => {
    const question = JSON.stringify(asked);
    const start = NextToken === undefined ? 0 : Number(NextToken);
    if (!Number.isInteger(start) || start < 0) {
      throw new InvalidNextToken({ message: 'The next token is not valid.', $metadata: {} });
    }
    const metrics =
      NextToken !== undefined && listing?.question === question ? listing.metrics : list(asked, at);
    const end = start + PER_PAGE;
    const more = end < metrics.length;
    listing = more ? { question, metrics } : undefined;
    return { Metrics: metrics.slice(start, end), ...(more ? { NextToken: `${end}` } : {}) };
  };
}

type Asked = Omit<ListMetricsCommandInput, 'NextToken'>;

function list({ Namespace, MetricName, Dimensions: filters = [], RecentlyActive }: Asked, at: Place) {
  const { state, region } = at;
  const to = state.now().getTime();
  const from = to - (RecentlyActive === 'PT3H' ? RECENT_MS : LISTED_MS);
  const metrics: Metric[] = [];
  const told = new Set<string>();
  for (const { namespace, metricName, dimensions, keys } of recordedMetrics(
    state.recorded,
    region,
    Namespace,
    MetricName,
  )) {
    if (!matches(dimensions, filters)) continue;
    // It takes the place of what is computed, also while it has no datapoint.
    told.add(nameOf(namespace, metricName, dimensions));
    if (keys.some((key) => samplesBetween(state.recorded.get(key) ?? [], from, to).length > 0)) {
      metrics.push(metricOf(namespace, metricName, dimensions));
    }
  }
  for (const family of familiesOf(Namespace, MetricName)) {
    const { namespace, metricName } = family;
    const id = filters.find(({ Name }) => Name === family.sources.names[0])?.Value;
    for (const { dimensions, publisher } of seriesOf(family, id, at)) {
      if (!matches(dimensions, filters) || !wasActive(publisher, from, to)) continue;
      if (told.size > 0 && told.has(nameOf(namespace, metricName, dimensions))) continue;
      metrics.push(metricOf(namespace, metricName, dimensions));
    }
  }
  return metrics;
}

const nameOf = (namespace: string, metricName: string, dimensions: Dimensions): string =>
  JSON.stringify([namespace, metricName, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

const matches = (dimensions: Dimensions, filters: readonly DimensionFilter[]): boolean =>
  filters.every(({ Name = '', Value }) => {
    const own = dimensions[Name];
    return own !== undefined && (Value === undefined || Value === own);
  });

const metricOf = (Namespace: string, MetricName: string, dimensions: Dimensions): Metric => ({
  Namespace,
  MetricName,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});
