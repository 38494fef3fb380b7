import { UsageError } from '../cli/io.ts';
import { show } from '../policy/words.ts';
import type { Tally } from './tally.ts';

/** Where a row stands, for errors: `usage/gpu.csv:12`. */
export type Where = () => string;

/** What a row has of the three columns, as it was read; `undefined` = it has no such column. */
export interface RawRow {
  readonly time: unknown;
  readonly tenant: unknown;
  readonly amount: unknown;
}

export type Columns = Readonly<Record<keyof RawRow, string>>;

/**
 * Adds a row to the tally, or leaves it out where it is of another time.
 * @throws UsageError that names place, column, value and the mend
 */
export function addRow(
  row: RawRow,
  columns: Columns,
  tally: Tally,
  tenants: Readonly<Record<string, string>>,
  where: Where,
): void {
  const at = timeOf(row.time, columns.time, where);
  if (!tally.counts(at)) return;
  tally.add(
    at,
    tenantOf(row.tenant, columns.tenant, tenants, where),
    amountOf(row.amount, columns.amount, where),
  );
}

const fail = (where: Where, column: string, value: unknown, what: string, mend: string): never => {
  const told =
    value === undefined || value === ''
      ? `\`${column}\` is ${value === '' ? 'empty' : 'missing'}`
      : `${show(value)} in \`${column}\` is ${what}`;
  throw new UsageError(`${where()}: ${told}. ${mend}`);
};

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

const TIME_MEND = 'Write ISO 8601, such as 2026-11-25T10:30:00Z, or seconds since 1970.';

/** Numbers below are seconds, those from it on milliseconds: the year 5138, or 1973. */
const FIRST_MILLISECONDS = 1e11;
/** The year 5138 in milliseconds: larger numbers are micro- or nanoseconds. */
const TOO_FINE = 1e14;

/** Milliseconds since 1970. Without a zone it is UTC. */
function timeOf(value: unknown, column: string, where: Where): number {
  const bad = () => fail(where, column, value, 'no time', TIME_MEND);
  if (typeof value === 'number' || (typeof value === 'string' && /^\s*\d+(\.\d*)?\s*$/.test(value))) {
    const epoch = Number(value);
    if (!(epoch >= 0)) return bad();
    if (epoch >= TOO_FINE) {
      return fail(
        where,
        column,
        value,
        'finer than milliseconds',
        'Write seconds or milliseconds since 1970.',
      );
    }
    return Math.floor(epoch < FIRST_MILLISECONDS ? epoch * 1000 : epoch);
  }
  if (typeof value !== 'string') return bad();
  const match = ISO.exec(value.trim());
  if (match === null) return bad();
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    zone = 'Z',
  ] = match;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  const at = Date.parse(local);
  // A day that is not in the calendar comes out as another one.
  if (Number.isNaN(at) || new Date(at).toISOString() !== local) return bad();
  const offset = offsetOf(zone);
  return offset === undefined ? bad() : at - offset;
}

/** Milliseconds that a zone is ahead of UTC. */
function offsetOf(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  const [, sign, hours = '', minutes = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -60_000 : 60_000) * (Number(hours) * 60 + Number(minutes));
}

function tenantOf(
  value: unknown,
  column: string,
  tenants: Readonly<Record<string, string>>,
  where: Where,
): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return fail(where, column, value, 'no name', 'Write who used it.');
  const name = text.trim();
  if (name === '' && !Object.hasOwn(tenants, '')) {
    return fail(where, column, '', '', 'Write who used it, or say whose that is by `tenants: { "": idle }`.');
  }
  return name;
}

const NUMBER = /^\+?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const AMOUNT_MEND = 'Write a plain number of 0 or more, such as 1234.5.';
/** Enough for bytes of a day; what is more is a mistake. */
const MOST = 1e18;

function amountOf(value: unknown, column: string, where: Where): number {
  const text = typeof value === 'string' ? value.trim() : value;
  if (typeof text === 'string' && text !== '' && /^-/.test(text)) {
    return fail(where, column, value, 'below 0', AMOUNT_MEND);
  }
  const amount = typeof text === 'string' && NUMBER.test(text) ? Number(text) : text;
  if (typeof amount !== 'number' || Number.isNaN(amount)) {
    return fail(where, column, text, 'not a number', AMOUNT_MEND);
  }
  if (amount < 0) return fail(where, column, value, 'below 0', AMOUNT_MEND);
  if (amount > MOST) return fail(where, column, value, `more than ${MOST}`, AMOUNT_MEND);
  return amount;
}
