import { counted } from '../../decide/sentences.ts';
import { printable } from '../../policy/words.ts';
import type { Checked } from '../../simulate/expectations.ts';
import { falseStops, type RunEvent, type RunResult, stoppedWhileBusy } from '../../simulate/result.ts';
import type { GateJudged } from '../../types/gate.ts';
import { formatUsd } from '../../types/money.ts';
import type { Io } from '../io.ts';
import { idOfArn } from '../sweep-answer.ts';
import { plainColumns, table } from '../table.ts';
import { broken } from './figures.ts';
import type { View } from './fit-table.ts';
import { timeIn } from './run-time.ts';

/** So many are named in a terminal. */
const NAMED = 20;

type Stop = Extract<RunEvent, { event: 'stopped' }>;

/** What must never be, and what should not. */
export function safetyLines(result: RunResult, view: View): readonly string[] {
  const { red, green, yellow, bold } = view.outColours;
  const busy = stoppedWhileBusy(result);
  const early = falseStops(result);
  return [
    busy.length === 0
      ? green('Stopped while busy: none')
      : bold(red(`Stopped while busy: ${busy.length}, which must never be`)),
    ...stopLines(busy, result, view, red),
    early.length === 0
      ? 'False stops (in use again within 15 min): none'
      : yellow(`False stops (in use again within 15 min): ${early.length}`),
    ...stopLines(early, result, view, yellow),
  ];
}

function stopLines(
  stops: readonly Stop[],
  result: RunResult,
  { width }: View,
  paint: (text: string) => string,
): readonly string[] {
  const tell = timeIn(result);
  const ids = new Map(result.resources.map(({ arn, id }) => [arn, id]));
  const shown = width === undefined ? stops : stops.slice(0, NAMED);
  const rows = shown.map(({ at, arn, policy, reason }) => [
    { text: tell(at) },
    { text: ids.get(arn) ?? idOfArn(arn), paint },
    { text: policy },
    { text: reason },
  ]);
  const left = stops.length - shown.length;
  return [
    ...table([{ title: '' }, { title: '', max: 30 }, { title: '', max: 20 }, { title: '' }], rows, {
      width,
      lines: 2,
    }),
    ...(left === 0 ? [] : [`  and ${left} more; --json has all`]),
  ];
}

/** What a pipeline was told that asked whether its project can still afford something. */
export function gateLines(result: Pick<RunResult, 'gates' | 'from' | 'to'>, view: View): readonly string[] {
  const { bold, green, red } = view.outColours;
  const tell = timeIn(result);
  return result.gates.flatMap(({ at, outcome }) => {
    const { project, limit, committed, judged, verdict, pick } = outcome;
    const said = verdict === 'pass' ? green('PASS') : red('OVER');
    const stands = `${formatUsd(committed)} of ${formatUsd(limit)} are committed.`;
    const instead = pick === undefined ? '' : ` ${pick} would pass.`;
    return [
      `${bold(`Gate at ${tell(at)}`)} of ${printable(project)}: ${said}`,
      ...broken(printable(`${stands}${instead}`), view.width).map((line) => `  ${line}`),
      ...table(
        plainColumns(4, 1),
        judged.map((one) => gateRow(one, view)),
        { width: view.width },
      ),
    ];
  });
}

function gateRow(
  { type, verdict, projected, why }: GateJudged,
  { outColours: { green, red, yellow } }: View,
) {
  const word = { pass: 'pass', over: 'OVER', unfit: 'unfit', unpriced: 'unpriced' } as const;
  const paint = { pass: green, over: red, unfit: yellow, unpriced: yellow } as const;
  return [
    { text: type },
    { text: projected === undefined ? '' : formatUsd(projected) },
    { text: word[verdict], paint: paint[verdict] },
    { text: why },
  ];
}

/** Expectations with ✓ and ✗: all that are not met, and on a terminal the first of the others. */
export function checkLines(
  checks: readonly Checked[],
  { outColours: { bold, green, red, dim }, width }: Pick<Io, 'outColours' | 'width'>,
): readonly string[] {
  if (checks.length === 0) return [];
  const wrong = checks.filter(({ ok }) => !ok);
  const met = checks.filter(({ ok }) => ok);
  const shown = width === undefined ? met : met.slice(0, NAMED);
  const left = met.length - shown.length;
  return [
    bold(
      wrong.length === 0
        ? `As expected, ${counted(checks.length, 'expectation')}`
        : `${wrong.length} of ${counted(checks.length, 'expectation')} not met`,
    ),
    ...wrong.map(({ text }) => red(`  ✗ ${printable(text)}`)),
    ...shown.map(({ text }) => `  ${green('✓')} ${printable(text)}`),
    ...(left === 0 ? [] : [dim(`  and ${left} more that are met`)]),
  ];
}
