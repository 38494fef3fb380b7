import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import Table from 'cli-table3';
import * as z from 'zod';
import { sweep } from '../lambdas/sweep.ts';
import {
  createBudgetsClient,
  createCloudTrailClient,
  createCostExplorerClient,
  createRegionClients,
  type RegionClients,
} from '../lib/fleet/clients.ts';
import { createLedger } from '../lib/ledger/dynamodb.ts';
import { ACCOUNT, REGION, ROOT, startLocalAws } from '../lib/sandbox/local-aws.ts';
import { BUSY, IDLE, putInstanceUse } from '../lib/sandbox/seed.ts';
import { readPolicy } from '../lib/stacks/policy-asset.ts';
import { microUsd, type Usd } from '../lib/types/money.ts';
import { createLedgerTable } from '../test/support/ledger-table.ts';
import { measureMeter } from './measure-meter.ts';

/*
 * Measures what the README states: what a month in the meter takes, the size and the cold start of each Lambda's
 * bundle on this machine, and what a sweep over 1,000 instances asks of AWS and of the ledger. Counts are the same
 * everywhere; times are this machine's.
 */
const RUNS = 7;
/** The calls whose number grows with the fleet; the others are a few for each kind of resource. */
const NAMED = [
  ['DescribeInstances', /^DescribeInstancesCommand$/],
  ['GetMetricData', /^GetMetricDataCommand$/],
  ['close looks', /^DescribeInstanceAttributeCommand$/],
  ['ledger reads', /^(?:BatchGet|Get|Query)(?:Item)?Command$/],
  ['ledger writes', /^(?:BatchWrite|Delete|Put|TransactWrite|Update)(?:Items?)?Command$/],
] as const;

const FLEET = 1_000;
const BUSY_SHARE = 0.7;

const TemplateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.looseObject({ Description: z.string().optional().catch(undefined) }).optional(),
      Metadata: z.looseObject({ 'aws:asset:path': z.string().optional() }).optional(),
    }),
  ),
});

