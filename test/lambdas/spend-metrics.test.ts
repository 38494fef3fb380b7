import { Metrics } from '@aws-lambda-powertools/metrics';
import { App, Stack } from 'aws-cdk-lib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { writeSpendMetrics } from '../../lambdas/spend-metrics.ts';
import { coverage } from '../../lib/compliance/coverage.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { spendGraphs } from '../../lib/stacks/spend-graphs.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { METRICS_NAMESPACE, PROJECT_METRICS } from '../../lib/types/metric.ts';
import { usd } from '../meter/fixtures.ts';
import { quietConsole } from './fixtures.ts';

const policy = parsePolicy(
  `
version: 1
projects: { recsys: { owner: beta, budget: 4000 USD }, fraud: { owner: alpha } }
policies: [{ name: everything, match: {}, idle: off }]
requiredTags: { project: any }
`,
  'bursar.yaml',
);

const spend: ProjectSpend = {
  project: 'recsys',
  asOf: new Date('2026-11-25T12:00:00.000Z'),
  billed: usd('861.4'),
  estimated: usd('38.612345'),
  low: usd('890'),
  high: usd('910'),
  band: 'learned',
  billedThrough: undefined,
  today: usd('50'),
  todayBilled: usd('0'),
  burn: usd('48.96'),
  usualBurn: undefined,
  discount: 0,
  running: 4,
  unpriced: [],
  forecast: { amount: usd('2000'), low: usd('2000'), high: usd('2000'), basis: 'burn' },
};

/** The embedded metric format, as CloudWatch reads it off the log. */
const EmfSchema = z.looseObject({
  _aws: z.object({
    Timestamp: z.int(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ),
  }),
});

/** What CloudWatch makes of a line: each metric with its dimensions, and its value. */
const readEmf = (line: string): readonly [string, unknown][] => {
  const emf = EmfSchema.parse(JSON.parse(line));
  return emf._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics: some }) =>
    Dimensions.flatMap((names) =>
      some.map(({ Name }): [string, unknown] => [
        JSON.stringify([
          Namespace,
          Name,
          Object.fromEntries(names.toSorted().map((name) => [name, emf[name]])),
        ]),
        emf[Name],
      ]),
    ),
  );
};

let quiet: ReturnType<typeof quietConsole>;
beforeEach(() => {
  quiet = quietConsole();
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
});
afterEach(() => {
  quiet.restore();
  vi.unstubAllEnvs();
});

function written(): ReadonlyMap<string, unknown> {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: 'sweep' });
  const resource = {
    kind: 'ec2-instance',
    arn: 'arn',
    id: 'i-1',
    account: '111122223333',
    region: 'us-east-1',
    tags: { project: 'recsys' },
    state: 'running' as const,
    since: spend.asOf,
    size: 'g5.xlarge',
    protections: [],
    hourly: usd('1'),
  };
  writeSpendMetrics(
    {
      byDay: () => new Map(),
      models: new Map(),
      spends: new Map([
        ['recsys', spend],
        ['', { ...spend, project: undefined }],
      ]),
      earlier: new Map(),
      beside: [],
      coverage: coverage(policy, [resource]),
    },
    policy,
    metrics,
  );
  return new Map(quiet.lines.flatMap(readEmf));
}

const named = (metric: string, project: string): string =>
  JSON.stringify([METRICS_NAMESPACE, metric, { Project: project, service: 'sweep' }]);

describe('the metrics of the projects', () => {
  it('are in the log as CloudWatch reads them, under the project and the service', () => {
    expect([...written()]).toEqual([
      [named(PROJECT_METRICS.billed, 'recsys'), 861.4],
      [named(PROJECT_METRICS.estimated, 'recsys'), 38.612345],
      [named(PROJECT_METRICS.burn, 'recsys'), 48.96],
      [named(PROJECT_METRICS.limit, 'recsys'), 4000],
      [named(PROJECT_METRICS.tagCoverage, 'recsys'), 100],
    ]);
  });

  it('are those that the dashboard draws', () => {
    const stack = new Stack(new App(), 'Drawn');
    const drawn = z
      .array(
        z.looseObject({
          properties: z.looseObject({
            title: z.string().optional(),
            metrics: z.array(z.array(z.unknown())).optional(),
          }),
        }),
      )
      .parse(
        stack.resolve(
          spendGraphs(Object.values(policy.projects)).flatMap((row) => row.flatMap((one) => one.toJson())),
        ),
      )
      .flatMap(({ properties: { title, metrics = [] } }) => (title === 'recsys' ? metrics : []))
      .flatMap(([namespace, metric, ...dimensions]) => {
        if (typeof namespace !== 'string') return [];
        const [first, project, second, service] = dimensions;
        expect([first, second]).toEqual(['Project', 'service']);
        return [JSON.stringify([namespace, metric, { Project: project, service }])];
      });
    expect(drawn).toHaveLength(4);
    for (const one of drawn) expect([...written().keys()]).toContain(one);
  });
});
