import type { Report } from '../report/report.ts';
import type { ShownDay, ShownSpends } from '../report/shown.ts';
import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { type Html, html, plain } from './html.ts';
import { type DaySeries, dayChart, dayKey, MOST_SERIES, sumOf } from './report-day-chart.ts';
import { money } from './report-words.ts';
import { table } from './table.ts';

/** What each project spent each day: bars, their key, and a table of the same figures. */
export function dailySpend(report: Report, { days }: ShownSpends): Html {
  if (days.length === 0) return html`<p>Nothing was spent on any day that is known.</p>`;
  const filled = withGaps(days, report);
  const series = seriesOf(filled);
  const label = inWords(filled, series);
  const names = filled.map(({ day }) => day);
  return html`${dayKey(series)}
<figure>
<div class="wide">${dayChart(names, series, 'wide', label)}</div>
<div class="narrow">${dayChart(names, series, 'narrow', label)}</div>
<figcaption>USD a day (UTC) of ${report.month}. ${dearest(filled)}</figcaption>
</figure>
<details><summary>The figures by day and project</summary>
<div class="dense">${dayTable(filled, series)}</div>
</details>`;
}

/** Days from the first of the month on, those without spend as well. */
function withGaps(days: readonly ShownDay[], { from, to }: Report): readonly ShownDay[] {
  const known = new Map(days.map((one) => [one.day, one]));
  const all: string[] = [];
  for (let at = from.getTime(); at < to.getTime(); at += 86_400_000)
    all.push(new Date(at).toISOString().slice(0, 10));
  return [...new Set([...all, ...known.keys()])]
    .sort()
    .map((day) => known.get(day) ?? { day, projects: new Map() });
}

/** The projects that spent most, the others together, and what has no project. */
function seriesOf(days: readonly ShownDay[]): readonly DaySeries[] {
  const names = [...new Set(days.flatMap(({ projects }) => [...projects.keys()]))];
  const all = names
    .map((project): DaySeries => {
      const own = days.map(({ projects }) => projects.get(project));
      return {
        of: project === '' ? 'none' : 'project',
        name: project === '' ? 'no project tag' : project,
        billed: own.map((one) => one?.billed ?? ZERO_USD),
        estimated: own.map((one) => one?.estimated ?? ZERO_USD),
      };
    })
    .map((one) => ({ one, sum: sumOf(one) }))
    .sort((a, b) => (a.sum < b.sum ? 1 : a.sum > b.sum ? -1 : 0))
    .map(({ one }) => one);
  const projects = all.filter(({ of }) => of === 'project');
  const shown = projects.slice(0, MOST_SERIES);
  const rest = projects.slice(shown.length);
  const add = (kind: 'billed' | 'estimated'): readonly Usd[] =>
    days.map((_, index) => sumUsd(rest.map((one) => one[kind][index] ?? ZERO_USD)));
  return [
    ...shown,
    ...(rest.length === 0
      ? []
      : [
          {
            of: 'others' as const,
            name: rest.length === 1 ? '1 other project' : `${rest.length} other projects`,
            billed: add('billed'),
            estimated: add('estimated'),
          },
        ]),
    ...all.filter(({ of }) => of === 'none'),
  ];
}

const totalOf = ({ projects }: ShownDay): Usd => sumUsd([...projects.values()].map(({ spent }) => spent));

function dearest(days: readonly ShownDay[]): string {
  const most = days.reduce<{ day: string; total: Usd } | undefined>((best, day) => {
    const total = totalOf(day);
    return best === undefined || total > best.total ? { day: day.day, total } : best;
  }, undefined);
  return most === undefined ? '' : `The dearest day is ${most.day} with ${money(most.total)}.`;
}

/** The chart for who does not see it. */
const inWords = (days: readonly ShownDay[], series: readonly DaySeries[]): string =>
  `Spend by day and project. ${dearest(days)} In the month: ${series.map((one) => `${plain(one.name)} ${money(sumOf(one))}`).join(', ')}. The table below has the figures.`;

function dayTable(days: readonly ShownDay[], series: readonly DaySeries[]): Html {
  const right = { right: true, className: 'nowrap' } as const;
  const all = (kind: 'billed' | 'estimated', index: number): Usd =>
    sumUsd(series.map((one) => one[kind][index] ?? ZERO_USD));
  return table(
    'USD by day. Billed and estimated together are the total.',
    [
      { title: 'Day', className: 'nowrap' },
      ...series.map(({ name }) => ({ title: name, ...right })),
      { title: 'Billed', ...right },
      { title: 'Estimated', ...right },
      { title: 'Total', ...right },
    ],
    days.map(({ day }, index) => ({
      cells: [
        { content: day },
        ...series.map((one) => ({
          content: money(sumUsd([one.billed[index] ?? ZERO_USD, one.estimated[index] ?? ZERO_USD])),
        })),
        { content: money(all('billed', index)) },
        { content: money(all('estimated', index)) },
        { content: money(sumUsd([all('billed', index), all('estimated', index)])) },
      ],
    })),
    { scroll: 'Spend by day and project' },
    {
      cells: [
        { content: 'Total' },
        ...series.map((one) => ({ content: money(sumOf(one)) })),
        { content: money(sumUsd(series.flatMap(({ billed }) => billed))) },
        { content: money(sumUsd(series.flatMap(({ estimated }) => estimated))) },
        { content: money(sumUsd(series.map(sumOf))) },
      ],
    },
  );
}
