import { lengthOf, timeIn } from '../cli/run-text/run-time.ts';
import type { RunResult } from '../simulate/result.ts';
import { comparison } from './compare.ts';
import { eventList } from './events.ts';
import { runFigures } from './figures.ts';
import { gateList } from './gates.ts';
import { type Html, html, name } from './html.ts';
import { leftAloneList } from './left-alone.ts';
import { savingsTable } from './savings.ts';
import { section, shell } from './shell.ts';
import { spending } from './spending.ts';
import { busyAlarm, stopList, stopsOf } from './stops.ts';
import { timelines } from './timeline.ts';
import { time } from './times.ts';

export interface RunPageMore {
  readonly what: 'simulation' | 'backtest';
  /** The same span under another policy. */
  readonly against?: RunResult;
  /** Expectations and whether they hold, a sentence each. */
  readonly checks?: readonly { readonly ok: boolean; readonly text: string }[];
  /** What to change in the policy, a sentence each. */
  readonly proposals?: readonly string[];
  /** What should be known of how it was made, a sentence each. */
  readonly notes?: readonly string[];
}

/**
 * What a simulation or a backtest came to, as one HTML page that needs nothing beside itself.
 * Loads the charting library: import this file only when a page is made.
 */
export function runPage(result: RunResult, more: RunPageMore): string {
  const { what, against, checks = [], proposals = [], notes = [] } = more;
  const alarm = busyAlarm(result);
  const leftAlone = leftAloneList(result);
  const failed = checks.filter(({ ok }) => !ok).length;
  return shell({
    title: result.title,
    about: html`${result.description !== '' && html`<p>${result.description}</p>`}
<p class="facts">${what === 'simulation' ? 'Simulation' : 'Backtest'}, ${time(result.from)} to ${time(result.to)} (${lengthOf(result)}), by the policy <code>${name(result.policy)}</code>${against !== undefined && html`, against <code>${name(against.policy)}</code>`}.</p>`,
    main: html`<h2 class="unseen">Key figures</h2>
${runFigures(result)}
${alarm !== undefined && section('busy', '✗ Stopped while busy', alarm, 'alarm')}
${
  checks.length > 0 &&
  section(
    'checks',
    failed === 0
      ? `✓ All ${checks.length} expectations hold`
      : `✗ ${failed} of ${checks.length} expectations do not hold`,
    checkList(checks),
    failed === 0 ? undefined : 'alarm',
  )
}
${against !== undefined && section('compare', 'Two policies side by side', comparison(result, against))}
${proposals.length > 0 && section('proposals', 'Proposals', sentences(proposals))}
${runSections(result)}
${leftAlone !== undefined && section('left-alone', 'Left alone, whatever it does', leftAlone)}
${section(
  'assumptions',
  'What this assumes',
  html`${
    result.assumptions.length + notes.length === 0
      ? html`<p>Nothing beside the policy and the prices.</p>`
      : sentences([...result.assumptions, ...notes])
  }
<p class="soft">${result.counts.sweeps.toLocaleString('en-US')} sweeps asked for ${result.counts.metrics.toLocaleString('en-US')} metrics.</p>`,
)}`,
  });
}

/** What a run shows, of whichever page it is a part. */
export const runSections = (result: RunResult): Html =>
  html`${section('savings', 'Savings by project', savingsTable(result))}
${section('spend', 'Spend against limit', spending(result))}
${section('timeline', 'Timeline by project', timelines(result, timeIn(result)))}
${section('stops', `Stops: ${stopsOf(result).length}`, stopList(result))}
${section('events', 'Warnings and other events', eventList(result))}
${result.gates.length > 0 && section('gates', 'What the gate said', gateList(result))}`;

export const sentences = (texts: readonly string[]): Html =>
  html`<ul class="plain">${texts.map((text) => html`<li>${text}</li>`)}</ul>`;

const checkList = (checks: readonly { readonly ok: boolean; readonly text: string }[]): Html =>
  html`<ul class="plain checks">${checks.map(
    ({ ok, text }) =>
      html`<li><span class="tag ${ok ? 'good' : 'bad'}">${ok ? '✓ holds' : '✗ fails'}</span><span>${text}</span></li>`,
  )}</ul>`;
