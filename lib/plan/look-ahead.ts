import type { BudgetsClient } from '@aws-sdk/client-budgets';
import { listOf, unapproved } from '../decide/approval.ts';
import { look } from '../enforce/look.ts';
import { readKeeping } from '../enforce/read-keeping.ts';
import { errorMessage } from '../fleet/aws-errors.ts';
import { readBudgets } from '../fleet/budgets.ts';
import { discoverFleet, discoverMetered, pricesOf, type RegionContexts } from '../fleet/discover.ts';
import { inspect } from '../fleet/inspect.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import { allHolders, awsBudgetName, holderOfDecision, levelWord, teamsByBudget } from '../policy/levels.ts';
import type { Policy } from '../policy/policy.ts';
import { recordedUse } from '../simulate/recorded-use.ts';
import type { RunEvent, RunResult } from '../simulate/result.ts';
import { runWorld } from '../simulate/run-world.ts';
import type { Clock } from '../types/clock.ts';
import { type Usd, ZERO_USD } from '../types/money.ts';
import type { Protection, Resource } from '../types/resource.ts';
import type { BudgetReading } from '../types/spend.ts';
import { type UseAsNow, useAsNow } from './as-now.ts';
import { copyFleet } from './copy-fleet.ts';
import { copyOfState } from './copy-state.ts';
import { planHash, planLists } from './hash.ts';
import { linesOf } from './lines.ts';
import type { Plan } from './plan.ts';
import { wakesOf } from './wakes.ts';

