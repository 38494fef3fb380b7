import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts';
import type { Span } from '../simulate/result.ts';
import { formatUsd } from '../types/money.ts';
import { type ChartOption, chartText, draw } from './chart.ts';
import { colour } from './colours.ts';
import type { Html } from './html.ts';
import { type Lane, spanText } from './lanes.ts';
import { BARS, MARKERS, type Paint } from './marks.ts';
import { shown, timeLabels, timeTicks } from './ticks.ts';

/** Pixels. */
interface Layout {
  readonly width: number;
  /** Of the times above the lanes. */
  readonly top: number;
  readonly lane: number;
  /** Of the plot. */
  readonly left: number;
  readonly right: number;
  /** Within a lane, of the middle of its bar. */
  readonly bar: number;
  readonly ticks: number;
}

const BOTTOM = 6;

/** `wide` names a resource beside its lane, `narrow` above it. */
export const LAYOUTS = {
  wide: { width: 1150, top: 22, lane: 36, left: 230, right: 14, bar: 17, ticks: 13 },
  narrow: { width: 330, top: 26, lane: 56, left: 8, right: 8, bar: 32, ticks: 5 },
} as const satisfies Readonly<Record<string, Layout>>;

export type LayoutName = keyof typeof LAYOUTS;

export const plotWidth = (of: LayoutName): number => LAYOUTS[of].width - LAYOUTS[of].left - LAYOUTS[of].right;

type ItemOf = (x: (at: Date) => number) => CustomSeriesRenderItemReturn;

interface Item {
  readonly draw: ItemOf;
  readonly title?: string;
}

/** A lane a resource: when it ran, was in use, was out of service by Bursar, and what was told and done. */
export function timelineChart(
  lanes: readonly Lane[],
  span: Span,
  of: LayoutName,
  { label, tell }: { readonly label: string; readonly tell: (at: Date) => string },
): Html {
  const layout: Layout = LAYOUTS[of];
  const within = shown(span);
  const { values } = timeTicks(within, layout.ticks);
  const height = layout.top + lanes.length * layout.lane + BOTTOM;
  const items = [
    ...values.map((at): Item => ({ draw: (x) => vertical(x(new Date(at)), layout.top, height) })),
    ...lanes.flatMap((lane, index) => itemsOf(lane, layout.top + index * layout.lane, of, within, tell)),
  ];
  const option: ChartOption = {
    grid: { left: layout.left, right: layout.right, top: layout.top, bottom: BOTTOM },
    xAxis: {
      type: 'value',
      position: 'top',
      min: within.from.getTime(),
      max: within.to.getTime(),
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { ...timeLabels(within, layout.ticks), margin: 4 },
    },
    yAxis: { type: 'value', min: 0, max: 1, show: false },
    series: [
      {
        type: 'custom',
        data: items.map(() => [within.from.getTime(), 0]),
        renderItem: ({ dataIndex }, api) => items[dataIndex]?.draw(placing(api)) ?? null,
      },
    ],
  };
  return draw({
    option,
    width: layout.width,
    height,
    label,
    // A phone has no pointer to hold over a shape.
    ...(of === 'wide' ? { titleOf: (_, index) => items[index]?.title } : {}),
  });
}

const placing =
  (api: CustomSeriesRenderItemAPI) =>
  (at: Date): number =>
    api.coord([at.getTime(), 0])[0] ?? 0;

const vertical = (x: number, top: number, height: number): CustomSeriesRenderItemReturn => ({
  type: 'line',
  shape: { x1: x, y1: top, x2: x, y2: height },
  style: { fill: 'none', stroke: colour('line'), lineWidth: 1 },
});

/** What ECharts does not know of a shape's look would come from its theme. */
const styleOf = ({ fill, stroke, lineWidth }: Paint) => ({
  fill,
  ...(stroke === undefined ? {} : { stroke, lineWidth: lineWidth ?? 1 }),
});

function itemsOf(
  lane: Lane,
  top: number,
  of: LayoutName,
  within: Span,
  tell: (at: Date) => string,
): readonly Item[] {
  const { resource, bars, markers } = lane;
  const middle = top + LAYOUTS[of].bar;
  const who = resource.id;
  return [
    ...labels(lane, top, of),
    {
      draw: (x) => ({
        type: 'line',
        shape: { x1: x(within.from), y1: middle, x2: x(within.to), y2: middle },
        style: { fill: 'none', stroke: colour('edge'), lineWidth: 1 },
      }),
    },
    ...bars.map((bar): Item => {
      const { height, label, ...paint } = BARS[bar.kind];
      return {
        title: `${who} ${label}: ${spanText(bar, tell)}`,
        draw: (x) => ({
          type: 'rect',
          shape: {
            x: x(bar.from),
            y: middle - height / 2,
            width: Math.max(1, x(bar.to) - x(bar.from)),
            height,
          },
          style: styleOf(paint),
        }),
      };
    }),
    ...markers.map((mark): Item => {
      const { path, side, label, ...paint } = MARKERS[mark.kind];
      const more = mark.count === 1 ? '' : `, and ${mark.count - 1} more right after it`;
      return {
        title: `${who} ${label} at ${tell(mark.at)}${more}. ${mark.event.reason}`,
        draw: (x) => ({
          type: 'path',
          shape: { pathData: path, x: -5, y: -5, width: 10, height: 10 },
          x: x(mark.at),
          y: middle + (side === 'above' ? -12 : 12.5),
          style: styleOf(paint),
        }),
      };
    }),
  ];
}

function labels({ resource }: Lane, top: number, of: LayoutName): readonly Item[] {
  const { id, size, hourly } = resource;
  const price = hourly === undefined ? 'unpriced' : `${formatUsd(hourly)}/h`;
  const detail = `${size === '' ? '' : `${size}, `}${price}`;
  return of === 'wide'
    ? [text(id, 0, top + 10, 215, 12, 'ink'), text(detail, 0, top + 24, 215, 11, 'soft')]
    : [text(id, 0, top + 9, 190, 12, 'ink'), text(detail, 330, top + 9, 132, 11, 'soft', 'right')];
}

const text = (
  said: string,
  x: number,
  y: number,
  width: number,
  fontSize: number,
  fill: 'ink' | 'soft',
  align: 'left' | 'right' = 'left',
): Item => ({
  title: said,
  draw: () => ({
    type: 'text',
    x,
    y,
    style: {
      text: chartText(said),
      fontSize,
      fill: colour(fill),
      align,
      verticalAlign: 'middle',
      width,
      overflow: 'truncate',
      ellipsis: '…',
    },
  }),
});
