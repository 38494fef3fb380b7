import { figuresOf } from '../cli/run-text/figures.ts';
import { counted } from '../decide/sentences.ts';
import type { RunResult, Span } from '../simulate/result.ts';
import { formatUsd, microUsd, type Usd } from '../types/money.ts';
import { type Html, html, name } from './html.ts';
import { projectName, voiceOf } from './projects.ts';
import { type Stop, stopsOf, stopTable } from './stops.ts';
import { type TableRow, table } from './table.ts';

/** More of them nobody reads; `--json` has them all. */
const MOST = 400;

/** Two policies over the same span: figure by figure, project by project, and the stops that only one of them makes. */
export function comparison(first: RunResult, second: RunResult): Html {
  return html`<p>A is ${name(first.policy)}, B is ${name(second.policy)}.</p>
${figureTable(first, second)}
${projectTable(first, second)}
${onlyOne('A', first, second)}
${onlyOne('B', second, first)}`;
}

const columns = [
  { title: 'A', right: true },
  { title: 'B', right: true },
  { title: 'B − A', right: true },
];

function figureTable(first: RunResult, second: RunResult): Html {
  const [a, b] = [figuresOf(first), figuresOf(second)];
  const count = (label: string, x: number, y: number, unit = ''): TableRow => ({
    cells: [
      { content: label },
      { content: `${x}${unit}` },
      { content: `${y}${unit}` },
      { content: signed(Math.round((y - x) * 10) / 10, unit) },
    ],
  });
  return table(
    'Figure by figure',
    [{ title: 'Figure' }, ...columns],
    [
      money('Spent', first.spent, second.spent),
      money('Without Bursar', first.without, second.without),
      money('Saved', a.saved, b.saved),
      count('Saved, of it', a.savedPercent, b.savedPercent, '%'),
      count('Stops', a.stops, b.stops),
      count('Resources stopped', a.stoppedResources, b.stoppedResources),
      count('False stops', a.falseStops, b.falseStops),
      count('Stopped while busy', a.whileBusy, b.whileBusy),
      count('Warnings', a.warnings, b.warnings),
      count('Other alerts', a.told, b.told),
      count('Stops that failed', a.failed, b.failed),
      count('Kept by people', a.keeps, b.keeps),
    ],
  );
}

function projectTable(first: RunResult, second: RunResult): Html {
  const saved = ({ projects }: RunResult) =>
    new Map(projects.map((one) => [one.project, microUsd(one.without - one.spent)]));
  const [a, b] = [saved(first), saved(second)];
  return table(
    'Saved, by project',
    [{ title: 'Project' }, ...columns],
    [...new Set([...a.keys(), ...b.keys()])].map((project) =>
      money(projectName(project), a.get(project), b.get(project)),
    ),
  );
}

function money(label: string | Html, a: Usd | undefined, b: Usd | undefined): TableRow {
  const difference = a === undefined || b === undefined ? undefined : microUsd(b - a);
  return {
    cells: [
      { content: label },
      { content: a === undefined ? 'none' : formatUsd(a) },
      { content: b === undefined ? 'none' : formatUsd(b) },
      {
        content: difference === undefined ? '' : `${difference > 0n ? '+' : ''}${formatUsd(difference)}`,
      },
    ],
  };
}

const signed = (value: number, unit: string): string => `${value > 0 ? '+' : ''}${value}${unit}`;

function onlyOne(label: 'A' | 'B', of: RunResult, other: RunResult): Html {
  const stops = onlyIn(of, other);
  const some = stops.slice(0, MOST);
  return html`<h3>Stops that only ${label} makes: ${stops.length}</h3>
${
  stops.length === 0
    ? html`<p>Whatever ${label} stops is out of service at some time of it in the other as well.</p>`
    : html`${some.length < stops.length && html`<p>The first ${counted(MOST, 'stop')} are listed; --json lists all.</p>`}
${stopTable(some, `Stops that only ${label} makes`, voiceOf(of))}`
}`;
}

/**
 * The stops of one run whose resource the other run has not out of service at any time while it is in this one: a stop
 * that comes later in the same idle spell is the same stop.
 */
export function onlyIn(of: RunResult, other: RunResult): readonly Stop[] {
  const [spans, others] = [outages(of), outages(other)];
  return stopsOf(of).filter(({ arn, at }) => {
    const mine = spans.get(arn)?.find(({ to }) => to > at);
    const outage = mine === undefined || mine.from > at ? { from: at, to: at } : { from: at, to: mine.to };
    return !(others.get(arn) ?? []).some(({ from, to }) => from <= outage.to && to >= outage.from);
  });
}

/** When each resource was out of service by Bursar; a stop of which no span is known is an instant. */
function outages(result: RunResult): ReadonlyMap<string, readonly Span[]> {
  const byArn = new Map<string, Span[]>(result.resources.map(({ arn, stopped }) => [arn, [...stopped]]));
  for (const { arn, at } of stopsOf(result)) {
    const spans = byArn.get(arn) ?? [];
    if (!spans.some(({ from, to }) => from <= at && at < to)) spans.push({ from: at, to: at });
    byArn.set(arn, spans);
  }
  return byArn;
}
