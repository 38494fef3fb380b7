import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { AT_ONCE, putAll } from '../../lib/ledger/dynamodb/batches.ts';
import { createLedger } from '../../lib/ledger/dynamodb.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { Approval } from '../../lib/ledger/ledger.ts';
import { mapLimited } from '../../lib/types/lists.ts';
import { encodeMeterRecord } from '../../lib/types/meter-wire.ts';
import { alertOf, arnOf, at, meterRecord, stop, T0 } from './fixtures.ts';

const TABLE = 'ledger';
const documents = mockClient(DynamoDBDocumentClient);
const ledger = createLedger(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), TABLE);
const throttle = (): never => {
  throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
};

beforeEach(() => {
  documents.reset();
});

const watches = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    arn: arnOf(`i-${index}`),
    since: T0,
    busyAt: undefined,
    stopAt: undefined,
    heldAt: undefined,
    heldDue: undefined,
    toldAt: undefined,
    orderedAt: undefined,
  }));

const wish = {
  arn: arnOf('i-1'),
  since: T0,
  until: at(60),
  by: 'ana (Slack)',
  at: T0,
  account: '111122223333',
  region: 'us-east-1',
  id: 'p-1',
};
const place = ['111122223333', 'us-east-1'] as const;
const day = { day: '2026-11-01', billedAsOf: T0, billed: new Map(), metered: new Map() };
const month = { month: '2026-10', billedAsOf: T0, billed: new Map() };
const unsaved = { record: meterRecord('i-1'), version: undefined };
const tags = [{ arn: arnOf('i-1'), value: '2h', seenAt: T0 }];
const report = {
  month: '2026-01',
  madeAt: T0,
  keys: { html: 'h', csv: 'c', json: 'j' },
  link: { url: 'https://links.example.com/r/secret', tokenHash: 'a1b2', until: at(60) },
};
const answer = { id: 'p-1', at: T0.toISOString(), by: 'ana', text: 'Kept.' };

/** The ARNs of each BatchWriteItem, in the order of the calls. */
const writtenArns = (): string[][] =>
  documents
    .commandCalls(BatchWriteCommand)
    .map(({ args }) =>
      (args[0].input.RequestItems?.[TABLE] ?? []).map(({ PutRequest }) => PutRequest?.Item?.arn),
    );

describe('what DynamoDB leaves unprocessed', () => {
  it('is written again, and it alone', async () => {
    documents
      .on(BatchWriteCommand)
      .callsFakeOnce(({ RequestItems }) => ({
        UnprocessedItems: { [TABLE]: RequestItems[TABLE].slice(0, 2) },
      }))
      .resolves({ UnprocessedItems: {} });
    await ledger.saveWatches('111122223333', 'us-east-1', watches(30), T0);
    expect(writtenArns().map(({ length }) => length)).toEqual([25, 5, 2]);
    expect(writtenArns()[2]).toEqual([arnOf('i-0'), arnOf('i-1')]);
  });

  it('is given up after 8 attempts, ever further apart', async () => {
    const pauses: number[] = [];
    let attempts = 0;
    const written = putAll(
      [{ id: 'a' }, { id: 'b' }],
      ({ id }: { id: string }) => id,
      async (items) => {
        attempts++;
        return { unprocessed: items };
      },
      async (milliseconds) => pauses.push(milliseconds),
    );
    await expect(written).rejects.toThrow('DynamoDB left 2 items unprocessed');
    expect(attempts).toBe(8);
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 3_200]);
  });
});

const approved: Approval = {
  hash: 'sha256:1',
  policyHash: 'sha256:2',
  lists: new Map([['development', new Set([arnOf('i-1')])]]),
  at: T0,
  by: 'ana',
};

