import { duration } from '../decide/sentences.ts';
import type { CostMatch, SharedRule } from '../policy/allocation.ts';
import {
  type Budgets,
  budgetThresholds,
  type NamedPolicy,
  type Policy,
  type Project,
} from '../policy/policy.ts';
import { printable } from '../policy/words.ts';
import { assertNever } from '../types/assert-never.ts';
import { formatUsd, sumUsd, type Usd, usdToDecimal } from '../types/money.ts';
import type { SpendSource } from '../types/spend.ts';
import type { Colours } from './io.ts';
import { hoursText } from './schedule-words.ts';

/** A policy as plain JSON: budgets as decimal USD, durations in seconds, shares in percent. */
export const summaryJson = (policy: Policy): object => ({
  projects: Object.values(policy.projects).map((project) => ({
    name: project.name,
    owner: project.owner,
    team: project.team,
    ...limitsJson(project),
    models: Object.values(project.models ?? {}).map((model) => ({ name: model.name, ...limitsJson(model) })),
    discount: project.discount,
    types: project.types,
    maxHourlyUsd: project.maxHourly === undefined ? undefined : usdToDecimal(project.maxHourly),
    freezeRoles: project.freezeRoles,
    slack: project.slack,
    owners: project.owners,
    members: project.members,
    alerts: LIMITS.flatMap(({ of, sources }) =>
      of(project) === undefined
        ? []
        : sources.flatMap((source) => budgetThresholds(policy, project.name, source)),
    ),
  })),
  teams: Object.values(policy.teams).map((team) => ({
    name: team.name,
    owner: team.owner,
    ...limitsJson(team),
    slack: team.slack,
    owners: team.owners,
  })),
  operators: policy.operators,
  timezone: policy.timezone,
  policies: policy.policies,
  untagged: policy.untagged,
  requiredTags: policy.requiredTags,
  alerts: policy.alerts,
  limits: policy.limits,
  scope: policy.scope,
  approval: policy.approval,
  allocation: policy.allocation,
});

const limitsJson = ({ budget, daily, total }: Budgets): object => ({
  budgetUsd: budget === undefined ? undefined : usdToDecimal(budget),
  dailyUsd: daily === undefined ? undefined : usdToDecimal(daily),
  totalUsd: total === undefined ? undefined : usdToDecimal(total.limit),
  totalSince: total?.since,
});

/** What the policy file means, in a few lines for people. */
export function summaryLines(policy: Policy, file: string, colours: Colours): readonly string[] {
  const projects = Object.values(policy.projects);
  const budgets = projects.flatMap(({ budget }) => (budget === undefined ? [] : [budget]));
  const total = formatUsd(sumUsd(budgets));
  return [
    `${colours.green('OK')} ${file}: ${count(projects.length, 'project', 'projects')}, ${count(policy.policies.length, 'policy', 'policies')}, ${count(budgets.length, 'budget', 'budgets')} of ${total} a month in all`,
    '',
    colours.bold('Projects'),
    ...columns(projects.map((project) => projectCells(policy, project))).flatMap((line, n) => {
      const project = projects[n];
      return project === undefined ? [line] : [line, ...more(policy, project)];
    }),
    ...teamLines(policy, colours),
    '',
    colours.bold('Policies, the first that matches counts'),
    ...columns(policy.policies.map(policyCells)),
    ...sharedLines(policy, colours),
    '',
    colours.bold('Tags and alerts'),
    ...columns([
      ['untagged', untaggedText(policy)],
      ['required tags', requiredText(policy)],
      ['burn rate', burnRateText(policy)],
      ['weekly alert', policy.alerts.weekly ? 'on' : 'off'],
      ...(policy.approval === 'off'
        ? []
        : [['approval', 'required: only what an approved plan lists is acted on']]),
    ]),
  ];
}

/** The limits of a project, and whose readings are held against each. */
const LIMITS = [
  { of: ({ budget }: Project) => budget, sources: ['budgets', 'meter'] },
  { of: ({ daily }: Project) => daily, sources: ['meter-day'] },
  { of: ({ total }: Project) => total?.limit, sources: ['meter-total'] },
] as const satisfies readonly {
  readonly of: (project: Project) => Usd | undefined;
  readonly sources: readonly SpendSource[];
}[];

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

function projectCells(policy: Policy, project: Project): readonly string[] {
  const { name, budget, owner = '', slack = '' } = project;
  const spend =
    budget === undefined
      ? [hasLimit(project) ? 'no monthly budget' : 'no budget', '']
      : [formatUsd(budget), alertsText(policy, name, ['budgets', 'meter'])];
  return [name, owner, slack, ...spend];
}

const hasLimit = ({ daily, total }: Project): boolean => daily !== undefined || total !== undefined;

function alertsText(policy: Policy, project: string, sources: readonly SpendSource[]): string {
  const alerts = sources
    .flatMap((source) => budgetThresholds(policy, project, source))
    .map(({ at, of }) => (of === 'actual' ? `${at}%` : `${at}% ${of}`));
  return `alerts at ${alerts.join(', ') || 'no share'}`;
}

