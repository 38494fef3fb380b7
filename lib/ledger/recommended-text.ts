import * as z from 'zod';
import { microUsd } from '../types/money.ts';
import type { RecommendedInShort } from './ledger.ts';

const micros = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => microUsd(BigInt(text)));

const RecommendedSchema = z.object({
  count: z.number(),
  monthly: micros,
  largest: z.array(z.object({ title: z.string(), monthly: micros })),
});

/** Amounts are micro-dollars as text: JSON has no whole numbers of their size. */
export const recommendedText = (recommended: RecommendedInShort): string =>
  JSON.stringify(recommended, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

/** What `recommendedText` wrote. */
export const RecommendedText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(RecommendedSchema);
