import { timeIn } from '../cli/run-text/run-time.ts';
import { inCents } from '../report/cents.ts';
import type { LevelReport, Report } from '../report/report.ts';
import type { ShownSpends } from '../report/shown.ts';
import { microUsd, percentage, sumUsd, type Usd } from '../types/money.ts';
import { colour } from './colours.ts';
import { type Html, html, trusted } from './html.ts';
import { swatch } from './marks.ts';
import { burnChart } from './report-burn-chart.ts';
import {
  band,
  isOver,
  leftOut,
  levelKind,
  levelName,
  levelText,
  money,
  monthEnd,
  percentText,
  perHour,
} from './report-words.ts';
import { filtered, type TableRow, table } from './table.ts';
import { time } from './times.ts';

/** As many levels of each sort, those that have used most of their limits, get a chart. */
const CHARTS = 12;
/** More rows than these open slowly, and nobody reads them. */
const ROWS = 1_200;

/** Spend against the limits of teams, projects and models: a table of all, and what is left of each, day by day. */
export function budgets(report: Report, spends: ShownSpends): Html {
  if (report.levels.length === 0) return html`<p>No spend was measured.</p>`;
  const limited = report.levels.filter(hasLimit);
  return html`${levelTable(report, spends)}
${
  limited.length === 0
    ? html`<p>The policy file names no limits: <code>budget: 4000 USD</code> of a team, a project or a model is one.</p>`
    : html`<h3>What is left, day by day</h3>
${burnKey()}
${(
  [
    ['team', 'Teams'],
    ['project', 'Projects'],
    ['model', 'Models'],
  ] as const
).map(([of, title]) =>
  chartsOf(
    title,
    limited.filter(({ level }) => level === of),
    report,
    spends,
  ),
)}`
}`;
}

type Limited = LevelReport & { readonly limit: Usd };

const hasLimit = (level: LevelReport): level is Limited => level.limit !== undefined;

function chartsOf(title: string, levels: readonly Limited[], report: Report, spends: ShownSpends): Html {
  if (levels.length === 0) return html``;
  const charted = levels.toSorted((a, b) => useOf(b) - useOf(a)).slice(0, CHARTS);
  const left = levels.length - charted.length;
  return html`<h4>${title}</h4>
${left > 0 && html`<p class="soft">The ${CHARTS} that have used most of their limits; the figures of all are in the table above.</p>`}
<div class="charts">${charted.map((level) => burnFigure(level, report, spends))}</div>`;
}

const useOf = ({ limit, spent }: Limited): number =>
  limit <= 0n ? Number.MAX_VALUE : Number(spent) / Number(limit);

function burnFigure(level: Limited, report: Report, spends: ShownSpends): Html {
  const said = budgetSentence(level, report, spends);
  const span = { from: report.from, to: report.to, end: monthEnd(report) };
  return html`<figure>
<h5>${levelName(level)}${level.level === 'model' && level.within !== undefined && html` <span class="soft small">${levelKind(level)}</span>`}</h5>
${burnChart(level, span, `What is left of the limit of ${levelText(level)}, ${levelKind(level)}. ${said}`)}
<figcaption>${said}</figcaption>
<details class="fine"><summary>By day<span class="unseen">: ${levelText(level)}, ${levelKind(level)}</span></summary>
${burnTable(level, spends)}
</details>
</figure>`;
}

/** What a chart shows, in words. */
function budgetSentence(level: Limited, report: Report, spends: ShownSpends): string {
  const { limit, spent, forecast, runsOutAt } = level;
  const shown = spends.of(level).spent;
  const used = `Spent ${money(shown)} of ${money(limit)}${limit > 0n ? ` (${percentage(spent, limit)}%)` : ''}`;
  const end = monthEnd(report);
  const tell = timeIn({ from: report.from, to: end });
  if (isOver(level))
    return `${used}: ${money(microUsd(shown - limit))} over the limit.${forecastText(level)}`;
  const left = `${used}, ${money(microUsd(limit - shown))} left`;
  if (report.isOver) return `${left}: within the limit.`;
  const whole = end.getTime() - report.from.getTime();
  const pace = microUsd((limit * BigInt(end.getTime() - report.to.getTime())) / BigInt(whole));
  const goesOn =
    runsOutAt !== undefined
      ? ` If all goes on as now, it is used up by ${tell(runsOutAt)} UTC.`
      : forecast === undefined
        ? ''
        : forecast.amount > limit
          ? ''
          : ' If all goes on as now, it lasts the month.';
  return `${left}; an even pace would leave ${money(pace)} now.${goesOn}${forecastText(level)}`;
}

