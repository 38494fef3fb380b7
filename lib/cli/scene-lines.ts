import { atMinute } from '../decide/sentences.ts';
import { levelTitle, parseHolder, projectHolder } from '../policy/levels.ts';
import { printable } from '../policy/words.ts';
import { formatUsd, parseUsd } from '../types/money.ts';
import { group } from './group.ts';
import type { Colours, Io } from './io.ts';
import { paintOf } from './paint-of.ts';
import type { Scene } from './scene.ts';
import { shortTime } from './short-time.ts';
import { spendParts } from './spend-lines.ts';
import { runningCost, type Sight } from './sweep-answer.ts';
import { type Cell, type Column, plainColumns, table } from './table.ts';
import { rankOf, wordOf } from './words.ts';

type Projects = Scene['projects'];

/** A reason takes at most so many lines of a terminal. */
const WHY_LINES = 2;

const COLUMNS: readonly Column[] = [
  { title: 'RESOURCE', max: 40 },
  { title: 'SIZE', max: 24 },
  { title: 'USD/H', right: true },
  { title: 'WHAT (UTC)' },
  { title: 'WHY' },
];

/** What is, what would happen to it and why, for people. */
export function sceneLines(scene: Scene, io: Pick<Io, 'outColours' | 'width'>): readonly string[] {
  const parts = [
    [head(scene, io.outColours), ...approvalLines(scene, io.outColours)],
    ...spendParts(scene, io),
    ...projectParts(scene, io),
    otherLines(scene, io),
    heldLines(scene, io.outColours),
    restorableLines(scene, io),
  ];
  return parts.filter((part) => part.length > 0).flatMap((part, n) => (n === 0 ? part : ['', ...part]));
}

function head(scene: Scene, { bold }: Colours): string {
  const { stack, region, at, resources, only, untold } = scene;
  const { hourly, unpriced } = runningCost(resources);
  const running = resources.filter(({ state }) => state === 'running').length;
  const cost = `${formatUsd(hourly)}/h${unpriced === 0 ? '' : ` and ${unpriced} unpriced`}`;
  const told = [
    `${resources.length} ${resources.length === 1 ? 'resource' : 'resources'}${only === undefined ? '' : ` of ${only}`}`,
    ...(running === 0 ? [] : [`${running} running for ${cost}`]),
    ...(untold === 0 ? [] : [`${untold} findings not shown`]),
  ];
  return `${bold(printable(`${stack} in ${region}`))}, ${atMinute(at)}: ${printable(told.join(', '))}`;
}

function approvalLines({ approval }: Scene, { yellow, dim }: Colours): readonly string[] {
  if (approval === undefined) return [];
  const { current, last } = approval;
  const mend = 'bursar plan --json > plan.json, then bursar approve';
  if (last === undefined) {
    return [yellow(`Approval is required, and no plan is approved: nothing is stopped. ${mend}`)];
  }
  const { hash, resources, at, by } = last;
  const plan = `plan ${hash.slice(0, 19)}… of ${resources} ${resources === 1 ? 'resource' : 'resources'}, approved ${atMinute(new Date(at))} by ${by}`;
  return [
    current
      ? dim(printable(`Approval is required: ${plan}`))
      : yellow(
          printable(`Approval is required, and ${plan} is of another policy: nothing is stopped. ${mend}`),
        ),
  ];
}

function projectParts(scene: Scene, io: Pick<Io, 'outColours' | 'width'>): readonly (readonly string[])[] {
  const groups = group(scene.resources, ({ project }) =>
    project === undefined ? undefined : projectHolder(project),
  );
  const projects = new Map(scene.projects.map((one) => [one.project, one]));
  const named = new Set([...groups.keys(), ...projects.keys()].filter((name) => name !== undefined));
  const names: readonly (string | undefined)[] = [
    ...[...named].sort(byLevel),
    ...(groups.has(undefined) ? [undefined] : []),
  ];
  const rowsOf = new Map(names.map((name) => [name, rowsFor(scene, groups.get(name) ?? [], io)]));
  const fit = [...rowsOf.values()].flat();
  const first = names.findIndex((name) => (rowsOf.get(name) ?? []).length > 0);
  return names.map((name, n) => {
    const known = name === undefined ? undefined : projects.get(name);
    const rows = rowsOf.get(name) ?? [];
    return [
      io.outColours.bold(printable(name === undefined ? 'No project' : headingOf(name))),
      ...(known === undefined ? [] : standingOf(known, scene.at, io.outColours)).map((line) => `  ${line}`),
      ...(rows.length === 0
        ? []
        : table(COLUMNS, rows, {
            width: io.width,
            lines: WHY_LINES,
            heading: io.outColours.dim,
            fit,
            headed: n === first,
          })),
    ];
  });
}

/** A project's name, `Team alpha`, `Model scorer of project fraud`. */
function headingOf(holder: string): string {
  const level = parseHolder(holder);
  return level.level === 'project' ? level.project : levelTitle(holder);
}

/** Teams first; each model after its project. */
function byLevel(a: string, b: string): number {
  const place = (holder: string): readonly [number, string, string] => {
    const level = parseHolder(holder);
    switch (level.level) {
      case 'team':
        return [0, level.team, ''];
      case 'project':
        return [1, level.project, ''];
      case 'model':
        return [1, level.project, level.model];
    }
  };
  const [one, other] = [place(a), place(b)];
  return one[0] - other[0] || one[1].localeCompare(other[1]) || one[2].localeCompare(other[2]);
}

