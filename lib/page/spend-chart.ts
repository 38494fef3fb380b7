import type { ProjectRun, Span, SpendPoint } from '../simulate/result.ts';
import { formatUsd, microUsd, sumUsd } from '../types/money.ts';
import { type ChartOption, draw } from './chart.ts';
import { colour } from './colours.ts';
import { dollars, onAxis } from './dollars.ts';
import type { Html } from './html.ts';
import { shown, timeAxis } from './ticks.ts';

const WIDTH = 360;
const HEIGHT = 210;
/** More could not be told apart. */
const SAMPLES = 360;

/** What a project has spent of its limit since the month began: billed, and on top of it what is estimated. */
export function spendChart(
  { points, limit }: Pick<ProjectRun, 'points' | 'limit'>,
  span: Span,
  label: string,
): Html {
  const within = shown(span);
  const drawn = withTurns(thinned(points.filter(({ at }) => at >= within.from && at <= within.to)));
  const most = Math.max(0, ...drawn.map(({ billed, estimated }) => dollars(sumUsd([billed, estimated]))));
  const top = Math.max(most, limit === undefined ? 0 : dollars(limit)) * 1.12;
  const line = (of: 'billed' | 'estimated') => ({
    type: 'line' as const,
    stack: 'spend',
    stackStrategy: 'all' as const,
    showSymbol: false,
    clip: false,
    silent: true,
    lineStyle: { color: colour(of), width: 2, type: of === 'billed' ? ('solid' as const) : [5, 3] },
    areaStyle:
      of === 'billed'
        ? { color: colour(of), opacity: 0.25 }
        : { color: 'url(#hatch-estimated)', opacity: 0.45 },
    data: drawn.map((point) => [point.at.getTime(), dollars(point[of])]),
  });
  const option: ChartOption = {
    grid: { left: 54, right: 16, top: 16, bottom: 24, outerBoundsMode: 'none' },
    xAxis: timeAxis(within, 5),
    yAxis: {
      type: 'value',
      axisLine: { show: false },
      axisTick: { show: false },
      max: top > 0 ? top : 1,
      splitNumber: 4,
      splitLine: { lineStyle: { color: colour('line') } },
      axisLabel: {
        color: colour('soft'),
        fontSize: 11,
        formatter: (value) => onAxis(value),
        showMaxLabel: false,
      },
    },
    series: [
      {
        ...line('billed'),
        ...(limit === undefined
          ? {}
          : {
              markLine: {
                silent: true,
                symbol: 'none',
                lineStyle: { color: colour('limit'), width: 2, type: [10, 3, 2, 3] },
                label: {
                  position: 'insideStartTop',
                  formatter: `limit ${formatUsd(limit)}`,
                  color: colour('limit'),
                  fontSize: 11,
                  textBorderColor: colour('card'),
                  textBorderWidth: 3,
                },
                data: [{ yAxis: dollars(limit) }],
              },
            }),
      },
      line('estimated'),
    ],
  };
  return draw({ option, width: WIDTH, height: HEIGHT, label });
}

function thinned(points: readonly SpendPoint[]): readonly SpendPoint[] {
  const every = Math.ceil(points.length / SAMPLES);
  return every <= 1
    ? points
    : points.filter(
        (point, index) =>
          index % every === 0 ||
          index === points.length - 1 ||
          isTurn(point, points[index + 1]) ||
          isTurn(points[index - 1], point),
      );
}

const month = ({ at }: SpendPoint): string => at.toISOString().slice(0, 7);

const isTurn = (before: SpendPoint | undefined, after: SpendPoint | undefined): boolean =>
  before !== undefined && after !== undefined && month(before) !== month(after);

/** A month begins with nothing spent: the line falls there, and does not slope to the next point. */
function withTurns(points: readonly SpendPoint[]): readonly SpendPoint[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (before === undefined || !isTurn(before, point)) return [point];
    const turn = new Date(`${month(point)}-01T00:00:00.000Z`);
    return [{ ...before, at: turn }, { at: turn, billed: microUsd(0n), estimated: microUsd(0n) }, point];
  });
}
