import { atMinute } from '../decide/sentences.ts';
import type { ProjectRun, RunResult } from '../simulate/result.ts';
import { formatUsd, percentage, sumUsd } from '../types/money.ts';
import { type Html, html, type Part } from './html.ts';
import { spendKey } from './marks.ts';
import { projectName, projectText } from './projects.ts';
import { spendChart } from './spend-chart.ts';
import { table } from './table.ts';

/** As many projects, those that spend most, get a chart; the others' figures stand in their tables. */
const CHARTS = 60;
/** As many days of a project stand in its table. */
const DAYS = 400;

/** Spend against limit, a chart a project. */
export function spending(result: RunResult): Html {
  const withPoints = result.projects.filter(
    ({ points, limit }) =>
      points.some(({ billed, estimated }) => billed !== 0n || estimated !== 0n) ||
      (limit !== undefined && points.length > 0),
  );
  if (withPoints.length === 0) return html`<p>No spend was measured.</p>`;
  const charted = new Set([...withPoints].sort((a, b) => Number(b.spent - a.spent)).slice(0, CHARTS));
  const left = withPoints.length - charted.size;
  return html`${spendKey()}
${left > 0 && html`<p>Shown are the ${CHARTS} projects that spend most; ${left} more are in the table of savings.</p>`}
<div class="charts">${withPoints.filter((one) => charted.has(one)).map((project) => spendFigure(project, result))}</div>`;
}

function spendFigure(project: ProjectRun, result: RunResult): Html {
  const said = sentence(project);
  return html`<figure>
<h3>${projectName(project.project)}</h3>
${spendChart(project, result, `Spend of ${projectText(project.project)}. ${said}`)}
<figcaption>${said}</figcaption>
<details><summary>Spend by day<span class="unseen"> of ${projectText(project.project)}</span></summary>
${dayTable(project)}
</details>
</figure>`;
}

/** What the chart shows, in words. */
function sentence({ points, limit }: ProjectRun): string {
  const last = points.at(-1);
  if (last === undefined) return 'No spend was measured.';
  const spent = sumUsd([last.billed, last.estimated]);
  const end = `At the end ${formatUsd(spent)} in the month, ${formatUsd(last.billed)} of it billed and ${formatUsd(last.estimated)} estimated`;
  if (limit === undefined) return `${end}; it has no limit.`;
  const crossed = points.find(({ billed, estimated }) => billed + estimated > limit);
  return `${end}: ${limit === 0n ? 'above' : `${percentage(spent, limit)}% of`} the limit of ${formatUsd(limit)}. ${
    crossed === undefined ? 'It stayed within it.' : `It had passed it by ${atMinute(crossed.at)}.`
  }`;
}

function dayTable({ points, limit, project }: ProjectRun): Html {
  const days = new Map(points.map((point) => [point.at.toISOString().slice(0, -14), point]));
  const rows = [...days].slice(-DAYS);
  const caption: Part = html`${projectName(project)}: since the month began, at the end of each day${rows.length < days.size && `; the last ${DAYS} days`}.`;
  return table(
    caption,
    [
      { title: 'Day' },
      { title: 'Billed', right: true },
      { title: 'Estimated', right: true },
      { title: 'Both', right: true },
      { title: 'Of limit', right: true },
    ],
    rows.map(([day, { billed, estimated }]) => {
      const both = sumUsd([billed, estimated]);
      return {
        cells: [
          { content: html`<span class="nowrap">${day}</span>` },
          { content: formatUsd(billed) },
          { content: formatUsd(estimated) },
          { content: formatUsd(both) },
          { content: limit === undefined || limit === 0n ? '' : `${percentage(both, limit)}%` },
        ],
      };
    }),
    { scroll: `Spend of ${projectText(project)} by day` },
  );
}
