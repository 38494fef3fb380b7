import {
  ResourceGroupsTaggingAPIClient,
  TagResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { answering } from './answering.ts';
import type { AccountState } from './state.ts';

/** Tags instances and endpoints, and replaces what is there, as AWS does. */
export function taggingIn(
  { instances, endpoints }: AccountState,
  region: string,
): ResourceGroupsTaggingAPIClient {
  const client = new ResourceGroupsTaggingAPIClient({ region });
  return answering(client).on(TagResourcesCommand, ({ ResourceARNList = [], Tags = {} }) => {
    const missing = ResourceARNList.filter((arn) => {
      const name = arn.slice(arn.lastIndexOf('/') + 1);
      const instance = instances.get(name);
      const endpoint = endpoints.get(name);
      if (instance !== undefined) instances.set(name, { ...instance, tags: { ...instance.tags, ...Tags } });
      if (endpoint !== undefined) endpoints.set(name, { ...endpoint, tags: { ...endpoint.tags, ...Tags } });
      return instance === undefined && endpoint === undefined;
    });
    const failure = {
      StatusCode: 400,
      ErrorCode: 'InvalidParameterException',
      ErrorMessage: 'No such resource',
    };
    return { FailedResourcesMap: Object.fromEntries(missing.map((arn) => [arn, failure])) };
  }).client;
}
