import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { lookUpCreators } from '../../lib/fleet/creator.ts';
import { record, runInstances } from '../signals/launch-events.ts';
import { awsError, instance } from './fixtures.ts';

/* Neither emulator answers LookupEvents. */
const cloudtrail = mockClient(CloudTrailClient);
const client = new CloudTrailClient({ region: 'us-east-1' });
beforeEach(() => {
  cloudtrail.reset();
  cloudtrail.onAnyCommand().resolves({});
});

const answer = (...records: readonly ReturnType<typeof record>[]) => ({
  Events: records.map((one) => ({ EventName: one.eventName, CloudTrailEvent: JSON.stringify(one) })),
});
const user = (userName: string) => ({ userIdentity: { type: 'IAMUser', userName } });

describe('who made a resource', () => {
  it('is asked by its name, once each, and found in the call that made it', async () => {
    cloudtrail
      .on(LookupEventsCommand, {
        LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: 'i-1' }],
      })
      .resolves(
        answer(
          record('ec2', 'StopInstances', user('bob')),
          record('ec2', 'CreateTags', user('carol')),
          runInstances(['i-2', 'i-1']),
        ),
      );
    const found = await lookUpCreators(client, [instance('i-1'), instance('i-2')]);
    expect([...found]).toEqual([[instance('i-1').arn, 'ana']]);
    expect(cloudtrail.commandCalls(LookupEventsCommand)).toHaveLength(2);
  });

  it('is whoever made it last, where its name was used again', async () => {
    const made = (who: string, eventTime: string) =>
      record('sagemaker', 'CreateEndpoint', {
        ...user(who),
        eventTime,
        requestParameters: { endpointName: 'ranker' },
      });
    cloudtrail
      .on(LookupEventsCommand)
      .resolves(answer(made('bob', '2026-11-01T00:00:00Z'), made('ana', '2026-11-25T00:00:00Z')));
    const endpoint = instance('ranker', { kind: 'sagemaker-endpoint' });
    expect([...(await lookUpCreators(client, [endpoint])).values()]).toEqual(['ana']);
  });

  it.each([
    ['another resource', runInstances(['i-9'])],
    [
      'another kind of that name',
      record('sagemaker', 'CreateEndpoint', { requestParameters: { endpointName: 'i-1' } }),
    ],
    ['a call that failed', runInstances(['i-1'], { errorCode: 'Client.Unsupported' })],
    ['nobody', runInstances(['i-1'], { userIdentity: { type: 'Unknown' } })],
  ])('is not known by the record of %s', async (_, one) => {
    cloudtrail.on(LookupEventsCommand).resolves(answer(one));
    expect(await lookUpCreators(client, [instance('i-1')])).toEqual(new Map());
  });

  it('is not known where a record cannot be read, or there is none', async () => {
    cloudtrail.on(LookupEventsCommand).resolves({ Events: [{ CloudTrailEvent: '{' }, {}] });
    expect(await lookUpCreators(client, [instance('i-1')])).toEqual(new Map());
    cloudtrail.on(LookupEventsCommand).resolves({});
    expect(await lookUpCreators(client, [instance('i-1')])).toEqual(new Map());
  });

  it('is left to the caller where CloudTrail cannot be asked', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('ThrottlingException', 'Rate exceeded'));
    await expect(lookUpCreators(client, [instance('i-1')])).rejects.toThrow('Rate exceeded');
  });
});
