import type { Mover, Report } from '../report/report.ts';
import { shownChange } from '../report/shown.ts';
import { percentage, type Usd } from '../types/money.ts';
import { colour } from './colours.ts';
import { type Html, html, name } from './html.ts';
import { projectName } from './projects.ts';
import { change, leftOut, money } from './report-words.ts';
import { table } from './table.ts';

/** Smaller changes than these are no news. */
const MOST = 15;

/** What changed most against the same days of the month before, with a bar to the side of less or of more. */
export function movers({ movers: all }: Report): Html {
  if (all.length === 0)
    return html`<p>Nothing can be compared: no day’s bill is whole both in this month and in the one before, or nothing changed.</p>`;
  const some = all.slice(0, MOST);
  const largest = some.reduce((most, one) => {
    const own = sizeOf(one);
    return own > most ? own : most;
  }, 0n);
  return html`<p>Billed spend by project and service on the days whose bill is whole, against the same days of the month before. Bars to the left are less (hatched), to the right more (full).</p>
${table(
  html`<span class="unseen">The largest changes first</span>`,
  [
    { title: 'Project', sort: 'text' },
    { title: 'Service', sort: 'text' },
    { title: 'Before', right: true, sort: 'number', className: 'nowrap' },
    { title: 'Now', right: true, sort: 'number', className: 'nowrap' },
    { title: 'Change', right: true, sort: 'number', className: 'nowrap' },
    { title: 'In percent', right: true, className: 'nowrap' },
    { title: 'Less | more' },
  ],
  some.map((mover) => {
    const { project, service, before, now } = mover;
    const difference = shownChange(before, now);
    return {
      cells: [
        { content: projectName(project === '' ? undefined : project) },
        { content: name(service) },
        { content: money(before), key: String(before) },
        { content: money(now), key: String(now) },
        { content: html`<strong>${change(difference)}</strong>`, key: String(difference) },
        { content: inPercent(mover) },
        { content: bar(difference, largest) },
      ],
    };
  }),
)}
${all.length > some.length && leftOut(all.length - some.length, 'change')}`;
}

const sizeOf = ({ before, now }: Mover): bigint => (now < before ? before - now : now - before);

function inPercent({ before, now }: Mover): string {
  if (before <= 0n) return 'new';
  if (now === 0n) return 'gone';
  const percent = Math.round((percentage(now, before) - 100) * 10) / 10;
  return `${percent > 0 ? '+' : ''}${percent}%`;
}

/** The change stands beside it: it says nothing of its own. */
function bar(difference: Usd, largest: bigint): Html {
  const size = difference < 0n ? -difference : difference;
  const width = largest === 0n ? 0 : Math.min(50, Number((size * 500n) / largest) / 10);
  return html`<svg class="bar" aria-hidden="true" focusable="false">${
    difference < 0n
      ? html`<rect x="${(50 - width).toFixed(1)}%" y="3" width="${width.toFixed(1)}%" height="10" fill="url(#hatch-less)" stroke="${colour('good')}"/>`
      : html`<rect x="50%" y="3" width="${width.toFixed(1)}%" height="10" fill="${colour('stop')}"/>`
  }<rect x="50%" y="0" width="1" height="16" fill="${colour('edge')}"/></svg>`;
}
