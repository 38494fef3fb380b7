import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { METRICS_NAMESPACE } from '../lib/types/metric.ts';

/** What every handler is given beside its own dependencies. */
export interface Tools {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
}

/** One handler in three parts: the environment it needs, what is built of it, and the work. */
export interface LambdaParts<Environment, Deps, Result> {
  readonly name: string;
  readonly environment: z.ZodType<Environment>;
  /** Called once a cold start. */
  readonly build: (environment: Environment, tools: Tools) => Promise<Deps>;
  readonly handle: (event: unknown, deps: Deps, context: Context) => Promise<Result>;
}

/**
 * The one middleware bundle of all handlers: logger, tracer, metrics, environment. Dependencies are built at
 * the first call, so that a mistake in the environment is one clear log line and not a failed start.
 */
export function lambda<Environment, Deps, Result>({
  name,
  environment,
  build,
  handle,
}: LambdaParts<Environment, Deps, Result>) {
  const logger = new Logger({ serviceName: name });
  const tracer = new Tracer({ serviceName: name, captureHTTPsRequests: false });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: name });
  let built: Promise<Deps> | undefined;
  const start = async (): Promise<Deps> => {
    const parsed = environment.safeParse(process.env);
    if (!parsed.success)
      throw new Error(`${name}: the environment is wrong.\n${z.prettifyError(parsed.error)}`);
    return build(parsed.data, { logger, metrics, tracer });
  };
  return middy()
    .use(injectLambdaContext(logger))
    .use(captureLambdaHandler(tracer, { captureResponse: false }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .handler(async (event: unknown, context: Context): Promise<Result> => {
      built ??= start().catch((error: unknown) => {
        // The next call tries again: a dependency may have been out for a moment.
        built = undefined;
        throw error;
      });
      return handle(event, await built, context);
    });
}
