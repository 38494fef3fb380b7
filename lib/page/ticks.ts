import type { Span } from '../simulate/result.ts';
import { colour } from './colours.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEPS = [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY];

/**
 * Where a time axis is marked, at round times in UTC, and how: `14:00` within a day and a half, `11-25` within a year,
 * `2026-11` beyond.
 * @param most at most so many
 */
export function timeTicks(
  { from, to }: Span,
  most: number,
): { values: number[]; label: (at: number) => string } {
  const [first, last] = [from.getTime(), to.getTime()];
  const wanted = Math.max(1, (last - first) / Math.max(1, most - 1));
  const step = STEPS.find((one) => one >= wanted) ?? Math.ceil(wanted / DAY) * DAY;
  const values: number[] = [];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) values.push(at);
  const cut =
    step < DAY
      ? last - first <= 1.5 * DAY
        ? [11, 16]
        : [5, 16]
      : last - first < 400 * DAY
        ? [5, 10]
        : [0, 7];
  const label = (at: number): string =>
    new Date(at)
      .toISOString()
      .slice(...cut)
      .replace('T', ' ');
  return { values: values.length === 0 ? [first] : values, label };
}

/**
 * How an axis tells such times. A label at an end of it stands inside of it, where it would be cut off else.
 * @param most at most so many
 */
export function timeLabels(span: Span, most: number) {
  const { values, label } = timeTicks(span, most);
  const [first, last] = [span.from.getTime(), span.to.getTime()];
  const near = (last - first) / (2.5 * most);
  return {
    customValues: values,
    formatter: (at: number): string => label(at),
    color: colour('soft'),
    fontSize: 11,
    hideOverlap: true,
    ...((values[0] ?? last) - first < near ? { alignMinLabel: 'left' as const } : {}),
    ...(last - (values.at(-1) ?? first) < near ? { alignMaxLabel: 'right' as const } : {}),
  };
}

/** The axis of time below a chart, with at most so many times on it. */
export const timeAxis = (span: Span, most: number) => ({
  type: 'value' as const,
  min: span.from.getTime(),
  max: span.to.getTime(),
  axisLine: { lineStyle: { color: colour('edge') } },
  axisTick: { show: false },
  splitLine: { show: false },
  axisLabel: timeLabels(span, most),
});

/** The span that a chart shows: never empty. */
export const shown = ({ from, to }: Span): Span =>
  to.getTime() - from.getTime() >= 60_000 ? { from, to } : { from, to: new Date(from.getTime() + 60_000) };
