import type { Watch } from '../ledger/ledger.ts';
import type { HoldDecision, StopDecision } from '../types/decision.ts';
import type { Evidence } from '../types/evidence.ts';
import { formatUsd } from '../types/money.ts';
import { fleetHourly, isGroupMember, type Resource } from '../types/resource.ts';
import type { SweepInput } from './judged.ts';
import { utcDay } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

/** A share of a handful is not a blast radius: up to this many stops the share never holds. */
const SHARE_FLOOR = 3;
/** A hold names this many resources; its reason gives the whole count. */
export const HOLD_SHOWS = 25;
/** With fewer resources judged than this, no data is no sign of an outage. */
const OUTAGE_NEEDS = 3;

export interface HeldBack {
  readonly allowed: readonly StopDecision[];
  /** What waits for the next sweep, since one orders only so many, the stops by hours last. Nobody need release it. */
  readonly deferred: readonly StopDecision[];
  readonly holds: readonly HoldDecision[];
  /** Of those that were held, so that the next sweep does not go on by itself. */
  readonly watches: readonly Watch[];
}

/**
 * For so long a stop counts towards the limits: sweeps at announced minutes may follow each other closely, and several
 * of them must not stop more than one may. Shorter than the five minutes between two regular sweeps.
 */
const WINDOW_MS = 4 * 60_000;

/**
 * And for so long one by hours does, which nobody need look at: what is left over has a sweep of its own a minute later.
 * Milliseconds.
 */
const PACE_MS = 50_000;

type Limiting = Pick<SweepInput, 'policy' | 'resources' | 'fleet' | 'watches' | 'released' | 'now'>;

/**
 * The stops that the blast radius allows, the most expensive first. What is over it is held, and stays held until a
 * person releases it or the limits allow as many stops as were due then: what was stopped meanwhile does not count.
 *
 * Stops by hours are not held. The limits are there for what nobody foresees, such as metrics that go wrong or a budget
 * that is passed by a slip of the pen; that hours end was written down long before, and most of a fleet is meant by it, each
 * evening. But no sweep orders more than `maxStopsPerSweep` in all: theirs come after the others, and what is left over
 * waits for the next sweep, a minute later.
 */
export function holdBack(all: readonly StopDecision[], input: Limiting): HeldBack {
  const { policy, resources, fleet = resources, watches, now } = input;
  if (all.length === 0) return { allowed: [], deferred: [], holds: [], watches: [] };
  const { maxStopsPerSweep, maxFleetShare } = policy.limits;
  const [scheduled, stops] = [all.filter(isScheduled), all.filter((stop) => !isScheduled(stop))];
  const lateWatches = [...watches.values()].filter((watch) => isOrdered(watch, now));
  const ordered = lateWatches.filter(({ paced }) => paced !== true).length;
  const running = fleet.filter((one) => one.state === 'running' && !isGroupMember(one)).length;
  const share = Math.max(SHARE_FLOOR, Math.ceil((running * maxFleetShare) / 100));
  const limit = Math.min(maxStopsPerSweep, share);
  const released = stops.filter((stop) => isReleased(stop, input));
  const heldBefore = stops.filter((stop) => {
    const { heldAt, heldDue = 0 } = spellOf(stop.target, watches) ?? {};
    return heldAt !== undefined && heldDue > limit && !released.includes(stop);
  });
  // They were let go minutes ago, and the enforcer may be at work on them.
  const again = stops.filter(
    (stop) => !released.includes(stop) && isOrdered(spellOf(stop.target, watches), now),
  );
  const due = stops
    .filter((stop) => !released.includes(stop) && !again.includes(stop) && !heldBefore.includes(stop))
    .sort(dearestFirst);
  const free = Math.max(0, limit - ordered);
  const heldNow = due.slice(free);
  // What the hours have just stopped leaves less for this sweep, but is no reason to ask anybody.
  const still = new Set(scheduled.map(({ target }) => target.arn));
  const counted = lateWatches.filter(
    (watch) => watch.paced !== true || still.has(watch.arn) || isOrdered(watch, now, PACE_MS),
  );
  const room = Math.max(0, maxStopsPerSweep - counted.length);
  const freed = due.slice(0, Math.min(free, room));
  const pacedAgain = scheduled.filter((stop) => isOrdered(spellOf(stop.target, watches), now));
  const paced = scheduled.filter((stop) => !pacedAgain.includes(stop)).sort(dearestFirst);
  const left = Math.max(0, room - freed.length - released.length);
  const pacedNow = paced.slice(0, left);
  // A watch that is not written for two days is forgotten, and a hold must not be; nor must people forget it.
  const overdue = heldBefore.filter(({ target }) => {
    const { heldAt, toldAt } = spellOf(target, watches) ?? {};
    return now.getTime() - Math.max(heldAt?.getTime() ?? 0, toldAt?.getTime() ?? 0) >= DAY_MS;
  });
  const limits = `the limits allow ${limit} a sweep (maxStopsPerSweep ${maxStopsPerSweep}, maxFleetShare ${maxFleetShare}%)`;
  const lately = ordered === 0 ? '' : ` ${ordered} more were stopped in the last minutes;`;
  return {
    allowed: [...released, ...again, ...freed, ...pacedAgain, ...pacedNow],
    deferred: [...due.slice(freed.length, free), ...paced.slice(left)],
    holds: [
      ...holdOf(
        heldNow,
        now,
        `hold/blast-radius/${now.toISOString()}`,
        (count) =>
          `${due.length} of ${running} running resources are due to be stopped;${lately} ${limits}. ${count} held back`,
      ),
      ...[
        ...Map.groupBy(overdue, ({ target }) => spellOf(target, watches)?.heldAt?.toISOString() ?? ''),
      ].flatMap(([heldAt, some]) =>
        holdOf(
          some,
          new Date(heldAt),
          `hold/blast-radius/${heldAt}/${utcDay(now)}`,
          (count) =>
            `More were due to be stopped at once than the limits allow; ${limits}. ${count} still held back`,
        ),
      ),
    ],
    watches: [
      // A release holds as long as the hold: until it is stopped, used or kept.
      ...released.map((stop) => watchOf(stop, watches, { orderedAt: now, paced: undefined })),
      ...freed.map((stop) => watchOf(stop, watches, { ...NOT_HELD, orderedAt: now, paced: undefined })),
      ...pacedNow.map((stop) => watchOf(stop, watches, { ...NOT_HELD, orderedAt: now, paced: true })),
      ...heldNow.map((stop) => watchOf(stop, watches, { heldAt: now, heldDue: due.length + ordered })),
      ...overdue.map((stop) => watchOf(stop, watches, { toldAt: now })),
    ],
  };
}

