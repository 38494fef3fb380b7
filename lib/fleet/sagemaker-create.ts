import { CreateEndpointCommand, CreateEndpointConfigCommand, type Tag } from '@aws-sdk/client-sagemaker';
import { agrees } from './agrees.ts';
import { errorCode, errorMessage } from './aws-errors.ts';
import type { FleetContext, Restored } from './kind.ts';
import { isMissing, isTaken, PartMissing } from './sagemaker-errors.ts';
import { findConfig, requireModels } from './sagemaker-parts.ts';
import type { EndpointRecord } from './sagemaker-record.ts';
import { failed, leftAlone, taken, waiting } from './sagemaker-restored.ts';

/** Creates a deleted endpoint again, with its configuration where that was deleted too. The rest follows in service. */
export async function createAgain(record: EndpointRecord, context: FleetContext): Promise<Restored> {
  const at = context.now();
  const { endpointName: EndpointName, endpointConfigName: EndpointConfigName } = record;
  try {
    await requireModels(record.models, context);
  } catch (error) {
    if (error instanceof PartMissing) return failed(at, error.name, error.message);
    throw error;
  }
  const config = await findConfig(EndpointConfigName, context);
  if (config !== undefined && !agrees(record.endpointConfig, config)) {
    return leftAlone(
      at,
      'ChangedByHand',
      `Its configuration ${EndpointConfigName} was made anew with other content: create the endpoint by hand with the one that is meant.`,
    );
  }
  if (config === undefined) {
    const { ExecutionRoleArn } = record.endpointConfig;
    if (ExecutionRoleArn !== undefined) {
      return failed(
        at,
        'EndpointConfigMissing',
        `Its configuration ${EndpointConfigName} was deleted, and carries the role ${ExecutionRoleArn}, which Bursar may not pass on: create it by hand, then restore again.`,
      );
    }
    await context.clients.sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName,
        ...record.endpointConfig,
        Tags: ownTags(record),
      }),
    );
  }
  try {
    await context.clients.sagemaker.send(
      new CreateEndpointCommand({ EndpointName, EndpointConfigName, Tags: ownTags(record) }),
    );
  } catch (error) {
    if (isTaken(error)) return waiting(at, 'An endpoint of that name has just been created.');
    // AWS finds a configuration that was just made only after a moment, and says to try again.
    if (config === undefined && isMissing(error)) {
      return failed(at, errorCode(error), errorMessage(error), true);
    }
    throw error;
  }
  const made = config === undefined ? ` Its configuration ${EndpointConfigName} was created again too.` : '';
  return taken(at, `It is being created; its scaling follows when it is in service.${made}`, false);
}

/** Its tags without those of AWS itself, which nobody else may set. */
export const ownTags = ({ tags }: EndpointRecord): Tag[] =>
  Object.entries(tags)
    .filter(([Key]) => !/^aws:/i.test(Key))
    .map(([Key, Value]) => ({ Key, Value }));
