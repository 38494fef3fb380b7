import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { findCreators } from '../../lib/enforce/find-creators.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { instance, minutes, NOW, policyOf, production } from '../decide/fixtures.ts';
import { awsError } from '../fleet/fixtures.ts';
import { runInstances } from '../signals/launch-events.ts';

/* Neither emulator answers LookupEvents. */
const cloudtrail = mockClient(CloudTrailClient);
beforeEach(() => {
  cloudtrail.reset();
  cloudtrail.onAnyCommand().resolves({});
});

const policy = policyOf([production]);
const stopping = policyOf([production], { untagged: { afterSeconds: 7200, do: 'stop', warnSeconds: 600 } });

/** Without a project. */
const nameless = (id: string, age: number, change: Partial<Resource> = {}): Resource =>
  instance(id, { since: minutes(-age), tags: {}, ...change });

function setUp(under = policy) {
  const errors: unknown[] = [];
  const ledger = createMemoryLedger();
  const find = async (resources: readonly Resource[], now = NOW) => {
    const tags = await findCreators({
      policy: under,
      ledger,
      resources,
      cloudTrails: new Map([['us-east-1', new CloudTrailClient({ region: 'us-east-1' })]]),
      onError: (_, error) => errors.push(error),
      now,
    });
    return tags.map(({ key, tags }) => [key.replace(/^creator\/.*\//, ''), tags['bursar:creator']]);
  };
  return { find, errors };
}

const asks = (): readonly unknown[] =>
  cloudtrail
    .commandCalls(LookupEventsCommand)
    .map(({ args }) => args[0].input.LookupAttributes?.[0]?.AttributeValue);

const known = (...ids: readonly string[]): void => {
  for (const id of ids) {
    cloudtrail
      .on(LookupEventsCommand, { LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: id }] })
      .resolves({ Events: [{ CloudTrailEvent: JSON.stringify(runInstances([id])) }] });
  }
};

describe('the creators of what has no project', () => {
  it('are asked for once CloudTrail can know, and tagged', async () => {
    known('i-1', 'i-2');
    const { find } = setUp();
    expect(await find([nameless('i-1', 4), nameless('i-2', 5)])).toEqual([['i-2', 'ana']]);
    expect(asks()).toEqual(['i-2']);
  });

  it('are asked for once early and once late, and then no more', async () => {
    const { find } = setUp();
    for (const age of [5, 10, 19]) expect(await find([nameless('i-1', age)])).toEqual([]);
    expect(asks()).toHaveLength(1);
    for (const age of [20, 25, 5000]) expect(await find([nameless('i-1', age)])).toEqual([]);
    expect(asks()).toHaveLength(2);
  });

  it('are unknown for good where CloudTrail does not say, and the policy stops such resources', async () => {
    const { find } = setUp(stopping);
    expect(await find([nameless('i-1', 10)])).toEqual([]);
    expect(await find([nameless('i-1', 20)])).toEqual([['i-1', 'unknown']]);
    // The tag may not have been written.
    expect(await find([nameless('i-1', 25)])).toEqual([['i-1', 'unknown']]);
    expect(asks()).toHaveLength(2);
  });

  it('are not made up of what is never stopped', async () => {
    const { find } = setUp(stopping);
    const job = nameless('i-1', 30, { consent: 'stop-jobs' });
    const ofProduction = nameless('i-2', 30, { tags: { environment: 'prod' } });
    expect(await find([job, ofProduction])).toEqual([]);
  });

  it.each<[string, Partial<Resource>]>([
    ['has a project', { tags: { project: 'recsys' } }],
    ['has the tag', { tags: { 'bursar:creator': 'bob' } }],
    ['is stopped', { state: 'stopped' }],
    ['is managed by others', { protections: [{ code: 'eks', detail: 'It is of a cluster.' }] }],
    ['lies where nobody can be asked', { region: 'eu-west-1' }],
  ])('are not asked for where it %s', async (_, change) => {
    const { find } = setUp(stopping);
    expect(await find([nameless('i-1', 30, change)])).toEqual([]);
    expect(asks()).toEqual([]);
  });

  it('are asked for five at a time, the youngest first', async () => {
    const { find } = setUp(stopping);
    const fleet = Array.from({ length: 12 }, (_, index) => nameless(`i-${index + 10}`, 100 - index));
    const found = await find(fleet);
    expect(asks()).toEqual(['i-21', 'i-20', 'i-19', 'i-18', 'i-17']);
    // The others wait until they were asked for.
    expect(found.map(([id]) => id)).toEqual(['i-21', 'i-20', 'i-19', 'i-18', 'i-17']);
    await find(fleet);
    expect(asks().slice(5)).toEqual(['i-16', 'i-15', 'i-14', 'i-13', 'i-12']);
  });

  it('are asked for again where CloudTrail could not be asked', async () => {
    cloudtrail.on(LookupEventsCommand).rejectsOnce(awsError('ThrottlingException', 'Rate exceeded'));
    const { find, errors } = setUp(stopping);
    expect(await find([nameless('i-1', 30)])).toEqual([]);
    expect(errors).toHaveLength(1);
    known('i-1');
    expect(await find([nameless('i-1', 35)])).toEqual([['i-1', 'ana']]);
  });
});
