import type { Charge, SharedRule } from '../policy/allocation.ts';
import { isSpend } from './charges.ts';
import type { BillQuestion } from './question.ts';
import { type Columns, readerOf } from './sql-columns.ts';
import { CUR2 } from './sql-cur2.ts';
import { anyOf, type Dialect, identifier, literal } from './sql-dialect.ts';
import { FOCUS } from './sql-focus.ts';
import { dimensionSql, type Format, type Kind } from './sql-format.ts';
import { ruleSql } from './sql-match.ts';

export const FORMATS: Readonly<Record<Format['name'], Format>> = { cur2: CUR2, focus: FOCUS };

/**
 * The lines of a bill in the columns that everything else is asked of: `day`, `project`, `service`, kind (`called`,
 * `class_name`, `commitment`), `currency`, what the rules match (`account`, …, `tag_0`, …), the dimensions (`value_0`,
 * …), and of all lines that are the same in these their number (`line_count`) and exact sums (`amortized`, `unblended`).
 * @param from a table, or what stands for one
 * @param where a condition on its columns; absent = all of it
 */
export function costsSql(
  { format, columns, dialect }: { format: Format; columns: Columns; dialect: Dialect },
  { tagKey, rules, dimensions }: BillQuestion,
  { from, where }: { from: string; where?: string },
): string {
  const read = readerOf(columns, dialect);
  const uses = (key: keyof SharedRule['match']): boolean =>
    rules.some(({ match }) => match[key] !== undefined);
  const keys: readonly (readonly [name: string, sql: string])[] = [
    ['day', read.day(format.day)],
    ['project', format.tag(read, tagKey)],
    ['service', format.service(read)],
    ['called', format.called(read)],
    ['class_name', format.className(read)],
    ['commitment', format.commitment(read)],
    ['currency', format.currency(read)],
    ['account', uses('account') ? read.text(...format.match.account) : "''"],
    ['region', uses('region') ? read.text(...format.match.region) : "''"],
    ['usage_type', uses('usageType') ? read.text(...format.match.usageType) : "''"],
    ['resource', uses('resource') ? read.text(...format.match.resource) : "''"],
    ...tagKeysOf(rules).map((key, index): [string, string] => [tagName(index), format.tag(read, key)]),
    ...dimensions.map((dimension, index): [string, string] => [
      valueName(index),
      dimensionSql(format, read, dimension),
    ]),
  ];
  return lines(
    'SELECT',
    [
      ...keys.map(([name, sql]) => `  ${sql} AS ${name}`),
      '  COUNT(*) AS line_count',
      `  SUM(${format.amortized(read)}) AS amortized`,
      `  SUM(${format.unblended(read)}) AS unblended`,
    ].join(',\n'),
    `FROM ${from}`,
    ...(where === undefined ? [] : [`WHERE ${where}`]),
    // By position: an alias is no column yet in Trino, and the name of another one here.
    `GROUP BY ${keys.map((_, index) => index + 1).join(', ')}`,
  );
}

/** Tags that rules ask for, in a fixed order. */
const tagKeysOf = (rules: readonly SharedRule[]): readonly string[] =>
  [...new Set(rules.flatMap(({ match }) => Object.keys(match.tags ?? {})))].sort();

const tagName = (index: number): string => `tag_${index}`;
const valueName = (index: number): string => `value_${index}`;

const insideSql = ({ from, to }: BillQuestion): string =>
  `(day >= ${literal(from)} AND day <= ${literal(to)})`;

const sumSql = (name: string): string => `CAST(SUM(${name}) AS VARCHAR)`;

/**
 * What kinds of charges, services and currencies there are, and what they come to: `called`, `class_name`, `commitment`,
 * `service`, `currency`, `1` inside the days that are asked for, else `0`, number of lines, amortized, unblended.
 */
export const factsSql = (question: BillQuestion): string =>
  lines(
    `SELECT called, class_name, commitment, service, currency, CASE WHEN ${insideSql(question)} THEN '1' ELSE '0' END,`,
    `  CAST(SUM(line_count) AS VARCHAR), ${sumSql('amortized')}, ${sumSql('unblended')}`,
    'FROM costs',
    'GROUP BY 1, 2, 3, 4, 5, 6',
  );

/** What the first statement has told, and the others are made of. */
export interface Facts {
  readonly kinds: readonly (Kind & { readonly charge: Charge })[];
  readonly services: readonly string[];
}

/** Spend by `day`, `project`, number of the `rule`, `service`, `charge`: amortized. */
export const linesSql = (question: BillQuestion, facts: Facts): string =>
  lines(
    `SELECT day, project, rule, service, charge, ${sumSql('amortized')}`,
    `FROM (${matchedSql(question, facts)}) AS matched`,
    'GROUP BY 1, 2, 3, 4, 5',
  );

/** Spend by `day`, `project`, number of the `rule` and value of one dimension: amortized. */
export const dimensionLinesSql = (question: BillQuestion, facts: Facts, index: number): string =>
  lines(
    `SELECT day, project, rule, ${valueName(index)}, ${sumSql('amortized')}`,
    `FROM (${matchedSql(question, facts)}) AS matched`,
    'GROUP BY 1, 2, 3, 4',
  );

/** The costs that are spend, with their charge and rule. */
function matchedSql(question: BillQuestion, { kinds, services }: Facts): string {
  const tags = tagKeysOf(question.rules);
  const rule = ruleSql(question.rules, services, { tag: (key) => tagName(tags.indexOf(key)) });
  const spend = kinds.filter(({ charge }) => isSpend(charge));
  const charges = spend.map((kind) => `WHEN ${kindSql(kind)} THEN ${literal(kind.charge)}`);
  return lines(
    `SELECT charged.*, ${rule} AS rule`,
    `FROM (SELECT costs.*, ${charges.length === 0 ? "''" : `CASE ${charges.join('\n    ')} END`} AS charge`,
    `  FROM costs WHERE ${insideSql(question)} AND ${anyOf(spend.map(kindSql))}) AS charged`,
  );
}

const kindSql = ({ called, className, commitment }: Kind): string =>
  `(called = ${literal(called)} AND class_name = ${literal(className)} AND commitment = ${literal(commitment)})`;

/** A statement of an engine that has no table `costs`. */
export const withCosts = (costs: string, statement: string): string =>
  lines(`WITH costs AS (${costs})`, statement);

/** Days as a table of many months needs them asked for, by the column of the day and the partition where there is one. */
export function daysSql(
  { format, columns, dialect }: { format: Format; columns: Columns; dialect: Dialect },
  { from, to }: BillQuestion,
  partition: string | undefined,
): string {
  const day = readerOf(columns, dialect).day(format.day);
  return partition === undefined
    ? `${day} BETWEEN ${literal(from)} AND ${literal(to)}`
    : `${identifier(partition)} IN (${monthsOf(from, to).map(literal).join(', ')})`;
}

/** `2026-11` of every month that has one of these days. */
export function monthsOf(from: string, to: string): readonly string[] {
  const months: string[] = [];
  for (let [year = 0, month = 0] = from.split('-').map(Number); ; month += 1) {
    if (month > 12) [year, month] = [year + 1, 1];
    const name = `${year}-${String(month).padStart(2, '0')}`;
    if (name > to.slice(0, 7)) return months;
    months.push(name);
  }
}

const lines = (...texts: readonly string[]): string => texts.join('\n');
