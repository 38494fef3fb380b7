import type { Standing } from '../backtest/compare.ts';
import { type Comparison, compareRuns, spanOf, standings, stopsOf, totalOf } from '../backtest/compare.ts';
import type { HistoryCost } from '../backtest/metric-batches.ts';
import type { Proposal } from '../backtest/thresholds.ts';
import { counted } from '../decide/sentences.ts';
import { printable } from '../policy/words.ts';
import type { RunResult } from '../simulate/result.ts';
import { costOver, formatUsd } from '../types/money.ts';
import { broken, figureLines, headLines } from './run-text/figures.ts';
import { fitTable, type View } from './run-text/fit-table.ts';
import { footLines, inParts } from './run-text/run-lines.ts';
import { timeIn } from './run-text/run-time.ts';
import { safetyLines } from './run-text/verdict-lines.ts';
import { idOfArn } from './sweep-answer.ts';
import { type Cell, type Column, plainColumns, table } from './table.ts';

/** Everything that a backtest came to. */
export interface Backtested {
  readonly result: RunResult;
  /** The same history by another policy. */
  readonly other: RunResult | undefined;
  readonly proposals: readonly Proposal[];
  /** What could not be known. */
  readonly gaps: readonly string[];
}

/** A terminal is shown so many stops. */
const MOST_STOPS = 30;
/** And so many that only one of two policies makes. */
const MOST_ONLY = 10;

/** What a policy would have done, for people. On a terminal what is long is cut and said to be; a pipe gets all. */
export function backtestLines({ result, other, proposals, gaps }: Backtested, view: View): readonly string[] {
  return inParts([
    headLines(result, view),
    figureLines(result, view),
    projectPart(result, view),
    stopPart(result, view),
    safetyLines(result, view),
    proposalPart(proposals, view),
    ...(other === undefined ? [] : againstParts(result, other, view)),
    listPart('What could not be known', gaps, view),
    footLines(result, view),
  ]);
}

/** What the reading will cost, one line or two. */
export function costLines({ metrics, calls, usd, cachedDays, missingDays }: HistoryCost): readonly string[] {
  const days = cachedDays + missingDays;
  const cached = cachedDays === 0 ? '' : `, ${Math.floor((100 * cachedDays) / days)}% of it from the cache`;
  if (metrics === 0) return [`The history is in the cache: nothing is asked of CloudWatch.`];
  return [
    `Reading the history: ${counted(metrics, 'metric')} in ${counted(calls, 'call')} of GetMetricData, ${priceText(usd)} ($0.01 for 1,000 metrics)${cached}.`,
  ];
}

/** Cents say nothing of less than one. */
export const priceText = (usd: HistoryCost['usd']): string =>
  usd > 0n && usd < 10_000n ? 'less than $0.01' : formatUsd(usd);

const nameOf = (project: string | undefined): string => project ?? 'No project';

type ProjectColumn = 'project' | 'stops' | 'false' | 'saved' | 'spent' | 'without';

const PROJECT_COLUMNS: Readonly<Record<ProjectColumn, Column>> = {
  project: { title: 'PROJECT', max: 28 },
  stops: { title: 'STOPS', right: true },
  false: { title: 'FALSE', right: true },
  saved: { title: 'SAVED', right: true },
  spent: { title: 'SPENT', right: true },
  without: { title: 'WITHOUT BURSAR', right: true },
};

function projectPart(result: RunResult, view: View): readonly string[] {
  const { bold, yellow, red, green } = view.outColours;
  const row = (name: string, one: Standing, paint?: (text: string) => string) => {
    const cell = (text: string, own = paint): Cell => (own === undefined ? { text } : { text, paint: own });
    const wrong = one.falseStops + one.whileBusy;
    return {
      project: cell(name),
      stops: cell(String(one.stops)),
      false: cell(String(one.falseStops), wrong === 0 ? paint : one.whileBusy > 0 ? red : yellow),
      saved: cell(formatUsd(one.saved), paint ?? (one.saved > 0n ? green : undefined)),
      spent: cell(formatUsd(one.spent)),
      without: cell(formatUsd(one.without)),
    };
  };
  const projects = standings(result);
  const rows = [
    ...projects.map((one) => row(nameOf(one.project), one)),
    ...(projects.length > 1 ? [row('All', totalOf(result), bold)] : []),
  ];
  return [
    bold('Projects'),
    ...fitTable(
      {
        columns: PROJECT_COLUMNS,
        layouts: [
          ['project', 'stops', 'false', 'saved', 'spent', 'without'],
          ['project', 'stops', 'false', 'saved'],
        ],
        rows,
      },
      view,
    ),
  ];
}

type StopColumn = 'time' | 'project' | 'resource' | 'what' | 'saved' | 'why';

const STOP_COLUMNS: Readonly<Record<StopColumn, Column>> = {
  time: { title: 'TIME (UTC)' },
  project: { title: 'PROJECT', max: 20 },
  resource: { title: 'RESOURCE', max: 30 },
  what: { title: '' },
  saved: { title: 'SAVED', right: true },
  why: { title: 'WHY' },
};

