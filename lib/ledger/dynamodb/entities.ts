import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Entity } from 'electrodb';
import { LEDGER_TABLE, REPORT_LINK } from '../table.ts';

/*
 * The items of the table. Keys are written as they are (`casing: 'none'`): ARNs, endpoint names and
 * projects differ by case. Times are ISO 8601 text, which sorts as time does, so that conditions can
 * compare it. What the domain types hold is kept as JSON text (`lib/types/wire.ts`).
 */

/** A key of the form `prefix#value#value`. */
const keyIn =
  <const F extends string>(field: F) =>
  <const A extends readonly string[]>(prefix: string, ...composite: A) =>
    ({
      field,
      composite,
      template: [prefix, ...composite.map((name) => `\${${name}}`)].join('#'),
      casing: 'none',
    }) as const;

const pk = keyIn(LEDGER_TABLE.partitionKey);
const sk = keyIn(LEDGER_TABLE.sortKey);
const projectPk = keyIn(LEDGER_TABLE.projectIndex.partitionKey);
const projectSk = keyIn(LEDGER_TABLE.projectIndex.sortKey);

const text = { type: 'string', required: true } as const;
const optionalText = { type: 'string' } as const;
const texts = { type: 'list', items: { type: 'string' }, required: true } as const;
const optionalTexts = { type: 'list', items: { type: 'string' } } as const;
const number = { type: 'number', required: true } as const;
const model = (entity: string) => ({ entity, version: '1', service: 'bursar' }) as const;

