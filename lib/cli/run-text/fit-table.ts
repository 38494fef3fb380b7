import type { Io } from '../io.ts';
import { type Cell, type Column, table } from '../table.ts';

/** The terminal, as far as a table goes. */
export type View = Pick<Io, 'outColours' | 'width'>;

/** A table of which less is shown the narrower the terminal is. A pipe gets all, and nothing in it is cut. */
export interface FitTable<Name extends string> {
  readonly columns: Readonly<Record<Name, Column>>;
  /** From the widest on; the first that fits is taken, or else the last. A pipe gets the first. */
  readonly layouts: readonly (readonly Name[])[];
  readonly rows: readonly Readonly<Record<Name, Cell>>[];
  /**
   * Columns that the last one needs at least where it is broken between words or cut; absent = it is never broken, and
   * must fit whole.
   */
  readonly lastNeeds?: number;
  /** The last column is broken into at most so many lines; only with `lastNeeds`. */
  readonly lines?: number;
  /** The rows that the widths are fitted to, where several tables stand below each other … */
  readonly fit?: readonly Readonly<Record<Name, Cell>>[];
  /** … and whether this one has the headings; true unless told otherwise. */
  readonly headed?: boolean;
}

export function fitTable<Name extends string>(
  { columns, layouts, rows, lastNeeds, lines, fit = rows, headed = true }: FitTable<Name>,
  { outColours, width }: View,
): readonly string[] {
  const cells = (layout: readonly Name[], some: FitTable<Name>['rows']) =>
    some.map((row) => layout.map((name) => row[name]));
  const layout = layouts.find((one) => fits(one, { columns, rows: fit, lastNeeds, width })) ?? layouts.at(-1);
  if (layout === undefined || rows.length === 0) return [];
  return table(
    layout.map((name) => (width === undefined ? uncut(columns[name]) : columns[name])),
    cells(layout, rows),
    {
      width: lastNeeds === undefined ? undefined : width,
      ...(lines === undefined ? {} : { lines }),
      heading: outColours.dim,
      fit: cells(layout, fit),
      headed,
    },
  );
}

const uncut = ({ title, right = false }: Column): Column => ({ title, right });

/** Whether the rows, bare of colours, are no wider than the terminal. */
function fits<Name extends string>(
  layout: readonly Name[],
  {
    columns,
    rows,
    lastNeeds,
    width,
  }: Pick<FitTable<Name>, 'columns' | 'rows'> & {
    readonly lastNeeds: number | undefined;
    readonly width: number | undefined;
  },
): boolean {
  if (width === undefined) return true;
  const last = layout.length - 1;
  const bare = rows.map((row) =>
    layout.map((name, n) => ({
      text: n === last && lastNeeds !== undefined ? 'x'.repeat(lastNeeds) : row[name].text,
    })),
  );
  const drawn = table(
    layout.map((name) => columns[name]),
    bare,
    { width: undefined },
  );
  return drawn.every((line) => [...line].length <= width);
}
