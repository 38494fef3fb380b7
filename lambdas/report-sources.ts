import { BillError } from '../lib/bill/bill-error.ts';
import { createAthenaClient, createS3Client } from '../lib/bill/clients.ts';
import { type BillSource, readBill, usualSource } from '../lib/bill/read-bill.ts';
import { regionOf } from '../lib/fleet/arn.ts';
import { createCostExplorerClient, createRegionClients } from '../lib/fleet/clients.ts';
import type { RegionContexts } from '../lib/fleet/discover.ts';
import type { Ledger } from '../lib/ledger/ledger.ts';
import type { Policy } from '../lib/policy/policy.ts';
import { adviceClients } from '../lib/recommend/clients.ts';
import { recommend } from '../lib/recommend/recommend.ts';
import { checks } from '../lib/recommend/registry.ts';
import type { GatherDeps } from '../lib/report/gather.ts';
import { readOwnCost } from '../lib/report/own-cost.ts';
import { type OwnParts, ownPartsOf } from '../lib/report/own-parts.ts';
import type { Clock } from '../lib/types/clock.ts';
import type { ReportEnvironment } from '../lib/types/environment.ts';
import { readUsage } from '../lib/usage/read-usage.ts';
import type { Tools } from './lambda.ts';

export interface SourcesParts {
  readonly environment: ReportEnvironment;
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly regions: RegionContexts;
  readonly now: Clock;
  readonly tools: Pick<Tools, 'tracer'>;
}

/** Where a report in the cloud has its bill, its usage and its own cost from. */
export function reportSources({
  environment,
  policy,
  ledger,
  regions,
  now,
  tools: { tracer },
}: SourcesParts): Pick<GatherDeps, 'sources' | 'ownCost' | 'recommend'> {
  const costExplorer = tracer.captureAWSv3Client(createCostExplorerClient());
  // As on the command line, the first region of the policy is where Athena and usage without a region are.
  const [region = ''] = policy.scope.regions;
  const { source, notes } = cloudSource(policy);
  const clients = {
    policy,
    account: environment.ACCOUNT_ID,
    costExplorer,
    ledger,
    athena: () => tracer.captureAWSv3Client(createAthenaClient(region)),
  };
  const parts = ownParts(environment);
  return {
    sources: {
      readBill: async (span) => {
        const bill = await readBill(source, { ...span, dimensions: [] }, clients).catch((error: unknown) => {
          throw error instanceof BillError
            ? new BillError([error.message, ...notes].join(' '), { cause: error })
            : error;
        });
        return { ...bill, notes: [...notes, ...bill.notes] };
      },
      readUsage: (name, usage, span) =>
        readUsage(name, usage, {
          ...span,
          // Of the policy file the stack has the text alone: what lies beside it is not here.
          policyFolder: '.',
          s3: createS3Client(region),
          cloudWatch: (where) => createRegionClients(where).cloudwatch,
          defaultRegion: region,
          now: now(),
        }),
    },
    recommend: (fleet, project) =>
      recommend(
        {
          policy,
          checks,
          regions,
          ...adviceClients(),
          costExplorer,
          fleet,
          now: now(),
        },
        project,
      ),
    ownCost: (span) =>
      readOwnCost(
        {
          ...parts,
          cloudwatch: createRegionClients(regionOf(environment.ALERTS_TOPIC_ARN)).cloudwatch,
          ledger,
          now: now(),
        },
        span,
      ),
  };
}

/**
 * Line items in files need an engine that no Lambda has: Cost Explorer knows the same costs, but no single resource. Notes
 * say so.
 */
export function cloudSource(policy: Pick<Policy, 'allocation'>): {
  readonly source: BillSource;
  readonly notes: readonly string[];
} {
  const source = usualSource(policy);
  if (source.from !== 'files') return { source, notes: [] };
  return {
    source: { from: 'cost-explorer' },
    notes: [
      `Cost Explorer was asked, not the line items in ${source.locations.join(', ')}: files are read by the command bursar report alone, and here by Athena, where allocation.bill of the policy file names a table of it.`,
    ],
  };
}

/** The stack knows all Lambdas but the one that this is: a function cannot be told its own name by its stack. */
function ownParts({
  OWN_PARTS,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory,
}: ReportEnvironment): OwnParts {
  const parts = ownPartsOf(OWN_PARTS);
  if (name === undefined || memory === undefined) return parts;
  return { ...parts, functions: [...parts.functions, { name, memoryMb: Number(memory) }] };
}
