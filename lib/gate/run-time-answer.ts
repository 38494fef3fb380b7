import * as z from 'zod';

const RunTimeAnswerSchema = z
  .object({
    version: z.literal(1),
    requestId: z.string(),
    project: z.string(),
    /** `pass` and `warn`: it may start, and its cost is reserved. `released`: what was reserved is free. */
    verdict: z.enum(['pass', 'warn', 'over', 'unpriced', 'released']),
    /** USD that the job may cost; absent = not known. */
    cost: z.exactOptional(z.number()),
    /** USD that the month comes to without it, and with it; of the limit that is nearest. */
    committed: z.exactOptional(z.number()),
    projected: z.exactOptional(z.number()),
    /** USD of that limit, and what was left of it before. */
    limit: z.exactOptional(z.number()),
    remaining: z.exactOptional(z.number()),
    /** Whose limit it is: `recsys`, `team:alpha`, `model:recsys:ranker`. */
    level: z.exactOptional(z.string()),
    /** The instance type to run on: what was asked for, or else the first of `or` that may. Empty = none, or several. */
    pick: z.string(),
    /** For people, 1,000 characters at most. */
    reason: z.string(),
  })
  .readonly();

/** What the gate answers: flat, so that pipelines can take it as outputs. Amounts are USD. */
export type RunTimeAnswer = z.infer<typeof RunTimeAnswerSchema>;

const KeptSchema = z.object(RunTimeAnswerSchema.unwrap().shape).omit({
  version: true,
  requestId: true,
  project: true,
  reason: true,
});

/** What is kept of an answer with its reservation. */
export const answerText = (answer: RunTimeAnswer): string => JSON.stringify(KeptSchema.parse(answer));

/** The answer that was kept, to the same question. @throws where the text is something else */
export const readAnswer = (
  text: string,
  { requestId, project }: Pick<RunTimeAnswer, 'requestId' | 'project'>,
): RunTimeAnswer => ({
  ...KeptSchema.parse(JSON.parse(text)),
  version: 1,
  requestId,
  project,
  reason: 'It was let through when it was asked for first, and is reserved.',
});
