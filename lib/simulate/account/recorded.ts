import * as z from 'zod';
import type { SampleList } from './samples.ts';

/** What names one series of datapoints. */
export interface RecordedSeries {
  readonly region: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Maximum' | 'Sum';
  readonly periodSeconds: number;
}

/** Datapoints of CloudWatch as they were read, by `seriesKey`; each series in the order of time, unscaled. */
export type RecordedMetrics = Map<string, SampleList>;

/** The same for the same series, in whatever order its dimensions come. */
export const seriesKey = ({
  region,
  namespace,
  metricName,
  dimensions,
  statistic,
  periodSeconds,
}: RecordedSeries): string =>
  JSON.stringify([
    region,
    namespace,
    metricName,
    Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)),
    statistic,
    periodSeconds,
  ]);

const KeySchema = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.array(z.tuple([z.string(), z.string()])),
  z.enum(['Maximum', 'Sum']),
  z.number(),
]);

/** What `seriesKey` was given. @throws where it made no such key. */
export function seriesOfKey(key: string): RecordedSeries {
  const [region, namespace, metricName, dimensions, statistic, periodSeconds] = KeySchema.parse(
    JSON.parse(key),
  );
  return {
    region,
    namespace,
    metricName,
    dimensions: Object.fromEntries(dimensions),
    statistic,
    periodSeconds,
  };
}
