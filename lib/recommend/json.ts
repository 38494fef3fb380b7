import * as z from 'zod';
import { exact, project, usd } from '../report/json-forms.ts';
import type { Recommendation, Recommendations } from '../types/recommendation.ts';

/* Recommendations as JSON, of the command and in the report alike. Money is decimal USD as text; `null` is what is not known. */

const grade = z.enum(['low', 'medium', 'high']);

const recommendation = {
  /** `<check> <arn>`. */
  id: z.string(),
  check: z.string(),
  title: z.string(),
  resource: z.strictObject({
    arn: z.string(),
    id: z.string(),
    kind: z.string(),
    region: z.string(),
    project,
    owner: z.string().nullable(),
  }),
  /** USD saved in a month of 730 hours. */
  monthly: usd,
  basis: z.string(),
  risk: grade,
  effort: grade,
  confidence: grade,
  evidence: z.array(z.string()),
  keeps: z.string(),
  how: z.array(z.strictObject({ form: z.enum(['command', 'cdk']), text: z.string() })),
};

export const RecommendationsJsonSchema = z.strictObject({
  /** The dearest first. */
  open: z.array(z.strictObject(recommendation)),
  dismissed: z.array(
    z.strictObject({
      ...recommendation,
      dismissed: z.strictObject({ until: z.iso.date(), reason: z.string() }),
    }),
  ),
  /** USD a month of all that are open; of several for one resource only the largest counts. */
  monthly: usd,
  notes: z.array(z.string()),
});

export type RecommendationsJson = z.output<typeof RecommendationsJsonSchema>;

export const recommendationsJson = ({
  open,
  dismissed,
  monthly,
  notes,
}: Recommendations): RecommendationsJson => ({
  open: open.map(jsonOf),
  dismissed: dismissed.map(({ recommendation: one, dismissal: { until, reason } }) => ({
    ...jsonOf(one),
    dismissed: { until, reason },
  })),
  monthly: exact(monthly),
  notes: [...notes],
});

const jsonOf = (one: Recommendation): RecommendationsJson['open'][number] => ({
  id: one.id,
  check: one.check,
  title: one.title,
  resource: { ...one.resource, project: one.resource.project ?? null, owner: one.resource.owner ?? null },
  monthly: exact(one.monthly),
  basis: one.basis,
  risk: one.risk,
  effort: one.effort,
  confidence: one.confidence,
  evidence: [...one.evidence],
  keeps: one.keeps,
  how: one.how.map(({ form, text }) => ({ form, text })),
});
