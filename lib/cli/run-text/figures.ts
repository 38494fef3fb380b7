import { atMinute, counted } from '../../decide/sentences.ts';
import { printable } from '../../policy/words.ts';
import { falseStops, type RunResult, stoppedWhileBusy } from '../../simulate/result.ts';
import { formatUsd, microUsd, percentage, type Usd } from '../../types/money.ts';
import type { Io } from '../io.ts';
import { plainColumns, table, wrap } from '../table.ts';
import type { View } from './fit-table.ts';
import { lengthOf } from './run-time.ts';

/** The figures that a run comes to. */
export interface RunFigures {
  /** May be below zero: what runs longer with Bursar than without. */
  readonly saved: Usd;
  /** Percent of what it would have cost without, to one decimal; 0 where nothing would have been spent. */
  readonly savedPercent: number;
  readonly stops: number;
  readonly stoppedResources: number;
  readonly whileBusy: number;
  readonly falseStops: number;
  readonly warnings: number;
  /** How many alerts beside warnings and stops people got: of resources, budgets, burn rates and what is held back. */
  readonly told: number;
  readonly failed: number;
  readonly restores: number;
  readonly keeps: number;
}

export function figuresOf(result: RunResult): RunFigures {
  const { events, spent, without } = result;
  const of = (...names: readonly string[]) => events.filter(({ event }) => names.includes(event));
  const stops = events.flatMap((event) => (event.event === 'stopped' ? [event.arn] : []));
  const saved = microUsd(without - spent);
  return {
    saved,
    savedPercent: without === 0n ? 0 : percentage(saved, without),
    stops: stops.length,
    stoppedResources: new Set(stops).size,
    whileBusy: stoppedWhileBusy(result).length,
    falseStops: falseStops(result).length,
    warnings: of('warned').length,
    told: of('notified', 'budget', 'burn-rate', 'held').length,
    failed: of('failed', 'skipped').length,
    restores: of('restored').length,
    keeps: of('kept').length,
  };
}

/** What it is, over which span and by which policy. */
export function headLines(
  { title, description, from, to, policy }: RunResult,
  { outColours: { bold, dim }, width }: View,
): readonly string[] {
  const about = printable(description.replace(/\s+/g, ' ').trim());
  return [
    bold(printable(title)),
    ...(about === '' ? [] : broken(about, width).map((line) => `  ${line}`)),
    ...broken(
      `${atMinute(from)} to ${atMinute(to)}, ${lengthOf({ from, to })}, by ${printable(policy)}`,
      width,
    ).map((line) => dim(`  ${line}`)),
  ];
}

export const broken = (text: string, width: number | undefined): readonly string[] =>
  width === undefined ? [text] : wrap(text, Math.max(30, width - 4));

/** Dollars and counts. */
export function figureLines(result: RunResult, { outColours }: Pick<Io, 'outColours'>): readonly string[] {
  const { bold, green, yellow } = outColours;
  const figures = figuresOf(result);
  const { saved, savedPercent, stops, stoppedResources, warnings, told, failed, restores, keeps } = figures;
  const rows: readonly (readonly [name: string, value: string, note: string])[] = [
    ['spent', formatUsd(result.spent), ''],
    ['without Bursar', formatUsd(result.without), ''],
    ['saved', formatUsd(saved), `${savedPercent}%`],
    [
      'stops',
      `${stops}`,
      stops === 0 ? '' : `${stoppedResources} of ${counted(result.resources.length, 'resource')}`,
    ],
    ['warnings', `${warnings}`, ''],
    ['other alerts', `${told}`, ''],
  ];
  const more = [
    ...(failed === 0 ? [] : [['stops that failed', `${failed}`, ''] as const]),
    ...(restores === 0 ? [] : [['brought back', `${restores}`, ''] as const]),
    ...(keeps === 0 ? [] : [['kept by people', `${keeps}`, ''] as const]),
  ];
  return table(
    plainColumns(3, 1),
    [...rows, ...more].map(([name, value, note]) => {
      const paint = name !== 'saved' ? bold : saved < 0n ? yellow : green;
      return [{ text: name }, { text: value, paint }, note === '' ? { text: note } : { text: note, paint }];
    }),
    { width: undefined },
  );
}
