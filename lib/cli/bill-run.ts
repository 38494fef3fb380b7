import { dirname } from 'node:path';
import type { AthenaClient } from '@aws-sdk/client-athena';
import { createAthenaClient, createS3Client } from '../bill/clients.ts';
import { type BillSource, readBill, usualSource } from '../bill/read-bill.ts';
import { type ClientOptions, createCostExplorerClient, createRegionClients } from '../fleet/clients.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { AllocationSources } from '../report/read-allocation.ts';
import type { Dimension } from '../types/cost.ts';
import type { AwsContextOptions, AwsContexts } from './aws-contexts.ts';
import type { Deployed, DeployedOptions, NotDeployed } from './find-ledger.ts';
import { type Io, UsageError } from './io.ts';
import { ledgerFor } from './ledger-for.ts';
import { awsFailure, remoteError } from './remote-error.ts';

export interface BillRequest {
  readonly policy: Policy;
  readonly policyFile: string;
  /** `undefined` = as the policy says. */
  readonly source: BillSource | undefined;
  readonly dimensions: readonly Dimension[];
  readonly stack: string;
  readonly isStackNamed: boolean;
  readonly region?: string;
  readonly profile?: string;
}

/** What reads the account, the ledger and the bill. */
export interface BillParts {
  readonly awsContexts: (options: AwsContextOptions) => Promise<AwsContexts>;
  readonly findLedger: (options: DeployedOptions) => Promise<Deployed | NotDeployed>;
}

export interface BillContext<Aws = AwsContexts | undefined> {
  /** `undefined` = no AWS is asked: the bill is in files here. */
  readonly aws: Aws;
  readonly ledger: Ledger | undefined;
  /** Where the stack of Bursar is, or would be. */
  readonly stackRegion: string;
  readonly sources: AllocationSources;
  /** What should be known, sentences for people. */
  readonly notes: readonly string[];
}

/** Reads the account, and the ledger where Bursar is deployed. @throws UsageError one line */
export async function billContext(
  request: BillRequest,
  io: Io,
  parts: BillParts,
): Promise<BillContext<AwsContexts>> {
  const { policy, profile } = request;
  const aws = await parts.awsContexts({
    policy,
    ...(profile === undefined ? {} : { profile }),
    now: io.now,
  });
  const { ledger, note, region } = await ledgerFor(request, parts.findLedger, '');
  return {
    aws,
    ledger,
    stackRegion: region,
    sources: sourcesOf(request, aws, ledger),
    notes: note === undefined ? [] : [note],
  };
}

/** As `billContext`; where the bill is in files of this machine, nothing is asked of AWS. @throws UsageError one line */
export async function billContextOfFiles(
  request: BillRequest,
  io: Io,
  parts: BillParts,
): Promise<BillContext> {
  const source = request.source ?? usualSource(request.policy);
  const isHere = source.from === 'files' && !source.locations.some((one) => one.startsWith('s3://'));
  if (!isHere) return billContext(request, io, parts);
  const [stackRegion = ''] = request.policy.scope.regions;
  return {
    aws: undefined,
    ledger: undefined,
    stackRegion,
    sources: sourcesOf(request, undefined, undefined),
    notes: [],
  };
}

function sourcesOf(
  request: BillRequest,
  aws: AwsContexts | undefined,
  ledger: Ledger | undefined,
): AllocationSources {
  const { policy, policyFile, dimensions, profile } = request;
  const source = request.source ?? usualSource(policy);
  const options: ClientOptions = profile === undefined ? {} : { profile };
  const [region = ''] = policy.scope.regions;
  return {
    readBill: (span) =>
      readBill(
        source,
        { ...span, dimensions },
        {
          policy,
          account: aws?.account ?? '',
          costExplorer: aws?.costExplorer ?? createCostExplorerClient(options),
          ledger,
          athena: (): AthenaClient => createAthenaClient(region, options),
          readFiles: async (locations, question) => {
            const { readBillFromPlaces } = await import('../bill/line-items-files.ts');
            return readBillFromPlaces(locations, question, { s3: () => createS3Client(region, options) });
          },
        },
      ),
    readUsage: async (name, usage, span) => {
      const { readUsage } = await import('../usage/read-usage.ts');
      return readUsage(name, usage, {
        ...span,
        policyFolder: dirname(policyFile),
        s3: createS3Client(region, options),
        cloudWatch: (where) => createRegionClients(where, options).cloudwatch,
        defaultRegion: region,
      });
    },
  };
}

/** An error of reading a bill as one line for people; what is a fault of this program stays what it is. */
export function readableBillError(error: unknown, account: string): unknown {
  if (error instanceof UsageError) return error;
  if (error instanceof Error && error.name === 'BillError') {
    return new UsageError(error.message, { cause: error });
  }
  const failure = awsFailure(error);
  return failure === undefined ? error : remoteError(failure, 'Reading the account', account);
}
