import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import type { StopContext } from './kind.ts';
import { capacityBefore } from './sagemaker-capacity.ts';
import {
  type Component,
  componentNames,
  isChanging,
  readComponents,
  setCopies,
  setLeastCopies,
} from './sagemaker-components.ts';
import { mayPass, refusal } from './sagemaker-errors.ts';
import { heldFewest } from './sagemaker-fewest.ts';
import { resumeScaling } from './sagemaker-fewest-back.ts';
import { type ComponentsRecord, ComponentsRecordSchema, type FewestRecord } from './sagemaker-record.ts';

/**
 * Takes all copies of an endpoint's inference components away. Its instances then leave by themselves, since its
 * variants may shrink to none (others are protected). The endpoint, its components and their scaling stay.
 */
export async function scaleToZero(endpoint: Resource, context: StopContext): Promise<Outcome> {
  const at = context.now();
  try {
    const components = await readComponents(await componentNames(endpoint.id, context), context);
    const changing = components.find(isChanging);
    if (changing !== undefined) {
      return {
        status: 'failed',
        at,
        code: 'InProgress',
        detail: `Its inference component ${changing.name} is ${changing.status}.`,
        retry: true,
      };
    }
    const up = components.filter((one) => one.copies > 0 || (one.leastCopies ?? 0) > 0);
    if (up.length === 0) {
      return {
        status: 'skipped',
        at,
        code: 'AlreadyStopped',
        detail: 'Its inference components have no copies; its instances leave by themselves.',
      };
    }
    // One that its hours have scaled down comes back as it was before that.
    const held = await heldFewest(endpoint, context);
    const before = components.map((one) => componentBefore(one, held));
    const record = recordOf(endpoint, before, await brokenOff(endpoint, context), at);
    await context.saveRestore(endpoint, record);
    if (held !== undefined) await resumeScaling(held, context);
    await takeAway(up, context);
    return {
      status: 'taken',
      at,
      detail: `Scaled to zero: the copies of ${up.map(({ name }) => name).join(', ')} are taken away and its instances leave by themselves; the endpoint stays.`,
    };
  } catch (error) {
    return refusal(error, at);
  }
}

function componentBefore(component: Component, held: FewestRecord | undefined): Component {
  const { name, copies } = component;
  const target = held?.targets.find(({ ResourceId }) => ResourceId === `inference-component/${name}`);
  return {
    ...component,
    copies: capacityBefore({ of: 'copies', name, count: copies }, held).count,
    leastCopies: target?.MinCapacity ?? component.leastCopies,
  };
}

/**
 * All or none: where one is refused for good, those before it get their copies back, since nothing is saved while one
 * still runs. After a refusal for now the rest follows with the retry.
 */
async function takeAway(components: readonly Component[], context: StopContext): Promise<void> {
  const begun: Component[] = [];
  try {
    for (const one of components) {
      begun.push(one);
      // First the least number: autoscaling would bring the copies back.
      if ((one.leastCopies ?? 0) > 0) await setLeastCopies(one.name, 0, context);
      if (one.copies > 0) await setCopies(one.name, 0, context);
    }
  } catch (error) {
    if (!mayPass(error)) await giveBack(begun, context);
    throw error;
  }
}

/** As far as it goes: what is refused here as well is told by the refusal that led here, and its record is kept. */
async function giveBack(components: readonly Component[], context: StopContext): Promise<void> {
  await Promise.allSettled(
    components.map(async ({ name, copies, leastCopies }) => {
      if (copies > 0) await setCopies(name, copies, context);
      if (leastCopies !== undefined && leastCopies > 0) await setLeastCopies(name, leastCopies, context);
    }),
  );
}

/** A stop that broke off is taken up again within minutes; what was saved longer ago, people have changed since. */
const BROKEN_OFF_MS = 3_600_000;

/** What a stop that broke off between two components has saved; `undefined` where there was none. */
async function brokenOff(endpoint: Resource, context: StopContext): Promise<ComponentsRecord | undefined> {
  const parsed = ComponentsRecordSchema.safeParse(await context.unrestored?.(endpoint));
  if (!parsed.success) return undefined;
  const age = context.now().getTime() - Date.parse(parsed.data.savedAt);
  return age <= BROKEN_OFF_MS ? parsed.data : undefined;
}

/** How the components are, or were before a stop that broke off took the copies of some. */
function recordOf(
  endpoint: Resource,
  components: readonly Component[],
  earlier: ComponentsRecord | undefined,
  at: Date,
): ComponentsRecord {
  return {
    endpointName: endpoint.id,
    // The first of the attempts counts: retries do not prolong it.
    savedAt: earlier?.savedAt ?? at.toISOString(),
    components: components.map(({ name, copies, leastCopies }) => {
      const before = earlier?.components.find((one) => one.name === name);
      const least = Math.max(leastCopies ?? 0, before?.leastCopies ?? 0);
      return {
        name,
        copies: copies > 0 ? copies : (before?.copies ?? 0),
        ...(least === 0 ? {} : { leastCopies: least }),
      };
    }),
  };
}
