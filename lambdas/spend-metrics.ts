import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Spending } from '../lib/enforce/sweep-spending.ts';
import type { Policy } from '../lib/policy/policy.ts';
import { PROJECT_DIMENSION, PROJECT_METRICS } from '../lib/types/metric.ts';
import { type Usd, usdToDecimal } from '../lib/types/money.ts';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

/** Writes how each project of the policy stands, under its name. CloudWatch counts in floating point; nothing is decided by it. */
export function writeSpendMetrics(
  { spends, coverage }: Spending,
  { projects }: Pick<Policy, 'projects'>,
  metrics: Pick<Metrics, 'singleMetric'>,
): void {
  // Each metric is written as soon as it is added, and takes the dimension with it.
  const single = metrics.singleMetric();
  for (const { name, budget } of Object.values(projects)) {
    const write = (metric: string, unit: Unit, value: number): void => {
      single.addDimension(PROJECT_DIMENSION, name);
      single.addMetric(metric, unit, value);
    };
    const usd = (metric: string, amount: Usd): void =>
      write(metric, MetricUnit.NoUnit, Number(usdToDecimal(amount)));
    const spend = spends.get(name);
    if (spend !== undefined) {
      usd(PROJECT_METRICS.billed, spend.billed);
      usd(PROJECT_METRICS.estimated, spend.estimated);
      usd(PROJECT_METRICS.burn, spend.burn);
    }
    if (budget !== undefined) usd(PROJECT_METRICS.limit, budget);
    const tags = coverage.projects.get(name);
    if (tags !== undefined) write(PROJECT_METRICS.tagCoverage, MetricUnit.Percent, tags.byCount);
  }
}
