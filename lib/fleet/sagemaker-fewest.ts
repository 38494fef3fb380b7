import type { ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import type { DescribeEndpointOutput } from '@aws-sdk/client-sagemaker';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { errorCode } from './aws-errors.ts';
import type { FleetContext, StopContext } from './kind.ts';
import {
  capacityBefore,
  componentCapacities,
  FEWEST,
  heldTarget,
  isHeld,
  registerTarget,
  savedTarget,
  scaledId,
  setCapacity,
  setVariants,
  targetBefore,
  variantCapacities,
} from './sagemaker-capacity.ts';
import { componentNames, isChanging, readComponents } from './sagemaker-components.ts';
import { mayPass, refusal } from './sagemaker-errors.ts';
import { COMPONENTS } from './sagemaker-form.ts';
import { findEndpoint } from './sagemaker-parts.ts';
import {
  type Capacity,
  type FewestRecord,
  FewestRecordSchema,
  type SavedTarget,
} from './sagemaker-record.ts';
import { scalableTargets } from './sagemaker-scaling.ts';

/**
 * Scales an endpoint down to the fewest instances that each variant can serve with, one, and inference components to a
 * copy each; their own scaling is held there until the restore. What scales to zero by itself is left alone. Where several
 * variants cannot go down at once, the outcome is `ScalingDown` until the last has: it is to be asked for again.
 */
export async function scaleToFewest(endpoint: Resource, context: StopContext): Promise<Outcome> {
  const at = context.now();
  const skipped = (code: string, detail: string): Outcome => ({ status: 'skipped', at, code, detail });
  try {
    const live = await findEndpoint(endpoint.id, context);
    if (live === undefined) return skipped('Gone', 'It no longer exists.');
    const capacities = await capacitiesOf(endpoint, live, context);
    if (typeof capacities === 'string') {
      return { status: 'failed', at, code: 'InProgress', detail: capacities, retry: true };
    }
    const found = await scalableTargets(
      capacities.map((one) => scaledId(endpoint.id, one)),
      context,
    );
    const above = capacities.filter((one) => one.count > FEWEST && !scalesToZero(endpoint.id, one, found));
    if (above.length === 0) {
      return skipped('AlreadyStopped', 'It runs on the fewest instances that it can serve with.');
    }
    const earlier = await brokenOff(endpoint, context);
    const targets = found
      .flatMap(savedTarget)
      .filter(({ MinCapacity }) => MinCapacity > 0)
      .map((target) => targetBefore(target, earlier));
    await context.saveRestore(
      endpoint,
      recordOf(endpoint, live, { capacities, above, targets }, earlier, at),
    );
    return await bringDown(endpoint.id, above, { targets, found }, context);
  } catch (error) {
    return refusal(error, at);
  }
}

/** A sentence where one of its components is between two states. */
async function capacitiesOf(
  { id, form }: Resource,
  live: DescribeEndpointOutput,
  context: FleetContext,
): Promise<readonly Capacity[] | string> {
  if (form !== COMPONENTS) return variantCapacities(live);
  const components = await readComponents(await componentNames(id, context), context);
  const changing = components.find(isChanging);
  return changing === undefined
    ? componentCapacities(components)
    : `Its inference component ${changing.name} is ${changing.status}.`;
}

/** Its own scaling takes it down to nothing while nobody asks: one instance all the time would cost more. */
const scalesToZero = (
  endpointName: string,
  capacity: Capacity,
  targets: readonly ScalableTarget[],
): boolean =>
  targets.some(
    ({ ResourceId, MinCapacity }) => ResourceId === scaledId(endpointName, capacity) && MinCapacity === 0,
  );

/** Scaling is held first: it would bring the capacity back. Where it is refused for good, scaling goes on as before. */
async function bringDown(
  endpointName: string,
  above: readonly Capacity[],
  { targets, found }: { readonly targets: readonly SavedTarget[]; readonly found: readonly ScalableTarget[] },
  context: FleetContext,
): Promise<Outcome> {
  const at = context.now();
  const free = targets.filter((target) => !found.some((now) => isHeld(now, target)));
  let done: readonly Capacity[];
  try {
    for (const target of free) await registerTarget(heldTarget(target), context);
    done = await setFewest(endpointName, above, context);
  } catch (error) {
    if (!mayPass(error)) {
      // As far as it goes: what led here is told.
      await Promise.allSettled(free.map((target) => registerTarget(target, context)));
    }
    throw error;
  }
  const later = above.filter((one) => !done.includes(one));
  if (later.length > 0) {
    const [first] = done;
    return {
      status: 'skipped',
      at,
      code: 'ScalingDown',
      detail: `Its variant ${first?.name} goes down to ${FEWEST}; ${later.map(({ name }) => name).join(', ')} follow.`,
    };
  }
  return { status: 'taken', at, detail: detailOf(done, targets) };
}

/** Sets them to the fewest. @returns those that were: of several variants maybe the first alone (`setVariants`). */
async function setFewest(
  endpointName: string,
  above: readonly Capacity[],
  context: FleetContext,
): Promise<readonly Capacity[]> {
  const fewest = above.map((one) => ({ ...one, count: FEWEST }));
  const [first] = fewest;
  if (first === undefined || first.of === 'copies') {
    for (const one of fewest) await setCapacity(endpointName, one, context);
    return above;
  }
  try {
    await setVariants(endpointName, fewest, context);
    return above;
  } catch (error) {
    if (fewest.length === 1 || errorCode(error) !== 'ValidationException' || mayPass(error)) throw error;
    await setVariants(endpointName, [first], context);
    return above.slice(0, 1);
  }
}

const UNITS: Readonly<Record<Capacity['of'], string>> = {
  instances: 'instance',
  provisioned: 'provisioned concurrency',
  copies: 'copy',
};

function detailOf(done: readonly Capacity[], targets: readonly SavedTarget[]): string {
  const parts = done.map(({ of, name, count }) => `${name} from ${count} to ${FEWEST} ${UNITS[of]}`);
  const scaling = targets.length === 0 ? '' : '; until then it does not scale out';
  return `Scaled down: ${parts.join(', ')}. It still serves; what it had comes back with the restore${scaling}.`;
}

/** A scale-down that broke off, or goes variant by variant, is gone on with within minutes. Milliseconds. */
const BROKEN_OFF_MS = 3_600_000;

async function brokenOff(endpoint: Resource, context: StopContext): Promise<FewestRecord | undefined> {
  const held = await heldFewest(endpoint, context);
  const age = held === undefined ? 0 : context.now().getTime() - Date.parse(held.savedAt);
  return age <= BROKEN_OFF_MS ? held : undefined;
}

/** What a scale-down saved of it that no restore has used yet. */
export async function heldFewest(
  endpoint: Resource,
  context: StopContext,
): Promise<FewestRecord | undefined> {
  return FewestRecordSchema.safeParse(await context.unrestored?.(endpoint)).data;
}

/** How all is, or was before a scale-down that is not finished. */
function recordOf(
  { id }: Resource,
  { FailureReason }: DescribeEndpointOutput,
  now: {
    readonly capacities: readonly Capacity[];
    readonly above: readonly Capacity[];
    readonly targets: readonly SavedTarget[];
  },
  earlier: FewestRecord | undefined,
  at: Date,
): FewestRecord {
  const failure = earlier === undefined ? FailureReason : earlier.failure;
  return {
    endpointName: id,
    // The first of the attempts counts: retries do not prolong it.
    savedAt: earlier?.savedAt ?? at.toISOString(),
    ...(failure === undefined ? {} : { failure }),
    capacities: now.capacities
      .map((one) => capacityBefore(one, earlier))
      .filter((one) => now.above.includes(one) || (earlier?.capacities.includes(one) ?? false)),
    targets: [...now.targets],
  };
}
