import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { actionsPart } from './dynamodb/actions.ts';
import { alertsPart } from './dynamodb/alerts.ts';
import { approvalsPart } from './dynamodb/approvals.ts';
import { auditPart } from './dynamodb/audit.ts';
import { entitiesOf } from './dynamodb/entities.ts';
import { keepsPart } from './dynamodb/keeps.ts';
import { marksPart } from './dynamodb/marks.ts';
import { meterPart } from './dynamodb/meter.ts';
import { oncePart } from './dynamodb/once.ts';
import { pricesPart } from './dynamodb/prices.ts';
import { reportsPart } from './dynamodb/reports.ts';
import { reservationsPart } from './dynamodb/reservations.ts';
import { restoresPart } from './dynamodb/restores.ts';
import { slotsPart } from './dynamodb/slots.ts';
import { spendPart } from './dynamodb/spend.ts';
import { toldPart } from './dynamodb/told.ts';
import { watchesPart } from './dynamodb/watches.ts';
import type { Ledger } from './ledger.ts';

/** The ledger in a DynamoDB table of the layout `LEDGER_TABLE`. */
export function createLedger(client: DynamoDBClient | DynamoDBDocumentClient, table: string): Ledger {
  const documents = client instanceof DynamoDBDocumentClient ? client : DynamoDBDocumentClient.from(client);
  const entities = entitiesOf(documents, table);
  return {
    ...actionsPart(entities),
    ...watchesPart(entities),
    ...marksPart(entities),
    ...restoresPart(entities),
    ...keepsPart(entities),
    ...approvalsPart(entities),
    ...alertsPart(entities),
    ...auditPart(entities),
    ...pricesPart(entities),
    ...meterPart(entities),
    ...spendPart(entities),
    ...reservationsPart(entities),
    ...reportsPart(entities),
    ...oncePart(entities),
    ...toldPart(entities),
    ...slotsPart(entities),
  };
}
