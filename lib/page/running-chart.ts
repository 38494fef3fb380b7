import type { ResourceRun, Span } from '../simulate/result.ts';
import { type ChartOption, draw } from './chart.ts';
import { colour } from './colours.ts';
import type { Html } from './html.ts';
import { shown, timeAxis } from './ticks.ts';
import { LAYOUTS, type LayoutName } from './timeline-chart.ts';

const HEIGHT = 130;
/** More could not be told apart. */
const SAMPLES = 400;

/** How many of some resources ran at a time. */
export function runningChart(
  resources: readonly ResourceRun[],
  span: Span,
  of: LayoutName,
  label: string,
): Html {
  const within = shown(span);
  const layout = LAYOUTS[of];
  const option: ChartOption = {
    grid: {
      left: of === 'wide' ? layout.left : 34,
      right: layout.right,
      top: 8,
      bottom: 22,
      outerBoundsMode: 'none',
    },
    xAxis: timeAxis(within, layout.ticks),
    yAxis: {
      type: 'value',
      axisLine: { show: false },
      axisTick: { show: false },
      min: 0,
      minInterval: 1,
      splitNumber: 3,
      splitLine: { lineStyle: { color: colour('line') } },
      axisLabel: { color: colour('soft'), fontSize: 11 },
    },
    series: [
      {
        type: 'line',
        step: 'end',
        showSymbol: false,
        clip: false,
        silent: true,
        lineStyle: { color: colour('ran'), width: 1.5 },
        areaStyle: { color: colour('ran'), opacity: 0.45 },
        data: running(resources, within),
      },
    ],
  };
  return draw({ option, width: layout.width, height: HEIGHT, label });
}

/** Instants and counts; where there are too many, the most of each stretch. */
function running(resources: readonly ResourceRun[], { from, to }: Span): [at: number, count: number][] {
  const [first, last] = [from.getTime(), to.getTime()];
  const changes = resources
    .flatMap(({ ran }) =>
      ran.flatMap((span): [number, number][] => [
        [Math.max(first, span.from.getTime()), 1],
        [Math.min(last, span.to.getTime()), -1],
      ]),
    )
    .sort(([a], [b]) => a - b);
  const width = (last - first) / SAMPLES;
  const points: [number, number][] = [[first, 0]];
  let count = 0;
  for (const [at, change] of changes) {
    count += change;
    const point = points.at(-1);
    const start = first + Math.floor((at - first) / width) * width;
    if (point !== undefined && start <= point[0]) point[1] = Math.max(point[1], count);
    else points.push([start, count]);
  }
  // The last stretch is as it ended.
  points.push([last, points.at(-1)?.[1] ?? 0]);
  return points;
}
