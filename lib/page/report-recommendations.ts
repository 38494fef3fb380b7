import { counted } from '../decide/sentences.ts';
import { sumUsd } from '../types/money.ts';
import type { Grade, Recommendation, Recommendations } from '../types/recommendation.ts';
import { type Html, html, name } from './html.ts';
import { projectName } from './projects.ts';
import { leftOut, money } from './report-words.ts';
import { sentences } from './run-page.ts';
import { filtered, type TableRow, table } from './table.ts';

/** Those that save most; more of them nobody reads. */
const MOST = 200;

/** How to spend less, the dearest first: with evidence, what it keeps and what to run. */
export function recommendations({ open, dismissed, monthly, notes }: Recommendations): Html {
  const some = open.slice(0, MOST);
  const rest = open.slice(MOST);
  const choices = [
    ['low-risk', 'low risk'],
    ['sure', 'high confidence'],
  ] as const;
  return html`${
    open.length === 0
      ? html`<p>Nothing was found that could cost less.</p>`
      : html`<p>${counted(open.length, 'recommendation')}, <strong>${money(monthly)}</strong> a month together at list price; of several for one resource the largest counts.</p>
${filtered(
  'the recommendations',
  choices.filter(([is]) => some.some((one) => marksOf(one).includes(is))),
  some.length,
  table(
    html`<span class="unseen">Recommendations, those that save most first</span>`,
    [
      { title: 'What', sort: 'text', className: 'why' },
      { title: 'Project', sort: 'text' },
      { title: '$ a month', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Risk', sort: 'number' },
      { title: 'Why, and how', className: 'why' },
    ],
    some.map(rowOf),
  ),
)}
${rest.length > 0 && leftOut(rest.length, 'recommendation', `, ${money(sumUsd(rest.map((one) => one.monthly)))} a month,`)}`
  }
${
  dismissed.length > 0 &&
  html`<h3>Dismissed</h3>
${sentences(
  dismissed.map(
    ({ recommendation: { title, monthly: own }, dismissal: { until, reason } }) =>
      `${title} ${money(own)} a month. Until ${until}: ${reason}`,
  ),
)}`
}
${notes.length > 0 && html`<h3>What could not be looked at</h3>${sentences(notes)}`}`;
}

const marksOf = ({ risk, confidence }: Recommendation): readonly string[] => [
  'recommendation',
  ...(risk === 'low' ? ['low-risk'] : []),
  ...(confidence === 'high' ? ['sure'] : []),
];

const ORDER: Readonly<Record<Grade, number>> = { low: 0, medium: 1, high: 2 };

function rowOf(one: Recommendation): TableRow {
  const { title, resource, monthly, basis, risk, effort, confidence, evidence, keeps, how, id } = one;
  return {
    is: marksOf(one),
    cells: [
      {
        content: html`${title}<span class="sub">${name(resource.id)}, ${resource.kind}, ${resource.region}</span>`,
        key: title,
      },
      {
        content: html`${projectName(resource.project)}${resource.owner !== undefined && html`<span class="sub">${name(resource.owner)}</span>`}`,
        key: resource.project ?? '',
      },
      { content: html`<strong>${money(monthly)}</strong>`, key: String(monthly) },
      {
        content: html`${risk}<span class="sub">effort ${effort}, confidence ${confidence}</span>`,
        key: ORDER[risk],
      },
      {
        content: html`${evidence.join(' ')} <strong>Keeps:</strong> ${keeps}<span class="sub">${basis}</span><details><summary>How</summary>${how.map(
          ({ text }) =>
            html`<pre class="command">${text.split('\n').map((line, n) => html`${n > 0 && html`<br>`}${line}`)}</pre>`,
        )}<p class="soft">${name(id)}</p></details>`,
      },
    ],
  };
}
