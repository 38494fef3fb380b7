import { atMinute } from '../decide/sentences.ts';
import type { RunResult } from '../simulate/result.ts';
import { formatUsd } from '../types/money.ts';
import { type Html, html, name } from './html.ts';
import { table } from './table.ts';
import { time } from './times.ts';

/** What pipelines asked before they launched something, and what they were told. */
export const gateList = ({ gates }: RunResult): Html =>
  html`${gates.map(
    ({
      at,
      outcome,
    }) => html`<h3>${time(at)}: ${name(outcome.project)} <span class="tag ${outcome.verdict === 'pass' ? 'good' : 'bad'}">${outcome.verdict === 'pass' ? '✓ pass' : '✗ over'}</span></h3>
<p class="soft">${formatUsd(outcome.committed)} of ${formatUsd(outcome.limit)} were committed.${outcome.pick !== undefined && html` What fits instead: <strong>${name(outcome.pick)}</strong>.`}</p>
${table(
  html`<span class="unseen">What was asked for at ${atMinute(at)}, and the alternatives</span>`,
  [
    { title: 'Type' },
    { title: 'Verdict' },
    { title: 'Adds', right: true },
    { title: 'Comes to', right: true },
    { title: 'Over', right: true },
    { title: 'Why', className: 'why' },
  ],
  outcome.judged.map(({ type, verdict, adds, projected, over, why }) => ({
    cells: [
      { content: name(type) },
      {
        content: html`<span class="tag ${verdict === 'pass' ? 'good' : verdict === 'over' ? 'bad' : 'soft'}">${verdict}</span>`,
      },
      { content: adds === undefined ? '' : formatUsd(adds) },
      { content: projected === undefined ? '' : formatUsd(projected) },
      { content: over === undefined ? '' : formatUsd(over) },
      { content: why },
    ],
  })),
)}`,
  )}`;
