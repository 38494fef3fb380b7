import type { discoverFleet } from '../fleet/discover.ts';
import type { PriceBook } from '../fleet/prices.ts';
import type { Policy } from '../policy/policy.ts';
import { readSavings, type SavingsRequest } from '../savings/read-savings.ts';
import type { Savings } from '../types/savings.ts';
import type { AwsContextOptions, AwsContexts } from './aws-contexts.ts';
import type { Deployed, DeployedOptions, NotDeployed } from './find-ledger.ts';
import { type Io, UsageError } from './io.ts';
import { withBar } from './progress-bar.ts';
import { readingError } from './remote-error.ts';

/** What reads the account and the ledger. */
export interface SavingsParts {
  readonly awsContexts: (options: AwsContextOptions) => Promise<AwsContexts>;
  readonly findLedger: (options: DeployedOptions) => Promise<Deployed | NotDeployed>;
  readonly discoverFleet: typeof discoverFleet;
}

export interface SavingsWanted extends SavingsRequest {
  readonly policy: Policy;
  /** That of `to`, where the span goes on: read again, it would have ended. */
  readonly now: Date;
  readonly stack: string;
  readonly region?: string;
  readonly profile?: string;
}

const DENIED = 'bursar plan --iam-policy prints a policy that allows all it needs.';

/**
 * What the deployed Bursar has saved in the account that the credentials in use belong to. Touches nothing, and asks for
 * no prices: those at the stops are in the ledger.
 * @throws UsageError one line, where there is no Bursar, or AWS does not let it be read
 */
export async function runSavings(
  { policy, now, stack, region, profile, ...request }: SavingsWanted,
  io: Pick<Io, 'lively' | 'now'>,
  parts: SavingsParts,
): Promise<{ readonly account: string; readonly savings: Savings }> {
  const own = profile === undefined ? {} : { profile };
  const { ledger, region: where } = await parts.findLedger({
    stack,
    ...(region === undefined ? {} : { region }),
    ...own,
    regions: policy.scope.regions,
    otherwise: '',
  });
  if (ledger === undefined) {
    throw new UsageError(
      `There is no stack ${stack} in ${where}: nothing tells what was stopped. Name the stack of Bursar by --stack, --region or --profile.`,
    );
  }
  const { account, regions } = await parts.awsContexts({ policy, ...own, now: io.now });
  const unpriced = new Map([...regions].map(([name, context]) => [name, { ...context, prices: NO_PRICES }]));
  const savings = await withBar(io, 'Reading what was stopped', async () => {
    const fleet = await parts.discoverFleet(unpriced);
    return readSavings({ policy, ledger, account, now, fleet }, request);
  }).catch((error: unknown) => {
    throw readingError(error, account, DENIED);
  });
  return { account, savings };
}

const NO_PRICES: PriceBook = {
  hourly: async () => undefined,
  unit: async () => undefined,
  spot: async () => undefined,
};
