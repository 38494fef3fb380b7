import * as z from 'zod';
import { ChangeError } from '../estimate/change-error.ts';
import type { Estimate } from '../estimate/estimate.ts';
import { microUsd, parseUsd, type Usd, usdToDecimal, ZERO_USD } from '../types/money.ts';
import type { Comparable } from './compare.ts';

/** Decimal USD text. */
const usd = z
  .string()
  .refine((text) => parseUsd(text) !== undefined, { error: 'not an amount' })
  .transform((text): Usd => parseUsd(text) ?? ZERO_USD);

const SavedSchema = z.object({
  bursar: z.literal('estimate'),
  version: z.literal(1),
  free: z.number().int().min(0),
  items: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      project: z.string().nullable(),
      place: z.object({
        file: z.string(),
        line: z.number().int().min(1).optional(),
        col: z.number().int().min(1).optional(),
      }),
      frequency: z.enum(['month', 'once']),
      cost: usd,
      costs: z.array(z.object({ what: z.string(), cost: usd.nullable() })),
      unpriced: z.array(z.string()),
    }),
  ),
});

/** True of what `savedText` writes, of whatever version. */
export const isSaved = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'bursar' in value && value.bursar === 'estimate';

/** An estimate as the text of a JSON file, which `readSaved` reads back: what a later change is compared with. */
export function savedText({ items, free }: Estimate): string {
  const saved = {
    bursar: 'estimate',
    version: 1,
    free,
    items: items.map(({ id, type, project = null, place, frequency, cost, costs, unpriced }) => ({
      id,
      type,
      project,
      place,
      frequency,
      cost: usdToDecimal(cost),
      costs: costs.map((one) => ({
        what: one.what,
        cost: one.cost === undefined ? null : usdToDecimal(one.cost),
      })),
      unpriced,
    })),
  };
  return `${JSON.stringify(saved, null, 2)}\n`;
}

/**
 * Reads a saved estimate.
 * @param value the parsed JSON
 * @param file its name, for messages
 * @throws {ChangeError} one line, where it is of another form
 */
export function readSaved(value: unknown, file: string): readonly Comparable[] {
  const read = SavedSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    throw new ChangeError(
      `${file}: It is no estimate that this version has saved${where}. Save it anew by bursar gate --save.`,
    );
  }
  return read.data.items.map(({ project, place: { file: of, line, col }, costs, ...item }) => ({
    ...item,
    project: project ?? undefined,
    place: {
      file: of,
      ...(line === undefined ? {} : { line }),
      ...(col === undefined ? {} : { col }),
    },
    costs: costs.map(({ what, cost }) => ({ what, cost: cost === null ? undefined : microUsd(cost) })),
  }));
}
