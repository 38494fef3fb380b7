import { printable } from '../policy/words.ts';
import { formatUsd, largerUsd, microUsd, percentage, sumUsd, type Usd } from '../types/money.ts';
import type { Colours, Io } from './io.ts';
import { shortTime } from './short-time.ts';
import { arranged, type LeveledRow } from './spend-levels.ts';
import { amount, type FiguresRow, type LevelRow, type SpendRow } from './spend-row.ts';
import { type Cell, type Column, table, wrap } from './table.ts';

type Paint = (text: string) => string;
type Width = Pick<Io, 'outColours' | 'width'>;

/** One line of the table: its cells by name, and what is said below it where there is no room for all of them. */
interface Line {
  readonly cells: Readonly<Record<ColumnName, Cell>>;
  /** Of the limit, 1 = all of it; `undefined` = there is no limit. */
  readonly share: number | undefined;
  readonly shareColour: Paint;
}

type ColumnName = keyof typeof COLUMNS;

const COLUMNS = {
  project: { title: 'PROJECT' },
  billed: { title: 'BILLED', right: true },
  estimated: { title: 'ESTIMATED', right: true },
  band: { title: '± BAND', right: true },
  spent: { title: 'SPENT', right: true },
  share: { title: 'OF LIMIT' },
  limit: { title: 'LIMIT', right: true },
  burn: { title: 'BURN/H', right: true },
  runsOut: { title: 'RUNS OUT' },
  running: { title: 'RUNNING', right: true },
  tags: { title: 'TAGS', right: true },
} as const satisfies Readonly<Record<string, Column>>;

/** What is shown of a row, on its line and below it. */
interface Layout {
  readonly columns: readonly ColumnName[];
  readonly below: readonly ColumnName[];
  /** Characters of the bar; 0 = none. */
  readonly bar: number;
  /** Longer names are cut. */
  readonly name: number;
}

const WIDE: readonly ColumnName[] = [
  'project',
  'billed',
  'estimated',
  'band',
  'share',
  'limit',
  'burn',
  'runsOut',
  'running',
  'tags',
];
const MIDDLE: readonly ColumnName[] = ['project', 'spent', 'share', 'limit', 'burn', 'runsOut'];
const NARROW: readonly ColumnName[] = ['project', 'spent', 'share', 'burn', 'runsOut'];
/** In the order in which they stand below a line. */
const ALL: readonly ColumnName[] = ['limit', 'billed', 'estimated', 'burn', 'runsOut', 'running', 'tags'];

const layouts = (columns: readonly ColumnName[], shapes: readonly (readonly [name: number, bar: number])[]) =>
  shapes.map(
    ([name, bar]): Layout => ({
      columns,
      below: ALL.filter((column) => !columns.includes(column)),
      bar,
      name,
    }),
  );

/** From the widest on; the first that fits is taken, or else the last. */
const LAYOUTS: readonly Layout[] = [
  ...layouts(WIDE, [
    [28, 10],
    [20, 10],
    [20, 6],
    [16, 0],
  ]),
  ...layouts(MIDDLE, [
    [24, 10],
    [20, 6],
    [16, 0],
  ]),
  ...layouts(NARROW, [
    [20, 10],
    [16, 6],
    [12, 0],
  ]),
  ...layouts(['project', 'spent', 'share'], [[12, 0]]),
];

/** Of a pipe, which has all the room, but nobody who would look at bars. */
const PIPE: Layout = { columns: WIDE, below: [], bar: 0, name: Number.POSITIVE_INFINITY };

/**
 * The projects' spend, a line each, as a table that fits the terminal: what has no room on a line stands below it,
 * and bars are drawn where there is room to spare. Teams stand before their projects, models below theirs; the last line
 * is the sum of the projects alone.
 */
export function spendTable(
  rows: readonly SpendRow[],
  io: Width,
  levels: readonly LevelRow[] = [],
): readonly string[] {
  const { outColours: colours, width } = io;
  const lines = [...arranged(rows, levels).map((row) => lineOf(row, colours)), ...totalOf(rows, colours)];
  if (width === undefined) return draw(lines, PIPE, io);
  const plain = (layout: Layout): number => Math.max(...bare(lines, layout).map((line) => [...line].length));
  const layout = LAYOUTS.find((one) => plain(one) <= width) ?? LAYOUTS.at(-1);
  return layout === undefined ? [] : draw(lines, layout, io);
}

