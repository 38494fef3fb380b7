import type { Usd } from './money.ts';

/**
 * What ended the time for which a stop is counted as saved. `restored`: somebody, or a rule, brought it back. `gone`: it
 * exists no more, so that it would not have gone on for ever either. `schedule`: it would have been stopped anyway. `cap`:
 * the longest time that is believed of one stop. `period`: the report's period ended. `now`: it is still stopped.
 */
export type SavedUntil = 'restored' | 'gone' | 'schedule' | 'cap' | 'period' | 'now';

/** What one stop saved. */
export interface StopSavings {
  readonly arn: string;
  readonly id: string;
  readonly kind: string;
  readonly size: string;
  readonly region: string;
  readonly project: string | undefined;
  readonly stoppedAt: Date;
  readonly until: Date;
  readonly by: SavedUntil;
  /** What triggered the stop. */
  readonly trigger: string;
  readonly policy: string;
  /** List price, USD an hour; `undefined` = unpriced, and nothing is counted. */
  readonly hourly: Usd | undefined;
  /** Less the project's discount. */
  readonly saved: Usd;
  /** Whole sentences for people: why it was stopped. */
  readonly reason: string;
}

/** What Bursar saved in a span; `to` is exclusive. Time outside of the span counts for nothing. */
export interface Savings {
  readonly from: Date;
  readonly to: Date;
  readonly total: Usd;
  readonly byProject: readonly {
    readonly project: string | undefined;
    readonly saved: Usd;
    readonly stops: number;
  }[];
  /** The most saved first. */
  readonly stops: readonly StopSavings[];
  /** What is counted and what is not, whole sentences for people. Printed wherever the figures are. */
  readonly assumptions: readonly string[];
}
