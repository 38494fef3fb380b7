import type { RegionContexts } from '../fleet/discover.ts';
import type { LaunchDenial } from '../fleet/launch-denial.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PlanLists } from '../plan/hash.ts';
import type { Policy } from '../policy/policy.ts';
import type { Clock } from '../types/clock.ts';
import type { Wake } from './wake.ts';

/** What carrying out decisions needs. */
export interface EnforceDeps {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly regions: RegionContexts;
  readonly now: Clock;
  /** Makes a sweep look at an announced minute. */
  readonly wake: Wake;
  /** Told where no sweep could be set for a minute; that never stops the work. */
  readonly onWakeError: (error: unknown) => void;
  /** Absent where the policy file names no roles that a freeze denies launches, and for who freezes nothing. */
  readonly denial?: LaunchDenial;
  /** What the plan lists that the batch approves, which is too much for a decision; absent = the batch approves none. */
  readonly lists?: PlanLists;
}