describe('an approved plan', () => {
  it('of which a part is lost is no plan: it says what to do', async () => {
    const items: Record<string, unknown>[] = [];
    documents.on(PutCommand).callsFake(({ Item: item }) => {
      items.push(item);
      return {};
    });
    documents.on(BatchWriteCommand).resolves({ UnprocessedItems: {} });
    documents.on(GetCommand).callsFake(() => ({ Item: items[0] }));
    documents.on(QueryCommand).resolves({ Items: [] });
    await ledger.approve(approved);
    await expect(ledger.approval()).rejects.toThrow(
      'ledger: of the approved plan sha256:1 only 0 of 1 parts are left; approve it again',
    );
  });

  it('is not announced before all its parts are written', async () => {
    documents.on(GetCommand).resolves({});
    documents.on(BatchWriteCommand).callsFake(throttle);
    documents.on(PutCommand).resolves({});
    await expect(ledger.approve(approved)).rejects.toBeInstanceOf(LedgerError);
    expect(documents.commandCalls(PutCommand)).toEqual([]);
  });
});

describe('a refusal of DynamoDB', () => {
  it('is a LedgerError that names the step and keeps the cause', async () => {
    documents.onAnyCommand().callsFake(throttle);
    const calls: [string, () => Promise<unknown>][] = [
      ['claiming', () => ledger.claim([stop('i-1')], { batch: 'b', now: T0, leaseSeconds: 60 })],
      ['reading watches', () => ledger.watches('111122223333', 'us-east-1', T0)],
      ['saving watches', () => ledger.saveWatches('111122223333', 'us-east-1', watches(1), T0)],
      ['reading project marks', () => ledger.projectMarks(T0)],
      ['freezing a project', () => ledger.freeze('Recsys', T0)],
      ['ending a freeze', () => ledger.unfreeze('Recsys', T0)],
      ['remembering that a rule was reached', () => ledger.reach('Recsys', '2026-01-01', 'r', T0, at(9))],
      ['forgetting that a rule was reached', () => ledger.unreach('Recsys', '2026-01-01', 'r')],
      ['reading a restore record', () => ledger.restoreRecord(arnOf('i-1'))],
      ['changing the state of a restore record', () => ledger.setRestoreState(arnOf('i-1'), T0, 'restored')],
      ['reading restore records', () => ledger.restoreRecords('stopped', 'Recsys')],
      ['reading keeps', () => ledger.keeps('111122223333', 'us-east-1', T0)],
      ['keeping a resource', () => ledger.keep(wish)],
      ['reading keep tags', () => ledger.keepTags('111122223333', 'us-east-1')],
      ['saving keep tags', () => ledger.saveKeepTags('111122223333', 'us-east-1', tags, T0)],
      ['reading the approved plan', () => ledger.approval()],
      ['approving a plan', () => ledger.approve(approved)],
      ['saving an alert', () => ledger.saveAlert(alertOf('a-1'))],
      ['reading an alert', () => ledger.alert('a-1')],
      ['answering an alert', () => ledger.answerAlert('a-1', answer)],
      ['reading the audit trail', () => ledger.audit({ project: 'Recsys' })],
      ['reading a price', () => ledger.price('k')],
      ['saving a price', () => ledger.savePrice('k', undefined, T0)],
      ['reading records of the meter', () => ledger.meterRecords(...place)],
      ['reading a record of the meter', () => ledger.meterRecord(...place, arnOf('i-1'))],
      ['saving records of the meter', () => ledger.saveMeterRecords([unsaved], T0)],
      ['forgetting records of the meter', () => ledger.forgetMeterRecords([{ ...unsaved, version: 'v' }])],
      ['reading when the meter saw a region', () => ledger.meteredAt(...place)],
      ['saving when the meter saw a region', () => ledger.saveMeteredAt(...place, T0)],
      ['reading spend days', () => ledger.spendDays(place[0], '2026-11-01', '2026-11-30')],
      ['saving billed days', () => ledger.saveBilledDays(place[0], [day])],
      ['saving metered days', () => ledger.saveMeteredDays(place[0], [day])],
      ['reading spend months', () => ledger.spendMonths(place[0], '2026-01')],
      ['saving spend months', () => ledger.saveSpendMonths(place[0], [month])],
      ['saving a report', () => ledger.saveReport(report)],
      ['reading the newest report', () => ledger.newestReport(T0)],
      ['looking up a link to a report', () => ledger.reportByToken('a1b2', T0)],
      ['remembering an id', () => ledger.once('k', T0)],
      ['forgetting an id', () => ledger.forget('k')],
      ['looking an id up', () => ledger.seen('k', T0)],
      ['reserving a slot', () => ledger.reserveSlot('#c', 1_000, T0)],
    ];
    for (const [step, call] of calls) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LedgerError);
      expect(error).toHaveProperty(
        'message',
        expect.stringContaining(`ledger: ${step} failed: ThrottlingException: slow down`),
      );
      expect(error).toHaveProperty('cause.name', 'ThrottlingException');
    }
  });

  it('of the trail leaves the claim to the next one: nobody is told that it won', async () => {
    documents.on(PutCommand).resolves({});
    documents.on(BatchWriteCommand).callsFake(throttle);
    await expect(ledger.claim([stop('i-1')], { batch: 'b', now: T0, leaseSeconds: 60 })).rejects.toThrow(
      LedgerError,
    );
  });

  it('of the trail leaves a record unsettled: the line is not lost', async () => {
    documents.on(BatchWriteCommand).callsFake(throttle);
    const { key } = stop('i-1');
    const record = {
      key,
      batch: 'b',
      token: 't',
      decision: stop('i-1'),
      status: 'intended',
      intendedAt: T0,
      outcome: undefined,
    } as const;
    const outcome = { status: 'taken', at: at(1), detail: '' } as const;
    await expect(ledger.settle([{ record, outcome, retryAt: undefined }], at(1))).rejects.toThrow(
      LedgerError,
    );
    expect(documents.calls().map(({ args }) => args[0].constructor.name)).toEqual(['BatchWriteCommand']);
  });
});

