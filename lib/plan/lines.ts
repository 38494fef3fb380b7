import { listOf } from '../decide/approval.ts';
import type { SweepDecided } from '../decide/sweep.ts';
import { meteredKinds } from '../fleet/metered-kinds.ts';
import { kindOf } from '../fleet/registry.ts';
import { matchPolicy, type Policy, projectOf } from '../policy/policy.ts';
import type { RunEvent, RunResult } from '../simulate/result.ts';
import type { Decision } from '../types/decision.ts';
import { ascending } from '../types/lists.ts';
import type { Resource } from '../types/resource.ts';
import type { PlanLine } from './plan.ts';

/** Puts together what is known of each resource, in the order of project, policy and id. */
export function linesOf({
  policy,
  fleet,
  beside,
  decided,
  ahead,
  isApproved,
}: {
  readonly policy: Policy;
  readonly fleet: readonly Resource[];
  /** What costs money and is never stopped. */
  readonly beside: readonly Resource[];
  /** What the sweep of now comes to. */
  readonly decided: SweepDecided;
  readonly ahead: RunResult;
  /** `undefined` = the policy file asks for no approval. */
  readonly isApproved: ((resource: Resource) => boolean) | undefined;
}): readonly PlanLine[] {
  const nows = nowsOf(decided);
  const events = eventsByArn(ahead.events);
  const metered = new Set(beside.map(({ arn }) => arn));
  return [...fleet, ...beside]
    .map((resource): PlanLine => {
      const { arn, id, kind, size, region, account, state, tags, hourly } = resource;
      const own = events.get(arn) ?? [];
      const next = nextOf(own);
      const stop = own.find(({ event }) => event === 'stopped');
      const start = own.find(({ event }) => event === 'restored');
      return {
        arn,
        id,
        kind,
        title: titleOf(kind),
        size,
        region,
        account,
        state,
        project: projectOf(policy, tags),
        policy: metered.has(arn) ? undefined : matchPolicy(policy, tags)?.name,
        hourly,
        now: metered.has(arn) ? METERED : (nows.get(arn) ?? NOTHING),
        ...(next === undefined ? {} : { next }),
        ...(stop === undefined ? {} : { stopAt: stop.at }),
        ...(start === undefined ? {} : { start: { at: start.at, why: start.reason } }),
        ...(isApproved === undefined || metered.has(arn) || listOf(resource, policy) === undefined
          ? {}
          : { approved: isApproved(resource) }),
      };
    })
    .sort(byPlace);
}

const METERED: PlanLine['now'] = {
  action: 'none',
  verdict: 'metered',
  why: 'It costs money, which counts; Bursar never stops what is of its kind.',
};

const NOTHING: PlanLine['now'] = { action: 'none', verdict: 'no-policy', why: 'Nothing is decided of it.' };

const titleOf = (kind: string): string =>
  (kindOf(kind) ?? meteredKinds.find((one) => one.kind === kind))?.title ?? kind;

function nowsOf({ decisions, verdicts }: SweepDecided): ReadonlyMap<string, PlanLine['now']> {
  const nows = new Map<string, PlanLine['now']>();
  for (const { resource, verdict, why } of verdicts) {
    nows.set(resource.arn, { action: verdict === 'held' ? 'hold' : 'none', verdict, why });
  }
  for (const decision of decisions) {
    const now = nowOf(decision);
    if (now !== undefined && 'target' in decision) nows.set(decision.target.arn, now);
  }
  return nows;
}

function nowOf(decision: Decision): PlanLine['now'] | undefined {
  const { reason: why } = decision;
  switch (decision.action) {
    case 'stop':
      return { action: 'stop', verdict: decision.trigger, why };
    case 'warn':
      return { action: 'warn', verdict: decision.trigger, why, stopAt: decision.stopAt };
    case 'notify':
      return { action: 'notify', verdict: decision.trigger, why };
    case 'restore':
      return { action: 'restore', verdict: 'restore', why };
    default:
      return undefined;
  }
}

function eventsByArn(events: readonly RunEvent[]): ReadonlyMap<string, readonly RunEvent[]> {
  const by = new Map<string, RunEvent[]>();
  for (const event of events) {
    const arns = 'arn' in event ? [event.arn] : event.event === 'held' ? event.arns : [];
    for (const arn of arns) {
      const own = by.get(arn) ?? [];
      own.push(event);
      by.set(arn, own);
    }
  }
  return by;
}

function nextOf(events: readonly RunEvent[]): PlanLine['next'] {
  for (const { at, event, reason: why } of events) {
    switch (event) {
      case 'warned':
        return { at, action: 'warn', why };
      case 'stopped':
        return { at, action: 'stop', why };
      case 'notified':
        return { at, action: 'notify', why };
      case 'held':
        return { at, action: 'hold', why };
      case 'restored':
        return { at, action: 'restore', why };
      default:
    }
  }
  return undefined;
}

const byPlace = (a: PlanLine, b: PlanLine): number =>
  ascending(a.project ?? '\uffff', b.project ?? '\uffff') ||
  ascending(a.policy ?? '\uffff', b.policy ?? '\uffff') ||
  ascending(a.id, b.id);
