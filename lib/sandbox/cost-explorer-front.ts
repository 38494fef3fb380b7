import * as z from 'zod';
import { forward } from './forward.ts';
import { type LoopbackAnswer, type LoopbackServer, serveLoopback } from './loopback.ts';

const AmountSchema = z.string().regex(/^\d+(\.\d+)?$/);

const SavingsPlansSchema = z.object({
  /** USD of 30 days by service, as Cost Explorer names it. */
  coverage: z.record(z.string(), z.object({ covered: AmountSchema, onDemand: AmountSchema })).default({}),
  /** By the type of the plan (`COMPUTE_SP`): what AWS would have the account buy. USD an hour, but for `monthly`. */
  offers: z
    .record(
      z.string(),
      z.object({
        commitment: AmountSchema,
        monthly: AmountSchema,
        /** Percent of the plan. */
        used: AmountSchema,
        least: AmountSchema,
        average: AmountSchema,
        offering: z.string(),
      }),
    )
    .default({}),
});
export type SavingsPlansSaid = z.input<typeof SavingsPlansSchema>;

const SAVINGS_PLANS_PATH = '/_front/savings-plans';

/** Tells the front at `url` what there is to say of Savings Plans; what it was told before is forgotten. */
export async function setSavingsPlans(url: string, said: SavingsPlansSaid): Promise<void> {
  const { ok, status } = await fetch(`${url}${SAVINGS_PLANS_PATH}`, {
    method: 'PUT',
    body: JSON.stringify(said),
  });
  if (!ok) throw new Error(`The Cost Explorer front answered ${status}.`);
}

const PlanSchema = z.object({ SavingsPlansType: z.string() });

/** A Cost Explorer on loopback: says of Savings Plans, which moto knows not, what `setSavingsPlans` said; moto does the rest. */
export function startCostExplorerFront(moto: string, account: string): Promise<LoopbackServer> {
  let { coverage, offers } = SavingsPlansSchema.parse({});
  return serveLoopback(async (request) => {
    if (request.path === SAVINGS_PLANS_PATH) {
      ({ coverage, offers } = SavingsPlansSchema.parse(JSON.parse(request.body)));
      return { status: 204, body: '' };
    }
    switch (request.headers['x-amz-target']?.split('.').at(-1)) {
      case 'GetSavingsPlansCoverage':
        return json({
          SavingsPlansCoverages: Object.entries(coverage).map(([SERVICE, { covered, onDemand }]) => ({
            Attributes: { SERVICE },
            Coverage: { SpendCoveredBySavingsPlans: covered, OnDemandCost: onDemand },
          })),
        });
      case 'GetSavingsPlansPurchaseRecommendation': {
        const type = PlanSchema.parse(JSON.parse(request.body)).SavingsPlansType;
        const offer = Object.hasOwn(offers, type) ? offers[type] : undefined;
        const details =
          offer === undefined
            ? []
            : [
                {
                  AccountId: account,
                  CurrencyCode: 'USD',
                  HourlyCommitmentToPurchase: offer.commitment,
                  EstimatedMonthlySavingsAmount: offer.monthly,
                  EstimatedAverageUtilization: offer.used,
                  CurrentMinimumHourlyOnDemandSpend: offer.least,
                  CurrentAverageHourlyOnDemandSpend: offer.average,
                  SavingsPlansDetails: { OfferingId: offer.offering },
                },
              ];
        return json({
          SavingsPlansPurchaseRecommendation: { SavingsPlansPurchaseRecommendationDetails: details },
        });
      }
      default:
        return forward(request, moto);
    }
  });
}

const json = (body: unknown): LoopbackAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
