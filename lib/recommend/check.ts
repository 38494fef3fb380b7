import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import type { S3Client } from '@aws-sdk/client-s3';
import type { FleetContext, Permission } from '../fleet/kind.ts';
import type { Policy } from '../policy/policy.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';

/** Where a check looks: one account and region. */
export interface CheckContext extends FleetContext {
  readonly policy: Policy;
  /** What exists in the region of the kinds that are stopped or metered, read once for all checks. */
  readonly fleet: readonly Resource[];
  readonly s3: S3Client;
  readonly logs: CloudWatchLogsClient;
  /** Global; asked by checks of the account alone. */
  readonly costExplorer: CostExplorerClient;
}

/**
 * One way to find money that is spent for nothing. A new one is a file that exports one of these, and a line in
 * `registry.ts`.
 */
export interface Check {
  /** `gp2-to-gp3`. */
  readonly name: string;
  /** For people, what it looks for: `Volumes of the older type gp2`. */
  readonly title: string;
  /** `account`: it is asked once, in the first region of `scope`. */
  readonly scope: 'region' | 'account';
  readonly permissions: readonly Permission[];
  /** Throws what AWS answers: the others go on, and people are told what could not be looked at. */
  readonly find: (context: CheckContext) => Promise<readonly Recommendation[]>;
}
