import { atMinute } from '../decide/sentences.ts';
import type { Plan, PlanAction, PlanLine } from '../plan/plan.ts';
import { printable } from '../policy/words.ts';
import type { RunEvent } from '../simulate/result.ts';
import { assertNever } from '../types/assert-never.ts';
import { formatUsd, microUsd, percentage } from '../types/money.ts';
import { group } from './group.ts';
import type { Colours } from './io.ts';
import { paintOf } from './paint-of.ts';
import { type Cost, hourlyText, planFigures } from './plan-figures.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import { paintOfEvent, whyOfEvent, wordOfEvent } from './run-text/event-words.ts';
import { broken } from './run-text/figures.ts';
import { fitTable, type View } from './run-text/fit-table.ts';
import { inParts } from './run-text/run-lines.ts';
import { lengthOf } from './run-text/run-time.ts';
import { shortTime } from './short-time.ts';
import { type Cell, type Column, plainColumns, table } from './table.ts';
import { rankOf, wordOf } from './words.ts';

type Paint = (text: string) => string;

/** A reason takes at most so many lines of a terminal. */
const WHY_LINES = 2;
/** As many of a list are named. */
const NAMED = 8;
/** As many events of budgets are told. */
const EVENTS = 30;

/**
 * A plan for people: every resource by project, and what it comes to.
 * @param notes what should be known of how it was made, a sentence each
 */
export function planLines(plan: Plan, view: View, notes: readonly string[] = []): readonly string[] {
  return inParts([
    headLines(plan, view, notes),
    ...projectParts(plan, view),
    totalLines(plan, view),
    missingLines(plan, view),
    budgetLines(plan, view),
    hashLines(plan, view),
  ]);
}

function headLines(
  { at, account, regions, policyFile, state, ahead }: Plan,
  { outColours: { bold, dim, yellow }, width }: View,
  notes: readonly string[],
): readonly string[] {
  const known =
    state === 'deployed'
      ? 'with what the deployed Bursar knows'
      : 'as if Bursar were new here: nothing is kept, warned of or held back';
  const about = `${atMinute(at)}, by ${policyFile}, ${lengthOf(ahead)} ahead, ${known}.`;
  return [
    bold(printable(`Plan of account ${account} in ${regions.join(', ')}`)),
    ...broken(printable(about), width).map((line) => dim(`  ${line}`)),
    ...notes.flatMap((note) => broken(printable(note), width)).map((line) => yellow(`  ${line}`)),
  ];
}

type Name = 'resource' | 'size' | 'hourly' | 'policy' | 'now' | 'next' | 'why';

const COLUMNS: Readonly<Record<Name, Column>> = {
  resource: { title: 'RESOURCE', max: 36 },
  size: { title: 'SIZE', max: 22 },
  hourly: { title: 'USD/H', right: true },
  policy: { title: 'POLICY', max: 20 },
  now: { title: 'NOW' },
  next: { title: 'NEXT (UTC)' },
  why: { title: 'WHY' },
};

const LAYOUTS: readonly (readonly Name[])[] = [
  ['resource', 'size', 'hourly', 'policy', 'now', 'next', 'why'],
  ['resource', 'hourly', 'policy', 'now', 'next', 'why'],
  ['resource', 'hourly', 'now', 'next', 'why'],
];

function projectParts(plan: Plan, view: View): readonly (readonly string[])[] {
  const { bold } = view.outColours;
  if (plan.lines.length === 0) return [['There is nothing that Bursar knows of in these regions.']];
  const groups = [...group(plan.lines, ({ project }) => project)].sort(
    ([a], [b]) => Number(a === undefined) - Number(b === undefined) || (a ?? '').localeCompare(b ?? ''),
  );
  const rowsOf = groups.map(([project, lines]) => ({
    project,
    rows: withoutRepeats(
      [...lines].sort(byUrgency).map((line) => rowOf(line, plan, view.outColours)),
      view,
    ),
  }));
  const fit = rowsOf.flatMap(({ rows }) => rows);
  return rowsOf.map(({ project, rows }, n) => [
    bold(printable(project ?? 'No project')),
    ...fitTable(
      { columns: COLUMNS, layouts: LAYOUTS, rows, lastNeeds: 30, lines: WHY_LINES, fit, headed: n === 0 },
      view,
    ),
  ]);
}

/** What is done first before what is done later or not at all, and the most expensive before others. */
function byUrgency(a: PlanLine, b: PlanLine): number {
  const rank = (line: PlanLine): number => rankOf(whatOf(line));
  const due = ({ next, stopAt }: PlanLine): number =>
    (next?.at ?? stopAt)?.getTime() ?? Number.MAX_SAFE_INTEGER;
  const price = ({ hourly = microUsd(0n) }: PlanLine): bigint => hourly;
  const acts = (line: PlanLine): number => (line.now.action === 'none' ? 1 : 0);
  return (
    acts(a) - acts(b) ||
    (acts(a) === 0 ? rank(a) - rank(b) : 0) ||
    due(a) - due(b) ||
    rank(a) - rank(b) ||
    (price(a) === price(b) ? 0 : price(a) > price(b) ? -1 : 1) ||
    a.id.localeCompare(b.id)
  );
}

