import { readFileSync } from 'node:fs';
import { type App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { LaunchEventsStack, ScpStack } from '../../lib/stacks/index.ts';
import {
  allocatingPolicy,
  bothStacks,
  EVERYTHING,
  freezingPolicy,
  POLICY_FILE,
  unbundledApp,
} from './fixtures.ts';

const ReportSchema = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({
          ruleName: z.string(),
          violatingConstructs: z.array(z.object({ constructPath: z.string() })),
        }),
      ),
    }),
  ),
});
const AcknowledgedSchema = z.record(z.string(), z.string());

/** Synthesises as `bin/app.ts` does; what cdk-nag has found, as the report in the cloud assembly tells it. */
function findings(app: App): readonly string[] {
  // CDK prints the findings as well, and calls the process failed.
  const { exitCode } = process;
  const silent = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => {
    process.exitCode = exitCode;
    silent.mockRestore();
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const error = failure(() => app.synth());
  const { pluginReports } = ReportSchema.parse(
    JSON.parse(readFileSync(`${app.outdir}/validation-report.json`, 'utf8')),
  );
  const found = pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    ),
  );
  expect(error === undefined, String(error)).toBe(found.length === 0);
  return found;
}

function failure(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

const ENVIRONMENTS = [
  ['of the account and region that deploys', {}],
  ['of a given account and region', { env: { account: '123456789012', region: 'eu-west-1' } }],
] as const;

describe('cdk-nag', () => {
  it.each(ENVIRONMENTS)('finds nothing in stacks %s', (_, props) => {
    const app = unbundledApp();
    bothStacks(app, { ...EVERYTHING, ...props });
    expect(findings(app)).toEqual([]);
  });

  it.each(ENVIRONMENTS)(
    'finds nothing where roles are frozen and what is untagged is stopped, %s',
    (_, props) => {
      const app = unbundledApp();
      bothStacks(app, { ...EVERYTHING, ...props, policyFile: freezingPolicy() });
      expect(findings(app)).toEqual([]);
    },
  );

  it.each(ENVIRONMENTS)(
    'finds nothing where the bill and who used what are read in places of their own, %s',
    (_, props) => {
      const app = unbundledApp();
      bothStacks(app, { ...EVERYTHING, ...props, policyFile: allocatingPolicy() });
      expect(findings(app)).toEqual([]);
    },
  );

  it('finds nothing in the stacks of other regions and of the management account', () => {
    const app = unbundledApp();
    new LaunchEventsStack(app, 'Elsewhere', {
      env: { region: 'eu-west-1' },
      policyFile: POLICY_FILE,
      mainRegion: 'us-east-1',
    });
    new ScpStack(app, 'Scp');
    expect(findings(app)).toEqual([]);
  });

  it('finds nothing where CDK writes the partition out', () => {
    const app = unbundledApp();
    app.node.setContext('@aws-cdk/core:enablePartitionLiterals', true);
    bothStacks(app, { ...EVERYTHING, env: { account: '123456789012', region: 'eu-west-1' } });
    expect(findings(app)).toEqual([]);
  });

  it('finds a queue without TLS and dead letters, and a wildcard that no one gave a reason for', () => {
    const app = unbundledApp();
    const { ledger, sweep } = bothStacks(app, EVERYTHING).enforcer.enforcer;
    ledger.grant(sweep, 'dynamodb:*');
    new Queue(new Stack(app, 'Careless'), 'Queue');
    expect(findings(app)).toEqual([
      expect.stringMatching(/AwsSolutions-IAM5\[Action::dynamodb:\*\] at Bursar\/Enforcer\/SweepRole\//),
      expect.stringMatching(
        /AwsSolutions-IAM5\[Resource::<.*Ledger.*\/index\/\*\] at Bursar\/Enforcer\/SweepRole\//,
      ),
      expect.stringMatching(/AwsSolutions-SQS3 at Careless\/Queue\/Resource$/),
      expect.stringMatching(/AwsSolutions-SQS4 at Careless\/Queue\/Resource$/),
    ]);
  });
});

describe('what is acknowledged', () => {
  const app = unbundledApp();
  bothStacks(app, { ...EVERYTHING, policyFile: freezingPolicy() });
  const acknowledged = app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries(AcknowledgedSchema.parse(data)).map(([id, reason]) => ({
          id,
          reason,
          at: node.path,
        })),
      ),
  );

  it('is said of roles and the one policy, for wildcards, and of the access logs of reports', () => {
    const wildcards = acknowledged.filter(({ id }) => id.includes('IAM5'));
    expect(wildcards.length).toBeGreaterThan(0);
    for (const { id, at } of wildcards) {
      expect(id).toMatch(/AwsSolutions-IAM5\[(Resource|Action)::.+\]$/);
      expect(at).toMatch(/^Bursar\/Enforcer\/((LaunchGuard|Reports|Gate)\/)?(\w+Role|OperatorPolicy)$/);
    }
    const others = acknowledged.filter((one) => !wildcards.includes(one));
    expect(others.map(({ id, at }) => [id.replace(/^.*(?=AwsSolutions)/, ''), at])).toEqual([
      ['AwsSolutions-S1', 'Bursar/Enforcer/Reports/Bucket'],
    ]);
  });

  it.each(acknowledged)('$id at $at has a reason', ({ reason }) => {
    expect(reason.split(/\s+/).length).toBeGreaterThanOrEqual(5);
  });
});
