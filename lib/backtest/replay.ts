import { DeleteAppCommand, DeleteEndpointCommand } from '@aws-sdk/client-sagemaker';
import type { SignalPlan } from '../fleet/kind.ts';
import type { PriceBook } from '../fleet/prices.ts';
import { namesOf } from '../fleet/sagemaker-studio-names.ts';
import type { Policy } from '../policy/policy.ts';
import type { MemoryAccount } from '../simulate/account/account.ts';
import { adopt } from '../simulate/adopt.ts';
import { recordedUse } from '../simulate/recorded-use.ts';
import type { RunResult } from '../simulate/result.ts';
import { runWorld } from '../simulate/run-world.ts';
import type { WorldStep } from '../simulate/world.ts';
import { type Resource, startOf } from '../types/resource.ts';
import type { History, HistoryResource } from './history.ts';
import { usedWhileOffSentences } from './outside-hours.ts';

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
  const result = await runWorld(
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
          const start = startOf(resource);
          adopt(memory, runningSince(resource, start < from ? start : first.from));
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
  return { ...result, assumptions: [...result.assumptions, ...usedWhileOffSentences(result)] };
}

const ASSUMPTIONS = [
  'Without Bursar everything ran as it did.',
  'What Bursar would have stopped for being idle comes back in the minute in which it was next used; what hours stopped, when they begin.',
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
      act: (memory) => adopt(memory, runningSince(resource, span.from)),
    };
    const ends: WorldStep = {
      at: span.to,
      of: 'world',
      act: (memory) => end(memory, runningSince(resource, span.from)),
    };
    return [...(span.from > from ? [begins] : []), ...(stillRuns && span.to === to ? [] : [ends])];
  });
}

/** As it is now, and in service since then: of when it was last changed nothing is known but of the present. */
const runningSince = ({ started: _, pricedSince: __, ...resource }: Resource, since: Date): Resource => ({
  ...resource,
  state: 'running',
  since,
});

/** Puts it out of service, which of some kinds leaves nothing behind. What Bursar has stopped meanwhile is so already. */
async function end(memory: MemoryAccount, resource: Resource): Promise<void> {
  const { kind, id, region } = resource;
  const { sagemaker } = memory.clientsOf(region);
  if (kind === 'sagemaker-endpoint') {
    await sagemaker.send(new DeleteEndpointCommand({ EndpointName: id })).catch(() => undefined);
    return;
  }
  const app = kind === 'sagemaker-studio-app' ? namesOf(id) : undefined;
  if (app === undefined) {
    adopt(memory, { ...resource, state: 'stopped' });
    return;
  }
  const { domainId: DomainId, owner, type: AppType, name: AppName } = app;
  const of = owner.in === 'space' ? { SpaceName: owner.name } : { UserProfileName: owner.name };
  await sagemaker.send(new DeleteAppCommand({ DomainId, AppType, AppName, ...of })).catch(() => undefined);
}