/** A terminal is shown what was wrong first, then what saved most; a pipe all in the order of time. */
function stopPart(result: RunResult, view: View): readonly string[] {
  const { bold, dim, red, yellow } = view.outColours;
  const tell = timeIn(result);
  const runs = new Map(result.resources.map((run) => [run.arn, run]));
  const stops = stopsOf(result).map((stop) => {
    const run = runs.get(stop.arn);
    const { from, to } = spanOf(stop, run, result.to);
    const saved = run?.hourly === undefined ? undefined : costOver(run.hourly, to.getTime() - from.getTime());
    const rank = stop.whileBusy ? 0 : stop.falseStop ? 1 : 2;
    return { stop, run, saved, rank };
  });
  if (stops.length === 0) return [`${bold('Stops')}: none`];
  const shown =
    view.width === undefined
      ? stops
      : stops
          .toSorted((a, b) => a.rank - b.rank || Number((b.saved ?? 0n) - (a.saved ?? 0n)))
          .slice(0, MOST_STOPS)
          .toSorted((a, b) => a.stop.at.getTime() - b.stop.at.getTime());
  const rows = shown.map(({ stop, run, saved, rank }) => ({
    time: { text: tell(stop.at), paint: dim },
    project: { text: stop.project ?? '' },
    resource: { text: run?.id ?? idOfArn(stop.arn) },
    what: [
      { text: 'BUSY', paint: red },
      { text: 'false', paint: yellow },
    ][rank] ?? { text: '' },
    saved: { text: saved === undefined ? '' : formatUsd(saved) },
    why: { text: stop.reason },
  }));
  const left = stops.length - shown.length;
  return [
    bold('Stops'),
    ...fitTable(
      {
        columns: STOP_COLUMNS,
        layouts: [
          ['time', 'project', 'resource', 'what', 'saved', 'why'],
          ['time', 'resource', 'what', 'saved', 'why'],
        ],
        rows,
        lastNeeds: 34,
        lines: 1,
      },
      view,
    ),
    ...(left === 0 ? [] : [dim(`  and ${left} more, which saved less; --json and --html have all`)]),
  ];
}

function proposalPart(proposals: readonly Proposal[], view: View): readonly string[] {
  if (proposals.length === 0) return [];
  const { bold, yellow, green, red } = view.outColours;
  const paints = { keep: green, shorten: green, change: yellow, none: red } as const;
  const rows = proposals.map(({ policy, project, advice, text }) => [
    { text: policy },
    { text: project ?? 'all of it' },
    { text, paint: paints[advice] },
  ]);
  return [
    bold('Idle thresholds without a false stop'),
    ...table(plainColumns(3), rows, { width: view.width }),
  ];
}

type AgainstColumn = 'project' | 'saved' | 'otherSaved' | 'stops' | 'otherStops' | 'false' | 'otherFalse';

const A = 'A';
const B = 'B';

const AGAINST_COLUMNS: Readonly<Record<AgainstColumn, Column>> = {
  project: { title: 'PROJECT', max: 28 },
  saved: { title: `SAVED ${A}`, right: true },
  otherSaved: { title: B, right: true },
  stops: { title: `STOPS ${A}`, right: true },
  otherStops: { title: B, right: true },
  false: { title: `FALSE ${A}`, right: true },
  otherFalse: { title: B, right: true },
};

function againstParts(result: RunResult, other: RunResult, view: View): readonly (readonly string[])[] {
  const { bold, dim } = view.outColours;
  const { total, projects, onlyOne, onlyOther } = compareRuns(result, other);
  const row = (name: string, { one, other: second }: Comparison['total']) => ({
    project: { text: name },
    saved: { text: formatUsd(one.saved) },
    otherSaved: { text: formatUsd(second.saved) },
    stops: { text: String(one.stops) },
    otherStops: { text: String(second.stops) },
    false: { text: String(one.falseStops) },
    otherFalse: { text: String(second.falseStops) },
  });
  return [
    [
      bold('Side by side'),
      ...[`${A} is ${result.policy}`, `${B} is ${other.policy}`]
        .flatMap((text) => broken(printable(text), view.width))
        .map((line) => `  ${line}`),
      ...fitTable(
        {
          columns: AGAINST_COLUMNS,
          layouts: [
            ['project', 'saved', 'otherSaved', 'stops', 'otherStops', 'false', 'otherFalse'],
            ['project', 'saved', 'otherSaved', 'false', 'otherFalse'],
          ],
          rows: [
            ...projects.map((one) => row(nameOf(one.project), one)),
            ...(projects.length > 1 ? [row('All', total)] : []),
          ],
        },
        view,
      ),
      ...(total.other.whileBusy === 0
        ? []
        : [view.outColours.red(`  ${B} stopped ${total.other.whileBusy} while busy`)]),
    ],
    onlyLines(onlyOne, result, A),
    onlyLines(onlyOther, other, B),
  ];

  function onlyLines(only: Comparison['onlyOne'], of: RunResult, letter: string): readonly string[] {
    if (only.length === 0) return [];
    const tell = timeIn(of);
    const shown = view.width === undefined ? only : only.slice(0, MOST_ONLY);
    const left = only.length - shown.length;
    return [
      bold(`Only ${letter} makes ${counted(only.length, 'stop')}`),
      ...table(
        plainColumns(4),
        shown.map(({ at, arn, project, falseStop, reason }) => [
          { text: tell(at), paint: dim },
          { text: idOfArn(arn) },
          { text: project ?? '' },
          { text: falseStop ? `False. ${reason}` : reason },
        ]),
        { width: view.width, lines: 1 },
      ),
      ...(left === 0 ? [] : [dim(`  and ${left} more; --json has all`)]),
    ];
  }
}

function listPart(title: string, items: readonly string[], view: View): readonly string[] {
  if (items.length === 0) return [];
  return [
    view.outColours.bold(title),
    ...items.flatMap((item) =>
      broken(printable(item), view.width).map((line, n) => `  ${n === 0 ? '· ' : '  '}${line}`),
    ),
  ];
}
