import type { ShownAllocation } from '../report/shown.ts';
import type { Allocation, RuleOutcome } from '../types/allocation.ts';
import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { type Html, html, name, type Part } from './html.ts';
import { projectName } from './projects.ts';
import { band, money } from './report-words.ts';
import { sentences } from './run-page.ts';
import { type TableRow, table } from './table.ts';

/** More of them are one row together. */
const SHARES = 40;
/** As many rules are unfolded from the start. */
const OPEN = 6;

/** What each rule split, and how. */
export const ruleList = ({ rules }: Allocation, shown: ShownAllocation): Html =>
  html`<div class="rules">${rules.map((rule, index) => ruleOf(rule, shown, rules.length <= OPEN || index === 0))}</div>`;

function ruleOf(rule: RuleOutcome, shown: ShownAllocation, isOpen: boolean): Html {
  const column = shown.rules.indexOf(rule.rule);
  const at = (costs: readonly Usd[]): Usd => costs[column] ?? ZERO_USD;
  const byProject = new Map(shown.projects.map((one) => [one.project, at(one.shared)]));
  const idle = at(shown.idle.shared);
  const cost = at(shown.columns.shared);
  const used = rule.shares.filter(({ cost: own, basis }) => own !== 0n || (basis ?? 0) !== 0);
  const some = used.slice(0, SHARES);
  const rest = used.slice(SHARES);
  const { basisUnit } = rule;
  const withInterval = rule.shares.some(({ interval }) => interval !== undefined);
  const row = (label: Html, percent: string, basis: string, own: Usd, interval: Part = ''): TableRow => ({
    cells: [
      { content: label },
      { content: percent },
      ...(basisUnit === undefined ? [] : [{ content: basis }]),
      { content: money(own) },
      ...(withInterval ? [{ content: interval }] : []),
    ],
  });
  const right = { right: true, className: 'nowrap' } as const;
  return html`<details class="group"${isOpen && html` open`}><summary><h4>${name(rule.rule)}</h4> <span class="soft small">${money(cost)}${idle !== 0n && html`, ${money(idle)} of it idle`}</span></summary>
${rule.explained.length > 0 && html`<ul>${rule.explained.map((text) => html`<li>${text}</li>`)}</ul>`}
${
  rule.samples !== undefined &&
  html`<p><span class="tag warn">estimated</span> from ${rule.samples.toLocaleString('en-US')} samples: the cost of a project lies within the interval in 95 of 100 such months.</p>`
}
${rule.fallbacks.length > 0 && sentences(rule.fallbacks)}
${table(
  html`<span class="unseen">What ${name(rule.rule)} gave each project</span>`,
  [
    { title: 'Project' },
    { title: 'Share', ...right },
    ...(basisUnit === undefined ? [] : [{ title: capitalised(basisUnit), ...right }]),
    { title: 'Cost', ...right },
    ...(withInterval ? [{ title: '95% interval', right: true }] : []),
  ],
  [
    ...some.map(({ project, percent, basis, interval, cost: exact }) =>
      row(
        projectName(project),
        inPercent(percent),
        basis === undefined ? '' : NUMBER.format(basis),
        byProject.get(project) ?? exact,
        interval === undefined ? '' : band(interval.low, interval.high),
      ),
    ),
    ...(rest.length === 0
      ? []
      : [
          row(
            html`<em>${rest.length} more; the JSON has all</em>`,
            inPercent(rest.reduce((sum, { percent }) => sum + percent, 0)),
            '',
            sumUsd(rest.map(({ project, cost: exact }) => byProject.get(project) ?? exact)),
          ),
        ]),
    ...(idle === 0n
      ? []
      : [row(html`<em>idle: paid for, and used by nobody</em>`, idlePercent(rule), '', idle)]),
  ],
  'stack',
  row(html`Total`, '100%', '', cost),
)}
</details>`;
}

const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const PERCENT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

const inPercent = (percent: number): string => `${PERCENT.format(percent)}%`;

const idlePercent = ({ idle, cost }: RuleOutcome): string =>
  cost === 0n ? '' : inPercent(Number((idle * 10_000n) / cost) / 100);
