import { group } from '../cli/group.ts';
import { type Cost, hourlyText, planFigures, willStop } from '../cli/plan-figures.ts';
import { lengthOf, timeIn } from '../cli/run-text/run-time.ts';
import { rankOf, wordOf } from '../cli/words.ts';
import { counted } from '../decide/sentences.ts';
import type { Plan, PlanAction, PlanLine } from '../plan/plan.ts';
import { formatUsd, sumUsd } from '../types/money.ts';
import { figureList } from './figures.ts';
import { type Html, html, name } from './html.ts';
import { projectName, projectText } from './projects.ts';
import { runSections, sentences } from './run-page.ts';
import { section, shell } from './shell.ts';
import { filters, type TableColumn, type TableRow, table } from './table.ts';
import { time } from './times.ts';

/** Lines of projects that are unfolded from the start: a page of more opens slowly. */
const OPEN_LINES = 600;

/**
 * What Bursar would do to an account, as one HTML page that needs nothing beside itself.
 * Loads the charting library: import this file only when a page is made.
 */
export function planPage(plan: Plan): string {
  const { account, regions, at, policyFile, state, hash, ahead, missing } = plan;
  return shell({
    title: `Plan of account ${account}`,
    about: html`<p>What Bursar would do in ${regions.join(', ')}. Nothing was touched to make this.</p>
<p class="facts">As of ${time(at)}, by the policy <code>${name(policyFile)}</code>, ${lengthOf(ahead)} ahead, ${
      state === 'deployed'
        ? 'with what the deployed Bursar knows'
        : 'as if Bursar were new here: nothing is kept, warned of or held back'
    }.</p>
<p class="facts">Plan hash: <code>${hash}</code></p>`,
    main: html`<h2 class="unseen">Totals</h2>
${totals(plan)}
${missing.length > 0 && section('missing', 'What could not be read', sentences(missing), 'care')}
${section('resources', 'Every resource, and what would happen to it', resourceList(plan))}
<h2 class="unseen">The look ahead</h2>
${section(
  'ahead',
  `The ${lengthOf(ahead)} ahead, if all goes on as now`,
  html`<p>Until ${time(ahead.to)}: ${formatUsd(ahead.spent)} with Bursar, ${formatUsd(ahead.without)} without it.</p>
${ahead.assumptions.length > 0 && sentences(ahead.assumptions)}`,
)}
${runSections(ahead)}`,
  });
}

const priced = ({ hourly, unpriced }: Cost): string =>
  `${formatUsd(hourly)}/h${unpriced === 0 ? '' : ` and ${unpriced} unpriced`}`;

function totals(plan: Plan): Html {
  const { resources, running, stopping, untagged, unpriced, noPolicy, unapproved, asksApproval } =
    planFigures(plan);
  const now = plan.lines.filter((line) => line.now.action === 'stop');
  const nowHourly = sumUsd(now.flatMap(({ hourly }) => (hourly === undefined ? [] : [hourly])));
  const first = plan.lines.filter(willStop).reduce<Date | undefined>((soonest, line) => {
    const stop = stopOf(line, plan.at);
    return stop === undefined || (soonest !== undefined && soonest <= stop) ? soonest : stop;
  }, undefined);
  const care = (count: number) => (count === 0 ? {} : ({ mood: 'warn' } as const));
  return figureList([
    {
      name: 'Running now',
      value: `${formatUsd(running.hourly)}/h`,
      note: `${running.count} of ${counted(resources, 'resource')}`,
    },
    { name: 'Stopped at once', value: now.length, note: `${formatUsd(nowHourly)}/h` },
    {
      name: `Stopped within ${lengthOf(plan.ahead)}`,
      value: stopping.count,
      note: html`${priced(stopping)}${first !== undefined && html`, the first ${time(first, timeIn(plan.ahead))}`}`,
    },
    { name: 'No project tag', value: untagged.length, ...care(untagged.length) },
    { name: 'Unpriced', value: unpriced.length, note: 'of what runs', ...care(unpriced.length) },
    { name: 'Matched by no policy', value: noPolicy.length, ...care(noPolicy.length) },
    ...(asksApproval ? [{ name: 'Not approved', value: unapproved.length, ...care(unapproved.length) }] : []),
  ]);
}

/** When it is stopped, if it is. */
const stopOf = ({ now, next, stopAt }: PlanLine, at: Date): Date | undefined =>
  now.action === 'stop' ? at : (stopAt ?? now.stopAt ?? (next?.action === 'stop' ? next.at : undefined));

const TONES: Readonly<Record<PlanAction, string>> = {
  none: 'soft',
  warn: 'warn',
  stop: 'stop',
  notify: 'warn',
  hold: 'stop',
  restore: 'good',
};