describe('an item that is not what was written', () => {
  const owned = (entity: string, attributes: Record<string, unknown>) => ({
    ...attributes,
    __edb_e__: entity,
    __edb_v__: '1',
  });

  it.each([
    ['no JSON', { state: 'stopped', saved: 'not json' }],
    ['another shape', { state: 'stopped', saved: '{"resource":{},"savedAt":"2026-01-28T10:00:00.000Z"}' }],
    ['another type', { state: 'stopped', saved: 12 }],
    ['another state', { state: 'lost', saved: '{}' }],
    ['nothing in it', {}],
  ])('is a LedgerError: %s', async (_, attributes) => {
    documents.on(GetCommand).resolves({ Item: owned('restore', { arn: arnOf('i-1'), ...attributes }) });
    await expect(ledger.restoreRecord(arnOf('i-1'))).rejects.toBeInstanceOf(LedgerError);
  });

  it('is a LedgerError: a watch without its spell', async () => {
    documents.on(QueryCommand).resolves({
      Items: [owned('watch', { account: '1', region: 'r', arn: 'a', since: 'long ago', expiresAt: 9 })],
    });
    await expect(ledger.watches('1', 'r', T0)).rejects.toThrow(/since/);
  });

  it.each([
    ['no JSON', 'not json', /JSON/],
    ['a form of a later version', JSON.stringify({ ...encodeMeterRecord(meterRecord('i-1')), v: 2 }), /v/],
    [
      'a rate that is not there',
      JSON.stringify({ ...encodeMeterRecord(meterRecord('i-1')), rates: [] }),
      /no place 0/,
    ],
  ])('is a LedgerError: a record of the meter with %s', async (_, record, named) => {
    const [account, region] = place;
    documents.on(QueryCommand).resolves({
      Items: [owned('meter', { account, region, arn: 'a', version: 'x', record, expiresAt: 9 })],
    });
    await expect(ledger.meterRecords(...place)).rejects.toBeInstanceOf(LedgerError);
    await expect(ledger.meterRecords(...place)).rejects.toThrow(named);
  });
});

const onTheWire = (value: unknown): unknown => {
  if (Array.isArray(value)) return { L: value.map(onTheWire) };
  return typeof value === 'number' ? { N: String(value) } : { S: value };
};
/** The SDK leaves the item of a refusal as it came over the wire. */
const refusal = (item: Record<string, unknown>): never => {
  const Item = Object.fromEntries(Object.entries(item).map(([key, value]) => [key, onTheWire(value)]));
  throw Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException', Item });
};

