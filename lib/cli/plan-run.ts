import type { makePlan } from '../plan/look-ahead.ts';
import type { Plan } from '../plan/plan.ts';
import type { Policy } from '../policy/policy.ts';
import type { AwsContextOptions, AwsContexts } from './aws-contexts.ts';
import { AS_IF_NEW, type Deployed, type DeployedOptions, type NotDeployed } from './find-ledger.ts';
import type { Io } from './io.ts';
import { type LedgerWanted, ledgerFor } from './ledger-for.ts';
import { withBar } from './progress-bar.ts';
import { priceNotes, readingError } from './remote-error.ts';

export interface PlanRequest extends LedgerWanted {
  readonly policy: Policy;
  readonly policyFile: string;
  /** Plans as if Bursar were new, whatever is deployed. */
  readonly asNew: boolean;
  readonly aheadSeconds: number;
}

/** What reads the account and makes the plan. */
export interface PlanParts {
  readonly awsContexts: (options: AwsContextOptions) => Promise<AwsContexts>;
  readonly findLedger: (options: DeployedOptions) => Promise<Deployed | NotDeployed>;
  readonly makePlan: typeof makePlan;
}

export interface Planned {
  readonly plan: Plan;
  /** The policy that it is of. */
  readonly policy: Policy;
  /** What should be known of how it was made, a sentence each. */
  readonly notes: readonly string[];
}

const DENIED = 'bursar plan --iam-policy prints a policy that allows all it needs.';

/**
 * Plans the account that the credentials in use belong to; touches nothing.
 * @throws UsageError one line, where AWS does not let it be read, or the stack that was named is not there
 */
export async function runPlan(request: PlanRequest, io: Io, parts: PlanParts): Promise<Planned> {
  const { policy, policyFile, aheadSeconds, profile } = request;
  const unpriced = new Map<string, unknown>();
  const { account, regions, budgets } = await parts.awsContexts({
    policy,
    ...(profile === undefined ? {} : { profile }),
    now: io.now,
    onPriceError: (price, error) => unpriced.set(price, error),
  });
  const { ledger, note } = request.asNew
    ? { ledger: undefined, note: undefined }
    : await ledgerFor(request, parts.findLedger, AS_IF_NEW);
  const plan = await withBar(io, 'Planning', (onProgress, signal) =>
    parts.makePlan({
      policy,
      policyFile,
      account,
      regions,
      ...(ledger === undefined ? {} : { ledger }),
      aheadSeconds,
      now: io.now,
      budgets,
      onProgress,
      signal,
    }),
  ).catch((error: unknown) => {
    throw readingError(error, account, DENIED);
  });
  return { plan, policy, notes: [...(note === undefined ? [] : [note]), ...priceNotes(unpriced, DENIED)] };
}
