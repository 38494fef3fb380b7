import { toCent } from '../report/cents.ts';
import type { ShownAllocation } from '../report/shown.ts';
import type { Allocation, Reconciliation } from '../types/allocation.ts';
import { microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { type Html, html, name, type Part } from './html.ts';
import { change, money } from './report-words.ts';
import { type TableRow, table } from './table.ts';

export interface Verdict {
  /** `warn`: another source says otherwise, which may be behind. */
  readonly mood: 'good' | 'warn' | 'bad';
  /** What does not agree, or what it was held against. */
  readonly text: string;
}

/** Whether what is allocated is, to the cent, what was billed; `undefined` = there is nothing to hold it against. */
export function verdictOf(of: Reconciliation): Verdict | undefined {
  const lost = microUsd(of.lines - of.allocated);
  if (lost !== 0n)
    return {
      mood: 'bad',
      text: `${change(lost)} of the lines of the bill is in no place of the allocation.`,
    };
  if (differs(of.difference))
    return {
      mood: 'bad',
      text: `The bill’s own total is ${change(of.difference ?? ZERO_USD)} against what is allocated.`,
    };
  const ledger = of.ledger === undefined ? undefined : microUsd(of.ledger - of.allocated);
  if (differs(ledger))
    return {
      mood: 'warn',
      text: `The ledger says ${change(ledger ?? ZERO_USD)} against what is allocated: what AWS corrected after Bursar last asked is not in it.`,
    };
  if (of.difference === undefined && ledger === undefined) return undefined;
  const against = [
    ...(of.difference === undefined ? [] : ['the bill’s own total']),
    ...(ledger === undefined ? [] : ['the ledger']),
  ];
  return { mood: 'good', text: `What is allocated is, to the cent, ${against.join(' and ')}.` };
}

const differs = (amount: Usd | undefined): boolean => amount !== undefined && toCent(amount) !== 0n;

/** What is allocated against what was billed, with what is no spend, and the charges by kind. */
export function reconciled({ reconciliation }: Allocation, shown: ShownAllocation): Html {
  const { spend, difference, notSpend, invoiced, ledger, charges } = reconciliation;
  const verdict = verdictOf(reconciliation);
  const row = (label: Part, amount: Usd | undefined, said: string): TableRow => ({
    cells: [
      { content: label },
      { content: amount === undefined ? html`<span class="soft">not told</span>` : money(amount) },
      { content: said },
    ],
  });
  const held = (amount: Usd | undefined): string =>
    amount === undefined ? '' : differs(microUsd(amount - reconciliation.allocated)) ? '✗' : '✓';
  return html`<p>${
    verdict === undefined
      ? html`<span class="tag warn">not checked</span> This source tells no totals to hold it against.`
      : html`<span class="tag ${verdict.mood}">${WORDS[verdict.mood]}</span> ${verdict.text}`
  }</p>
${table(
  html`<span class="unseen">What is allocated against what was billed</span>`,
  [
    { title: 'What' },
    { title: 'USD', right: true, className: 'nowrap' },
    { title: 'What it is', className: 'why' },
  ],
  [
    row('To projects', sumUsd(shown.projects.map(({ total }) => total)), 'Direct and shared.'),
    row('Idle', shown.idle.total, 'Of rules that keep it as a line of its own.'),
    row('Without an owner', shown.unowned, 'No project tag, and no rule.'),
    row(html`<strong>Allocated</strong>`, shown.total, 'These three.'),
    row(
      'Charged by AWS, spend',
      spend,
      `Amortized cost as the bill’s own totals say, without credits and refunds. ${held(spend)}`.trim(),
    ),
    row(
      html`<strong>Difference</strong>`,
      difference,
      difference === undefined
        ? ''
        : !differs(difference)
          ? '✓ Nothing was lost, and nothing counted twice.'
          : '✗ It should be nothing.',
    ),
    row('Billed by the ledger', ledger, `What Bursar’s meter knows of the same days. ${held(ledger)}`.trim()),
    row('Credits and refunds', notSpend, 'They are not spend, whoever gets them.'),
    row('Invoiced', invoiced, 'As AWS invoices it: unblended, with credits, refunds and tax.'),
  ],
)}
${
  charges.length > 0 &&
  html`<details><summary>Charges by kind</summary>
${table(
  'All that was charged, as the bill calls it.',
  [
    { title: 'Kind' },
    { title: 'As the bill calls it' },
    { title: 'Amortized', right: true, className: 'nowrap' },
    { title: 'Invoiced', right: true, className: 'nowrap' },
    { title: 'Spend' },
  ],
  charges.map(({ charge, called, amortized, unblended, isSpend }) => ({
    cells: [
      { content: charge },
      { content: name(called) },
      { content: money(amortized) },
      { content: money(unblended) },
      { content: isSpend ? 'yes' : 'no' },
    ],
  })),
)}
</details>`
}`;
}

const WORDS = {
  good: '✓ reconciles',
  warn: '! the ledger differs',
  bad: '✗ does not reconcile',
} as const satisfies Readonly<Record<Verdict['mood'], string>>;