function forecastText({ forecast, limit }: Limited): string {
  if (forecast === undefined) return '';
  const over = microUsd(forecast.amount - limit);
  return ` Forecast of the month: ${money(forecast.amount)} (${money(forecast.low)} to ${money(forecast.high)}), ${
    over > 0n ? `${money(over)} over the limit` : `${money(microUsd(-over))} within it`
  }.`;
}

function burnTable(level: Limited, spends: ShownSpends): Html {
  return table(
    html`${levelName(level)}: since the month began, at the end of each day.`,
    [
      { title: 'Until' },
      { title: 'Billed', right: true },
      { title: 'Estimated', right: true },
      { title: 'Spent', right: true },
      { title: 'Left', right: true },
    ],
    level.burnDown.map(({ at, billed, estimated }) => {
      // The last day is what stands above.
      const own = spends.of(level);
      const [a = billed, b = estimated] =
        billed === level.billed && estimated === level.estimated
          ? [own.billed, own.estimated]
          : inCents([billed, estimated]);
      const both = sumUsd([a, b]);
      return {
        cells: [
          { content: html`<span class="nowrap">${dayOf(at)}</span>` },
          { content: money(a) },
          { content: money(b) },
          { content: money(both) },
          { content: money(microUsd(level.limit - both)) },
        ],
      };
    }),
    { scroll: `Budget of ${levelText(level)} by day` },
  );
}

/** The day that has ended at an instant, or the instant of a day under way. */
const dayOf = (at: Date): Html =>
  at.getTime() % 86_400_000 === 0
    ? html`${new Date(at.getTime() - 1).toISOString().slice(0, -14)}`
    : time(at, (one) => one.toISOString().slice(0, -8).replace('T', ' '));

/** Levels as they hold each other: each stands once, beneath what it is in where that is there. */
export function levelTree(
  levels: readonly LevelReport[],
): readonly { readonly level: LevelReport; readonly depth: 0 | 1 | 2 }[] {
  const of = (kind: LevelReport['level']) => levels.filter(({ level }) => level === kind);
  const teams = of('team');
  const projects = of('project');
  const seen = new Set<LevelReport>();
  const once = (level: LevelReport, depth: 0 | 1 | 2) => {
    if (seen.has(level)) return [];
    seen.add(level);
    return [{ level, depth }];
  };
  const withModels = (project: LevelReport, depth: 0 | 1) =>
    seen.has(project)
      ? []
      : [
          ...once(project, depth),
          ...of('model')
            .filter(({ within }) => within === project.name)
            .flatMap((model) => once(model, depth === 0 ? 1 : 2)),
        ];
  return [
    ...teams.flatMap((team) => [
      ...once(team, 0),
      ...projects.filter(({ within }) => within === team.name).flatMap((one) => withModels(one, 1)),
    ]),
    ...projects.flatMap((one) => withModels(one, 0)),
    ...of('model').flatMap((one) => once(one, 0)),
    ...of('none').flatMap((one) => once(one, 0)),
  ];
}

function levelTable(report: Report, spends: ShownSpends): Html {
  const tree = levelTree(report.levels);
  const rows = tree.slice(0, ROWS);
  const tell = timeIn({ from: report.from, to: monthEnd(report) });
  const kinds = new Set(report.levels.map(({ level }) => level));
  const { total } = spends;
  const choices = [
    ...(kinds.has('team') ? [['team', 'teams'] as const] : []),
    ...(kinds.has('project') ? [['project', 'projects'] as const] : []),
    ...(kinds.has('model') ? [['model', 'models'] as const] : []),
    ...(rows.some(({ level }) => isOver(level)) ? [['over', 'over their limit'] as const] : []),
    ...(rows.some(({ level }) => level.runsOutAt !== undefined && !isOver(level))
      ? [['runs-out', 'run out'] as const]
      : []),
  ];
  const content = table(
    'Teams, with their projects and models beneath them: a team’s spend is that of its projects, a model’s is in that of its project.',
    [
      { title: 'Level' },
      { title: 'Billed', right: true, className: 'nowrap' },
      { title: 'Estimated', right: true, className: 'nowrap' },
      { title: 'Spent', right: true, className: 'nowrap' },
      { title: 'Limit a month', right: true, className: 'nowrap' },
      { title: 'Of limit' },
      ...(report.isOver
        ? []
        : ([
            { title: 'Forecast', right: true },
            { title: '$/h now', right: true, className: 'nowrap' },
            { title: 'Runs out (UTC)', className: 'nowrap' },
          ] as const)),
    ],
    rows.map(({ level, depth }) => levelRow(level, depth, report, spends, tell)),
    'stack',
    {
      cells: [
        { content: 'All together' },
        { content: money(total.billed) },
        { content: money(total.estimated) },
        { content: money(total.spent) },
        { content: '' },
        { content: '' },
        ...(report.isOver
          ? []
          : [
              { content: forecastCell(report.total.forecast) },
              { content: report.total.burn === undefined ? '' : perHour(report.total.burn) },
              { content: '' },
            ]),
      ],
    },
  );
  return html`${filtered('the levels', choices, rows.length, content)}
${rows.length < tree.length && leftOut(tree.length - rows.length, 'level')}`;
}

