import { BillError } from './bill-error.ts';
import { type Dialect, identifier, MONEY, NO_MONEY } from './sql-dialect.ts';

/** Columns of a bill by their names in lower case: the type, as the engine writes it. */
export type Columns = ReadonlyMap<string, string>;

/** Readers of the columns that a bill has; what an export leaves out reads as if it were empty. */
export interface Reader {
  readonly has: (...names: readonly string[]) => boolean;
  /** Those of these columns that are there, as texts that may be NULL. */
  readonly texts: (...names: readonly string[]) => readonly string[];
  /** The first of these columns that has a text; `''` where none does. */
  readonly text: (...names: readonly string[]) => string;
  /** An amount; 0 where it is empty. */
  readonly money: (name: string) => string;
  /** The UTC day, `2026-11-25`. */
  readonly day: (name: string) => string;
  /** The first of these keys that has a text in a column of tags; none where the column is not there. */
  readonly entries: (name: string, keys: readonly string[]) => readonly string[];
}

export function readerOf(columns: Columns, dialect: Dialect): Reader {
  const has = (...names: readonly string[]): boolean =>
    names.every((name) => columns.has(name.toLowerCase()));
  const typeOf = (name: string): string => (columns.get(name.toLowerCase()) ?? '').toLowerCase();
  const filled = (sql: string): string => `NULLIF(${sql}, '')`;
  return {
    has,
    texts,
    text: (...names) => firstText(texts(...names)),
    money(name) {
      if (!has(name)) return NO_MONEY;
      const column = isText(typeOf(name)) ? filled(identifier(name)) : identifier(name);
      return `COALESCE(CAST(${column} AS ${MONEY}), ${NO_MONEY})`;
    },
    day(name) {
      const column = identifier(name);
      const type = typeOf(name);
      // ISO 8601 of CSV: 2026-11-25T00:00:00.000Z.
      if (isText(type)) return `COALESCE(SUBSTR(${column}, 1, 10), '')`;
      const utc = type.includes('time zone') || type === 'timestamptz';
      const date = `CAST(${utc ? `${column} AT TIME ZONE 'UTC'` : column} AS DATE)`;
      return `COALESCE(CAST(${date} AS VARCHAR), '')`;
    },
    entries(name, keys) {
      if (!has(name)) return [];
      const type = typeOf(name);
      if (type.startsWith('map')) return keys.map((key) => dialect.mapEntry(identifier(name), key));
      if (isText(type)) return keys.map((key) => dialect.jsonEntry(identifier(name), key));
      throw new BillError(
        `The column ${name} of the bill is of type ${type}, and not a map or JSON text. Export it as AWS delivers it.`,
      );
    },
  };

  function texts(...names: readonly string[]): readonly string[] {
    return names.filter((name) => has(name)).map(asText);
  }

  function asText(name: string): string {
    return isText(typeOf(name)) ? identifier(name) : `CAST(${identifier(name)} AS VARCHAR)`;
  }
}

/** The first of these texts that is not empty; `''` where all are. */
export function firstText(texts: readonly string[]): string {
  return texts.length === 0 ? "''" : `COALESCE(${texts.map((sql) => `NULLIF(${sql}, '')`).join(', ')}, '')`;
}

const isText = (type: string): boolean => /^(varchar|string|char|text|json)/.test(type);

/**
 * How AWS writes a tag key or the name of a cost category where it makes a column of it, and in the maps of CUR 2.0:
 * `CostCenter` and `Cost Center` become `cost_center` (AWS, "Column names" of the Cost and Usage Report guide).
 */
export const columnised = (key: string): string =>
  key
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');

/** Each text once, in order. */
export const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
