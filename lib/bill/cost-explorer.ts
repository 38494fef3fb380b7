import type { CostExplorerClient, GroupDefinition } from '@aws-sdk/client-cost-explorer';
import { amountOf, byTag, type CostRow, gross, valueOfGroup } from '../fleet/cost-pages.ts';
import { daysBefore } from '../meter/days.ts';
import type { Charge } from '../policy/allocation.ts';
import { assertNever } from '../types/assert-never.ts';
import {
  type Bill,
  type ChargeTotal,
  type CostLine,
  type Dimension,
  type DimensionLine,
  dimensionText,
} from '../types/cost.ts';
import { formatUsd, microUsd, sumUsd, type Usd, usdToDecimal, ZERO_USD } from '../types/money.ts';
import { SPEND_METRIC } from '../types/spend-basis.ts';
import { BillError } from './bill-error.ts';
import { chargeOfRecordType, isSpend } from './charges.ts';
import { type Asker, createAsker } from './cost-explorer-ask.ts';
import { every, filtersOf, placesOfPatterns, placeText, type RuleFilter } from './cost-explorer-filters.ts';
import { byProject, fitted } from './fitted.ts';
import { lineCharge } from './line-charge.ts';
import type { BillQuestion } from './question.ts';
import { serviceName } from './services.ts';

/** Each page of an answer is a request (AWS Cost Management pricing). */
const PRICE: Usd = microUsd(10_000n);

/** As invoiced. */
const INVOICED_METRIC = 'UnblendedCost';

/**
 * The bill by project, service and rule, a question for each rule and one for all that no rule means. In the management
 * account of an organisation it is that of all its accounts.
 * @throws BillError, one line: rules that need line items, a span that Cost Explorer does not know, no permission; and
 * whatever else is answered, or not, on the way to AWS
 */
export async function readBillFromCostExplorer(
  client: CostExplorerClient,
  question: BillQuestion,
  pauses?: readonly number[],
): Promise<Bill> {
  const { from, to, tagKey, rules } = question;
  check(question);
  const asker = createAsker(client, { Start: from, End: daysBefore(to, -1) }, pauses);

  const charges = await readCharges(asker);
  const values = new Map<string, readonly string[]>();
  for (const place of placesOfPatterns(rules, tagKey))
    values.set(placeText(place), await asker.values(place));
  const recordTypes = new Map(charges.totals.map(({ called, charge }) => [called, charge]));
  const filters = filtersOf(rules, { tagKey, recordTypes, values });

  const present = new Set(charges.totals.map(({ charge }) => charge));
  const read = await readLines(asker, filters, tagKey, present);
  const dimensions = new Map<string, readonly DimensionLine[]>();
  const notes: string[] = [];
  for (const dimension of question.dimensions) {
    const name = dimensionText(dimension);
    if (dimensions.has(name)) continue;
    const told = await readDimension(asker, filters, tagKey, dimension, read.lines);
    const { lines, moved } = fitted(told, read.lines);
    dimensions.set(name, lines);
    if (moved !== ZERO_USD) {
      notes.push(
        `By ${name} Cost Explorer tells of other sums than by service: ${formatUsd(moved)} are shown as without it.`,
      );
    }
  }
  return {
    source: 'cost-explorer',
    from,
    to,
    lines: read.lines,
    dimensions,
    charges: charges.totals,
    notes: [
      `Cost Explorer was asked ${asker.requests()} times, for ${formatUsd(microUsd(BigInt(asker.requests()) * PRICE))}.`,
      ...notes,
      ...differenceNotes(charges, read),
      ...tagNotes(read.lines, tagKey),
    ],
  };
}

function check({ from, to, rules }: BillQuestion): void {
  if (from > to) throw new BillError(`The span of the bill ends on ${to}, before it begins on ${from}.`);
  const byResource = rules.find(({ match }) => match.resource !== undefined);
  if (byResource !== undefined) {
    throw new BillError(
      `The rule "${byResource.name}" of \`allocation.shared\` matches by resource, of which Cost Explorer does not tell. Give line items by \`allocation.bill\`, or match by service, tag, account, region or usage type.`,
    );
  }
}

interface Charges {
  readonly totals: readonly ChargeTotal[];
  readonly rows: number;
}

async function readCharges(asker: Asker): Promise<Charges> {
  const rows = await asker.rows({
    Granularity: 'MONTHLY',
    GroupBy: [{ Type: 'DIMENSION', Key: 'RECORD_TYPE' }],
    Metrics: [SPEND_METRIC, INVOICED_METRIC],
  });
  const byName = Map.groupBy(rows, ({ keys: [called = ''] }) => called);
  const totals = [...byName].map(([called, some]): ChargeTotal => {
    const charge = chargeOfRecordType(called);
    const sum = (metric: string) => sumUsd(some.map(({ amounts }) => amountOf(amounts, metric)));
    return {
      charge,
      called,
      amortized: sum(SPEND_METRIC),
      unblended: sum(INVOICED_METRIC),
      isSpend: isSpend(charge),
    };
  });
  return { totals: totals.toSorted((a, b) => (a.called < b.called ? -1 : 1)), rows: rows.length };
}

