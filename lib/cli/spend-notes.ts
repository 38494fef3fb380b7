import { atMinute, duration } from '../decide/sentences.ts';
import { printable } from '../policy/words.ts';
import { formatUsd } from '../types/money.ts';
import { group } from './group.ts';
import type { Colours, Io } from './io.ts';
import { shortTime } from './short-time.ts';
import { levelName } from './spend-levels.ts';
import { amount, type FiguresRow, type LevelRow, type SpendRow } from './spend-row.ts';
import { mainLimit, NEAR, nameOf, paintOf, percentText, shareOf } from './spend-table.ts';
import { wrap } from './table.ts';

type Width = Pick<Io, 'outColours' | 'width'>;
type Limit = NonNullable<FiguresRow['monthly']>;
interface Note {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** What a table has no room for: of each row what people should know, and of all where the figures come from. */
export function spendNotes(
  rows: readonly SpendRow[],
  { outColours, width }: Width,
  levels: readonly LevelRow[] = [],
): readonly string[] {
  const said = (name: string, notes: readonly Note[]): readonly string[] =>
    notes.length === 0 ? [] : [`  ${name}`, ...notes.flatMap((note) => broken(note, '    ', width))];
  const ofProjects = [
    ...levels.flatMap((row) => said(levelName(row), notesOf(row, outColours))),
    ...rows.flatMap((row) =>
      said(nameOf(row), [...notesOf(row, outColours), ...unpricedNotes(row, outColours)]),
    ),
  ];
  const ofAll = generalNotes(rows).flatMap((text) => broken({ text, paint: outColours.dim }, '  ', width));
  return [
    ...(ofProjects.length === 0 ? [] : ['', ...ofProjects]),
    ...(ofAll.length === 0 ? [] : ['', ...ofAll]),
  ];
}

/** As many lines as it takes. */
const broken = (
  { text, paint = (same) => same }: Note,
  indent: string,
  width: number | undefined,
): readonly string[] =>
  (width === undefined ? [text] : wrap(text, Math.max(20, width - indent.length))).map(
    (line) => indent + paint(printable(line)),
  );

function notesOf(row: FiguresRow, colours: Colours): readonly Note[] {
  const main = mainLimit(row);
  const others = (['total', 'daily'] as const).flatMap((of) => {
    const limit = row[of];
    return limit === undefined || limit === main?.limit ? [] : [otherLimit(of, limit, row, colours)];
  });
  return [
    ...others,
    ...(isNear(row) && amount(row.worstCase) > 0n ? [{ text: worstCaseSentence(row) }] : []),
    ...forecastNotes(row, colours),
  ];
}

function otherLimit(
  of: 'total' | 'daily',
  limit: Limit,
  { asOf, total }: FiguresRow,
  colours: Colours,
): Note {
  const percent = shareOf(limit);
  const when = of === 'daily' ? 'Today' : `Since ${total?.since ?? 'the start'}`;
  const now = new Date(asOf);
  const end = limit.runsOutAt === undefined ? undefined : new Date(limit.runsOutAt);
  const runsOut = end === undefined ? '' : end <= now ? ', used up' : `, runs out ${shortTime(end, now)}`;
  return {
    text: `${when} ${formatUsd(amount(limit.spent))} of ${formatUsd(amount(limit.limit))} (${percentText(percent)})${runsOut}.`,
    paint: paintOf(percent, colours),
  };
}

const limitsOf = ({ monthly, total, daily }: FiguresRow): readonly Limit[] =>
  [monthly, total, daily].filter((limit) => limit !== undefined);

/** Near a limit, over it, or so fast that it is there within a day. */
function isNear(row: FiguresRow): boolean {
  const soon = new Date(Date.parse(row.asOf) + 86_400_000).toISOString();
  return limitsOf(row).some(
    (limit) => shareOf(limit) >= NEAR || (limit.runsOutAt !== undefined && limit.runsOutAt < soon),
  );
}

/** `Worst case: beyond a limit by at most $1.02, as it costs $12.24/h and is looked at again within 5 min.` */
const worstCaseSentence = ({ worstCase, burn, detectionSeconds }: FiguresRow): string =>
  `Worst case: beyond a limit by at most ${formatUsd(amount(worstCase))}, as it costs ${formatUsd(amount(burn))}/h and is looked at again within ${duration(detectionSeconds)}.`;

/** Where the month is forecast to end beyond the limit. */
function forecastNotes({ monthly, forecast }: FiguresRow, { yellow }: Colours): readonly Note[] {
  if (monthly === undefined || amount(forecast.amount) <= amount(monthly.limit)) return [];
  const by = forecast.basis === 'burn' ? 'if all goes on as now' : 'by the weekdays of earlier weeks';
  return [
    {
      text: `Forecast of the month: ${formatUsd(amount(forecast.amount))} (${formatUsd(amount(forecast.low))} to ${formatUsd(amount(forecast.high))}), ${by}.`,
      paint: yellow,
    },
  ];
}

/** As many as are named in a line. */
const NAMED = 5;

function unpricedNotes({ unpriced }: SpendRow, { yellow }: Colours): readonly Note[] {
  const { count, some } = unpriced;
  if (count === 0) return [];
  const named = some.slice(0, NAMED).map(({ id, size }) => `${id} (${size})`);
  const more = count > named.length ? ` and ${count - named.length} more` : '';
  return [
    { text: `${count} without a known price, in no figure: ${named.join(', ')}${more}.`, paint: yellow },
  ];
}

/** Where the figures come from. */
function generalNotes(rows: readonly SpendRow[]): readonly string[] {
  const assumed = rows.filter(({ band, estimated }) => band === 'assumed' && amount(estimated) > 0n);
  const discounts = rows.filter(({ discount }) => discount > 0);
  const whose = assumed.length === rows.length ? '' : ` of ${listed(assumed)}`;
  return [
    billedThrough(rows),
    ...(assumed.length === 0
      ? []
      : [`The ±${whose} is assumed; it is learned from earlier estimates once enough days are billed.`]),
    ...(discounts.length === 0
      ? []
      : [
          `Off list prices: ${discounts
            .map(
              (row) =>
                `${nameOf(row)} ${row.discount}% ${row.discountBy === 'policy' ? 'by the policy' : 'as learned from bills'}`,
            )
            .join(', ')}.`,
        ]),
  ];
}

function billedThrough(rows: readonly SpendRow[]): string {
  const times = group(rows, ({ billedThrough: time }) => time);
  const through = (time: string | undefined): string =>
    time === undefined ? 'No day is billed in full yet' : `Billed through ${atMinute(new Date(time))}`;
  const parts = [...times].map(([time, some]) =>
    times.size === 1 ? through(time) : `${through(time)} for ${listed(some)}`,
  );
  return `${parts.join('; ')}. The rest is estimated by price and running time.`;
}

const listed = (rows: readonly SpendRow[]): string => rows.map(nameOf).join(', ');
