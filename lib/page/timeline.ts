import { counted } from '../decide/sentences.ts';
import type { ResourceRun, RunEvent, RunResult, Span } from '../simulate/result.ts';
import { formatUsd, microUsd, sumUsd } from '../types/money.ts';
import { type Html, html, name } from './html.ts';
import { type Lane, laneOf, markedEvents, markerOf } from './lanes.ts';
import { type MarkerKind, timelineKey } from './marks.ts';
import { projectName, projectText, resourcesByProject } from './projects.ts';
import { runningChart } from './running-chart.ts';
import { table } from './table.ts';
import { type LayoutName, plotWidth, timelineChart } from './timeline-chart.ts';
import { hoursOf, inHours } from './times.ts';

/** Lanes of one project, and of the page: more is neither read nor quick. */
const LANES = 40;
const LEAST_LANES = 3;
/** Bars and markers of the page. */
const SHAPES = 14_000;
/** As many projects have lanes at all. */
const CHARTED = 100;
/** Resources that the tables of all projects list together, and at least of each project. */
const ROWS = 2_000;
const LEAST_ROWS = 20;
/** As many projects are unfolded from the start. */
const OPEN = 8;

/** A timeline a project: the dearest resources a lane each, the others by how many of them ran. */
export function timelines(result: RunResult, tell: (at: Date) => string): Html {
  const byProject = [...resourcesByProject(result)].filter(([, resources]) => resources.length > 0);
  if (byProject.length === 0) return html`<p>There are no resources.</p>`;
  const marked = markedEvents(result.events);
  const most = lanesEach(result, marked, Math.min(CHARTED, byProject.length));
  const rows = Math.max(LEAST_ROWS, Math.floor(ROWS / byProject.length));
  const kinds = new Set<MarkerKind>(result.events.flatMap((event) => markerOf(event) ?? []));
  return html`${timelineKey(kinds)}
${byProject.map(([project, resources], index) => {
  const { heading, content } = projectTimeline(project, resources, {
    result,
    marked,
    // Beyond that many projects only their tables are left.
    most: index < CHARTED ? most : 0,
    rows,
    tell,
  });
  return html`<details class="group"${index < OPEN && html` open`}><summary>${heading}</summary>
${content}
</details>`;
})}`;
}

/** How many lanes each project has, so that the page stays small enough to open. */
function lanesEach({ resources }: RunResult, marked: Scene['marked'], projects: number): number {
  const shapes = resources.reduce(
    (sum, { arn, ran, stopped, busy }) =>
      sum + ran.length + stopped.length + busy.length + (marked.get(arn)?.length ?? 0),
    0,
  );
  const perLane = Math.max(1, shapes / Math.max(1, resources.length));
  return Math.max(LEAST_LANES, Math.min(LANES, Math.floor(SHAPES / perLane / projects)));
}

interface Scene {
  readonly result: RunResult;
  readonly marked: ReadonlyMap<string, readonly RunEvent[]>;
  /** Lanes. */
  readonly most: number;
  /** Of its table. */
  readonly rows: number;
  readonly tell: (at: Date) => string;
}

