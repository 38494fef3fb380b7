import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRICS_NAMESPACE, PROJECT_METRICS } from '../../lib/types/metric.ts';
import { EVERYTHING, policyFile, templates } from './fixtures.ts';
import { resourcesOf } from './read-template.ts';

const WidgetSchema = z.object({
  type: z.string(),
  width: z.number(),
  x: z.number(),
  properties: z.object({
    title: z.string().optional(),
    metrics: z.array(z.array(z.unknown())).optional(),
  }),
});
const BodySchema = z
  .string()
  .transform((text) => z.object({ widgets: z.array(WidgetSchema) }).parse(JSON.parse(text)));

/** The graphs of the dashboard by title: what each draws, a text a line. */
function graphs(file?: string): ReadonlyMap<string, string> {
  const { enforcer } = templates({ ...EVERYTHING, ...(file === undefined ? {} : { policyFile: file }) });
  const [dashboard] = resourcesOf(enforcer, 'AWS::CloudWatch::Dashboard');
  const { DashboardBody } = z.object({ DashboardBody: BodySchema }).parse(dashboard?.properties);
  for (const { x, width } of DashboardBody.widgets) expect(x + width).toBeLessThanOrEqual(24);
  return new Map(
    DashboardBody.widgets.flatMap(({ properties: { title, metrics = [] } }) =>
      title === undefined ? [] : [[title, metrics.map((one) => JSON.stringify(one)).join('\n')] as const],
    ),
  );
}

const shipped = graphs();

describe('the dashboard', () => {
  it('draws for each project what is billed, what that is with the estimate, its budget and its burn rate', () => {
    const drawn = shipped.get('fraud-detection') ?? '';
    const { billed, estimated, limit, burn } = PROJECT_METRICS;
    for (const name of [billed, estimated, limit, burn])
      expect(drawn).toContain(
        `["${METRICS_NAMESPACE}","${name}","Project","fraud-detection","service","sweep"`,
      );
    expect(drawn).toContain('"expression":"billed + estimated"');
  });

  it('draws no budget where there is none', () => {
    expect(shipped.get('ml-platform')).toContain(PROJECT_METRICS.billed);
    expect(shipped.get('ml-platform')).not.toContain(`"${PROJECT_METRICS.limit}"`);
  });

  it('draws burn rates and tags of all projects together', () => {
    const together = [...shipped].filter(([title]) => title.startsWith('All projects'));
    expect(together.map(([, drawn]) => /MetricName=\\"?\\?"?(\w+)/.exec(drawn)?.[1])).toEqual([
      PROJECT_METRICS.burn,
      PROJECT_METRICS.tagCoverage,
    ]);
    for (const [, drawn] of together) expect(drawn).toContain("SEARCH('{Bursar,Project,service}");
  });

  it('has a graph for each of the first twenty, and the spend of all together where there are more', () => {
    const projects = Array.from({ length: 23 }, (_, index) => `  p${index}: { budget: 5 USD }`).join('\n');
    const many = graphs(
      policyFile(`version: 1\nprojects:\n${projects}\npolicies:\n  - { name: all, match: {}, idle: off }\n`),
    );
    expect([...many.keys()].filter((title) => /^p\d+$/.test(title))).toEqual(
      Array.from({ length: 20 }, (_, index) => `p${index}`),
    );
    const together = [...many].filter(([title]) => title.startsWith('All projects'));
    expect(together).toHaveLength(4);
    expect(together.map(([, drawn]) => drawn).join()).toContain(PROJECT_METRICS.billed);
  });

  it('has the reports that could not be written, and who writes and opens them', () => {
    expect(shipped.get('What waits')).toContain('"label":"reports, dead"');
    for (const name of ['report', 'report-link']) {
      expect(shipped.get('Errors')).toContain(`"label":"${name}"`);
      expect(shipped.get('Calls turned away')).toContain(`"label":"${name}"`);
    }
  });

  it('has the launches and who looks at them beside the others', () => {
    expect(shipped.get('What waits')).toContain('"label":"launches"');
    for (const title of ['Errors', 'Calls turned away'])
      expect(shipped.get(title)).toContain('"label":"launch-guard"');
  });
});
