import { setTimeout as pause } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { type GuardDeps, guardLaunch } from '../lib/enforce/guard-launch.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import { readLaunchEvent } from '../lib/signals/launch-event.ts';
import type { Decision } from '../lib/types/decision.ts';
import { type LaunchGuardEnvironment, LaunchGuardEnvironmentSchema } from '../lib/types/environment.ts';
import { lambda, type Tools } from './lambda.ts';
import { commander, commonParts } from './parts.ts';
import { eachMessage, type QueueMessage } from './queue.ts';

export interface LaunchGuardDeps extends GuardDeps {
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
  readonly tools: Pick<Tools, 'logger'>;
}

/**
 * Works one event of EventBridge through. One that cannot be understood is logged and let go: it was but a call to
 * look, and the sweep looks at everything.
 * @throws where AWS or the ledger cannot be asked now, so that the message comes back.
 */
export async function launchGuard({ id, body }: QueueMessage, deps: LaunchGuardDeps): Promise<void> {
  const { logger } = deps.tools;
  const event = readLaunchEvent(body);
  switch (event.type) {
    case 'elsewhere':
      return;
    case 'not-understood':
      return logger.warn('an event was not understood', { messageId: id, why: event.why });
    default: {
      const { decisions, verdict } = await guardLaunch(event, deps);
      if (decisions.length > 0) await deps.send(decisions, `launch/${event.eventId}`, deps.now());
      logger.info('a change was looked at', {
        event,
        decisions: decisions.map(({ key }) => key),
        ...(verdict === undefined ? {} : { verdict: verdict.verdict, why: verdict.why }),
      });
    }
  }
}

/**
 * Works through events that come at once, and queues together what they come to: where two hundred start at once, people
 * get a few alerts instead of two hundred.
 * @throws where the queue cannot be reached, so that all of them come back.
 */
export async function launchGuards(event: unknown, context: Context, deps: LaunchGuardDeps) {
  const gathered: { readonly id: string; readonly decisions: readonly Decision[] }[] = [];
  const gather: LaunchGuardDeps['send'] = async (decisions, id) => gathered.push({ id, decisions });
  const answer = await eachMessage(
    event,
    context,
    deps.tools,
    (message) => launchGuard(message, { ...deps, send: gather }),
    { atOnce: true },
  );
  const [first] = gathered.sort((a, b) => (a.id < b.id ? -1 : 1));
  // Several events of one launch ask for the same.
  const byKey = new Map(gathered.flatMap(({ decisions }) => decisions.map((one) => [one.key, one] as const)));
  if (first !== undefined) await deps.send([...byKey.values()], first.id, deps.now());
  return answer;
}

export const handler = lambda<LaunchGuardEnvironment, LaunchGuardDeps, unknown>({
  name: 'launch-guard',
  environment: LaunchGuardEnvironmentSchema,
  build: async (environment, tools) => {
    const sqs = tools.tracer.captureAWSv3Client(new SQSClient({ ...PATIENCE }));
    return {
      ...(await commonParts(environment, tools)),
      pause: async (milliseconds) => {
        await pause(milliseconds);
      },
      send: commander(sqs, environment.COMMANDS_QUEUE_URL),
    };
  },
  handle: (event, deps, context) => launchGuards(event, context, deps),
});
