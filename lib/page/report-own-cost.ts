import { inCents } from '../report/cents.ts';
import type { Report } from '../report/report.ts';
import { microUsd, ZERO_USD } from '../types/money.ts';
import { type Html, html } from './html.ts';
import { money, percentText } from './report-words.ts';
import { sentences } from './run-page.ts';
import { table } from './table.ts';

/** What Bursar itself costs, beside what it saved. */
export function ownCost(report: Report): Html {
  const { ownCost: own } = report;
  const cents = inCents(own.items.map(({ cost }) => cost));
  return html`<p>${inAll(report)}</p>
${
  own.items.length > 0 &&
  table(
    html`<span class="unseen">What Bursar itself costs</span>`,
    [
      { title: 'What' },
      { title: 'Cost', right: true, className: 'nowrap' },
      { title: 'How it is known', className: 'why' },
    ],
    own.items.map(({ what, basis }, index) => ({
      cells: [{ content: what }, { content: money(cents[index] ?? ZERO_USD) }, { content: basis }],
    })),
    'stack',
    { cells: [{ content: 'Total' }, { content: money(own.total) }, { content: '' }] },
  )
}
${
  own.without.length > 0 &&
  html`<h3>Not in it</h3>
${sentences(own.without)}`
}`;
}

function inAll({ ownCost: own, savings, total, project }: Report): string {
  if (own.items.length === 0) return 'Nothing is known of what Bursar itself costs in this time.';
  const costs = `Bursar itself costs ${money(own.total)}`;
  if (project !== undefined) return `${costs}, for all projects of the account together.`;
  const share =
    own.total > 0n && own.total * 1_000n < total.spent
      ? 'less than 0.1%'
      : percentText(own.total, total.spent);
  const left = microUsd(savings.total - own.total);
  return `${costs}${share === undefined ? '' : ` (${share} of the spend)`}${left < 0n ? `, ${money(microUsd(-left))} more than it saved.` : `; less that, it saved ${money(left)}.`}`;
}
