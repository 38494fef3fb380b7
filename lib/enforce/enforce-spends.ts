import { burnRateDecision } from '../decide/burn-rate.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import { readingsOf } from '../meter/limits.ts';
import { budgetThresholds, type Project, projectOf } from '../policy/policy.ts';
import type { Decision } from '../types/decision.ts';
import type { ProjectSpend } from '../types/meter.ts';
import { enforceReading, type ReadingContext, type ReadingDeps } from './enforce-reading.ts';
import type { Metered } from './meter-fleet.ts';
import type { Kept } from './read-keeping.ts';

export type SpendsDeps = ReadingDeps & { readonly ledger: Pick<Ledger, 'seen' | 'once'> };

/**
 * Holds each project's spend by the meter against its limits, and queues what that asks for. The meter is read every
 * five minutes, so what people were told is not queued again.
 * @throws what the ledger or the queue answers, once all projects were looked at; the next sweep does the same again.
 */
export async function enforceSpends(
  { spends, earlier }: Metered,
  {
    fleet,
    marks,
    ...kept
  }: Kept &
    Pick<ReadingContext, 'fleet'> & {
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
  const byProject = Map.groupBy(fleet, ({ tags }) => projectOf(policy, tags));
  const enforceOne = async (project: Project, spend: ProjectSpend): Promise<void> => {
    const own = byProject.get(project.name) ?? [];
    for (const reading of readingsOf(spend, project, earlier.get(project.name))) {
      if (budgetThresholds(policy, project.name, reading.source).length === 0) continue;
      const mark = marks.get(project.name);
      const id = `${reading.source}/${at.toISOString()}`;
      await enforceReading(
        { reading, alarms: [], fleet: own, mark, id, ...kept },
        { policy, ledger, send: sendNews },
      );
    }
    const burn = burnRateDecision(spend, policy, at);
    if (burn !== undefined) await sendNews([burn], `burn-rate/${at.toISOString()}`, at);
  };
  const errors: unknown[] = [];
  for (const project of Object.values(policy.projects)) {
    const spend = spends.get(project.name);
    if (spend === undefined) continue;
    await enforceOne(project, spend).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

/** What only tells people, under a key that is the same for hours. */
const ONCE: ReadonlySet<Decision['action']> = new Set(['budget-notice', 'burn-rate']);
