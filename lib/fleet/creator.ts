import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { readCreation } from '../signals/cloudtrail.ts';
import { parseJsonDocument } from '../signals/json.ts';
import type { Resource } from '../types/resource.ts';

/**
 * Who made each of these resources of one region, for people, by ARN; absent = CloudTrail does not say. One request a
 * resource, one after the other: AWS allows two a second in a region. Management events of the last 90 days are kept
 * without any trail, and are there up to 15 minutes after the call (CloudTrail user guide, "Working with CloudTrail
 * event history"). The newest 50 events that name the resource are read: of one that was made long ago and much used,
 * the call that made it may not be among them.
 * @throws what CloudTrail answers
 */
export async function lookUpCreators(
  cloudtrail: CloudTrailClient,
  resources: readonly Resource[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const resource of resources) {
    const who = await lookUp(cloudtrail, resource);
    if (who !== undefined) found.set(resource.arn, who);
  }
  return found;
}

/**
 * CloudTrail knows an instance by its id and a database by its name; that it knows what SageMaker makes by the name as
 * well is inferred (unverified): where it does not, nothing is found.
 */
async function lookUp(cloudtrail: CloudTrailClient, resource: Resource): Promise<string | undefined> {
  const { Events } = await cloudtrail.send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: resource.id }],
      MaxResults: 50,
    }),
  );
  const creations = (Events ?? []).flatMap(({ CloudTrailEvent: text }) => {
    const record = parseJsonDocument(text ?? '');
    const creation = record.json ? readCreation(record.value) : undefined;
    return creation?.resources.some(({ kind, id }) => kind === resource.kind && id === resource.id) === true
      ? [creation]
      : [];
  });
  // A name may be used again; the last one to make it made this one.
  return creations.toSorted((a, b) => b.at.getTime() - a.at.getTime()).find(({ who }) => who !== undefined)
    ?.who;
}
