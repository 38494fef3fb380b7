import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { type Coverage, coverage } from '../compliance/coverage.ts';
import { isWeeklyTime, weeklyDecision } from '../decide/weekly.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import { levelSpends } from '../meter/level-spends.ts';
import type { Decision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { enforceSpends } from './enforce-spends.ts';
import { type MeterDeps, type Metered, meterFleet } from './meter-fleet.ts';
import type { Kept } from './read-keeping.ts';
import { refreshBilling } from './refresh-billing.ts';
import { tellAnomalies } from './tell-anomalies.ts';

export type SpendingDeps = MeterDeps & {
  readonly ledger: Ledger;
  readonly costExplorer: CostExplorerClient;
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
  /** Told of what could not be done; the sweep goes on without it. */
  readonly onError: (what: string, error: unknown) => void;
};

export interface SweptFleet extends Kept {
  readonly fleet: readonly Resource[];
  readonly marks: ReadonlyMap<string, ProjectMark>;
}

/** How the projects stand: their spend by the meter, and their tags. */
export interface Spending extends Metered {
  readonly coverage: Coverage;
}

/**
 * What a sweep does about spend: asks Cost Explorer where that is due, reads the meter, holds it against the limits, has
 * unusual days told and the weekly alert sent in their hours. A dry run reads the meter alone.
 * @returns `undefined` where the meter could not be read: idleness is judged all the same.
 */
export async function sweepSpending(
  { fleet, marks, ...kept }: SweptFleet,
  at: Date,
  deps: SpendingDeps,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Spending | undefined> {
  const { policy, ledger, account, costExplorer, send, onError } = deps;
  try {
    let hasNewBill = false;
    if (!dryRun) {
      const refresh = await refreshBilling({ policy, ledger, costExplorer, account, now: at });
      if (refresh.state === 'failed') onError('Cost Explorer could not be asked', refresh.error);
      hasNewBill = refresh.state === 'refreshed';
    }
    const metered = await meterFleet(fleet, at, deps, { dryRun });
    let covered: Coverage | undefined;
    const spending: Spending = {
      ...metered,
      /** Worked out where somebody asks for it. */
      get coverage() {
        covered ??= coverage(policy, [...fleet, ...metered.beside]);
        return covered;
      },
    };
    if (dryRun) return spending;
    await enforceSpends(metered, { fleet, marks, ...kept }, at, deps);
    await tellAnomalies({ spends: metered.spends, hasNewBill }, at, deps).catch((error: unknown) =>
      onError('unusual days of spend could not be looked for', error),
    );
    if (isWeeklyTime(at, policy)) {
      const spends = [...metered.spends.values()];
      const report = await ledger.newestReport(at).catch((error: unknown) => {
        onError('the newest report could not be looked up', error);
        return undefined;
      });
      const weekly = weeklyDecision({
        now: at,
        policy,
        spends,
        levels: levelSpends(metered, policy),
        coverage: spending.coverage,
        report,
      });
      if (weekly !== undefined) await send([weekly], `weekly/${at.toISOString()}`, at);
    }
    return spending;
  } catch (error) {
    onError('spend could not be metered', error);
    return undefined;
  }
}
