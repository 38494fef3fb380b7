import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Kind } from '../../lib/fleet/kind.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import type { Outcome } from '../../lib/types/outcome.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { stopContextOf } from '../fleet/fixtures.ts';
import type { Side } from './both.ts';
import { contextOn, settle } from './sagemaker-put.ts';

export const TAGS = { project: 'recsys', owner: 'ana', environment: 'dev' };
export const arnOf = (resource: string): string => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${resource}`;

/** What a call throws; `undefined` where it succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return undefined;
}

/** What all suites of SageMaker do with the account. */
export interface Tools {
  readonly side: () => Side;
  readonly inMemory: boolean;
  readonly sagemaker: () => SageMakerClient;
  readonly autoscaling: () => ApplicationAutoScalingClient;
  readonly find: (kind: Kind, id: string) => Promise<Resource | undefined>;
  /** @throws Error where it is not there. */
  readonly get: (kind: Kind, id: string) => Promise<Resource>;
  readonly discovered: (kind: Kind) => Promise<readonly Resource[]>;
  /** Stops it as the enforcer does: by what was found, with the record kept as JSON. */
  readonly stop: (
    kind: Kind,
    target: Resource,
  ) => Promise<{ readonly outcome: Outcome | undefined; readonly record: unknown }>;
  /** Restores until nothing is left to do. @returns what each step came to. */
  readonly restore: (kind: Kind, target: Resource, record: unknown) => Promise<readonly string[]>;
}

export function toolsOf(side: () => Side, name: Side['name']): Tools {
  const find: Tools['find'] = async (kind, id) => (await kind.describe([id], contextOn(side())))[0];
  return {
    side,
    inMemory: name === 'in memory',
    sagemaker: () => side().clients(REGION).sagemaker,
    autoscaling: () => side().clients(REGION).autoscaling,
    find,
    get: async (kind, id) => {
      const one = await find(kind, id);
      if (one === undefined) throw new Error(`${id} was not found`);
      return one;
    },
    discovered: (kind) => kind.discover(contextOn(side())),
    stop: async (kind, target) => {
      const context = stopContextOf(contextOn(side()));
      const outcome = (await kind.stop([target], context)).get(target.arn);
      const record: unknown = JSON.parse(JSON.stringify(context.saved[0]?.record ?? null));
      return { outcome, record };
    },
    restore: async (kind, target, record) => {
      const steps: string[] = [];
      for (let finished = false; !finished && steps.length < 10; settle(side())) {
        const step = await kind.restore(target, record, contextOn(side()));
        steps.push(step.outcome.detail);
        finished = step.finished;
      }
      return steps;
    },
  };
}
