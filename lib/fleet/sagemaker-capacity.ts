import { RegisterScalableTargetCommand, type ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import {
  type ProductionVariantSummary,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import type { FleetContext } from './kind.ts';
import { type Component, setCopies } from './sagemaker-components.ts';
import type { Capacity, FewestRecord, SavedTarget } from './sagemaker-record.ts';

/** The fewest instances, copies or provisioned concurrency that a variant or component can serve with. */
export const FEWEST = 1;

/** How many instances, or how much provisioned concurrency, each variant is to have. */
export function variantCapacities({
  ProductionVariants = [],
}: {
  readonly ProductionVariants?: readonly ProductionVariantSummary[] | undefined;
}): readonly Capacity[] {
  return ProductionVariants.flatMap((variant): readonly Capacity[] => {
    const { VariantName: name } = variant;
    if (name === undefined) return [];
    const instances = variant.DesiredInstanceCount ?? variant.CurrentInstanceCount;
    if (instances !== undefined) return [{ of: 'instances', name, count: instances }];
    const provisioned = (variant.DesiredServerlessConfig ?? variant.CurrentServerlessConfig)
      ?.ProvisionedConcurrency;
    return provisioned === undefined ? [] : [{ of: 'provisioned', name, count: provisioned }];
  });
}

/** How many copies each inference component is to have. */
export const componentCapacities = (components: readonly Component[]): readonly Capacity[] =>
  components.map(({ name, copies }) => ({ of: 'copies', name, count: copies }));

/** What Application Auto Scaling calls it. */
export const scaledId = (endpointName: string, { of, name }: Capacity): string =>
  of === 'copies' ? `inference-component/${name}` : `endpoint/${endpointName}/variant/${name}`;

/** Sets one capacity. */
export const setCapacity = (
  endpointName: string,
  capacity: Capacity,
  context: FleetContext,
): Promise<void> =>
  capacity.of === 'copies'
    ? setCopies(capacity.name, capacity.count, context)
    : setVariants(endpointName, [capacity], context);

/**
 * Sets capacities of variants by one call, after which the endpoint is updating for minutes and takes no other. Whether it
 * takes several is not certain: it is documented to change the "capacity of one variant", and takes a list
 * (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html).
 */
export async function setVariants(
  EndpointName: string,
  capacities: readonly Capacity[],
  { clients }: FleetContext,
): Promise<void> {
  await clients.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName,
      DesiredWeightsAndCapacities: capacities.map(({ of, name, count }) => ({
        VariantName: name,
        ...(of === 'instances'
          ? { DesiredInstanceCount: count }
          : { ServerlessUpdateConfig: { ProvisionedConcurrency: count } }),
      })),
    }),
  );
}

/** As it was read, where it has what is needed to put it back. */
export function savedTarget(target: ScalableTarget): readonly SavedTarget[] {
  const { ResourceId, ScalableDimension, MinCapacity, MaxCapacity, SuspendedState } = target;
  if (ResourceId === undefined || MinCapacity === undefined || MaxCapacity === undefined) return [];
  switch (ScalableDimension) {
    case 'sagemaker:variant:DesiredInstanceCount':
    case 'sagemaker:variant:DesiredProvisionedConcurrency':
    case 'sagemaker:inference-component:DesiredCopyCount':
      return [
        {
          ResourceId,
          ScalableDimension,
          MinCapacity,
          MaxCapacity,
          ...(SuspendedState === undefined ? {} : { SuspendedState }),
        },
      ];
    default:
      return [];
  }
}

/**
 * The same with the fewest as its least, which nothing scales out: neither a policy nor a schedule of its own. The range
 * still holds what runs now, so that registering it moves no capacity
 * (https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html).
 */
export const heldTarget = (target: SavedTarget): SavedTarget => ({
  ...target,
  MinCapacity: Math.min(target.MinCapacity, FEWEST),
  SuspendedState: {
    ...target.SuspendedState,
    DynamicScalingOutSuspended: true,
    ScheduledScalingSuspended: true,
  },
});

/** Registers a target whole: what is not suspended goes on. */
export async function registerTarget(
  { ResourceId, ScalableDimension, MinCapacity, MaxCapacity, SuspendedState }: SavedTarget,
  { clients }: FleetContext,
): Promise<void> {
  await clients.autoscaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'sagemaker',
      ResourceId,
      ScalableDimension,
      MinCapacity,
      MaxCapacity,
      SuspendedState: {
        DynamicScalingInSuspended: SuspendedState?.DynamicScalingInSuspended ?? false,
        DynamicScalingOutSuspended: SuspendedState?.DynamicScalingOutSuspended ?? false,
        ScheduledScalingSuspended: SuspendedState?.ScheduledScalingSuspended ?? false,
      },
    }),
  );
}

/** A scalable target, as AWS describes it or as it was saved. */
type Target = Pick<
  ScalableTarget,
  'ResourceId' | 'ScalableDimension' | 'MinCapacity' | 'MaxCapacity' | 'SuspendedState'
>;

const sameTarget = (
  one: Pick<Target, 'ResourceId' | 'ScalableDimension'>,
  other: Pick<SavedTarget, 'ResourceId' | 'ScalableDimension'>,
): boolean => one.ResourceId === other.ResourceId && one.ScalableDimension === other.ScalableDimension;

/** True where it still stands as the scale-down left it: people have not changed it since. */
export function isHeld(now: Target, saved: SavedTarget): boolean {
  const held = heldTarget(saved);
  const { SuspendedState } = now;
  return (
    sameTarget(now, saved) &&
    now.MinCapacity === held.MinCapacity &&
    now.MaxCapacity === held.MaxCapacity &&
    SuspendedState?.DynamicScalingOutSuspended === true &&
    SuspendedState.ScheduledScalingSuspended === true
  );
}

/** What a scalable target was before the scale-down that still holds it; itself where none does. */
export const targetBefore = (
  now: SavedTarget,
  held: Pick<FewestRecord, 'targets'> | undefined,
): SavedTarget => held?.targets.find((saved) => isHeld(now, saved)) ?? now;

/** What a capacity was before the scale-down that still holds it; itself where none does. */
export function capacityBefore(now: Capacity, held: Pick<FewestRecord, 'capacities'> | undefined): Capacity {
  const before = held?.capacities.find(({ of, name }) => of === now.of && name === now.name);
  return before !== undefined && now.count === FEWEST ? before : now;
}