/** The lines of the table alone, without colours: what is measured. */
const bare = (lines: readonly Line[], layout: Layout): readonly string[] =>
  table(
    columnsOf(layout),
    lines.map((line) => cellsOf(line, layout).map(({ text }) => ({ text }))),
    { width: undefined },
  );

function draw(lines: readonly Line[], layout: Layout, { outColours, width }: Width): readonly string[] {
  const drawn = table(
    columnsOf(layout),
    lines.map((line) => cellsOf(line, layout)),
    { width: undefined, heading: outColours.dim },
  );
  const [heading = '', ...body] = drawn;
  return [
    heading,
    ...body.flatMap((text, n) => {
      const line = lines[n];
      return line === undefined ? [text] : [text, ...below(line, layout, width).map(outColours.dim)];
    }),
  ];
}

const columnsOf = ({ columns, name }: Layout): readonly Column[] =>
  columns.map((column) => (column === 'project' ? { ...COLUMNS.project, max: name } : COLUMNS[column]));

const cellsOf = (line: Line, { columns, bar }: Layout): readonly Cell[] =>
  columns.map((column) => {
    const cell = line.cells[column];
    const { share, shareColour } = line;
    if (column !== 'share' || share === undefined) return cell;
    return { text: bar === 0 ? cell.text : `${barOf(share, bar)} ${cell.text}`, paint: shareColour };
  });

/** Full where all is spent, and never where something is left. */
function barOf(share: number, length: number): string {
  const full = Math.min(length, Math.floor(share * length));
  return '█'.repeat(full) + '░'.repeat(length - full);
}

const WORDS: Readonly<Partial<Record<ColumnName, (text: string) => string>>> = {
  limit: (text) => `of ${text}`,
  billed: (text) => `billed ${text}`,
  estimated: (text) => `estimated ${text}`,
  burn: (text) => `${text}/h`,
  runsOut: (text) => (text === USED_UP ? text : `runs out ${text}`),
  running: (text) => `${text} running`,
  tags: (text) => `tags ${text}`,
};

/** `billed $612.40, estimated $96.12 ± $19.22, 4 running`; broken after a comma alone. */
function below(line: Line, layout: Layout, width: number | undefined): readonly string[] {
  const words = layout.below.flatMap((column) => {
    const { text } = line.cells[column];
    if (text === '' || text === NONE) return [];
    const word = WORDS[column]?.(text) ?? text;
    return [column === 'estimated' ? `${word} ${line.cells.band.text}` : word];
  });
  if (words.length === 0) return [];
  const indent = '    ';
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(20, width - indent.length);
  const whole = words.map((word) => word.replaceAll(' ', UNBROKEN)).join(', ');
  return wrap(whole, room).map((text) => indent + text.replaceAll(UNBROKEN, ' '));
}

const UNBROKEN = '\u00a0';
const NONE = '–';
const USED_UP = 'used up';

const plainCell = (text: string): Cell => ({ text });

/** Which of its limits a row is held against: the month's, else that of all time, else the day's. */
export function mainLimit({
  monthly,
  total,
  daily,
}: FiguresRow):
  | { readonly of: 'monthly' | 'total' | 'daily'; readonly limit: NonNullable<FiguresRow['monthly']> }
  | undefined {
  if (monthly !== undefined) return { of: 'monthly', limit: monthly };
  if (total !== undefined) return { of: 'total', limit: total };
  return daily === undefined ? undefined : { of: 'daily', limit: daily };
}

/** From this share of a limit on, people should look. */
export const NEAR = 80;

export const shareOf = ({ spent, limit }: NonNullable<FiguresRow['monthly']>): number =>
  percentage(amount(spent), amount(limit));

/** Green, yellow from 80 % on, red where all is spent. */
export const paintOf = (percent: number, { green, yellow, red }: Colours): Paint =>
  percent >= 100 ? red : percent >= NEAR ? yellow : green;

const SUFFIX = { monthly: '', total: ' in all', daily: '/day' } as const;

