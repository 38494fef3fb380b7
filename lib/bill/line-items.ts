import type { Charge, CostMatch } from '../policy/allocation.ts';
import { CHARGES } from '../policy/allocation.ts';
import {
  type Bill,
  type ChargeTotal,
  type CostLine,
  type DimensionLine,
  dimensionText,
} from '../types/cost.ts';
import { ascending } from '../types/lists.ts';
import { formatUsd, microUsd, type Usd } from '../types/money.ts';
import { BillError } from './bill-error.ts';
import { isSpend } from './charges.ts';
import { type Pico, parsePico, roundParts, roundPico, sumPico } from './line-items-round.ts';
import type { BillQuestion } from './question.ts';
import { serviceName } from './services.ts';
import { dimensionLinesSql, type Facts, factsSql, linesSql } from './sql.ts';
import { type Columns, readerOf } from './sql-columns.ts';
import type { Dialect } from './sql-dialect.ts';
import type { Format, Kind } from './sql-format.ts';

/** An engine that knows the lines of a bill as `costs` (`sql.ts`). */
export interface LineItems {
  readonly format: Format;
  readonly columns: Columns;
  readonly dialect: Dialect;
  /** Rows of a statement, all of them texts or NULL. */
  readonly ask: (statement: string) => Promise<readonly Row[]>;
  /** What else should be known of the bill, once it is read: sentences. */
  readonly notes: () => readonly string[];
}

export type Row = readonly (string | null)[];

/**
 * Reads the bill from line items: a statement for the facts, one for the lines and one for each dimension. Sums are
 * exact, and rounded to micro-dollars at the end so that lines, dimensions and charges all come to the same total.
 * @throws BillError where the bill is in another currency than USD, or an answer is no such bill's
 */
export async function billFromLineItems(
  source: Bill['source'],
  items: LineItems,
  question: BillQuestion,
): Promise<Bill> {
  const facts = factsOf(items.format, await items.ask(factsSql(question)));
  refuseOtherCurrencies(facts);
  const known: Facts = {
    kinds: facts.filter(({ inside }) => inside).map(({ kind }) => kind),
    services: [...new Set(facts.map(({ service }) => service))].sort(),
  };
  const kinds = dedupe(known.kinds);
  const lines = linesOf(await items.ask(linesSql(question, { ...known, kinds })), question);
  const dimensions = new Map<string, readonly DimensionLine[]>();
  for (const [index, dimension] of question.dimensions.entries()) {
    const rows = await items.ask(dimensionLinesSql(question, { ...known, kinds }, index));
    dimensions.set(dimensionText(dimension), dimensionLinesOf(rows, lines, question));
  }
  return {
    source,
    from: question.from,
    to: question.to,
    lines,
    dimensions,
    charges: chargesOf(facts, items.format),
    notes: [...notesOf(facts, items, question), ...items.notes()],
  };
}

interface Fact {
  readonly kind: Kind & { readonly charge: Charge };
  readonly service: string;
  readonly currency: string;
  /** Whether it is of the days that are asked for. */
  readonly inside: boolean;
  readonly count: number;
  readonly amortized: Pico;
  readonly unblended: Pico;
}

const factsOf = (format: Format, rows: readonly Row[]): readonly Fact[] =>
  rows.map((row) => {
    const [called, className, commitment, service, currency, inside, count, amortized, unblended] = row;
    const kind = { called: called ?? '', className: className ?? '', commitment: commitment ?? '' };
    return {
      kind: { ...kind, charge: format.chargeOf(kind) },
      service: service ?? '',
      currency: currency ?? '',
      inside: inside === '1',
      count: Number(count),
      amortized: amount(amortized),
      unblended: amount(unblended),
    };
  });

function amount(text: string | null | undefined): Pico {
  const read = parsePico(text ?? '');
  if (read === undefined) throw new BillError(`The engine answered ${JSON.stringify(text)} for an amount.`);
  return read;
}

const kindKey = ({ called, className, commitment }: Kind): string =>
  JSON.stringify([called, className, commitment]);

const dedupe = (kinds: Facts['kinds']): Facts['kinds'] =>
  [...new Map(kinds.map((kind) => [kindKey(kind), kind]))]
    .sort(([a], [b]) => ascending(a, b))
    .map(([, kind]) => kind);

