import type { Clock } from '../types/clock.ts';
import type { SignalName, SignalReading } from '../types/evidence.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Consent, Protection, Resource, ResourceKind } from '../types/resource.ts';
import type { RegionClients } from './clients.ts';
import type { PriceBook } from './prices.ts';

/** One CloudWatch metric to read as one signal. Becomes one query of `GetMetricData`. */
export interface SignalQuery {
  readonly signal: SignalName;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Maximum` for utilisation and `Sum` for counts; an average would hide a busy sample. */
  readonly statistic: 'Maximum' | 'Sum';
  /** Length of a sample in seconds. */
  readonly periodSeconds: number;
  /** Multiplies each value into the policy's unit: 1/300 makes bytes per 5 minutes bytes/s. */
  readonly scale: number;
  readonly absence: SignalReading['absence'];
  /** As of the reading: in the policy's unit, after `scale`. */
  readonly ceiling?: number;
}

/** What must be read to judge one resource. */
export interface SignalPlan {
  /** Most telling first: where the first one shows use, the others need not be read (and paid for). */
  readonly queries: readonly SignalQuery[];
  /** Signals that the resource must have and for which no metric exists: it can then not be judged idle. */
  readonly missing: readonly { readonly signal: SignalName; readonly why: string }[];
}

/** Where a kind works: one account and region. */
export interface FleetContext {
  readonly account: string;
  readonly region: string;
  readonly clients: RegionClients;
  readonly prices: PriceBook;
  readonly now: Clock;
}

export interface StopContext extends FleetContext {
  /**
   * Keeps what a restore needs. Every kind awaits this before it touches the resource; when it throws, nothing has
   * been touched. `record` must survive JSON.
   */
  readonly saveRestore: (resource: Resource, record: unknown) => Promise<void>;
  /**
   * What an earlier stop saved of it and no restore has used; `undefined` where there is nothing. For kinds whose stop
   * takes several calls: where one broke off between two of them, the earlier record still knows how it was.
   */
  readonly unrestored?: (resource: Resource) => Promise<unknown>;
}

/** What became of a restore. */
export interface Restored {
  /** `taken`: it is back, or on its way. `skipped`: it runs already, or is gone; the detail says what was found. */
  readonly outcome: Outcome;
  /**
   * False where something is left to do once the resource is in service, such as the scaling of an endpoint that is
   * being created, or where it failed for now: the sweep asks again every five minutes, for a day.
   */
  readonly finished: boolean;
}

/** An IAM statement that a kind needs, as plain data so that the stacks can grant it. */
export interface Permission {
  readonly actions: readonly string[];
  /** ARN patterns without partition, such as `ec2:*:*:instance/*`; `*` where the action takes no resource. */
  readonly resources: readonly string[];
  /** True where the grant is bound to resources that carry the project tag (`aws:ResourceTag`). */
  readonly taggedOnly: boolean;
  /** True where it is bound to requests that set the project tag (`aws:RequestTag`): what is made has none before. */
  readonly requestTagged?: true;
  /** Needed only where some policy allows this: without it nothing is granted. */
  readonly consent?: Consent;
  /** What else it is bound to, as IAM writes conditions: operator, key, value. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * What the meter needs of a kind. What costs money and is never stopped (a volume, a NAT gateway) is one file that
 * exports one of these, and one line in `metered-kinds.ts`.
 */
export interface MeteredKind {
  readonly kind: ResourceKind;
  /** For people, singular: `EC2 instance`. */
  readonly title: string;
  /** The service that it is billed as, as Cost Explorer names it: `Amazon SageMaker`. */
  readonly billedAs: string;
  readonly permissions: { readonly observe: readonly Permission[] };
  /** Every resource of the kind in the region, all pages, whatever its state (terminated ones left out). */
  readonly discover: (context: FleetContext) => Promise<readonly Resource[]>;
}

/**
 * One kind of resource that costs money while it runs. A new kind is one file that exports one of these,
 * and one line in `registry.ts`.
 */
export interface Kind extends MeteredKind {
  /** For people, what `stop` does here, past tense: `stopped`, `shut down`. */
  readonly stopped: string;
  /** For people, what `restore` does here, past tense: `started`, `created again`. */
  readonly restored: string;
  /** `act`: what `stop` and `restore` need. */
  readonly permissions: { readonly observe: readonly Permission[]; readonly act: readonly Permission[] };
  /** What `discover` gives, for the given ones alone and read anew; those that are gone are absent from the answer. */
  readonly describe: (ids: readonly string[], context: FleetContext) => Promise<readonly Resource[]>;
  /** What to read for each running resource, by ARN. May call ListMetrics, never GetMetricData. */
  readonly signals: (
    resources: readonly Resource[],
    context: FleetContext,
  ) => Promise<ReadonlyMap<string, SignalPlan>>;
  /**
   * Takes resources out of service; one outcome an ARN, never throws for one of them. One that is already
   * stopped or gone is `skipped`. Throttling is retried inside and then `failed` with `retry: true`.
   */
  readonly stop: (
    resources: readonly Resource[],
    context: StopContext,
  ) => Promise<ReadonlyMap<string, Outcome>>;
  /**
   * Leaves them in service with the fewest instances that they can serve with, for kinds of which schedules may ask
   * that (`StopDecision.manner`); otherwise as `stop`, and `restore` brings back what they had. Absent = `stop` is all
   * that the kind knows.
   */
  readonly scaleDown?: Kind['stop'];
  /**
   * Facts that cost a call for each resource, read only of those that are about to be warned of or stopped. By ARN;
   * absent = nothing protects it. Throws where AWS cannot be asked: nothing is then stopped.
   */
  readonly inspect?: (
    resources: readonly Resource[],
    context: FleetContext,
  ) => Promise<ReadonlyMap<string, Protection>>;
  /**
   * Brings a resource back from what `stop` saved: `resource` as it was found then, and the kind's own `record`,
   * read back from JSON. Safe to repeat, and after people changed it by hand: what is there is never replaced.
   * Throws nothing for the resource itself.
   */
  readonly restore: (resource: Resource, record: unknown, context: FleetContext) => Promise<Restored>;
  /**
   * Starts one that is stopped and of which nothing was saved, since somebody else stopped it; otherwise as `restore`.
   * Absent for kinds that nothing but a record brings back.
   */
  readonly start?: (resource: Resource, context: FleetContext) => Promise<Restored>;
  /** The AWS CLI command that brings stopped ones back, for alerts; `undefined` where no single command does. */
  readonly undo: (ids: readonly string[], region: string) => string | undefined;
}
