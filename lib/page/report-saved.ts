import { timeIn } from '../cli/run-text/run-time.ts';
import { centsOf, inCents } from '../report/cents.ts';
import type { Report } from '../report/report.ts';
import { assertNever } from '../types/assert-never.ts';
import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { SavedUntil, Savings, StopSavings } from '../types/savings.ts';
import { type Html, html, name } from './html.ts';
import { projectName } from './projects.ts';
import { leftOut, money, perHour } from './report-words.ts';
import { sentences } from './run-page.ts';
import { filtered, type TableRow, table } from './table.ts';
import { time } from './times.ts';

/** Those that saved most; more of them nobody reads. */
const MOST = 300;

const untilText = (by: SavedUntil): string => {
  switch (by) {
    case 'restored':
      return 'it ran again';
    case 'gone':
      return 'it was gone';
    case 'schedule':
      return 'it would have been stopped anyway';
    case 'cap':
      return 'no more is believed of one stop';
    case 'period':
      return 'the month ended';
    case 'now':
      return 'still stopped';
    default:
      return assertNever(by);
  }
};

/** What Bursar stopped, and what that saved: never without what is assumed. */
export function saved({ savings, from, to }: Report): Html {
  const { stops, byProject, assumptions } = savings;
  const amounts = savedInCents(savings);
  const some = stops.slice(0, MOST);
  const tell = timeIn({ from, to });
  const assumed = html`<h3>What is assumed</h3>
${assumptions.length === 0 ? html`<p>Nothing.</p>` : sentences(assumptions)}`;
  if (stops.length === 0)
    return html`<p>Bursar stopped nothing that counts in this month${savings.total !== 0n && html`; saved: ${money(savings.total)}`}.</p>
${assumed}`;
  const content = table(
    'Those that saved most first.',
    [
      { title: 'Resource', sort: 'text' },
      { title: 'Project', sort: 'text' },
      { title: 'Stopped (UTC)', sort: 'text', className: 'nowrap' },
      { title: 'Counted until (UTC)', sort: 'text' },
      { title: '$/h', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Saved', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Why', className: 'why' },
    ],
    some.map(
      (stop): TableRow => ({
        is: ['stop'],
        cells: [
          {
            content: html`${name(stop.id)}<span class="sub">${[stop.kind, stop.size, stop.region].filter((text) => text !== '').join(', ')}</span>`,
            key: stop.id,
          },
          { content: projectName(stop.project) },
          { content: time(stop.stoppedAt, tell), key: stop.stoppedAt.toISOString() },
          {
            content: html`<span class="kept">${time(stop.until, tell)}</span><span class="sub">${untilText(stop.by)}</span>`,
            key: stop.until.toISOString(),
          },
          {
            content: stop.hourly === undefined ? 'unpriced' : perHour(stop.hourly),
            key: String(stop.hourly ?? -1),
          },
          {
            content: html`<strong>${money(amounts.stops.get(stop) ?? stop.saved)}</strong>`,
            key: String(stop.saved),
          },
          {
            content: html`${stop.reason}<span class="sub">${stop.trigger}, policy ${name(stop.policy)}</span>`,
          },
        ],
      }),
    ),
  );
  return html`${assumed}
<h3>By project</h3>
<div class="slim">${projectTable(byProject, amounts, savings)}</div>
<h3>Stops: ${stops.length.toLocaleString('en-US')}</h3>
${filtered('the stops', [], some.length, content)}
${
  some.length < stops.length &&
  leftOut(
    stops.length - some.length,
    'stop',
    `, ${money(sumUsd(stops.slice(MOST).map((stop) => amounts.stops.get(stop) ?? ZERO_USD)))} together,`,
  )
}`;
}

interface SavedInCents {
  readonly projects: readonly Usd[];
  readonly stops: ReadonlyMap<StopSavings, Usd>;
}

/** Projects sum to the whole, and the stops of each to it. */
function savedInCents({ byProject, stops }: Savings): SavedInCents {
  const projects = inCents(byProject.map((one) => one.saved));
  const shown = new Map(byProject.map(({ project }, index) => [project, projects[index] ?? ZERO_USD]));
  return {
    projects,
    stops: new Map(
      [...Map.groupBy(stops, ({ project }) => project)].flatMap(([project, own]) => {
        const cents = centsOf(
          own.map((one) => one.saved),
          shown.get(project) ?? ZERO_USD,
        );
        return own.map((stop, index) => [stop, cents[index] ?? ZERO_USD] as const);
      }),
    ),
  };
}

function projectTable(
  byProject: Savings['byProject'],
  { projects: cents }: SavedInCents,
  { total }: Savings,
): Html {
  return table(
    html`<span class="unseen">What was saved, by project</span>`,
    [
      { title: 'Project', sort: 'text' },
      { title: 'Stops', right: true, sort: 'number' },
      { title: 'Saved', right: true, sort: 'number', className: 'nowrap' },
    ],
    byProject.map(({ project, stops }, index) => ({
      cells: [
        { content: projectName(project) },
        { content: stops },
        { content: money(cents[index] ?? ZERO_USD), key: String(cents[index] ?? ZERO_USD) },
      ],
    })),
    'stack',
    {
      cells: [
        { content: 'Total' },
        { content: byProject.reduce((sum, { stops }) => sum + stops, 0) },
        { content: money(total) },
      ],
    },
  );
}