const word = (action: PlanAction): string => (action === 'hold' ? 'hold back' : wordOf(action).toLowerCase());

const COLUMNS: readonly TableColumn[] = [
  { title: 'Resource', sort: 'text' },
  { title: 'Policy', sort: 'text' },
  { title: '$/h', right: true, sort: 'number' },
  { title: 'Now', sort: 'number' },
  { title: 'Next (UTC)', sort: 'text', className: 'nowrap' },
  { title: 'Stops (UTC)', sort: 'text', className: 'nowrap' },
  { title: 'Why', className: 'why' },
];

const CHOICES = [
  ['stops', 'what will be stopped'],
  ['now-stop', 'now: stop'],
  ['now-warn', 'now: warn'],
  ['now-notify', 'now: tell'],
  ['now-hold', 'now: hold back'],
  ['now-restore', 'now: restore'],
  ['now-none', 'now: nothing'],
  ['nothing', 'nothing at all'],
  ['untagged', 'no project tag'],
  ['unpriced', 'unpriced'],
  ['no-policy', 'matched by no policy'],
  ['unapproved', 'not approved'],
] as const;

function resourceList(plan: Plan): Html {
  if (plan.lines.length === 0) return html`<p>There are no resources.</p>`;
  const rows = plan.lines.map((line) => ({ line, is: marksOf(line) }));
  const some = new Set(rows.flatMap(({ is }) => is));
  const tell = timeIn(plan.ahead);
  let room = OPEN_LINES;
  return html`<div data-filters>
${filters(
  'the resources',
  CHOICES.filter(([value]) => some.has(value)),
)}
${[...group(rows, ({ line }) => line.project).values()].map((lines) => {
  const project = lines[0]?.line.project;
  room -= lines.length;
  const hourly = sumUsd(
    lines.flatMap(({ line }) => (line.hourly === undefined || line.state !== 'running' ? [] : [line.hourly])),
  );
  const stops = lines.filter(({ line }) => willStop(line)).length;
  return html`<details class="group" data-group="${project ?? ''}"${room >= 0 && html` open`}><summary><h3>${projectName(project)}</h3> <span class="soft small">${counted(lines.length, 'resource')}, ${formatUsd(hourly)}/h running, ${stops} to be stopped</span></summary>
${table(
  html`<span class="unseen">Resources of ${projectText(project)}</span>`,
  COLUMNS,
  lines.map(({ line, is }) => rowOf(line, is, plan.at, tell)),
)}
</details>`;
})}
</div>`;
}

/** What the filter may choose it by. */
const marksOf = (line: PlanLine): readonly string[] => [
  `now-${line.now.action}`,
  ...(willStop(line) ? ['stops'] : []),
  ...(line.now.action === 'none' && line.next === undefined && line.stopAt === undefined ? ['nothing'] : []),
  ...(line.project === undefined ? ['untagged'] : []),
  ...(line.hourly === undefined ? ['unpriced'] : []),
  ...(line.project !== undefined && line.policy === undefined ? ['no-policy'] : []),
  ...(line.approved === false ? ['unapproved'] : []),
];

function rowOf(line: PlanLine, is: readonly string[], at: Date, tell: (at: Date) => string): TableRow {
  const { id, title, size, region, policy, hourly, state, now, next, approved } = line;
  const stop = stopOf(line, at);
  const isSame = next === undefined || next.why === now.why;
  return {
    is,
    cells: [
      {
        content: html`${name(id)}<span class="sub">${[title, size, region, state].filter((part) => part !== '').join(', ')}</span>`,
        key: id,
      },
      {
        content: html`${policy === undefined ? html`<em>none</em>` : html`<span class="word">${name(policy)}</span>`}${
          approved !== undefined &&
          html` <span class="tag ${approved ? 'good' : 'warn'}">${approved ? '✓ approved' : 'not approved'}</span>`
        }`,
      },
      { content: hourly === undefined ? 'unpriced' : hourlyText(hourly), key: String(hourly ?? -1) },
      {
        content: html`<span class="tag ${TONES[now.action]}">${now.action === 'none' ? wordOf(now.verdict) : word(now.action)}</span>`,
        key: rankOf(now.action === 'none' ? now.verdict : now.action),
      },
      next === undefined
        ? { content: '', key: '~' }
        : {
            content: html`<span class="tag ${TONES[next.action]}">${word(next.action)}</span> ${time(next.at, tell)}`,
            key: next.at.toISOString(),
          },
      stop === undefined
        ? { content: '', key: '~' }
        : { content: now.action === 'stop' ? 'at once' : time(stop, tell), key: stop.toISOString() },
      {
        content: html`${now.why}${!isSame && html`<span class="sub">Next: ${next.why}</span>`}`,
      },
    ],
  };
}
