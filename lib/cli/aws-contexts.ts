import type { BudgetsClient } from '@aws-sdk/client-budgets';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import {
  type ClientOptions,
  createBudgetsClient,
  createCloudTrailClient,
  createCostExplorerClient,
  createPricingClient,
  createRegionClients,
} from '../fleet/clients.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import { PATIENCE } from '../fleet/patience.ts';
import { createPriceBook } from '../fleet/pricing.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import type { Policy } from '../policy/policy.ts';
import type { Clock } from '../types/clock.ts';
import { remoteError } from './remote-error.ts';

/** The account that the credentials in use belong to, as commands read it that ask AWS themselves. */
export interface AwsContexts {
  readonly account: string;
  /** For each region of the policy's scope. Prices are asked for once each, and kept for this run alone. */
  readonly regions: RegionContexts;
  /** By region. */
  readonly cloudTrails: ReadonlyMap<string, CloudTrailClient>;
  readonly budgets: BudgetsClient;
  readonly costExplorer: CostExplorerClient;
}

export interface AwsContextOptions {
  readonly policy: Pick<Policy, 'scope'>;
  /** A profile of the AWS configuration files; absent = as the AWS SDKs find credentials. */
  readonly profile?: string;
  readonly now: Clock;
  /** Told of each price that could not be read; what has none is unpriced. */
  readonly onPriceError?: (price: string, error: unknown) => void;
}

/**
 * Clients for all that a policy is about. Nothing but the account is asked of AWS here; STS needs no permission for
 * that.
 * @throws UsageError one line, where AWS does not say whose credentials they are
 */
export async function awsContexts({
  policy,
  profile,
  now,
  onPriceError = () => {},
}: AwsContextOptions): Promise<AwsContexts> {
  const options: ClientOptions = profile === undefined ? {} : { profile };
  const names = policy.scope.regions;
  const account = await accountOf(names[0], options);
  const prices = createPriceBook({
    pricing: createPricingClient(options),
    ledger: createMemoryLedger(),
    now,
    onError: onPriceError,
  });
  return {
    account,
    regions: new Map(
      names.map((region) => [
        region,
        { account, region, clients: createRegionClients(region, options), prices, now },
      ]),
    ),
    cloudTrails: new Map(names.map((region) => [region, createCloudTrailClient(region, options)])),
    budgets: createBudgetsClient(options),
    costExplorer: createCostExplorerClient(options),
  };
}

const WHO = 'Asking AWS whose credentials these are';

/** @param region any of the partition will do */
async function accountOf(region: string | undefined, options: ClientOptions): Promise<string> {
  const sts = new STSClient({ ...PATIENCE, ...options, ...(region === undefined ? {} : { region }) });
  const { Account } = await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
    throw remoteError(error, WHO, '');
  });
  if (Account === undefined) throw remoteError(new Error('It names no account'), WHO, '');
  return Account;
}
