import { atMinute, counted } from '../decide/sentences.ts';
import { printable } from '../policy/words.ts';
import { assertNever } from '../types/assert-never.ts';
import { formatUsd, sumUsd } from '../types/money.ts';
import type { SavedUntil, Savings, StopSavings } from '../types/savings.ts';
import { hourlyText } from './plan-figures.ts';
import { broken } from './run-text/figures.ts';
import { fitTable, type View } from './run-text/fit-table.ts';
import { inParts } from './run-text/run-lines.ts';
import { lengthOf } from './run-text/run-time.ts';
import type { Cell, Column } from './table.ts';

/** So many stops are shown on a terminal, those that saved most; a pipe gets all. */
const SHOWN = 20;
/** A reason takes at most so many lines of a terminal. */
const WHY_LINES = 2;

/** What was saved, for people: in all, by project, by stop, and what that goes by. */
export function savingsLines(savings: Savings, view: View): readonly string[] {
  return inParts([
    headLines(savings, view),
    projectLines(savings, view),
    stopLines(savings, view),
    assumptionLines(savings, view),
  ]);
}

function headLines({ from, to, total, stops }: Savings, { outColours, width }: View): readonly string[] {
  const { bold, green } = outColours;
  const span = `from ${atMinute(from)} to ${atMinute(to)}`;
  if (stops.length === 0) return broken(`Nothing was stopped that saved anything ${span}.`, width);
  return broken(`Saved ${formatUsd(total)} by ${counted(stops.length, 'stop')} ${span}`, width).map((line) =>
    bold(total > 0n ? green(line) : line),
  );
}

type ProjectColumn = 'project' | 'saved' | 'stops';

const PROJECTS: Readonly<Record<ProjectColumn, Column>> = {
  project: { title: 'PROJECT', max: 36 },
  saved: { title: 'SAVED', right: true },
  stops: { title: 'STOPS', right: true },
};

function projectLines({ byProject }: Savings, view: View): readonly string[] {
  if (byProject.length === 0) return [];
  return fitTable(
    {
      columns: PROJECTS,
      layouts: [['project', 'saved', 'stops']],
      rows: byProject.map(({ project, saved, stops }) => ({
        project: { text: project ?? 'no project' },
        saved: { text: formatUsd(saved) },
        stops: { text: `${stops}` },
      })),
    },
    view,
  );
}

type Name = 'stopped' | 'until' | 'length' | 'resource' | 'size' | 'project' | 'hourly' | 'saved' | 'why';

const COLUMNS: Readonly<Record<Name, Column>> = {
  stopped: { title: 'STOPPED (UTC)' },
  until: { title: 'COUNTED UNTIL' },
  length: { title: 'FOR', right: true },
  resource: { title: 'RESOURCE', max: 30 },
  size: { title: 'SIZE', max: 22 },
  project: { title: 'PROJECT', max: 20 },
  hourly: { title: 'USD/H', right: true },
  saved: { title: 'SAVED', right: true },
  why: { title: 'WHY' },
};

const LAYOUTS: readonly (readonly Name[])[] = [
  ['stopped', 'until', 'length', 'resource', 'size', 'project', 'hourly', 'saved', 'why'],
  ['stopped', 'until', 'resource', 'project', 'hourly', 'saved', 'why'],
  ['stopped', 'resource', 'hourly', 'saved', 'until'],
  ['resource', 'saved', 'until'],
];

function stopLines(savings: Savings, view: View): readonly string[] {
  const { stops } = savings;
  if (stops.length === 0) return [];
  const shown = view.width === undefined ? stops : stops.slice(0, SHOWN);
  const left = stops.slice(shown.length);
  const { bold, dim } = view.outColours;
  return [
    bold('Stops'),
    ...fitTable(
      {
        columns: COLUMNS,
        layouts: LAYOUTS,
        rows: shown.map((stop) => rowOf(stop, savings, view)),
        lastNeeds: 22,
        lines: WHY_LINES,
      },
      view,
    ),
    ...(left.length === 0
      ? []
      : [
          dim(
            `  ${left.length} more of them saved ${formatUsd(sumUsd(left.map(({ saved }) => saved)))}: --json has all.`,
          ),
        ]),
  ];
}

function rowOf(
  stop: StopSavings,
  savings: Savings,
  { outColours: { yellow } }: View,
): Readonly<Record<Name, Cell>> {
  const { stoppedAt, until, by, hourly } = stop;
  const start = stoppedAt > savings.from ? stoppedAt : savings.from;
  const tell = timeIn(savings);
  return {
    stopped: { text: tell(stoppedAt) },
    until: { text: `${tell(until)}, ${wordOf(by)}` },
    length: { text: lengthOf({ from: start, to: until }) },
    resource: { text: stop.id },
    size: { text: stop.size },
    project: { text: stop.project ?? '–' },
    hourly: hourly === undefined ? { text: '?', paint: yellow } : { text: hourlyText(hourly) },
    saved: { text: formatUsd(stop.saved) },
    why: { text: `${stop.reason} (${stop.policy})` },
  };
}

const MINUTE = '2026-11-25 10:30'.length;

/** `11-13 18:45`; with the year where the span has more than one. */
function timeIn({ from, to, stops }: Savings): (at: Date) => string {
  const years = new Set(
    [from, new Date(to.getTime() - 1), ...stops.map(({ stoppedAt }) => stoppedAt)].map((at) =>
      at.getUTCFullYear(),
    ),
  );
  return (at) =>
    at
      .toISOString()
      .slice(years.size > 1 ? 0 : '2026-'.length, MINUTE)
      .replace('T', ' ');
}

function wordOf(by: SavedUntil): string {
  switch (by) {
    case 'restored':
      return 'ran again';
    case 'gone':
      return 'gone';
    case 'schedule':
      return 'scheduled stop';
    case 'cap':
      return 'longest believed';
    case 'period':
      return 'end';
    case 'now':
      return 'off still';
    default:
      return assertNever(by);
  }
}

function assumptionLines({ assumptions }: Savings, { outColours, width }: View): readonly string[] {
  return [
    outColours.bold('How it is counted'),
    ...assumptions.flatMap((one) => broken(printable(one), width)).map((line) => outColours.dim(`  ${line}`)),
  ];
}
