import {
  CloudTrailClient,
  CloudTrailServiceException,
  type Event,
  type LookupAttribute,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail';
import type { Clock } from '../../types/clock.ts';
import { answering } from './answering.ts';
import { REGION } from './state.ts';
import { isReadOnly, recordText, type TrailRecord, userNameOf } from './trail-record.ts';

export { instancesRecord, namedRecord, type TrailIdentity, type TrailRecord } from './trail-record.ts';

/** What happened in an account, in the order of time. It may grow at its end; what is in it stays. */
export type Trail = readonly TrailRecord[];

/** The limits of LookupEvents (its reference). */
const PER_PAGE = 50;
const KEPT_MS = 90 * 24 * 3_600_000;

/**
 * The event history of one region: management events of 90 days, newest first. What names something by one attribute
 * costs as much as there is of it. On AWS an event comes some minutes after its call; here at once.
 * @param now Absent = nothing is too old.
 */
export function cloudtrailIn(trail: Trail, region: string, now?: Clock): CloudTrailClient {
  const index = indexOf(trail, region);
  return answering(new CloudTrailClient({ region })).on(LookupEventsCommand, (asked) => {
    const { LookupAttributes = [], StartTime, EndTime, MaxResults = PER_PAGE, NextToken } = asked;
    if (MaxResults < 1 || MaxResults > PER_PAGE) {
      throw refused('InvalidMaxResultsException', `MaxResults must be from 1 to ${PER_PAGE}.`);
    }
    if (LookupAttributes.length > 1) {
      throw refused('InvalidLookupAttributesException', 'You can use only one lookup attribute at a time.');
    }
    if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
      throw refused('InvalidTimeRangeException', 'The start time must not be after the end time.');
    }
    const oldest = now === undefined ? Number.NEGATIVE_INFINITY : now().getTime() - KEPT_MS;
    const from = Math.max(oldest, StartTime?.getTime() ?? oldest);
    const to = EndTime?.getTime() ?? Number.POSITIVE_INFINITY;
    const numbers = index.find(LookupAttributes[0]);
    const Events: Event[] = [];
    // The token names the record before which the last page ended, whatever has come since.
    let position = firstFrom(numbers, tokenOf(NextToken));
    for (; position > 0; position -= 1) {
      const number = numbers[position - 1];
      const record = number === undefined ? undefined : trail[number];
      if (number === undefined || record === undefined || record.at.getTime() > to) continue;
      if (record.at.getTime() < from) return { Events };
      if (Events.length === MaxResults) return { Events, NextToken: `${number + 1}` };
      Events.push(eventOf(record, number));
    }
    return { Events };
  }).client;
}

const refused = (name: string, message: string) =>
  new CloudTrailServiceException({ name, message, $fault: 'client', $metadata: {} });

function tokenOf(token: string | undefined): number {
  if (token === undefined) return Number.POSITIVE_INFINITY;
  const number = Number(token);
  if (Number.isInteger(number) && number >= 0) return number;
  throw refused('InvalidNextTokenException', 'The next token is not valid.');
}

/** How many of the numbers, which rise, are smaller. */
function firstFrom(numbers: readonly number[], bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? bound) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

const idOf = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

function eventOf(record: TrailRecord, number: number): Event {
  const Username = userNameOf(record);
  return {
    EventId: idOf(number),
    EventName: record.name,
    EventSource: record.source,
    // To the second.
    EventTime: new Date(Math.floor(record.at.getTime() / 1000) * 1000),
    ReadOnly: String(isReadOnly(record)),
    ...(Username === undefined ? {} : { Username }),
    Resources: record.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: recordText(record, idOf(number)),
  };
}

/** The values by which a record can be found. */
function valuesOf(record: TrailRecord, number: number): readonly (readonly [string, string])[] {
  return [
    ['EventId', idOf(number)],
    ['EventName', record.name],
    ['EventSource', record.source],
    ['ReadOnly', String(isReadOnly(record))],
    ['Username', userNameOf(record) ?? ''],
    ...[...new Set(record.resources.map(({ name }) => name))].map((name) => ['ResourceName', name] as const),
    ...[...new Set(record.resources.map(({ type }) => type))].map((type) => ['ResourceType', type] as const),
  ];
}

/** The numbers of the records of a region, rising, by their attributes; each record is read once. */
function indexOf(trail: Trail, region: string) {
  const all: number[] = [];
  const byValue = new Map<string, number[]>();
  let read = 0;
  const catchUp = (): void => {
    for (; read < trail.length; read += 1) {
      const record = trail[read];
      if (record === undefined || (record.region ?? REGION) !== region) continue;
      all.push(read);
      for (const [key, value] of valuesOf(record, read)) {
        const name = `${key} ${value}`;
        const numbers = byValue.get(name);
        if (numbers === undefined) byValue.set(name, [read]);
        else numbers.push(read);
      }
    }
  };
  return {
    find: (attribute: LookupAttribute | undefined): readonly number[] => {
      catchUp();
      if (attribute === undefined) return all;
      return byValue.get(`${attribute.AttributeKey} ${attribute.AttributeValue}`) ?? [];
    },
  };
}
