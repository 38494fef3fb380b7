import { arnsOfEvent, whyOfEvent, wordOfEvent } from '../cli/run-text/event-words.ts';
import { counted } from '../decide/sentences.ts';

import type { RunEvent, RunResult } from '../simulate/result.ts';
import { type Html, html, name } from './html.ts';
import { projectName, voiceOf } from './projects.ts';
import { filters, table } from './table.ts';
import { time } from './times.ts';

/** More of them nobody reads; `--json` has them all. */
const MOST = 2_500;
/** More events than these are folded. */
const OPEN = 40;
/** Of what is held back, so many are named. */
const NAMED = 5;

const TONES: Readonly<Partial<Record<RunEvent['event'], string>>> = {
  warned: 'warn',
  notified: 'warn',
  budget: 'warn',
  'burn-rate': 'warn',
  failed: 'bad',
  frozen: 'stop',
  held: 'stop',
  refused: 'stop',
  fault: 'bad',
  restored: 'good',
  unfrozen: 'good',
};

const told = (event: RunEvent): boolean =>
  event.event !== 'stopped' && event.event !== 'started' && event.event !== 'ended';

/** All that happened beside stops: warnings, what people did and were told, what failed. */
export function eventList(result: RunResult): Html {
  const events = result.events.filter(told);
  if (events.length === 0) return html`<p>Nothing else happened.</p>`;
  const { nameOf, tell } = voiceOf(result);
  const listed = events.slice(0, MOST);
  const words = new Map(listed.map((event) => [event.event, wordOfEvent(event)]));
  return html`<div data-filters>
${listed.length < events.length && html`<p>The first ${MOST} of ${events.length} are listed; --json lists all.</p>`}
${filters(
  'the events',
  [...words].map(
    ([kind, word]) => [kind, kind === 'budget' ? 'told of the budget' : word.toLowerCase()] as const,
  ),
)}
<details class="group" data-group=""${listed.length <= OPEN && html` open`}><summary>${counted(listed.length, 'event')}, in order</summary>
${table(
  html`<span class="unseen">Events beside stops, in order</span>`,
  [
    { title: 'Time (UTC)', sort: 'text', className: 'nowrap' },
    { title: 'What', sort: 'text' },
    { title: 'Project', sort: 'text' },
    { title: 'Resource', sort: 'text' },
    { title: 'Why', className: 'why' },
  ],
  listed.map((event) => ({
    is: [event.event],
    cells: [
      { content: time(event.at, tell), key: event.at.toISOString() },
      {
        content: html`<span class="tag ${TONES[event.event] ?? 'soft'}">${wordOfEvent(event).toLowerCase()}</span>`,
      },
      { content: event.project === undefined ? '' : projectName(event.project) },
      { content: resources(event, nameOf) },
      { content: whyOfEvent(event, tell) },
    ],
  })),
)}
</details>
</div>`;
}

function resources(event: RunEvent, nameOf: (arn: string) => string): Html | string {
  const arns = arnsOfEvent(event);
  if (arns.length === 0) return '';
  const more = arns.length - NAMED;
  return html`${arns.slice(0, NAMED).map((arn, index) => [index > 0 && ', ', name(nameOf(arn))])}${more > 0 && ` and ${more} more`}`;
}
