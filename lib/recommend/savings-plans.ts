import {
  GetSavingsPlansCoverageCommand,
  GetSavingsPlansPurchaseRecommendationCommand,
  type SavingsPlansPurchaseRecommendationDetail,
} from '@aws-sdk/client-cost-explorer';
import { formatUsd, parseUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Check, CheckContext } from './check.ts';
import { exactUsd, percentText, shellWord } from './texts.ts';

/**
 * What runs on demand all the time and no Savings Plan covers.
 *
 * | grade      | low                           | medium                               | high                         |
 * |------------|-------------------------------|--------------------------------------|------------------------------|
 * | risk       | –                             | the least hour needed half of the    | less: it is bound for a year |
 * |            |                               | average and more                     | to what may not be needed    |
 * | effort     | always: one purchase          | –                                    | –                            |
 * | confidence | –                             | used to 90 % by AWS's own estimate   | to 98 %                      |
 *
 * The sums are AWS's own estimate for the last 30 days. One request to Cost Explorer ($0.01), and one more for each kind of
 * plan whose services cost $100 and more on demand and are covered to less than 70 %: three at most.
 */
export const savingsPlans: Check = {
  name: 'savings-plans',
  title: 'Steady use that no Savings Plan covers',
  scope: 'account',
  permissions: [
    {
      actions: ['ce:GetSavingsPlansCoverage', 'ce:GetSavingsPlansPurchaseRecommendation'],
      resources: ['*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const coverage = await readCoverage(context);
    const found: Recommendation[] = [];
    for (const plan of PLANS) {
      const covered = coverageOf(plan, coverage);
      if (covered === undefined || covered.onDemand < LEAST_ON_DEMAND) continue;
      if (covered.percent >= WELL_COVERED_PERCENT) continue;
      const made = await recommend(plan, covered, context);
      if (made !== undefined) found.push(made);
    }
    return found;
  },
};

const DAYS = 30;
const DAY_MS = 86_400_000;
const WELL_COVERED_PERCENT = 70;
/** USD in 30 days. */
const LEAST_ON_DEMAND = 100_000_000n;
/** A plan that would lie idle more than this is not recommended. */
const LEAST_USED_PERCENT = 90;
const SURELY_USED_PERCENT = 98;

interface Plan {
  readonly type: 'COMPUTE_SP' | 'SAGEMAKER_SP';
  readonly name: string;
  /** What it covers, by the names that Cost Explorer has for services. */
  readonly services: RegExp;
  readonly keeps: string;
}

/** Savings Plans User Guide, "Savings Plans types". */
const PLANS: readonly Plan[] = [
  {
    type: 'COMPUTE_SP',
    name: 'Compute Savings Plan',
    services: /Elastic Compute Cloud|\bEC2\b|AWS Lambda|Fargate|Elastic (?:Container|Kubernetes) Service/i,
    keeps:
      'Nothing that runs changes: it holds for EC2, Fargate and Lambda of any type and region. It cannot be given back within the year.',
  },
  {
    type: 'SAGEMAKER_SP',
    name: 'SageMaker Savings Plan',
    services: /SageMaker/i,
    keeps:
      'Nothing that runs changes: it holds for SageMaker instances of any type, region and use. It cannot be given back within the year.',
  },
];

/** What one service cost in the 30 days. */
interface Coverage {
  readonly service: string;
  readonly covered: Usd;
  readonly onDemand: Usd;
}

/** By service, of the last 30 full days (UTC); every page is a request, and there is one page. */
async function readCoverage({ costExplorer, now }: CheckContext): Promise<readonly Coverage[]> {
  const day = (ago: number): string => new Date(now().getTime() - ago * DAY_MS).toISOString().slice(0, 10);
  const page = await costExplorer.send(
    new GetSavingsPlansCoverageCommand({
      TimePeriod: { Start: day(DAYS), End: day(0) },
      GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
      MaxResults: 100,
    }),
  );
  return (page.SavingsPlansCoverages ?? []).flatMap(({ Attributes, Coverage: told }) => {
    const service = Attributes?.SERVICE ?? Attributes?.service;
    const covered = readAmount(told?.SpendCoveredBySavingsPlans);
    const onDemand = readAmount(told?.OnDemandCost);
    return service === undefined || covered === undefined || onDemand === undefined
      ? []
      : [{ service, covered, onDemand }];
  });
}

/** Amounts are decimals; what is no number is not known. */
const readAmount = (text: string | undefined): Usd | undefined =>
  text === undefined ? undefined : parseUsd(text);

interface Covered {
  readonly onDemand: Usd;
  readonly percent: number;
}

function coverageOf({ services }: Plan, all: readonly Coverage[]): Covered | undefined {
  const own = all.filter(({ service }) => services.test(service));
  const onDemand = sumUsd(own.map((one) => one.onDemand));
  const covered = sumUsd(own.map((one) => one.covered));
  const whole = onDemand + covered;
  if (whole <= 0n) return undefined;
  return { onDemand, percent: Number((covered * 1000n) / whole) / 10 };
}

async function recommend(
  plan: Plan,
  { onDemand, percent }: Covered,
  { costExplorer, account, region }: CheckContext,
): Promise<Recommendation | undefined> {
  const answer = await costExplorer.send(
    new GetSavingsPlansPurchaseRecommendationCommand({
      SavingsPlansType: plan.type,
      TermInYears: 'ONE_YEAR',
      PaymentOption: 'NO_UPFRONT',
      LookbackPeriodInDays: 'THIRTY_DAYS',
      AccountScope: 'LINKED',
    }),
  );
  const details = answer.SavingsPlansPurchaseRecommendation?.SavingsPlansPurchaseRecommendationDetails ?? [];
  // In a management account there is one for each account.
  const detail =
    details.find(({ AccountId }) => AccountId === account) ?? (details.length === 1 ? details[0] : undefined);
  const offer = detail === undefined ? undefined : readOffer(detail);
  if (offer === undefined || offer.monthly <= 0n || offer.used < LEAST_USED_PERCENT) return undefined;
  const arn = `arn:aws:savingsplans::${account}:${plan.type}`;
  const { monthly, commitment, used, least, average, offering } = offer;
  const isSteady = 2n * least >= average;
  return {
    id: `${savingsPlans.name} ${arn}`,
    check: savingsPlans.name,
    title: `Buy a ${plan.name} of ${exactUsd(commitment)} an hour for one year, nothing upfront.`,
    resource: {
      arn,
      id: plan.type,
      kind: plan.name,
      region,
      project: undefined,
      owner: undefined,
    },
    monthly,
    basis: `AWS's own estimate by the last ${DAYS} days, after the ${exactUsd(commitment)} × 730 h of the plan`,
    risk: isSteady ? 'medium' : 'high',
    effort: 'low',
    confidence: used >= SURELY_USED_PERCENT ? 'high' : 'medium',
    evidence: [
      `Savings Plans cover ${percentText(percent)} of what it could cover; ${formatUsd(onDemand)} of ${DAYS} days were on demand.`,
      `On demand it cost ${formatUsd(average)} an hour on average and ${formatUsd(least)} in the least of all hours.`,
      `AWS expects ${percentText(used)} of the plan to be used. What other recommendations stop or shrink needs no plan: do those first.`,
    ],
    keeps: plan.keeps,
    how: [
      {
        form: 'command',
        text: `aws savingsplans create-savings-plan --savings-plan-offering-id ${shellWord(offering)} --commitment ${exactUsd(commitment).slice(1)}`,
      },
    ],
  };
}

interface Offer {
  readonly monthly: Usd;
  /** USD an hour. */
  readonly commitment: Usd;
  /** Percent. */
  readonly used: number;
  /** USD an hour on demand. */
  readonly least: Usd;
  readonly average: Usd;
  readonly offering: string;
}

/** `undefined` where AWS leaves out what it must be judged by, or answers in another currency. */
function readOffer(detail: SavingsPlansPurchaseRecommendationDetail): Offer | undefined {
  const monthly = readAmount(detail.EstimatedMonthlySavingsAmount);
  const commitment = readAmount(detail.HourlyCommitmentToPurchase);
  const used = Number(detail.EstimatedAverageUtilization ?? Number.NaN);
  const least = readAmount(detail.CurrentMinimumHourlyOnDemandSpend) ?? ZERO_USD;
  const average = readAmount(detail.CurrentAverageHourlyOnDemandSpend);
  const offering = detail.SavingsPlansDetails?.OfferingId;
  if (monthly === undefined || commitment === undefined || average === undefined) return undefined;
  if (offering === undefined || Number.isNaN(used) || (detail.CurrencyCode ?? 'USD') !== 'USD')
    return undefined;
  return { monthly, commitment, used, least, average, offering };
}
