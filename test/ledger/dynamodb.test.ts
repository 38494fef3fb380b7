import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../lib/ledger/dynamodb.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createLedgerTable } from '../support/ledger-table.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';
import { reservation } from './contract/reservations.ts';
import { ledgerContract } from './contract.ts';
import { alertOf, arnOf, at, DAY, estimate, meterRecord, reading, resource, stop, T0 } from './fixtures.ts';
import { interleavingsHold, recordsHold, wishesHold } from './interleavings.ts';

// Its DynamoDB takes one request at a time, so a conditional write is atomic, as on AWS; in moto, whose server is
// threaded, two conditional writes can both win.
let ministack: MiniStack;
let client: DynamoDBClient;
let tables = 0;

beforeAll(async () => {
  ministack = await startMiniStack();
  client = new DynamoDBClient({
    endpoint: ministack.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}, 60_000);

afterAll(async () => {
  client?.destroy();
  await ministack?.stop();
});

const newTable = (): Promise<string> => createLedgerTable(client, `ledger-${tables++}`);

const newLedger = async (): Promise<Ledger> => createLedger(client, await newTable());

/** Writes one item of every sort, all of them at `T0` or until then. */
async function writeAll(ledger: Ledger): Promise<void> {
  await ledger.claim([stop('i-1')], { batch: 'b', now: T0, leaseSeconds: 60 });
  await ledger.saveWatches(
    '111122223333',
    'us-east-1',
    [
      {
        arn: arnOf('i-1'),
        since: T0,
        busyAt: T0,
        stopAt: undefined,
        heldAt: undefined,
        heldDue: undefined,
        toldAt: undefined,
        orderedAt: undefined,
      },
    ],
    T0,
  );
  await ledger.markBreach(reading('Recsys', T0), T0);
  await ledger.markBreach(estimate('Recsys', T0, 'meter-day'), T0);
  await ledger.freeze('Recsys', T0);
  await ledger.unfreeze('Recsys', at(-1));
  await ledger.freeze('Recsys', T0);
  await ledger.saveRestore({
    arn: arnOf('i-1'),
    resource: resource('i-1'),
    project: 'Recsys',
    trigger: 'idle',
    savedAt: T0,
    state: 'stopped',
    record: {},
  });
  await ledger.reach('Recsys', '2026-01-01', 'actual-100', T0, T0);
  await ledger.keep({
    arn: arnOf('i-1'),
    since: T0,
    until: T0,
    by: 'ana (Slack)',
    at: T0,
    account: '111122223333',
    region: 'us-east-1',
    id: 'p-1',
  });
  await ledger.saveKeepTags(
    '111122223333',
    'us-east-1',
    [{ arn: arnOf('i-1'), value: '2h', seenAt: T0 }],
    T0,
  );
  await ledger.saveAlert(alertOf('a-1'));
  await ledger.answerAlert('a-1', { id: 'p-1', at: T0.toISOString(), by: 'ana', text: 'Kept.' });
  await ledger.savePrice('k', undefined, T0);
  await ledger.saveMeterRecords([{ record: meterRecord('i-1'), version: undefined }], T0);
  await ledger.saveMeteredAt('111122223333', 'us-east-1', T0);
  const day = { day: '2026-01-28', billedAsOf: at(DAY), billed: new Map(), metered: new Map() };
  await ledger.saveBilledDays('111122223333', [day]);
  await ledger.saveMeteredDays('111122223333', [day]);
  await ledger.saveSpendMonths('111122223333', [
    { month: '2026-01', billedAsOf: at(DAY), billed: new Map() },
  ]);
  await ledger.saveReport({
    month: '2026-01',
    madeAt: T0,
    keys: { html: 'h', csv: 'c', json: 'j' },
    link: { url: 'https://links.example.com/r/secret', tokenHash: 'a1b2', until: T0 },
  });
  await ledger.saveReservations('team:alpha', [reservation('a', { until: at(DAY) })], undefined, T0);
  await ledger.once('alert', T0);
  await ledger.reserveSlot('#fraud', 1_000, T0);
}

describe('the ledger on DynamoDB', () => {
  ledgerContract(newLedger);
  interleavingsHold(newLedger, 40);
  wishesHold(newLedger, 20);
  recordsHold(newLedger, 40);

  it('takes a breach that an earlier version wrote as one of AWS Budgets, and replaces it by a newer one', async () => {
    const table = await newTable();
    const ledger = createLedger(client, table);
    await DynamoDBDocumentClient.from(client).send(
      new PutCommand({
        TableName: table,
        Item: {
          pk: 'breaches',
          sk: 'breach#Recsys',
          project: 'Recsys',
          asOf: '2026-01-28T10:00:00.000Z',
          reading:
            '{"budgetName":"bursar-Recsys","project":"Recsys","limit":"12000","actual":"12345.678901","period":"2026-01-01","asOf":"2026-01-28T10:00:00.000Z"}',
          until: at(DAY).toISOString(),
          expiresAt: at(4 * DAY).getTime() / 1_000,
          __edb_e__: 'breach',
          __edb_v__: '1',
        },
      }),
    );
    const breaches = async () => (await ledger.projectMarks(T0)).get('Recsys')?.breaches;
    expect(await breaches()).toStrictEqual(new Map([['budgets', reading('Recsys', T0)]]));
    await ledger.markBreach(reading('Recsys', at(-1)), at(DAY));
    expect(await breaches()).toStrictEqual(new Map([['budgets', reading('Recsys', T0)]]));
    await ledger.markBreach(reading('Recsys', at(1)), at(DAY));
    expect(await breaches()).toStrictEqual(new Map([['budgets', reading('Recsys', at(1))]]));
  });

  it('gives every item a life in epoch seconds and its keys as they are', async () => {
    const table = await newTable();
    await writeAll(createLedger(client, table));
    const { Items = [] } = await DynamoDBDocumentClient.from(client).send(
      new ScanCommand({ TableName: table }),
    );
    const arn = arnOf('i-1');
    const days = Items.map(({ pk, sk, expiresAt }) => [pk, sk, (expiresAt - at(0).getTime() / 1_000) / DAY]);
    expect(days.toSorted()).toEqual([
      ['action#stop#i-1', 'action', 100],
      ['alert#a-1', 'alert', 90],
      [`audit#arn#${arn}`, expect.stringMatching(/^line#2026-01-28T10:00:00\.000Z#0#stop#i-1#/), 400],
      ['billed-days#111122223333', 'billed-day#2026-01-28', 400 - 10 / 24],
      ['breaches', 'breach#Recsys', 3],
      ['freezes', 'freeze#Recsys', 3],
      ['keep#111122223333#us-east-1', `keep#${arn}`, 30],
      ['keep-tag#111122223333#us-east-1', `keep-tag#${arn}`, 400],
      ['meter#111122223333#us-east-1', `meter#${arn}`, 62],
      ['metered-at#111122223333#us-east-1', 'metered-at', 62],
      ['metered-days#111122223333', 'metered-day#2026-01-28', 400 - 10 / 24],
      ['newest-report', 'newest-report', 30],
      ['once#alert', 'once', 14],
      ['price#k', 'price', 7],
      ['reaches', 'reach#2026-01-01#actual-100#Recsys', 3],
      ['report-link#a1b2', 'report-link', 30],
      ['reservations#team:alpha', 'reservations', 2],
      [`restore#${arn}`, 'restore', 400],
      ['slot##fraud', 'slot', 1],
      ['source-breaches', 'source-breach#meter-day#Recsys', 3],
      ['spend-months#111122223333', 'spend-month#2026-01', 1_200 - 27 - 10 / 24],
      ['unfreezes', 'unfreeze#Recsys', 3],
      ['watch#111122223333#us-east-1', `watch#${arn}`, 2],
    ]);
  });

  it('no approved plan expires; the parts of one that another took the place of do, a day later', async () => {
    const table = await newTable();
    const documents = DynamoDBDocumentClient.from(client);
    const ledger = createLedger(documents, table);
    const scan = async () => {
      const { Items: items = [] } = await documents.send(new ScanCommand({ TableName: table }));
      return items.map(({ pk, sk, expiresAt }) => [`${pk} ${sk}`.replace(/[0-9a-f-]{36}/, 'id'), expiresAt]);
    };
    const approval = (when: Date) => ({
      hash: 'sha256:1',
      policyHash: 'sha256:2',
      lists: new Map([['development', new Set([arnOf('i-1')])]]),
      at: when,
      by: 'ana',
    });
    const pointer = ['approval approval', undefined];
    const part = (expiresAt: number | undefined) => ['approval-parts#id part#0000', expiresAt];
    await ledger.approve(approval(T0));
    expect((await scan()).sort()).toEqual([pointer, part(undefined)]);
    await ledger.approve(approval(at(60)));
    const aDayLater = at(60 + DAY).getTime() / 1_000;
    const later = await scan();
    expect(later).toHaveLength(3);
    expect(later).toEqual(expect.arrayContaining([pointer, part(undefined), part(aDayLater)]));
    await ledger.approve(approval(at(30)));
    expect(await scan()).toEqual(expect.arrayContaining([part(at(30 + DAY).getTime() / 1_000)]));
    expect((await ledger.approval())?.at).toEqual(at(60));
  });
});
