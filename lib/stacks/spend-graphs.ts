import { Duration } from 'aws-cdk-lib';
import {
  GraphWidget,
  type IWidget,
  MathExpression,
  Metric,
  SearchExpression,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Project } from '../policy/policy.ts';
import { METRICS_NAMESPACE, PROJECT_DIMENSION, PROJECT_METRICS } from '../types/metric.ts';

/** More would make the page slow to read. */
const MOST_GRAPHS = 20;

/** What the projects spend: a graph each for the first twenty of the policy file, and graphs that all share. */
export function spendGraphs(projects: readonly Project[]): readonly IWidget[][] {
  if (projects.length === 0) return [];
  return [
    [new TextWidget({ markdown: '## Spend', width: 24, height: 1 })],
    ...pairs(projects.slice(0, MOST_GRAPHS).map(projectGraph)),
    ...pairs([
      ...(projects.length > MOST_GRAPHS
        ? [
            sharedGraph('All projects: USD billed this month', PROJECT_METRICS.billed),
            sharedGraph('All projects: USD not billed yet, estimated', PROJECT_METRICS.estimated),
          ]
        : []),
      sharedGraph('All projects: USD an hour', PROJECT_METRICS.burn),
      sharedGraph('All projects: percent of resources with all required tags', PROJECT_METRICS.tagCoverage),
    ]),
  ];
}

const pairs = (widgets: readonly IWidget[]): readonly IWidget[][] =>
  widgets.flatMap((_, index) => (index % 2 === 0 ? [widgets.slice(index, index + 2)] : []));

const PERIOD = Duration.minutes(5);
const SIZE = { width: 12, height: 6 };

/** As the sweep writes it: once a sweep, so that any statistic gives the value. */
const projectMetric = (metricName: string, project: string, label: string): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: 'sweep', [PROJECT_DIMENSION]: project },
    statistic: 'Maximum',
    period: PERIOD,
    label,
  });

/** What is billed lies below what is spent with the estimate; where the two meet, all is billed. */
function projectGraph({ name, budget }: Project): GraphWidget {
  const billed = projectMetric(PROJECT_METRICS.billed, name, 'billed');
  const spent = new MathExpression({
    expression: 'billed + estimated',
    usingMetrics: { billed, estimated: projectMetric(PROJECT_METRICS.estimated, name, 'estimated') },
    label: 'with the estimate',
    period: PERIOD,
  });
  return new GraphWidget({
    title: name,
    left: [
      billed,
      spent,
      ...(budget === undefined ? [] : [projectMetric(PROJECT_METRICS.limit, name, 'budget')]),
    ],
    right: [projectMetric(PROJECT_METRICS.burn, name, 'an hour')],
    leftYAxis: { label: 'USD this month', showUnits: false, min: 0 },
    rightYAxis: { label: 'USD an hour', showUnits: false, min: 0 },
    ...SIZE,
  });
}

/** Whatever projects there are; CloudWatch draws the first 500 at most (its user guide, "Search expressions"). */
const sharedGraph = (title: string, metric: string): GraphWidget =>
  new GraphWidget({
    title,
    left: [
      new SearchExpression({
        expression: `SEARCH('{${METRICS_NAMESPACE},${PROJECT_DIMENSION},service} MetricName="${metric}"', 'Maximum', ${PERIOD.toSeconds()})`,
        label: '',
        period: PERIOD,
      }),
    ],
    leftYAxis: { showUnits: false, min: 0 },
    ...SIZE,
  });
