import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import type { RegionClients } from '../../lib/fleet/clients.ts';
import type { Clock } from '../../lib/types/clock.ts';
import { fakeBudgets } from './fake-account/budgets.ts';
import { fakeCloudwatch } from './fake-account/cloudwatch.ts';
import { fakeCostExplorer } from './fake-account/cost-explorer.ts';
import { fakeEc2 } from './fake-account/ec2.ts';
import { fakeAutoscaling, fakeSagemaker } from './fake-account/sagemaker.ts';
import { type FakeState, REGION } from './fake-account/state.ts';
import { fakeTagging } from './fake-account/tagging.ts';

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

function emptyBalancers(): ElasticLoadBalancingV2Client {
  const client = new ElasticLoadBalancingV2Client({ region: REGION });
  mockClient(client).onAnyCommand().resolves({});
  return client;
}

/** Knows of no event. */
function emptyCloudTrail(): CloudTrailClient {
  const client = new CloudTrailClient({ region: REGION });
  mockClient(client).onAnyCommand().resolves({});
  return client;
}

/**
 * An AWS account in memory behind mocked SDK clients: instances, endpoints, their metrics, budgets and bills. What
 * is not mocked answers nothing.
 */
export function createFakeAccount(now: Clock) {
  const state: FakeState = {
    now,
    instances: new Map(),
    endpoints: new Map(),
    budgets: new Map(),
    bills: [],
    asked: { costExplorer: 0 },
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
    tagging: fakeTagging(state),
    balancers: emptyBalancers(),
  };
  return {
    ...state,
    clients,
    budgetsClient: fakeBudgets(state),
    costExplorer: fakeCostExplorer(state),
    cloudTrails: new Map([[REGION, emptyCloudTrail()]]),
  };
}
