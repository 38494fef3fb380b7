import { type Html, html, type Part } from './html.ts';

export interface TableColumn {
  readonly title: string;
  readonly right?: boolean;
  /** Whether people may sort by it, and how; absent = not. */
  readonly sort?: 'text' | 'number';
  /** `why`: whole sentences; `nowrap`: never broken. */
  readonly className?: 'why' | 'nowrap';
}

export interface TableCell {
  readonly content: Part;
  /** What it is sorted by, where that is not its text. */
  readonly key?: string | number;
}

export interface TableRow {
  readonly cells: readonly TableCell[];
  /** What a filter may choose it by, words. Absent = no filter sees it. */
  readonly is?: readonly string[];
}

/** As many columns do not fit a small screen. */
const BROAD = 8;

/**
 * A table that a phone shows as blocks, a row each, or one that scrolls sideways in a box of its own. Its first column
 * names the row. The roles of the first form are said because blocks would lose them.
 * @param form `scroll`: what the box is called
 * @param foot the row of sums, which sorting leaves where it is
 */
export function table(
  caption: Part,
  columns: readonly TableColumn[],
  rows: readonly TableRow[],
  form: 'stack' | { readonly scroll: string } = 'stack',
  foot?: TableRow,
): Html {
  const body = html`<table role="table"${form === 'stack' && html` class="stack${columns.some(({ className }) => className === 'why') && ' sentences'}${columns.length >= BROAD && ' broad'}"`}>
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
    ({ title, right, sort }) =>
      html`<th role="columnheader" scope="col"${right === true && html` class="right"`}${sort !== undefined && html` data-sort="${sort}"`}>${title}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => rowOf(row, columns, form === 'stack'))}</tbody>${
    foot !== undefined &&
    html`
<tfoot role="rowgroup">
${rowOf(foot, columns, form === 'stack')}</tfoot>`
  }
</table>`;
  return form === 'stack' ? body : scroller(form.scroll, body);
}

/** A box of its own that scrolls sideways, by keys as well. */
const scroller = (label: string, content: Html): Html =>
  html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${content}</div>`;

const rowOf = ({ cells, is }: TableRow, columns: readonly TableColumn[], stacks: boolean): Html => {
  const role = (of: string) => stacks && html` role="${of}"`;
  return html`<tr${role('row')}${is !== undefined && html` data-row="${is.join(' ')}"`}>${cells.map(
    ({ content, key }, index) => {
      const column = columns[index];
      const names = [
        ...(column?.right === true ? ['right'] : []),
        ...(column?.className === undefined ? [] : [column.className]),
      ];
      const more = html`${names.length > 0 && html` class="${names.join(' ')}"`}${key !== undefined && html` data-key="${String(key)}"`}`;
      return index === 0
        ? html`<th${role('rowheader')} scope="row"${more}>${content}</th>`
        : html`<td${stacks && html` role="cell" data-label="${column?.title ?? ''}"`}${more}>${content}</td>`;
    },
  )}</tr>
`;
};

/** What narrows the rows of the tables below it: by text, and by one of some choices. Shown where scripts run. */
export const filters = (
  what: string,
  choices: readonly (readonly [value: string, label: string])[],
): Html => html`<div class="filters" data-scripted hidden>
<label>Filter ${what} by text <input type="search" data-filter-text autocomplete="off" spellcheck="false"></label>
${
  choices.length > 0 &&
  html`<label>Show <select data-filter-choice><option value="">all</option>${choices.map(
    ([value, label]) => html`<option value="${value}">${label}</option>`,
  )}</select></label>`
}
<output data-filter-count aria-live="polite"></output>
</div>`;

/** As few rows are seen at once: they need no filter. */
const FEW = 12;

/** A table of some rows with its filters above it, where it is long enough to need them. */
export const filtered = (
  what: string,
  choices: readonly (readonly [value: string, label: string])[],
  rows: number,
  content: Html,
): Html =>
  rows <= FEW
    ? content
    : html`<div data-filters>
${filters(what, choices)}
${content}
</div>`;