const scratch = mkdtempSync(join(tmpdir(), 'bursar-measure-'));
try {
  console.log(measureMeter());
  console.log(showBundles(synthesise()));
  console.log(await sweepOfThousand());
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The folder of each Lambda's code by its name in the template. */
function synthesise(): ReadonlyMap<string, string> {
  const out = join(scratch, 'cdk.out');
  const cdk = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const args = [cdk, 'synth', '--quiet', '--output', out, '--context', 'slackSecret=bursar/slack'];
  const { status, stderr } = spawnSync('node', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`cdk synth failed.\n${stderr}`);
  const { Resources } = TemplateSchema.parse(
    JSON.parse(readFileSync(join(out, 'Bursar.template.json'), 'utf8')),
  );
  return new Map(
    Object.values(Resources).flatMap(({ Type, Properties, Metadata }) => {
      const asset = Metadata?.['aws:asset:path'];
      return Type === 'AWS::Lambda::Function' && asset !== undefined
        ? [[Properties?.Description ?? '', join(out, asset)] as const]
        : [];
    }),
  );
}

function showBundles(bundles: ReadonlyMap<string, string>): string {
  const table = new Table({ head: ['Lambda', 'bundle', 'gzip', 'cold start', 'of which Node'] });
  const empty = median(times('0'));
  for (const [description, folder] of bundles) {
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.mjs')) ?? '');
    const start = median(times(`await import(${JSON.stringify(file)})`));
    table.push([
      description,
      `${(statSync(file).size / 1e6).toFixed(2)} MB`,
      `${(gzipSync(readFileSync(file)).length / 1e6).toFixed(2)} MB`,
      `${start.toFixed(0)} ms`,
      `${empty.toFixed(0)} ms`,
    ]);
  }
  return `Bundles; cold start = a new Node ${process.versions.node} that loads it, median of ${RUNS}\n${table}`;
}

/** Wall-clock of a new Node that runs the code, in milliseconds. */
function times(code: string): readonly number[] {
  return Array.from({ length: RUNS }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync('node', ['--input-type=module', '--eval', code], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return performance.now() - started;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Two sweeps, five minutes apart, over a fleet of which most is busy. */
async function sweepOfThousand(): Promise<string> {
  const aws = await startLocalAws();
  try {
    // Metrics are lines of JSON on stdout, which nobody reads here.
    Object.assign(process.env, aws.env, { POWERTOOLS_METRICS_DISABLED: 'true' });
    const clients = createRegionClients(REGION);
    const ids = await launch(clients);
    const now = new Date(Math.floor(Date.now() / 300_000) * 300_000 + 3 * 3_600_000);
    const busy = Math.round(FLEET * BUSY_SHARE);
    for (const [index, id] of ids.entries()) {
      const use = index < busy ? BUSY : IDLE;
      await putInstanceUse(
        clients,
        id,
        use,
        new Date(now.getTime() - 3_600_000),
        new Date(now.getTime() + 600_000),
      );
    }
    const dynamo = new DynamoDBClient({});
    const ledger = createLedger(dynamo, await createLedgerTable(dynamo, 'measure'));
    const budgets = createBudgetsClient();
    const costExplorer = createCostExplorerClient();
    const cloudTrail = createCloudTrailClient(REGION);
    const calls = countCalls([...Object.values(clients), dynamo, budgets, costExplorer, cloudTrail]);
    const policy = readPolicy(join(ROOT, 'bursar.yaml'));
    const table = new Table({
      head: ['Sweep', ...NAMED.map(([title]) => title), 'others', 'metrics', 'decided', 'time'],
    });
    for (const minutes of [0, 5]) {
      calls.clear();
      const at = new Date(now.getTime() + minutes * 60_000);
      const context = {
        account: ACCOUNT,
        region: REGION,
        clients,
        prices: { hourly: price, unit: price, spot: price },
        now: () => at,
      };
      const countOf = (isOne: (name: string) => boolean): number =>
        [...calls].reduce((sum, [name, n]) => (isOne(name) ? sum + n : sum), 0);
      const started = performance.now();
      const summary = await sweep({
        policy,
        ledger,
        regions: new Map([[REGION, context]]),
        budgets,
        costExplorer,
        cloudTrails: new Map([[REGION, cloudTrail]]),
        account: ACCOUNT,
        now: () => at,
        send: async (decisions) => decisions.length,
        wake: async () => {},
        tools: {
          logger: new Logger({ logLevel: 'SILENT' }),
          metrics: new Metrics({ namespace: 'Measure', serviceName: 'measure' }),
        },
      });
      table.push([
        `at ${minutes} min`,
        ...NAMED.map(([, command]) => countOf((name) => command.test(name))),
        countOf((name) => !NAMED.some(([, command]) => command.test(name))),
        summary.metricsRequested,
        Object.entries(summary.decisions)
          .map(([action, count]) => `${count} ${action}`)
          .join(', '),
        `${((performance.now() - started) / 1000).toFixed(1)} s`,
      ]);
    }
    return `A sweep over ${FLEET} instances, ${busy} of them busy (time on MiniStack, on this machine)\n${table}`;
  } finally {
    await aws.stop();
  }
}

async function launch({ ec2 }: RegionClients): Promise<readonly string[]> {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-0abcdef1234567890',
      InstanceType: 'm5.xlarge',
      MinCount: FLEET,
      MaxCount: FLEET,
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'project', Value: 'recsys' },
            { Key: 'environment', Value: 'dev' },
          ],
        },
      ],
    }),
  );
  return (Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
}

async function price(): Promise<Usd> {
  return microUsd(192_000n);
}

/** Counts every call that the clients make from now on, by command. */
function countCalls(clients: readonly Counted[]): Map<string, number> {
  const calls = new Map<string, number>();
  const count = (name: string | undefined): void => {
    if (name !== undefined) calls.set(name, (calls.get(name) ?? 0) + 1);
  };
  const watch = (client: Counted): void =>
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          count(commandName);
          return next(args);
        },
      { step: 'initialize' },
    );
  clients.forEach(watch);
  return calls;
}

/** As much of a client as counting needs. */
interface Counted {
  readonly middlewareStack: {
    add(
      middleware: (
        next: (args: never) => unknown,
        context: { readonly commandName?: string },
      ) => (args: never) => unknown,
      options: { readonly step: 'initialize' },
    ): void;
  };
}
