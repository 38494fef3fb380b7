import { BillError } from './bill-error.ts';

/*
 * The SQL that DuckDB and Athena (Trino) both speak, and the little in which they differ. Values are written as literals
 * and not as parameters: Athena's execution parameters are pieces of SQL themselves, quotes and all, so that they would
 * be no safer, and the statements would no longer be the same.
 */

/** How an engine is asked for one key of a column of tags; both give NULL where the key is absent. */
export interface Dialect {
  readonly name: 'duckdb' | 'athena';
  /** Of a `map<string,string>`. */
  readonly mapEntry: (column: string, key: string) => string;
  /** Of a JSON object in a text, as CSV has maps. */
  readonly jsonEntry: (column: string, key: string) => string;
}

export const DUCKDB: Dialect = {
  name: 'duckdb',
  mapEntry: (column, key) => `${column}[${literal(key)}]`,
  // By JSON pointer (RFC 6901), in which nothing but ~ and / needs care.
  jsonEntry: (column, key) =>
    `json_extract_string(${column}, ${literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)})`,
};

export const ATHENA: Dialect = {
  name: 'athena',
  // `column[key]` fails in Trino where the key is absent.
  mapEntry: (column, key) => `element_at(${column}, ${literal(key)})`,
  jsonEntry: (column, key) =>
    `element_at(CAST(json_parse(NULLIF(${column}, '')) AS MAP(VARCHAR, VARCHAR)), ${literal(key)})`,
};

/**
 * A text as SQL writes it. In both engines a quote is doubled, and a backslash is a backslash.
 * @throws BillError where it holds a NUL, which no SQL can hold
 */
export function literal(text: string): string {
  if (text.includes('\u0000')) {
    throw new BillError(`${JSON.stringify(text)} holds a NUL character, which no bill holds. Remove it.`);
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/** The name of a column or table, whatever it is called. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A pattern of the policy (`*` = any characters) as LIKE has it, with its escape. */
export const likePattern = (pattern: string): string =>
  `${literal(pattern.replace(/[!%_]/g, '!$&').replaceAll('*', '%'))} ESCAPE '!'`;

/** Money of line items: exact sums of up to 12 decimals, as finely as AWS prices. */
export const MONEY = 'DECIMAL(38, 12)';
export const NO_MONEY = `CAST(0 AS ${MONEY})`;

/** `a OR b`, with FALSE where there is none; for conditions that hold together or not at all. */
export const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'FALSE' : `(${conditions.join(' OR ')})`;
export const allOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'TRUE' : `(${conditions.join(' AND ')})`;
