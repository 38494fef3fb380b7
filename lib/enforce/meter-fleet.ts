import { utcDay } from '../decide/sentences.ts';
import { MONTHS_KNOWN } from '../fleet/billing.ts';
import { discoverMetered, type RegionContexts } from '../fleet/discover.ts';
import { billedAs, knownServices } from '../fleet/metered-kinds.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { daysBefore, monthsBefore } from '../meter/days.ts';
import type { MeteredSpends } from '../meter/level-spends.ts';
import { measure } from '../meter/measure.ts';
import { billedOfModel } from '../meter/model-spend.ts';
import { closeBefore, isOver, noteFleet } from '../meter/record.ts';
import { DAYS_BACK } from '../meter/settled.ts';
import { type ModelSpend, type MonthBefore, projectSpends } from '../meter/spend.ts';
import { holderOf, modelOf, projectHolder, projectsOfTeam } from '../policy/levels.ts';
import { type Policy, projectNamed, projectOf } from '../policy/policy.ts';
import type { EarlierSpend, MeterRecord, SpendDay } from '../types/meter.ts';
import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { Resource } from '../types/resource.ts';

export interface MeterDeps {
  readonly policy: Policy;
  readonly ledger: Pick<
    Ledger,
    | 'meterRecords'
    | 'saveMeterRecords'
    | 'forgetMeterRecords'
    | 'meteredAt'
    | 'saveMeteredAt'
    | 'spendDays'
    | 'saveMeteredDays'
    | 'spendMonths'
  >;
  readonly regions: RegionContexts;
  readonly account: string;
  /** Told of each kind of a region that could not be listed: the meter leaves its resources as they were. */
  readonly onUnlisted: (region: string, kind: string, error: unknown) => void;
}

/** What the meter says at one moment. */
export interface Metered extends MeteredSpends {
  /** What costs money beside the fleet: volumes, gateways, load balancers. */
  readonly beside: readonly Resource[];
}

/** Events may come so late: EventBridge tries for 24 hours (EventBridge user guide, "Retry policy"). */
const LATE_MS = 26 * 3_600_000;

/**
 * Reads the meter: notes what a sweep found (the fleet, and what costs money beside it), and sums it up with what was
 * billed. A dry run writes nothing.
 * @throws `LedgerError`
 */
export async function meterFleet(
  fleet: readonly Resource[],
  at: Date,
  deps: MeterDeps,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Metered> {
  const { policy, ledger, account, regions } = deps;
  const from = daysBefore(utcDay(at), DAYS_BACK);
  const [{ resources: beside, failed }, days] = await Promise.all([
    discoverMetered(regions),
    ledger.spendDays(account, from, utcDay(at)),
  ]);
  for (const { region, kind, error } of failed) deps.onUnlisted(region, kind, error);
  const all = Map.groupBy([...fleet, ...beside], ({ region }) => region);
  const keepFrom = firstOpenDay(days, from, at);
  const noted = await Promise.all(
    [...regions.keys()].map((region) => {
      const unlisted = new Set(failed.flatMap((one) => (one.region === region ? [one.kind] : [])));
      return noteRegion({ region, resources: all.get(region) ?? [], unlisted, keepFrom, at, dryRun }, deps);
    }),
  );
  const { spends, settled, monthBefore, byDay, models } = projectSpends({
    measured: measure(
      noted.flatMap(({ records }) => records),
      { now: at, from, billedAs },
    ),
    days,
    watchedFrom: daysBefore(utcDay(new Date(Math.min(...noted.map(({ first }) => first.getTime())))), -1),
    discountOf: (project) => projectNamed(policy, project)?.discount,
    knownServices,
    modelsOf: modelsWithLimits(policy),
    now: at,
  });
  if (!dryRun && settled.length > 0) await ledger.saveMeteredDays(account, settled);
  return {
    spends,
    byDay,
    models,
    earlier: new Map([
      ...(await earlierMonths(policy, ledger, account, { at, monthBefore })),
      ...(await earlierOfModels(policy, ledger, account, { at, from, models })),
    ]),
    beside,
  };
}

/**
 * A fleet that was found at one look is due to be closed at one look each day: the rest waits for the next ones, so that
 * none writes ten thousand records at once.
 */
const CLOSED_AT_ONCE = 500;

interface Region {
  readonly region: string;
  readonly resources: readonly Resource[];
  /** Kinds that could not be listed: not to be seen is then not to be gone. */
  readonly unlisted: ReadonlySet<string>;
  readonly keepFrom: string;
  readonly at: Date;
  readonly dryRun: boolean;
}

/** Notes what was found in one region. @returns all its records as they are now, and when it was first looked at. */
async function noteRegion(
  { region, resources, unlisted, keepFrom, at, dryRun }: Region,
  { policy, ledger, account }: MeterDeps,
): Promise<{ readonly records: readonly MeterRecord[]; readonly first: Date }> {
  const [known, looks] = await Promise.all([
    ledger.meterRecords(account, region),
    ledger.meteredAt(account, region),
  ]);
  const before = new Map([...known].map(([arn, { record }]) => [arn, record]));
  const listed = new Map([...before].filter(([, { kind }]) => !unlisted.has(kind)));
  const noted = noteFleet({
    records: listed,
    resources,
    projectOf: ({ tags }) => projectOf(policy, tags),
    modelOf: ({ tags }) => modelOf(policy, tags),
    meteredAt: looks?.last,
    now: at,
  });
  const first = looks?.first ?? at;
  const after = new Map([...before, ...noted.map((record) => [record.arn, record] as const)]);
  const horizon = new Date(at.getTime() - LATE_MS);
  let closings = CLOSED_AT_ONCE;
  const records = [...after.values()].map((record) => {
    const isWritten = record !== before.get(record.arn);
    if (!isWritten && closings === 0) return record;
    const closed = closeBefore(record, horizon, keepFrom);
    if (!isWritten && closed !== record) closings -= 1;
    return closed;
  });
  if (dryRun) return { records, first };
  const over = [...known.values()]
    .filter(({ record }) => record === after.get(record.arn) && isOver(record, horizon, keepFrom))
    .slice(0, CLOSED_AT_ONCE);
  // One that the launch guard has written meanwhile is left to it: the next sweep looks again.
  await ledger.saveMeterRecords(
    records
      .filter((record) => record !== before.get(record.arn))
      .map((record) => ({ record, version: known.get(record.arn)?.version })),
    at,
  );
  await ledger.forgetMeterRecords(over);
  await ledger.saveMeteredAt(account, region, at);
  return { records, first };
}

/** The first day of which the records are still needed: what the meter said of those before is saved. */
function firstOpenDay(days: readonly SpendDay[], from: string, at: Date): string {
  const saved = new Set(days.flatMap(({ day, metered }) => (metered === undefined ? [] : [day])));
  const today = utcDay(at);
  let day = from;
  while (day < today && saved.has(day)) day = daysBefore(day, -1);
  return day;
}

const modelsWithLimits = ({ projects }: Pick<Policy, 'projects'>): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.values(projects).flatMap(({ name, models }) =>
      models === undefined ? [] : [[name, Object.keys(models)] as const],
    ),
  );

