import type { FiguresAnswer, ProblemAnswer, TagProposalAnswer, Tags } from '../people/tags-answer.ts';
import { printable, show } from '../policy/words.ts';
import { formatUsd, microUsd, parseUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { group } from './group.ts';
import type { Colours, Io } from './io.ts';
import { type Cell, type Column, table } from './table.ts';

type Shown = Pick<Io, 'outColours' | 'width'>;

/** Values of a required tag beyond these are counted. */
const VALUES_SHOWN = 6;
/** A reason takes at most so many lines of a terminal. */
const WHY_LINES = 3;

const amount = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

/** How well everything is tagged, and what is wrong. */
export function tagLines(tags: Tags, place: string, io: Shown): readonly string[] {
  const parts = [
    headLines(tags, place, io),
    coverageLines(tags, io),
    problemLines(tags, io),
    unreadLines(tags, io),
  ];
  return joined(parts);
}

const joined = (parts: readonly (readonly string[])[]): readonly string[] =>
  parts.filter((part) => part.length > 0).flatMap((part, n) => (n === 0 ? part : ['', ...part]));

function headLines(
  { required, coverage: { account } }: Tags,
  place: string,
  { outColours }: Shown,
): readonly string[] {
  const rest = restOf(account);
  const cost = rest === 0n ? '' : `, the others cost ${formatUsd(rest)}/h`;
  const told = `${account.compliant} of ${plural(account.resources, 'resource')} ${account.compliant === 1 ? 'carries' : 'carry'} all required tags${cost}`;
  const names = required.map(({ key, values }) => `${key} (${valuesText(values)})`);
  return [
    `${outColours.bold(printable(place))}: ${told}`,
    printable(`Required: ${names.length === 0 ? 'nothing' : names.join(', ')}`),
  ];
}

function valuesText(values: readonly string[] | undefined): string {
  if (values === undefined) return 'any';
  const rest = values.length - VALUES_SHOWN;
  return [...values.slice(0, VALUES_SHOWN), ...(rest > 0 ? [`… ${rest} more`] : [])].join(', ');
}

const COVERAGE: readonly Column[] = [
  { title: 'PROJECT', max: 40 },
  { title: 'RESOURCES', right: true },
  { title: 'TAGGED', right: true },
  { title: 'BY COST', right: true },
  { title: 'OTHERS USD/H', right: true },
  { title: 'LACKING' },
];

function coverageLines(
  { coverage: { account, projects } }: Tags,
  { outColours, width }: Shown,
): readonly string[] {
  if (account.resources === 0) return [];
  const rows = [
    ...projects.map((one) => coverageRow(one.project === '' ? 'no project' : one.project, one, outColours)),
    coverageRow('account', account, outColours, outColours.bold),
  ];
  return table(COVERAGE, rows, { width, heading: outColours.dim });
}

function coverageRow(
  name: string,
  figures: FiguresAnswer,
  colours: Colours,
  paint?: (text: string) => string,
): readonly Cell[] {
  const { resources, compliant, byCount, byCost, hourly, unpriced } = figures;
  const rest = restOf(figures);
  const open = unpriced === 0 ? '' : ` + ${unpriced} unpriced`;
  return [
    { text: name, ...(paint === undefined ? {} : { paint }) },
    { text: String(resources) },
    { text: `${byCount}%`, paint: paintOf(byCount, colours) },
    // Of what costs nothing now there is no share.
    { text: amount(hourly) === 0n ? '' : `${byCost}%`, paint: paintOf(byCost, colours) },
    { text: compliant === resources ? '' : `${formatUsd(rest)}${open}` },
    { text: lackingText(figures) },
  ];
}

const restOf = ({ hourly, compliantHourly }: FiguresAnswer): Usd =>
  microUsd(amount(hourly) - amount(compliantHourly));

function paintOf(percent: number, { green, yellow, red }: Colours): (text: string) => string {
  if (percent === 100) return green;
  return percent >= 50 ? yellow : red;
}

const lackingText = ({ lacking }: FiguresAnswer): string =>
  lacking
    .flatMap(({ key, missing, wrong }) => [
      ...(missing === 0 ? [] : [`${missing} without ${key}`]),
      ...(wrong === 0 ? [] : [`${wrong} with a wrong ${key}`]),
    ])
    .join(', ');

const PROBLEMS: readonly Column[] = [
  { title: 'RESOURCE', max: 40 },
  { title: 'KIND' },
  { title: 'REGION' },
  { title: 'PROJECT', max: 24 },
  { title: 'USD/H', right: true },
  { title: 'WHAT IS WRONG' },
];

function problemLines({ problems, problemCount }: Tags, { outColours, width }: Shown): readonly string[] {
  if (problems.length === 0) return [];
  const rows = problems.map((problem, n) => {
    const { arn, id, kind, region, project, hourly } = problem;
    const first = problems[n - 1]?.arn !== arn;
    const cells = [id, kind, region, project ?? '', hourly === undefined ? '' : formatUsd(amount(hourly))];
    return [...cells.map((text) => ({ text: first ? text : '' })), whatCell(problem, outColours)];
  });
  const rest = problemCount - problems.length;
  return [
    outColours.bold('Problems'),
    ...table(PROBLEMS, rows, { width, heading: outColours.dim }),
    ...(rest === 0 ? [] : [`  and ${rest} more`]),
  ];
}

function whatCell({ key, problem, value }: ProblemAnswer, { red, yellow }: Colours): Cell {
  switch (problem) {
    case 'missing':
      return { text: `${key} is missing`, paint: red };
    case 'not-allowed':
      return { text: `${key} may not be ${show(value)}`, paint: yellow };
    case 'unknown-project':
      return { text: `no project is named ${show(value)}`, paint: yellow };
  }
}

function unreadLines({ unread }: Tags, { outColours }: Shown): readonly string[] {
  return unread.map(({ kind, region, why }) =>
    outColours.red(printable(`Not known: ${kind} in ${region} could not be listed. ${why}`)),
  );
}

const PROPOSALS: readonly Column[] = [
  { title: 'RESOURCE', max: 40 },
  { title: 'TAG', max: 60 },
  { title: 'WHY' },
];

/** The proposals, sure ones before likely ones. */
export function proposalLines(tags: Tags, io: Shown): readonly string[] {
  const { proposals, proposalCount } = tags;
  if (proposals.length === 0) return ['Nothing can be proposed.'];
  const of = (confidence: TagProposalAnswer['confidence']) =>
    proposals.filter((one) => one.confidence === confidence);
  const rest = proposalCount - proposals.length;
  return joined([
    someLines('Sure', of('sure'), io),
    someLines('Likely: each needs a yes of its own', of('likely'), io),
    rest === 0 ? [] : [`And ${rest} more: run this once more after these.`],
  ]);
}

function someLines(
  title: string,
  some: readonly TagProposalAnswer[],
  { outColours, width }: Shown,
): readonly string[] {
  if (some.length === 0) return [];
  // The same for the same reason stands together, and a terminal is told the reason once.
  const rows = [...group(some, reasonOf).values()].flatMap((same) =>
    same.map((one, n) => [
      { text: one.id },
      { text: setText(one), paint: outColours.cyan },
      { text: n > 0 && width !== undefined ? 'As above.' : reasonOf(one) },
    ]),
  );
  return [
    outColours.bold(title),
    ...table(PROPOSALS, rows, { width, lines: WHY_LINES, heading: outColours.dim }),
  ];
}

const reasonOf = (one: TagProposalAnswer): string => [one.why, ...effectOf(one)].join(' ');

/** What a tag changes beside itself: people should know before they say yes. */
export function effectOf({ policy }: TagProposalAnswer): readonly string[] {
  if (policy === undefined) return [];
  const before = policy.from === null ? 'none does now' : `not ${policy.from}`;
  return [
    policy.to === null
      ? `No policy applies to it then; ${policy.from} does now.`
      : `The policy ${policy.to} applies to it then, ${before}.`,
  ];
}

/** `project = recsys, owner = team-beta`. */
export const setText = ({ set }: Pick<TagProposalAnswer, 'set'>): string =>
  Object.entries(set)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ');

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