/** What else is said of a project, below its line. */
function more(policy: Policy, project: Project): readonly string[] {
  const { name, daily, total, types, maxHourly, freezeRoles, discount } = project;
  const says = [
    daily === undefined ? '' : `${formatUsd(daily)} a day, ${alertsText(policy, name, ['meter-day'])}`,
    total === undefined
      ? ''
      : `${formatUsd(total.limit)} in all since ${total.since.slice(0, 7)}, ${alertsText(policy, name, ['meter-total'])}`,
    types === undefined ? '' : `launches ${types.join(', ')} and no other type`,
    maxHourly === undefined ? '' : `may cost ${formatUsd(maxHourly)} an hour in all`,
    freezeRoles.length === 0 ? '' : `a freeze denies launches to ${freezeRoles.join(', ')}`,
    discount === undefined ? '' : `${discount}% off list prices`,
    ...Object.values(project.models ?? {}).map((model) => `model ${model.name}: ${limitsText(model)}`),
  ];
  return says.filter((text) => text !== '').map((text) => `    ${printable(text)}`);
}

function teamLines({ teams, projects }: Policy, colours: Colours): readonly string[] {
  const all = Object.values(teams);
  if (all.length === 0) return [];
  const cells = all.map((team) => {
    const members = Object.values(projects).filter((project) => project.team === team.name);
    return [
      team.name,
      team.owner ?? '',
      team.slack ?? '',
      limitsText(team) || 'no budget',
      members.map(({ name }) => name).join(', ') || 'no project',
    ];
  });
  return ['', colours.bold('Teams'), ...columns(cells)];
}

/** `$4,000.00 a month, $300.00 a day`. */
function limitsText({ budget, daily, total }: Budgets): string {
  return [
    ...(budget === undefined ? [] : [`${formatUsd(budget)} a month`]),
    ...(daily === undefined ? [] : [`${formatUsd(daily)} a day`]),
    ...(total === undefined ? [] : [`${formatUsd(total.limit)} in all since ${total.since.slice(0, 7)}`]),
  ].join(', ');
}

function sharedLines({ allocation: { shared } }: Policy, colours: Colours): readonly string[] {
  if (shared.length === 0) return [];
  return [
    '',
    colours.bold('Shared costs, the first that matches counts'),
    ...columns(shared.map((rule) => [rule.name, matchText(rule.match), splitText(rule)])),
  ];
}

const matchText = ({ tags = {}, ...match }: CostMatch): string =>
  [...Object.entries(match), ...Object.entries(tags).map(([key, values]) => [`tag ${key}`, values] as const)]
    .flatMap(([key, values]) => (values === undefined ? [] : [`${key} ${values.join('|')}`]))
    .join(', ');

function splitText({ split, among }: SharedRule): string {
  const whom = among === undefined ? '' : ` among ${among.join(', ')}`;
  switch (split.by) {
    case 'project':
      return `to ${split.project}`;
    case 'even':
      return `evenly${whom}`;
    case 'direct':
      return `by direct spend${whom}`;
    case 'weights':
      return `by weights: ${Object.entries(split.weights)
        .map(([project, weight]) => `${project} ${weight}`)
        .join(', ')}`;
    case 'usage':
      return `by the usage ${split.usage} of each ${split.per}${whom}, idle: ${typeof split.idle === 'string' ? split.idle : `to ${split.idle.project}`}`;
    default:
      return assertNever(split);
  }
}

function untaggedText({ untagged }: Policy): string {
  const after = duration(untagged.afterSeconds);
  if (untagged.do === 'notify') return `told of after ${after}`;
  return untagged.warnSeconds === 0
    ? `stopped after ${after}`
    : `stopped after ${after}, told of ${duration(untagged.warnSeconds)} before`;
}

const requiredText = ({ requiredTags }: Policy): string =>
  Object.entries(requiredTags)
    .map(([key, values]) => (values === 'any' ? key : `${key} (${values.join('|')})`))
    .join(', ') || 'none';

const burnRateText = ({ alerts: { burnRate } }: Policy): string =>
  burnRate === undefined ? 'off' : `told of at ${burnRate} times the usual hour`;

function policyCells(policy: NamedPolicy): readonly string[] {
  const { name, match, idle, budget, launch, allow, restore, hours = [], maxRuntime } = policy;
  const keys = Object.entries(match).map(([key, values]) => `${key} ${values.join('|')}`);
  const rules = budget.map(
    (rule) =>
      `${rule.at}%${rule.of === 'actual' ? '' : ` ${rule.of}`}${rule.per === 'month' ? '' : ` per ${rule.per}`} ${rule.do}${rule.graceSeconds === 0 ? '' : ` after ${minutes(rule.graceSeconds)}`}`,
  );
  return [
    name,
    keys.join(', ') || 'everything',
    idle === 'off' ? 'idle: off' : `idle: ${idle.do} after ${minutes(idle.afterSeconds)}`,
    // One cell: few policies have all of these, and a column for each would be mostly empty.
    [
      rules.length === 0 ? '' : `budget: ${rules.join(', ')}`,
      hours.length === 0 ? '' : `hours: ${hours.map((one) => one.name ?? hoursText(one)).join(' and ')}`,
      maxRuntime === undefined
        ? ''
        : `maxRuntime: ${maxRuntime.do} after ${duration(maxRuntime.afterSeconds)}`,
      launch === 'notify' ? '' : `launch: ${launch}`,
      allow.length === 0 ? '' : `allow: ${allow.join(', ')}`,
      restore === 'by-hand' ? '' : `restore: ${restore}`,
    ]
      .filter((text) => text !== '')
      .join('  '),
  ];
}

const minutes = (seconds: number): string => `${Math.round(seconds / 6) / 10} min`;

/** Rows as lines, each column as wide as its widest cell; what a terminal would obey is made visible. */
function columns(cells: readonly (readonly string[])[]): readonly string[] {
  const rows = cells.map((row) => row.map(printable));
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd());
}
