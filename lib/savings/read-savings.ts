import type { AuditEntry, Ledger } from '../ledger/ledger.ts';
import { RESTORE_STATES } from '../ledger/ledger.ts';
import { dayName, dayNumber } from '../meter/days.ts';
import { type Policy, projectOf } from '../policy/policy.ts';
import { mapLimited } from '../types/lists.ts';
import type { MeterRecord, SpendDay } from '../types/meter.ts';
import type { Resource } from '../types/resource.ts';
import type { Savings } from '../types/savings.ts';
import { discountsOf, learnsFrom } from './discounts.ts';
import { savingsOf } from './savings.ts';
import { hasSchedules, scheduledStop } from './scheduled.ts';

export interface SavingsDeps {
  readonly policy: Policy;
  /** It is read alone. */
  readonly ledger: Pick<Ledger, 'audit' | 'restoreRecords' | 'meterRecords' | 'meteredAt' | 'spendDays'>;
  readonly account: string;
  readonly now: Date;
  /** What exists now, of all regions of the policy; `undefined` = not known. */
  readonly fleet: readonly Resource[] | undefined;
}

export interface SavingsRequest {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** One project; absent = all. */
  readonly project?: string;
  /** The longest time that is believed of one stop; `BELIEVED_SECONDS` where absent. */
  readonly atMostSeconds?: number;
}

/** So long a stop counts at most, where nothing else is asked for: somebody would have looked within a month. */
const BELIEVED_SECONDS = 30 * 86_400;

const READ_AT_ONCE = 5;

/**
 * What Bursar has saved, by its ledger and what exists now. The trail of every project is read, also for one alone: what
 * is stopped in one may have been given to another since.
 * @throws `LedgerError`
 */
export async function readSavings(deps: SavingsDeps, request: SavingsRequest): Promise<Savings> {
  const { policy, ledger, account, now, fleet } = deps;
  const { from, to, project, atMostSeconds = BELIEVED_SECONDS } = request;
  const since = new Date(from.getTime() - atMostSeconds * 1000);
  const firstDay = [learnsFrom(now), dayOf(since)].sort()[0] ?? dayOf(since);
  const [days, meter] = await Promise.all([ledger.spendDays(account, firstDay, dayOf(now)), readMeter(deps)]);
  const projects = await projectsOf(deps, days, meter.records.values());
  const trails = await mapLimited(projects, READ_AT_ONCE, (name) => ledger.audit({ project: name }, since));
  const regions = new Set(policy.scope.regions);
  return savingsOf({
    from,
    to,
    now,
    trail: trails.flat().filter(isTelling),
    meter: meter.records,
    fleet,
    isListedStopped: (resource) => isListedStopped(resource) && regions.has(resource.region),
    ownEnd,
    ...(hasSchedules(policy) ? { scheduledStop: scheduledStop(policy) } : {}),
    atMostSeconds,
    discountOf: discountsOf({
      policy,
      records: meter.records.values(),
      days: days.filter(({ day }) => day >= learnsFrom(now)),
      firstLooks: meter.firstLooks,
      now,
    }),
    ...(project === undefined ? {} : { project }),
  });
}

const dayOf = (at: Date): string => dayName(dayNumber(at.getTime()));

/** A sweep that looked on tells nothing of when something ran; what is about one resource may. */
const isTelling = ({ decision, event }: AuditEntry): boolean =>
  'target' in decision && (event === 'taken' || event === 'intended');

async function readMeter({ policy, ledger, account }: SavingsDeps): Promise<{
  readonly records: ReadonlyMap<string, MeterRecord>;
  readonly firstLooks: readonly Date[];
}> {
  const { regions } = policy.scope;
  const [known, looks] = await Promise.all([
    mapLimited(regions, READ_AT_ONCE, (region) => ledger.meterRecords(account, region)),
    mapLimited(regions, READ_AT_ONCE, (region) => ledger.meteredAt(account, region)),
  ]);
  return {
    records: new Map(known.flatMap((some) => [...some].map(([arn, { record }]) => [arn, record] as const))),
    firstLooks: looks.flatMap((look) => look?.first ?? []),
  };
}

/** Whose trails are read: projects of the policy file, and every other that something was stopped, run or billed in. */
async function projectsOf(
  { policy, ledger, fleet = [] }: SavingsDeps,
  days: readonly SpendDay[],
  records: Iterable<MeterRecord>,
): Promise<readonly (string | undefined)[]> {
  const restores = await Promise.all(RESTORE_STATES.map((state) => ledger.restoreRecords(state)));
  const names = new Set<string | undefined>([
    undefined,
    ...Object.keys(policy.projects),
    ...restores.flat().map(({ project }) => project),
    ...fleet.map(({ tags }) => projectOf(policy, tags)),
    ...days.flatMap(({ billed, metered }) => [...billed.keys(), ...(metered?.keys() ?? [])]),
    ...[...records].flatMap(({ points, closed }) => [...points, ...closed].map((one) => one.project)),
  ]);
  // What has no project is billed under an empty name.
  names.delete('');
  return [...names];
}

/** Kinds that AWS lists on after a stop of Bursar's. Endpoints and Studio apps are deleted by it, and jobs are over. */
const LISTED_STOPPED: ReadonlySet<string> = new Set([
  'ec2-instance',
  'auto-scaling-group',
  'rds-instance',
  'sagemaker-notebook',
]);

/** A Spot instance that cannot be stopped is ended for good instead. */
const isListedStopped = ({ kind, consent }: Resource): boolean =>
  LISTED_STOPPED.has(kind) && consent !== 'terminate-spot';

/** A job ends by itself. How long it may run at most is not in the ledger. */
const ownEnd = ({ consent }: Resource): 'unknown' | undefined =>
  consent === 'stop-jobs' ? 'unknown' : undefined;
