import * as z from 'zod';
import { parseUsd, type Usd, ZERO_USD } from '../types/money.ts';

/** Decimal USD text. */
const usd = z.string().refine((text) => parseUsd(text) !== undefined, { error: 'not an amount' });
const time = z.iso.datetime();

const limit = { spent: usd, limit: usd, runsOutAt: time.optional() };

/** What the sweep's Lambda says of spend, as far as people are shown it (`SpendFiguresRow` of the enforcer). */
const figures = {
  asOf: time,
  billed: usd,
  estimated: usd,
  low: usd,
  high: usd,
  band: z.enum(['learned', 'assumed']),
  billedThrough: time.optional(),
  today: usd,
  monthly: z.object(limit).optional(),
  daily: z.object(limit).optional(),
  total: z.object({ ...limit, since: z.string() }).optional(),
  /** USD an hour. */
  burn: usd,
  worstCase: usd,
  detectionSeconds: z.number(),
  forecast: z.object({ amount: usd, low: usd, high: usd, basis: z.enum(['burn', 'weekdays']) }),
  running: z.number(),
  unpriced: z.object({
    count: z.number(),
    some: z.array(z.object({ id: z.string(), kind: z.string(), size: z.string() })).readonly(),
  }),
  frozenUntil: time.optional(),
};

/** Of one project. */
export const SpendRowSchema = z.object({
  /** `null` = what has no project. */
  project: z.string().nullable(),
  ...figures,
  usualBurn: usd.optional(),
  /** Percent off list prices. */
  discount: z.number(),
  discountBy: z.enum(['policy', 'learned']),
  tagCoverage: z.object({ percent: z.number(), compliant: z.number(), resources: z.number() }).optional(),
});
export type SpendRow = z.output<typeof SpendRowSchema>;

/** Of a team, whose figures are the sums of its projects', or of a model, whose are a part of its project's. */
export const LevelRowSchema = z.object({
  level: z.enum(['team', 'model']),
  name: z.string(),
  /** Of a team its projects; of a model its project alone. */
  projects: z.array(z.string()).readonly(),
  ...figures,
});
export type LevelRow = z.output<typeof LevelRowSchema>;

/** What both have. */
export type FiguresRow = Omit<LevelRow, 'level' | 'name' | 'projects'>;

/** An amount of a row; the schema has refused what is none. */
export const amount = (text: string): Usd => parseUsd(text) ?? ZERO_USD;
