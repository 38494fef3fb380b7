import type { RunResult } from '../simulate/result.ts';
import { formatUsd, largerUsd, microUsd, percentage, type Usd, ZERO_USD } from '../types/money.ts';
import { colour } from './colours.ts';
import { type Html, html } from './html.ts';
import { projectName } from './projects.ts';
import { table } from './table.ts';

const sharePercent = (part: Usd, whole: Usd): number =>
  whole <= 0n ? 0 : Math.min(100, Math.max(0, percentage(part, whole)));

/** What each project spent and saved, with a bar of both beside what it would have been. */
export function savingsTable({ projects }: RunResult): Html {
  const most = projects.reduce(
    (largest, { spent, without }) => largerUsd(largest, largerUsd(spent, without)),
    ZERO_USD,
  );
  return table(
    'The bar: what was spent (full), of what it would have cost without Bursar (outlined).',
    [
      { title: 'Project', sort: 'text' },
      { title: 'Spent', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Without Bursar', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Saved', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Of it', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Limit a month', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Share' },
    ],
    projects.map(({ project, spent, without, limit }) => {
      const saved = microUsd(without - spent);
      const percent = without === 0n ? 0 : percentage(saved, without);
      return {
        cells: [
          { content: projectName(project) },
          { content: formatUsd(spent), key: String(spent) },
          { content: formatUsd(without), key: String(without) },
          {
            content:
              saved === 0n
                ? formatUsd(saved)
                : html`<strong class="${saved > 0n ? 'good-text' : 'bad-text'}">${formatUsd(saved)}</strong>`,
            key: String(saved),
          },
          { content: `${percent}%`, key: percent },
          { content: limit === undefined ? 'none' : formatUsd(limit), key: String(limit ?? -1) },
          { content: bar(sharePercent(spent, most), sharePercent(without, most)) },
        ],
      };
    }),
  );
}

/** The figures stand beside it: it says nothing of its own. */
const bar = (spent: number, without: number): Html =>
  html`<svg class="bar" aria-hidden="true" focusable="false"><rect x="0" y="3" width="${without}%" height="10" fill="${colour('goodGround')}" stroke="${colour('good')}"/><rect x="0" y="3" width="${spent}%" height="10" fill="${colour('billed')}"/></svg>`;
