import type { FleetContext, Restored } from './kind.ts';
import {
  componentCapacities,
  FEWEST,
  isHeld,
  registerTarget,
  setCapacity,
  variantCapacities,
} from './sagemaker-capacity.ts';
import { isChanging, readComponents } from './sagemaker-components.ts';
import { findEndpoint } from './sagemaker-parts.ts';
import type { Capacity, FewestRecord } from './sagemaker-record.ts';
import { failed, leftAlone, taken, waiting } from './sagemaker-restored.ts';
import { scalableTargets } from './sagemaker-scaling.ts';

/**
 * Gives an endpoint that was scaled down the capacity back that it had, and then its scaling. Only what still stands as
 * the scale-down left it: what people have changed since is theirs. In steps: it updates for minutes after each variant,
 * and its scaling would move what is not back yet.
 */
export async function restoreCapacity(record: FewestRecord, context: FleetContext): Promise<Restored> {
  const at = context.now();
  const { endpointName, capacities: saved } = record;
  const live = await findEndpoint(endpointName, context);
  if (live === undefined) return leftAlone(at, 'Gone', 'The endpoint was deleted meanwhile.');
  switch (live.EndpointStatus) {
    case 'InService':
      break;
    case 'Failed':
    case 'OutOfService':
    case 'UpdateRollbackFailed':
      return failed(
        at,
        live.EndpointStatus,
        `It is out of service: ${live.FailureReason ?? 'SageMaker names no reason.'}`,
      );
    default:
      return waiting(at, `It is ${live.EndpointStatus ?? 'between two states'}; the rest follows.`);
  }
  const copies = saved.filter(({ of }) => of === 'copies');
  const components = await readComponents(
    copies.map(({ name }) => name),
    context,
  );
  const changing = components.find(isChanging);
  if (changing !== undefined)
    return waiting(at, `Its inference component ${changing.name} is ${changing.status}.`);

  const down = stillDown(saved, [...variantCapacities(live), ...componentCapacities(components)]);
  const [variant] = down.filter(({ of }) => of !== 'copies');
  if (variant !== undefined && live.FailureReason !== undefined && live.FailureReason !== record.failure) {
    // A new reason for failure on an endpoint in service is that of an update that was taken back: not tried for ever.
    return failed(at, 'UpdateTakenBack', `SageMaker took its last update back: ${live.FailureReason}`);
  }
  if (variant !== undefined) {
    await setCapacity(endpointName, variant, context);
    return taken(at, `Its variant ${variant.name} gets ${variant.count} back; the rest follows.`, false);
  }
  for (const one of down) await setCapacity(endpointName, one, context);
  if (down.length > 0) {
    const what = down.map(({ name, count }) => `${name} (${count})`).join(', ');
    return taken(at, `Copies are being brought back: ${what}; the rest follows.`, false);
  }
  const freed = await freeTargets(record, context);
  return freed === 0
    ? leftAlone(at, 'AlreadyRunning', 'It has the capacity that it had, or that people gave it since.')
    : taken(at, 'It has its capacity back, and scales by itself as before.', true);
}

/** Those that are as few as the scale-down made them. */
const stillDown = (saved: readonly Capacity[], now: readonly Capacity[]): readonly Capacity[] =>
  saved.filter(
    ({ of, name, count }) =>
      count > FEWEST && now.some((one) => one.of === of && one.name === name && one.count === FEWEST),
  );

/** Lets what was held scale as before. @returns how many there were. */
async function freeTargets({ targets }: FewestRecord, context: FleetContext): Promise<number> {
  const found = await scalableTargets(
    targets.map(({ ResourceId }) => ResourceId),
    context,
  );
  const held = targets.filter((target) => found.some((now) => isHeld(now, target)));
  for (const target of held) await registerTarget(target, context);
  return held.length;
}

/** Lets the scaling of what is held go on, at the least that it is held at: before it is taken down wholly. */
export async function resumeScaling({ targets }: FewestRecord, context: FleetContext): Promise<void> {
  const found = await scalableTargets(
    targets.map(({ ResourceId }) => ResourceId),
    context,
  );
  for (const target of targets) {
    const now = found.find((one) => isHeld(one, target));
    if (now?.MinCapacity === undefined) continue;
    await registerTarget({ ...target, MinCapacity: now.MinCapacity }, context);
  }
}
