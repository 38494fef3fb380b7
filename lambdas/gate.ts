import { setTimeout as sleep } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { askAtRunTime, type RunTimeDeps } from '../lib/gate/run-time.ts';
import type { RunTimeAnswer } from '../lib/gate/run-time-answer.ts';
import { GateInputError, GateNotReady, OverBudget } from '../lib/gate/run-time-errors.ts';
import { type GateEnvironment, GateEnvironmentSchema } from '../lib/types/environment.ts';
import { METRICS } from '../lib/types/metric.ts';
import { lambda, type Tools } from './lambda.ts';
import { commonParts } from './parts.ts';

export interface GateDeps extends RunTimeDeps {
  readonly tools: Pick<Tools, 'logger' | 'metrics'>;
}

/**
 * Answers a job that asks before it starts. What was asked and answered is logged and counted, and so is that it took
 * too long: Lambda would end it uncounted.
 */
export async function gate(event: unknown, withinMs: number, deps: GateDeps): Promise<RunTimeAnswer> {
  const { logger, metrics } = deps.tools;
  try {
    const answer = await within(withinMs, askAtRunTime(event, deps));
    logger.info('the gate was asked', { answer });
    if (answer.verdict !== 'released') {
      const passed = answer.verdict === 'pass' || answer.verdict === 'warn';
      metrics.addMetric(passed ? METRICS.gatePassed : METRICS.gateRefused, MetricUnit.Count, 1);
    }
    return answer;
  } catch (error) {
    if ([OverBudget, GateInputError, GateNotReady].some((known) => error instanceof known)) {
      logger.info('the gate was asked', { asked: whoAsked(event), error });
      if (error instanceof OverBudget) metrics.addMetric(METRICS.gateRefused, MetricUnit.Count, 1);
    } else metrics.addMetric(METRICS.gateFailed, MetricUnit.Count, 1);
    throw error;
  }
}

/** Requests of jobs hold environment variables and hyperparameters, which are nobody's to read in a log. */
function whoAsked(event: unknown): object {
  const read = WHO.safeParse(event);
  return read.success ? read.data : {};
}

const WHO = z.object({ requestId: z.unknown(), project: z.unknown(), model: z.unknown() }).partial();

/** Up to so long before whoever was not first reads anew, another time for each. Milliseconds. */
const PAUSE_MS = 100;

export const handler = lambda<GateEnvironment, GateDeps, RunTimeAnswer>({
  name: 'gate',
  environment: GateEnvironmentSchema,
  build: async (environment, tools) => {
    try {
      const { policy, ledger, regions, account, now } = await commonParts(environment, tools);
      const [[first, context] = []] = regions;
      if (first === undefined || context === undefined) throw new Error('The policy names no region.');
      const { prices } = context;
      return { policy, ledger, prices, account, region: environment.AWS_REGION ?? first, now, pause, tools };
    } catch (error) {
      tools.metrics.addMetric(METRICS.gateFailed, MetricUnit.Count, 1);
      throw error;
    }
  },
  handle: (event, deps, context) => gate(event, context.getRemainingTimeInMillis() - MARGIN_MS, deps),
});

/** Left of the Lambda's time to count in, in milliseconds. */
const MARGIN_MS = 2_000;

/** What was reserved all the same is found by the next try of the same request. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: ended.signal }).then((): never => {
    throw new Error(`There was no answer within ${milliseconds} ms.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
    late.catch(() => {});
  }
}

const pause = (): Promise<void> => sleep(Math.random() * PAUSE_MS);
