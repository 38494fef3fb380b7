import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { LEDGER_TABLE } from '../ledger/table.ts';

/** The ledger: paid by request, encrypted, kept when the stack is deleted. */
export function createLedgerTable(scope: Construct, id: string, encryptionKey: IKey): Table {
  const { partitionKey, sortKey, projectIndex, ttlAttribute } = LEDGER_TABLE;
  const text = (name: string) => ({ name, type: AttributeType.STRING });
  const table = new Table(scope, id, {
    partitionKey: text(partitionKey),
    sortKey: text(sortKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: ttlAttribute,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  table.addGlobalSecondaryIndex({
    indexName: projectIndex.name,
    partitionKey: text(projectIndex.partitionKey),
    sortKey: text(projectIndex.sortKey),
    projectionType: ProjectionType.ALL,
  });
  return table;
}