function refuseOtherCurrencies(facts: readonly Fact[]): void {
  // Lines without a currency are of taxes and credits at times, in the bill's own.
  const others = facts.filter(({ currency }) => currency !== '' && currency !== 'USD');
  if (others.length === 0) return;
  const names = [...new Set(others.map(({ currency }) => currency))].sort();
  const count = others.reduce((sum, fact) => sum + fact.count, 0);
  throw new BillError(
    `The bill has ${counted(count, 'line')} in ${names.join(', ')}, and budgets are in USD. Export a bill in USD.`,
  );
}

const CHARGE_NAMES: ReadonlyMap<string, Charge> = new Map(CHARGES.map((charge) => [charge, charge]));

/** What a line or dimension stands for, and its exact cost. */
interface Part<Key> {
  readonly key: Key;
  readonly sortedBy: string;
  readonly cost: Pico;
}

/** Parts of the same key are one; sorted, so that rounding is the same whatever the order of the rows. */
function merged<Key>(parts: readonly Part<Key>[]): readonly Part<Key>[] {
  const bySort = Map.groupBy(parts, ({ sortedBy }) => sortedBy);
  return [...bySort.values()]
    .flatMap(([first, ...more]) =>
      first === undefined ? [] : [{ ...first, cost: sumPico([first.cost, ...more.map(({ cost }) => cost)]) }],
    )
    .sort((a, b) => ascending(a.sortedBy, b.sortedBy));
}

const part = <Key extends object>(key: Key, cost: Pico): Part<Key> => ({
  key,
  sortedBy: JSON.stringify(Object.values(key)),
  cost,
});

function ruleOf(text: string | null | undefined, { rules }: BillQuestion): string | undefined {
  return text === null || text === undefined ? undefined : rules[Number(text)]?.name;
}

function linesOf(rows: readonly Row[], question: BillQuestion): readonly CostLine[] {
  const parts = merged(
    rows.map(([day, project, rule, service, charge, cost]) =>
      part(
        {
          day: day ?? '',
          project: project ?? '',
          rule: ruleOf(rule, question),
          service: serviceName(service ?? ''),
          charge: CHARGE_NAMES.get(charge ?? '') ?? 'other',
        },
        amount(cost),
      ),
    ),
  );
  const costs = roundParts(
    parts.map(({ cost }) => cost),
    roundPico(sumPico(parts.map(({ cost }) => cost))),
  );
  return parts
    .map(({ key }, index) => ({ ...key, cost: at(costs, index) }))
    .filter(({ cost }) => cost !== 0n);
}

/** Rounded so that each day, project and rule comes to what its lines come to. */
function dimensionLinesOf(
  rows: readonly Row[],
  lines: readonly CostLine[],
  question: BillQuestion,
): readonly DimensionLine[] {
  const place = ({ day, project, rule }: Pick<CostLine, 'day' | 'project' | 'rule'>): string =>
    JSON.stringify([day, project, rule ?? null]);
  const wholes = new Map<string, bigint>();
  for (const line of lines) wholes.set(place(line), (wholes.get(place(line)) ?? 0n) + line.cost);
  const parts = merged(
    rows.map(([day, project, rule, value, cost]) =>
      part(
        { day: day ?? '', project: project ?? '', rule: ruleOf(rule, question), value: value ?? '' },
        amount(cost),
      ),
    ),
  );
  return [...Map.groupBy(parts, ({ key }) => place(key))].flatMap(([name, group]) => {
    const costs = roundParts(
      group.map(({ cost }) => cost),
      microOf(wholes.get(name)),
    );
    return group
      .map(({ key }, index) => ({ ...key, cost: at(costs, index) }))
      .filter(({ cost }) => cost !== 0n);
  });
}