function levelRow(
  level: LevelReport,
  depth: 0 | 1 | 2,
  report: Report,
  spends: ShownSpends,
  tell: (at: Date) => string,
): TableRow {
  const { billed, estimated, spent } = spends.of(level);
  const { limit, owner, runsOutAt } = level;
  const over = isOver(level);
  return {
    is: [level.level, ...(over ? ['over'] : runsOutAt === undefined ? [] : ['runs-out'])],
    cells: [
      {
        content: html`<span class="in-${depth}${level.level === 'team' ? ' whole' : ''}">${levelName(level)}<span class="sub">${
          level.level === 'none'
            ? 'shared costs before they are split, and what nobody tagged'
            : [depth === 0 ? levelKind(level) : level.level, ...(owner === undefined ? [] : [owner])].join(
                ', ',
              )
        }</span></span>`,
      },
      { content: money(billed) },
      { content: money(estimated) },
      { content: money(spent) },
      { content: limit === undefined ? html`<span class="soft">none</span>` : money(limit) },
      {
        content:
          limit === undefined
            ? ''
            : html`<span class="kept">${percentText(level.spent, limit) ?? (over ? 'above it' : '0%')}</span>${over && html` <span class="tag bad">✗ over</span>`}${limitBar(level.spent, limit)}`,
      },
      ...(report.isOver
        ? []
        : [
            { content: forecastCell(level.forecast) },
            { content: level.burn === undefined ? '' : perHour(level.burn) },
            {
              content: over
                ? 'used up'
                : runsOutAt !== undefined && html`<span class="tag warn">${time(runsOutAt, tell)}</span>`,
            },
          ]),
    ],
  };
}

const forecastCell = (forecast: LevelReport['forecast']): Html =>
  forecast === undefined
    ? html``
    : html`<span class="kept">${money(forecast.amount)}</span><span class="sub">${band(forecast.low, forecast.high)}</span>`;

/** The percentage stands beside it. The mark is the limit; what is over it goes on to the end, at half as much again. */
function limitBar(spent: Usd, limit: Usd): Html {
  const part = limit <= 0n ? (spent > 0n ? 150 : 0) : Math.min(150, Math.max(0, percentage(spent, limit)));
  const width = (of: number): string => `${((of * 100) / 150).toFixed(1)}%`;
  return html`<svg class="bar" aria-hidden="true" focusable="false"><rect x="0" y="5" width="${width(100)}" height="8" fill="none" stroke="${colour('edge')}"/><rect x="0" y="5" width="${width(part)}" height="8" fill="${colour(spent > limit ? 'limit' : 'billed')}"/><rect x="${width(100)}" y="1" width="2" height="15" fill="${colour('limit')}"/></svg>`;
}

const burnKey = (): Html =>
  html`<ul class="legend" aria-label="Key">${swatch(
    html`<rect x="1" y="5" width="20" height="10" fill="${colour('billed')}" fill-opacity=".18"/><path d="M1 5H21" stroke="${colour('billed')}" stroke-width="2.5"/>`,
    'left (solid)',
  )}${swatch(
    html`<rect x="1" y="2" width="20" height="12" fill="url(#hatch-estimated)" fill-opacity=".6"/>`,
    'estimated, not billed yet (hatched)',
  )}${swatch(
    html`<path d="M1 3L21 6V14Z" fill="${colour('warn')}" fill-opacity=".3"/><path d="M1 3L21 10" stroke="${colour('warn')}" stroke-width="2" stroke-dasharray="6 4"/>`,
    'forecast, from low to high',
  )}${swatch(html`<path d="M1 3L21 13" stroke="${colour('edge')}" stroke-width="1.5" stroke-dasharray="2 4"/>`, 'even pace (dotted)')}${swatch(
    html`<path d="M1 8H21" stroke="${colour('limit')}" stroke-width="2" stroke-dasharray="10 3 2 3"/>`,
    'limit used up',
  )}${swatch(
    html`<path d="${trusted('M11 2L17 8L11 14L5 8Z')}" fill="${colour('limit')}"/>`,
    'runs out, if all goes on as now',
  )}</ul>`;
