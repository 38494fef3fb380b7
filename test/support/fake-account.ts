import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { RDSClient } from '@aws-sdk/client-rds';
import type { RegionClients } from '../../lib/fleet/clients.ts';
import type { Clock } from '../../lib/types/clock.ts';
import { fakeBudgets } from './fake-account/budgets.ts';
import { fakeCloudwatch } from './fake-account/cloudwatch.ts';
import { fakeCostExplorer } from './fake-account/cost-explorer.ts';
import { fakeEc2 } from './fake-account/ec2.ts';
import { fakeAutoscaling, fakeSagemaker } from './fake-account/sagemaker.ts';
import { type FakeState, REGION } from './fake-account/state.ts';
import { fakeTagging } from './fake-account/tagging.ts';

interface Client {
  readonly middlewareStack: {
    add(
      middleware: () => () => Promise<{ response: undefined; output: { $metadata: Record<string, never> } }>,
      options: { readonly step: 'initialize' },
    ): void;
  };
}

/** Answers every request with nothing. No mock: those remember all calls, and there are many in a thousand plays. */
function silenced<T extends Client>(client: T): T {
  client.middlewareStack.add(() => async () => ({ response: undefined, output: { $metadata: {} } }), {
    step: 'initialize',
  });
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
  const region = { region: REGION };
  const clients: RegionClients = {
    ec2: fakeEc2(state),
    cloudwatch: fakeCloudwatch(state),
    sagemaker: fakeSagemaker(state),
    autoscaling: fakeAutoscaling(state),
    // Nothing runs in these.
    groups: silenced(new AutoScalingClient(region)),
    rds: silenced(new RDSClient(region)),
    balancers: silenced(new ElasticLoadBalancingV2Client(region)),
    tagging: fakeTagging(state),
  };
  return {
    ...state,
    clients,
    budgetsClient: fakeBudgets(state),
    costExplorer: fakeCostExplorer(state),
    cloudTrails: new Map([[REGION, silenced(new CloudTrailClient(region))]]),
  };
}
