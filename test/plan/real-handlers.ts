import { encodeCommandBatch } from '../../lib/enforce/command.ts';
import type { PriceBook } from '../../lib/fleet/prices.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { eventOf } from '../../lib/simulate/account/events.ts';
import { createHandlers } from '../../lib/simulate/handlers.ts';
import { observed } from '../../lib/simulate/observed.ts';
import { Recorder } from '../../lib/simulate/recorder.ts';
import type { RunEvent } from '../../lib/simulate/result.ts';

const MINUTE_MS = 60_000;
/** Longer than a lease. */
const VISIBILITY_MS = 16 * MINUTE_MS;

/** An account in memory under the real handlers: a sweep every five minutes and at each minute that is asked for. */
export function underBursar(options: {
  readonly policy: Policy;
  readonly accountId: string;
  readonly start: Date;
  readonly prices: PriceBook;
}) {
  const { policy, accountId, start, prices } = options;
  let now = start;
  const clock = () => now;
  const account = createAccount(clock, policy.scope.regions, accountId);
  const recorder = new Recorder(
    () => [],
    () => {},
  );
  const kept = createMemoryLedger();
  const { ledger } = observed(kept, {
    settled: (results, at) => recorder.settle(results, at),
    said: () => {},
    saved: () => {},
    changed: () => {},
  });
  interface Message {
    readonly id: string;
    readonly body: string;
    readonly deliveries: number;
    readonly visibleAt: Date;
  }
  let queue: Message[] = [];
  const wakes = new Set<number>();
  const handlers = createHandlers({
    policy,
    ledger,
    account,
    accountId,
    clock,
    prices,
    queue: (batch) => {
      queue.push({ id: batch.id, body: encodeCommandBatch(batch), deliveries: 1, visibleAt: now });
    },
    publish: () => {},
    wake: (at) => {
      wakes.add(Math.ceil(Math.max(at.getTime(), now.getTime() + 1) / MINUTE_MS) * MINUTE_MS);
    },
  });
  let heard = 0;
  const tell = async (): Promise<void> => {
    for (; heard < account.changes.length; heard += 1) {
      const change = account.changes[heard];
      if (change === undefined || change.at < start) continue;
      const body = eventOf(change, heard, accountId);
      await handlers.guard({ id: `event-${heard}`, body, deliveries: 1 });
    }
  };
  const deliver = async (): Promise<void> => {
    const due = queue.filter(({ visibleAt }) => visibleAt <= now);
    queue = queue.filter(({ visibleAt }) => visibleAt > now);
    for (const message of due) {
      try {
        await handlers.enforce(message);
      } catch {
        const visibleAt = new Date(now.getTime() + VISIBILITY_MS);
        if (message.deliveries < 5) queue.push({ ...message, deliveries: message.deliveries + 1, visibleAt });
      }
    }
  };
  return {
    account,
    handlers,
    /** As it is kept, without anybody told. */
    ledger: kept,
    now: clock,
    /** What has happened, as a run tells it. */
    events: (): readonly RunEvent[] => recorder.events,
    /** Goes on minute by minute, up to `until` and without it. */
    run: async (until: Date, each: (at: Date) => Promise<void> = async () => {}): Promise<void> => {
      for (; now < until; now = new Date(now.getTime() + MINUTE_MS)) {
        await each(now);
        await tell();
        await deliver();
        const isWoken = wakes.delete(now.getTime());
        if (now.getTime() % (5 * MINUTE_MS) === 0 || isWoken) await handlers.sweep();
        await deliver();
        await tell();
        await deliver();
      }
      now = until;
    },
  };
}
