import { inCents } from '../report/cents.ts';
import type { Report } from '../report/report.ts';
import { microUsd, ZERO_USD } from '../types/money.ts';
import { type Html, html } from './html.ts';
import { money, percentText } from './report-words.ts';
import { sentences } from './run-page.ts';
import { table } from './table.ts';

/** What Bursar itself costs, beside what it saved. */
export function ownCost({ ownCost: own, savings, total }: Report): Html {
  const cents = inCents(own.items.map(({ cost }) => cost));
  const share =
    own.total > 0n && own.total * 1_000n < total.spent
      ? 'less than 0.1%'
      : percentText(own.total, total.spent);
  return html`<p>Bursar itself costs ${money(own.total)}${share !== undefined && ` (${share} of the spend)`}; less that, it saved ${money(microUsd(savings.total - own.total))}.</p>
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
