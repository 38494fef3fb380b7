import { LEASE_SECONDS } from '../enforce/carry-out.ts';
import type { CommandBatch } from '../enforce/command.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import { restore } from '../people/restore.ts';
import { projectOf } from '../policy/policy.ts';
import type { Decision } from '../types/decision.ts';
import { MAX_DELIVERIES } from '../types/queues.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import { createAccount } from './account/account.ts';
import { eventOf } from './account/events.ts';
import { ACCOUNT } from './account/state.ts';
import { Agenda } from './agenda.ts';
import { AwsBudgets, type BudgetAlert } from './aws-budgets.ts';
import { CostRecord } from './cost-record.ts';
import { type FleetChange, FleetView } from './fleet-view.ts';
import { contextsOf, createHandlers } from './handlers.ts';
import { LeftAloneRecord } from './left-alone.ts';
import { type Observer, observed } from './observed.ts';
import { Recorder } from './recorder.ts';
import type { RunResult } from './result.ts';
import { resultOf } from './run-result.ts';
import { runWithout } from './run-without.ts';
import { Senses } from './senses.ts';
import { nextIn } from './spans.ts';
import type { RunOptions, Stage, World, WorldStep } from './world.ts';

const HOUR_MS = 3_600_000;
/** A sweep comes so often. */
const SWEEP_MS = 300_000;
/** How long a message whose work failed stays unseen: longer than a lease, so that its next delivery may act. */
const VISIBILITY_MS = (LEASE_SECONDS + 1) * 1000;
/** The code of what is gone. */
const GONE = 'Gone';
/** What the owner of a resource says of what Bursar stopped and is needed again. */
const NEEDED = 'it is needed again';

interface Message {
  readonly batch: CommandBatch;
  readonly deliveries: number;
}

/**
 * Plays a world under its policy: the real handlers over an account in memory, on a clock that leaps from one thing
 * that happens to the next. @returns what came of it, held against the same world without Bursar.
 */