/** What is said of it as it is now: an action, or why there is none. */
function whatOf({ now: { action, verdict } }: PlanLine): string {
  switch (action) {
    case 'none':
      return verdict;
    case 'hold':
      return 'held';
    default:
      return action;
  }
}

const actionWord = (action: PlanAction): string => (action === 'stop' ? 'STOP' : wordOf(action));

function rowOf(line: PlanLine, { at }: Plan, colours: Colours): Readonly<Record<Name, Cell>> {
  const { dim } = colours;
  const what = whatOf(line);
  const { now, state } = line;
  const next = laterOf(line, at);
  // That it is stopped needs no reason beside it.
  const isPlain = what === 'not-running' && now.why === `It is ${state}.`;
  const why = isPlain ? '' : now.why;
  return {
    resource: { text: line.id },
    size: { text: line.size },
    hourly:
      line.hourly === undefined ? { text: '?', paint: colours.yellow } : { text: hourlyText(line.hourly) },
    policy: line.policy === undefined ? { text: '–', paint: dim } : { text: line.policy },
    now: { text: isPlain ? state : wordOf(what), paint: paintOf(what, colours) },
    next: nextCell(line, at, colours),
    why: { text: whyText(why, next, line) },
  };
}

/** Why it is as it is, why the next thing comes, and why it is started again where that is another. */
function whyText(why: string, next: PlanLine['next'], { start }: PlanLine): string {
  const comes = next === undefined || next.why === why ? [] : [`Next: ${next.why}`];
  const starts = start === undefined || start.why === next?.why ? [] : [`Then: ${start.why}`];
  return [why, ...comes, ...starts].join(' ').trimStart();
}

/** What comes after now; what the look ahead does at once is what the sweep of now does. */
const laterOf = ({ now, next }: PlanLine, at: Date): PlanLine['next'] =>
  next !== undefined && next.at <= at && next.action === now.action ? undefined : next;

/** `warn 10:40, STOP 10:50`. */
function nextCell(line: PlanLine, at: Date, { red, yellow, dim }: Colours): Cell {
  const { now, stopAt = now.stopAt } = line;
  const next = laterOf(line, at);
  const stops = stopAt !== undefined && stopAt > at ? stopAt : undefined;
  const parts = [
    ...(next === undefined ? [] : [`${actionWord(next.action)} ${shortTime(next.at, at)}`]),
    ...(stops === undefined || next?.action === 'stop' ? [] : [`STOP ${shortTime(stops, at)}`]),
  ];
  const starts = line.start === undefined || next?.action === 'restore' ? undefined : line.start.at;
  if (starts !== undefined) parts.push(`${wordOf('restore')} ${shortTime(starts, at)}`);

  if (parts.length === 0) return { text: '–', paint: dim };
  return { text: parts.join(', '), paint: stops === undefined && next?.action !== 'stop' ? yellow : red };
}

/** A reason longer than this is not read out again for the next resource. */
const SHORT = 40;

function withoutRepeats(
  rows: readonly Readonly<Record<Name, Cell>>[],
  { width }: View,
): readonly Readonly<Record<Name, Cell>>[] {
  // A pipe is told everything of each.
  if (width === undefined) return rows;
  return rows.map((row, n) =>
    row.why.text.length > SHORT && row.why.text === rows[n - 1]?.why.text
      ? { ...row, why: { text: 'As above.' } }
      : row,
  );
}

/** Actions, as counted: `2 to stop`. */
const TO_DO: ReadonlyMap<string, string> = new Map([
  ['stop', 'to stop'],
  ['warn', 'to warn of'],
  ['notify', 'to tell of'],
  ['restore', 'to restore'],
]);

const costText = ({ count, hourly, unpriced }: Cost): string =>
  count === 0
    ? 'none'
    : `${count} for ${formatUsd(hourly)}/h${unpriced === 0 ? '' : `, ${unpriced} of them without a price`}`;

