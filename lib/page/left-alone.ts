import { leftAloneGroups } from '../cli/run-text/left-alone.ts';
import type { RunResult } from '../simulate/result.ts';
import { type Html, html, name } from './html.ts';
import { table } from './table.ts';

/** What Bursar leaves alone whatever it does, and why; `undefined` where there is none. */
export function leftAloneList(result: RunResult): Html | undefined {
  const groups = leftAloneGroups(result);
  return groups.length === 0
    ? undefined
    : table(
        html`<span class="unseen">What is left alone, by its reason</span>`,
        [{ title: 'Resources' }, { title: 'What it is' }, { title: 'Why', className: 'why' }],
        groups.map(({ word, why, who }) => ({
          cells: [{ content: name(who) }, { content: word }, { content: why }],
        })),
      );
}
