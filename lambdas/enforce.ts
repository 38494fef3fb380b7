import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SNSClient } from '@aws-sdk/client-sns';
import { announce } from '../lib/enforce/announce.ts';
import { carryOut } from '../lib/enforce/carry-out.ts';
import { type CommandBatch, decodeCommandBatch } from '../lib/enforce/command.ts';
import type { EnforceDeps } from '../lib/enforce/deps.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Alert } from '../lib/types/alert.ts';
import { type EnforceEnvironment, EnforceEnvironmentSchema } from '../lib/types/environment.ts';
import { METRICS } from '../lib/types/metric.ts';
import type { Result } from '../lib/types/outcome.ts';
import { MAX_DELIVERIES } from '../lib/types/queues.ts';
import { lambda, type Tools } from './lambda.ts';
import { commonParts, denialOf, publisher, wakeOf } from './parts.ts';
import { eachMessage, type QueueMessage } from './queue.ts';

export interface EnforceHandlerDeps extends EnforceDeps {
  readonly account: string;
  readonly publish: (alert: Alert) => Promise<void>;
  readonly tools: Pick<Tools, 'logger' | 'metrics'>;
}

/**
 * Carries one message of commands out and tells people what became of it.
 * @throws where something must be tried again, so that the message comes back.
 */
export const enforce = ({ body, deliveries }: QueueMessage, deps: EnforceHandlerDeps): Promise<void> =>
  enforceBatch(decodeCommandBatch(body), deliveries, deps);

/** The same for a batch that has been read. */
export async function enforceBatch(
  batch: CommandBatch,
  deliveries: number,
  deps: EnforceHandlerDeps,
): Promise<void> {
  const { settled, results, again } = await carryOut(batch, deps);
  report(settled, deps.tools);
  await announce(batch, results, { lastAttempt: deliveries >= MAX_DELIVERIES, now: deps.now() }, deps);
  if (again) throw new Error(`Part of batch ${batch.id} must be tried again.`);
}

function report(results: readonly Result[], { logger, metrics }: EnforceHandlerDeps['tools']): void {
  for (const { decision, outcome } of results) {
    logger.info('carried out', { key: decision.key, action: decision.action, outcome });
    const metric = metricOf({ decision, outcome });
    if (metric !== undefined) metrics.addMetric(metric, MetricUnit.Count, 1);
  }
}

function metricOf({ decision, outcome }: Result): string | undefined {
  if (outcome.status === 'failed') return METRICS.failed;
  if (outcome.status === 'skipped') return undefined;
  switch (decision.action) {
    case 'stop':
      return METRICS.stopped;
    case 'warn':
      return METRICS.warned;
    case 'hold':
      return METRICS.held;
    case 'restore':
      return METRICS.restored;
    case 'keep':
      return METRICS.kept;
    default:
      return undefined;
  }
}

export const handler = lambda<EnforceEnvironment, EnforceHandlerDeps, unknown>({
  name: 'enforce',
  environment: EnforceEnvironmentSchema,
  build: async (environment, tools) => {
    const sns = tools.tracer.captureAWSv3Client(new SNSClient({ ...PATIENCE }));
    const parts = await commonParts(environment, tools);
    const denial = denialOf(environment, parts.now, tools);
    return {
      ...parts,
      ...(denial === undefined ? {} : { denial }),
      wake: wakeOf(environment, tools),
      onWakeError: (error: unknown) => tools.logger.error('no sweep could be set for a minute', { error }),
      publish: publisher(sns, environment.ALERTS_TOPIC_ARN),
    };
  },
  handle: (event, deps, context) =>
    eachMessage(event, context, deps.tools, (message) => enforce(message, deps)),
});
