import { coverage } from '../compliance/coverage.ts';
import { utcDay } from '../decide/sentences.ts';
import { DAYS_KNOWN } from '../decide/spend-anomaly.ts';
import { meterFleet } from '../enforce/meter-fleet.ts';
import { readMeterSays } from '../enforce/read-meter-says.ts';
import { discoverFleet, type RegionContexts } from '../fleet/discover.ts';
import { titleOf } from '../fleet/metered-kinds.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { daysBefore, monthsBefore } from '../meter/days.ts';
import type { ProjectDay } from '../meter/spend.ts';
import type { Policy } from '../policy/policy.ts';
import { readSavings } from '../savings/read-savings.ts';
import type { Allocation } from '../types/allocation.ts';
import type { Bill } from '../types/cost.ts';
import type { SpendDay } from '../types/meter.ts';
import { ZERO_USD } from '../types/money.ts';
import type { Recommendations } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import { anomaliesOf } from './anomalies-of.ts';
import { withBill } from './bill-days.ts';
import { modelLevels } from './levels.ts';
import { makeReport } from './make-report.ts';
import { type Month, monthOf } from './month.ts';
import { lastBilledDay } from './movers.ts';
import { type AllocationSources, readAllocation } from './read-allocation.ts';
import type { OwnCost, Report } from './report.ts';

export interface GatherDeps {
  readonly policy: Policy;
  /** It is read alone. */
  readonly ledger: Ledger;
  readonly regions: RegionContexts;
  readonly account: string;
  readonly now: Date;
  readonly sources: AllocationSources;
  readonly ownCost: (span: { readonly from: Date; readonly to: Date }) => Promise<OwnCost>;
  /** How to spend less on all there is, of one project or of all. */
  readonly recommend: (fleet: readonly Resource[], project: string | undefined) => Promise<Recommendations>;
}

export interface ReportRequest {
  /** `2026-11`; it has begun. */
  readonly month: string;
  /** One project; `undefined` = all. */
  readonly project: string | undefined;
}

/** So many days after a month tell whether the bill of its last days is whole. */
const DAYS_AFTER = 7;

/**
 * Reads all that a report shows: the fleet, the meter, the ledger and the bill. Touches and writes nothing. Where the bill
 * or what Bursar itself costs cannot be read, the report is made without, and says why.
 * @throws `LedgerError`; RangeError of a month that has not begun; what AWS answers where the fleet cannot be listed
 */
export async function gatherReport(
  deps: GatherDeps,
  { month: name, project }: ReportRequest,
): Promise<Report> {
  const { policy, regions, account, now } = deps;
  const month = monthOf(name, now);
  if (month === undefined) throw new RangeError(`${name} has not begun.`);
  const monthBefore = monthsBefore(month.from, 1);
  const notes: string[] = [];
  const [fleet, read] = await Promise.all([discoverFleet(regions), allocationOf(month, deps, notes)]);
  const ledger = read === undefined ? deps.ledger : withBill(deps.ledger, read.bill, now);
  const metered = await meterFleet(
    fleet,
    now,
    {
      policy,
      ledger,
      regions,
      account,
      onUnlisted: (region, kind) =>
        notes.push(
          `What there is of the kind “${titleOf(kind)}” in ${region} could not be listed: it is left out.`,
        ),
    },
    { dryRun: true },
  );
  const known = await ledger.spendDays(
    account,
    daysBefore(month.firstDay, DAYS_KNOWN),
    daysBefore(month.lastDay, -DAYS_AFTER),
  );
  const days = known.filter(({ day }) => day >= `${monthBefore}-01`);
  const all = [...fleet, ...metered.beside];
  const [savings, ownCost, meterSays, recommendations] = await Promise.all([
    readSavings(
      { policy, ledger, account, now, fleet },
      { from: month.from, to: month.to, ...(project === undefined ? {} : { project }) },
    ),
    ownCostOf(month, deps),
    readMeterSays(metered.spends, now, { ledger, regions, account }),
    month.isOver ? undefined : recommendationsOf(all, project, deps, notes),
  ]);
  const byDay = metered.byDay();
  notes.push(...billNotes(month, known, byDay));
  if (project !== undefined && read !== undefined) notes.push(OF_ALL);
  return makeReport({
    account,
    policy,
    month,
    monthBefore,
    project,
    madeAt: now,
    spends: metered.spends,
    byDay,
    models: modelLevels(metered, policy, month, days),
    days,
    fleet: all,
    titleOf,
    coverage: coverage(policy, all),
    allocation: read?.allocation,
    savings,
    ownCost,
    recommendations,
    anomalies: anomaliesOf(
      known,
      month.name,
      meterSays && { ...meterSays, until: daysBefore(utcDay(now), 1) },
    ),
    notes,
  });
}

