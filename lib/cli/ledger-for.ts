import type { Ledger } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { Deployed, DeployedOptions, NotDeployed } from './find-ledger.ts';
import { UsageError } from './io.ts';

export interface LedgerWanted {
  readonly policy: Pick<Policy, 'scope'>;
  readonly stack: string;
  /** Whether somebody has named the stack: one that is not there is then a mistake. */
  readonly isStackNamed: boolean;
  readonly region?: string;
  readonly profile?: string;
}

/**
 * The ledger of the deployed Bursar; `undefined` with a note for people where there is none.
 * @param orElse how to do without one, a sentence; `''` = not at all
 * @throws UsageError where the stack that was named is not there, or AWS does not answer
 */
export async function ledgerFor(
  { policy, stack, isStackNamed, region, profile }: LedgerWanted,
  findLedger: (options: DeployedOptions) => Promise<Deployed | NotDeployed>,
  orElse: string,
): Promise<{ readonly ledger: Ledger | undefined; readonly region: string; readonly note?: string }> {
  const found = await findLedger({
    stack,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    regions: policy.scope.regions,
    otherwise: orElse,
  });
  if (found.ledger !== undefined) return { ledger: found.ledger, region: found.region };
  const missing = `There is no stack ${stack} in ${found.region}`;
  if (isStackNamed) {
    throw new UsageError(
      `${missing}. Name another by --stack, --region or --profile.${orElse === '' ? '' : ` ${orElse}`}`,
    );
  }
  return {
    ledger: undefined,
    region: found.region,
    note: `${missing}. If Bursar is deployed elsewhere, give --stack and --region.`,
  };
}