const DAY_MS = 86_400_000;

const NOT_HELD = { heldAt: undefined, heldDue: undefined } as const;

const isScheduled = ({ trigger }: StopDecision): boolean => trigger === 'schedule';

const isReleased = ({ target }: StopDecision, { watches, released }: Limiting): boolean => {
  const heldAt = spellOf(target, watches)?.heldAt;
  return heldAt !== undefined && released.has(heldAt.toISOString());
};

/** True where its stop was ordered in the last minutes, or by a sweep that began after this one and was quicker. */
const isOrdered = (watch: Watch | undefined, now: Date, withinMs = WINDOW_MS): boolean =>
  watch?.orderedAt !== undefined && Math.abs(now.getTime() - watch.orderedAt.getTime()) < withinMs;

function dearestFirst(a: StopDecision, b: StopDecision): number {
  const [dear, cheap] = [b.target.hourly ?? 0n, a.target.hourly ?? 0n];
  return dear === cheap ? a.key.localeCompare(b.key) : dear > cheap ? 1 : -1;
}

function holdOf(
  held: readonly StopDecision[],
  heldAt: Date,
  key: string,
  sentence: (count: string) => string,
): readonly HoldDecision[] {
  if (held.length === 0) return [];
  const hourly = fleetHourly(held.map(({ target }) => target));
  return [
    {
      action: 'hold',
      cause: 'blast-radius',
      key,
      project: undefined,
      targets: held.slice(0, HOLD_SHOWS).map(({ target }) => target),
      heldAt,
      reason: `${sentence(held.length === 1 ? '1 is' : `${held.length} are`)}, together ${formatUsd(hourly)} an hour.`,
    },
  ];
}

const watchOf = (
  { target }: StopDecision,
  watches: ReadonlyMap<string, Watch>,
  change: Partial<Watch>,
): Watch => ({ ...(spellOf(target, watches) ?? newWatch(target)), ...change });

/** Nothing of it could be asked for: that nothing arrived is no news. */
const hasNoMetric = (evidence: Evidence | undefined): boolean =>
  evidence !== undefined && evidence.readings.length === 0 && evidence.missing.length > 0;

/** One hold for each region in which no metric of any judged resource arrived: CloudWatch, not the fleet, is silent. */
export function metricsOutages(
  judged: readonly Resource[],
  evidence: ReadonlyMap<string, Evidence>,
  now: Date,
): readonly HoldDecision[] {
  const regions = new Map<string, Resource[]>();
  for (const resource of judged) {
    if (hasNoMetric(evidence.get(resource.arn))) continue;
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
