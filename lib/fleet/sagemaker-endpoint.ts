import { paginateListEndpoints } from '@aws-sdk/client-sagemaker';
import { mapLimited } from '../types/lists.ts';
import type { Kind } from './kind.ts';
import { queuedRequests } from './sagemaker-backlog.ts';
import { endpointPermissions } from './sagemaker-endpoint-permissions.ts';
import { readEndpoints } from './sagemaker-endpoint-read.ts';
import { scaleToFewest } from './sagemaker-fewest.ts';
import { ASYNCHRONOUS, COMPONENTS } from './sagemaker-form.ts';
import { restoreEndpoint } from './sagemaker-restore.ts';
import { scaleToZero } from './sagemaker-scale-down.ts';
import { shutDown } from './sagemaker-shutdown.ts';
import { endpointSignals } from './sagemaker-signals.ts';

/**
 * SageMaker endpoints of every sort. There is no stop: the endpoint is deleted, its configuration and model stay, and
 * what would be lost with it is saved first. One that hosts inference components is scaled to zero instead. A schedule
 * may have it scaled down instead.
 */
export const sagemakerEndpoint: Kind = {
  kind: 'sagemaker-endpoint',
  title: 'SageMaker endpoint',
  billedAs: 'Amazon SageMaker',
  stopped: 'shut down',
  restored: 'brought back',
  permissions: endpointPermissions,
  discover: async (context) => {
    const names: string[] = [];
    for await (const page of paginateListEndpoints(
      { client: context.clients.sagemaker, pageSize: 100 },
      {},
    )) {
      for (const { EndpointName } of page.Endpoints ?? [])
        if (EndpointName !== undefined) names.push(EndpointName);
    }
    return readEndpoints(names, context);
  },
  describe: readEndpoints,
  signals: endpointSignals,
  inspect: (resources, context) =>
    queuedRequests(
      resources.filter(({ form }) => form === ASYNCHRONOUS),
      context,
    ),
  // Bringing it back takes its configuration and, for its tags and scaling, the restore record.
  undo: () => undefined,
  stop: async (resources, context) =>
    new Map(
      await mapLimited(
        resources,
        2,
        async (one) =>
          [one.arn, await (one.form === COMPONENTS ? scaleToZero : shutDown)(one, context)] as const,
      ),
    ),
  scaleDown: async (resources, context) =>
    new Map(
      await mapLimited(resources, 2, async (one) => [one.arn, await scaleToFewest(one, context)] as const),
    ),
  restore: restoreEndpoint,
};
