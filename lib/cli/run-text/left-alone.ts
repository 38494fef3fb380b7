import type { RunResult } from '../../simulate/result.ts';
import { group } from '../group.ts';
import { plainColumns, table } from '../table.ts';
import { wordOf } from '../words.ts';
import type { View } from './fit-table.ts';

/** So many are named of those that are left alone for one reason … */
const NAMED = 3;
/** … and so many reasons in a terminal. */
const MOST = 12;

/** What is left alone for one reason at the end of a run. */
export interface LeftAloneGroup {
  /** In a word or two: `exempt`. */
  readonly word: string;
  readonly why: string;
  /** A few of its resources, and how many more: `spot, protected and 7 more`. */
  readonly who: string;
}

/** What is left alone whatever it does, by its reason; the first are those of which there are fewest. */
export function leftAloneGroups({ resources }: RunResult): readonly LeftAloneGroup[] {
  const left = resources.flatMap(({ id, leftAlone }) =>
    leftAlone === undefined ? [] : [{ id, ...leftAlone }],
  );
  return [...group(left, ({ verdict, why }) => `${verdict} ${why}`).values()]
    .toSorted((a, b) => a.length - b.length)
    .flatMap((some) => {
      const [first] = some;
      if (first === undefined) return [];
      const more = some.length - NAMED;
      const named = some.slice(0, NAMED).map(({ id }) => id);
      const who = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
      return [{ word: wordOf(first.verdict), why: first.why, who }];
    });
}

/** What is left alone at the end of a run, and why. */
export function leftAloneLines(result: RunResult, { outColours, width }: View): readonly string[] {
  const { bold, dim } = outColours;
  const groups = leftAloneGroups(result);
  if (groups.length === 0) return [];
  const shown = width === undefined ? groups : groups.slice(0, MOST);
  const left = groups.length - shown.length;
  return [
    bold('Left alone, whatever it does'),
    ...table(
      plainColumns(3),
      shown.map(({ word, why, who }) => [{ text: who }, { text: word, paint: dim }, { text: why }]),
      { width, lines: 2 },
    ),
    ...(left === 0 ? [] : [dim(`  and for ${left} more reasons; --json has all`)]),
  ];
}
