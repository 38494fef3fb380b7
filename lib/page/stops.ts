import { group } from '../cli/group.ts';
import { counted } from '../decide/sentences.ts';

import { type RunEvent, type RunResult, stoppedWhileBusy } from '../simulate/result.ts';
import { type Html, html, name, type Part } from './html.ts';
import { projectName, projectText, type Voice, voiceOf } from './projects.ts';
import { filters, type TableColumn, type TableRow, table } from './table.ts';
import { time } from './times.ts';

export type Stop = Extract<RunEvent, { event: 'stopped' }>;

/** More of them nobody reads; `--json` has them all. Those that should not have been are listed whatever their number. */
const MOST = 4_000;
/** More stops than these are folded, a fold a project. */
const OPEN = 40;

export const stopsOf = ({ events }: RunResult): readonly Stop[] =>
  events.filter((one) => one.event === 'stopped');

const flags = ({ whileBusy, falseStop }: Stop): Part => [
  whileBusy && html` <span class="tag bad">✗ while busy</span>`,
  falseStop && html` <span class="tag warn">false stop</span>`,
];

const COLUMNS: readonly TableColumn[] = [
  { title: 'Time (UTC)', sort: 'text', className: 'nowrap' },
  { title: 'Resource', sort: 'text' },
  { title: 'Policy', sort: 'text' },
  { title: 'Because of', sort: 'text' },
  { title: 'Why', className: 'why' },
];

const rowOf = (stop: Stop, { nameOf, tell }: Voice): TableRow => ({
  is: [
    'stop',
    ...(stop.falseStop ? ['false'] : []),
    ...(stop.whileBusy ? ['busy'] : []),
    `by-${/^[a-z-]+$/.test(stop.trigger) ? stop.trigger : 'other'}`,
  ],
  cells: [
    { content: time(stop.at, tell), key: stop.at.toISOString() },
    { content: name(nameOf(stop.arn)) },
    { content: name(stop.policy) },
    { content: [stop.trigger, flags(stop)] },
    { content: stop.reason },
  ],
});

/** Every stop with its reason, grouped by project. */
export function stopList(result: RunResult): Html {
  const stops = stopsOf(result);
  if (stops.length === 0) return html`<p>Nothing was stopped.</p>`;
  const voice = voiceOf(result);
  let room = MOST;
  const listed = stops.filter((stop) => stop.whileBusy || stop.falseStop || room-- > 0);
  const triggers = [...new Set(stops.map(({ trigger }) => trigger))].filter((trigger) =>
    /^[a-z-]+$/.test(trigger),
  );
  return html`${listed.length < stops.length && html`<p>${stops.length - listed.length} of ${stops.length} stops are left out here, those that come last and were no mistake; --json lists all.</p>`}
<div data-filters>
${filters('the stops', [['false', 'false stops'], ['busy', 'stopped while busy'], ...triggers.map((trigger) => [`by-${trigger}`, `because of: ${trigger}`] as const)])}
${[...group(listed, ({ project }) => project).values()].map(
  (
    some,
  ) => html`<details class="group" data-group="${some[0]?.project ?? ''}"${listed.length <= OPEN && html` open`}><summary><h3>${projectName(some[0]?.project)}</h3> <span class="soft small">${counted(some.length, 'stop')}</span></summary>
${stopTable(some, `Stops in ${projectText(some[0]?.project)}`, voice)}
</details>`,
)}
</div>`;
}

export const stopTable = (stops: readonly Stop[], caption: string, voice: Voice): Html =>
  table(
    html`<span class="unseen">${caption}</span>`,
    COLUMNS,
    stops.map((stop) => rowOf(stop, voice)),
  );

/** Only where something was stopped while busy, which must never be. */
export function busyAlarm(result: RunResult): Html | undefined {
  const stops = stoppedWhileBusy(result);
  const voice = voiceOf(result);
  return stops.length === 0
    ? undefined
    : html`<p><strong>${counted(stops.length, 'stop')} hit what was in use. This must never be.</strong></p>
${stopTable(stops, 'Stopped while busy', voice)}`;
}
