import type { FleetContext, Restored } from './kind.ts';
import {
  type Component,
  isChanging,
  readComponents,
  setCopies,
  setLeastCopies,
} from './sagemaker-components.ts';
import { findEndpoint } from './sagemaker-parts.ts';
import type { ComponentsRecord } from './sagemaker-record.ts';
import { failed, leftAlone, taken, waiting } from './sagemaker-restored.ts';

/** Gives inference components the copies back that they had. One that has copies, or was deleted, is left as it is. */
export async function restoreComponents(
  { endpointName, components: saved }: ComponentsRecord,
  context: FleetContext,
): Promise<Restored> {
  const at = context.now();
  if ((await findEndpoint(endpointName, context)) === undefined) {
    return leftAlone(at, 'Gone', 'The endpoint was deleted, with its inference components.');
  }
  const found = await readComponents(
    saved.map(({ name }) => name),
    context,
  );
  const changing = found.find(isChanging);
  if (changing !== undefined) {
    return waiting(at, `Its inference component ${changing.name} is ${changing.status}.`);
  }
  const done: string[] = [];
  for (const one of saved) {
    const now = found.find(({ name }) => name === one.name);
    if (now !== undefined && (await scaleUp(one, now, context))) done.push(`${one.name} (${one.copies})`);
  }
  const gone = saved.filter(({ name }) => !found.some((one) => one.name === name));
  const note = gone.length === 0 ? '' : ` Deleted meanwhile: ${gone.map(({ name }) => name).join(', ')}.`;
  if (done.length > 0) return taken(at, `Copies are being brought back: ${done.join(', ')}.${note}`, false);
  const broken = found.find(({ status }) => status === 'Failed');
  if (broken !== undefined) {
    const reason = broken.failure ?? 'SageMaker names no reason.';
    return failed(at, 'Failed', `Its inference component ${broken.name} has failed: ${reason}${note}`);
  }
  return leftAlone(at, 'AlreadyRunning', `Its inference components have their copies.${note}`);
}

/** True where something was missing. */
async function scaleUp(
  { name, copies, leastCopies = 0 }: ComponentsRecord['components'][number],
  now: Component,
  context: FleetContext,
): Promise<boolean> {
  const bringCopies = copies > 0 && now.copies === 0;
  const bringLeast = leastCopies > 0 && now.leastCopies === 0;
  if (bringCopies) await setCopies(name, copies, context);
  if (bringLeast) await setLeastCopies(name, leastCopies, context);
  return bringCopies || bringLeast;
}
