import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { UsageError } from '../cli/io.ts';
import { show } from '../policy/words.ts';
import { assertNever } from '../types/assert-never.ts';
import type { Columns, RawRow, Where } from './read-row.ts';

/** How a file is written, by its name. */
export interface FileForm {
  readonly form: 'csv' | 'jsonl';
  readonly gzip: boolean;
}

export const FILE_FORMS = '.csv, .jsonl, .csv.gz or .jsonl.gz';

/** `undefined` where the name says nothing that can be read. */
export function formOf(file: string): FileForm | undefined {
  const [, ending = '', gz] = /\.(csv|jsonl)(\.gz)?$/i.exec(file) ?? [];
  const gzip = gz !== undefined;
  switch (ending.toLowerCase()) {
    case 'csv':
      return { form: 'csv', gzip };
    case 'jsonl':
      return { form: 'jsonl', gzip };
    default:
      return undefined;
  }
}

export type OnRow = (row: RawRow, where: Where) => void;

/**
 * Reads a file row by row, without ever having the whole of it.
 * @param file its name for people
 * @throws UsageError where it is not what its name says, and what `onRow` throws
 */
export async function readRows(
  content: Readable,
  file: string,
  { form, gzip }: FileForm,
  columns: Columns,
  onRow: OnRow,
): Promise<void> {
  const rows = sinkOf(form, file, columns, onRow);
  try {
    if (gzip) await pipeline(content, createGunzip(), rows);
    else await pipeline(content, rows);
  } catch (error) {
    throw explained(error, file);
  }
}

const sinkOf = (form: FileForm['form'], file: string, columns: Columns, onRow: OnRow) => {
  switch (form) {
    case 'csv':
      return csvRows(file, columns, onRow);
    case 'jsonl':
      return jsonRows(file, columns, onRow);
    default:
      return assertNever(form);
  }
};

function csvRows(file: string, columns: Columns, onRow: OnRow) {
  return async (bytes: AsyncIterable<Buffer>): Promise<void> => {
    let at: Readonly<Record<keyof RawRow, number>> | undefined;
    let line = 0;
    const where = () => `${file}:${line}`;
    const parser = parse({
      bom: true,
      skip_empty_lines: true,
      trim: true,
      // Rows are dealt with here, one by one: none is kept for anybody to read.
      on_record: (record: readonly string[], { lines }) => {
        line = lines;
        if (at === undefined) at = placesOf(record, columns, where);
        else onRow({ time: record[at.time], tenant: record[at.tenant], amount: record[at.amount] }, where);
        return null;
      },
    });
    await pipeline(bytes, parser, async (none) => {
      for await (const _ of none);
    });
    if (at === undefined) throw new UsageError(`${file}: It is empty. Its first line must name the columns.`);
  };
}

function placesOf(
  header: readonly string[],
  columns: Columns,
  where: Where,
): Readonly<Record<keyof RawRow, number>> {
  const placeOf = (column: string): number => {
    const place = header.indexOf(column);
    if (place >= 0) return place;
    throw new UsageError(
      `${where()}: There is no column ${show(column)} among ${header.slice(0, 10).map(show).join(', ')}. Name the columns by \`time\`, \`tenant\` and \`amount\` of the usage; they are parted by commas.`,
    );
  };
  return {
    time: placeOf(columns.time),
    tenant: placeOf(columns.tenant),
    amount: placeOf(columns.amount),
  };
}

function jsonRows(file: string, columns: Columns, onRow: OnRow) {
  return async (bytes: AsyncIterable<Buffer>): Promise<void> => {
    let line = 0;
    const where = () => `${file}:${line}`;
    const read = (text: string) => {
      line += 1;
      if (text.trim() === '') return;
      const row = objectOf(text, where);
      const of = (key: string): unknown => (Object.hasOwn(row, key) ? row[key] : undefined);
      onRow({ time: of(columns.time), tenant: of(columns.tenant), amount: of(columns.amount) }, where);
    };
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    for await (const chunk of bytes) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) read(text);
    }
    rest += decoder.decode();
    if (rest !== '') read(rest);
  };
}

function objectOf(text: string, where: Where): Readonly<Record<string, unknown>> {
  const bad = () =>
    new UsageError(`${where()}: ${show(text)} is not a JSON object. Write one object on each line.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad();
  return { ...value };
}

/** What is wrong with the file as such; what is wrong with a row has said so already. */
function explained(error: unknown, file: string): unknown {
  const fail = (what: string) => new UsageError(`${file}: ${what}`, { cause: error });
  if (error instanceof UsageError) return error;
  if (error instanceof CsvError) return fail(`It is not CSV: ${error.message.replace(/[.]?$/, '.')}`);
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return fail('Not UTF-8 text. Save it as UTF-8.');
  if (code.startsWith('Z_')) return fail(`It cannot be unpacked (${code}). Write it again by gzip.`);
  return error;
}