function standingOf(
  { breach, estimates = [], frozenUntil, reached }: Projects[number],
  now: Date,
  { red, yellow }: Colours,
): string[] {
  const amount = (text: string): string => {
    const parsed = parseUsd(text);
    return parsed === undefined ? text : formatUsd(parsed);
  };
  return [
    ...(breach === undefined
      ? []
      : [
          red(
            printable(
              `spent ${breach.actual === undefined ? 'more than allowed' : amount(breach.actual)} of ${amount(breach.limit)} (${atMinute(new Date(breach.asOf))})`,
            ),
          ),
        ]),
    ...estimates.map(({ source, spent, limit, asOf }) =>
      red(
        printable(
          `spent an estimated ${amount(spent)} of ${amount(limit)} ${PERIODS[source]} (${atMinute(new Date(asOf))})`,
        ),
      ),
    ),
    ...reached.map(({ rule, stopAt }) =>
      yellow(
        printable(`${ruleText(rule)} reached${stopAt === undefined ? '' : stopText(new Date(stopAt), now)}`),
      ),
    ),
    ...(frozenUntil === undefined ? [] : [red(`frozen until ${atMinute(new Date(frozenUntil))}`)]),
  ];
}

const PERIODS = { meter: 'this month', 'meter-day': 'that day', 'meter-total': 'in all' } as const;

/** `100% of actual spend`, of a rule that the ledger names `actual-100`; `estimated-day-80` is of the day. */
const ruleText = (rule: string): string =>
  rule
    .replace(/^(actual|forecasted|estimated)-([\d.]+)$/, '$2% of $1 spend')
    .replace(/^(estimated)-(day|total)-([\d.]+)$/, '$3% of $1 spend per $2');

const stopText = (stopAt: Date, now: Date): string =>
  stopAt > now ? `, stops at ${atMinute(stopAt)}` : `, the stop was due at ${atMinute(stopAt)}`;

function rowsFor(
  scene: Scene,
  sights: readonly Sight[],
  { outColours: colours, width }: Pick<Io, 'outColours' | 'width'>,
): readonly (readonly Cell[])[] {
  const rows = [...sights].sort(byUrgency).flatMap((sight) =>
    sight.findings.map(({ what, why }, n) => {
      const first = n === 0;
      // That it is stopped needs no reason beside it.
      const isPlain = what === 'not-running' && why === `It is ${sight.state}.`;
      const word = isPlain ? (sight.state ?? '') : wordOf(what);
      return [
        { text: first ? sight.id : '' },
        { text: first ? (sight.size ?? '') : '' },
        { text: first && costsNow(sight) && sight.hourly !== undefined ? formatUsd(sight.hourly) : '' },
        { text: `${word}${first && !isPlain ? timeOf(sight, scene) : ''}`, paint: paintOf(what, colours) },
        { text: isPlain ? '' : why },
      ];
    }),
  );
  // A pipe is told everything of each.
  return width === undefined ? rows : rows.map((row, n) => withoutRepeat(row, rows[n - 1]));
}

/** A reason longer than this is not read out again for the next resource. */
const SHORT = 40;

function withoutRepeat(row: readonly Cell[], before: readonly Cell[] | undefined): readonly Cell[] {
  const why = row.at(-1)?.text ?? '';
  return why.length > SHORT && why === before?.at(-1)?.text
    ? [...row.slice(0, -1), { text: 'As above.' }]
    : row;
}

/** What is stopped costs nothing of what it costs while it runs. */
const costsNow = ({ state }: Sight): boolean => state !== 'stopped';

/** Until when people keep it, or the minute of its announced stop. */
function timeOf({ arn, stopAt }: Sight, { keeps, at }: Scene): string {
  const kept = keeps.find((keep) => keep.arn === arn);
  if (kept !== undefined) return ` until ${shortTime(new Date(kept.until), at)}`;
  return stopAt === undefined ? '' : `, stops ${shortTime(new Date(stopAt), at)}`;
}

/** What is done before what is left alone, and the most expensive first. */
function byUrgency(a: Sight, b: Sight): number {
  const rank = ({ findings: [first] }: Sight): number => rankOf(first?.what);
  const price = ({ hourly = undefined }: Sight): bigint => hourly ?? 0n;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (price(a) !== price(b)) return price(a) > price(b) ? -1 : 1;
  return a.id.localeCompare(b.id);
}

function otherLines(
  { others }: Scene,
  { outColours, width }: Pick<Io, 'outColours' | 'width'>,
): readonly string[] {
  if (others.length === 0) return [];
  const rows = others.map(({ what, why, project }) => [
    { text: what, paint: outColours.yellow },
    { text: project ?? '' },
    { text: why },
  ]);
  return [outColours.bold('Also due'), ...table(plainColumns(3), rows, { width })];
}

function heldLines({ held }: Scene, { bold, magenta }: Colours): readonly string[] {
  if (held.length === 0) return [];
  return [
    bold('Held back, since more were due than the limits allow'),
    ...held.map((at) => `  to release them: ${magenta(`bursar release ${at}`)}`),
  ];
}

function restorableLines(
  { restorable, at }: Scene,
  { outColours, width }: Pick<Io, 'outColours' | 'width'>,
): readonly string[] {
  if (restorable.length === 0) return [];
  const rows = [...restorable]
    .sort((a, b) => a.savedAt.localeCompare(b.savedAt))
    .map(({ id, project, kind, savedAt, trigger, state }) => [
      { text: id },
      { text: project ?? '' },
      { text: kind },
      {
        text: `${state === 'restoring' ? 'being restored, ' : ''}stopped ${shortTime(new Date(savedAt), at)} (${trigger})`,
      },
    ]);
  return [
    outColours.bold('Can be restored, by bursar restore <resource or project> (times in UTC)'),
    ...table(plainColumns(4), rows, { width }),
  ];
}
