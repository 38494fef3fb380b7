import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { LaunchGuardEnvironment } from '../types/environment.ts';
import type { Alarms } from './alarms.ts';
import type { Grants } from './grants.ts';
import { Handler } from './handler.ts';
import { LaunchEvents, type LaunchEventsProps } from './launch-events.ts';
import { WorkQueue } from './work-queue.ts';

export interface LaunchGuardProps {
  readonly tags: LaunchEventsProps['tags'];
  readonly environment: LaunchGuardEnvironment;
  readonly encryptionKey: IKey;
  readonly alarms: Alarms;
  readonly grants: Grants;
}

/**
 * Looks at each start, stop and change of tags as AWS tells of it, and queues what is to be done about it: seconds
 * after a launch, where the sweep would take minutes. It stops nothing itself.
 */
export class LaunchGuard extends Construct {
  /** Events that wait. */
  readonly launches: WorkQueue;
  readonly handler: Handler<LaunchGuardEnvironment>;

  constructor(scope: Construct, id: string, props: LaunchGuardProps) {
    super(scope, id);
    const { alarms, grants, environment, encryptionKey, tags } = props;
    this.launches = new WorkQueue(this, 'Queue', {
      encryptionKey,
      visibilityTimeout: Duration.seconds(2 * SECONDS),
    });
    new LaunchEvents(this, 'Events', { tags, target: this.launches.eventTarget() });
    this.handler = new Handler<LaunchGuardEnvironment>(this, 'Handler', {
      file: 'launch-guard',
      description: 'looks at each launch as it happens',
      environment,
      timeout: Duration.seconds(SECONDS),
      memory: 1024,
    });
    grants.deciding(this.handler);
    // Hundreds start at once where a cluster grows: they are told of together, and nothing waits for others to come.
    this.launches.feed(this.handler, { atOnce: 10, together: 10 });
    alarms.deadLetters('launches', this.launches.deadLetters);
    alarms.handlerErrors('launch-guard', this.handler);
  }
}

const SECONDS = 60;
