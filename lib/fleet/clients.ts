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

/** Whose credentials are used; absent = as the AWS SDKs find them. */
export interface ClientOptions {
  /** A profile of the AWS configuration files. */
  readonly profile?: string;
}

/** Clients of one region; endpoints come from the environment, and so do credentials unless a profile is named. */
export function createRegionClients(region: string, options: ClientOptions = {}): RegionClients {
  const config = { region, ...PATIENCE, ...options };
  return {
    ec2: new EC2Client(config),
    cloudwatch: new CloudWatchClient({ ...config, protocol: AwsQueryProtocol }),
    sagemaker: new SageMakerClient(config),
    autoscaling: new ApplicationAutoScalingClient(config),
    groups: new AutoScalingClient(config),
    rds: new RDSClient(config),
    tagging: new ResourceGroupsTaggingAPIClient(config),
    balancers: new ElasticLoadBalancingV2Client(config),
  };
}

/** IAM is one for all regions. */
export const createIamClient = (): IAMClient => new IAMClient({ region: GLOBAL_REGION, ...PATIENCE });

/** CloudTrail keeps what happened in a region in that region. */
export const createCloudTrailClient = (region: string, options: ClientOptions = {}): CloudTrailClient =>
  new CloudTrailClient({ region, ...PATIENCE, ...options });

export const createBudgetsClient = (options: ClientOptions = {}): BudgetsClient =>
  new BudgetsClient({ region: GLOBAL_REGION, ...PATIENCE, ...options });

/** Prices are a comfort: fewer attempts and less patience, so that they never hold up a sweep. */
export const createPricingClient = (options: ClientOptions = {}): PricingClient =>
  new PricingClient({
    region: GLOBAL_REGION,
    ...PATIENCE,
    ...options,
    maxAttempts: 3,
    requestHandler: { ...PATIENCE.requestHandler, connectionTimeout: 2_000, requestTimeout: 5_000 },
  });

/** Each request to Cost Explorer costs money and is counted, so none is repeated behind the caller's back. */
export const createCostExplorerClient = (options: ClientOptions = {}): CostExplorerClient =>
  new CostExplorerClient({ region: GLOBAL_REGION, ...PATIENCE, ...options, maxAttempts: 1 });
