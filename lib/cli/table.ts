import { printable } from '../policy/words.ts';

/** What is shown in one place of a table. */
export interface Cell {
  readonly text: string;
  /** Its colour. */
  readonly paint?: (text: string) => string;
}

export interface Column {
  /** The heading; empty in all = no headings. */
  readonly title: string;
  readonly right?: boolean;
  /** Longer cells are cut to so many columns. */
  readonly max?: number;
}

export interface TableOptions {
  /** Columns of the terminal; `undefined` = lines as long as they need be. */
  readonly width: number | undefined;
  /** The last column is broken into at most so many lines. */
  readonly lines?: number;
  readonly indent?: string;
  readonly heading?: (text: string) => string;
  /** The rows that the widths are fitted to, where several tables stand below each other … */
  readonly fit?: readonly (readonly Cell[])[];
  /** … and whether this one has the headings; true unless told otherwise. */
  readonly headed?: boolean;
}

const GAP = '  ';
/** Where the last column would be narrower than this, it goes below the row instead. */
const NARROW = 28;

/**
 * Rows as lines: every column as wide as its widest cell, the last one broken between words to fit the terminal.
 * What a terminal would obey is made visible.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): readonly string[] {
  const {
    width,
    lines: maxLines = Number.POSITIVE_INFINITY,
    indent = '  ',
    heading = (text) => text,
  } = options;
  const clean = (some: readonly (readonly Cell[])[]): Cell[][] =>
    some.map((row) =>
      row.map((cell, n) => ({ ...cell, text: shorten(printable(cell.text), columns[n]?.max) })),
    );
  const shown = clean(rows);
  const fitted = options.fit === undefined ? shown : clean(options.fit);
  const last = columns.length - 1;
  const widths = columns.map(({ title }, n) =>
    fitted.reduce((widest, row) => Math.max(widest, lengthOf(row[n]?.text ?? '')), lengthOf(title)),
  );
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + GAP.length, indent.length);
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - before;
  const below = room < NARROW && fitted.some((row) => lengthOf(row[last]?.text ?? '') > room);

  const line = (cells: readonly Cell[]): string =>
    cells
      .map(({ text, paint = (plain) => plain }, n) => {
        const right = columns[n]?.right === true;
        // What ends a line needs no blanks after it.
        const fill = ' '.repeat(n === last && !right ? 0 : Math.max(0, (widths[n] ?? 0) - lengthOf(text)));
        return right ? fill + paint(text) : paint(text) + fill;
      })
      .join(GAP)
      .trimEnd();

  const body = shown.flatMap((row) => {
    const end = row[last];
    if (end === undefined || width === undefined) return [indent + line(row)];
    const hanging = below ? `${indent}    ` : ' '.repeat(before);
    const parts = wrap(end.text, Math.max(NARROW, width - hanging.length), maxLines);
    const paint = end.paint ?? ((text: string) => text);
    if (below) {
      const under = end.text === '' ? [] : parts.map((part) => hanging + paint(part));
      return [indent + line(row.slice(0, last)), ...under];
    }
    const [first = '', ...more] = parts;
    return [
      indent + line([...row.slice(0, last), { ...end, text: first }]),
      ...more.map((part) => hanging + paint(part)),
    ];
  });
  const titles = columns.slice(0, below ? last : columns.length).map(({ title }) => ({ text: title }));
  const headed = options.headed !== false && titles.some(({ text }) => text !== '');
  return !headed ? body : [indent + heading(line(titles)), ...body];
}

/** Columns without headings; those that are named by `right` end flush. */
export const plainColumns = (count: number, ...right: readonly number[]): readonly Column[] =>
  Array.from({ length: count }, (_, n) => ({ title: '', right: right.includes(n) }));

/** Breaks a text between words; a longer word stands alone. What does not fit into `maxLines` ends in `…`. */
export function wrap(
  text: string,
  width: number,
  maxLines: number = Number.POSITIVE_INFINITY,
): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && lengthOf(current) + 1 + lengthOf(word) > width) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  lines.push(current);
  if (lines.length <= maxLines) return lines;
  const kept = lines.slice(0, maxLines);
  const words = (kept.at(-1) ?? '').split(' ');
  while (words.length > 1 && lengthOf(words.join(' ')) + 2 > width) words.pop();
  return [...kept.slice(0, -1), shorten(`${words.join(' ')} …`, width)];
}

const lengthOf = (text: string): number => [...text].length;

const shorten = (text: string, max: number | undefined): string =>
  max === undefined || lengthOf(text) <= max ? text : `${[...text].slice(0, max - 1).join('')}…`;
