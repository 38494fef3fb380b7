import type { ProjectRun } from '../../simulate/result.ts';
import { ascending } from '../../types/lists.ts';
import { formatUsd, microUsd, percentage, sumUsd, type Usd, ZERO_USD } from '../../types/money.ts';
import { paintOf, percentText } from '../spend-table.ts';
import type { Cell, Column } from '../table.ts';
import { fitTable, type View } from './fit-table.ts';

/** A terminal is shown so many projects, those that spend most. */
const MOST = 25;
const BAR = 10;

type Name = 'project' | 'spent' | 'without' | 'saved' | 'limit' | 'share';

const COLUMNS: Readonly<Record<Name, Column>> = {
  project: { title: 'PROJECT', max: 28 },
  spent: { title: 'SPENT', right: true },
  without: { title: 'WITHOUT BURSAR', right: true },
  saved: { title: 'SAVED', right: true },
  limit: { title: 'LIMIT/MONTH', right: true },
  share: { title: 'AT MOST, BY THE METER' },
};

const LAYOUTS: readonly (readonly Name[])[] = [
  ['project', 'spent', 'without', 'saved', 'limit', 'share'],
  ['project', 'spent', 'saved', 'limit', 'share'],
  ['project', 'spent', 'limit', 'share'],
  ['project', 'spent', 'share'],
];

/** What each project spent, and how near its limit it came at most. */
export function projectLines(projects: readonly ProjectRun[], view: View): readonly string[] {
  if (projects.length === 0) return [];
  const { bold, dim } = view.outColours;
  const sorted = [...projects].sort(
    (a, b) =>
      ascending(b.spent, a.spent) || ascending(b.without, a.without) || nameOf(a).localeCompare(nameOf(b)),
  );
  const shown = view.width === undefined ? sorted : sorted.slice(0, MOST);
  const rows = shown.map((one) => rowOf(one, view));
  const all = projects.length < 2 ? [] : [totalOf(projects, view)];
  const left = sorted.length - shown.length;
  return [
    bold('Projects'),
    ...fitTable({ columns: COLUMNS, layouts: LAYOUTS, rows: [...rows, ...all] }, view),
    ...(left === 0 ? [] : [dim(`  and ${left} more, which spent less; --json has all`)]),
  ];
}

const nameOf = ({ project }: Pick<ProjectRun, 'project'>): string => project ?? 'No project';

/** The highest that the meter said of it, since its month began; `undefined` where it never looked. */
export const peakOf = ({ points }: Pick<ProjectRun, 'points'>): Usd | undefined => {
  const spent = points.map(({ billed, estimated }) => sumUsd([billed, estimated]));
  return spent.reduce<Usd | undefined>(
    (most, one) => (most === undefined || one > most ? one : most),
    undefined,
  );
};

function rowOf(run: ProjectRun, { outColours: colours, width }: View): Readonly<Record<Name, Cell>> {
  const { dim, yellow } = colours;
  const { spent, without, limit } = run;
  return {
    project: run.project === undefined ? { text: nameOf(run), paint: yellow } : { text: run.project },
    spent: { text: formatUsd(spent) },
    without: { text: formatUsd(without) },
    saved: savedCell(spent, without),
    limit: limit === undefined ? { text: '–', paint: dim } : { text: formatUsd(limit) },
    share: shareCell(peakOf(run), limit, width !== undefined, colours),
  };
}

function savedCell(spent: Usd, without: Usd): Cell {
  const saved = microUsd(without - spent);
  const percent = without === 0n ? 0 : Math.round(percentage(saved, without));
  return { text: saved === 0n ? formatUsd(ZERO_USD) : `${formatUsd(saved)} (${percent}%)` };
}

/** `██████████ 104%, $4.08 over`. */
function shareCell(
  peak: Usd | undefined,
  limit: Usd | undefined,
  isDrawn: boolean,
  colours: View['outColours'],
): Cell {
  if (peak === undefined || limit === undefined) return { text: '–', paint: colours.dim };
  const percent = percentage(peak, limit);
  const over = peak > limit ? `, ${formatUsd(microUsd(peak - limit))} over` : '';
  const full = Math.min(BAR, Math.floor((Math.min(percent, 100) / 100) * BAR));
  const bar = isDrawn ? `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ` : '';
  return { text: `${bar}${percentText(percent)}${over}`, paint: paintOf(percent, colours) };
}

function totalOf(
  projects: readonly ProjectRun[],
  { outColours: { bold } }: View,
): Readonly<Record<Name, Cell>> {
  const spent = sumUsd(projects.map((one) => one.spent));
  const without = sumUsd(projects.map((one) => one.without));
  const strong = (text: string): Cell => ({ text, paint: bold });
  return {
    project: strong('All'),
    spent: strong(formatUsd(spent)),
    without: strong(formatUsd(without)),
    saved: strong(savedCell(spent, without).text),
    limit: { text: '' },
    share: { text: '' },
  };
}
