import { atMinute, counted, duration } from '../decide/sentences.ts';
import { printable } from '../policy/words.ts';
import { formatUsd, sumUsd } from '../types/money.ts';
import { hourlyText } from './plan-figures.ts';
import { broken } from './run-text/figures.ts';
import { fitTable, type View } from './run-text/fit-table.ts';
import { inParts } from './run-text/run-lines.ts';
import type { ScheduledFleet, ScheduledResource } from './schedule-fleet.ts';
import type { Scheduled } from './schedule-run.ts';
import type { Timetable, TimetableDay, TimetableEvent } from './schedule-timetable.ts';
import { clocksText, dayText, hoursText, offsetText, runtimeText, whatIsDone } from './schedule-words.ts';
import type { Cell, Column } from './table.ts';

export interface ScheduleLinesOptions {
  /** For people. */
  readonly policyFile: string;
  /** Every resource is named; else those that save most. */
  readonly isNaming: boolean;
}

/** What hours make happen, for people: by policy, day and local time, and what it saves where the fleet was read. */
export function scheduleLines(
  scheduled: Scheduled,
  view: View,
  options: ScheduleLinesOptions,
): readonly string[] {
  return inParts([
    headLines(scheduled, view, options),
    ...scheduled.timetables.flatMap((one) => [
      timetableLines(one, scheduled, view),
      ...(one.fleet === undefined ? [] : [fleetLines(one.fleet, view, options)]),
    ]),
    runtimeLines(scheduled, view),
    footLines(scheduled, view),
  ]);
}

function headLines(
  { from, to, timetables, runtimes }: Scheduled,
  { outColours: { bold }, width }: View,
  { policyFile }: ScheduleLinesOptions,
): readonly string[] {
  const span = `${atMinute(from)} to ${atMinute(to)}`;
  const file = printable(policyFile);
  if (timetables.length > 0) return broken(`What the hours in ${file} do, ${span}`, width).map(bold);
  const longest = runtimes.length === 0 ? ' or a longest runtime' : '';
  return broken(
    `No policy in ${file} has hours${longest}. Give one \`hours: { weekdays: "08:00-19:00" }\`.`,
    width,
  );
}

type Name = 'day' | 'time' | 'zone' | 'what';

const COLUMNS: Readonly<Record<Name, Column>> = {
  day: { title: 'DAY' },
  time: { title: 'TIME' },
  zone: { title: 'ZONE' },
  what: { title: 'WHAT' },
};

const LAYOUTS: readonly (readonly Name[])[] = [
  ['day', 'time', 'zone', 'what'],
  ['day', 'time', 'what'],
];

function timetableLines(timetable: Timetable, { from }: Scheduled, view: View): readonly string[] {
  const { policies, hours, timezone, days, clocks } = timetable;
  const { bold, dim } = view.outColours;
  const [first] = days;
  const beside = first?.date ?? from.toISOString();
  const whose = `${policies.length === 1 ? 'Policy' : 'Policies'} ${policies.join(', ')}`;
  const next = clocks.map(
    (change) =>
      `Next change of clocks: ${dayText(change.date, beside)}: ${clocksText(change)} (${change.timezone}).`,
  );
  return [
    ...broken(printable(whose), view.width).map(bold),
    ...hours.flatMap((schedule) => [
      ...indented(printable(hoursText(schedule)), view),
      ...indented(whatIsDone(schedule), view).map(dim),
    ]),
    ...fitTable(
      {
        columns: { ...COLUMNS, time: { title: `TIME IN ${timezone.toUpperCase()}` } },
        layouts: LAYOUTS,
        rows: days.flatMap((day) => dayRows(day, timetable, beside, view)),
        lastNeeds: 24,
      },
      view,
    ),
    ...(next.length === 0 ? indented(`Clocks in ${timezone} do not change.`, view) : []).map(dim),
    ...next.flatMap((text) => indented(text, view)),
  ];
}

const indented = (text: string, { width }: View): readonly string[] =>
  broken(text, width).map((line) => `  ${line}`);

type Row = Readonly<Record<Name, Cell>>;

/** One row for each thing of a day, in order; the day itself is told once. */
function dayRows(
  { date, events, isOpen, isWhole, off, clocks }: TimetableDay,
  { timezone, hours }: Timetable,
  beside: string,
  { outColours: { dim, yellow } }: View,
): readonly Row[] {
  const zones = new Set(hours.map((schedule) => schedule.timezone));
  const why = off.length === 0 ? '' : `: ${off.join(', ')}`;
  const rows: { readonly at: number; readonly row: Omit<Row, 'day'> }[] = [
    ...clocks.map((change) => ({
      at: change.at.getTime(),
      row: {
        time: { text: change.timezone === timezone ? change.from : '' },
        zone: { text: '' },
        what: {
          text: `${clocksText(change)}${zones.size > 1 ? ` (${change.timezone})` : ''}`,
          paint: yellow,
        },
      },
    })),
    ...events.map((event) => ({
      at: event.at.getTime(),
      row: {
        time: { text: event.local.time },
        zone: { text: offsetText(event.local.offset) },
        what: { text: printable(eventText(event, hours.length)) },
      },
    })),
  ].sort((a, b) => a.at - b.at);
  const opens = events.some(({ kind }) => kind === 'opening');
  const whole: readonly Omit<Row, 'day'>[] =
    events.length === 0
      ? [note(`${isOpen ? 'open' : 'closed'}${isWhole ? ' all day' : ''}${why}`, dim)]
      : off.length > 0
        ? [note(opens ? `some hours do not begin${why}` : `no hours begin${why}`, dim)]
        : [];
  return [...whole, ...rows.map(({ row }) => row)].map((row, n) => ({
    day: { text: n === 0 ? dayText(date, beside) : '' },
    ...row,
  }));
}

