import {
  CostExplorerClient,
  GetSavingsPlansCoverageCommand,
  GetSavingsPlansPurchaseRecommendationCommand,
  type SavingsPlansPurchaseRecommendationDetail,
} from '@aws-sdk/client-cost-explorer';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { savingsPlans } from '../../lib/recommend/savings-plans.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { ACCOUNT, checkContext, NOW, REGION } from './support/context.ts';

// Neither moto nor the account in memory knows Savings Plans: their answers are made up here, in the form of the API.

const EC2 = 'Amazon Elastic Compute Cloud - Compute';

const detail: SavingsPlansPurchaseRecommendationDetail = {
  AccountId: ACCOUNT,
  CurrencyCode: 'USD',
  EstimatedMonthlySavingsAmount: '203.67',
  HourlyCommitmentToPurchase: '0.724',
  EstimatedAverageUtilization: '99.2',
  CurrentMinimumHourlyOnDemandSpend: '0.9',
  CurrentAverageHourlyOnDemandSpend: '1.38',
  SavingsPlansDetails: { OfferingId: '0d36bcd3-6f45-4f7d-8f2e-1a2b3c4d5e6f' },
};

interface Answers {
  /** By service: covered and on demand, USD. */
  readonly coverage: Readonly<Record<string, readonly [covered: string, onDemand: string]>>;
  readonly details?: readonly SavingsPlansPurchaseRecommendationDetail[];
}

async function findWith({ coverage, details = [detail] }: Answers) {
  const costExplorer = new CostExplorerClient({ region: REGION });
  const mock = mockClient(costExplorer);
  mock.on(GetSavingsPlansCoverageCommand).resolves({
    SavingsPlansCoverages: Object.entries(coverage).map(([service, [covered, onDemand]]) => ({
      Attributes: { SERVICE: service },
      Coverage: { SpendCoveredBySavingsPlans: covered, OnDemandCost: onDemand },
    })),
  });
  mock.on(GetSavingsPlansPurchaseRecommendationCommand).resolves({
    SavingsPlansPurchaseRecommendation: { SavingsPlansPurchaseRecommendationDetails: [...details] },
  });
  const found = await savingsPlans.find(checkContext({ costExplorer }));
  return { found, calls: mock.calls().map(({ args }) => args[0].input) };
}

const uncovered: Answers = { coverage: { [EC2]: ['0', '993.6'] } };

describe('what no Savings Plan covers', () => {
  it('is told with the commitment and the dollars that AWS names', async () => {
    const { found, calls } = await findWith(uncovered);
    expect(found).toEqual([
      {
        id: `savings-plans arn:aws:savingsplans::${ACCOUNT}:COMPUTE_SP`,
        check: 'savings-plans',
        title: 'Buy a Compute Savings Plan of $0.724 an hour for one year, nothing upfront.',
        resource: {
          arn: `arn:aws:savingsplans::${ACCOUNT}:COMPUTE_SP`,
          id: 'COMPUTE_SP',
          kind: 'Compute Savings Plan',
          region: REGION,
          project: undefined,
          owner: undefined,
        },
        monthly: 203_670_000n,
        basis: "AWS's own estimate by the last 30 days, after the $0.724 × 730 h of the plan",
        // The least hour, $0.90, is more than half of the average, $1.38.
        risk: 'medium',
        effort: 'low',
        confidence: 'high',
        evidence: [
          'Savings Plans cover 0% of what it could cover; $993.60 of 30 days were on demand.',
          'On demand it cost $1.38 an hour on average and $0.90 in the least of all hours.',
          'AWS expects 99.2% of the plan to be used. What other recommendations stop or shrink needs no plan: do those first.',
        ],
        keeps:
          'Nothing that runs changes: it holds for EC2, Fargate and Lambda of any type and region. It cannot be given back within the year.',
        how: [
          {
            form: 'command',
            text: 'aws savingsplans create-savings-plan --savings-plan-offering-id 0d36bcd3-6f45-4f7d-8f2e-1a2b3c4d5e6f --commitment 0.724',
          },
        ],
      },
    ]);
    // Two requests, $0.02: SageMaker costs nothing.
    expect(calls).toEqual([
      {
        TimePeriod: { Start: '2026-10-27', End: '2026-11-26' },
        GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
        MaxResults: 100,
      },
      {
        SavingsPlansType: 'COMPUTE_SP',
        TermInYears: 'ONE_YEAR',
        PaymentOption: 'NO_UPFRONT',
        LookbackPeriodInDays: 'THIRTY_DAYS',
        AccountScope: 'LINKED',
      },
    ]);
  });

  it('is asked for each kind of plan, three requests at most', async () => {
    const { found, calls } = await findWith({
      coverage: { [EC2]: ['0', '500'], 'Amazon SageMaker': ['0', '500'], AmazonS3: ['0', '900'] },
    });
    expect(found.map(({ resource }) => resource.id)).toEqual(['COMPUTE_SP', 'SAGEMAKER_SP']);
    expect(calls).toHaveLength(3);
  });

  it('is riskier where the use is not steady', async () => {
    const least = (CurrentMinimumHourlyOnDemandSpend: string) =>
      findWith({ ...uncovered, details: [{ ...detail, CurrentMinimumHourlyOnDemandSpend }] });
    expect((await least('0.69')).found[0]?.risk).toBe('medium');
    expect((await least('0.689999')).found[0]?.risk).toBe('high');
  });
});

describe('nothing is said', () => {
  it.each<[string, Answers['coverage'], number]>([
    ['where nothing runs', {}, 1],
    // 700 of 1,000.
    ['where seven tenths are covered', { [EC2]: ['700', '300'] }, 1],
    ['where little is on demand', { [EC2]: ['0', '99.99'] }, 1],
    ['of what no plan covers', { AmazonS3: ['0', '900'] }, 1],
    ['of what AWS told no number', { [EC2]: ['0', 'much'] }, 1],
  ])('%s', async (_, coverage, requests) => {
    const { found, calls } = await findWith({ coverage });
    expect(found).toEqual([]);
    expect(calls).toHaveLength(requests);
  });

  it('is said a hair below seven tenths', async () => {
    expect((await findWith({ coverage: { [EC2]: ['699', '301'] } })).found).toHaveLength(1);
  });

  it.each<[string, readonly SavingsPlansPurchaseRecommendationDetail[]]>([
    ['AWS recommends none', []],
    ['it would lie idle', [{ ...detail, EstimatedAverageUtilization: '89.9' }]],
    ['it saves nothing', [{ ...detail, EstimatedMonthlySavingsAmount: '0' }]],
    ['it is another currency', [{ ...detail, CurrencyCode: 'CNY' }]],
    [
      'all are of other accounts',
      [
        { ...detail, AccountId: '999988887777' },
        { ...detail, AccountId: '999988886666' },
      ],
    ],
  ])('where %s', async (_, details) => {
    expect((await findWith({ ...uncovered, details })).found).toEqual([]);
  });

  it('of an account in memory, which knows none', async () => {
    const { costExplorer } = createAccount(() => NOW);
    expect(await savingsPlans.find(checkContext({ costExplorer }))).toEqual([]);
  });
});
