import * as z from 'zod';

/** What the request Lambda answers to `tags`, as JSON. Amounts are decimal USD text (`usdToDecimal`). */

const count = z.number().int().nonnegative();

const figures = {
  resources: count,
  /** Those that carry all required tags with allowed values. */
  compliant: count,
  /** Percent to one decimal, rounded down, of the resources and of what they cost. */
  byCount: z.number(),
  byCost: z.number(),
  /** USD an hour of those that run and are priced: all, and compliant ones. */
  hourly: z.string(),
  compliantHourly: z.string(),
  /** Those that are not compliant, run and have no known price: they are in no amount. */
  unpriced: count,
  lacking: z.array(z.object({ key: z.string(), missing: count, wrong: count })),
};

const FiguresSchema = z.object(figures);
export type FiguresAnswer = z.infer<typeof FiguresSchema>;

const ProblemSchema = z.object({
  arn: z.string(),
  id: z.string(),
  kind: z.string(),
  region: z.string(),
  size: z.string(),
  /** Value of the project tag as it stands. */
  project: z.string().optional(),
  /** USD an hour; absent = it does not run, or is unpriced. */
  hourly: z.string().optional(),
  key: z.string(),
  problem: z.enum(['missing', 'not-allowed', 'unknown-project']),
  value: z.string().optional(),
});
export type ProblemAnswer = z.infer<typeof ProblemSchema>;

const TagProposalSchema = z.object({
  arn: z.string(),
  region: z.string(),
  kind: z.string(),
  id: z.string(),
  set: z.record(z.string(), z.string()),
  was: z.record(z.string(), z.string()),
  why: z.string(),
  confidence: z.enum(['sure', 'likely']),
  /** Set where another policy would then apply; `null` = none. */
  policy: z.object({ from: z.string().nullable(), to: z.string().nullable() }).optional(),
});
export type TagProposalAnswer = z.infer<typeof TagProposalSchema>;

export const TagsSchema = z.object({
  /** What every resource must carry; `values` absent = any. */
  required: z.array(z.object({ key: z.string(), values: z.array(z.string()).optional() })),
  coverage: z.object({
    account: FiguresSchema,
    /** By name; `''` = no project tag. */
    projects: z.array(z.object({ project: z.string(), ...figures })),
  }),
  /** One for each tag of each resource, the most expensive first; the first 500 of `problemCount`. */
  problems: z.array(ProblemSchema),
  problemCount: count,
  /** The first 2,000 of `proposalCount`, the sure ones before the likely ones. */
  proposals: z.array(TagProposalSchema),
  proposalCount: count,
  /** Kinds that could not be listed: of these nothing is told. */
  unread: z.array(z.object({ kind: z.string(), region: z.string(), why: z.string() })),
});
export type Tags = z.infer<typeof TagsSchema>;

/** To `tags`. */
export const TagsAnswerSchema = z.object({ tags: TagsSchema });
