import type * as z from 'zod';
import type { Resource } from '../types/resource.ts';
import { errorCode, errorMessage } from './aws-errors.ts';
import type { FleetContext, Restored } from './kind.ts';
import { createAgain } from './sagemaker-create.ts';
import { mayPass } from './sagemaker-errors.ts';
import { restoreCapacity } from './sagemaker-fewest-back.ts';
import { finishEndpoint } from './sagemaker-finish.ts';
import { findEndpoint } from './sagemaker-parts.ts';
import {
  ComponentsRecordSchema,
  type EndpointRecord,
  EndpointRecordSchema,
  FewestRecordSchema,
} from './sagemaker-record.ts';
import { failed, leftAlone, waiting } from './sagemaker-restored.ts';
import { restoreComponents } from './sagemaker-scale-up.ts';

/**
 * Brings an endpoint back from what was saved before it was shut down, scaled to zero or scaled down. In steps: an endpoint takes
 * minutes to create, and only one in service takes its weights and its scaling.
 */
export async function restoreEndpoint(
  { id }: Resource,
  record: unknown,
  context: FleetContext,
): Promise<Restored> {
  const at = context.now();
  try {
    const components = ComponentsRecordSchema.safeParse(record);
    if (components.success) return await restoreComponents(components.data, context);
    const fewest = FewestRecordSchema.safeParse(record);
    if (fewest.success) return await restoreCapacity(fewest.data, context);
    const endpoint = EndpointRecordSchema.safeParse(record);
    if (endpoint.success) return await restoreDeleted(endpoint.data, context);
    return failed(
      at,
      'UnreadableRecord',
      `What was saved of ${id} is of a form that this version cannot read (${firstIssue(endpoint.error)}).`,
    );
  } catch (error) {
    return failed(at, errorCode(error), errorMessage(error), mayPass(error));
  }
}

const firstIssue = ({ issues }: z.ZodError): string => {
  const [issue] = issues;
  return issue === undefined ? 'no reason' : `${issue.path.join('.') || 'the record'}: ${issue.message}`;
};

async function restoreDeleted(record: EndpointRecord, context: FleetContext): Promise<Restored> {
  const at = context.now();
  const live = await findEndpoint(record.endpointName, context);
  if (live === undefined) return createAgain(record, context);
  if (live.EndpointStatus === 'Deleting') {
    return waiting(at, 'It is still being deleted; it is created again when that has ended.');
  }
  if (live.EndpointConfigName !== record.endpointConfigName) {
    return leftAlone(
      at,
      'ChangedByHand',
      `An endpoint of that name exists with the configuration ${live.EndpointConfigName ?? 'unknown'}, not ${record.endpointConfigName}: it is left as it is.`,
    );
  }
  switch (live.EndpointStatus) {
    case 'InService':
      return finishEndpoint(record, live, context);
    case 'Failed':
    case 'OutOfService':
    case 'UpdateRollbackFailed':
      return failed(
        at,
        live.EndpointStatus,
        `It could not be brought into service: ${live.FailureReason ?? 'SageMaker names no reason'} Delete it, then restore it again.`,
      );
    default:
      return waiting(
        at,
        `It is ${live.EndpointStatus ?? 'between two states'}; what is missing follows when it is in service.`,
      );
  }
}
