import type { Allocation, ServiceCost } from '../types/allocation.ts';
import { microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { centsOf, inCents, tableInCents, toCent } from './cents.ts';
import type { DayReport, LevelReport, Report, SpendFigures } from './report.ts';

/*
 * The figures of a report in whole cents that add up. Page, CSV and JSON show these, so that no two of them differ by a
 * cent.
 */

/** Who pays what, as a table: projects, what is idle and what is unowned, by what it is made of. */
export interface ShownAllocation {
  /** Names, in their order. */
  readonly rules: readonly string[];
  readonly projects: readonly ShownProject[];
  /** By rule. */
  readonly idle: { readonly shared: readonly Usd[]; readonly total: Usd };
  readonly unowned: Usd;
  readonly unownedByService: readonly ServiceCost[];
  /** Of all rows: `direct` with what is unowned, `shared` what each rule split. */
  readonly columns: { readonly direct: Usd; readonly shared: readonly Usd[] };
  readonly total: Usd;
}

export interface ShownProject {
  readonly project: string;
  readonly team: string | undefined;
  readonly direct: Usd;
  /** `direct` by service; `''` is what no service is known of. */
  readonly byService: readonly ServiceCost[];
  /** By rule, in the order of `rules`; zero where it gave nothing. */
  readonly shared: readonly Usd[];
  readonly total: Usd;
}

export function shownAllocation(allocation: Allocation): ShownAllocation {
  const rules = [
    ...new Set([
      ...allocation.rules.map(({ rule }) => rule),
      ...allocation.projects.flatMap(({ shared }) => shared.map(({ rule }) => rule)),
    ]),
  ];
  const byRule = (costs: readonly { readonly rule: string; readonly cost: Usd }[]): readonly Usd[] => {
    const found = new Map(costs.map(({ rule, cost }) => [rule, cost]));
    return rules.map((rule) => found.get(rule) ?? ZERO_USD);
  };
  const { cells, rows, columns, total } = tableInCents([
    ...allocation.projects.map(({ direct, shared }) => [direct, ...byRule(shared)]),
    [ZERO_USD, ...byRule(allocation.rules.map(({ rule, idle }) => ({ rule, cost: idle })))],
    [allocation.unowned.total, ...rules.map(() => ZERO_USD)],
  ]);
  const count = allocation.projects.length;
  const unowned = rows[count + 1] ?? ZERO_USD;
  return {
    rules,
    projects: allocation.projects.map(({ project, team, direct, byService }, index) => {
      const [own = ZERO_USD, ...shared] = cells[index] ?? [];
      return {
        project,
        team,
        direct: own,
        byService: servicesOf(byService, direct, own),
        shared,
        total: rows[index] ?? ZERO_USD,
      };
    }),
    idle: { shared: cells[count]?.slice(1) ?? [], total: rows[count] ?? ZERO_USD },
    unowned,
    unownedByService: servicesOf(allocation.unowned.byService, allocation.unowned.total, unowned),
    columns: { direct: columns[0] ?? ZERO_USD, shared: columns.slice(1) },
    total,
  };
}

/** Services that sum to their whole, exact and shown. */
function servicesOf(services: readonly ServiceCost[], exact: Usd, shown: Usd): readonly ServiceCost[] {
  const rest = microUsd(exact - sumUsd(services.map(({ cost }) => cost)));
  const all = rest === 0n ? services : [...services, { service: '', cost: rest }];
  const cents = centsOf(
    all.map(({ cost }) => cost),
    shown,
  );
  return all.map(({ service }, index) => ({ service, cost: cents[index] ?? ZERO_USD }));
}

export interface ShownSpend {
  readonly billed: Usd;
  readonly estimated: Usd;
  /** Both. */
  readonly spent: Usd;
}

export interface ShownSpends {
  readonly total: ShownSpend;
  /** Projects, and what has none, sum to `total`; models to no more than their project, teams are what their projects are. */
  readonly of: (level: LevelReport) => ShownSpend;
  /** A cell for each day and project of `days`; those of a project sum to what is shown of it. */
  readonly days: readonly ShownDay[];
}

export interface ShownDay {
  readonly day: string;
  readonly projects: ReadonlyMap<string, ShownSpend>;
}

export function shownSpends({ total, levels, days }: Pick<Report, 'total' | 'levels' | 'days'>): ShownSpends {
  const owners = levels.filter(({ level }) => level === 'project' || level === 'none');
  const whole = shownSpend(total);
  const shown = new Map<LevelReport, ShownSpend>();
  for (const [index, parts] of within(owners, total, whole).entries()) {
    const owner = owners[index];
    if (owner !== undefined) shown.set(owner, parts);
  }
  for (const project of owners) {
    const models = levels.filter(({ level, within }) => level === 'model' && within === project.name);
    const parts = within([...models, restOf(project, models)], project, shown.get(project) ?? ZERO_SPEND);
    for (const [index, model] of models.entries()) shown.set(model, parts[index] ?? ZERO_SPEND);
  }
  for (const team of levels.filter(({ level }) => level === 'team')) {
    const own = owners.filter(({ within }) => within === team.name);
    if (isSum(team, own)) shown.set(team, sumOf(own.map((one) => shown.get(one) ?? ZERO_SPEND)));
  }
  return {
    total: whole,
    of: (level) => shown.get(level) ?? shownSpend(level),
    days: daysInCents(days, new Map(owners.map((one) => [one.name, { exact: one, shown: shown.get(one) }]))),
  };
}

type Amounts = Pick<SpendFigures, 'billed' | 'estimated'>;

const ZERO_SPEND: ShownSpend = { billed: ZERO_USD, estimated: ZERO_USD, spent: ZERO_USD };

const shownSpend = ({ billed, estimated }: Amounts): ShownSpend => {
  const [a = ZERO_USD, b = ZERO_USD] = inCents([billed, estimated]);
  return { billed: a, estimated: b, spent: sumUsd([a, b]) };
};

const sumOf = (spends: readonly ShownSpend[]): ShownSpend => {
  const [billed, estimated] = [
    sumUsd(spends.map((one) => one.billed)),
    sumUsd(spends.map((one) => one.estimated)),
  ];
  return { billed, estimated, spent: sumUsd([billed, estimated]) };
};

const isSum = (whole: Amounts, parts: readonly Amounts[]): boolean =>
  sumUsd(parts.map(({ billed }) => billed)) === whole.billed &&
  sumUsd(parts.map(({ estimated }) => estimated)) === whole.estimated;

const restOf = (whole: Amounts, parts: readonly Amounts[]): Amounts => ({
  billed: microUsd(whole.billed - sumUsd(parts.map(({ billed }) => billed))),
  estimated: microUsd(whole.estimated - sumUsd(parts.map(({ estimated }) => estimated))),
});

/** Parts whose shown amounts sum to what is shown of the whole; each by itself where they are not its parts. */
function within(parts: readonly Amounts[], whole: Amounts, shown: ShownSpend): readonly ShownSpend[] {
  if (!isSum(whole, parts)) return parts.map(shownSpend);
  const billed = centsOf(
    parts.map((one) => one.billed),
    shown.billed,
  );
  const estimated = centsOf(
    parts.map((one) => one.estimated),
    shown.estimated,
  );
  return parts.map((_, index) => {
    const [a, b] = [billed[index] ?? ZERO_USD, estimated[index] ?? ZERO_USD];
    return { billed: a, estimated: b, spent: sumUsd([a, b]) };
  });
}

function daysInCents(
  days: readonly DayReport[],
  owners: ReadonlyMap<string, { readonly exact: Amounts; readonly shown: ShownSpend | undefined }>,
): readonly ShownDay[] {
  const cells = days.map(({ day }) => ({ day, projects: new Map<string, ShownSpend>() }));
  for (const project of new Set(days.flatMap((day) => [...day.projects.keys()]))) {
    const own = days.map((day) => day.projects.get(project) ?? ZERO_SPEND);
    const whole = sumOf(own.map((one) => ({ ...one, spent: ZERO_USD })));
    const owner = owners.get(project);
    const known = owner?.shown !== undefined && isSum(owner.exact, own) ? owner.shown : undefined;
    const parts = within(own, whole, known ?? shownSpend(whole));
    for (const [index, cell] of cells.entries()) {
      if (days[index]?.projects.has(project) === true) cell.projects.set(project, parts[index] ?? ZERO_SPEND);
    }
  }
  return cells;
}

/** A change between two amounts as they are shown. */
export const shownChange = (before: Usd, now: Usd): Usd => microUsd(toCent(now) - toCent(before));
