import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import type { RegionClients } from '../../lib/fleet/clients.ts';
import type { Clock } from '../../lib/types/clock.ts';
import { fakeBudgets } from './fake-account/budgets.ts';
import { fakeCloudwatch } from './fake-account/cloudwatch.ts';
import { fakeEc2 } from './fake-account/ec2.ts';
import { fakeAutoscaling, fakeSagemaker } from './fake-account/sagemaker.ts';
import { type FakeState, REGION } from './fake-account/state.ts';

/** Clients of services in which nothing runs. */
function emptyGroups(): AutoScalingClient {
  const client = new AutoScalingClient({ region: REGION });
  mockClient(client).onAnyCommand().resolves({});
  return client;
}

function emptyRds(): RDSClient {
  const client = new RDSClient({ region: REGION });
  mockClient(client).onAnyCommand().resolves({});
  return client;
}

/**
 * An AWS account in memory behind mocked SDK clients: instances, endpoints, their metrics and budgets. What
 * is not mocked answers nothing.
 */
export function createFakeAccount(now: Clock) {
  const state: FakeState = {
    now,
    instances: new Map(),
    endpoints: new Map(),
    budgets: new Map(),
    effects: [],
    restored: [],
    health: { metrics: true },
  };
  const clients: RegionClients = {
    ec2: fakeEc2(state),
    cloudwatch: fakeCloudwatch(state),
    sagemaker: fakeSagemaker(state),
    autoscaling: fakeAutoscaling(state),
    groups: emptyGroups(),
    rds: emptyRds(),
  };
  return { ...state, clients, budgetsClient: fakeBudgets(state) };
}