export interface PlanInput {
  readonly policy: Policy;
  /** For people. */
  readonly policyFile: string;
  readonly account: string;
  readonly regions: RegionContexts;
  /** Of a deployed Bursar; it is only read. Absent = it is planned as if Bursar were new. */
  readonly ledger?: Ledger;
  /** How far to look ahead. */
  readonly aheadSeconds: number;
  readonly now: Clock;
  readonly budgets: BudgetsClient;
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

/** Of the progress that reading the account takes. */
const READING_SHARE = 0.5;
/** What would be stopped is looked at closely round by round, and after so many all that could ever be. */
const ROUNDS = 2;
/** Of the progress that is left, what a round takes: hardly any plan needs another. */
const ROUND_SHARE = 0.8;
const BILL_LAG_HOURS = 12;

/**
 * Says what Bursar would do to an account, now and as long as all goes on as now. It asks AWS what a sweep asks, and
 * touches nothing; what comes is played on a copy of the account in memory, by the handlers that are deployed.
 * @throws what AWS or the ledger answers where the fleet or the state cannot be read
 */
export async function makePlan(input: PlanInput): Promise<Plan> {
  const { policy, policyFile, account, regions, ledger, aheadSeconds, budgets, signal } = input;
  const { onProgress = () => {} } = input;
  const now = input.now();
  const to = new Date(now.getTime() + aheadSeconds * 1000);
  const [fleet, { resources: beside, failed: unlisted }] = await Promise.all([
    discoverFleet(regions),
    discoverMetered(regions),
  ]);
  onProgress(READING_SHARE / 2);
  signal?.throwIfAborted();

  // What would be done is planned as if it were approved; what is not says so.
  const asApproved: Policy = { ...policy, approval: 'off' };
  const state = ledger ?? createMemoryLedger('objects');
  const [kept, marks, use, readings] = await Promise.all([
    readKeeping(state, account, regions.keys(), now, policy),
    state.projectMarks(now),
    useAsNow(fleet, asApproved, regions, { now, to }),
    readBudgets(budgets, { account, tags: policy.tags, holders: teamsByBudget(policy), now }).catch(
      (error: unknown) => error,
    ),
  ]);
  const unread = new Map(use.failed);
  const { decided } = await look(
    { resources: fleet, marks, ...kept, approval: undefined, now },
    {
      policy: asApproved,
      ledger: state,
      regions,
      account,
      onMetricsError: (region, error) => unread.set(region, error),
    },
  );
  onProgress(READING_SHARE);
  signal?.throwIfAborted();

  const { events, ...played } = await playAhead({
    policy: asApproved,
    policyFile,
    account,
    regions,
    resources: [...fleet, ...beside],
    use,
    ...(ledger === undefined ? {} : { ledger }),
    wakes: await wakesOf(state, {
      policy,
      account,
      regions: regions.keys(),
      resources: fleet,
      marks,
      now,
    }),
    awsBudgets: saidOf(Array.isArray(readings) ? readings : [], asApproved),
    from: now,
    to,
    onProgress: (share) => onProgress(READING_SHARE + (1 - READING_SHARE) * share),
    ...(signal === undefined ? {} : { signal }),
  });
  const ahead: RunResult = { ...played, events: events.filter((event) => !isStanding(event, marks)) };
  const lists = planLists(policy, fleet);
  return {
    at: now,
    account,
    regions: [...regions.keys()],
    policyFile,
    hash: planHash(policy, lists),
    lists,
    state: ledger === undefined ? 'new' : 'deployed',
    lines: linesOf({
      policy,
      fleet,
      beside,
      decided,
      ahead,
      isApproved:
        policy.approval === 'off'
          ? undefined
          : (resource) => unapproved(resource, { policy, approval: kept.approval }) === undefined,
    }),
    ahead,
    missing: [
      ...unlisted.map(
        ({ region, kind, error }) => `${kind} in ${region} could not be listed: ${errorMessage(error)}`,
      ),
      ...[...unread].map(
        ([region, error]) =>
          `The metrics of ${region} could not be read, so nothing there counts as idle: ${errorMessage(error)}`,
      ),
      ...(Array.isArray(readings) ? [] : [`AWS Budgets could not be read: ${errorMessage(readings)}`]),
      ...(ledger === undefined
        ? ['What AWS has billed is not known: spend is estimated of what runs now, since it began to run.']
        : []),
    ],
  };
}

/** A freeze that stands already is none that comes: who plans cannot see which roles are denied launches. */
const isStanding = (event: RunEvent, marks: ReadonlyMap<string, ProjectMark>): boolean =>
  event.event === 'frozen' &&
  (marks.get(holderOfDecision(event) ?? '')?.frozenUntil ?? event.at) >= event.until;

interface Ahead {
  readonly policy: Policy;
  readonly policyFile: string;
  readonly account: string;
  readonly regions: RegionContexts;
  readonly resources: readonly Resource[];
  readonly use: UseAsNow;
  readonly ledger?: Ledger;
  readonly wakes: readonly Date[];
  readonly awsBudgets: ReadonlyMap<string, { readonly actual: Usd; readonly forecasted: Usd }>;
  readonly from: Date;
  readonly to: Date;
  readonly onProgress: (share: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Plays on from now. What protects a resource may show only when it is looked at closely, which costs a call each: that
 * is done for what would be warned of or stopped, and played again where it changes something.
 */
async function playAhead(given: Ahead): Promise<RunResult> {
  const { policy, resources, regions } = given;
  const found = new Map<string, Protection>();
  const asked = new Set<string>();
  let done = 0;
  for (let round = 1; ; round += 1) {
    const before = done;
    const play = ROUND_SHARE * (1 - before);
    const result = await playOnce(given, found, (share) => given.onProgress(before + play * share));
    done = before + play;
    const acted = new Set(
      result.events.flatMap((one) => (one.event === 'stopped' || one.event === 'warned' ? [one.arn] : [])),
    );
    // One that is protected may have kept others within the limits.
    const isNews = (resource: Resource): boolean =>
      acted.has(resource.arn) || (round >= ROUNDS && listOf(resource, policy) !== undefined);
    const news = resources.filter((resource) => !asked.has(resource.arn) && isNews(resource));
    if (!news.some(({ arn }) => acted.has(arn))) return result;
    const protections = await inspect(news, regions);
    for (const { arn } of news) asked.add(arn);
    for (const [arn, protection] of protections) found.set(arn, protection);
    if (![...protections.keys()].some((arn) => acted.has(arn))) return result;
  }
}

async function playOnce(
  given: Ahead,
  found: ReadonlyMap<string, Protection>,
  onProgress: (share: number) => void,
): Promise<RunResult> {
  const { policy, policyFile, account, regions, resources, use, ledger, wakes, awsBudgets, from, to } = given;
  const inUse = recordedUse(policy, use.signals, use.metrics);
  return runWorld(
    {
      title: 'What comes',
      description: 'If all goes on as now.',
      policy,
      account,
      policyFile,
      from,
      to,
      prices: pricesOf(regions),
      place: (memory) => {
        copyFleet(memory, resources, found, { use, from, to });
        // Nobody knows the next bill: what was billed stays so, and all since then is estimated.
        memory.health.costExplorer = false;
      },
      steps: [],
      inUse,
      isSeenInUse: inUse,
      isRestarted: () => false,
      awsBudgets,
      lagHours: BILL_LAG_HOURS,
      isTold: true,
      assumptions: ASSUMPTIONS,
      ...(ledger === undefined
        ? {}
        : { ledger: await copyOfState(ledger, policy, account, regions.keys(), from), wakes }),
    },
    {
      onProgress,
      ...(given.signal === undefined ? {} : { signal: given.signal }),
    },
  );
}

const ASSUMPTIONS = [
  'Everything goes on as its newest metrics show; nothing is launched, and nobody says no.',
  'AWS Budgets goes on to say what it says now.',
];

/**
 * What AWS Budgets says of each project and team: by our own budget, or another of the project where that is not there
 * yet; of what has none, nothing.
 */
function saidOf(readings: readonly BudgetReading[], policy: Policy): Ahead['awsBudgets'] {
  const isOwn = ({ holder, budgetName: name }: BudgetReading): boolean =>
    name === awsBudgetName(policy, holder);
  const ownLast = readings.toSorted((a, b) => Number(isOwn(a)) - Number(isOwn(b)));
  const nothing = { actual: ZERO_USD, forecasted: ZERO_USD };
  return new Map([
    ...allHolders(policy)
      .filter((holder) => levelWord(holder) !== 'model')
      .map((holder) => [holder, nothing] as const),
    ...ownLast.map(
      ({ holder, actual, forecasted }) =>
        [holder, { actual: actual ?? ZERO_USD, forecasted: forecasted ?? ZERO_USD }] as const,
    ),
  ]);
}