/**
 * Of each project and team with a limit on all time what it spent before this month; absent where some month is not known. The
 * bill of the last month comes some hours after its end and lacks its last days at first, which the meter knows.
 */
async function earlierMonths(
  policy: Policy,
  ledger: Pick<Ledger, 'spendMonths'>,
  account: string,
  { at, monthBefore }: { readonly at: Date; readonly monthBefore: ReadonlyMap<string, MonthBefore> },
): Promise<ReadonlyMap<string, EarlierSpend>> {
  const limited = [
    ...Object.values(policy.projects).map(({ name, total }) => ({
      total,
      projects: [name],
      holder: projectHolder(name),
    })),
    ...Object.values(policy.teams).map(({ name, total }) => ({
      total,
      projects: projectsOfTeam(policy, name),
      holder: holderOf({ level: 'team', team: name }),
    })),
  ].flatMap(({ total, ...of }) =>
    total === undefined ? [] : [{ ...of, since: total.since.slice(0, 'yyyy-mm'.length) }],
  );
  const [first] = limited.map(({ since }) => since).sort();
  if (first === undefined) return new Map();
  const known = new Map(
    (await ledger.spendMonths(account, first)).map(({ month, billed }) => [month, billed]),
  );
  const last = monthsBefore(at, 1);
  const reach = monthsBefore(at, MONTHS_KNOWN);
  const wanted = Array.from({ length: MONTHS_KNOWN }, (_, n) => monthsBefore(at, n + 1));
  // Older ones count where they were kept: nobody can be asked for them any more.
  const months = [...wanted, ...[...known.keys()].filter((month) => month < reach)];
  const billedIn = (month: string, name: string): Usd | undefined => {
    const billed = known.get(month);
    if (billed !== undefined) return billed.get(name) ?? ZERO_USD;
    const before = monthBefore.get(name);
    return month === last && before?.isWhole === true ? before.billed : undefined;
  };
  return new Map(
    limited.flatMap(({ projects, holder, since }) => {
      const counted = months.filter((month) => month >= since);
      const billed = projects.flatMap((name) => counted.map((month) => billedIn(month, name)));
      if (billed.includes(undefined)) return [];
      const estimated =
        last >= since ? projects.map((name) => monthBefore.get(name)?.estimated ?? ZERO_USD) : [];
      const earlier: EarlierSpend = {
        billed: sumUsd(billed.filter((amount) => amount !== undefined)),
        estimated: sumUsd(estimated),
      };
      return [[holder, earlier] as const];
    }),
  );
}

/**
 * Of each model with a limit on all time what it spent before this month, by days: bills tell of no model. Days of before
 * it was told apart, and those that the ledger has forgotten, count for nothing.
 */
async function earlierOfModels(
  { projects }: Pick<Policy, 'projects'>,
  ledger: Pick<Ledger, 'spendDays'>,
  account: string,
  {
    at,
    from,
    models,
  }: {
    readonly at: Date;
    /** The first day that `models` tell of. */
    readonly from: string;
    readonly models: ReadonlyMap<string, ReadonlyMap<string, ModelSpend>>;
  },
): Promise<ReadonlyMap<string, EarlierSpend>> {
  const limited = Object.values(projects).flatMap(({ name: project, models: own = {} }) =>
    Object.values(own).flatMap(({ name: model, total }) =>
      total === undefined ? [] : [{ project, model, since: `${total.since.slice(0, 'yyyy-mm'.length)}-01` }],
    ),
  );
  const [first] = limited.map(({ since }) => since).sort();
  if (first === undefined) return new Map();
  const older = first < from ? await ledger.spendDays(account, first, daysBefore(from, 1)) : [];
  const month = `${utcDay(at).slice(0, 'yyyy-mm'.length)}-01`;
  return new Map(
    limited.map(({ project, model, since }) => {
      const days = (models.get(project)?.get(model)?.days ?? []).filter(
        ({ day }) => day >= since && day < month,
      );
      const long = billedOfModel(
        older.filter(({ day }) => day >= since),
        project,
        model,
      );
      const earlier: EarlierSpend = {
        billed: sumUsd([long, ...days.map(({ billed }) => billed)]),
        estimated: sumUsd(days.map(({ estimated }) => estimated)),
      };
      return [holderOf({ level: 'model', project, model }), earlier] as const;
    }),
  );
}