/** The items, each on the given table. */
export function entitiesOf(client: DynamoDBDocumentClient, table: string) {
  const on = { client, table };

  const action = new Entity(
    {
      model: model('action'),
      attributes: {
        key: text,
        batch: text,
        token: text,
        decision: text,
        status: text,
        intendedAt: text,
        outcome: optionalText,
        /** The lease's end while intended, the time of a retry once settled; absent = never again. */
        claimableFrom: optionalText,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('action', 'key'), sk: sk('action') } },
    },
    on,
  );

  const watch = new Entity(
    {
      model: model('watch'),
      attributes: {
        account: text,
        region: text,
        arn: text,
        since: text,
        busyAt: optionalText,
        stopAt: optionalText,
        heldAt: optionalText,
        heldDue: { type: 'number' },
        toldAt: optionalText,
        orderedAt: optionalText,
        paced: { type: 'boolean' },
        closingAt: optionalText,
        endsAt: optionalText,
        upSince: optionalText,
        downSince: optionalText,
        notedAt: optionalText,
        expiresAt: number,
      },
      indexes: {
        primary: {
          pk: pk('watch', 'account', 'region'),
          sk: sk('watch', 'arn'),
        },
      },
    },
    on,
  );

  /** A breach as AWS Budgets told it. */
  const breach = new Entity(
    {
      model: model('breach'),
      attributes: { project: text, asOf: text, reading: text, until: text, expiresAt: number },
      indexes: { primary: { pk: pk('breaches'), sk: sk('breach', 'project') } },
    },
    on,
  );

  /** A breach of any other source. In a partition of its own: a version that knows no sources reads the other one. */
  const sourceBreach = new Entity(
    {
      model: model('source-breach'),
      attributes: {
        source: text,
        project: text,
        asOf: text,
        reading: text,
        until: text,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('source-breaches'), sk: sk('source-breach', 'source', 'project') } },
    },
    on,
  );

  const freeze = new Entity(
    {
      model: model('freeze'),
      attributes: { project: text, until: text, expiresAt: number },
      indexes: { primary: { pk: pk('freezes'), sk: sk('freeze', 'project') } },
    },
    on,
  );

  const unfreeze = new Entity(
    {
      model: model('unfreeze'),
      attributes: { project: text, at: text, until: text, expiresAt: number },
      indexes: { primary: { pk: pk('unfreezes'), sk: sk('unfreeze', 'project') } },
    },
    on,
  );

  const reach = new Entity(
    {
      model: model('reach'),
      attributes: { project: text, period: text, rule: text, at: text, until: text, expiresAt: number },
      // The project comes last, since it may hold any characters; the other two hold no #.
      indexes: { primary: { pk: pk('reaches'), sk: sk('reach', 'period', 'rule', 'project') } },
    },
    on,
  );

  const restore = new Entity(
    {
      model: model('restore'),
      attributes: {
        arn: text,
        /** Its project as JSON text (`null` = none): of two such texts none is the beginning of the other. */
        place: text,
        savedAt: text,
        state: text,
        saved: text,
        expiresAt: number,
      },
      indexes: {
        primary: { pk: pk('restore', 'arn'), sk: sk('restore') },
        byState: {
          index: LEDGER_TABLE.projectIndex.name,
          pk: projectPk('restores'),
          sk: projectSk('restore', 'state', 'place', 'arn'),
        },
      },
    },
    on,
  );

  const keep = new Entity(
    {
      model: model('keep'),
      attributes: {
        account: text,
        region: text,
        arn: text,
        since: text,
        until: text,
        by: text,
        at: text,
        count: number,
        /** The wishes that were heard last, newest first. */
        ids: texts,
        /** Another with each change: what a change is conditional on. */
        revision: number,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('keep', 'account', 'region'), sk: sk('keep', 'arn') } },
    },
    on,
  );

  const keepTag = new Entity(
    {
      model: model('keep-tag'),
      attributes: {
        account: text,
        region: text,
        arn: text,
        value: text,
        seenAt: text,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('keep-tag', 'account', 'region'), sk: sk('keep-tag', 'arn') } },
    },
    on,
  );

  /** The plan that was approved last: one item, which names its parts by `id`. It never expires. */
  const approval = new Entity(
    {
      model: model('approval'),
      attributes: { id: text, hash: text, policyHash: text, parts: number, at: text, by: text },
      indexes: { primary: { pk: pk('approval'), sk: sk('approval') } },
    },
    on,
  );

  const approvalPart = new Entity(
    {
      model: model('approval-part'),
      attributes: {
        id: text,
        part: text,
        text,
        /** Once another has taken its place. */
        expiresAt: { type: 'number' },
      },
      indexes: { primary: { pk: pk('approval-parts', 'id'), sk: sk('part', 'part') } },
    },
    on,
  );

  const alert = new Entity(
    {
      model: model('alert'),
      attributes: {
        id: text,
        alert: text,
        /** In the order in which they came; absent until the first one. */
        answers: optionalTexts,
        answerIds: optionalTexts,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('alert', 'id'), sk: sk('alert') } },
    },
    on,
  );

  const meter = new Entity(
    {
      model: model('meter'),
      attributes: {
        account: text,
        region: text,
        arn: text,
        /** Another with each change: what a change is conditional on. */
        version: text,
        record: text,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('meter', 'account', 'region'), sk: sk('meter', 'arn') } },
    },
    on,
  );

  const meteredAt = new Entity(
    {
      model: model('metered-at'),
      /** `first` is the first `at` there ever was. */
      attributes: { account: text, region: text, at: text, first: text, expiresAt: number },
      indexes: { primary: { pk: pk('metered-at', 'account', 'region'), sk: sk('metered-at') } },
    },
    on,
  );

  const billedDay = new Entity(
    {
      model: model('billed-day'),
      attributes: { account: text, day: text, billedAsOf: text, billed: text, expiresAt: number },
      indexes: { primary: { pk: pk('billed-days', 'account'), sk: sk('billed-day', 'day') } },
    },
    on,
  );

  /** Apart from what was billed for the day: each has its own writer and its own guard. */
  const meteredDay = new Entity(
    {
      model: model('metered-day'),
      attributes: { account: text, day: text, metered: text, expiresAt: number },
      indexes: { primary: { pk: pk('metered-days', 'account'), sk: sk('metered-day', 'day') } },
    },
    on,
  );

  const spendMonth = new Entity(
    {
      model: model('spend-month'),
      attributes: { account: text, month: text, billedAsOf: text, billed: text, expiresAt: number },
      indexes: { primary: { pk: pk('spend-months', 'account'), sk: sk('spend-month', 'month') } },
    },
    on,
  );

  const line = new Entity(
    {
      model: model('audit'),
      attributes: {
        /** `arn#…` for what is about one resource, else the same as `project`. */
        subject: text,
        /** `project#…`, or `no-project`. */
        project: text,
        order: text,
        at: text,
        batch: text,
        decision: text,
        event: text,
        code: optionalText,
        detail: text,
        expiresAt: number,
      },
      indexes: {
        bySubject: { pk: pk('audit', 'subject'), sk: sk('line', 'order') },
        byProject: {
          index: LEDGER_TABLE.projectIndex.name,
          pk: projectPk('audit', 'project'),
          sk: projectSk('line', 'order'),
        },
      },
    },
    on,
  );

  const price = new Entity(
    {
      model: model('price'),
      attributes: { key: text, hourly: optionalText, asOf: text, expiresAt: number },
      indexes: { primary: { pk: pk('price', 'key'), sk: sk('price') } },
    },
    on,
  );

  /** What the gate has let through of one team or project. */
  const reservations = new Entity(
    {
      model: model('reservations'),
      attributes: {
        pot: text,
        /** Another with each change: what a change is conditional on. */
        version: text,
        reservations: text,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('reservations', 'pot'), sk: sk('reservations') } },
    },
    on,
  );

  /** One item. It alone holds the token of a link. */
  const newestReport = new Entity(
    {
      model: model('newest-report'),
      attributes: {
        month: text,
        madeAt: text,
        keys: text,
        recommended: optionalText,
        url: optionalText,
        tokenHash: optionalText,
        until: optionalText,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('newest-report'), sk: sk('newest-report') } },
    },
    on,
  );

  /** In a partition each, so that a role may be bound to items of this kind. */
  const reportLink = new Entity(
    {
      model: model('report-link'),
      attributes: { tokenHash: text, month: text, keys: text, until: text, expiresAt: number },
      indexes: { primary: { pk: pk(REPORT_LINK, 'tokenHash'), sk: sk(REPORT_LINK) } },
    },
    on,
  );

  const once = new Entity(
    {
      model: model('once'),
      attributes: { id: text, expiresAt: number },
      indexes: { primary: { pk: pk('once', 'id'), sk: sk('once') } },
    },
    on,
  );

  const told = new Entity(
    {
      model: model('told'),
      attributes: {
        batch: text,
        marks: { type: 'set', items: 'string' },
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('told', 'batch'), sk: sk('told') } },
    },
    on,
  );

  const slot = new Entity(
    {
      model: model('slot'),
      attributes: {
        channel: text,
        /** Epoch milliseconds from which the channel is free. */
        freeFrom: number,
        expiresAt: number,
      },
      indexes: { primary: { pk: pk('slot', 'channel'), sk: sk('slot') } },
    },
    on,
  );

  return {
    action,
    watch,
    breach,
    sourceBreach,
    freeze,
    unfreeze,
    reach,
    restore,
    keep,
    keepTag,
    approval,
    approvalPart,
    alert,
    meter,
    meteredAt,
    billedDay,
    meteredDay,
    spendMonth,
    line,
    price,
    reservations,
    newestReport,
    reportLink,
    once,
    told,
    slot,
  };
}

export type Entities = ReturnType<typeof entitiesOf>;
