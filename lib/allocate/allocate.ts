import { IDLE_TENANT, type SharedRule } from '../policy/allocation.ts';
import type { Allocation, Reconciliation } from '../types/allocation.ts';
import type { Bill, ChargeTotal } from '../types/cost.ts';
import { microUsd, sumUsd, type Usd } from '../types/money.ts';
import type { Usage } from '../types/usage.ts';
import { dimensionCosts } from './dimensions.ts';
import { placesOf } from './places.ts';
import { projectCosts } from './project-costs.ts';
import { ruleOutcome } from './rule-outcome.ts';
import type { Shareable } from './shareable.ts';
import { type UsageTable, usageTable } from './usage-table.ts';
import { andList } from './words.ts';

export interface AllocationInput {
  readonly bill: Bill;
  /** Those that the bill's lines were matched to, in the order of the policy file. */
  readonly rules: readonly SharedRule[];
  /** What was read of the usage that the rules name, by its name. */
  readonly usage: ReadonlyMap<string, Usage>;
  /** Of the policy file. */
  readonly projects: readonly { readonly name: string; readonly team?: string }[];
  /** Now, where the last day of the bill is not over: nobody could use the hours to come. Absent = it is over. */
  readonly until?: Date;
  /** What the ledger says was billed for the same days; absent = it does not know all of them. */
  readonly ledger?: Usd;
}

/**
 * Finds the owner of every micro-dollar of a bill. Each UTC day's cost of a rule is split by itself, so that the days add
 * up as well. A line of a rule that is not among the rules is taken to have none. The order of lines, projects and
 * entries of usage changes nothing.
 */
export function allocate({ bill, rules, usage, projects, until, ledger }: AllocationInput): Allocation {
  const names = new Set(rules.map(({ name }) => name));
  const isPlaced = (rule: string | undefined): rule is string => rule !== undefined && names.has(rule);
  const places = placesOf(bill.lines, isPlaced);
  const tables = new Map([...usage].map(([name, read]) => [name, usageTable(read, bill.from, bill.to)]));
  const known: Omit<Shareable, 'costs' | 'among'> = {
    from: bill.from,
    to: bill.to,
    until,
    projects: projects.map(({ name }) => name),
    direct: new Map([...places.days].map(([project, days]) => [project, days.total])),
    usageNamed: (name) => tables.get(name),
  };
  const outcomes = rules.map((rule) => {
    const costs = places.ofRules.get(rule.name)?.byName() ?? new Map<string, Usd>();
    return ruleOutcome(rule, { ...known, costs, among: rule.among });
  });
  const teams = new Map(projects.map(({ name, team }) => [name, team]));
  const owned = {
    projects: projectCosts(places, outcomes, teams),
    unowned: {
      total: places.unowned.total,
      byService: places.unowned.dearestFirst().map(([service, cost]) => ({ service, cost })),
    },
    idle: sumUsd(outcomes.map(({ idle }) => idle)),
  };
  return {
    source: bill.source,
    from: bill.from,
    to: bill.to,
    total: sumUsd(bill.lines.map(({ cost }) => cost)),
    ...owned,
    rules: outcomes,
    dimensions: new Map(
      [...bill.dimensions].map(([dimension, lines]) => [
        dimension,
        dimensionCosts(lines, { ...owned, unowned: owned.unowned.total }, isPlaced),
      ]),
    ),
    reconciliation: reconcile(owned, bill, ledger),
    notes: [...bill.notes, ...usageNotes(rules, usage, tables, known.projects)],
  };
}

/**
 * Holds what was allocated against what the bill says of itself.
 * @param ledger what the ledger says was billed for the same days
 */
function reconcile(
  { projects, unowned, idle }: Pick<Allocation, 'projects' | 'unowned' | 'idle'>,
  { lines, charges }: Bill,
  ledger: Usd | undefined,
): Reconciliation {
  const allocated = sumUsd([...projects.map(({ total }) => total), unowned.total, idle]);
  const spend = charges.length === 0 ? undefined : amortized(charges.filter(({ isSpend }) => isSpend));
  return {
    allocated,
    lines: sumUsd(lines.map(({ cost }) => cost)),
    charges,
    spend,
    difference: spend === undefined ? undefined : microUsd(spend - allocated),
    notSpend: amortized(charges.filter(({ isSpend }) => !isSpend)),
    invoiced: charges.length === 0 ? undefined : sumUsd(charges.map(({ unblended }) => unblended)),
    ledger,
  };
}

const amortized = (charges: readonly ChargeTotal[]): Usd => sumUsd(charges.map((charge) => charge.amortized));

/** What should be known of the usage that rules go by. */
function usageNotes(
  rules: readonly SharedRule[],
  usage: ReadonlyMap<string, Usage>,
  tables: ReadonlyMap<string, UsageTable>,
  projects: readonly string[],
): readonly string[] {
  const used = new Set(rules.flatMap(({ split }) => (split.by === 'usage' ? [split.usage] : [])));
  const known = new Set([...projects, IDLE_TENANT]);
  return [...used].flatMap((name) => {
    const strangers = [...(tables.get(name)?.whole.keys() ?? [])].filter((tenant) => !known.has(tenant));
    return [
      ...(usage.get(name)?.notes ?? []),
      ...(strangers.length === 0
        ? []
        : [`The usage ${name} names what is no project of the policy file: ${andList(strangers)}.`]),
    ];
  });
}
