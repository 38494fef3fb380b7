import type { RunEvent, RunResult } from '../../simulate/result.ts';
import { group } from '../group.ts';
import { idOfArn } from '../sweep-answer.ts';
import type { Cell, Column } from '../table.ts';
import { arnsOfEvent, paintOfEvent, whyOfEvent, wordOfEvent } from './event-words.ts';
import { fitTable, type View } from './fit-table.ts';
import { timeIn } from './run-time.ts';

/** A terminal is shown about so many lines of events. */
export const TIMELINE_LINES = 60;

/** Some events that are alike, on one line. */
interface Bunch {
  readonly first: RunEvent;
  readonly events: readonly RunEvent[];
}

const DAY_MS = 86_400_000;

/** How events that are alike are bunched, from the finest on; fewer than `least` stand by themselves. */
interface Grain {
  readonly least: number;
  readonly spanOf: (at: Date) => string;
}

const upTo =
  (example: string) =>
  (at: Date): string =>
    at.toISOString().slice(0, example.length);

const COARSEST: Grain = { least: 2, spanOf: () => '' };

const GRAINS: readonly Grain[] = [
  { least: 3, spanOf: upTo('2026-11-25T10:30') },
  { least: 2, spanOf: upTo('2026-11-25T10') },
  { least: 2, spanOf: upTo('2026-11-25') },
  // Weeks begin on Mondays, as 1970-01-05 is one.
  { least: 2, spanOf: (at) => `${Math.floor((at.getTime() / DAY_MS - 4) / 7)}` },
  COARSEST,
];

const SUBJECT = 18;

/** `subject`: the resource, or the project of what is about no resource. */
type Name = 'time' | 'project' | 'resource' | 'subject' | 'what' | 'why';

const COLUMNS: Readonly<Record<Name, Column>> = {
  time: { title: 'UTC' },
  project: { title: 'PROJECT', max: 20 },
  resource: { title: 'RESOURCE', max: 30 },
  subject: { title: 'RESOURCE', max: SUBJECT },
  what: { title: 'WHAT' },
  why: { title: 'WHY' },
};

const NARROW: readonly Name[] = ['time', 'subject', 'what', 'why'];

/** What happened, a line each on a terminal and at most 60 of them; a pipe gets every event by itself. */
export function timelineLines(
  result: Pick<RunResult, 'events' | 'resources' | 'from' | 'to'>,
  view: View,
): readonly string[] {
  const { events } = result;
  const title = view.outColours.bold('What happened');
  if (events.length === 0) return [`${title}: nothing`];
  const bunches = view.width === undefined ? events.map(single) : bunched(events);
  const shown = bunches.slice(0, view.width === undefined ? bunches.length : TIMELINE_LINES);
  const left = bunches.slice(shown.length);
  const toRow = rowOf(result, view);
  return [
    title,
    ...fitTable(
      { columns: COLUMNS, layouts: layoutsFor(events), rows: shown.map(toRow), lastNeeds: 34, lines: 1 },
      view,
    ),
    ...restLines({ shown, left, count: events.length }, view),
  ];
}

/** Where all is of one project, its name says nothing. */
function layoutsFor(events: readonly RunEvent[]): readonly (readonly Name[])[] {
  const many = new Set(events.map(({ project }) => project)).size > 1;
  return [
    many ? ['time', 'project', 'resource', 'what', 'why'] : ['time', 'resource', 'what', 'why'],
    NARROW,
  ];
}

const single = (event: RunEvent): Bunch => ({ first: event, events: [event] });

/**
 * As fine as a terminal has lines for. What happens most is told the most coarsely, so that what is rare stands by
 * itself.
 */
function bunched(events: readonly RunEvent[]): readonly Bunch[] {
  if (events.length <= TIMELINE_LINES / 3) return events.map(single);
  const kinds = [...group(events, likeness).values()].map((some) => bunchedBy(some, 0));
  const lines = (): number => kinds.reduce((sum, { bunches }) => sum + bunches.length, 0);
  while (lines() > TIMELINE_LINES) {
    const most = kinds.reduce<Kind | undefined>(
      (found, one) =>
        one.grain < GRAINS.length - 1 && one.bunches.length > (found?.bunches.length ?? 1) ? one : found,
      undefined,
    );
    if (most === undefined) break;
    kinds[kinds.indexOf(most)] = bunchedBy(most.events, most.grain + 1);
  }
  return kinds.flatMap(({ bunches }) => bunches).sort((a, b) => a.first.at.getTime() - b.first.at.getTime());
}

