import { meteredKinds } from '../fleet/metered-kinds.ts';
import { kinds } from '../fleet/registry.ts';

/** A statement of an IAM policy, as its JSON has it. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** An IAM policy document, as its JSON has it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/** What reading the fleet needs beside the kinds' own: their use and their prices. */
const FLEET = ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics', 'pricing:GetProducts'];

/**
 * The rights that `bursar plan` and `bursar backtest` need, and none to change anything: to see the fleet with its use
 * and its prices, what AWS Budgets says, when things were started and stopped, and what a deployed Bursar remembers,
 * where there is one. Each action is named, in order, so that the document is the same for the same version.
 * @param partition `aws`, `aws-cn` or `aws-us-gov`
 */
export function planIamPolicy(partition = 'aws'): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      fleetStatement(),
      {
        Sid: 'SeeWhatBudgetsHaveSpent',
        Effect: 'Allow',
        Action: ['budgets:ViewBudget'],
        Resource: '*',
      },
      {
        Sid: 'SeeWhatWasStartedAndStopped',
        Effect: 'Allow',
        Action: ['cloudtrail:LookupEvents'],
        Resource: '*',
      },
      {
        Sid: 'FindADeployedBursar',
        Effect: 'Allow',
        Action: ['cloudformation:DescribeStacks'],
        Resource: '*',
      },
      {
        Sid: 'ReadWhatADeployedBursarRemembers',
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:Query'],
        // As CloudFormation names the table of a stack, and its index.
        Resource: [
          `arn:${partition}:dynamodb:*:*:table/*Ledger*`,
          `arn:${partition}:dynamodb:*:*:table/*Ledger*/index/*`,
        ],
      },
      {
        // DynamoDB asks for it of whoever reads a table under a customer managed key.
        Sid: 'ReadItThroughDynamoDbAlone',
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:DescribeKey'],
        Resource: '*',
        Condition: { StringLike: { 'kms:ViaService': 'dynamodb.*.amazonaws.com' } },
      },
    ],
  };
}

/** To see the fleet with its use and its prices. */
export function fleetStatement(): PolicyStatement {
  const observed = [...kinds, ...meteredKinds].flatMap(({ permissions }) =>
    permissions.observe.flatMap(({ actions }) => actions),
  );
  return {
    Sid: 'SeeTheFleetItsUseAndItsPrices',
    Effect: 'Allow',
    Action: [...new Set([...FLEET, ...observed])].sort(),
    // What is listed takes no resource, and the fleet changes by the hour.
    Resource: '*',
  };
}
