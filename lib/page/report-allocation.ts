import { percentOfWhole } from '../allocate/words.ts';
import { tableInCents } from '../report/cents.ts';
import type { Report } from '../report/report.ts';
import type { ShownAllocation } from '../report/shown.ts';
import type { DimensionCosts } from '../types/allocation.ts';
import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { colour } from './colours.ts';
import { type Html, html, name } from './html.ts';
import { projectName } from './projects.ts';
import { reconciled } from './report-reconciled.ts';
import { ruleList } from './report-rules.ts';
import { money, percentText, sourceText } from './report-words.ts';
import { sentences } from './run-page.ts';
import { type TableColumn, type TableRow, table } from './table.ts';

/** More rows than these are one row together. */
const PROJECTS = 400;
const VALUES = 60;
/** More rules than these do not fit beside each other. */
const COLUMNS = 5;

/** Who pays what, how what is shared was split, and whether it agrees with the bill. */
export function allocation(
  { allocation: exact, project, month }: Report,
  shown: ShownAllocation | undefined,
): Html {
  if (exact === undefined || shown === undefined)
    return html`<p>No bill of ${month} could be read; the notes at the end say why.</p>`;
  return html`<p>What AWS billed from ${exact.from} to ${exact.to}, by ${sourceText(exact.source)}: ${money(shown.total)}. Every cent is in exactly one cell.${
    project !== undefined &&
    html` It is that of all projects: what ${name(project)} pays of what is shared depends on the others.`
  }</p>
<h3>Who pays what</h3>
${whoPays(shown, project)}
${
  exact.rules.length > 0 &&
  html`<h3>How what is shared was split</h3>
${ruleList(exact, shown)}`
}
<h3>Without an owner: ${money(shown.unowned)}</h3>
${unowned(shown)}
${[...exact.dimensions].map(([dimension, values]) => dimensionTable(dimension, values))}
<h3>Against the bill</h3>
${reconciled(exact, shown)}
${exact.notes.length > 0 && sentences(exact.notes)}`;
}

function whoPays(shown: ShownAllocation, about: string | undefined): Html {
  const { rules, projects, idle, columns, total } = shown;
  const right = { right: true, sort: 'number', className: 'nowrap' } as const;
  const some = projects.slice(0, PROJECTS);
  const rest = projects.slice(PROJECTS);
  const most = projects.reduce<Usd>((largest, one) => (one.total > largest ? one.total : largest), ZERO_USD);
  const cells = (direct: Usd, shared: readonly Usd[], sum: Usd) =>
    [direct, ...rules.map((_, index) => shared[index] ?? ZERO_USD), sum].map((amount, index) => ({
      content:
        amount === 0n
          ? html`<span class="soft">0</span>`
          : index > rules.length
            ? html`<strong>${money(amount)}</strong>`
            : money(amount),
      key: String(amount),
    }));
  const head: readonly TableColumn[] = [
    { title: 'Project', sort: 'text' },
    { title: 'Team', sort: 'text' },
    { title: 'Direct', ...right },
    ...rules.map((rule) => ({ title: rule, ...right })),
    { title: 'Total', ...right },
    { title: 'Share of all', right: true },
  ];
  // To the nearest tenth, so that all of them come to about a hundred.
  const shareOf = (sum: Usd) => ({ content: total <= 0n ? '' : `${percentOfWhole(sum, total).toFixed(1)}%` });
  const extra = (label: string, sub: string, direct: Usd, shared: readonly Usd[], sum: Usd): TableRow => ({
    cells: [
      { content: html`<em>${label}</em><span class="sub">${sub}</span>`, key: `~${label}` },
      { content: '' },
      ...cells(direct, shared, sum),
      shareOf(sum),
    ],
  });
  return table(
    html`Direct is what carries the project’s tag; then what each rule gave it. The bar: direct (full) and shared (hatched).`,
    head,
    [
      ...some.map(({ project, team, direct, shared, total: sum }) => ({
        cells: [
          {
            content: html`${project === about ? html`<strong>${projectName(project)}</strong>` : projectName(project)}${bar(direct, sum, most)}`,
            key: project,
          },
          { content: team === undefined ? '' : html`<span class="word">${name(team)}</span>` },
          ...cells(direct, shared, sum),
          shareOf(sum),
        ],
      })),
      ...(rest.length === 0
        ? []
        : [
            extra(
              `${rest.length} more projects`,
              'the CSV beside this page has each',
              sumUsd(rest.map(({ direct }) => direct)),
              rules.map((_, index) => sumUsd(rest.map(({ shared }) => shared[index] ?? ZERO_USD))),
              sumUsd(rest.map((one) => one.total)),
            ),
          ]),
      ...(idle.shared.some((amount) => amount !== 0n)
        ? [extra('idle', 'paid for, and used by nobody', ZERO_USD, idle.shared, idle.total)]
        : []),
      ...(shown.unowned === 0n
        ? []
        : [extra('without an owner', 'no project tag, and no rule', shown.unowned, [], shown.unowned)]),
    ],
    rules.length > COLUMNS ? { scroll: 'Who pays what' } : 'stack',
    {
      cells: [
        { content: 'Total' },
        { content: '' },
        ...cells(columns.direct, columns.shared, total),
        { content: total > 0n ? '100%' : '' },
      ],
    },
  );
}

