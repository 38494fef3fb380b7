/** One row of the price list that has no instance type. */
export interface ListedUnit {
  readonly service: string;
  readonly family: string;
  readonly volume?: string;
  /** `group` or `deploymentOption` of the row, where it has one. */
  readonly group?: string;
  readonly deployment?: string;
  readonly usage: string;
  readonly unit: string;
  readonly price: string;
  /** What costs less from a number of units on: where the tier begins, and its price. */
  readonly then?: readonly (readonly [from: string, price: string])[];
}

function ebs(family: string, volume: string, usage: string, unit: string, price: string) {
  return { service: 'AmazonEC2', family, volume, usage: `EBS:${usage}`, unit, price };
}

function nat(usage: string, unit: string, price: string) {
  return { service: 'AmazonEC2', family: 'NAT Gateway', usage, unit, price };
}

function balancer(type: string, usage: string, unit: string, price: string) {
  return { service: 'AWSELB', family: `Load Balancer-${type}`, usage, unit, price };
}

const snapshot = (usage: string, price: string): ListedUnit => ({
  service: 'AmazonEC2',
  family: 'Storage Snapshot',
  usage: `EBS:${usage}`,
  unit: 'GB-Mo',
  price,
});

const address = (usage: string, price: string): ListedUnit => ({
  service: 'AmazonVPC',
  family: 'VPC Public IPv4 Address',
  group: 'VPCPublicIPv4Address',
  usage: `USE1-PublicIPv4:${usage}`,
  unit: 'Hrs',
  price,
});

const s3 = (usage: string, price: string, then: ListedUnit['then'] = []): ListedUnit => ({
  service: 'AmazonS3',
  family: 'Storage',
  usage,
  unit: 'GB-Mo',
  price,
  then,
});

const logs = (family: string, usage: string, unit: string, price: string): ListedUnit => ({
  service: 'AmazonCloudWatch',
  family,
  usage,
  unit,
  price,
});

const lambda = (usage: string, unit: string, price: string, then: ListedUnit['then'] = []): ListedUnit => ({
  service: 'AWSLambda',
  family: 'Serverless',
  usage,
  unit,
  price,
  then,
});

/** The price in one Availability Zone, and with a standby in another. */
function rds(
  family: string,
  usage: string,
  unit: string,
  [single, multi]: readonly [string, string],
): readonly ListedUnit[] {
  const of = { service: 'AmazonRDS', family, unit };
  return [
    { ...of, deployment: 'Single-AZ', usage: `RDS:${usage}`, price: single },
    { ...of, deployment: 'Multi-AZ', usage: `RDS:Multi-AZ-${usage}`, price: multi },
  ];
}

const volume = (use: string, type: string, price: string): ListedUnit => ({
  service: 'AmazonSageMaker',
  family: 'Storage',
  usage: `USE1-${use}:VolumeUsage.${type}`,
  unit: 'GB-Mo',
  price,
});

const serverless = (usage: string, price: string): ListedUnit => ({
  service: 'AmazonSageMaker',
  family: 'ML Serverless',
  usage: `USE1-${usage}`,
  unit: 'Seconds',
  price,
});

/**
 * USD a unit, as the price list names usage types and units in us-east-1; of NAT gateways and load balancers an hour.
 * Rows that are no answer to what Bursar asks are there too, as in the list.
 */
