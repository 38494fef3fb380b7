import type { Dimensions } from './cloudwatch-series.ts';
import { type RecordedMetrics, seriesOfKey } from './recorded.ts';

/** A metric that was read elsewhere, by whatever statistics and periods. */
export interface RecordedMetric {
  readonly region: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Dimensions;
  /** Where its datapoints are. */
  readonly keys: readonly string[];
}

interface Index {
  readonly size: number;
  readonly byName: ReadonlyMap<string, readonly RecordedMetric[]>;
}

const indices = new WeakMap<RecordedMetrics, Index>();

const nameOf = (region: string, namespace: string, metricName: string): string =>
  JSON.stringify([region, namespace, metricName]);

/**
 * The metrics of a region that were recorded; of one namespace and name, or of all. The keys are read through once, and
 * again where their number has changed.
 */
export function recordedMetrics(
  recorded: RecordedMetrics,
  region: string,
  namespace: string | undefined,
  metricName: string | undefined,
): readonly RecordedMetric[] {
  if (recorded.size === 0) return [];
  const before = indices.get(recorded);
  const index = before?.size === recorded.size ? before : indexOf(recorded);
  if (index !== before) indices.set(recorded, index);
  if (namespace !== undefined && metricName !== undefined) {
    return index.byName.get(nameOf(region, namespace, metricName)) ?? [];
  }
  return [...index.byName.values()]
    .flat()
    .filter(
      (one) =>
        one.region === region &&
        (namespace === undefined || one.namespace === namespace) &&
        (metricName === undefined || one.metricName === metricName),
    );
}

function indexOf(recorded: RecordedMetrics): Index {
  const series = [...recorded.keys()].map((key) => ({ key, ...seriesOfKey(key) }));
  const bySeries = Map.groupBy(series, ({ region, namespace, metricName, dimensions }) =>
    JSON.stringify([region, namespace, metricName, dimensions]),
  );
  const metrics = [...bySeries.values()].flatMap((some): readonly RecordedMetric[] => {
    const [first] = some;
    return first === undefined ? [] : [{ ...first, keys: some.map(({ key }) => key) }];
  });
  return {
    size: recorded.size,
    byName: Map.groupBy(metrics, (one) => nameOf(one.region, one.namespace, one.metricName)),
  };
}
