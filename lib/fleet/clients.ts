import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { PricingClient } from '@aws-sdk/client-pricing';
import { RDSClient } from '@aws-sdk/client-rds';
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
}

/**
 * AWS Budgets is signed for us-east-1 wherever the caller is; the Pricing API answers in us-east-1,
 * eu-central-1 and ap-south-1 alone. Both speak for all regions.
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
  };
}

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
