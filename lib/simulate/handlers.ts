import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { type BudgetAlertDeps, budgetAlert } from '../../lambdas/budget-alert.ts';
import { type EnforceHandlerDeps, enforce, enforceBatch } from '../../lambdas/enforce.ts';
import { type LaunchGuardDeps, launchGuard } from '../../lambdas/launch-guard.ts';
import type { QueueMessage } from '../../lambdas/queue.ts';
import { type SweepDeps, type SweepRequest, type SweepSenses, sweep } from '../../lambdas/sweep.ts';
import { type CommandBatch, toBatches } from '../enforce/command.ts';
import type { SweepSummary } from '../enforce/sweep-summary.ts';
import { carryOutAndTell } from '../enforce/tell-others.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import { createLaunchDenial } from '../fleet/launch-denial.ts';
import type { PriceBook } from '../fleet/prices.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { WishDeps } from '../people/wish.ts';
import type { Policy } from '../policy/policy.ts';
import type { Alert } from '../types/alert.ts';
import type { Clock } from '../types/clock.ts';
import type { Decision } from '../types/decision.ts';
import type { MemoryAccount } from './account/account.ts';
import { createIam, DENY_POLICY } from './account/iam.ts';
import { ACCOUNT } from './account/state.ts';

export interface HandlersOptions {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly account: MemoryAccount;
  /** Its number, 12 digits. */
  readonly accountId?: string;
  readonly clock: Clock;
  readonly prices: PriceBook;
  /** Where there are contexts of it already. */
  readonly regions?: RegionContexts;
  /** Takes what goes to the commands queue. */
  readonly queue: (batch: CommandBatch) => void;
  readonly publish: (alert: Alert) => void;
  /** A sweep must look at that minute. */
  readonly wake: (at: Date) => void;
  readonly senses?: SweepSenses;
}

/** A context for each region of the policy, over an account in memory. */
export const contextsOf = ({
  policy,
  account,
  accountId = ACCOUNT,
  clock,
  prices,
}: Pick<HandlersOptions, 'policy' | 'account' | 'accountId' | 'clock' | 'prices'>): RegionContexts =>
  new Map(
    policy.scope.regions.map((region) => [
      region,
      { account: accountId, region, clients: account.clientsOf(region), prices, now: clock },
    ]),
  );

/** The handlers of the Lambdas as they are deployed, over an account in memory. */
export function createHandlers(options: HandlersOptions) {
  const { policy, ledger, account, accountId = ACCOUNT, clock, prices, queue, senses } = options;
  const iam = createIam(Object.values(policy.projects).flatMap(({ freezeRoles }) => freezeRoles));
  const denial = createLaunchDenial({ ...iam, policyArn: DENY_POLICY, now: clock });
  const regions = options.regions ?? contextsOf({ policy, account, accountId, clock, prices });
  const send = async (decisions: readonly Decision[], id: string, at: Date): Promise<number> => {
    const batches = toBatches(decisions, id, at);
    for (const batch of batches) queue(batch);
    return batches.length;
  };
  const publish = async (alert: Alert): Promise<void> => options.publish(alert);
  const tools = quietTools();
  const wake = async (at: Date): Promise<void> => options.wake(at);
  const shared = { policy, ledger, regions, account: accountId, now: clock, tools, denial };
  const sweepDeps: SweepDeps = {
    ...shared,
    budgets: account.budgetsClient,
    costExplorer: account.costExplorer,
    cloudTrails: account.cloudTrails,
    send,
    wake,
    ...(senses === undefined ? {} : { senses }),
  };
  const enforceDeps: EnforceHandlerDeps = {
    ...shared,
    publish,
    wake,
    onWakeError: (error) => {
      throw error;
    },
  };
  const kept: string[] = [];
  const alertDeps: BudgetAlertDeps = {
    ...shared,
    budgets: account.budgetsClient,
    send,
    publish,
    keep: async (body) => {
      kept.push(body);
    },
  };
  const guardDeps: LaunchGuardDeps = { ...shared, send, pause: async () => {} };
  /** What a wish of somebody needs; Slack’s user groups are empty. */
  const wishDeps: WishDeps = {
    ...shared,
    carryOut: (batch) => carryOutAndTell(batch, enforceDeps),
    send,
    groups: async () => new Map(),
  };
  return {
    regions,
    send,
    wishDeps,
    /** Signals that nobody understood, as they came. */
    kept,
    /** Names of the roles that may launch nothing. */
    deniedRoles: iam.denied,
    /** What was logged as an error. */
    errors: tools.logger.errors,
    /** What was counted, by the name of the metric. */
    counts: tools.metrics.counts,
    sweep: (request?: SweepRequest): Promise<SweepSummary> => sweep(sweepDeps, request),
    enforce: (message: QueueMessage): Promise<void> => enforce(message, enforceDeps),
    /** The same without the text in between. */
    enforceBatch: (batch: CommandBatch, deliveries: number): Promise<void> =>
      enforceBatch(batch, deliveries, enforceDeps),
    guard: (message: QueueMessage): Promise<void> => launchGuard(message, guardDeps),
    budgetAlert: (message: QueueMessage): Promise<void> => budgetAlert(message, alertDeps),
  };
}

export type Handlers = ReturnType<typeof createHandlers>;

/** Writes nothing, and keeps what went wrong. */
class QuietLogger extends Logger {
  readonly errors: string[] = [];

  constructor() {
    super({ logLevel: 'SILENT' });
  }

  override error(...[said]: Parameters<Logger['error']>): void {
    this.errors.push(typeof said === 'string' ? said : said.message);
  }

  override warn(): void {}

  override info(): void {}

  override debug(): void {}
}

/** Writes nothing, and keeps what was counted, by name. */
class QuietMetrics extends Metrics {
  readonly counts = new Map<string, number>();

  override addMetric(...[name, , value]: Parameters<Metrics['addMetric']>): this {
    this.counts.set(name, (this.counts.get(name) ?? 0) + value);
    return this;
  }
}

function quietTools() {
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  return { logger: new QuietLogger(), metrics: new QuietMetrics({ namespace: 'Simulation' }) };
}
