import { burnRateDecision } from '../decide/burn-rate.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import { type LevelSpend, levelSpends } from '../meter/level-spends.ts';
import { readingsOf } from '../meter/limits.ts';
import { resourcesByHolder, thresholdsOf } from '../policy/levels.ts';
import type { Decision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { enforceReading, type ReadingDeps } from './enforce-reading.ts';
import type { Metered } from './meter-fleet.ts';
import type { Kept } from './read-keeping.ts';
import { narrowestFirst, stoppingOnce } from './stopping-once.ts';

export type SpendsDeps = ReadingDeps & { readonly ledger: Pick<Ledger, 'seen' | 'once'> };

/**
 * Holds the spend of each model, project and team by the meter against its limits, and queues what that asks for. The
 * meter is read every five minutes, so what people were told is not queued again.
 * @throws what the ledger or the queue answers, once all were looked at; the next sweep does the same again.
 */
export async function enforceSpends(
  metered: Metered,
  {
    fleet,
    marks,
    ...kept
  }: Kept & {
    readonly fleet: readonly Resource[];
    readonly marks: ReadonlyMap<string, ProjectMark>;
  },
  at: Date,
  { policy, ledger, send }: SpendsDeps,
): Promise<void> {
  const sendNews = async (decisions: readonly Decision[], id: string, now: Date): Promise<number> => {
    const told = await Promise.all(
      decisions.map(({ action, key }) => ONCE.has(action) && ledger.seen(`told/${key}`, now)),
    );
    const news = decisions.filter((_, index) => told[index] !== true);
    const sent = await send(news, id, now);
    for (const { action, key } of news) if (ONCE.has(action)) await ledger.once(`told/${key}`, now);
    return sent;
  };
  const resourcesOf = resourcesByHolder(fleet, policy);
  const deps = { policy, ledger, send: stoppingOnce(sendNews) };
  const enforceLevel = async ({ holder, spend, budgets, earlier }: LevelSpend): Promise<void> => {
    for (const reading of readingsOf(spend, holder, budgets, earlier)) {
      if (thresholdsOf(policy, holder, reading.source).length === 0) continue;
      const mark = marks.get(holder);
      const id = `${reading.source}/${at.toISOString()}`;
      const resources = resourcesOf(holder);
      await enforceReading({ reading, alarms: [], resources, mark, id, ...kept }, deps);
    }
  };
  const tellBurnRate = async (project: string): Promise<void> => {
    const spend = metered.spends.get(project);
    const burn = spend && burnRateDecision(spend, policy, at);
    if (burn !== undefined) await sendNews([burn], `burn-rate/${at.toISOString()}`, at);
  };
  const errors: unknown[] = [];
  const all = levelSpends(metered, policy);
  for (const level of narrowestFirst(all)) {
    await enforceLevel(level).catch((error: unknown) => errors.push(error));
    if (level.level !== 'project') continue;
    await tellBurnRate(level.name).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

/** What only tells people, under a key that is the same for hours. */
const ONCE: ReadonlySet<Decision['action']> = new Set(['budget-notice', 'burn-rate']);
