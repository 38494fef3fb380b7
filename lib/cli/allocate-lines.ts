import { counted, countText, percentOfWhole } from '../allocate/words.ts';
import { printable } from '../policy/words.ts';
import { tableInCents, toCent } from '../report/cents.ts';
import { type ShownAllocation, shownAllocation } from '../report/shown.ts';
import type { Allocation, DimensionCosts, Reconciliation, RuleOutcome } from '../types/allocation.ts';
import { formatUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { Io } from './io.ts';
import { type Cell, plainColumns, table, wrap } from './table.ts';

type Width = Pick<Io, 'outColours' | 'width'>;

/** An allocation for people: who pays what, how each shared cost was split, and whether the whole is what was billed. */
export function allocateLines(
  allocation: Allocation,
  notes: readonly string[],
  io: Width,
): readonly string[] {
  const { bold } = io.outColours;
  const { from, to, rules, dimensions, reconciliation } = allocation;
  const title = `Allocation of ${formatUsd(allocation.total)}, ${from} to ${to} (UTC), by ${SOURCES[allocation.source]}`;
  const shown = shownAllocation(allocation);
  return [
    bold(title),
    '',
    ...projectTable(shown, io),
    ...rules.flatMap((rule) => ['', ...ruleLines(rule, shown, io)]),
    ...unownedLines(shown, io),
    ...[...dimensions].flatMap(([name, values]) => ['', ...dimensionLines(name, values, io)]),
    '',
    ...reconciliationLines(reconciliation, io),
    ...noteLines([...allocation.notes, ...notes], io),
  ];
}

const SOURCES: Readonly<Record<Allocation['source'], string>> = {
  'cost-explorer': 'Cost Explorer',
  cur2: 'CUR 2.0',
  focus: 'FOCUS',
  athena: 'Athena',
  ledger: 'what Cost Explorer last told Bursar',
};

const plain = (text: string): Cell => ({ text });
const NONE = '–';
const usd = (amount: Usd): Cell => plain(amount === 0n ? NONE : formatUsd(amount));

/** More rules than these stand in one column together; each is told of below. */
const RULE_COLUMNS = 3;
/** Columns of a terminal that has no room for these. */
const NARROW = 110;

const percentText = (part: Usd, whole: Usd): string => `${percentOfWhole(part, whole).toFixed(1)}%`;

function projectTable(shown: ShownAllocation, { outColours, width }: Width): readonly string[] {
  const { dim, yellow, bold } = outColours;
  const hasTeams = shown.projects.some(({ team }) => team !== undefined);
  const isWide = shown.rules.length <= (width !== undefined && width < NARROW ? 1 : RULE_COLUMNS);
  const columns = isWide ? shown.rules : ['shared'];
  const row = (
    name: Cell,
    team: string,
    direct: Usd,
    shared: readonly Usd[],
    total: Usd,
  ): readonly Cell[] => [
    name,
    ...(hasTeams ? [plain(team)] : []),
    usd(direct),
    ...(isWide ? shared : [sumUsd(shared)]).map(usd),
    plain(formatUsd(total)),
    plain(shown.total <= 0n ? NONE : percentText(total, shown.total)),
  ];
  const nothing = shown.rules.map(() => ZERO_USD);
  return table(
    [
      { title: 'PROJECT', max: 40 },
      ...(hasTeams ? [{ title: 'TEAM', max: 24 }] : []),
      { title: 'DIRECT', right: true },
      ...columns.map((rule) => ({ title: rule.toUpperCase(), right: true, max: 24 })),
      { title: 'TOTAL', right: true },
      { title: 'SHARE', right: true },
    ],
    [
      ...shown.projects.map(({ project, team, direct, shared, total }) =>
        row(plain(project), team ?? '', direct, shared, total),
      ),
      ...(shown.idle.total === 0n
        ? []
        : [row({ text: 'Idle', paint: yellow }, '', ZERO_USD, shown.idle.shared, shown.idle.total)]),
      ...(shown.unowned === 0n
        ? []
        : [row({ text: 'No project', paint: yellow }, '', shown.unowned, nothing, shown.unowned)]),
      row({ text: 'Total', paint: bold }, '', shown.columns.direct, shown.columns.shared, shown.total),
    ],
    { width: undefined, heading: dim },
  );
}

/** How one shared cost was split, with each share: the cents of the table above. */
function ruleLines(
  { rule, cost, explained, shares, idle, fallbacks, basisUnit }: RuleOutcome,
  shown: ShownAllocation,
  io: Width,
): readonly string[] {
  const { bold, yellow } = io.outColours;
  const column = shown.rules.indexOf(rule);
  const cents = new Map(shown.projects.map(({ project, shared }) => [project, shared[column]]));
  const hasInterval = shares.some(({ interval }) => interval !== undefined);
  const row = (
    name: Cell,
    amount: Usd | undefined,
    percent: number,
    basis?: number,
    between = '',
  ): readonly Cell[] => [
    name,
    plain(formatUsd(amount ?? ZERO_USD)),
    plain(`${percent.toFixed(1)}%`),
    ...(basisUnit === undefined
      ? []
      : [
          plain(
            basis === undefined
              ? ''
              : `${countText(basis)} ${basis === 1 ? basisUnit.replace(/s$/, '') : basisUnit}`,
          ),
        ]),
    ...(hasInterval ? [plain(between)] : []),
  ];
  if (cost === 0n && shares.length === 0) return [`${bold(rule)}: nothing on this bill`];
  return [
    `${bold(rule)}: ${formatUsd(shown.columns.shared[column] ?? cost)}`,
    ...sentences(explained, io, (text) => text),
    ...table(
      plainColumns(3 + (basisUnit === undefined ? 0 : 1) + (hasInterval ? 1 : 0), 1, 2),
      [
        ...shares.map(({ project, percent, basis, interval }) =>
          row(
            plain(project),
            cents.get(project),
            percent,
            basis,
            interval === undefined ? '' : `${formatUsd(interval.low)} to ${formatUsd(interval.high)}`,
          ),
        ),
        ...(idle === 0n
          ? []
          : [row({ text: 'idle', paint: yellow }, shown.idle.shared[column], percentOfWhole(idle, cost))]),
      ],
      { width: undefined },
    ),
    ...sentences(fallbacks, io, yellow),
  ];
}

function unownedLines({ unowned, unownedByService }: ShownAllocation, io: Width): readonly string[] {
  if (unownedByService.length === 0) return [];
  const { bold, dim } = io.outColours;
  const rows = unownedByService
    .slice(0, SERVICES)
    .map(({ service, cost }) => [plain(service), plain(formatUsd(cost))]);
  const left = unownedByService.length - rows.length;
  return [
    '',
    `${bold('No project')}: ${formatUsd(unowned)} that no rule under allocation places`,
    ...table(plainColumns(2, 1), rows, { width: undefined }),
    ...(left > 0 ? sentences([`And ${counted(left, 'more service')}; --json has all.`], io, dim) : []),
  ];
}

/** More services without an owner are counted alone. */
const SERVICES = 12;

function dimensionLines(name: string, values: readonly DimensionCosts[], io: Width): readonly string[] {
  const { bold, dim, yellow } = io.outColours;
  const { cells, rows, columns, total } = tableInCents(values.map(({ direct, shared }) => [direct, shared]));
  return [
    bold(`By ${name}`),
    ...table(
      [
        { title: name.toUpperCase(), max: 40 },
        { title: 'DIRECT', right: true },
        { title: 'SHARED', right: true },
        { title: 'TOTAL', right: true },
      ],
      [
        ...values.map(({ value }, index) => [
          value === '' ? { text: 'none', paint: yellow } : plain(value),
          ...(cells[index] ?? []).map(usd),
          plain(formatUsd(rows[index] ?? ZERO_USD)),
        ]),
        [{ text: 'Total', paint: bold }, ...columns.map(usd), plain(formatUsd(total))],
      ],
      { width: undefined, heading: dim },
    ),
  ];
}

function reconciliationLines(of: Reconciliation, io: Width): readonly string[] {
  const { bold, green, red, dim } = io.outColours;
  const { allocated, spend, difference, notSpend, invoiced, ledger } = of;
  const rows: (readonly Cell[])[] = [[plain('allocated'), plain(formatUsd(allocated))]];
  if (spend !== undefined) rows.push([plain('spend on the bill'), plain(formatUsd(spend))]);
  if (difference !== undefined) {
    const agrees = toCent(difference) === 0n;
    const paint = agrees ? green : red;
    rows.push([
      { text: 'difference', paint },
      { text: `${formatUsd(agrees ? ZERO_USD : difference)} ${agrees ? '✓' : '✗'}`, paint },
    ]);
  }
  if (spend !== undefined) rows.push([plain('credits and refunds'), plain(formatUsd(notSpend))]);
  if (invoiced !== undefined) rows.push([plain('invoiced, all charges'), plain(formatUsd(invoiced))]);
  if (ledger !== undefined) {
    rows.push([plain('known to Bursar as billed'), plain(formatUsd(ledger))]);
  }
  return [
    bold('Reconciled'),
    ...table(plainColumns(2, 1), rows, { width: undefined }),
    ...(difference === undefined
      ? sentences(['This source tells no total of its own to hold it against.'], io, dim)
      : []),
  ];
}

function noteLines(notes: readonly string[], io: Width): readonly string[] {
  return notes.length === 0 ? [] : ['', ...sentences(notes, io, io.outColours.dim)];
}

const sentences = (
  texts: readonly string[],
  { width }: Width,
  paint: (text: string) => string,
): readonly string[] =>
  texts.flatMap((text) =>
    wrap(printable(text), width === undefined ? Number.POSITIVE_INFINITY : Math.max(40, width - 2)).map(
      (line) => `  ${paint(line)}`,
    ),
  );
