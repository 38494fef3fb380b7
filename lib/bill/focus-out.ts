import { daysBefore, monthsBefore } from '../meter/days.ts';
import type { Charge, SharedRule } from '../policy/allocation.ts';
import type { Allocation } from '../types/allocation.ts';
import { assertNever } from '../types/assert-never.ts';
import type { Bill, CostLine } from '../types/cost.ts';
import { sumUsd, type Usd, usdToDecimal } from '../types/money.ts';
import { serviceCategory } from './focus-out-services.ts';

/*
 * The allocation as rows of FOCUS 1.0 (FinOps Open Cost and Usage Specification), all its mandatory columns and what
 * conditional ones Bursar knows, so that other tools read who pays what. What is approximated:
 *
 * - All four costs are the amortized one: Bursar knows no list price and no invoice of a part. Aggregates of BilledCost
 *   are hence not those of the invoice; EffectiveCost is right.
 * - Credits and refunds are in no row, as they are in no budget.
 * - PricingQuantity and PricingUnit are null, also where the specification wants them (usage and purchases): a share of a
 *   cost is no quantity of anything.
 * - A part of a shared cost of several services is called by its rule.
 */

export interface FocusInput {
  readonly bill: Bill;
  readonly allocation: Allocation;
  /** Those that the costs were allocated by. */
  readonly rules: readonly SharedRule[];
  /** The AWS account that pays. */
  readonly account: string;
  readonly tagKey: string;
}

/** A row, by the names of its columns; null is what it does not have. */
export type FocusRow = Readonly<Record<FocusColumn, string | null>>;

/** Columns in the order in which they are written. */
export const FOCUS_COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
  'SubAccountId',
  'SubAccountName',
  'Tags',
  'x_AllocatedProject',
  'x_AllocationMethod',
  'x_AllocationRule',
] as const;
export type FocusColumn = (typeof FOCUS_COLUMNS)[number];

/** Columns of money, whose values are exact decimals in USD. */
export const FOCUS_COSTS: readonly FocusColumn[] = [
  'BilledCost',
  'ContractedCost',
  'EffectiveCost',
  'ListCost',
];
/** Columns of times, ISO 8601 in UTC. */
export const FOCUS_TIMES: readonly FocusColumn[] = [
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargePeriodEnd',
  'ChargePeriodStart',
];

/** What a row is made of. */
interface Part {
  /** UTC. */
  readonly day: string;
  readonly project: string | undefined;
  readonly service: string;
  readonly charge: Charge;
  readonly rule: string | undefined;
  readonly method: string;
  readonly description: string;
  readonly cost: Usd;
}

/**
 * Rows of FOCUS: what each project costs directly by day, service and charge, its parts of shared costs by day and rule,
 * what is idle, and what has no owner. Their sum is the total of the allocation.
 * @throws Error where it is not: the bill is not the one that was allocated
 */
export function focusRows(input: FocusInput): readonly FocusRow[] {
  const parts = [...linesOfOwners(input), ...partsOfRules(input)].filter(({ cost }) => cost !== 0n);
  const total = sumUsd(parts.map(({ cost }) => cost));
  if (total !== input.allocation.total) {
    throw new Error(
      `rows of FOCUS come to ${usdToDecimal(total)} and the allocation to ${usdToDecimal(input.allocation.total)}`,
    );
  }
  return parts.map((part) => rowOf(part, input));
}

/** What no rule placed: it stays with its project, or has none. */
function linesOfOwners({ bill, rules }: FocusInput): readonly Part[] {
  const names = new Set(rules.map(({ name }) => name));
  return bill.lines
    .filter(({ rule }) => rule === undefined || !names.has(rule))
    .map(({ day, project, service, charge, cost }) => ({
      day,
      project: project === '' ? undefined : project,
      service,
      charge,
      rule: undefined,
      method: project === '' ? 'unowned' : 'tag',
      description: project === '' ? `${service}, without a project` : service,
      cost,
    }));
}