/** Events that are alike, and how they are bunched. */
interface Kind {
  readonly events: readonly RunEvent[];
  /** Its place in `GRAINS`. */
  readonly grain: number;
  readonly bunches: readonly Bunch[];
}

function bunchedBy(events: readonly RunEvent[], grain: number): Kind {
  const { least, spanOf } = GRAINS[grain] ?? COARSEST;
  const bunches = [...group(events, ({ at }) => spanOf(at)).values()].flatMap((some) => {
    const [first] = some;
    return first === undefined || some.length < least ? some.map(single) : [{ first, events: some }];
  });
  return { events, grain, bunches };
}

/** Events are told together that say the same of the same project. */
function likeness(event: RunEvent): string {
  const code = 'code' in event ? event.code : '';
  const policy = 'policy' in event ? event.policy : '';
  const early = event.event === 'stopped' && event.falseStop;
  return JSON.stringify([event.project, wordOfEvent(event), event.event, code, policy, early]);
}

function rowOf(
  { resources, ...span }: Pick<RunResult, 'resources' | 'from' | 'to'>,
  { outColours: colours }: View,
): (bunch: Bunch) => Readonly<Record<Name, Cell>> {
  const tell = timeIn(span);
  const ids = new Map(resources.map(({ arn, id }) => [arn, id]));
  const named = (arns: readonly string[], more: (name: string, count: number) => string): string => {
    const [first] = arns;
    if (first === undefined) return '';
    const name = ids.get(first) ?? idOfArn(first);
    return arns.length === 1 ? name : more(name, arns.length - 1);
  };
  return ({ first, events }) => {
    const many = events.length > 1;
    const arns = [...new Set(events.flatMap(arnsOfEvent))];
    return {
      time: { text: tell(first.at), paint: colours.dim },
      project: { text: first.project ?? '' },
      resource: { text: named(arns, (name, count) => `${name} and ${count} more`) },
      subject: {
        text: arns.length === 0 ? (first.project ?? '') : named(arns, withCount),
      },
      what: {
        text: many ? `${events.length} × ${wordOfEvent(first)}` : wordOfEvent(first),
        paint: paintOfEvent(first, colours),
      },
      why: { text: many ? whyOfMany(events, tell) : whyOfEvent(first, tell) },
    };
  };
}

/** `forecast-bat… +14`. */
function withCount(name: string, count: number): string {
  const suffix = ` +${count}`;
  const letters = [...name];
  const room = SUBJECT - suffix.length;
  return `${letters.length > room ? `${letters.slice(0, room - 1).join('')}…` : name}${suffix}`;
}

function whyOfMany(events: readonly RunEvent[], tell: (at: Date) => string): string {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) return '';
  const why = whyOfEvent(first, tell);
  const until = tell(last.at) === tell(first.at) ? [] : [`To ${tell(last.at)}.`];
  const alike = events.every((event) => whyOfEvent(event, tell) === why);
  return [...until, alike ? why : `The first: ${why}`].join(' ');
}

function restLines(
  {
    shown,
    left,
    count,
  }: { readonly shown: readonly Bunch[]; readonly left: readonly Bunch[]; readonly count: number },
  { outColours: { dim, yellow } }: View,
): readonly string[] {
  if (left.length === 0) {
    return shown.length === count
      ? []
      : [dim(`  ${count} events in ${shown.length} lines; --json has each.`)];
  }
  const kinds = [
    ...group(
      left.flatMap(({ events }) => events),
      wordOfEvent,
    ),
  ].map(([word, some]) => `${some.length} × ${word}`);
  return [
    yellow(
      `  … and ${left.length} more lines: ${kinds.join(', ')}. --json and --html have all ${count} events.`,
    ),
  ];
}
