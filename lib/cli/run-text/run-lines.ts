import { counted } from '../../decide/sentences.ts';
import { printable } from '../../policy/words.ts';
import type { Checked } from '../../simulate/expectations.ts';
import type { RunResult } from '../../simulate/result.ts';
import { broken, figureLines, headLines } from './figures.ts';
import type { View } from './fit-table.ts';
import { leftAloneLines } from './left-alone.ts';
import { projectLines } from './project-lines.ts';
import { timelineLines } from './timeline.ts';
import { checkLines, gateLines, safetyLines } from './verdict-lines.ts';

export interface RunLinesOptions {
  /** What was expected of it. */
  readonly checks?: readonly Checked[];
  /** Parts that are put before the assumptions, each some lines. */
  readonly more?: readonly (readonly string[])[];
}

/**
 * What a run came to, for people: of a simulation and of a backtest alike. On a terminal what is long is cut and said to
 * be; a pipe gets all. No colour says anything that the words do not.
 */
export function runLines(
  result: RunResult,
  view: View,
  { checks = [], more = [] }: RunLinesOptions = {},
): readonly string[] {
  return inParts([
    headLines(result, view),
    figureLines(result, view),
    timelineLines(result, view),
    projectLines(result.projects, view),
    leftAloneLines(result, view),
    gateLines(result, view),
    safetyLines(result, view),
    checkLines(checks, view),
    ...more,
    footLines(result, view),
  ]);
}

/** Parts with an empty line between them; those without lines are left out. */
export const inParts = (parts: readonly (readonly string[])[]): readonly string[] =>
  parts.filter((part) => part.length > 0).flatMap((part, n) => (n === 0 ? part : ['', ...part]));

/** What the figures stand on. */
export function footLines(
  { assumptions, counts }: RunResult,
  { outColours: { dim }, width }: View,
): readonly string[] {
  const { sweeps, metrics } = counts;
  const work = `${counted(sweeps, 'sweep')}, which asked for ${counted(metrics, 'metric')}.`;
  return [...assumptions, work]
    .flatMap((text) => broken(printable(text), width))
    .map((line) => dim(`  ${line}`));
}
