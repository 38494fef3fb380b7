import { timeIn } from '../cli/run-text/run-time.ts';
import type { Report } from '../report/report.ts';
import { type ShownAllocation, type ShownSpends, shownAllocation, shownSpends } from '../report/shown.ts';
import { type Html, html, name } from './html.ts';
import { allocation } from './report-allocation.ts';
import { anomalies } from './report-anomalies.ts';
import { budgets } from './report-budget.ts';
import { tagCoverage } from './report-coverage.ts';
import { reportHatches } from './report-day-chart.ts';
import { dailySpend } from './report-days.ts';
import { inShort, reportFigures } from './report-head.ts';
import { movers } from './report-movers.ts';
import { ownCost } from './report-own-cost.ts';
import { recommendations } from './report-recommendations.ts';
import { running } from './report-running.ts';
import { saved } from './report-saved.ts';
import { monthText } from './report-words.ts';
import { sentences } from './run-page.ts';
import { section, shell } from './shell.ts';
import { time } from './times.ts';

/**
 * A month of an account, or of one of its projects, as one HTML page that needs nothing beside itself.
 * Loads the charting library: import this file only when a page is made.
 */
export function reportPage(report: Report): string {
  const { account, month, project, from, to, madeAt, isOver } = report;
  const spends = shownSpends(report);
  const allocated = report.allocation === undefined ? undefined : shownAllocation(report.allocation);
  const parts = partsOf(report, spends, allocated);
  return shell({
    title: `${monthText(month)}: ${project ?? `account ${account}`}`,
    about: html`<p>What ${project === undefined ? 'every project' : html`the project ${name(project)}`} of account ${name(account)} spent, who pays what of it, and what Bursar did about it.</p>
<p class="facts">${isOver ? 'The whole month' : 'The month under way'}, ${time(from)} to ${time(to)}; made ${time(madeAt)}. Spend is what AWS has billed, and what is estimated since.</p>
<nav aria-label="Contents"><ul class="jump">${parts.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`,
    main: html`<div class="report">
${reportHatches()}
<h2 class="unseen">Key figures</h2>
${reportFigures(report, spends, allocated)}
${section('short', 'In short', inShort(report, spends, allocated))}
${parts.map(({ id, title, content }) => section(id, title, content()))}
</div>`,
    footer: html`<p>Made by Bursar. All times are UTC, all amounts USD; those of a table add up to the cent. The CSV and the JSON beside this page have the same figures.</p>`,
  });
}

interface PagePart {
  readonly id: string;
  readonly title: string;
  readonly content: () => Html;
}

function partsOf(
  report: Report,
  spends: ShownSpends,
  allocated: ShownAllocation | undefined,
): readonly PagePart[] {
  const { running: now, coverage, notes, recommendations: found } = report;
  return [
    { id: 'budget', title: 'Spend against budget', content: () => budgets(report, spends) },
    { id: 'days', title: 'Day by day', content: () => dailySpend(report, spends) },
    { id: 'movers', title: 'What changed most', content: () => movers(report) },
    { id: 'allocation', title: 'Allocation', content: () => allocation(report, allocated) },
    ...(now === undefined
      ? []
      : [
          {
            id: 'running',
            title: 'Running now',
            content:
              () => html`<p class="soft">As of ${time(report.to, timeIn({ from: report.from, to: report.madeAt }))} UTC.</p>
${running(now, report)}`,
          },
        ]),
    ...(found === undefined
      ? []
      : [{ id: 'recommendations', title: 'How to spend less', content: () => recommendations(found) }]),
    { id: 'saved', title: 'What Bursar stopped and saved', content: () => saved(report) },
    { id: 'anomalies', title: 'Anomalies', content: () => anomalies(report) },
    ...(coverage === undefined
      ? []
      : [{ id: 'coverage', title: 'Tag coverage', content: () => tagCoverage(coverage) }]),
    { id: 'own-cost', title: 'What Bursar costs', content: () => ownCost(report) },
    {
      id: 'notes',
      title: 'Notes',
      content: () => (notes.length === 0 ? html`<p>None.</p>` : sentences(notes)),
    },
  ];
}
