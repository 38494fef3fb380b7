import type { SweepRequest } from '../../lambdas/sweep.ts';
import { LEASE_SECONDS } from '../../lib/enforce/carry-out.ts';
import { encodeCommandBatch } from '../../lib/enforce/command.ts';
import type { SweepSummary } from '../../lib/enforce/sweep-summary.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { budgetName } from '../../lib/policy/policy.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { eventOf } from '../../lib/simulate/account/events.ts';
import type { InstanceChange } from '../../lib/simulate/account/truth.ts';
import { createHandlers } from '../../lib/simulate/handlers.ts';
import type { Alert } from '../../lib/types/alert.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { parseUsd } from '../../lib/types/money.ts';
import { MAX_DELIVERIES } from '../../lib/types/queues.ts';

/** A message of the commands queue. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly deliveries: number;
  readonly visibleAt: Date;
}

export interface SimulationOptions {
  /** The text of a policy file. */
  readonly policy: string;
  readonly start: Date;
  /** USD an hour by instance type. */
  readonly prices: Readonly<Record<string, string>>;
  /** What the queue makes of the messages that are due: in another order, or some twice. */
  readonly deliver?: (due: readonly Message[]) => readonly Message[];
  /** The ledger as the handlers see it, such as one that fails. */
  readonly ledger?: (ledger: Ledger) => Ledger;
  /**
   * After how many minutes each delivery of the event of a change comes: two for one that comes twice, none for one that
   * is lost. Absent = all are lost, and only the sweeps see what has changed.
   */
  readonly tell?: (change: InstanceChange) => readonly number[];
}

const MINUTE_MS = 60_000;
const SWEEP_MINUTES = 5;
/** How long a message whose work failed stays unseen: longer than a lease, so that its next delivery may act. */
const VISIBILITY_MS = (LEASE_SECONDS + 1) * 1000;

/**
 * The real handlers over an account in memory, on a clock that only `run` moves: a sweep every five minutes,
 * a queue between them and the enforcer that delivers at least once, and all alerts that are published.
 */
export function createSimulation(options: SimulationOptions) {
  let now = options.start;
  const clock = () => now;
  const account = createAccount(clock);
  const policy = parsePolicy(options.policy, 'bursar.yaml');
  const ledger = (options.ledger ?? ((one) => one))(createMemoryLedger());
  const alerts: Alert[] = [];
  const canaries: Alert[] = [];
  const dead: Message[] = [];
  let queue: Message[] = [];
  const sent: Message[] = [];

  const priceOf = async ({ instanceType }: { readonly instanceType: string }) =>
    parseUsd(options.prices[instanceType] ?? '');
  /** Minutes at which a sweep was asked for, in epoch milliseconds. */
  const wakes = new Set<number>();
  const handlers = createHandlers({
    policy,
    ledger,
    account,
    clock,
    prices: { hourly: priceOf, unit: async () => undefined, spot: priceOf },
    queue: (batch) => {
      const message = { id: batch.id, body: encodeCommandBatch(batch), deliveries: 1, visibleAt: now };
      queue.push(message);
      sent.push(message);
    },
    publish: (alert) => {
      (alert.kind === 'canary' ? canaries : alerts).push(alert);
    },
    wake: (at) => {
      wakes.add(Math.ceil(Math.max(at.getTime(), now.getTime() + 1) / MINUTE_MS) * MINUTE_MS);
    },
  });

  let events: { readonly due: Date; readonly body: string }[] = [];
  let heard = 0;
  /** Delivers the events of EventBridge that are due, in the order in which they come. */
  const tellGuard = async (): Promise<void> => {
    for (; heard < account.changes.length; heard += 1) {
      const change = account.changes[heard];
      for (const minutes of (change && options.tell?.(change)) ?? []) {
        if (change === undefined) continue;
        events.push({
          due: new Date(now.getTime() + minutes * MINUTE_MS),
          body: eventOf(change, heard),
        });
      }
    }
    const due = events.filter((event) => event.due <= now).sort((a, b) => a.due.getTime() - b.due.getTime());
    events = events.filter((event) => event.due > now);
    for (const [index, { body }] of due.entries()) {
      await handlers.guard({ id: `event-${now.getTime()}-${index}`, body, deliveries: 1 });
    }
  };

  /** Delivers what is due. What fails comes back later, and after `MAX_DELIVERIES` is dead. */
  const deliver = async (): Promise<void> => {
    const due = queue.filter(({ visibleAt }) => visibleAt <= now);
    queue = queue.filter(({ visibleAt }) => visibleAt > now);
    for (const message of (options.deliver ?? ((same) => same))(due)) {
      try {
        await handlers.enforce(message);
      } catch {
        if (message.deliveries >= MAX_DELIVERIES) dead.push(message);
        else {
          const visibleAt = new Date(now.getTime() + VISIBILITY_MS);
          queue.push({ ...message, deliveries: message.deliveries + 1, visibleAt });
        }
      }
    }
  };

  return {
    account,
    ledger,
    policy,
    alerts,
    /** The daily proofs that alerts arrive; apart, since they tell of nothing. */
    canaries,
    /** Every message that was ever sent. */
    sent,
    dead,
    kept: handlers.kept,
    /** What was logged as an error. */
    errors: handlers.errors,
    /** What was counted, by the name of the metric. */
    counts: handlers.counts,
    now: clock,
    /** Moves the clock without anything happening. */
    skipTo: (to: Date): void => {
      now = to;
    },
    sweepOnce: async (request?: SweepRequest): Promise<SweepSummary> => {
      const summary = await handlers.sweep(request);
      await deliver();
      return summary;
    },
    deliver,
    regions: handlers.regions,
    /** Names of the roles that may launch nothing. */
    deniedRoles: handlers.deniedRoles,
    /** Queues decisions, as the sweep does. */
    send: (decisions: readonly Decision[], id: string) => handlers.send(decisions, id, now),
    /** The name of a project’s own budget. */
    budgetName: (project: string) => budgetName(policy, project),
    /** Delivers a message outside the queue, as a late repeat. */
    repeat: (message: Message): Promise<void> => handlers.enforce(message),
    budgetMessage: async (message: { readonly id: string; readonly body: string }): Promise<void> => {
      await handlers.budgetAlert({ ...message, deliveries: 1 });
      await deliver();
    },
    /**
     * Sweeps every so many minutes, five where it is not said, and at each minute that was asked for, the first time now
     * and the last time at `until`, delivering every minute.
     */
    run: async (until: Date, sweepMinutes = SWEEP_MINUTES): Promise<void> => {
      for (; now <= until; now = new Date(now.getTime() + MINUTE_MS)) {
        await tellGuard();
        await deliver();
        if (now.getTime() % (sweepMinutes * MINUTE_MS) === 0 || wakes.delete(now.getTime())) {
          await handlers.sweep();
        }
        await deliver();
      }
      now = until;
    },
  };
}

export type Simulation = ReturnType<typeof createSimulation>;
