import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { PricingClient } from '@aws-sdk/client-pricing';
import { RDSClient } from '@aws-sdk/client-rds';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { AwsQueryProtocol } from '@aws-sdk/core/protocols';
import { PATIENCE } from './patience.ts';

/** The clients of the services that live in one region. */
export interface RegionClients {
  readonly ec2: EC2Client;
  readonly cloudwatch: CloudWatchClient;
  readonly sagemaker: SageMakerClient;
  /** Application Auto Scaling: scales endpoint variants and inference components. */
  readonly autoscaling: ApplicationAutoScalingClient;
  /** EC2 Auto Scaling groups. */
  readonly groups: AutoScalingClient;
  readonly rds: RDSClient;
  /** Tags whatever has an ARN. */
  readonly tagging: ResourceGroupsTaggingAPIClient;
  /** Application, network and gateway load balancers. */
  readonly balancers: ElasticLoadBalancingV2Client;
}

/**
 * AWS Budgets and Cost Explorer are signed for us-east-1 wherever the caller is; the Pricing API answers in us-east-1,
 * eu-central-1 and ap-south-1 alone. All of them speak for all regions.
 */
const GLOBAL_REGION = 'us-east-1';

/** Clients of one region; endpoints and credentials come from the environment. */
export function createRegionClients(region: string): RegionClients {
  return {
    ec2: new EC2Client({ region, ...PATIENCE }),
    cloudwatch: new CloudWatchClient({ region, ...PATIENCE, protocol: AwsQueryProtocol }),
    sagemaker: new SageMakerClient({ region, ...PATIENCE }),
    autoscaling: new ApplicationAutoScalingClient({ region, ...PATIENCE }),
    groups: new AutoScalingClient({ region, ...PATIENCE }),
    rds: new RDSClient({ region, ...PATIENCE }),
    tagging: new ResourceGroupsTaggingAPIClient({ region, ...PATIENCE }),
    balancers: new ElasticLoadBalancingV2Client({ region, ...PATIENCE }),
  };
}

/** IAM is one for all regions. */
export const createIamClient = (): IAMClient => new IAMClient({ region: GLOBAL_REGION, ...PATIENCE });

/** CloudTrail keeps what happened in a region in that region. */
export const createCloudTrailClient = (region: string): CloudTrailClient =>
  new CloudTrailClient({ region, ...PATIENCE });

export const createBudgetsClient = (): BudgetsClient =>
  new BudgetsClient({ region: GLOBAL_REGION, ...PATIENCE });

/** Prices are a comfort: fewer attempts and less patience, so that they never hold up a sweep. */
export const createPricingClient = (): PricingClient =>
  new PricingClient({
    region: GLOBAL_REGION,
    ...PATIENCE,
    maxAttempts: 3,
    requestHandler: { ...PATIENCE.requestHandler, connectionTimeout: 2_000, requestTimeout: 5_000 },
  });

/** Each request to Cost Explorer costs money and is counted, so none is repeated behind the caller's back. */
export const createCostExplorerClient = (): CostExplorerClient =>
  new CostExplorerClient({ region: GLOBAL_REGION, ...PATIENCE, maxAttempts: 1 });