export async function run(world: World, options: RunOptions = {}): Promise<RunResult> {
  const { policy, account: accountId = ACCOUNT, from, to, steps, lagHours, inUse } = world;
  const { signal, onProgress, isExact = false } = options;
  let now = from;
  const clock = () => now;
  const account = createAccount(clock, policy.scope.regions, accountId);
  world.place(account);

  const costs = new CostRecord(policy, from);
  const budgets = new AwsBudgets(policy, account, { accountId, from, lagHours, says: world.awsBudgets });
  account.billing.bills = () => costs.bills(new Date(now.getTime() - lagHours * HOUR_MS));

  const needed = new Agenda<{ readonly resource: Resource; readonly stoppedAt: Date }>();
  const recorder = new Recorder(inUse, (resource, at) => {
    const again = world.isRestarted(resource) ? nextIn(inUse(resource), at) : undefined;
    // Nobody can ask for it back in the very moment in which it goes.
    if (again === undefined) return;
    needed.put(Math.max(again.getTime(), at.getTime() + 60_000), { resource, stoppedAt: at });
  });
  const regions = contextsOf({ policy, account, accountId, clock, prices: world.prices });
  const view = new FleetView(regions, account.takeTouched);
  const senses = new Senses({
    policy,
    account: accountId,
    regions,
    view,
    isSeenInUse: world.isSeenInUse,
    isExact,
    onSpends: ({ spends }, at) => recorder.spends(spends.values(), at),
  });
  const known = world.ledger ?? createMemoryLedger('objects');
  const begun = await known.restoreRecords('restoring');
  const observer: Observer = {
    settled: (results, at) => {
      recorder.settle(results, at);
      for (const { record, outcome } of results) {
        if (outcome.status === 'skipped' && outcome.code === GONE) vanish(record.decision);
      }
    },
    said: (arn) => senses.heardOf(arn),
    saved: (record) => senses.hours.note(record),
    changed: (arn, savedAt, state) => senses.hours.noteState(arn, savedAt, state),
  };
  const { ledger, restoring } = observed(
    known,
    observer,
    begun.map(({ arn }) => arn),
  );
  for (const record of await known.restoreRecords('stopped')) senses.hours.note(record);

  senses.ledger = ledger;

  const vanished: WorldStep[] = [];
  /** What AWS does not know any more is listed no more. */
  const vanish = (decision: Decision): void => {
    if (!('target' in decision) || decision.target.kind !== 'ec2-instance') return;
    const { id } = decision.target;
    account.instances.delete(id);
    vanished.push({ at: now, of: 'world', act: ({ instances }) => void instances.delete(id) });
  };

  const queue = new Agenda<Message>();
  const wakes = new Agenda<true>();
  const askForSweep = (at: Date): void =>
    wakes.put(Math.ceil(Math.max(at.getTime(), now.getTime() + 1) / 60_000) * 60_000, true);
  for (const at of world.wakes ?? []) askForSweep(at);
  const alerts = new Agenda<BudgetAlert>();
  const mended = new Agenda<'metrics' | 'costExplorer'>();
  /** Until when each is out; of two outages at a time the later end counts. */
  const outUntil = { metrics: 0, costExplorer: 0 };
  const gates: RunResult['gates'][number][] = [];
  const leftAlone = new LeftAloneRecord();
  let metrics = 0;
  let sweeps = 0;

  const handlers = createHandlers({
    policy,
    ledger,
    account,
    accountId,
    clock,
    prices: world.prices,
    regions,
    queue: (batch) => queue.put(now.getTime(), { batch, deliveries: 1 }),
    publish: () => {},
    wake: askForSweep,
    senses: senses.forSweep,
  });
  const stage: Stage = {
    account,
    handlers,
    ledger,
    now: clock,
    arnOf: (id) => arnOf(id, costs),
    record: (event) => {
      recorder.events.push(event);
    },
    tellBudget: (project, of, amount) => {
      const alert = budgets.tell(project, of, amount, now);
      alerts.put(alert.at, alert);
    },
    breakDown: (what, until) => {
      const part = what === 'metrics' ? 'metrics' : 'costExplorer';
      account.health[part] = false;
      outUntil[part] = Math.max(outUntil[part], until.getTime());
      mended.put(until.getTime(), part);
      const reason = what === 'metrics' ? 'CloudWatch has no data.' : 'Cost Explorer does not answer.';
      recorder.events.push({ at: now, project: undefined, event: 'fault', until, reason });
    },
    gate: (outcome) => {
      gates.push({ at: now, outcome });
    },
  };

  /** Takes down what has changed in the account. */
  const see = async (): Promise<void> => {
    const changes = await view.refresh();
    if (changes.length === 0) return;
    for (const alert of budgets.note(changes, now)) alerts.put(alert.at, alert);
    for (const change of changes) {
      const runs = change.after?.state === 'running';
      const isResized = change.after !== undefined && recorder.isResized(change.arn, runs);
      // It costs what it did until it has its new size.
      if (!isResized || runs) costs.note(change, now);
      senses.note(change, now);
      if (!isResized) recordMove(change);
    }
  };

  /** What begins and ends to run by itself, or by somebody's hand. */
  const recordMove = ({ arn, before, after }: FleetChange): void => {
    const ran = before?.state === 'running';
    const runs = after?.state === 'running';
    const resource = after ?? before;
    if (ran === runs || resource === undefined || (before === undefined && resource.since <= from)) return;
    // Its group is told of.
    if (isGroupMember(resource)) return;
    const project = projectOf(policy, resource.tags);
    const base = { at: now, project, arn };
    if (runs) {
      if (recorder.isBroughtBack(arn)) return;
      recorder.stopped.delete(arn);
      recorder.events.push({ ...base, event: 'started', reason: 'It was started.' });
    } else if (!recorder.stopped.has(arn)) {
      recorder.events.push({ ...base, event: 'ended', reason: 'It ended, or somebody stopped it.' });
    }
  };

  let heard = 0;
  /** EventBridge tells of instances that start, stop and are tagged anew, at once. */
  const tell = async (): Promise<void> => {
    for (; heard < account.changes.length; heard += 1) {
      const change = account.changes[heard];
      if (change === undefined || !world.isTold || change.at < from) continue;
      const body = eventOf(change, heard, accountId);
      await handlers.guard({ id: `event-${heard}`, body, deliveries: 1 });
    }
  };

  /** Delivers what is due. What fails comes back later, and after `MAX_DELIVERIES` is lost. */
  const deliver = async (): Promise<void> => {
    while (queue.first <= now.getTime()) {
      for (const message of queue.take(now.getTime())) {
        try {
          await handlers.enforceBatch(message.batch, message.deliveries);
        } catch {
          if (message.deliveries >= MAX_DELIVERIES) continue;
          queue.put(now.getTime() + VISIBILITY_MS, { ...message, deliveries: message.deliveries + 1 });
        }
      }
      await see();
    }
  };

  const handle = async (): Promise<void> => {
    await see();
    await tell();
    await deliver();
  };

  const sweep = async (): Promise<void> => {
    sweeps += 1;
    if (!(await senses.isCalledFor(now, restoring.size > 0, account.budgets.size > 0))) {
      for (const minute of senses.minutesToCome(now)) askForSweep(minute);
      return;
    }
    const summary = await handlers.sweep();
    metrics += summary.metricsRequested;
    leftAlone.take(summary);
    await deliver();
    await senses.settle(now);
  };

  /** Its owner asks for what is needed again, as one does in Slack or on the command line. */
  const bringBack = async (resource: Resource, stoppedAt: Date): Promise<void> => {
    const { arn } = resource;
    // What was stopped once more since then, for another reason, stays as it is.
    if (recorder.stopped.get(arn)?.getTime() !== stoppedAt.getTime()) return;
    const by = { via: 'cli', id: 'owner', name: 'its owner' } as const;
    const wish = { id: `needed-${arn}-${now.getTime()}`, by, reason: NEEDED, at: now };
    const [answer] = await restore({ arns: [arn] }, wish, handlers.wishDeps);
    if (answer?.status === 'refused') {
      const project = projectOf(policy, resource.tags);
      recorder.events.push({ at: now, project, event: 'refused', by: by.name, reason: answer.text });
    }
  };

  let nextStep = 0;
  let nextHour = Math.ceil(from.getTime() / HOUR_MS) * HOUR_MS;
  let nextSweep = Math.ceil(from.getTime() / SWEEP_MS) * SWEEP_MS;
  let told = 0;
  for (;;) {
    signal?.throwIfAborted();
    for (let step = steps[nextStep]; step !== undefined && step.at <= now; step = steps[nextStep]) {
      nextStep += 1;
      if (step.of === 'world') await step.act(account);
      else {
        await handle();
        await step.act(stage);
      }
    }
    for (const part of mended.take(now.getTime())) account.health[part] = outUntil[part] <= now.getTime();
    if (now.getTime() >= nextHour) {
      for (const alert of budgets.hour(now)) alerts.put(alert.at, alert);
      nextHour += HOUR_MS;
    }
    for (const { resource, stoppedAt } of needed.take(now.getTime())) await bringBack(resource, stoppedAt);
    await handle();
    for (const alert of alerts.take(now.getTime())) {
      const body = budgets.publish(alert, now);
      await handlers.budgetAlert({ id: `alert-${alert.at}-${alert.holder}`, body, deliveries: 1 });
      await deliver();
    }
    const isWoken = wakes.take(now.getTime()).length > 0;
    if (now.getTime() >= nextSweep || isWoken) {
      while (nextSweep <= now.getTime()) nextSweep += SWEEP_MS;
      await sweep();
      await handle();
    }
    const next = Math.min(
      nextSweep,
      nextHour,
      wakes.first,
      queue.first,
      alerts.first,
      needed.first,
      mended.first,
      account.nextTouch(),
      steps[nextStep]?.at.getTime() ?? Number.POSITIVE_INFINITY,
    );
    // What is due at the very end belongs to the time after it.
    if (next >= to.getTime()) break;
    now = new Date(Math.max(next, now.getTime() + 1));
    const share = (now.getTime() - from.getTime()) / (to.getTime() - from.getTime());
    if (onProgress !== undefined && share - told >= 0.01) {
      told = share;
      onProgress(share);
      // Lets a signal and a progress bar have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  now = new Date(to.getTime() - 1);
  recorder.spends((await senses.readMeter(now)).spends.values(), now);
  costs.finish(to);
  const without = await runWithout(world, vanished);
  return resultOf({ world, recorder, costs, without, leftAlone, gates, counts: { sweeps, metrics } });
}

function arnOf(id: string, costs: CostRecord): string {
  for (const { resource } of costs.resources()) if (resource.id === id) return resource.arn;
  throw new Error(`Nothing of the id ${id} was ever there.`);
}
