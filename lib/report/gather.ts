import { coverage } from '../compliance/coverage.ts';
import { utcDay } from '../decide/sentences.ts';
import { DAYS_KNOWN } from '../decide/spend-anomaly.ts';
import { meterFleet } from '../enforce/meter-fleet.ts';
import { readMeterSays } from '../enforce/read-meter-says.ts';
import { discoverFleet, type RegionContexts } from '../fleet/discover.ts';
import { titleOf } from '../fleet/metered-kinds.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { daysBefore, monthsBefore } from '../meter/days.ts';
import type { Policy } from '../policy/policy.ts';
import { readSavings } from '../savings/read-savings.ts';
import { anomaliesOf } from './anomalies-of.ts';
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
}

export interface ReportRequest {
  /** `2026-11`; it has begun. */
  readonly month: string;
  /** One project; `undefined` = all. */
  readonly project: string | undefined;
}

/**
 * Reads all that a report shows: the fleet, the meter, the ledger and the bill. Touches and writes nothing. Where the bill
 * cannot be read, the report is made without its allocation, and its notes say why.
 * @throws `LedgerError`; RangeError of a month that has not begun
 */
export async function gatherReport(
  deps: GatherDeps,
  { month: name, project }: ReportRequest,
): Promise<Report> {
  const { policy, ledger, regions, account, now } = deps;
  const month = monthOf(name, now);
  if (month === undefined) throw new RangeError(`${name} has not begun.`);
  const monthBefore = monthsBefore(month.from, 1);
  const notes: string[] = [];
  const fleet = await discoverFleet(regions);
  const metered = await meterFleet(
    fleet,
    now,
    {
      policy,
      ledger,
      regions,
      account,
      onUnlisted: (region, kind) =>
        notes.push(`What there is of the kind ${kind} in ${region} could not be listed: it is left out.`),
    },
    { dryRun: true },
  );
  const known = await ledger.spendDays(account, daysBefore(month.firstDay, DAYS_KNOWN), month.lastDay);
  const days = known.filter(({ day }) => day >= `${monthBefore}-01`);
  const [savings, ownCost, allocation, meterSays] = await Promise.all([
    readSavings(
      { policy, ledger, account, now, fleet },
      { from: month.from, to: month.to, ...(project === undefined ? {} : { project }) },
    ),
    deps.ownCost({ from: month.from, to: month.to }),
    allocationOf(month, deps, notes),
    readMeterSays(metered.spends, now, { ledger, regions, account }),
  ]);
  const all = [...fleet, ...metered.beside];
  notes.push(...billNotes(month, lastBilledDay(days, month.name)));
  return makeReport({
    account,
    policy,
    month,
    monthBefore,
    project,
    madeAt: now,
    spends: metered.spends,
    byDay: metered.byDay,
    models: modelLevels(metered, policy, month),
    days,
    fleet: all,
    titleOf,
    coverage: coverage(policy, all),
    allocation,
    savings,
    ownCost,
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
): Promise<Report['allocation']> {
  const span = { from: month.firstDay, to: month.lastDay };
  try {
    const { allocation } = await readAllocation(policy, sources, { ledger, account }, span, (name, error) =>
      notes.push(
        `The usage ${name} could not be read, so what is split by it stands as idle. ${told(error)}`,
      ),
    );
    return allocation;
  } catch (error) {
    notes.push(`The bill could not be allocated. ${told(error)}`);
    return undefined;
  }
}

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function billNotes({ name, isOver }: Month, lastDay: number | undefined): readonly string[] {
  if (lastDay === undefined) {
    return [`Nothing is billed for ${name} so far: what is shown as spent is estimated, price × time.`];
  }
  const through = `${name}-${String(lastDay).padStart(2, '0')}`;
  return isOver ? [] : [`AWS bills hours to days late: the last day with any bill is ${through}.`];
}
