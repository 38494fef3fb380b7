import { printable } from '../policy/words.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** A CSV file for spreadsheets: RFC 4180, UTF-8 with a byte order mark, lines end in CRLF. */
export const csv = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${BYTE_ORDER_MARK}${[head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`;

const quoted = (cell: string): string => (/[",;'\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * A text from outside as a cell that no spreadsheet takes for a formula: where it, or what follows a `;` in it (which
 * parts cells in some countries), begins with `=`, `+`, `-` or `@`, plain or full width, spaces or not, a `'` stands
 * before that. Control and other invisible characters are made visible, so that it is one line.
 */
export const textCell = (text: string): string =>
  printable(text).replace(/(^|;)(?=["'\s]*[=+\-@＝＋－＠])/g, "$1'");
