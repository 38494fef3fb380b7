import { putIn, regionOf } from './sagemaker-keys.ts';
import type { MemoryApp, MemoryJob, MemoryNotebook } from './sagemaker-kinds.ts';
import type { AccountState, MemoryEndpoint } from './state.ts';

/*
 * Entries are put in so that what becomes of them by itself is told at its time: an endpoint that comes into service, a
 * job that ends.
 */

/** Tells of each of the times that is to come. */
function later(
  state: AccountState,
  one: { readonly kind: string; readonly region: string; readonly id: string },
  times: readonly (Date | undefined)[],
): void {
  const now = state.now();
  for (const at of times) if (at !== undefined && at > now) state.touchAt(at, one);
}

export function putEndpoint(
  state: AccountState,
  one: MemoryEndpoint & { readonly deletedAt?: Date; readonly createdAgain?: true },
): void {
  const kind = 'sagemaker-endpoint';
  putIn(state, state.endpoints, kind, one);
  const counts = Object.values(one.live ?? {}).map(({ next }) => next?.at);
  later(state, { kind, region: regionOf(one), id: one.name }, [one.since, one.updatingUntil, ...counts]);
}

export function putNotebook(state: AccountState, one: MemoryNotebook): void {
  const kind = 'sagemaker-notebook';
  putIn(state, state.notebooks, kind, one);
  later(state, { kind, region: regionOf(one), id: one.name }, [one.since, one.stoppedAt]);
}

/** Its key is its id, in whose domain no other region has one. */
export function putApp(state: AccountState, id: string, one: MemoryApp): void {
  state.apps.set(id, one);
  const touched = { kind: 'sagemaker-studio-app', region: regionOf(one), id };
  later(state, touched, [one.since, one.deletedAt]);
}

export function putJob(state: AccountState, one: MemoryJob): void {
  const region = regionOf(one);
  const key = `${one.kind}/${one.name}`;
  const plain = state.jobs.get(key);
  const free = plain === undefined || regionOf(plain) === region;
  // The map tells of a job by its name, whatever its key.
  state.jobs.set(free ? key : `${region}/${key}`, one);
  later(state, { kind: one.kind, region, id: one.name }, [one.since, one.endsAt]);
}
