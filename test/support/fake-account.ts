import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { RDSClient } from '@aws-sdk/client-rds';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { RegionClients } from '../../lib/fleet/clients.ts';
import type { Clock } from '../../lib/types/clock.ts';
import { answering } from './fake-account/answering.ts';
import { fakeBudgets } from './fake-account/budgets.ts';
import { fakeCloudwatch } from './fake-account/cloudwatch.ts';
import { fakeCostExplorer } from './fake-account/cost-explorer.ts';
import { fakeEc2 } from './fake-account/ec2.ts';
import { fakeAutoscaling, fakeSagemaker } from './fake-account/sagemaker.ts';
import { ELSEWHERE, type FakeBill, type FakeState, REGION } from './fake-account/state.ts';
import { fakeTagging } from './fake-account/tagging.ts';
import { ToldMap } from './fake-account/told-map.ts';
import { changeOf, type InstanceChange } from './fake-account/truth.ts';

/** Nothing runs in its service. */
const silenced = <T extends object>(client: T): T => answering(client).client;

/**
 * An AWS account in memory behind SDK clients that ask nobody: instances of all regions, endpoints of `REGION`, their
 * metrics, budgets and bills. Everything else is empty.
 */
export function createFakeAccount(now: Clock) {
  const changes: InstanceChange[] = [];
  const bills: FakeBill[] = [];
  const state: FakeState = {
    now,
    instances: new ToldMap((_id, one, before) => {
      const change = changeOf(one, before, now());
      if (change !== undefined) changes.push(change);
    }),
    changes,
    endpoints: new Map(),
    budgets: new Map(),
    bills,
    billing: { bills: () => bills },
    asked: { costExplorer: 0 },
    effects: [],
    restored: [],
    health: { metrics: true, costExplorer: true },
  };
  const clientsOf = (name: string): RegionClients => {
    const region = { region: name };
    const isHome = name === REGION;
    return {
      ec2: fakeEc2(state, name),
      cloudwatch: fakeCloudwatch(state),
      sagemaker: isHome ? fakeSagemaker(state) : silenced(new SageMakerClient(region)),
      autoscaling: isHome ? fakeAutoscaling(state) : silenced(new ApplicationAutoScalingClient(region)),
      groups: silenced(new AutoScalingClient(region)),
      rds: silenced(new RDSClient(region)),
      balancers: silenced(new ElasticLoadBalancingV2Client(region)),
      tagging: fakeTagging(state),
    };
  };
  return {
    ...state,
    clientsOf,
    clients: clientsOf(REGION),
    budgetsClient: fakeBudgets(state),
    costExplorer: fakeCostExplorer(state),
    cloudTrails: new Map(
      [REGION, ELSEWHERE].map((region) => [region, silenced(new CloudTrailClient({ region }))]),
    ),
  };
}
