import type { GateOutcome } from '../types/gate.ts';
import type { Usd } from '../types/money.ts';

/*
 * What a run over a span of time came to: of a simulation, of a backtest, and of the look ahead of a plan alike. All
 * money is what things truly cost at their prices, not what the meter or a bill said of it, unless it is called so.
 */

/** What may happen to a resource or a project. */
export type RunEvent = {
  readonly at: Date;
  /** `undefined` = of no project, or of none alone. */
  readonly project: string | undefined;
  /** Whose limit asked for it, where that is not the project's own: a team or a model (`holderOf`). */
  readonly holder?: string;
  /** Whole sentences for people: why it was done, as Bursar told them. */
  readonly reason: string;
} & (
  | {
      /** `warned`: it will be stopped at `stopAt`. `notified`: people were told of it, nothing more. */
      readonly event: 'warned' | 'notified';
      readonly arn: string;
      readonly policy: string;
      readonly stopAt?: Date;
    }
  | {
      readonly event: 'stopped';
      readonly arn: string;
      readonly policy: string;
      readonly trigger: string;
      /** Set of an endpoint that was left with as few instances as it can serve with, and runs on. */
      readonly manner?: 'scale-down';
      /** True where it was in use when it was stopped for being idle: it must never be. */
      readonly whileBusy: boolean;
      /** In use again within 15 minutes after the stop: somebody had to wait for it. */
      readonly falseStop: boolean;
    }
  | {
      /** Bursar meant to stop it, and AWS refused, or somebody had done it: `code` says which. */
      readonly event: 'failed' | 'skipped';
      readonly arn: string;
      readonly code: string;
    }
  | { readonly event: 'restored'; readonly arn: string; readonly by: string }
  | { readonly event: 'kept'; readonly arn: string; readonly until: Date; readonly by: string }
  /** Somebody asked for something, and Bursar said no, or that an owner must approve. */
  | { readonly event: 'refused'; readonly by: string }
  /** A person must look first. `arns`: what was held back. */
  | { readonly event: 'held'; readonly cause: string; readonly arns: readonly string[] }
  | { readonly event: 'released'; readonly by: string }
  | {
      /** People were told how a project stands with its limit. */
      readonly event: 'budget';
      readonly threshold: string;
      readonly spent: Usd;
      readonly limit: Usd;
    }
  | { readonly event: 'frozen'; readonly until: Date }
  | { readonly event: 'unfrozen'; readonly by: string }
  | { readonly event: 'burn-rate'; readonly burn: Usd; readonly usual: Usd }
  /** By the scenario, or by the history: not by Bursar. */
  | { readonly event: 'started' | 'ended'; readonly arn: string }
  /** Something was out: metrics, Cost Explorer, a queue. */
  | { readonly event: 'fault'; readonly until: Date }
);

export type RunEventName = RunEvent['event'];

/** A span in which something held of a resource; `to` is exclusive. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

export interface ResourceRun {
  readonly arn: string;
  readonly id: string;
  readonly kind: string;
  /** For people: `EC2 instance`. */
  readonly title: string;
  readonly size: string;
  readonly region: string;
  readonly project: string | undefined;
  /** The name of the policy that matches it. */
  readonly policy: string | undefined;
  /** USD an hour while running; `undefined` is unpriced. */
  readonly hourly: Usd | undefined;
  /** When it ran, with Bursar; in order. */
  readonly ran: readonly Span[];
  /** When it was out of service because Bursar stopped it; in order. */
  readonly stopped: readonly Span[];
  /** When it was in use, by its own workload, whether or not it ran; in order. */
  readonly busy: readonly Span[];
  readonly spent: Usd;
  /** What it would have cost without Bursar. */
  readonly without: Usd;
  /**
   * Of what runs at the end: why Bursar leaves it alone whatever it does, as the last sweep that looked at it said. Absent
   * = by nothing but its use.
   */
  readonly leftAlone?: { readonly verdict: 'exempt' | 'refused' | 'held'; readonly why: string };
}

/** How a project stands at an instant, by the meter, since its month (UTC) began. */
export interface SpendPoint {
  readonly at: Date;
  readonly billed: Usd;
  readonly estimated: Usd;
}

export interface ProjectRun {
  /** `undefined` = what carries no project tag. */
  readonly project: string | undefined;
  /** USD a month; `undefined` = it has none. */
  readonly limit: Usd | undefined;
  readonly spent: Usd;
  readonly without: Usd;
  /** In order; at least one a day. */
  readonly points: readonly SpendPoint[];
}

/** Whose spend falls as far as Bursar stops things. `saved` = `without` − `spent` may be below zero. */
export interface RunResult {
  readonly title: string;
  readonly description: string;
  readonly from: Date;
  readonly to: Date;
  /** The file of the policy, for people. */
  readonly policy: string;
  readonly spent: Usd;
  readonly without: Usd;
  /** What `without` assumes, sentences for people. */
  readonly assumptions: readonly string[];
  readonly projects: readonly ProjectRun[];
  readonly resources: readonly ResourceRun[];
  /** In order. */
  readonly events: readonly RunEvent[];
  /** What the gate said, in the order in which it was asked. */
  readonly gates: readonly { readonly at: Date; readonly outcome: GateOutcome }[];
  /** How many sweeps were made, and metrics asked for. */
  readonly counts: { readonly sweeps: number; readonly metrics: number };
}

type Stop = Extract<RunEvent, { event: 'stopped' }>;

const stopsOf = ({ events }: RunResult): readonly Stop[] => events.filter((one) => one.event === 'stopped');

/** What was in use when it was stopped for being idle: none, or Bursar is wrong. */
export const stoppedWhileBusy = (result: RunResult): readonly Stop[] =>
  stopsOf(result).filter(({ whileBusy }) => whileBusy);

/** Stops after which the resource was in use again within 15 minutes. */
export const falseStops = (result: RunResult): readonly Stop[] =>
  stopsOf(result).filter(({ falseStop }) => falseStop);