const askFor = (
  asker: Asker,
  { filter }: RuleFilter,
  GroupBy: GroupDefinition[],
): Promise<readonly CostRow[]> => {
  const Filter = every([gross(), filter]);
  return asker.rows({
    Granularity: 'DAILY',
    GroupBy,
    Metrics: [SPEND_METRIC],
    ...(Filter === undefined ? {} : { Filter }),
  });
};

interface Lines {
  readonly lines: readonly CostLine[];
  readonly rows: number;
}

async function readLines(
  asker: Asker,
  filters: readonly RuleFilter[],
  tagKey: string,
  present: ReadonlySet<Charge>,
): Promise<Lines> {
  const lines: CostLine[] = [];
  let count = 0;
  for (const one of filters) {
    const rows = await askFor(asker, one, [byTag(tagKey), { Type: 'DIMENSION', Key: 'SERVICE' }]);
    count += rows.length;
    for (const [key, cost] of sums(rows, ([tag = '', service = '']) => [
      valueOfGroup(tag, tagKey),
      serviceName(service),
    ])) {
      const [day, project, service] = key;
      const charge = lineCharge(service, one.rule?.match, present);
      lines.push({ day, project, rule: one.rule?.name, service, charge, cost });
    }
  }
  return { lines, rows: count };
}

async function readDimension(
  asker: Asker,
  filters: readonly RuleFilter[],
  tagKey: string,
  dimension: Dimension,
  known: readonly CostLine[],
): Promise<readonly DimensionLine[]> {
  if (isProjectTag(dimension, tagKey)) return byProject(known);
  const { group, name } = groupOf(dimension);
  const lines: DimensionLine[] = [];
  for (const one of filters) {
    const rows = await askFor(asker, one, [byTag(tagKey), group]);
    for (const [key, cost] of sums(rows, ([tag = '', value = '']) => [
      valueOfGroup(tag, tagKey),
      valueOfGroup(value, name),
    ])) {
      const [day, project, value] = key;
      lines.push({ day, project, rule: one.rule?.name, value, cost });
    }
  }
  return lines;
}

const isProjectTag = (dimension: Dimension, tagKey: string): boolean =>
  dimension.of === 'tag' && dimension.key === tagKey;

function groupOf(dimension: Dimension): { readonly group: GroupDefinition; readonly name: string } {
  switch (dimension.of) {
    case 'tag':
      return { group: byTag(dimension.key), name: dimension.key };
    case 'category':
      return { group: { Type: 'COST_CATEGORY', Key: dimension.name }, name: dimension.name };
    default:
      return assertNever(dimension);
  }
}

/** By day and two keys; what comes to nothing is left out. */
function sums(
  rows: readonly CostRow[],
  keysOf: (keys: readonly string[]) => readonly [string, string],
): readonly [readonly [string, string, string], Usd][] {
  const found = new Map<string, [readonly [string, string, string], Usd]>();
  for (const { start, keys, amounts } of rows) {
    const key = [start, ...keysOf(keys)] as const;
    const text = JSON.stringify(key);
    const before = found.get(text)?.[1] ?? ZERO_USD;
    found.set(text, [key, microUsd(before + amountOf(amounts, SPEND_METRIC))]);
  }
  return [...found.values()].filter(([, cost]) => cost !== 0n);
}

/** By rule and by charge it must come to the same, but for the rounding of each amount to the micro-dollar. */
function differenceNotes({ totals, rows }: Charges, read: Lines): readonly string[] {
  const byCharge = sumUsd(totals.flatMap(({ isSpend: counts, amortized }) => (counts ? [amortized] : [])));
  const byRule = sumUsd(read.lines.map(({ cost }) => cost));
  const difference = microUsd(byRule - byCharge);
  const rounding = BigInt(rows + read.rows);
  if (difference <= rounding && -difference <= rounding) return [];
  return [
    `The answers of Cost Explorer differ by $${usdToDecimal(microUsd(difference < 0n ? -difference : difference))}: it tells of ${formatUsd(byRule)} by rule, and of ${formatUsd(byCharge)} as a whole. It may have been updated in between: read the bill again.`,
  ];
}

function tagNotes(lines: readonly CostLine[], tagKey: string): readonly string[] {
  if (lines.length === 0 || lines.some(({ project }) => project !== '')) return [];
  return [
    `No cost carries the tag ${tagKey}. Activate it as a cost allocation tag in the Billing console; costs before that do not carry it.`,
  ];
}
