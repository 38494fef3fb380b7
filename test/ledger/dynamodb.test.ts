import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { createLedger } from '../../lib/ledger/dynamodb.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { LEDGER_TABLE } from '../../lib/ledger/table.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ledgerContract } from './contract.ts';
import { interleavingsHold } from './interleavings.ts';

let moto: Moto;
let client: DynamoDBClient;
let tables = 0;

beforeAll(async () => {
  moto = await startMoto();
  client = new DynamoDBClient({
    endpoint: moto.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}, 60_000);

afterAll(async () => {
  client?.destroy();
  await moto?.stop();
});

async function newTable(): Promise<string> {
  const { partitionKey, sortKey, projectIndex } = LEDGER_TABLE;
  const schema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const table = `ledger-${tables++}`;
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

const newLedger = async (): Promise<Ledger> => createLedger(client, await newTable());

describe('the ledger on DynamoDB', () => {
  ledgerContract(newLedger);
  interleavingsHold(newLedger, 40);
});
