import type { Report } from '../report/report.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import { microUsd, percentage, type Usd } from '../types/money.ts';
import { type Html, html, name } from './html.ts';
import { projectName } from './projects.ts';
import { band, change, leftOut, money } from './report-words.ts';
import { table } from './table.ts';

const MOST = 100;

/** Days that cost far more, or far less, than such a weekday does. */
export function anomalies({ anomalies: all }: Report): Html {
  if (all.length === 0)
    return html`<p>No project had a day that cost far more, or far less, than such a weekday does.</p>`;
  const some = all.slice(0, MOST);
  return html`${table(
    'Days that cost far more, or far less, than such a weekday does; newest first.',
    [
      { title: 'Day', sort: 'text', className: 'nowrap' },
      { title: 'Project', sort: 'text' },
      { title: 'Spent', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Usual', right: true, sort: 'number' },
      { title: 'Difference', right: true, sort: 'number', className: 'nowrap' },
      { title: 'Most of it', className: 'why' },
    ],
    some.map((one) => {
      const { day, project, by, spent, expected, low, high } = one;
      return {
        cells: [
          {
            content: html`${day}<span class="sub">${weekday(day)}, ${by === 'bill' ? 'as billed' : 'by the meter'}</span>`,
            key: day,
          },
          { content: projectName(project) },
          { content: html`<strong>${money(spent)}</strong>`, key: String(spent) },
          {
            content: html`<span class="kept">${money(expected)}</span><span class="sub">${band(low, high)}</span>`,
            key: String(expected),
          },
          {
            content: html`<span class="tag ${spent > expected ? 'stop' : 'soft'}">${spent > expected ? '▲ more' : '▼ less'}</span><span class="sub kept">${change(microUsd(spent - expected))}${expected > 0n && `, ${percentage(spent, expected)}% of it`}</span>`,
            key: String(microUsd(spent - expected)),
          },
          { content: servicesText(one) },
        ],
      };
    }),
  )}
${some.length < all.length && leftOut(all.length - some.length, 'day')}`;
}

const weekday = (day: string): string =>
  new Intl.DateTimeFormat('en-US', { weekday: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));

const servicesText = ({ services }: SpendAnomaly): Html =>
  html`${services.map(
    ({ service, spent, expected }, index) =>
      html`${index > 0 && '; '}${name(service)}: ${money(spent)} instead of ${money(expected)}`,
  )}`;

/** How much more than expected all of them cost; what cost less is not set off. */
export const excessOf = (all: readonly SpendAnomaly[]): Usd =>
  microUsd(all.reduce((sum, { spent, expected }) => sum + (spent > expected ? spent - expected : 0n), 0n));
