import { regionOf } from './sagemaker-keys.ts';
import { putEndpoint } from './sagemaker-put.ts';
import type { LiveVariant, MemoryComponent, MemoryVariant } from './sagemaker-shape.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import type { AccountState, MemoryEndpoint } from './state.ts';

/** From a change of an endpoint's weights or counts until it is in service again. */
const UPDATING_MS = 3 * 60_000;
/** Until the instances of inference components have come or gone. */
const INSTANCES_MS = 5 * 60_000;
/** Until the copies of an inference component have. */
const COPIES_MS = 60_000;

const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** The variants of an endpoint as configured. */
export const variantsOf = ({ variants, type, instances }: MemoryEndpoint): readonly MemoryVariant[] =>
  variants ?? [{ name: 'main', type, instances: instances ?? 1 }];

const liveOf = ({ live }: MemoryEndpoint, name: string): LiveVariant =>
  live !== undefined && Object.hasOwn(live, name) ? (live[name] ?? {}) : {};

/** Instances that a variant has and is to have. */
export function countsOf(
  endpoint: MemoryEndpoint,
  { name, instances }: MemoryVariant,
  now: Date,
): { readonly current: number; readonly desired: number } {
  const { count = instances, next } = liveOf(endpoint, name);
  if (next === undefined) return { current: count, desired: count };
  return { current: next.at <= now ? next.count : count, desired: next.count };
}

export const weightOf = (endpoint: MemoryEndpoint, { name, weight = 1 }: MemoryVariant): number =>
  liveOf(endpoint, name).weight ?? weight;

/** What a serverless variant is given; `undefined` of any other. */
export function serverlessOf(endpoint: MemoryEndpoint, { name, serverless }: MemoryVariant) {
  if (serverless === undefined) return undefined;
  const { concurrency = serverless.concurrency, provisioned = serverless.provisioned } = liveOf(
    endpoint,
    name,
  );
  return {
    MemorySizeInMB: 2048,
    MaxConcurrency: concurrency,
    ...(provisioned === undefined ? {} : { ProvisionedConcurrency: provisioned }),
  };
}

/** What is asked of a variant; what is absent stays. */
export interface VariantChange {
  readonly name: string;
  readonly weight?: number | undefined;
  readonly count?: number | undefined;
  readonly provisioned?: number | undefined;
  readonly concurrency?: number | undefined;
}

/** The endpoint is updating for some minutes, and then has what was asked. */
export function updateVariants(
  state: AccountState,
  endpoint: MemoryEndpoint,
  changes: readonly VariantChange[],
): void {
  const now = state.now();
  const updatingUntil = after(now, UPDATING_MS);
  const moved = changes.reduce((one, { name, weight, count, provisioned, concurrency }) => {
    const variant = variantsOf(one).find((each) => each.name === name);
    if (variant === undefined) return one;
    return withLive(one, name, {
      ...(count === undefined ? {} : counting(one, variant, count, now, updatingUntil)),
      ...(weight === undefined ? {} : { weight }),
      ...(provisioned === undefined ? {} : { provisioned }),
      ...(concurrency === undefined ? {} : { concurrency }),
    });
  }, endpoint);
  putEndpoint(state, {
    ...moved,
    updatingUntil,
    since: now,
    createdAt: endpoint.createdAt ?? endpoint.since,
  });
}

const counting = (
  endpoint: MemoryEndpoint,
  variant: MemoryVariant,
  count: number,
  now: Date,
  at: Date,
): LiveVariant => ({ count: countsOf(endpoint, variant, now).current, next: { count, at } });

const withLive = (endpoint: MemoryEndpoint, name: string, more: LiveVariant): MemoryEndpoint => ({
  ...endpoint,
  live: { ...endpoint.live, [name]: { ...liveOf(endpoint, name), ...more } },
});

const keyOf = (region: string, name: string): string => `${region}/${name}`;

/** Puts an inference component on an endpoint of that region. */
export function putComponent(state: AccountState, region: string, component: MemoryComponent): void {
  const { components, componentsOf } = sagemakerOf(state);
  components.set(keyOf(region, component.name), component);
  const of = keyOf(region, component.endpoint);
  componentsOf.set(of, (componentsOf.get(of) ?? new Set()).add(component.name));
}

/** Takes it away. */
export function dropComponent(
  state: AccountState,
  region: string,
  { name, endpoint }: MemoryComponent,
): void {
  const { components, componentsOf } = sagemakerOf(state);
  components.delete(keyOf(region, name));
  componentsOf.get(keyOf(region, endpoint))?.delete(name);
}

/** The inference components of an endpoint. */
export function componentsIn(
  state: AccountState,
  region: string,
  endpoint: string,
): readonly MemoryComponent[] {
  const { components, componentsOf } = sagemakerOf(state);
  return [...(componentsOf.get(keyOf(region, endpoint)) ?? [])].flatMap(
    (name) => components.get(keyOf(region, name)) ?? [],
  );
}

/**
 * Gives a component another number of copies. Where that leaves its endpoint without any, the instances of its managed
 * variants leave down to their least number; where it brings the first, they come.
 */
export function setComponentCopies(
  state: AccountState,
  endpoint: MemoryEndpoint,
  component: MemoryComponent,
  copies: number,
): void {
  const now = state.now();
  const region = regionOf(endpoint);
  putComponent(state, region, {
    ...component,
    copies,
    before: { copies: copiesNow(component, now), until: after(now, COPIES_MS) },
  });
  const any = componentsIn(state, region, endpoint.name).some((one) => one.copies > 0);
  const at = after(now, INSTANCES_MS);
  let moved = endpoint;
  for (const variant of variantsOf(endpoint)) {
    const least = variant.hostsComponents?.least;
    if (least === undefined) continue;
    const { desired } = countsOf(moved, variant, now);
    const wanted = any ? Math.max(desired, least, 1) : least;
    if (wanted !== desired) {
      moved = withLive(moved, variant.name, counting(moved, variant, wanted, now, at));
    }
  }
  if (moved === endpoint) return;
  putEndpoint(state, moved);
}

/** Copies that a component has, which may still be on their way to those that it is to have. */
export const copiesNow = ({ copies, before }: MemoryComponent, now: Date): number =>
  before !== undefined && now < before.until ? before.copies : copies;
