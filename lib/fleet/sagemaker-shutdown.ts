import { DeleteEndpointCommand, type ProductionVariantSummary } from '@aws-sdk/client-sagemaker';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import type { StopContext } from './kind.ts';
import { capacityBefore, savedTarget, targetBefore, variantCapacities } from './sagemaker-capacity.ts';
import { PartMissing, refusal } from './sagemaker-errors.ts';
import { heldFewest } from './sagemaker-fewest.ts';
import { type EndpointConfig, findConfig, findEndpoint, requireModels } from './sagemaker-parts.ts';
import type { FewestRecord } from './sagemaker-record.ts';
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
async function endpointRecord(endpoint: Resource, context: StopContext) {
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
  // One that its hours have scaled down comes back as it was before that.
  const held = await heldFewest(endpoint, context);
  const scaling = await readScaling(variantIds(endpoint), context);
  return {
    endpointName: endpoint.id,
    endpointConfigName,
    endpointConfig,
    variants: (live.ProductionVariants ?? []).map((variant) => asBefore(variant, held)),
    shadowVariants: live.ShadowProductionVariants ?? [],
    models,
    tags: endpoint.tags,
    ...scaling,
    scalableTargets: scaling.scalableTargets.flatMap(savedTarget).map((target) => targetBefore(target, held)),
  };
}

/** A variant with the capacity that it had before a scale-down that still holds it. */
function asBefore(
  variant: ProductionVariantSummary,
  held: FewestRecord | undefined,
): ProductionVariantSummary {
  const [now] = variantCapacities({ ProductionVariants: [variant] });
  const before = now && capacityBefore(now, held);
  if (before === undefined || before === now) return variant;
  if (before.of === 'instances') return { ...variant, DesiredInstanceCount: before.count };
  const serverless = variant.DesiredServerlessConfig ?? variant.CurrentServerlessConfig;
  return serverless === undefined
    ? variant
    : { ...variant, DesiredServerlessConfig: { ...serverless, ProvisionedConcurrency: before.count } };
}

/** What Application Auto Scaling calls its variants. */
const variantIds = ({ id, parts = [] }: Resource): readonly string[] =>
  parts.map(({ name }) => `endpoint/${id}/variant/${name}`);

/** Several variants may share a model. */
function modelNames({ ProductionVariants, ShadowProductionVariants }: EndpointConfig): readonly string[] {
  const variants = [...(ProductionVariants ?? []), ...(ShadowProductionVariants ?? [])];
  return [...new Set(variants.flatMap(({ ModelName }) => (ModelName === undefined ? [] : [ModelName])))];
}
