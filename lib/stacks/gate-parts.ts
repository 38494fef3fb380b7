import { Duration } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CommonEnvironment, GateEnvironment } from '../types/environment.ts';
import { METRICS } from '../types/metric.ts';
import type { Alarms } from './alarms.ts';
import type { Grants } from './grants.ts';
import { Handler } from './handler.ts';

export interface GateProps {
  readonly environment: CommonEnvironment;
  readonly alarms: Alarms;
  readonly grants: Grants;
}

/**
 * What a state machine or a pipeline asks before an expensive job starts (docs/gate-at-run-time.md). It reads the ledger
 * and the price list, and writes what it reserves: it sees no fleet and stops nothing.
 */
export class Gate extends Construct {
  readonly handler: Handler<GateEnvironment>;

  constructor(scope: Construct, id: string, { environment, alarms, grants }: GateProps) {
    super(scope, id);
    this.handler = new Handler<GateEnvironment>(this, 'Handler', {
      file: 'gate',
      description: 'says whether a job may start within the budget',
      environment,
      timeout: Duration.seconds(SECONDS),
      memory: 1024,
    });
    grants.asking(this.handler);
    alarms.ownFailures('gate', METRICS.gateFailed);
  }

  get arn(): string {
    return this.handler.functionArn;
  }

  /** Lets a state machine, or the role that a pipeline runs by, ask. */
  grantInvoke(grantee: IGrantable): void {
    this.handler.grantInvoke(grantee);
  }
}

/** It waits for the ledger and for at most a few prices. */
const SECONDS = 30;
