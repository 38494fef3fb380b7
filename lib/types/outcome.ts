import type { Decision } from './decision.ts';

/** What became of a decision: requested and taken are kept apart. Feeds ledger, alerts and metrics alike. */
export type Outcome =
  | {
      readonly status: 'taken';
      readonly at: Date;
      readonly detail: string;
      /** Set where a stop cannot be undone (a job that lost its work, an instance that was ended for good). */
      readonly restorable?: false;
    }
  /** Nothing to do or not allowed to: already stopped, gone, protected. */
  | { readonly status: 'skipped'; readonly at: Date; readonly code: string; readonly detail: string }
  | {
      readonly status: 'failed';
      readonly at: Date;
      /** The AWS error name, such as `UnsupportedOperation`. */
      readonly code: string;
      readonly detail: string;
      /** True where trying again soon may succeed (throttling, a server error, a state still changing). */
      readonly retry: boolean;
    };

/** The code of a freeze that stands, while some of its roles may launch still. */
export const ROLES_NOT_DENIED = 'RolesNotDenied';
/** The code of a freeze that was ended, while some of its roles may launch nothing still. */
export const ROLES_NOT_ALLOWED = 'RolesNotAllowed';

/** A decision and what became of it. */
export interface Result {
  readonly decision: Decision;
  readonly outcome: Outcome;
}
