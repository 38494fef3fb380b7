import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LEDGER_TABLE } from '../../lib/ledger/table.ts';

/** Makes an empty table of the ledger's layout. @returns its name. */
export async function createLedgerTable(client: DynamoDBClient, table: string): Promise<string> {
  const { partitionKey, sortKey, projectIndex } = LEDGER_TABLE;
  const schema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: schema(partitionKey, sortKey),
      GlobalSecondaryIndexes: [
        {
          IndexName: projectIndex.name,
          KeySchema: schema(projectIndex.partitionKey, projectIndex.sortKey),
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      AttributeDefinitions: [partitionKey, sortKey, projectIndex.partitionKey, projectIndex.sortKey].map(
        (name) => ({ AttributeName: name, AttributeType: 'S' as const }),
      ),
    }),
  );
  return table;
}