function partsOfRules({ bill, allocation, rules }: FocusInput): readonly Part[] {
  const lines = Map.groupBy(bill.lines, ({ rule }) => rule);
  return rules.flatMap((rule) => {
    const { name } = rule;
    const byDay = allocation.rules.find((one) => one.rule === name)?.byDay ?? [];
    const common = { ...sharedName(rule, lines.get(name) ?? []), rule: name };
    return [...byDay].flatMap(([day, { shares, idle }]): readonly Part[] => [
      ...[...shares].map(([project, cost]) => ({
        ...common,
        day,
        project,
        method: methodOf(rule),
        description: `Part of the shared costs "${name}"`,
        cost,
      })),
      {
        ...common,
        day,
        project: undefined,
        method: 'idle',
        description: `Unused part of the shared costs "${name}"`,
        cost: idle,
      },
    ]);
  });
}

/** What a part of a rule is called: as all that it is of is, where that is one service and one kind of charge. */
function sharedName(
  { name }: SharedRule,
  lines: readonly CostLine[],
): { readonly service: string; readonly charge: Charge } {
  const services = new Set(lines.map(({ service }) => service));
  const charges = new Set(lines.map(({ charge }) => charge));
  const [service = ''] = services;
  const [charge = 'usage'] = charges;
  return {
    service: services.size === 1 && service !== '' ? service : `Shared costs (${name})`,
    charge: charges.size === 1 ? charge : 'usage',
  };
}

function methodOf({ split }: SharedRule): string {
  switch (split.by) {
    case 'project':
    case 'even':
    case 'weights':
    case 'direct':
      return split.by;
    case 'usage':
      return `usage: ${split.usage}`;
    default:
      return assertNever(split);
  }
}

function rowOf(part: Part, { account, tagKey }: FocusInput): FocusRow {
  const cost = usdToDecimal(part.cost);
  return {
    BilledCost: cost,
    BillingAccountId: account,
    BillingAccountName: null,
    BillingCurrency: 'USD',
    BillingPeriodEnd: midnight(`${monthsBefore(new Date(part.day), -1)}-01`),
    BillingPeriodStart: midnight(`${part.day.slice(0, 7)}-01`),
    ...categoryOf(part.charge),
    ChargeDescription: part.description,
    ChargePeriodEnd: midnight(daysBefore(part.day, -1)),
    ChargePeriodStart: midnight(part.day),
    ContractedCost: cost,
    EffectiveCost: cost,
    InvoiceIssuerName: 'Amazon Web Services',
    ListCost: cost,
    PricingQuantity: null,
    PricingUnit: null,
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    ServiceCategory: serviceCategory(part.service),
    ServiceName: part.service === '' ? 'Other' : part.service,
    // Lines of a bill are of all accounts together.
    SubAccountId: null,
    SubAccountName: null,
    Tags: JSON.stringify(part.project === undefined ? {} : { [tagKey]: part.project }),
    x_AllocatedProject: part.project ?? null,
    x_AllocationMethod: part.method,
    x_AllocationRule: part.rule ?? null,
  };
}

/** FOCUS's words for a charge. What of a commitment nobody used is usage there, as all amortized cost is. */
function categoryOf(charge: Charge): Pick<FocusRow, 'ChargeCategory' | 'ChargeClass' | 'ChargeFrequency'> {
  const row = (ChargeCategory: string, ChargeFrequency: string, ChargeClass: string | null = null) => ({
    ChargeCategory,
    ChargeClass,
    ChargeFrequency,
  });
  switch (charge) {
    case 'usage':
    case 'commitment':
    case 'other':
      return row('Usage', 'Usage-Based');
    case 'tax':
      return row('Tax', 'Recurring');
    case 'fee':
      return row('Purchase', 'Recurring');
    case 'discount':
      return row('Adjustment', 'Usage-Based');
    case 'credit':
      return row('Credit', 'One-Time');
    case 'refund':
      return row('Usage', 'One-Time', 'Correction');
    default:
      return assertNever(charge);
  }
}

const midnight = (day: string): string => `${day}T00:00:00Z`;

/** CSV (RFC 4180) of rows, with a header; line by line. */
export function* focusCsv(rows: Iterable<FocusRow>): Iterable<string> {
  yield `${FOCUS_COLUMNS.join(',')}\r\n`;
  for (const row of rows) yield `${FOCUS_COLUMNS.map((name) => csvField(row[name])).join(',')}\r\n`;
}

/** Null is nothing; an empty text would be two quotes. */
const csvField = (value: string | null): string => {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
};
