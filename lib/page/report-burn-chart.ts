import type { LevelReport } from '../report/report.ts';
import { microUsd, type Usd } from '../types/money.ts';
import { type ChartOption, draw } from './chart.ts';
import { colour } from './colours.ts';
import { dollars, onAxis } from './dollars.ts';
import { type Html, html } from './html.ts';
import { money } from './report-words.ts';
import { timeAxis } from './ticks.ts';

const WIDTH = 360;
const HEIGHT = 220;

export interface BurnSpan {
  readonly from: Date;
  /** Of what is known. */
  readonly to: Date;
  /** Of the month. */
  readonly end: Date;
}

type Point = readonly [at: number, dollars: number];

/** What is left of a limit, day by day, and where it goes by the forecast. */
export function burnChart(level: LevelReport & { readonly limit: Usd }, span: BurnSpan, label: string): Html {
  const { limit, forecast, spent, runsOutAt } = level;
  const [from, to, end] = [span.from, span.to, span.end].map((at) => at.getTime());
  if (from === undefined || to === undefined || end === undefined) return html``;
  const points = [
    { at: span.from, billed: microUsd(0n), estimated: microUsd(0n) },
    ...level.burnDown.filter(({ at }) => at > span.from && at <= span.end),
  ];
  const left: readonly Point[] = points.map(({ at, billed, estimated }) => [
    at.getTime(),
    dollars(limit) - dollars(billed) - dollars(estimated),
  ]);
  const estimated: readonly Point[] = points.map((point) => [point.at.getTime(), dollars(point.estimated)]);
  const now = dollars(limit) - dollars(spent);
  const band =
    forecast === undefined || to >= end
      ? undefined
      : {
          amount: dollars(limit) - dollars(forecast.amount),
          low: dollars(limit) - dollars(forecast.high),
          high: dollars(limit) - dollars(forecast.low),
        };
  const values = [
    0,
    dollars(limit),
    ...left.map(([, value]) => value),
    ...left.map(([, value], index) => value + (estimated[index]?.[1] ?? 0)),
    ...(band === undefined ? [] : [now, band.amount, band.low, band.high]),
  ];
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const room = Math.max((highest - lowest) * 0.08, 0.01);
  const line = {
    type: 'line' as const,
    showSymbol: false,
    clip: false,
    silent: true,
  };
  const stacked = (stack: string) => ({ ...line, stack, stackStrategy: 'all' as const });
  const hidden = { width: 0, opacity: 0, color: colour('card') };
  const option: ChartOption = {
    grid: { left: 54, right: 16, top: 12, bottom: 24, outerBoundsMode: 'none' },
    xAxis: { ...timeAxis({ from: span.from, to: span.end }, 6), axisLine: { show: false } },
    yAxis: {
      type: 'value',
      axisLine: { show: false },
      axisTick: { show: false },
      min: lowest < 0 ? lowest - room : 0,
      max: highest + room,
      splitNumber: 4,
      splitLine: { lineStyle: { color: colour('line') } },
      axisLabel: {
        color: colour('soft'),
        fontSize: 11,
        formatter: (value) => onAxis(value),
        showMaxLabel: false,
        showMinLabel: lowest >= 0,
      },
    },
    series: [
      {
        ...line,
        lineStyle: { color: colour('edge'), width: 1.5, type: [2, 4] },
        data: [
          [from, dollars(limit)],
          [end, 0],
        ],
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: colour('limit'), width: 2, type: [10, 3, 2, 3] },
          label: {
            position: 'insideStartTop',
            formatter: `${money(limit)} used up`,
            color: colour('limit'),
            fontSize: 11,
            textBorderColor: colour('card'),
            textBorderWidth: 3,
          },
          data: [{ yAxis: 0 }],
        },
        ...(runsOutAt === undefined || runsOutAt < span.from || runsOutAt > span.end
          ? {}
          : {
              markPoint: {
                silent: true,
                symbol: 'diamond',
                symbolSize: 11,
                itemStyle: { color: colour('limit'), borderColor: colour('card'), borderWidth: 1.5 },
                label: { show: false },
                data: [{ name: '', coord: [runsOutAt.getTime(), 0] }],
              },
            }),
      },
      {
        ...stacked('left'),
        lineStyle: { color: colour('billed'), width: 2.5 },
        areaStyle: { color: colour('billed'), opacity: 0.18 },
        data: left.map((point) => [...point]),
      },
      {
        ...stacked('left'),
        lineStyle: hidden,
        areaStyle: { color: 'url(#hatch-estimated)', opacity: 0.6 },
        data: estimated.map((point) => [...point]),
      },
      ...(band === undefined
        ? []
        : [
            {
              ...stacked('band'),
              lineStyle: hidden,
              data: [
                [to, now],
                [end, band.low],
              ],
            },
            {
              ...stacked('band'),
              lineStyle: hidden,
              areaStyle: { color: colour('warn'), opacity: 0.3 },
              data: [
                [to, 0],
                [end, band.high - band.low],
              ],
            },
            {
              ...line,
              lineStyle: { color: colour('warn'), width: 2, type: [6, 4] },
              data: [
                [to, now],
                [end, band.amount],
              ],
            },
          ]),
    ],
  };
  return draw({ option, width: WIDTH, height: HEIGHT, label });
}