function lineOf(leveled: LeveledRow, colours: Colours): Line {
  const { row, level, name, depth } = leveled;
  const { dim, yellow, cyan, bold } = colours;
  const main = mainLimit(row);
  const percent = main === undefined ? undefined : shareOf(main.limit);
  const colour = percent === undefined ? dim : paintOf(percent, colours);
  const text = `${'  '.repeat(depth)}${name}`;
  const named =
    level === 'none' ? { text, paint: yellow } : level === 'team' ? { text, paint: bold } : { text };
  const frozen = row.frozenUntil !== undefined;
  const tags =
    leveled.level === 'project' || leveled.level === 'none' ? leveled.row.tagCoverage?.percent : undefined;
  return {
    share: percent === undefined ? undefined : percent / 100,
    shareColour: colour,
    cells: {
      project: frozen ? { text: `${named.text} ❄`, paint: (one) => cyan(bold(one)) } : named,
      ...figures([row]),
      share: { text: percent === undefined ? NONE : percentText(percent), paint: colour },
      limit:
        main === undefined
          ? { text: NONE, paint: dim }
          : plainCell(`${formatUsd(amount(main.limit.limit))}${SUFFIX[main.of]}`),
      runsOut: runsOutCell(main?.limit, row, colours),
      tags:
        tags === undefined
          ? { text: NONE, paint: dim }
          : { text: percentText(tags), paint: tags < 100 ? yellow : (one) => one },
    },
  };
}

/** `71%`; never 100 where something is left. */
export const percentText = (percent: number): string =>
  Number.isFinite(percent) ? `${Math.floor(percent)}%` : 'over';

/** Less than this before it is used up, people should hurry. */
const SOON_MS = 86_400_000;

function runsOutCell(
  limit: FiguresRow['monthly'],
  { asOf }: FiguresRow,
  { dim, red, yellow }: Colours,
): Cell {
  if (limit?.runsOutAt === undefined) return { text: NONE, paint: dim };
  const now = new Date(asOf);
  const at = new Date(limit.runsOutAt);
  if (at <= now) return { text: USED_UP, paint: red };
  return {
    text: shortTime(at, now),
    paint: at.getTime() - now.getTime() < SOON_MS ? red : yellow,
  };
}

/** What adds up. */
function figures(
  rows: readonly FiguresRow[],
): Pick<Line['cells'], 'billed' | 'estimated' | 'band' | 'spent' | 'burn' | 'running'> {
  const sum = (of: (row: FiguresRow) => string): Usd => sumUsd(rows.map((row) => amount(of(row))));
  return {
    billed: plainCell(formatUsd(sum(({ billed }) => billed))),
    estimated: plainCell(formatUsd(sum(({ estimated }) => estimated))),
    band: plainCell(`± ${formatUsd(sumUsd(rows.map(bandOf)))}`),
    spent: plainCell(formatUsd(sumUsd(rows.map(spentOf)))),
    burn: plainCell(formatUsd(sum(({ burn }) => burn))),
    running: plainCell(`${rows.reduce((count, { running }) => count + running, 0)}`),
  };
}

export const spentOf = ({ billed, estimated }: FiguresRow): Usd =>
  sumUsd([amount(billed), amount(estimated)]);

/** How far the true sum may be off, to whichever side is farther. */
function bandOf(row: FiguresRow): Usd {
  const spent = spentOf(row);
  return largerUsd(microUsd(amount(row.high) - spent), microUsd(spent - amount(row.low)));
}

/** Of several rows, what they come to together. */
function totalOf(rows: readonly SpendRow[], { bold, dim }: Colours): readonly Line[] {
  if (rows.length < 2) return [];
  const strong = ({ text }: Cell): Cell => ({ text, paint: bold });
  const none = { text: '' };
  const { billed, estimated, band, spent, burn, running } = figures(rows);
  return [
    {
      share: undefined,
      shareColour: dim,
      cells: {
        project: strong({ text: 'All' }),
        billed: strong(billed),
        estimated: strong(estimated),
        band: strong(band),
        spent: strong(spent),
        burn: strong(burn),
        running: strong(running),
        share: none,
        limit: none,
        runsOut: none,
        tags: strong({ text: allTags(rows) }),
      },
    },
  ];
}

function allTags(rows: readonly SpendRow[]): string {
  const known = rows.flatMap(({ tagCoverage }) => (tagCoverage === undefined ? [] : [tagCoverage]));
  const count = (of: 'compliant' | 'resources'): number => known.reduce((sum, one) => sum + one[of], 0);
  return count('resources') === 0 ? '' : percentText((100 * count('compliant')) / count('resources'));
}

/** A project's name for people. */
export const nameOf = ({ project }: Pick<SpendRow, 'project'>): string => printable(project ?? 'No project');
