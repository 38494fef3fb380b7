import {
  CloudTrailClient,
  LookupEventsCommand,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lifeOf, seenSpans } from '../../lib/backtest/lifecycle.ts';
import { readTrails } from '../../lib/backtest/read-trails.ts';
import { type TrailEvent, trailEvents } from '../../lib/backtest/trail-events.ts';
import { answering } from '../../lib/simulate/account/answering.ts';
import type { Span } from '../../lib/simulate/result.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { at, MINUTE, NOW } from './fixtures.ts';

const FROM = at('2026-11-01');
const TO = at('2026-11-10');

const instance = (fields: Partial<Resource> = {}): Resource => ({
  kind: 'ec2-instance',
  arn: 'arn:aws:ec2:us-east-1:111122223333:instance/i-1',
  id: 'i-1',
  account: '111122223333',
  region: 'us-east-1',
  tags: {},
  state: 'running',
  since: at('2026-01-01'),
  size: 'm5.large',
  protections: [],
  hourly: undefined,
  ...fields,
});

const event = (time: string, runs: boolean): TrailEvent => ({
  kind: 'ec2-instance',
  id: 'i-1',
  at: at(time),
  runs,
});

const span = (from: string, to: string): Span => ({ from: at(from), to: at(to) });

describe('lifeOf', () => {
  const life = (fields: Partial<Parameters<typeof lifeOf>[0]>) => {
    const { ran, known } = lifeOf({ resource: instance(), seen: [], from: FROM, to: TO, ...fields });
    return { ran, known };
  };

  it('follows CloudTrail where it tells the whole', () => {
    const events = [
      event('2026-11-06T08:00:00Z', true),
      event('2026-11-02T20:00:00Z', false),
      event('2026-11-03T08:00:00Z', true),
      event('2026-11-05T20:00:00Z', false),
    ];
    expect(life({ events, resource: instance({ since: at('2026-11-06T08:00:05Z') }) })).toEqual({
      ran: [
        span('2026-11-01', '2026-11-02T20:00:00Z'),
        span('2026-11-03T08:00:00Z', '2026-11-05T20:00:00Z'),
        span('2026-11-06T08:00:00Z', '2026-11-10'),
      ],
      known: 'cloudtrail',
    });
    const stopped = instance({ state: 'stopped' });
    expect(life({ events: [event('2026-11-04', false)], resource: stopped }).ran).toEqual([
      span('2026-11-01', '2026-11-04'),
    ]);
  });

  it('goes by metrics where CloudTrail leaves something out, or they contradict it', () => {
    const seen = [span('2026-11-01', '2026-11-02T18:00:00Z'), span('2026-11-06T08:00:00Z', '2026-11-10')];
    // Somebody shut it down from within: no call says so.
    const events = [event('2026-10-30', true), event('2026-11-06T08:00:00Z', true)];
    const resource = instance({ since: at('2026-11-06T08:00:00Z') });
    expect(life({ events, seen, resource })).toEqual({ ran: seen, known: 'metrics' });
    const onlyStart = [event('2026-11-06T08:00:00Z', true)];
    expect(life({ events: onlyStart, seen, resource }).known, 'metrics of before').toBe('metrics');
  });

  it('knows that what runs has run since it started, whatever metrics are missing', () => {
    expect(life({ seen: [span('2026-11-02', '2026-11-03')] })).toEqual({
      ran: [span('2026-11-01', '2026-11-10')],
      known: 'metrics',
    });
    expect(life({})).toEqual({ ran: [span('2026-11-01', '2026-11-10')], known: 'assumed' });
    expect(life({ resource: instance({ state: 'stopped' }) })).toEqual({ ran: [], known: 'assumed' });
  });

  it('takes a start of what ran already for none', () => {
    expect(life({ events: [event('2026-11-05', true)] }).ran).toEqual([span('2026-11-01', '2026-11-10')]);
  });

  it('believes no start that lies before a stop: RDS tells when a database was made', () => {
    const seen = [span('2026-11-01', '2026-11-02'), span('2026-11-09', '2026-11-10')];
    // The seventh day RDS itself started it, and it was stopped again.
    const events = [event('2026-11-02', false), event('2026-11-09T01:00:00Z', false)];
    expect(life({ events, seen })).toEqual({ ran: seen, known: 'metrics' });
  });

  it('gives spans in order, without overlap, within the history', () => {
    const minute = fc.integer({ min: -3_000, max: 16_000 }).map((n) => new Date(FROM.getTime() + n * MINUTE));
    const events = fc.array(
      fc.record({ at: minute.filter((one) => one >= FROM && one < TO), runs: fc.boolean() }),
      { maxLength: 8 },
    );
    const seen = fc.array(fc.tuple(minute, fc.integer({ min: 1, max: 3_000 })), { maxLength: 6 });
    fc.assert(
      fc.property(events, seen, minute, fc.boolean(), (told, spans, since, runs) => {
        const { ran } = life({
          events: told.map((one) => ({ kind: 'ec2-instance', id: 'i-1', ...one })),
          seen: seenSpans(
            spans.map(([from, length]) => ({ starts: [from.getTime()], periodMs: length * MINUTE })),
          ),
          resource: instance({ since, state: runs ? 'running' : 'stopped' }),
        });
        for (const [n, { from, to }] of ran.entries()) {
          expect(from < to && from >= FROM && to <= TO).toBe(true);
          if (n > 0) expect(from > (ran[n - 1]?.to ?? from)).toBe(true);
        }
        const isStarted = runs && since < TO && !told.some((one) => !one.runs && one.at > since);
        if (isStarted) expect(ran.at(-1)?.to).toEqual(TO);
      }),
      { numRuns: 200 },
    );
  });
});

