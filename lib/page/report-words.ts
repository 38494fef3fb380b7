import { hourlyText } from '../cli/plan-figures.ts';
import { toCent } from '../report/cents.ts';
import type { LevelReport, Report } from '../report/report.ts';
import type { Bill } from '../types/cost.ts';
import { formatUsd, percentage, type Usd } from '../types/money.ts';
import { type Html, html, name } from './html.ts';

/** To the cent; nothing below zero that is nothing. */
export const money = (amount: Usd): string => formatUsd(toCent(amount));

/** A change: `+$1.20`, `-$3.00`. */
export const change = (amount: Usd): string => `${toCent(amount) > 0n ? '+' : ''}${money(amount)}`;

/** `$1.00 to $2.00`. */
export const band = (low: Usd, high: Usd): Html =>
  html`<span class="band"><span class="kept">${money(low)}</span> to <span class="kept">${money(high)}</span></span>`;

/** `$3.03/h`. */
export const perHour = (hourly: Usd): string => `${hourlyText(hourly)}/h`;

/** How much of a whole, for people; `undefined` of what has no whole. */
export const percentText = (part: Usd, whole: Usd): string | undefined =>
  whole <= 0n ? undefined : `${percentage(part, whole)}%`;

/** `November 2026` of `2026-11`. */
export const monthText = (month: string): string =>
  new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  );

export const levelName = ({ level, name: own }: Pick<LevelReport, 'level' | 'name'>): Html =>
  level === 'none' ? html`<em>no project tag</em>` : name(own);

export const levelText = ({ level, name: own }: Pick<LevelReport, 'level' | 'name'>): string =>
  level === 'none' ? 'what has no project tag' : own;

/** How a level is called before its name. */
export const levelKind = ({ level, within }: Pick<LevelReport, 'level' | 'within'>): string => {
  switch (level) {
    case 'team':
      return 'team';
    case 'project':
      return within === undefined ? 'project' : `project of ${within}`;
    case 'model':
      return within === undefined ? 'model' : `model of ${within}`;
    case 'none':
      return 'no project';
  }
};

export const sourceText = (source: Bill['source']): string => {
  switch (source) {
    case 'cost-explorer':
      return 'Cost Explorer';
    case 'cur2':
      return 'the Data Export (CUR 2.0)';
    case 'focus':
      return 'the Data Export (FOCUS)';
    case 'athena':
      return 'the Data Export, by Athena';
    case 'ledger':
      return 'the ledger of Bursar';
  }
};

/** True of a level that has spent more than its limit. */
export const isOver = ({ limit, spent }: Pick<LevelReport, 'limit' | 'spent'>): boolean =>
  limit !== undefined && spent > limit;

/** What a page leaves out, and where it stands. */
export const leftOut = (count: number, noun: string, more = ''): Html =>
  html`<p class="soft">${count.toLocaleString('en-US')} more ${noun}${count === 1 ? '' : 's'}${more} ${count === 1 ? 'is' : 'are'} left out here; the JSON beside this page has all.</p>`;

/** First instant after the month of a report. */
export const monthEnd = ({ from }: Pick<Report, 'from'>): Date =>
  new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
