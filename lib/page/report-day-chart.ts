import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { type ChartOption, draw } from './chart.ts';
import { type Colour, colour } from './colours.ts';
import { dollars, onAxis } from './dollars.ts';
import { type Html, html, plain, trusted } from './html.ts';
import { swatch } from './marks.ts';
import { money } from './report-words.ts';

const SERIES = [
  ['a', 'seriesA'],
  ['b', 'seriesB'],
  ['c', 'seriesC'],
  ['d', 'seriesD'],
  ['e', 'seriesE'],
  ['f', 'seriesF'],
  ['g', 'seriesG'],
  ['h', 'seriesH'],
] as const satisfies readonly (readonly [string, Colour])[];

/** So many projects can be told apart. */
export const MOST_SERIES = SERIES.length;

/** What stands in each bar: a project, all others together, or what has no project. */
export interface DaySeries {
  readonly of: 'project' | 'others' | 'none';
  readonly name: string;
  readonly billed: readonly Usd[];
  readonly estimated: readonly Usd[];
}

interface SeriesPaint {
  readonly solid: string;
  readonly hatch: string;
  readonly line: Colour;
}

function paintOf(series: DaySeries, index: number): SeriesPaint {
  if (series.of === 'none')
    return { solid: 'url(#hatch-none)', hatch: 'url(#hatch-none-estimated)', line: 'soft' };
  const [id, line] =
    series.of === 'others' ? (['others', 'seriesOthers'] as const) : (SERIES[index] ?? SERIES[0]);
  return { solid: colour(line), hatch: `url(#hatch-${id})`, line };
}

const LAYOUTS = {
  wide: { width: 1150, height: 330, left: 60, every: 1 },
  narrow: { width: 330, height: 260, left: 46, every: 5 },
} as const;

/** A bar a day: what is billed of each project, and above it what is estimated, hatched in the same colours. */
export function dayChart(
  days: readonly string[],
  series: readonly DaySeries[],
  of: keyof typeof LAYOUTS,
  label: string,
): Html {
  const layout = LAYOUTS[of];
  const stacks = (['billed', 'estimated'] as const).flatMap((kind) =>
    series.flatMap((one, index) =>
      one[kind].some((amount) => amount !== 0n) ? [{ ...one, kind, paint: paintOf(one, index) }] : [],
    ),
  );
  const option: ChartOption = {
    grid: { left: layout.left, right: 8, top: 10, bottom: 22, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      data: days.map((day) => day.slice(-2)),
      axisLine: { lineStyle: { color: colour('edge') } },
      axisTick: { show: false },
      axisLabel: {
        color: colour('soft'),
        fontSize: 11,
        interval: (index) => index % layout.every === 0,
      },
    },
    yAxis: {
      type: 'value',
      axisLine: { show: false },
      axisTick: { show: false },
      splitNumber: 4,
      splitLine: { lineStyle: { color: colour('line') } },
      axisLabel: { color: colour('soft'), fontSize: 11, formatter: (value) => onAxis(value) },
    },
    series: stacks.map(({ kind, paint, ...one }) => ({
      type: 'bar' as const,
      stack: 'day',
      barCategoryGap: '22%',
      clip: false,
      itemStyle:
        kind === 'billed'
          ? { color: paint.solid, borderColor: colour('card'), borderWidth: 0.6 }
          : { color: paint.hatch, borderColor: colour(paint.line), borderWidth: 0.8 },
      data: one[kind].map((amount) => (amount === 0n ? null : dollars(amount))),
    })),
  };
  return draw({
    option,
    width: layout.width,
    height: layout.height,
    label,
    titleOf: (seriesIndex, item) => {
      const found = stacks[seriesIndex];
      const amount = found?.[found.kind][item];
      return found === undefined || amount === undefined
        ? undefined
        : `${days[item] ?? ''}, ${plain(found.name)}: ${money(amount)} ${found.kind}`;
    },
  });
}

/** The patterns that the charts of a report and their keys refer to, once a page. */
export const reportHatches = (): Html =>
  html`<svg class="defs" aria-hidden="true" focusable="false"><defs>${[
    ...SERIES,
    ['others', 'seriesOthers'] as const,
  ].map(
    ([id, paint]) =>
      html`<pattern id="hatch-${id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="1.6" height="5" fill="${colour(paint)}"/></pattern>
`,
  )}<pattern id="hatch-none" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="${colour('card')}"/><rect width="2" height="6" fill="${colour('soft')}"/><rect width="6" height="2" fill="${colour('soft')}"/></pattern>
<pattern id="hatch-none-estimated" width="6" height="6" patternUnits="userSpaceOnUse"><rect x="2" y="2" width="2" height="2" fill="${colour('soft')}"/></pattern>
<pattern id="hatch-shared" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="2" height="5" fill="${colour('seriesC')}"/></pattern>
<pattern id="hatch-less" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="5" fill="${colour('good')}"/></pattern>
</defs></svg>`;

/** The key, with what each comes to. */
export function dayKey(series: readonly DaySeries[]): Html {
  const isEstimated = series.some(({ estimated }) => estimated.some((amount) => amount !== 0n));
  return html`<ul class="legend" aria-label="Key">${series.map((one, index) => {
    const paint = paintOf(one, index);
    return swatch(
      html`<rect x="1" y="1" width="20" height="14" fill="${paint.solid}" stroke="${colour(paint.line)}"/>`,
      html`${one.of === 'project' ? html`<bdi>${one.name}</bdi>` : one.name} <strong>${money(sumOf(one))}</strong>`,
    );
  })}${
    isEstimated &&
    swatch(
      html`<rect x="1" y="1" width="20" height="14" fill="url(#hatch-others)" stroke="${colour('seriesOthers')}"/>`,
      'hatched in the same colour, above what is billed: estimated',
    )
  }${
    isEstimated &&
    series.some(({ of, estimated }) => of === 'none' && estimated.some((amount) => amount !== 0n)) &&
    swatch(
      html`<rect x="1" y="1" width="20" height="14" fill="${trusted('url(#hatch-none-estimated)')}" stroke="${colour('soft')}"/>`,
      'dotted: estimated, no project tag',
    )
  }</ul>`;
}

export const sumOf = ({ billed, estimated }: Pick<DaySeries, 'billed' | 'estimated'>): Usd =>
  sumUsd([ZERO_USD, ...billed, ...estimated]);
