import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../lib/ledger/dynamodb.ts';
import { createLedgerTable } from '../support/ledger-table.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';
import { expectOnce, type GatedLedger, play } from './crash-world.ts';

/*
 * As `crashes.test.ts`, with the ledger in DynamoDB, whose every request is a point to crash at: between the items of
 * one claim, between the trail and the record of one settlement. There are some hundred of them and each costs a table,
 * so every fifth is taken, and every run of the tests takes the same.
 */

let ministack: MiniStack;
let client: DynamoDBClient;
let tables = 0;
let steps = 0;

beforeAll(async () => {
  ministack = await startMiniStack();
  client = new DynamoDBClient({
    endpoint: ministack.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // A crash is no failure of DynamoDB, so there is nothing to try again.
    maxAttempts: 1,
  });
}, 60_000);

afterAll(async () => {
  client?.destroy();
  await ministack?.stop();
});

async function inDynamodb(): Promise<GatedLedger> {
  const table = await createLedgerTable(client, `ledger-${tables++}`);
  const documents = DynamoDBDocumentClient.from(client);
  return {
    ledger: createLedger(documents, table),
    through: (gate) => createLedger(gate.guard(documents, ['send']), table),
  };
}

describe('the ledger in DynamoDB', () => {
  it('has each effect once where nothing crashes', async () => {
    const played = await play(await inDynamodb());
    steps = played.steps;
    await expectOnce(played);
    expect(steps).toBeGreaterThan(120);
  });

  it('has each effect once wherever the enforcer crashes', { timeout: 240_000 }, async () => {
    for (let step = 0; step < steps; step += 5) {
      const played = await play(await inDynamodb(), step);
      await expectOnce(played, { most: 2 }).catch((error: unknown) => {
        throw new Error(`after a crash at step ${step} of ${steps}`, { cause: error });
      });
    }
  });
});
