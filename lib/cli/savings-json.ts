import * as z from 'zod';
import { usdToDecimal } from '../types/money.ts';
import type { Savings } from '../types/savings.ts';

/* What `bursar savings --json` prints. Times are ISO 8601 in UTC, money is decimal USD as text. */

const time = z.iso.datetime();
const usd = z.string().regex(/^-?\d+(\.\d{1,6})?$/);

export const SavingsJsonSchema = z.strictObject({
  account: z.string(),
  from: time,
  /** Exclusive. */
  to: time,
  total: usd,
  /** The most saved first; `null` = no project. */
  byProject: z.array(z.strictObject({ project: z.string().nullable(), saved: usd, stops: z.number() })),
  /** The most saved first. */
  stops: z.array(
    z.strictObject({
      arn: z.string(),
      id: z.string(),
      kind: z.string(),
      size: z.string(),
      region: z.string(),
      project: z.string().nullable(),
      stoppedAt: time,
      /** Until then it is counted, and why no longer. */
      until: time,
      by: z.enum(['restored', 'gone', 'schedule', 'cap', 'period', 'now']),
      trigger: z.string(),
      policy: z.string(),
      /** List price, USD an hour; `null` = unpriced, and nothing is counted. */
      hourly: usd.nullable(),
      saved: usd,
      reason: z.string(),
    }),
  ),
  assumptions: z.array(z.string()),
});
export type SavingsJson = z.infer<typeof SavingsJsonSchema>;

export const savingsJson = (
  { from, to, total, byProject, stops, assumptions }: Savings,
  account: string,
): SavingsJson => ({
  account,
  from: from.toISOString(),
  to: to.toISOString(),
  total: usdToDecimal(total),
  byProject: byProject.map(({ project = null, saved, stops: count }) => ({
    project,
    saved: usdToDecimal(saved),
    stops: count,
  })),
  stops: stops.map(
    ({ arn, id, kind, size, region, project = null, by, trigger, policy, reason, ...one }) => ({
      arn,
      id,
      kind,
      size,
      region,
      project,
      stoppedAt: one.stoppedAt.toISOString(),
      until: one.until.toISOString(),
      by,
      trigger,
      policy,
      hourly: one.hourly === undefined ? null : usdToDecimal(one.hourly),
      saved: usdToDecimal(one.saved),
      reason,
    }),
  ),
  assumptions: [...assumptions],
});