describe('seenSpans', () => {
  it('joins samples, and holes too short to be a stop', () => {
    const start = FROM.getTime();
    const starts = [0, 5, 10, 30, 90].map((n) => start + n * MINUTE);
    expect(seenSpans([{ starts, periodMs: 5 * MINUTE }])).toEqual([
      { from: FROM, to: new Date(start + 35 * MINUTE) },
      { from: new Date(start + 90 * MINUTE), to: new Date(start + 95 * MINUTE) },
    ]);
  });
});

const record = (eventName: string, fields: object, source = 'ec2'): string =>
  JSON.stringify({
    eventSource: `${source}.amazonaws.com`,
    eventName,
    eventTime: '2026-11-20T10:00:00Z',
    awsRegion: 'us-east-1',
    ...fields,
  });
const items = (...ids: readonly string[]) => ({
  instancesSet: { items: ids.map((instanceId) => ({ instanceId })) },
});

describe('trailEvents', () => {
  it('reads what began and what ended', () => {
    const read = (...args: Parameters<typeof record>) =>
      trailEvents(record(...args)).map(({ kind, id, runs }) => [kind, id, runs]);
    expect(read('RunInstances', { responseElements: items('i-1', 'i-2') })).toEqual([
      ['ec2-instance', 'i-1', true],
      ['ec2-instance', 'i-2', true],
    ]);
    expect(read('StopInstances', { requestParameters: items('i-1') })).toEqual([
      ['ec2-instance', 'i-1', false],
    ]);
    expect(read('StartDBInstance', { requestParameters: { dBInstanceIdentifier: 'db' } }, 'rds')).toEqual([
      ['rds-instance', 'db', true],
    ]);
    expect(read('DeleteEndpoint', { requestParameters: { endpointName: 'churn' } }, 'sagemaker')).toEqual([
      ['sagemaker-endpoint', 'churn', false],
    ]);
  });

  it('reads nothing of calls that failed, of other services, and of what is no record', () => {
    expect(
      trailEvents(record('StopInstances', { requestParameters: items('i-1'), errorCode: 'AccessDenied' })),
    ).toEqual([]);
    expect(
      trailEvents(record('CreateEndpoint', { requestParameters: { endpointName: 'x' } }, 'dms')),
    ).toEqual([]);
    expect(trailEvents(record('constructor', {}))).toEqual([]);
    expect(trailEvents('not JSON')).toEqual([]);
  });
});

describe('readTrails', () => {
  const options = { from: at('2026-11-15'), to: NOW, now: NOW, pace: async () => {} };

  function trail(answer: (input: LookupEventsCommandInput) => object) {
    const inputs: LookupEventsCommandInput[] = [];
    const { client } = answering(new CloudTrailClient({ region: 'us-east-1' })).on(
      LookupEventsCommand,
      (input) => {
        inputs.push(input);
        return answer(input);
      },
    );
    return { trails: new Map([['us-east-1', client]]), inputs };
  }

  it('asks for each kind of event by its name, all pages, and counts what is gone', async () => {
    const { trails, inputs } = trail(({ LookupAttributes, NextToken }) =>
      LookupAttributes?.[0]?.AttributeValue !== 'StopInstances'
        ? {}
        : {
            Events: [
              {
                CloudTrailEvent: record('StopInstances', {
                  requestParameters: items(NextToken === undefined ? 'i-1' : 'i-gone'),
                }),
              },
            ],
            NextToken: NextToken === undefined ? 'more' : undefined,
          },
    );
    const found = await readTrails(trails, [instance()], options);
    expect(found.eventsOf(instance())).toMatchObject([{ id: 'i-1', runs: false }]);
    expect(found.gone).toMatchObject([{ kind: 'ec2-instance', id: 'i-gone' }]);
    expect(inputs).toHaveLength(15);
    expect(new Set(inputs.map(({ LookupAttributes }) => LookupAttributes?.[0]?.AttributeKey))).toEqual(
      new Set(['EventName']),
    );
    expect(inputs[0]).toMatchObject({ StartTime: options.from, EndTime: NOW, MaxResults: 50 });
  });

  it('stops asking where there is no end, and says of what', async () => {
    const { trails, inputs } = trail(({ LookupAttributes }) =>
      LookupAttributes?.[0]?.AttributeValue === 'RunInstances' ? { Events: [], NextToken: 'more' } : {},
    );
    const found = await readTrails(trails, [instance()], options);
    expect(inputs.length).toBeLessThan(300);
    expect(found.cutShort).toEqual([{ region: 'us-east-1', kind: 'ec2-instance' }]);
    expect(found.eventsOf(instance())).toBeUndefined();
  });

  it('goes on without what it may not read, and says so where 90 days are not enough', async () => {
    const { trails } = trail(() => {
      throw new Error('User is not authorized to perform cloudtrail:LookupEvents');
    });
    const denied = await readTrails(trails, [instance()], options);
    expect(denied.failed[0]?.why).toBe('User is not authorized to perform cloudtrail:LookupEvents.');
    expect(denied.eventsOf(instance())).toEqual(undefined);
    const old = await readTrails(trail(() => ({})).trails, [instance()], {
      ...options,
      from: at('2026-06-01'),
    });
    expect(old.tooShort).toBe(true);
    expect(old.eventsOf(instance())).toBeUndefined();
  });
});
