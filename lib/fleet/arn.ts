/** The partition of a region: `aws`, `aws-cn` or `aws-us-gov`. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The ARN of a resource, such as `arnOf('ec2', 'us-east-1', account, 'instance/i-1')`. */
export const arnOf = (service: string, region: string, account: string, resource: string): string =>
  `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;

/** The region of a regional ARN. */
export const regionOf = (arn: string): string => arn.split(':')[3] ?? '';
