import type { ResourceKind } from '../types/resource.ts';
import { ebsVolume } from './ebs-volume.ts';
import type { MeteredKind } from './kind.ts';
import { loadBalancer } from './load-balancer.ts';
import { natGateway } from './nat-gateway.ts';
import { kinds } from './registry.ts';

/** What costs money and is never stopped, beside the kinds of `registry.ts`. A new one is one file and one line here. */
export const meteredKinds: readonly MeteredKind[] = [ebsVolume, natGateway, loadBalancer];

const all: readonly MeteredKind[] = [...kinds, ...meteredKinds];

const services: ReadonlyMap<ResourceKind, string> = new Map(all.map(({ kind, billedAs: as }) => [kind, as]));

/** The service that a kind is billed as, as Cost Explorer names it; `undefined` for a kind that this version knows not. */
export const billedAs = (kind: ResourceKind): string | undefined => services.get(kind);

/** Every service that the meter has something to say of. */
export const knownServices: ReadonlySet<string> = new Set(services.values());

const titles: ReadonlyMap<ResourceKind, string> = new Map(all.map(({ kind, title }) => [kind, title]));

/** What people call a kind: `EC2 instance`. */
export const titleOf = (kind: ResourceKind): string => titles.get(kind) ?? kind;
