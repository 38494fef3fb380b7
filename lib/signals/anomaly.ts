import * as z from 'zod';
import { parseUsd, type Usd } from '../types/money.ts';

/** Cost Anomaly Detection writes amounts as JSON numbers of USD. */
const AmountSchema = z
  .number()
  .transform((value) => parseUsd(value.toFixed(6)))
  .refine((value) => value !== undefined, 'not an amount of money');

const RootCauseSchema = z.object({
  service: z.string().nullish(),
  region: z.string().nullish(),
  linkedAccount: z.string().nullish(),
  usageType: z.string().nullish(),
});

/**
 * The JSON that Cost Anomaly Detection sends through SNS. Only what names the anomaly and sizes it is required;
 * fields that are not listed are ignored, so that AWS may add some.
 * Source: AWS Cost Management user guide, "Creating an Amazon SNS topic for anomaly notifications".
 */
const AnomalyMessageSchema = z.object({
  accountId: z.string().regex(/^\d{12}$/),
  anomalyId: z.string().min(1),
  anomalyStartDate: z.string().nullish(),
  anomalyEndDate: z.string().nullish(),
  monitorName: z.string().nullish(),
  impact: z.object({
    totalImpact: AmountSchema,
    totalActualSpend: AmountSchema.nullish(),
    totalExpectedSpend: AmountSchema.nullish(),
  }),
  rootCauses: z.array(RootCauseSchema).nullish(),
  anomalyDetailsLink: z.string().nullish(),
});

/** What seems to drive an anomaly; any part may be unknown. */
export interface AnomalyCause {
  readonly service: string | undefined;
  readonly region: string | undefined;
  readonly account: string | undefined;
  readonly usageType: string | undefined;
}

/** A spend that AWS Cost Anomaly Detection calls unusual. Amounts are USD over the anomaly's days. */
export interface Anomaly {
  readonly account: string;
  readonly id: string;
  /** As AWS writes them, `2026-07-14T00:00:00Z`. */
  readonly startDate: string | undefined;
  readonly endDate: string | undefined;
  readonly monitor: string | undefined;
  readonly impact: Usd;
  readonly spent: Usd | undefined;
  readonly expected: Usd | undefined;
  readonly causes: readonly AnomalyCause[];
  /** The anomaly in the AWS console. */
  readonly link: string | undefined;
}

/** Reads parsed JSON as an anomaly; `undefined` where it is something else. */
export function parseAnomaly(json: unknown): Anomaly | undefined {
  const parsed = AnomalyMessageSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const impact = data.impact.totalImpact;
  if (impact === undefined) return undefined;
  return {
    account: data.accountId,
    id: data.anomalyId,
    startDate: data.anomalyStartDate ?? undefined,
    endDate: data.anomalyEndDate ?? undefined,
    monitor: data.monitorName ?? undefined,
    impact,
    spent: data.impact.totalActualSpend ?? undefined,
    expected: data.impact.totalExpectedSpend ?? undefined,
    causes: (data.rootCauses ?? []).map(({ service, region, linkedAccount, usageType }) => ({
      service: service ?? undefined,
      region: region ?? undefined,
      account: linkedAccount ?? undefined,
      usageType: usageType ?? undefined,
    })),
    link: data.anomalyDetailsLink ?? undefined,
  };
}