async function allocationOf(
  month: Month,
  { policy, sources, ledger, account }: GatherDeps,
  notes: string[],
): Promise<{ readonly allocation: Allocation; readonly bill: Bill } | undefined> {
  try {
    return await readAllocation(policy, sources, { ledger, account }, month, (name, error) =>
      notes.push(
        `The usage ${name} could not be read, so what is split by it stands as idle. ${told(error)}`,
      ),
    );
  } catch (error) {
    notes.push(`The bill could not be allocated. ${told(error)}`);
    return undefined;
  }
}

const OF_ALL =
  'The allocation is that of the whole account, in the CSV as well: what one project pays of what is shared depends on the others.';

/** A report of an account is worth having without it. */
const ownCostOf = ({ from, to }: Month, { ownCost }: GatherDeps): Promise<OwnCost> =>
  ownCost({ from, to }).catch((error: unknown) => ({
    items: [],
    total: ZERO_USD,
    without: [`What Bursar itself costs could not be read: ${told(error)}`],
  }));

async function recommendationsOf(
  all: readonly Resource[],
  project: string | undefined,
  { recommend }: GatherDeps,
  notes: string[],
): Promise<Recommendations | undefined> {
  try {
    return await recommend(all, project);
  } catch (error) {
    notes.push(`What could cost less could not be looked for. ${told(error)}`);
    return undefined;
  }
}

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function billNotes(
  month: Month,
  known: readonly SpendDay[],
  byDay: ReadonlyMap<string, readonly ProjectDay[]>,
): readonly string[] {
  const { name, isOver } = month;
  const lastDay = lastBilledDay(known, name);
  const estimated = [...byDay.values()].flatMap((some) =>
    some.flatMap((one) => (one.day.startsWith(name) && one.estimated > 0n ? [one.day] : [])),
  );
  if (!isOver) {
    return lastDay === undefined
      ? [`Nothing is billed for ${name} so far: what is shown as spent is estimated, price × time.`]
      : [`AWS bills hours to days late: the last day with any bill is ${lastDay}.`];
  }
  const open = daysOfMonth(month).filter(
    (day) => !known.some((one) => one.day === day && one.billedAsOf !== undefined),
  );
  const [first] = estimated.sort();
  return [
    ...unknownNote(name, open),
    ...(first === undefined
      ? []
      : [
          `The month is over, but not all of it is billed yet: from ${first} on a part is estimated, price × time.`,
        ]),
  ];
}

function unknownNote(month: string, open: readonly string[]): readonly string[] {
  const [first, last] = [open[0], open.at(-1)];
  if (first === undefined || last === undefined) return [];
  const days = first === last ? first : `${open.length} days from ${first} to ${last}`;
  return [`What was billed on ${days} is not known, and in no figure of what was spent in ${month}.`];
}

function daysOfMonth({ firstDay, lastDay }: Month): readonly string[] {
  const days: string[] = [];
  for (let day = firstDay; day <= lastDay; day = daysBefore(day, -1)) days.push(day);
  return days;
}
