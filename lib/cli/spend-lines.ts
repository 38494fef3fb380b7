import type { Io } from './io.ts';
import type { Scene } from './scene.ts';
import { spendNotes } from './spend-notes.ts';
import { amount, type SpendRow } from './spend-row.ts';
import { spendTable } from './spend-table.ts';

const MONTH = new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** What the projects have spent this month; nothing of a Bursar that has no meter. */
export function spendParts(
  {
    spend = [],
    spendLevels = [],
    spendLeftOut: more = 0,
    at,
    only,
  }: Pick<Scene, 'spend' | 'spendLevels' | 'spendLeftOut' | 'at'> & Partial<Pick<Scene, 'only'>>,
  io: Pick<Io, 'outColours' | 'width'>,
): readonly (readonly string[])[] {
  const rows = spend.filter(({ project, ...row }) => project !== null || costsSomething(row));
  if (rows.length === 0) return [];
  const title = io.outColours.bold(`Spend in ${MONTH.format(at)}`);
  const leftOut =
    more === 0 || only !== undefined
      ? []
      : ['', `  Not shown: ${more} more values of the project tag, none of them in the policy file.`];
  return [
    [`${title}, UTC`, ...spendTable(rows, io, spendLevels), ...spendNotes(rows, io, spendLevels), ...leftOut],
  ];
}

/** Of what has no project there is a line where it is something. */
const costsSomething = ({ billed, estimated, running, unpriced }: Omit<SpendRow, 'project'>): boolean =>
  amount(billed) > 0n || amount(estimated) > 0n || running > 0 || unpriced.count > 0;
