import type { Ledger } from '../ledger/ledger.ts';
import type { GatherDeps } from '../report/gather.ts';
import { ZERO_USD } from '../types/money.ts';

export interface OwnCostWanted {
  readonly stack: string;
  /** Of the stack. */
  readonly region: string;
  readonly profile?: string;
  readonly now: Date;
  /** `undefined` = Bursar is not deployed. */
  readonly ledger: Ledger | undefined;
}

/** Reads what the deployed Bursar itself costs; nothing where it is not deployed. */
export function ownCostReader({ stack, region, profile, now, ledger }: OwnCostWanted): GatherDeps['ownCost'] {
  return async (span) => {
    if (ledger === undefined) {
      return { items: [], total: ZERO_USD, without: ['Bursar is not deployed here.'] };
    }
    const options = profile === undefined ? {} : { profile };
    const [
      { CloudFormationClient },
      { LambdaClient },
      { PATIENCE },
      { createRegionClients },
      { partsOfStack },
      { readOwnCost },
    ] = await Promise.all([
      import('@aws-sdk/client-cloudformation'),
      import('@aws-sdk/client-lambda'),
      import('../fleet/patience.ts'),
      import('../fleet/clients.ts'),
      import('../report/own-parts.ts'),
      import('../report/own-cost.ts'),
    ]);
    const config = { region, ...PATIENCE, ...options };
    const parts = await partsOfStack(new CloudFormationClient(config), new LambdaClient(config), stack);
    const { cloudwatch } = createRegionClients(region, options);
    return readOwnCost({ ...parts, cloudwatch, ledger, now }, span);
  };
}