function totalLines(
  plan: Plan,
  { outColours: { bold, yellow, red, green }, width }: View,
): readonly string[] {
  const { lines, ahead } = plan;
  const { resources, running, stopping, untagged, unpriced, noPolicy } = planFigures(plan);
  if (resources === 0) return [];
  const span = lengthOf(ahead);
  const counts = [...group(lines, whatOf)]
    .sort(([a], [b]) => rankOf(a) - rankOf(b) || a.localeCompare(b))
    .map(([what, some]) => `${some.length} ${TO_DO.get(what) ?? wordOf(what)}`);
  const saved = microUsd(ahead.without - ahead.spent);
  const rows: readonly (readonly [name: string, text: string, paint?: Paint])[] = [
    ['resources', `${resources}: ${counts.join(', ')}`],
    ['running', costText(running)],
    [`stops within ${span}`, costText(stopping), stopping.count === 0 ? green : red],
    [
      `saved within ${span}`,
      `${formatUsd(saved)} of ${formatUsd(ahead.without)}${ahead.without === 0n ? '' : ` (${percentage(saved, ahead.without)}%)`}, if all goes on as now`,
    ],
    ...listed('no project', untagged, yellow),
    ...listed('no policy', noPolicy, yellow),
    ...listed('no price', unpriced, yellow),
  ];
  return [
    bold('In all'),
    ...table(
      plainColumns(2),
      rows.map(([name, text, paint]) => [{ text: name }, paint === undefined ? { text } : { text, paint }]),
      { width },
    ),
  ];
}

/** `3: i-1, i-2 and 1 more`, where there are any. */
function listed(
  name: string,
  lines: readonly PlanLine[],
  paint: Paint,
): readonly (readonly [string, string, Paint])[] {
  return lines.length === 0 ? [] : [[name, `${lines.length}: ${namesOf(lines)}`, paint]];
}

function namesOf(lines: readonly PlanLine[]): string {
  const named = lines.slice(0, NAMED).map(({ id }) => id);
  const left = lines.length - named.length;
  return `${named.join(', ')}${left === 0 ? '' : ` and ${left} more`}`;
}

function missingLines({ missing }: Plan, { outColours: { bold, yellow }, width }: View): readonly string[] {
  if (missing.length === 0) return [];
  return [
    bold('What is not known'),
    ...missing.flatMap((one) => broken(printable(one), width)).map((line) => yellow(`  ${line}`)),
  ];
}

/** What is of a project as a whole, or of the account. */
function isOfBudgets({ event }: RunEvent): boolean {
  switch (event) {
    case 'budget':
    case 'frozen':
    case 'unfrozen':
    case 'burn-rate':
    case 'held':
    case 'fault':
      return true;
    case 'warned':
    case 'notified':
    case 'stopped':
    case 'failed':
    case 'skipped':
    case 'restored':
    case 'kept':
    case 'refused':
    case 'released':
    case 'started':
    case 'ended':
      return false;
    default:
      return assertNever(event);
  }
}

function budgetLines({ at, ahead }: Plan, view: View): readonly string[] {
  const events = ahead.events.filter(isOfBudgets);
  if (events.length === 0) return [];
  const { bold, dim } = view.outColours;
  const tell = (time: Date): string => shortTime(time, at);
  const shown = view.width === undefined ? events : events.slice(0, EVENTS);
  const rows = shown.map((event) => [
    { text: tell(event.at), paint: dim },
    { text: event.project ?? '' },
    { text: wordOfEvent(event), paint: paintOfEvent(event, view.outColours) },
    { text: whyOfEvent(event, tell) },
  ]);
  const left = events.length - shown.length;
  return [
    bold(`Budgets within ${lengthOf(ahead)}, if all goes on as now (UTC)`),
    ...table([{ title: '' }, { title: '', max: 24 }, { title: '' }, { title: '' }], rows, {
      width: view.width,
      lines: WHY_LINES,
    }),
    ...(left === 0 ? [] : [dim(`  and ${left} more; --json has all`)]),
  ];
}

function hashLines(plan: Plan, { outColours: { bold, yellow, green }, width }: View): readonly string[] {
  const { asksApproval, unapproved } = planFigures(plan);
  const hash = `${bold('Hash')} ${plan.hash}`;
  if (!asksApproval) return [hash];
  if (unapproved.length === 0)
    return [hash, green('  Approved: all that the policy may stop is in the approved plan.')];
  const some = unapproved.length === 1 ? '1 resource is' : `${unapproved.length} resources are`;
  const told = `${some} not in the approved plan, and left alone until it is: ${namesOf(unapproved)}.`;
  return [
    hash,
    ...broken(printable(told), width).map((line) => yellow(`  ${line}`)),
    '  Once you have reviewed it:',
    `    bursar plan${policyOption(plan)} --json > plan.json && bursar approve ${plan.hash} --plan plan.json`,
  ];
}

/** As a shell reads it. */
const policyOption = ({ policyFile }: Plan): string =>
  policyFile === DEFAULT_POLICY_FILE
    ? ''
    : ` --policy ${/^[\w./-]+$/.test(policyFile) ? policyFile : `'${policyFile.replaceAll("'", "'\\''")}'`}`;