/** The figures stand beside it. */
function bar(direct: Usd, total: Usd, most: Usd): Html {
  const width = (amount: Usd): number =>
    most <= 0n ? 0 : Math.max(0, Math.min(100, Number((amount * 1_000n) / most) / 10));
  const [own, all] = [width(direct), width(total)];
  return html`<svg class="bar" aria-hidden="true" focusable="false"><rect x="0" y="4" width="${own}%" height="8" fill="${colour('billed')}"/><rect x="${own}%" y="4" width="${Math.max(0, all - own).toFixed(1)}%" height="8" fill="url(#hatch-shared)" stroke="${colour('seriesC')}" stroke-width="1"/></svg>`;
}

function unowned({ unownedByService, unowned: sum, total }: ShownAllocation): Html {
  if (unownedByService.length === 0)
    return html`<p>✓ All that was billed has an owner, or is idle by a rule.</p>`;
  return html`<p>${percentText(sum, total) ?? 'A part'} of the bill carries no project tag and is named by no rule. A rule under <code>allocation: shared</code> in the policy file places it.</p>
<div class="slim">${table(
    html`<span class="unseen">What has no owner, by service</span>`,
    [
      { title: 'Service', sort: 'text' },
      { title: 'Cost', right: true, sort: 'number', className: 'nowrap' },
    ],
    unownedByService.slice(0, VALUES).map(({ service, cost }) => ({
      cells: [{ content: serviceName(service) }, { content: money(cost), key: String(cost) }],
    })),
    'stack',
    { cells: [{ content: 'Total' }, { content: money(sum) }] },
  )}</div>`;
}

const serviceName = (service: string): Html =>
  service === '' ? html`<em>no service known</em>` : name(service);

function dimensionTable(dimension: string, values: readonly DimensionCosts[]): Html {
  const shown = tableInCents(values.map(({ direct, shared }) => [direct, shared]));
  const right = { right: true, sort: 'number', className: 'nowrap' } as const;
  const row = (label: Html | string, direct: Usd, shared: Usd, total: Usd): TableRow => ({
    cells: [
      { content: label },
      { content: money(direct), key: String(direct) },
      { content: money(shared), key: String(shared) },
      { content: money(total), key: String(total) },
    ],
  });
  const rows = values.map(({ value }, index) => {
    const [direct = ZERO_USD, shared = ZERO_USD] = shown.cells[index] ?? [];
    return { value, direct, shared, total: shown.rows[index] ?? ZERO_USD };
  });
  const rest = rows.slice(VALUES);
  return html`<details open><summary><h3>By ${name(dimension)}</h3></summary>
${table(
  html`By ${name(dimension)}: what projects spend directly, and what rules gave them, spread by what each spends directly on each value.`,
  [
    { title: 'Value', sort: 'text' },
    { title: 'Direct', ...right },
    { title: 'Shared', ...right },
    { title: 'Total', ...right },
  ],
  [
    ...rows
      .slice(0, VALUES)
      .map((one) =>
        row(one.value === '' ? html`<em>none</em>` : name(one.value), one.direct, one.shared, one.total),
      ),
    ...(rest.length === 0
      ? []
      : [
          row(
            html`<em>${rest.length} more</em>`,
            sumUsd(rest.map(({ direct }) => direct)),
            sumUsd(rest.map(({ shared }) => shared)),
            sumUsd(rest.map(({ total }) => total)),
          ),
        ]),
  ],
  'stack',
  row('Total', shown.columns[0] ?? ZERO_USD, shown.columns[1] ?? ZERO_USD, shown.total),
)}
</details>`;
}
