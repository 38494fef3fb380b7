import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { errorMessage } from '../fleet/aws-errors.ts';
import { DAY_MS } from '../meter/days.ts';
import type { Resource, ResourceKind } from '../types/resource.ts';

import {
  type RegionTrail,
  readTrail,
  TRAIL_DAYS,
  type TrailEvent,
  type TrailOptions,
} from './trail-events.ts';

/** What CloudTrail says of all regions. */
export interface Trails {
  /** The events of a resource; `undefined` where CloudTrail does not tell all of it. */
  readonly eventsOf: (resource: Resource) => readonly TrailEvent[] | undefined;
  /** What it names that is not in the fleet now; each once. */
  readonly gone: readonly { readonly kind: ResourceKind; readonly id: string }[];
  readonly failed: readonly { readonly region: string; readonly why: string }[];
  readonly cutShort: readonly { readonly region: string; readonly kind: ResourceKind }[];
  /** True where the history began before what CloudTrail keeps. */
  readonly tooShort: boolean;
}

/**
 * Asks CloudTrail in all regions at once. Where it cannot be asked, it says nothing: metrics then say what ran.
 * @throws what the signal was aborted with
 */
export async function readTrails(
  cloudTrails: ReadonlyMap<string, CloudTrailClient>,
  resources: readonly Resource[],
  { now, onProgress = () => {}, ...options }: TrailOptions & { readonly now: Date },
): Promise<Trails> {
  const oldest = new Date(now.getTime() - TRAIL_DAYS * DAY_MS);
  const tooShort = options.from < oldest;
  const from = tooShort ? oldest : options.from;
  const failed: { readonly region: string; readonly why: string }[] = [];
  const shares = new Map([...cloudTrails.keys()].map((region) => [region, 0]));
  const read = await Promise.all(
    [...cloudTrails].map(async ([region, client]): Promise<readonly RegionTrail[]> => {
      try {
        const trail = await readTrail(region, client, {
          ...options,
          from,
          onProgress: (share) => {
            shares.set(region, share);
            onProgress([...shares.values()].reduce((sum, one) => sum + one, 0) / shares.size);
          },
        });
        return [trail];
      } catch (error) {
        options.signal?.throwIfAborted();
        failed.push({ region, why: sentence(errorMessage(error)) });
        return [];
      }
    }),
  );
  const trails = read.flat();
  const byKey = new Map<string, TrailEvent[]>();
  for (const { region, events } of trails) {
    for (const event of events) {
      const key = keyOf(region, event);
      const some = byKey.get(key);
      if (some === undefined) byKey.set(key, [event]);
      else some.push(event);
    }
  }
  const there = new Set(resources.map((one) => keyOf(one.region, one)));
  const cutShort = trails.flatMap((trail) =>
    [...trail.cutShort].map((kind) => ({ region: trail.region, kind })),
  );
  const isCut = ({ region, kind }: Resource): boolean =>
    cutShort.some((one) => one.region === region && one.kind === kind);
  return {
    eventsOf: (resource) =>
      tooShort || isCut(resource) ? undefined : byKey.get(keyOf(resource.region, resource)),
    gone: [...byKey].flatMap(([key, [first]]) => (there.has(key) || first === undefined ? [] : [first])),
    failed,
    cutShort,
    tooShort,
  };
}

const keyOf = (region: string, { kind, id }: { readonly kind: ResourceKind; readonly id: string }): string =>
  `${region} ${kind} ${id}`;

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
