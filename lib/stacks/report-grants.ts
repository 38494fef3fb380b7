import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { BillExport } from '../policy/allocation.ts';
import type { Policy } from '../policy/policy.ts';
import { acknowledgeWildcards } from './acknowledge.ts';

/**
 * To read the bill and who used what is shared, where the policy says that they are. Buckets that are encrypted by a key
 * of their owner, tables that Lake Formation guards and buckets that a workgroup of Athena writes its results to must
 * let the role in themselves: the policy file names none of these.
 */
export function grantReadingBill(role: Role, policy: Pick<Policy, 'allocation' | 'scope'>): void {
  const { bill, usage } = policy.allocation;
  // What Bursar itself costs, and usage that is a metric.
  role.addToPolicy(
    new PolicyStatement({
      actions: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
      resources: ['*'],
    }),
  );
  for (const source of Object.values(usage)) {
    if (source.from === 'file') grantReadingObjects(role, source.location);
  }
  if (bill?.athena === undefined) {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['ce:GetCostAndUsage', 'ce:GetDimensionValues', 'ce:GetTags'],
        resources: ['*'],
      }),
    );
    return;
  }
  // Its objects are read by Athena alone, in the name of the role: a Lambda has no engine of its own for line items.
  grantReadingObjects(role, bill.location);
  grantAsking(role, bill.athena, policy);
}

/** All under an `s3://bucket/prefix`; nothing for another location. What stands before a `{month}` is the prefix. */
function grantReadingObjects(role: Role, location: string): void {
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(location) ?? [];
  if (bucket === undefined) return;
  const { partition } = Stack.of(role);
  const objects = `${path.replace(/\{.*/s, '')}*`;
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: [`arn:${partition}:s3:::${bucket}/${objects}`],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [`arn:${partition}:s3:::${bucket}`],
      conditions: { StringLike: { 's3:prefix': objects } },
    }),
  );
  // Athena asks for it of whoever reads a bucket by it, and the SDK where a bucket lies in another region.
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetBucketLocation'],
      resources: [`arn:${partition}:s3:::${bucket}`],
    }),
  );
  acknowledgeWildcards(role, {
    [`Resource::arn:<AWS::Partition>:s3:::${bucket}/${objects}`]:
      'The policy file names this place; this only reads, and files come each day.',
  });
}

/** To ask Athena about one table. Source of the actions: Athena's guide, "Access to databases and tables in AWS Glue". */
function grantAsking(
  role: Role,
  { database, table, workgroup }: NonNullable<BillExport['athena']>,
  { scope }: Pick<Policy, 'scope'>,
): void {
  const { partition, account } = Stack.of(role);
  const [region = ''] = scope.regions;
  const arn = (service: string, name: string) => `arn:${partition}:${service}:${region}:${account}:${name}`;
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
      ],
      resources: [arn('athena', `workgroup/${workgroup}`)],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: ['athena:GetDataCatalog', 'athena:GetTableMetadata'],
      resources: [arn('athena', 'datacatalog/AwsDataCatalog')],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'glue:GetDatabase',
        'glue:GetTable',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:BatchGetPartition',
      ],
      resources: [
        arn('glue', 'catalog'),
        arn('glue', `database/${database}`),
        arn('glue', `table/${database}/${table}`),
      ],
    }),
  );
  // Asked by Athena where Lake Formation guards the table; it takes no resource, and gives what was granted there alone.
  role.addToPolicy(new PolicyStatement({ actions: ['lakeformation:GetDataAccess'], resources: ['*'] }));
}
