import {
  ResourceGroupsTaggingAPIClient,
  TagResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { tagResources } from '../../lib/fleet/tag.ts';
import { awsError, instanceArn, instanceId, NOW } from './fixtures.ts';

// Refusals that no emulator makes; the rest is in tag-wire.test.ts.
const client = new ResourceGroupsTaggingAPIClient({ region: 'us-east-1' });
const mock = mockClient(client);
beforeEach(() => mock.reset());

const arns = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => instanceArn(instanceId(n + 1)));
const tag = (some: readonly string[]) =>
  tagResources(some, { owner: 'ana' }, { tagging: client, now: () => NOW });
const asked = () =>
  mock.commandCalls(TagResourcesCommand).map(({ args }) => args[0].input.ResourceARNList?.length);

it('asks for at most 20 a call, each once', async () => {
  mock.on(TagResourcesCommand).resolves({});
  const outcomes = await tag([...arns(45), ...arns(3)]);
  expect(asked()).toEqual([20, 20, 5]);
  expect([...outcomes.keys()]).toEqual(arns(45));
});

it('says what it wrote', async () => {
  mock.on(TagResourcesCommand).resolves({ FailedResourcesMap: {} });
  expect([...(await tag(arns(1))).values()]).toEqual([
    { status: 'taken', at: NOW, detail: 'Tagged owner=ana.' },
  ]);
});

describe('of what stands in FailedResourcesMap', () => {
  it.each([
    { info: { StatusCode: 500, ErrorCode: 'InternalServiceException' as const }, retry: true },
    { info: { StatusCode: 429, ErrorMessage: 'Rate exceeded' }, retry: true },
    { info: { StatusCode: 400, ErrorCode: 'InvalidParameterException' as const }, retry: false },
    { info: { StatusCode: 403, ErrorMessage: 'not authorized to perform: ec2:CreateTags' }, retry: false },
    { info: {}, retry: false },
  ])('$info is tried again: $retry', async ({ info, retry }) => {
    const [one = '', other = ''] = arns(2);
    mock.on(TagResourcesCommand).resolves({ FailedResourcesMap: { [one]: info } });
    const outcomes = await tag([one, other]);
    expect(outcomes.get(one)).toMatchObject({ status: 'failed', retry });
    expect(outcomes.get(other)?.status).toBe('taken');
  });
});

it('a call that is throttled fails all of it, for now', async () => {
  mock.on(TagResourcesCommand).rejects(awsError('ThrottledException', 'Slow down'));
  const outcomes = await tag(arns(3));
  expect([...outcomes.values()].map((one) => one.status === 'failed' && one.retry)).toEqual([
    true,
    true,
    true,
  ]);
  expect(asked()).toEqual([3]);
});

it('a call that is refused for one of them is halved', async () => {
  const [, bad = ''] = arns(4);
  mock.on(TagResourcesCommand).callsFake(({ ResourceARNList = [] }: { ResourceARNList?: string[] }) => {
    if (ResourceARNList.includes(bad)) throw awsError('InvalidParameterException', 'bad ARN');
    return {};
  });
  const outcomes = await tag(arns(4));
  expect(arns(4).map((arn) => outcomes.get(arn)?.status)).toEqual(['taken', 'failed', 'taken', 'taken']);
});