const note = (text: string, paint: (text: string) => string): Omit<Row, 'day'> => ({
  time: { text: '' },
  zone: { text: '' },
  what: { text, paint },
});

function eventText(event: TimetableEvent, schedules: number): string {
  const names = event.schedules.flatMap(({ name }) => name ?? []);
  const by = schedules < 2 || names.length === 0 ? '' : ` (${names.join(', ')})`;
  switch (event.kind) {
    case 'start':
      return `start: ahead of the opening in ${minutesTo(event.at, event.opening)}${by}`;
    case 'opening':
      return `open${STARTS[event.starts]}${by}`;
    case 'warning':
      return `warning: told of the stop in ${minutesTo(event.at, event.closing)}${by}`;
    case 'closing':
      return `closed${event.stops ? `: what runs is stopped${event.scalesDown ? ', endpoints are scaled down' : ''}` : ': nothing is stopped'}${by}`;
  }
}

const STARTS = {
  nothing: ': nothing is started',
  'its-own': ': what a closing stopped is started',
  all: ': all that is stopped is started',
} as const;

const minutesTo = (from: Date, to: Date): string => duration((to.getTime() - from.getTime()) / 1000);

/** So many resources are named, where not all are asked for. */
const SHOWN = 10;

type ResourceName = 'resource' | 'kind' | 'size' | 'project' | 'policy' | 'hourly' | 'saved' | 'note';

const RESOURCES: Readonly<Record<ResourceName, Column>> = {
  resource: { title: 'RESOURCE', max: 30 },
  kind: { title: 'KIND', max: 20 },
  size: { title: 'SIZE', max: 20 },
  project: { title: 'PROJECT', max: 20 },
  policy: { title: 'POLICY', max: 20 },
  hourly: { title: 'USD/H', right: true },
  saved: { title: 'SAVED/WEEK', right: true },
  note: { title: '' },
};

const RESOURCE_LAYOUTS: readonly (readonly ResourceName[])[] = [
  ['resource', 'kind', 'size', 'project', 'policy', 'hourly', 'saved', 'note'],
  ['resource', 'size', 'project', 'hourly', 'saved', 'note'],
  ['resource', 'hourly', 'saved', 'note'],
];

function fleetLines(
  { resources, savedAWeek, unpriced }: ScheduledFleet,
  view: View,
  { isNaming }: ScheduleLinesOptions,
): readonly string[] {
  const { bold, green, dim } = view.outColours;
  if (resources.length === 0) return indented('No resource in the account is under these hours.', view);
  const sorted = resources.toSorted((a, b) => Number(b.savedAWeek - a.savedAWeek));
  const shown = isNaming || view.width === undefined ? resources : sorted.slice(0, SHOWN);
  const left = sorted.slice(shown.length);
  const none = unpriced === 0 ? '' : `, ${unpriced} of them without a known price`;
  const head = `${counted(resources.length, 'resource')}${none}: ${formatUsd(savedAWeek)} a week saved at list price`;
  return [
    ...indented(head, view).map((line) => bold(savedAWeek > 0n ? green(line) : line)),
    ...fitTable(
      {
        columns: RESOURCES,
        layouts: RESOURCE_LAYOUTS,
        rows: shown.map((one) => resourceRow(one, view)),
        lastNeeds: 20,
        lines: 2,
      },
      view,
    ),
    ...(left.length === 0
      ? []
      : [
          dim(
            `  ${left.length} more, ${formatUsd(sumUsd(left.map((one) => one.savedAWeek)))} a week: --names names all.`,
          ),
        ]),
  ];
}

const resourceRow = (
  { id, title, size, project, policy, hourly, savedAWeek, leftAlone, state }: ScheduledResource,
  { outColours: { yellow, dim } }: View,
): Readonly<Record<ResourceName, Cell>> => ({
  resource: { text: id },
  kind: { text: title },
  size: { text: size },
  project: { text: project },
  policy: { text: policy },
  hourly: hourly === undefined ? { text: '?', paint: yellow } : { text: hourlyText(hourly) },
  saved: { text: formatUsd(savedAWeek) },
  note:
    leftAlone !== undefined
      ? { text: `left alone: ${leftAlone}`, paint: yellow }
      : { text: state === 'running' ? '' : `${state} now`, paint: dim },
});

function runtimeLines({ runtimes }: Scheduled, view: View): readonly string[] {
  if (runtimes.length === 0) return [];
  return [
    view.outColours.bold('Longest runtimes'),
    ...runtimes.flatMap(({ policy, ...rule }) =>
      indented(printable(`${policy}: ${runtimeText(rule)}`), view),
    ),
  ];
}

function footLines({ without, notes, timetables, runtimes }: Scheduled, view: View): readonly string[] {
  const { dim } = view.outColours;
  const isTold = without.length > 0 && timetables.length + runtimes.length > 0;
  return [
    ...notes,
    ...(isTold ? [`Without hours or a longest runtime: ${without.join(', ')}.`] : []),
  ].flatMap((text) => indented(printable(text), view).map(dim));
}
