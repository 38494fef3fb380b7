import { timeIn } from '../cli/run-text/run-time.ts';
import { counted } from '../decide/sentences.ts';
import type { Report, RunningNow } from '../report/report.ts';
import { sumUsd, type Usd } from '../types/money.ts';
import { type Html, html, name } from './html.ts';
import { projectName } from './projects.ts';
import { leftOut, perHour } from './report-words.ts';
import { filtered, type TableRow, table } from './table.ts';
import { time } from './times.ts';

/** The dearest; more of them nobody reads. */
const MOST = 500;

/** What costs money now, the dearest first. */
export function running(all: readonly RunningNow[], report: Report): Html {
  if (all.length === 0) return html`<p>Nothing that costs money by the hour is running.</p>`;
  const some = all.slice(0, MOST);
  const rest = all.slice(MOST);
  const unpriced = all.filter(({ hourly }) => hourly === undefined).length;
  const marks = some.map(marksOf);
  const has = (mark: string): boolean => marks.some((one) => one.includes(mark));
  const tell = timeIn({ from: new Date(report.from.getTime() - 330 * 86_400_000), to: report.to });
  const choices = [
    ...(has('no-project') ? [['no-project', 'no project tag'] as const] : []),
    ...(has('no-owner') ? [['no-owner', 'no owner'] as const] : []),
    ...(has('unpriced') ? [['unpriced', 'no known price'] as const] : []),
  ];
  const content = table(
    html`<span class="unseen">Running now, the dearest first</span>`,
    [
      { title: 'Resource', sort: 'text' },
      { title: 'Project', sort: 'text' },
      { title: 'Owner', sort: 'text' },
      { title: '$/h', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Since (UTC)', sort: 'text', className: 'nowrap' },
    ],
    some.map((one, index) => rowOf(one, marks[index] ?? [], tell)),
  );
  return html`<p>${counted(all.length, 'resource')} at ${perHour(hourlyOf(all))} list price together; ${perHour(hourlyOf(all.filter(({ project }) => project === undefined)))} of it has no project tag.${unpriced > 0 && ` No price is known of ${unpriced} of them.`}</p>
${filtered('what runs', choices, some.length, content)}
${rest.length > 0 && leftOut(rest.length, 'resource', `, ${perHour(hourlyOf(rest))} together,`)}`;
}

/** Of those that are priced. */
export const hourlyOf = (some: readonly RunningNow[]): Usd =>
  sumUsd(some.flatMap(({ hourly }) => (hourly === undefined ? [] : [hourly])));

const marksOf = ({ project, owner, hourly }: RunningNow): readonly string[] => [
  'running',
  ...(project === undefined ? ['no-project'] : []),
  ...(owner === undefined ? ['no-owner'] : []),
  ...(hourly === undefined ? ['unpriced'] : []),
];

function rowOf(one: RunningNow, is: readonly string[], tell: (at: Date) => string): TableRow {
  const { id, kind, size, region, project, owner, hourly, since } = one;
  return {
    is,
    cells: [
      {
        content: html`${name(id)}<span class="sub">${[kind, size, region].filter((text) => text !== '').join(', ')}</span>`,
        key: id,
      },
      { content: projectName(project) },
      { content: owner === undefined ? html`<span class="soft">not known</span>` : name(owner) },
      {
        content: hourly === undefined ? html`<span class="tag warn">unpriced</span>` : perHour(hourly),
        key: String(hourly ?? -1),
      },
      since === undefined
        ? { content: html`<span class="soft">not known</span>`, key: '~' }
        : { content: time(since, tell), key: since.toISOString() },
    ],
  };
}
