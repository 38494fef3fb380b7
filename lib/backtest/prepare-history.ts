import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { discoverFleet, type RegionContexts } from '../fleet/discover.ts';
import type { FleetContext, SignalPlan } from '../fleet/kind.ts';
import { kinds } from '../fleet/registry.ts';
import { type RecordedSeries, seriesKey } from '../simulate/account/recorded.ts';
import { seriesOfQuery } from '../simulate/recorded-use.ts';
import { mapLimited } from '../types/lists.ts';
import type { Resource } from '../types/resource.ts';
import type { HistoryCache, KnownDays } from './cache.ts';
import { type Day, daysOf } from './days.ts';
import { asksFor, type Batch, batchesOf, estimateCost, type HistoryCost } from './metric-batches.ts';

export interface PrepareOptions {
  readonly regions: RegionContexts;
  readonly from: Date;
  /** Exclusive; not later than now. */
  readonly to: Date;
  readonly now: Date;
  readonly cache: HistoryCache;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number) => void;
}

/** What is to be read, and what that costs. */
export interface PreparedHistory {
  readonly account: string;
  readonly regions: RegionContexts;
  readonly from: Date;
  readonly to: Date;
  readonly now: Date;
  readonly resources: readonly Resource[];
  /** What each resource is judged by, by ARN. */
  readonly plans: ReadonlyMap<string, SignalPlan>;
  /** Every series that the plans name, by its key … */
  readonly series: ReadonlyMap<string, RecordedSeries>;
  /** … and what the cache has of them. */
  readonly known: ReadonlyMap<string, KnownDays>;
  readonly days: readonly Day[];
  readonly batches: readonly Batch[];
  readonly cost: HistoryCost;
}

const FILES_AT_ONCE = 16;

/**
 * Finds the fleet as it is now, what its use is read from, and what the cache does not have of that. Nothing of it
 * costs money.
 * @throws what AWS answers: a fleet that is known in part only would make a wrong history
 */
export async function prepareHistory(options: PrepareOptions): Promise<PreparedHistory> {
  const { regions, from, to, now, cache, signal, onProgress = () => {} } = options;
  const resources = await discoverFleet(regions);
  signal?.throwIfAborted();
  onProgress(0.4);
  const plans = await plansOf(resources, regions);
  signal?.throwIfAborted();
  onProgress(0.7);
  const account = [...regions.values()][0]?.account ?? '';
  const series = seriesOf(resources, plans);
  const days = daysOf(from, to);
  let looked = 0;
  const read = await mapLimited([...series], FILES_AT_ONCE, async ([key, one]) => {
    signal?.throwIfAborted();
    onProgress(0.7 + (0.3 * looked++) / series.size);
    return [key, await cache.read(account, one)] as const;
  });
  const known = new Map(read);
  const asks = [...series].flatMap(([key, one]) =>
    asksFor(one, known.get(key) ?? new Map(), days, to.getTime(), now),
  );
  const batches = batchesOf(asks);
  const names = new Set(days.map(({ name }) => name));
  const cachedDays = [...known.values()].reduce(
    (sum, some) => sum + [...some.keys()].filter((name) => names.has(name)).length,
    0,
  );
  const cost = estimateCost(batches, cachedDays);
  return { account, regions, from, to, now, resources, plans, series, known, days, batches, cost };
}

async function plansOf(
  resources: readonly Resource[],
  regions: RegionContexts,
): Promise<ReadonlyMap<string, SignalPlan>> {
  const plans = new Map<string, SignalPlan>();
  for (const [region, context] of regions) {
    const forget = seeingAllSeries(context.clients.cloudwatch);
    try {
      await addPlans(
        resources.filter((resource) => resource.region === region),
        context,
        plans,
      );
    } finally {
      forget();
    }
  }
  return plans;
}

async function addPlans(
  resources: readonly Resource[],
  context: FleetContext,
  plans: Map<string, SignalPlan>,
): Promise<void> {
  for (const { kind, signals } of kinds) {
    const some = resources.filter((resource) => resource.kind === kind);
    if (some.length === 0) continue;
    for (const [arn, plan] of await signals(some, context)) plans.set(arn, plan);
  }
}

/**
 * Lets the client list every series that CloudWatch still lists (two weeks), not those of the last hours alone: what
 * does not run now has a history too. Gives what ends that.
 */
function seeingAllSeries({ middlewareStack }: CloudWatchClient): () => void {
  const name = 'bursarSeeingAllSeries';
  middlewareStack.add(
    (next) => (args) =>
      'RecentlyActive' in args.input
        ? next({ ...args, input: { ...args.input, RecentlyActive: undefined } })
        : next(args),
    { step: 'initialize', name, override: true },
  );
  return () => {
    middlewareStack.remove(name);
  };
}

function seriesOf(
  resources: readonly Resource[],
  plans: ReadonlyMap<string, SignalPlan>,
): ReadonlyMap<string, RecordedSeries> {
  const series = new Map<string, RecordedSeries>();
  for (const { arn, region } of resources) {
    for (const query of plans.get(arn)?.queries ?? []) {
      const one = seriesOfQuery(region, query);
      series.set(seriesKey(one), one);
    }
  }
  return series;
}