function projectTimeline(project: string | undefined, all: readonly ResourceRun[], scene: Scene) {
  const { result, marked, most, rows, tell } = scene;
  const dearest = [...all].sort((a, b) => Number(costOf(b) - costOf(a)));
  const shown = new Set(dearest.slice(0, most));
  const rest = all.filter((one) => !shown.has(one));
  const said = sentence(all, marked, result);
  const lanesOf = (of: LayoutName): readonly Lane[] =>
    all
      .filter((one) => shown.has(one))
      .map((one) => laneOf(one, marked.get(one.arn) ?? [], result, plotWidth(of)));
  const both = (chart: (of: LayoutName) => Html): readonly Html[] =>
    (['wide', 'narrow'] as const).map((of) => html`<div class="${of}">${chart(of)}</div>`);
  const label = `Timeline of ${projectText(project)}: ${said}`;
  return {
    heading: html`<h3>${projectName(project)}</h3> <span class="soft small">${said}</span>`,
    content: html`<figure>
${shown.size > 0 && both((of) => timelineChart(lanesOf(of), result, of, { label, tell }))}
${
  rest.length > 0 &&
  html`<p class="soft small">${
    shown.size > 0
      ? `Above are the ${shown.size} dearest of ${counted(all.length, 'resource')}. How many of the other ${rest.length} ran at a time:`
      : 'How many of them ran at a time:'
  }</p>
${both((of) => runningChart(rest, result, of, `How many of ${counted(rest.length, 'further resource')} of ${projectText(project)} ran at a time.`))}`
}
</figure>
<details><summary>The same as a table<span class="unseen">: ${projectText(project)}</span></summary>
${resourceTable(`Resources of ${projectText(project)}`, dearest, rows, marked, result)}
</details>`,
  };
}

const costOf = ({ spent, without }: ResourceRun) => (spent > without ? spent : without);

function sentence(resources: readonly ResourceRun[], marked: Scene['marked'], span: Span): string {
  let [ran, stopped, stops, warnings] = [0, 0, 0, 0];
  for (const one of resources) {
    ran += hoursOf(one.ran, span);
    stopped += hoursOf(one.stopped, span);
    for (const { event } of marked.get(one.arn) ?? []) {
      if (event === 'stopped') stops += 1;
      if (event === 'warned') warnings += 1;
    }
  }
  const saved = sumUsd(resources.map((one) => microUsd(one.without - one.spent)));
  return `${counted(resources.length, 'resource')} ran ${inHours(ran)} and were out of service by Bursar ${inHours(stopped)}; ${counted(stops, 'stop')} after ${counted(warnings, 'warning')}, ${formatUsd(saved)} saved.`;
}

function resourceTable(
  label: string,
  resources: readonly ResourceRun[],
  most: number,
  marked: Scene['marked'],
  span: Span,
): Html {
  const rows = resources.slice(0, most);
  const said =
    rows.length < resources.length
      ? `The ${most} dearest of ${resources.length} resources.`
      : 'Dearest first.';
  return table(
    said,
    [
      { title: 'Resource', sort: 'text' },
      { title: 'Policy', sort: 'text' },
      { title: 'Price', right: true, sort: 'number' },
      { title: 'Ran', right: true, sort: 'number' },
      { title: 'In use', right: true, sort: 'number' },
      { title: 'Stopped', right: true, sort: 'number' },
      { title: 'Stops', right: true, sort: 'number' },
      { title: 'Spent', right: true, sort: 'number' },
      { title: 'Saved', right: true, sort: 'number' },
    ],
    rows.map((one) => {
      const [ran, busy, stopped] = [
        hoursOf(one.ran, span),
        hoursOf(one.busy, span),
        hoursOf(one.stopped, span),
      ];
      const saved = microUsd(one.without - one.spent);
      const stops = (marked.get(one.arn) ?? []).filter(({ event }) => event === 'stopped').length;
      return {
        cells: [
          {
            content: html`${name(one.id)}<span class="sub">${[one.title, one.size, one.region].filter((part) => part !== '').join(', ')}</span>`,
            key: one.id,
          },
          { content: one.policy === undefined ? html`<em>none</em>` : name(one.policy) },
          {
            content: one.hourly === undefined ? 'unpriced' : `${formatUsd(one.hourly)}/h`,
            key: String(one.hourly ?? -1),
          },
          { content: inHours(ran), key: ran },
          { content: inHours(busy), key: busy },
          { content: inHours(stopped), key: stopped },
          { content: stops },
          { content: formatUsd(one.spent), key: String(one.spent) },
          { content: formatUsd(saved), key: String(saved) },
        ],
      };
    }),
    { scroll: label },
  );
}
