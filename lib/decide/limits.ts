import type { Watch } from '../ledger/ledger.ts';
import type { HoldDecision, StopDecision } from '../types/decision.ts';
import type { Evidence } from '../types/evidence.ts';
import { formatUsd, sumUsd } from '../types/money.ts';
import type { Resource } from '../types/resource.ts';
import { spellOf } from './spell.ts';
import type { SweepInput } from './sweep.ts';

/** A share of a handful is not a blast radius: up to this many stops the share never holds. */
const SHARE_FLOOR = 3;
/** A hold names this many resources; its reason gives the whole count. */
const HOLD_SHOWS = 50;
/** With fewer resources judged than this, no data is no sign of an outage. */
const OUTAGE_NEEDS = 3;

export interface HeldBack {
  readonly allowed: readonly StopDecision[];
  readonly holds: readonly HoldDecision[];
  /** Of those that were held, so that the next sweep does not go on by itself. */
  readonly watches: readonly Watch[];
}

/**
 * The stops that the blast radius allows, the most expensive first. What is over it is held, and stays
 * held: while more are due than the limits allow, later sweeps stop none of them.
 */
export function holdBack(
  stops: readonly StopDecision[],
  { policy, resources, watches, now }: Pick<SweepInput, 'policy' | 'resources' | 'watches' | 'now'>,
): HeldBack {
  const { maxStopsPerSweep, maxFleetShare } = policy.limits;
  const running = resources.filter(({ state }) => state === 'running').length;
  const share = Math.max(SHARE_FLOOR, Math.ceil((running * maxFleetShare) / 100));
  const limit = Math.min(maxStopsPerSweep, share);
  if (stops.length <= limit) return { allowed: stops, holds: [], watches: [] };

  const dearest = [...stops].sort(
    (a, b) => compare(b.target.hourly ?? 0n, a.target.hourly ?? 0n) || a.key.localeCompare(b.key),
  );
  const goesOn = stops.some(({ target }) => heldBefore(target, watches));
  const allowed = goesOn ? [] : dearest.slice(0, limit);
  const held = goesOn ? dearest : dearest.slice(limit);
  const hourly = sumUsd(held.flatMap(({ target }) => (target.hourly === undefined ? [] : [target.hourly])));
  return {
    allowed,
    holds: [
      {
        action: 'hold',
        cause: 'blast-radius',
        key: `hold/blast-radius/${now.toISOString().slice(0, 13)}`,
        project: undefined,
        targets: held.slice(0, HOLD_SHOWS).map(({ target }) => target),
        reason:
          `${stops.length} of ${running} running resources are due to be stopped; the limits allow ${limit} a sweep ` +
          `(maxStopsPerSweep ${maxStopsPerSweep}, maxFleetShare ${maxFleetShare}%). ${held.length} are held back, ` +
          `together ${formatUsd(hourly)} an hour.`,
      },
    ],
    watches: held
      .filter(({ target }) => isHoldDue(target, watches, now))
      .map(({ target }) => {
        const known = spellOf(target, watches);
        return {
          arn: target.arn,
          since: target.since,
          busyAt: known?.busyAt,
          stopAt: known?.stopAt,
          heldAt: now,
        };
      }),
  };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const heldBefore = (target: Resource, watches: ReadonlyMap<string, Watch>): boolean =>
  spellOf(target, watches)?.heldAt !== undefined;

/** A watch is forgotten when it is not written for two days, and a hold must not be: it is written once a day. */
const HOLD_RENEWAL_MS = 86_400_000;

function isHoldDue(target: Resource, watches: ReadonlyMap<string, Watch>, now: Date): boolean {
  const heldAt = spellOf(target, watches)?.heldAt;
  return heldAt === undefined || now.getTime() - heldAt.getTime() >= HOLD_RENEWAL_MS;
}

/** One hold for each region in which no metric of any judged resource arrived: CloudWatch, not the fleet, is silent. */
export function metricsOutages(
  judged: readonly Resource[],
  evidence: ReadonlyMap<string, Evidence>,
  now: Date,
): readonly HoldDecision[] {
  const regions = new Map<string, Resource[]>();
  for (const resource of judged) {
    const same = regions.get(resource.region);
    if (same === undefined) regions.set(resource.region, [resource]);
    else same.push(resource);
  }
  return [...regions].flatMap(([region, resources]) => {
    const silent = resources.every(
      ({ arn }) => evidence.get(arn)?.readings.every(({ samples }) => samples.length === 0) ?? true,
    );
    if (!silent || resources.length < OUTAGE_NEEDS) return [];
    return [
      {
        action: 'hold' as const,
        cause: 'metrics-outage' as const,
        key: `hold/metrics-outage/${region}/${now.toISOString().slice(0, 13)}`,
        project: undefined,
        targets: resources.slice(0, HOLD_SHOWS),
        reason:
          `CloudWatch returned no data for any of the ${resources.length} resources judged in ${region}. ` +
          'Nothing there was stopped for idleness.',
      },
    ];
  });
}
