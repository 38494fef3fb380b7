import type { SignalPlan } from '../fleet/kind.ts';
import type { PriceBook } from '../fleet/prices.ts';
import type { Policy } from '../policy/policy.ts';
import { adopt } from '../simulate/adopt.ts';
import { recordedUse } from '../simulate/recorded-use.ts';
import type { RunResult } from '../simulate/result.ts';
import { runWorld } from '../simulate/run-world.ts';
import type { WorldStep } from '../simulate/world.ts';
import type { History, HistoryResource } from './history.ts';

export interface ReplayOptions {
  /** For people. */
  readonly policyFile: string;
  /** What each resource is judged by, by ARN. */
  readonly plans: ReadonlyMap<string, SignalPlan>;
  readonly prices: PriceBook;
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

/** Hours that AWS’s bill is behind, as a rule. */
const BILL_LAG_HOURS = 12;

/**
 * Replays a policy over what an account did: the real handlers judge what CloudWatch recorded, as it became known.
 * @throws the signal’s reason where that ends it
 */
export async function replay(history: History, policy: Policy, options: ReplayOptions): Promise<RunResult> {
  const { account, from, to, resources, metrics } = history;
  const { policyFile, plans, prices, ...running } = options;
  const inUse = recordedUse(policy, plans, metrics);
  const steps = resources.flatMap((one) => stepsOf(one, from));
  return runWorld(
    {
      title: 'Backtest',
      description: `What the policy would have done to account ${account}.`,
      policy,
      account,
      policyFile,
      from,
      to,
      prices,
      place: (memory) => {
        for (const [key, samples] of metrics) memory.recorded.set(key, samples);
        for (const { resource, ran } of resources) {
          const [first] = ran;
          if (first === undefined || first.from > from) continue;
          const since = resource.since < from ? resource.since : first.from;
          adopt(memory, { ...resource, state: 'running', since });
        }
      },
      steps: steps.sort((a, b) => a.at.getTime() - b.at.getTime()),
      inUse,
      isSeenInUse: inUse,
      isRestarted: () => true,
      lagHours: BILL_LAG_HOURS,
      isTold: true,
      assumptions: ASSUMPTIONS,
    },
    running,
  );
}

const ASSUMPTIONS = [
  'Without Bursar everything ran as it did.',
  'What Bursar would have stopped comes back in the minute in which it was next used.',
  'Prices and tags are those of today; of what was spent before the first day, what ran on then is counted.',
];

/** What begins and ends within the history. */
function stepsOf({ resource, ran }: HistoryResource, from: Date): readonly WorldStep[] {
  const to = ran.at(-1)?.to;
  const stillRuns = resource.state === 'running';
  return ran.flatMap((span): WorldStep[] => {
    const begins: WorldStep = {
      at: span.from,
      of: 'world',
      act: (memory) => adopt(memory, { ...resource, state: 'running', since: span.from }),
    };
    const ends: WorldStep = {
      at: span.to,
      of: 'world',
      act: (memory) => adopt(memory, { ...resource, state: 'stopped', since: span.from }),
    };
    return [...(span.from > from ? [begins] : []), ...(stillRuns && span.to === to ? [] : [ends])];
  });
}