export const LISTED_UNITS: readonly ListedUnit[] = [
  ebs('Storage', 'gp2', 'VolumeUsage.gp2', 'GB-Mo', '0.10'),
  ebs('Storage', 'gp3', 'VolumeUsage.gp3', 'GB-Mo', '0.08'),
  ebs('System Operation', 'gp3', 'VolumeP-IOPS.gp3', 'IOPS-Mo', '0.005'),
  ebs('Provisioned Throughput', 'gp3', 'VolumeP-Throughput.gp3', 'GiBps-mo', '40.96'),
  ebs('Storage', 'io1', 'VolumeUsage.piops', 'GB-Mo', '0.125'),
  ebs('System Operation', 'io1', 'VolumeP-IOPS.piops', 'IOPS-Mo', '0.065'),
  ebs('Storage', 'io2', 'VolumeUsage.io2', 'GB-month', '0.125'),
  ebs('System Operation', 'io2', 'VolumeP-IOPS.io2', 'IOPS-Mo', '0.065'),
  ebs('System Operation', 'io2', 'VolumeP-IOPS.io2.tier2', 'IOPS-Mo', '0.0455'),
  ebs('System Operation', 'io2', 'VolumeP-IOPS.io2.tier3', 'IOPS-Mo', '0.03185'),
  ebs('Storage', 'st1', 'VolumeUsage.st1', 'GB-Mo', '0.045'),
  ebs('Storage', 'sc1', 'VolumeUsage.sc1', 'GB-Mo', '0.015'),
  ebs('Storage', 'standard', 'VolumeUsage', 'GB-Mo', '0.05'),
  nat('NatGateway-Hours', 'Hrs', '0.045'),
  nat('NatGateway-Bytes', 'GB', '0.045'),
  nat('RegionalNatGateway-Hours', 'Hrs', '0.045'),
  balancer('Application', 'LoadBalancerUsage', 'Hrs', '0.0225'),
  balancer('Application', 'TS-LoadBalancerUsage', 'Hrs', '0.0056'),
  balancer('Application', 'Outposts-LoadBalancerUsage', 'Hrs', '0.0225'),
  balancer('Application', 'LCUUsage', 'LCU-Hrs', '0.008'),
  balancer('Network', 'LoadBalancerUsage', 'Hrs', '0.0225'),
  balancer('Network', 'LCUUsage', 'LCU-Hrs', '0.006'),
  balancer('Gateway', 'LoadBalancerUsage', 'Hrs', '0.0125'),
  balancer('Gateway', 'LCUUsage', 'LCU-Hrs', '0.004'),
  snapshot('SnapshotUsage', '0.05'),
  snapshot('SnapshotArchiveStorage', '0.0125'),
  snapshot('SnapshotUsageUnderBilling', '0.04'),
  address('InUseAddress', '0.005'),
  address('IdleAddress', '0.005'),
  s3('TimedStorage-ByteHrs', '0.023', [
    ['51200', '0.022'],
    ['512000', '0.021'],
  ]),
  s3('TimedStorage-SIA-ByteHrs', '0.0125'),
  s3('TimedStorage-ZIA-ByteHrs', '0.01'),
  s3('TimedStorage-INT-FA-ByteHrs', '0.023', [
    ['51200', '0.022'],
    ['512000', '0.021'],
  ]),
  s3('TimedStorage-INT-IA-ByteHrs', '0.0125'),
  s3('TimedStorage-INT-AIA-ByteHrs', '0.004'),
  s3('TimedStorage-GIR-ByteHrs', '0.004'),
  s3('TimedStorage-GlacierByteHrs', '0.0036'),
  s3('TimedStorage-GDA-ByteHrs', '0.00099'),
  s3('Tables-TimedStorage-ByteHrs', '0.0265'),
  {
    service: 'AmazonS3',
    family: 'Fee',
    usage: 'Monitoring-Automation-INT',
    unit: 'Objects',
    price: '0.0000025000',
  },
  logs('Storage Snapshot', 'USE1-TimedStorage-ByteHrs', 'GB-Mo', '0.03'),
  logs('Data Payload', 'USE1-DataProcessing-Bytes', 'GB', '0.50'),
  logs('Data Payload', 'USE1-DataProcessingIA-Bytes', 'GB', '0.25'),
  lambda('Request', 'Requests', '0.0000002000'),
  lambda('Request-ARM', 'Requests', '0.0000002000'),
  lambda('Global-Request', 'Requests', '0.0000000000'),
  lambda('Lambda-GB-Second', 'Lambda-GB-Second', '0.0000166667', [
    ['6000000000', '0.0000150000'],
    ['15000000000', '0.0000133334'],
  ]),
  lambda('Lambda-GB-Second-ARM', 'Lambda-GB-Second', '0.0000133334', [
    ['7500000000', '0.0000120001'],
    ['18750000000', '0.0000106667'],
  ]),
  ...rds('Database Storage', 'GP2-Storage', 'GB-Mo', ['0.115', '0.23']),
  ...rds('Database Storage', 'GP3-Storage', 'GB-Mo', ['0.115', '0.23']),
  ...rds('Database Storage', 'PIOPS-Storage', 'GB-Mo', ['0.125', '0.25']),
  ...rds('Database Storage', 'PIOPS-Storage-IO2', 'GB-Mo', ['0.125', '0.25']),
  ...rds('Database Storage', 'StorageUsage', 'GB-Mo', ['0.10', '0.20']),
  ...rds('Provisioned IOPS', 'PIOPS', 'IOPS-Mo', ['0.10', '0.20']),
  ...rds('Provisioned IOPS', 'IO2-PIOPS', 'IOPS-Mo', ['0.10', '0.20']),
  ...rds('Provisioned IOPS', 'GP3-PIOPS', 'IOPS-Mo', ['0.02', '0.04']),
  volume('Notebk', 'gp2', '0.14'),
  volume('Host', 'gp2', '0.14'),
  volume('Train', 'gp2', '0.14'),
  volume('Processing', 'gp2', '0.10'),
  volume('Studio', 'gp3', '0.112'),
  serverless('ServerlessInf:Mem-1GB', '0.0000200000'),
  serverless('ServerlessInf:Mem-2GB', '0.0000400000'),
  serverless('ServerlessInf:Mem-3GB', '0.0000600000'),
  serverless('ServerlessInf:Mem-4GB', '0.0000800000'),
  serverless('ServerlessInf:Mem-5GB', '0.0001000000'),
  serverless('ServerlessInf:Mem-6GB', '0.0001200000'),
  serverless('ServerlessInf:ProvisionedConcurrency:Mem-4GB', '0.0000360000'),
  {
    service: 'AmazonSageMaker',
    family: 'ML Data',
    group: 'Hosting:IN',
    usage: 'USE1-Host:Data-Bytes-In',
    unit: 'GB',
    price: '0.016',
  },
];
