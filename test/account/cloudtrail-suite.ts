import {
  type CloudTrailClient,
  LookupEventsCommand,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCloudTrailClient } from '../../lib/fleet/clients.ts';
import { REGION } from '../../lib/sandbox/local-aws.ts';
import { cloudtrailIn, type TrailRecord } from '../../lib/simulate/account/cloudtrail.ts';
import type { Side } from './both.ts';

const TABLE = (TableName: string): CreateTableCommandInput => ({
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
});

/** Makes and deletes two tables. MiniStack knows the calls of few services by their names: those of EC2 and RDS it does not. */
async function recordCalls(side: Side): Promise<CloudTrailClient> {
  const calls = [
    ['CreateTable', 'trail-a'],
    ['CreateTable', 'trail-b'],
    ['DeleteTable', 'trail-a'],
    ['DeleteTable', 'trail-b'],
  ] as const;
  if (side.name === 'in memory') {
    const trail = calls.map(
      ([name, table], n): TrailRecord => ({
        at: new Date(Date.now() - 60_000 + n * 1_000),
        source: 'dynamodb.amazonaws.com',
        name,
        who: { user: 'ana' },
        resources: [{ type: 'AWS::DynamoDB::Table', name: table }],
        request: { tableName: table },
      }),
    );
    return cloudtrailIn(trail, REGION, () => new Date());
  }
  await fetch(`${side.local.endpoints.default}/_ministack/config`, {
    method: 'POST',
    body: JSON.stringify({ 'cloudtrail._recording_enabled': 'true' }),
  });
  const dynamo = new DynamoDBClient({ region: REGION });
  for (const [name, table] of calls) {
    if (name === 'CreateTable') await dynamo.send(new CreateTableCommand(TABLE(table)));
    else await dynamo.send(new DeleteTableCommand({ TableName: table }));
  }
  dynamo.destroy();
  return createCloudTrailClient(REGION);
}

/** What LookupEvents is asked. */
export function cloudtrailSuite(side: () => Side): void {
  describe('CloudTrail', () => {
    let client: CloudTrailClient;
    beforeAll(async () => {
      client = await recordCalls(side());
    });
    afterAll(() => client?.destroy());
    const lookUp = async (
      key: 'EventName' | 'ResourceName',
      value: string,
      more: Partial<LookupEventsCommandInput> = {},
    ) => {
      const { Events = [] } = await client.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: key, AttributeValue: value }],
          ...more,
        }),
      );
      return Events;
    };
    const callsOf = async (...asked: Parameters<typeof lookUp>) =>
      (await lookUp(...asked)).map(
        ({ EventName, Resources }) => `${EventName} ${Resources?.map((one) => one.ResourceName).join(' ')}`,
      );

    it('finds events by their name, or by what they name, newest first', async () => {
      expect(await callsOf('EventName', 'DeleteTable')).toEqual([
        'DeleteTable trail-b',
        'DeleteTable trail-a',
      ]);
      expect(await callsOf('ResourceName', 'trail-a')).toEqual([
        'DeleteTable trail-a',
        'CreateTable trail-a',
      ]);
      expect(await callsOf('EventName', 'StopInstances')).toEqual([]);
    });

    it('finds no more than it is asked for, and only in the span', async () => {
      expect(await callsOf('EventName', 'DeleteTable', { MaxResults: 1 })).toEqual(['DeleteTable trail-b']);
      const hour = (n: number) => new Date(Date.now() + n * 3_600_000);
      const span = (from: number, to: number) => ({ StartTime: hour(from), EndTime: hour(to) });
      expect(await callsOf('ResourceName', 'trail-b', span(-3, -2))).toEqual([]);
      expect(await callsOf('ResourceName', 'trail-b', span(-1, 1))).toHaveLength(2);
    });

    it('gives the record of each call as text', async () => {
      const [event] = await lookUp('EventName', 'CreateTable', { MaxResults: 1 });
      expect(event).toMatchObject({
        EventId: expect.any(String),
        EventSource: 'dynamodb.amazonaws.com',
        EventTime: expect.any(Date),
        ReadOnly: 'false',
        Username: expect.any(String),
      });
      const record: unknown = JSON.parse(event?.CloudTrailEvent ?? '');
      expect(record).toMatchObject({
        eventSource: 'dynamodb.amazonaws.com',
        eventName: 'CreateTable',
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        awsRegion: REGION,
        userIdentity: { type: 'IAMUser' },
      });
    });
  });
}