/** The charges of the days that were asked for; those that are spend come to what the lines come to. */
function chargesOf(facts: readonly Fact[], format: Format): readonly ChargeTotal[] {
  const byKind = Map.groupBy(
    facts.filter(({ inside }) => inside),
    ({ kind }) => kindKey(kind),
  );
  const totals = [...byKind.entries()]
    .sort(([a], [b]) => ascending(a, b))
    .flatMap(([, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      const { kind } = first;
      const amortized = sumPico(group.map((fact) => fact.amortized));
      const unblended = sumPico(group.map((fact) => fact.unblended));
      return [{ kind, amortized, unblended }];
    });
  const rounded = [true, false].flatMap((spend) => {
    const some = totals.filter(({ kind }) => isSpend(kind.charge) === spend);
    return columnsRounded(some).map(
      ([{ kind }, amortized, unblended]): ChargeTotal => ({
        charge: kind.charge,
        called: format.calledText(kind),
        amortized,
        unblended,
        isSpend: spend,
      }),
    );
  });
  return rounded.sort((a, b) => ascending(a.called, b.called));
}

function columnsRounded<Total extends { readonly amortized: Pico; readonly unblended: Pico }>(
  totals: readonly Total[],
): readonly (readonly [Total, Usd, Usd])[] {
  const [amortized, unblended] = (['amortized', 'unblended'] as const).map((name) => {
    const parts = totals.map((total) => total[name]);
    return roundParts(parts, roundPico(sumPico(parts)));
  });
  return totals.map((total, index) => [total, at(amortized ?? [], index), at(unblended ?? [], index)]);
}

const at = (amounts: readonly Usd[], index: number): Usd => amounts[index] ?? microOf(0n);
const microOf = (amount: bigint | undefined): Usd => microUsd(amount ?? 0n);

function notesOf(facts: readonly Fact[], items: LineItems, question: BillQuestion): readonly string[] {
  const { format, columns, dialect } = items;
  const read = readerOf(columns, dialect);
  const inside = facts.filter((fact) => fact.inside);
  const outside = facts.filter((fact) => !fact.inside);
  const lineCount = (some: readonly Fact[]): number => some.reduce((sum, { count }) => sum + count, 0);
  const outsideCost = roundPico(
    sumPico(outside.filter(({ kind }) => isSpend(kind.charge)).map(({ amortized }) => amortized)),
  );
  const unknown = [
    ...new Set(inside.filter(({ kind }) => kind.charge === 'other').map(({ kind }) => kind.called)),
  ];
  return [
    `${counted(lineCount(inside), 'line')} of ${format.title} read.`,
    ...(outside.length === 0
      ? []
      : [
          `${counted(lineCount(outside), 'line')} of other days left out, ${formatUsd(outsideCost)}: the bill has them, but they are not from ${question.from} to ${question.to}.`,
        ]),
    ...(unknown.length === 0
      ? []
      : [`Kinds of lines that are not known, counted as spend: ${unknown.sort().map(quoted).join(', ')}.`]),
    ...format.approximations(
      read,
      inside.map(({ kind }) => kind),
    ),
    ...(format.tagColumns.some((name) => read.has(name)) || hasTagColumns(columns)
      ? []
      : [
          `The bill has no column ${format.tagColumns[0]}, so that nothing carries a project. Add it to the export.`,
        ]),
    ...missingForRules(items, question),
    ...missingForDimensions(items, question),
  ];
}

const hasTagColumns = (columns: Columns): boolean =>
  [...columns.keys()].some((name) => name.startsWith('resource_tags_'));

function missingForRules(
  { format, columns, dialect }: LineItems,
  { rules }: BillQuestion,
): readonly string[] {
  const read = readerOf(columns, dialect);
  const asks = (match: CostMatch): readonly string[] =>
    (['account', 'region', 'usageType', 'resource'] as const)
      .filter((key) => match[key] !== undefined && !format.match[key].some((name) => read.has(name)))
      .map((key) => format.match[key][0] ?? key);
  return rules.flatMap(({ name, match }) =>
    asks(match).map(
      (column) =>
        `The rule ${quoted(name)} matches nothing, as the bill has no column ${column}. Add it to the export.`,
    ),
  );
}

function missingForDimensions(
  { format, columns, dialect }: LineItems,
  { dimensions }: BillQuestion,
): readonly string[] {
  const read = readerOf(columns, dialect);
  const wantsCategory = dimensions.some(({ of }) => of === 'category');
  const has =
    format.categoryColumns.some((name) => read.has(name)) ||
    [...columns.keys()].some((name) => name.startsWith('cost_category_'));
  return wantsCategory && !has
    ? [
        `The bill has no column ${format.categoryColumns[0]}, so that nothing has a cost category. Add it to the export.`,
      ]
    : [];
}

const quoted = (text: string): string => `"${text}"`;
const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? what : `${what}s`}`;
