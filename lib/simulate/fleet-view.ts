import { discoverFleet, discoverMetered, type RegionContexts } from '../fleet/discover.ts';
import { meteredKinds } from '../fleet/metered-kinds.ts';
import { kindOf } from '../fleet/registry.ts';
import type { Resource } from '../types/resource.ts';
import type { Touched } from './account/state.ts';

/** A resource that is not what it was. */
export interface FleetChange {
  readonly arn: string;
  /** `undefined` = it was not there. */
  readonly before: Resource | undefined;
  /** `undefined` = it is gone. */
  readonly after: Resource | undefined;
}

/** Their kinds discover what is in progress alone, and describe what is being stopped as well. */
const JOBS: ReadonlySet<string> = new Set(['sagemaker-training-job', 'sagemaker-processing-job']);

/**
 * The resources of an account in memory as the adapters of `lib/fleet` find them, without asking for all of them again:
 * what the account says has changed is described anew.
 */
export class FleetView {
  readonly #regions: RegionContexts;
  readonly #takeTouched: () => readonly Touched[];
  /** What is judged, and what only costs money, by ARN. */
  readonly #fleet = new Map<string, Resource>();
  readonly #beside = new Map<string, Resource>();
  /** ARNs by what names a resource of a kind. */
  readonly #arns = new Map<string, string>();
  #list: readonly Resource[] | undefined;
  #isOpen = false;

  constructor(regions: RegionContexts, takeTouched: () => readonly Touched[]) {
    this.#regions = regions;
    this.#takeTouched = takeTouched;
  }

  /** What is judged. The same list as long as nothing has changed. */
  get fleet(): readonly Resource[] {
    this.#list ??= [...this.#fleet.values()];
    return this.#list;
  }

  /** One of what is judged. */
  get(arn: string): Resource | undefined {
    return this.#fleet.get(arn);
  }

  /** Looks again at what has changed. @returns what is not what it was at the last look. */
  async refresh(): Promise<readonly FleetChange[]> {
    const touched = this.#takeTouched();
    if (!this.#isOpen) {
      this.#isOpen = true;
      return this.#lookAtAll();
    }
    if (touched.length === 0) return [];
    const changes: FleetChange[] = [];
    for (const [, some] of Map.groupBy(touched, ({ kind, region }) => `${kind} ${region}`)) {
      const [first] = some;
      const context = first === undefined ? undefined : this.#regions.get(first.region);
      if (first === undefined || context === undefined) continue;
      const ids = some.map(({ id }) => id);
      const kind = kindOf(first.kind);
      if (kind !== undefined) {
        const described = await kind.describe(ids, context);
        const found = JOBS.has(first.kind) ? described.filter(({ state }) => state === 'running') : described;
        changes.push(...this.#replace(this.#fleet, first, ids, found));
        continue;
      }
      const metered = meteredKinds.find((one) => one.kind === first.kind);
      const found = (await metered?.discover(context)) ?? [];
      const wanted = found.filter(({ id, arn }) => ids.includes(id) || ids.includes(arn));
      changes.push(...this.#replace(this.#beside, first, ids, wanted));
    }
    return changes;
  }

  async #lookAtAll(): Promise<readonly FleetChange[]> {
    const [fleet, beside] = await Promise.all([discoverFleet(this.#regions), discoverMetered(this.#regions)]);
    const put = (into: Map<string, Resource>, resource: Resource): FleetChange => {
      into.set(resource.arn, resource);
      this.#arns.set(nameOf(resource, resource.id), resource.arn);
      return { arn: resource.arn, before: undefined, after: resource };
    };
    this.#list = undefined;
    return [
      ...fleet.map((resource) => put(this.#fleet, resource)),
      ...beside.resources.map((resource) => put(this.#beside, resource)),
    ];
  }

  #replace(
    into: Map<string, Resource>,
    of: Pick<Touched, 'kind' | 'region'>,
    ids: readonly string[],
    found: readonly Resource[],
  ): readonly FleetChange[] {
    const now = new Map(found.map((resource) => [resource.id, resource]));
    return ids.flatMap((id): FleetChange[] => {
      const name = nameOf(of, id);
      const after = now.get(id);
      const arn = after?.arn ?? this.#arns.get(name);
      if (arn === undefined) return [];
      const before = into.get(arn);
      if (after === undefined) into.delete(arn);
      else into.set(arn, after);
      this.#arns.set(name, arn);
      this.#list = undefined;
      return before === undefined && after === undefined ? [] : [{ arn, before, after }];
    });
  }
}

const nameOf = ({ kind, region }: Pick<Touched, 'kind' | 'region'>, id: string): string =>
  `${kind} ${region} ${id}`;
