import { counted } from '../decide/sentences.ts';
import { printable } from '../policy/words.ts';
import { formatUsd } from '../types/money.ts';
import { figuresOf } from './run-text/figures.ts';
import { fitTable, type View } from './run-text/fit-table.ts';
import { inParts, runLines } from './run-text/run-lines.ts';
import { isWell, type Simulated } from './simulate-run.ts';
import type { Cell, Column } from './table.ts';

const OTHER_POLICY = 'What the scenario expects is meant of its own policy, and was not checked.';

/** One scenario whole; of several a line each, and whole those that did not come out well. */
export function simulatedLines(
  all: readonly Simulated[],
  view: View,
  { isOtherPolicy }: { readonly isOtherPolicy: boolean },
): readonly string[] {
  const whole = ({ result, checks }: Simulated): readonly string[] =>
    runLines(result, view, { checks, more: isOtherPolicy ? [[OTHER_POLICY]] : [] });
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return whole(only);
  const wrong = all.filter((one) => !isWell(one));
  return inParts([...wrong.map(whole), summaryLines(all, view, isOtherPolicy)]);
}

type Name = 'mark' | 'title' | 'spent' | 'without' | 'saved' | 'stops' | 'busy' | 'expected';

const COLUMNS: Readonly<Record<Name, Column>> = {
  mark: { title: '' },
  title: { title: 'SCENARIO', max: 40 },
  spent: { title: 'SPENT', right: true },
  without: { title: 'WITHOUT BURSAR', right: true },
  saved: { title: 'SAVED', right: true },
  stops: { title: 'STOPS', right: true },
  busy: { title: 'WHILE BUSY', right: true },
  expected: { title: 'EXPECTED', right: true },
};

const LAYOUTS: readonly (readonly Name[])[] = [
  ['mark', 'title', 'spent', 'without', 'saved', 'stops', 'busy', 'expected'],
  ['mark', 'title', 'spent', 'saved', 'stops', 'busy', 'expected'],
  ['mark', 'title', 'saved', 'busy', 'expected'],
  ['mark', 'title', 'expected'],
];

function summaryLines(all: readonly Simulated[], view: View, isOtherPolicy: boolean): readonly string[] {
  const { bold, green, red, dim } = view.outColours;
  const wrong = all.filter((one) => !isWell(one)).length;
  const said =
    wrong > 0
      ? red(`${wrong} of ${counted(all.length, 'scenario')} did not come out well`)
      : green(`${counted(all.length, 'scenario')}, all well`);
  return [
    bold(said),
    ...fitTable({ columns: COLUMNS, layouts: LAYOUTS, rows: all.map((one) => rowOf(one, view)) }, view),
    ...(isOtherPolicy ? [dim(`  ${OTHER_POLICY}`)] : []),
  ];
}

function rowOf(one: Simulated, { outColours: { green, red, dim } }: View): Readonly<Record<Name, Cell>> {
  const { result, checks } = one;
  const { saved, stops, whileBusy } = figuresOf(result);
  const met = checks.filter(({ ok }) => ok).length;
  const well = isWell(one);
  return {
    mark: well ? { text: '✓', paint: green } : { text: '✗', paint: red },
    title: { text: printable(result.title) },
    spent: { text: formatUsd(result.spent) },
    without: { text: formatUsd(result.without) },
    saved: { text: formatUsd(saved) },
    stops: { text: `${stops}` },
    busy: whileBusy === 0 ? { text: 'none' } : { text: `${whileBusy}`, paint: red },
    expected:
      checks.length === 0
        ? { text: '–', paint: dim }
        : { text: `${met} of ${checks.length}`, paint: met === checks.length ? green : red },
  };
}
