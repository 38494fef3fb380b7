import { DeleteEndpointCommand } from '@aws-sdk/client-sagemaker';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import type { FleetContext, StopContext } from './kind.ts';
import { PartMissing, refusal } from './sagemaker-errors.ts';
import { type EndpointConfig, findConfig, findEndpoint, requireModels } from './sagemaker-parts.ts';
import { readScaling } from './sagemaker-scaling.ts';

/** Saves all that deleting would lose, then deletes. Nothing is deleted where anything could not be saved. */
export async function shutDown(endpoint: Resource, context: StopContext): Promise<Outcome> {
  const at = context.now();
  try {
    const record = await endpointRecord(endpoint, context);
    if (record === undefined) {
      return { status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' };
    }
    await context.saveRestore(endpoint, record);
    await context.clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpoint.id }));
    return {
      status: 'taken',
      at,
      detail: `Shut down; its configuration ${record.endpointConfigName} and what a restore needs are kept.`,
    };
  } catch (error) {
    return refusal(error, at);
  }
}

/** What `EndpointRecordSchema` reads back; `undefined` where the endpoint is gone. */
async function endpointRecord(endpoint: Resource, context: FleetContext) {
  const live = await findEndpoint(endpoint.id, context);
  if (live === undefined) return undefined;
  const endpointConfigName = live.EndpointConfigName ?? '';
  const endpointConfig = await findConfig(endpointConfigName, context);
  if (endpointConfig === undefined) {
    throw new PartMissing(
      'EndpointConfigMissing',
      `Its endpoint configuration ${endpointConfigName} was deleted, so it could not be created again.`,
    );
  }
  const models = modelNames(endpointConfig);
  await requireModels(models, context);
  return {
    endpointName: endpoint.id,
    endpointConfigName,
    endpointConfig,
    variants: live.ProductionVariants ?? [],
    shadowVariants: live.ShadowProductionVariants ?? [],
    models,
    tags: endpoint.tags,
    ...(await readScaling(variantIds(endpoint), context)),
  };
}

/** What Application Auto Scaling calls its variants. */
const variantIds = ({ id, parts = [] }: Resource): readonly string[] =>
  parts.map(({ name }) => `endpoint/${id}/variant/${name}`);

/** Several variants may share a model. */
function modelNames({ ProductionVariants, ShadowProductionVariants }: EndpointConfig): readonly string[] {
  const variants = [...(ProductionVariants ?? []), ...(ShadowProductionVariants ?? [])];
  return [...new Set(variants.flatMap(({ ModelName }) => (ModelName === undefined ? [] : [ModelName])))];
}
