import * as z from 'zod';
import { usdToDecimal } from '../types/money.ts';
import { DateText, UsdText } from '../types/wire.ts';
import type { Reservation } from './ledger.ts';
import { limitedText } from './limited-text.ts';

/** The JSON text of the reservations of a pot. @throws LedgerError where it is over 350 KB. */
export function reservationsText(pot: string, reservations: readonly Reservation[]): string {
  const text = JSON.stringify(
    reservations.map(({ at, until, jobs, ...rest }) => ({
      ...rest,
      at: at.toISOString(),
      until: until.toISOString(),
      jobs: jobs.map(({ cost, ...job }) => ({ ...job, cost: usdToDecimal(cost) })),
    })),
  );
  return limitedText(`what is reserved of ${pot}`, text);
}

const ReservationsSchema = z.array(
  z.object({
    id: z.string(),
    asked: z.string(),
    project: z.string(),
    model: z.exactOptional(z.string()),
    at: DateText,
    until: DateText,
    jobs: z.array(
      z
        .object({
          cost: UsdText,
          kind: z.string().optional(),
          region: z.string(),
          name: z.string().optional(),
          size: z.string().optional(),
          jobs: z.number(),
        })
        .transform(({ kind, name, size, ...job }) => ({ ...job, kind, name, size })),
    ),
    answer: z.string(),
  }),
);

/** Reads what `reservationsText` wrote. @throws where it is something else. */
export const readReservationsText = (text: string): readonly Reservation[] =>
  ReservationsSchema.parse(JSON.parse(text));

/** Those that still hold something. */
export const live = (reservations: readonly Reservation[], now: Date): readonly Reservation[] =>
  reservations.filter(({ until }) => until > now);

/** When the last of them ends; `now` where there is none. */
export const lastEnd = (reservations: readonly Reservation[], now: Date): Date =>
  reservations.reduce((last, { until }) => (until > last ? until : last), now);
