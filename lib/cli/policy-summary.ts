import { budgetThresholds, type NamedPolicy, type Policy, type Project } from '../policy/policy.ts';
import { printable } from '../policy/words.ts';
import { formatUsd, sumUsd, usdToDecimal } from '../types/money.ts';
import type { Colours } from './io.ts';

/** A policy as plain JSON: budgets as decimal USD, durations in seconds, shares in percent. */
export const summaryJson = (policy: Policy): object => ({
  projects: Object.values(policy.projects).map((project) => ({
    name: project.name,
    owner: project.owner,
    budgetUsd: project.budget === undefined ? undefined : usdToDecimal(project.budget),
    slack: project.slack,
    owners: project.owners,
    members: project.members,
    alerts: project.budget === undefined ? [] : budgetThresholds(policy, project.name),
  })),
  operators: policy.operators,
  timezone: policy.timezone,
  policies: policy.policies,
  untagged: policy.untagged,
  limits: policy.limits,
  scope: policy.scope,
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
    ...columns(projects.map((project) => projectCells(policy, project))),
    '',
    colours.bold('Policies, the first that matches counts'),
    ...columns(policy.policies.map(policyCells)),
  ];
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

function projectCells(policy: Policy, project: Project): readonly string[] {
  const { name, budget, owner = '', slack = '' } = project;
  const alerts = budgetThresholds(policy, name).map(({ at, of }) =>
    of === 'actual' ? `${at}%` : `${at}% ${of}`,
  );
  const spend =
    budget === undefined
      ? ['no budget', '']
      : [formatUsd(budget), `alerts at ${alerts.join(', ') || 'no share'}`];
  return [name, owner, slack, ...spend];
}

function policyCells({ name, match, idle, budget, allow, restore }: NamedPolicy): readonly string[] {
  const keys = Object.entries(match).map(([key, values]) => `${key} ${values.join('|')}`);
  const rules = budget.map(
    (rule) =>
      `${rule.at}%${rule.of === 'actual' ? '' : ` ${rule.of}`} ${rule.do}${rule.graceSeconds === 0 ? '' : ` after ${minutes(rule.graceSeconds)}`}`,
  );
  return [
    name,
    keys.join(', ') || 'everything',
    idle === 'off' ? 'idle: off' : `idle: ${idle.do} after ${minutes(idle.afterSeconds)}`,
    rules.length === 0 ? '' : `budget: ${rules.join(', ')}`,
    allow.length === 0 ? '' : `allow: ${allow.join(', ')}`,
    restore === 'by-hand' ? '' : `restore: ${restore}`,
  ];
}

const minutes = (seconds: number): string => `${Math.round(seconds / 6) / 10} min`;

/** Rows as lines, each column as wide as its widest cell; what a terminal would obey is made visible. */
function columns(cells: readonly (readonly string[])[]): readonly string[] {
  const rows = cells.map((row) => row.map(printable));
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd());
}