describe('a record of the meter', () => {
  // No emulator loses an answer, so the refusals are made here.
  it('is written where the refusal is of a write whose answer was lost', async () => {
    documents.on(PutCommand).callsFake(({ Item }) => refusal(Item));
    expect(await ledger.saveMeterRecords([unsaved], T0)).toEqual(new Set());
  });

  it('is not written where another is there, or the one that was read is gone', async () => {
    documents
      .on(PutCommand)
      .callsFakeOnce(({ Item }) => refusal({ ...Item, version: 'of another' }))
      .callsFakeOnce(() => {
        throw Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException' });
      });
    const lost = new Set([arnOf('i-1')]);
    expect(await ledger.saveMeterRecords([unsaved], T0)).toEqual(lost);
    expect(await ledger.saveMeterRecords([{ ...unsaved, version: 'read' }], T0)).toEqual(lost);
  });

  it('is put on the condition that nobody has put another', async () => {
    documents.on(PutCommand).resolves({});
    await ledger.saveMeterRecords([unsaved, { ...unsaved, version: 'read' }], T0);
    const conditions = documents.commandCalls(PutCommand).map(({ args }) => args[0].input);
    expect(conditions.map(({ ConditionExpression }) => ConditionExpression)).toEqual([
      'attribute_not_exists(#version)',
      '#version = :version0',
    ]);
    expect(conditions[1]?.ExpressionAttributeValues).toMatchObject({ ':version0': 'read' });
  });

  it('that DynamoDB refuses ends the saving: nothing is begun after it', async () => {
    documents.on(PutCommand).callsFake(throttle);
    const many = Array.from({ length: 50 }, (_, n) => ({ ...unsaved, record: meterRecord(`i-${n}`) }));
    await expect(ledger.saveMeterRecords(many, T0)).rejects.toThrow('slow down');
    expect(documents.commandCalls(PutCommand).length).toBeLessThanOrEqual(AT_ONCE);
  });
});

describe('a wish', () => {
  it('is tried again with what it met, and given up after 40 attempts', async () => {
    documents.on(GetCommand).resolves({});
    let revision = 0;
    documents
      .on(PutCommand)
      .callsFake(({ Item }) => refusal({ ...Item, ids: [`other-${revision}`], revision: ++revision }));
    await expect(ledger.keep(wish)).rejects.toThrow('could not be kept in 40 attempts');
    expect(documents.commandCalls(PutCommand)).toHaveLength(40);
    const revisions = documents.commandCalls(PutCommand).map(({ args }) => args[0].input.Item?.revision);
    expect(revisions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('that turns out to be there is not counted again', async () => {
    documents.on(GetCommand).resolves({});
    documents.on(PutCommand).callsFakeOnce(({ Item }) => refusal({ ...Item, count: 3 }));
    expect(await ledger.keep(wish)).toMatchObject({ count: 3, by: 'ana (Slack)' });
    expect(documents.commandCalls(PutCommand)).toHaveLength(1);
  });
});

describe('work in parallel', () => {
  it('keeps the order and never runs more than 10 at once', async () => {
    let running = 0;
    let most = 0;
    const items = Array.from({ length: 35 }, (_, index) => index);
    const results = await mapLimited(items, AT_ONCE, async (item) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < 35 - item; turn++) await Promise.resolve();
      running--;
      return item * 2;
    });
    expect(results).toEqual(items.map((item) => item * 2));
    expect(most).toBe(10);
  });

  it('begins nothing after a failure and ends before it throws', async () => {
    let ended = 0;
    const work = mapLimited(
      Array.from({ length: 35 }, (_, index) => index),
      AT_ONCE,
      async (item) => {
        if (item === 3) throw new Error('three');
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        ended++;
      },
    );
    await expect(work).rejects.toThrow('three');
    expect(ended).toBe(9);
  });
});
