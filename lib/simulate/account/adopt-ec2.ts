import { createHash } from 'node:crypto';
import { arnOf } from '../../fleet/arn.ts';
import { managersOf } from '../../fleet/managers.ts';
import type { Protection, Resource, ResourceKind } from '../../types/resource.ts';
import type { GroupSizes, MemoryGroup } from './auto-scaling.ts';
import type { MemoryVolume } from './beside.ts';
import type { Ec2Entry } from './ec2-entry.ts';
import { GROUP_TAG, type MemoryMember, membersOf, setMembers } from './ec2-members.ts';
import { memoOf } from './ec2-memo.ts';
import { type AccountState, type Member, REGION } from './state.ts';
import type { SteadyUntil, UseAt } from './use.ts';

/** What a resource does not tell of itself. */
export interface AdoptionFacts {
  readonly use: UseAt;
  readonly steadyUntil?: SteadyUntil;
  /** Of an instance: its stop protection is on, which only `inspect` finds. */
  readonly isProtected?: boolean;
  /**
   * Of a group: its sizes. What is absent is taken to be `min` 0, `desired` as many as are in service, and `max` as many
   * as are desired.
   */
  readonly sizes?: GroupSizes;
  /** Of a group without members in service: the type of those that it launches; absent = `unknown`, without a price. */
  readonly type?: string;
}

/** As the kind says it of a member whose type AWS does not tell. */
const UNKNOWN_TYPE = 'unknown';

/**
 * Puts a resource that was discovered elsewhere into the account, such that its kind discovers the same one again: with
 * its ARN, state, tags, protections, consent and price, where the prices are by instance type.
 *
 * What a resource does not tell, and how it is taken:
 * - that it is of a persistent Spot request, or what its operating system is: on demand and Linux; its price is what the
 *   price book says;
 * - why it has no price: it is of a tenancy, or on an Outpost, that has none (NAT gateways: only regional ones have none);
 * - what one between two states is on its way to: into service, within a minute; a group that is being emptied is empty;
 * - hibernation, termination protection, scheduled actions and warm pools: there are none;
 * - when a stopped one was stopped: now; when a group with members was made: when the oldest was launched;
 * - when single members of a group were launched: `since`, and the last of them at `pricedSince`. Members that were
 *   discovered as instances take their places in it, whether they or the group are adopted first; those that are stopped
 *   are on their way out, and are left out.
 *
 * The account of volumes and NAT gateways is that of the context that discovers them: it must be the resource's own.
 * @throws Error for another kind than `ADOPTED_BY_EC2` names.
 */
export function adoptEc2(state: AccountState, resource: Resource, more: AdoptionFacts): void {
  const adopt = ADOPTERS.get(resource.kind);
  if (adopt === undefined) throw new Error(`No resource of kind ${resource.kind} is adopted as one of EC2.`);
  adopt(state, resource, more);
}

type Adopt = (state: AccountState, resource: Resource, more: AdoptionFacts) => void;

const ADOPTERS: ReadonlyMap<ResourceKind, Adopt> = new Map<ResourceKind, Adopt>([
  ['ec2-instance', adoptInstance],
  ['auto-scaling-group', adoptGroup],
  ['ebs-volume', adoptVolume],
  ['nat-gateway', adoptGateway],
  ['load-balancer', adoptBalancer],
]);

/** The kinds that `adoptEc2` takes. */
export const ADOPTED_BY_EC2: ReadonlySet<ResourceKind> = new Set(ADOPTERS.keys());

/** How long what is between two states stays so. */
const SETTLES_MS = 60_000;

const soon = (state: AccountState): Date => new Date(state.now().getTime() + SETTLES_MS);

const common = ({ tags, since, region }: Resource, { use, steadyUntil }: AdoptionFacts) => ({
  tags,
  since,
  region,
  use,
  ...(steadyUntil === undefined ? {} : { steadyUntil }),
});

function adoptInstance(state: AccountState, resource: Resource, more: AdoptionFacts): void {
  const entry: Ec2Entry = {
    ...common(resource, more),
    id: resource.id,
    type: resource.size,
    owner: resource.account,
    ...(resource.state === 'stopped' ? { stoppedAt: state.now() } : {}),
    ...(resource.state === 'transitional' ? { pendingUntil: soon(state) } : {}),
    ...(resource.hourly === undefined ? { tenancy: 'host' } : {}),
    ...(resource.consent === 'terminate-spot' ? { spot: true } : {}),
    ...(more.isProtected === true ? { isProtected: true } : {}),
    ...instanceFacts(resource.protections),
  };
  if (!Object.hasOwn(resource.tags, GROUP_TAG)) state.instances.set(entry.id, entry);
  else join(state, entry);
}

function instanceFacts(protections: readonly Protection[]): Partial<Ec2Entry> {
  let all: Partial<Ec2Entry> = {};
  for (const one of protections) all = { ...all, ...factOf(one) };
  return all;
}

/** What a protection comes from, where that is no tag. */
function factOf({ code, detail }: Protection): Partial<Ec2Entry> {
  switch (code) {
    case 'managed-elsewhere':
      return operatorOf(detail);
    case 'instance-store-root':
      return { rootDevice: 'instance-store' };
    case 'spot': {
      const launchGroup = / of group (.+): it cannot be stopped/.exec(detail)?.[1];
      return {
        spot: true,
        request: launchGroup === undefined ? 'unknown' : { type: 'persistent', launchGroup },
      };
    }
    case 'stop-protection':
      return { isProtected: true };
    case 'auto-scaling-group':
    case 'eks':
    case 'emr':
    case 'batch':
    case 'not-known':
      return {};
  }
}

/** The service that manages it, from what is said of it; nothing where it is said of its tags. */
function operatorOf(detail: string): { readonly operator?: string } {
  const name = /^It is managed by (.+)\.$/.exec(detail)?.[1];
  if (name === undefined) return {};
  return { operator: name === 'an AWS service' ? '' : name };
}

/** Puts a member in the place of one that stands for it, now or once its group is there. */
function join(state: AccountState, entry: Ec2Entry): void {
  const { waiting, placeholders } = memoOf(state);
  const group = state.groups.get(entry.tags[GROUP_TAG] ?? '');
  if (group === undefined || (group.region ?? REGION) !== (entry.region ?? REGION)) {
    waiting.set(entry.id, entry);
    state.touch({ kind: 'ec2-instance', region: entry.region ?? REGION, id: entry.id });
    return;
  }
  const { id, since, pendingUntil } = entry;
  if (entry.stoppedAt !== undefined) return;
  const members = membersOf(state, group);
  const alike = members.filter(
    (one) =>
      placeholders.has(one.id) &&
      (one.pendingUntil === undefined) === (pendingUntil === undefined) &&
      (one.type === undefined || one.type === entry.type),
  );
  const place = alike.find((one) => one.since.getTime() === since.getTime()) ?? alike[0];
  // More in service than the group told of cannot be.
  if (place === undefined && pendingUntil === undefined) return;
  if (place !== undefined) placeholders.delete(place.id);
  const { [GROUP_TAG]: _, ...tags } = entry.tags;
  const member: MemoryMember = {
    ...place,
    id,
    since,
    tags,
    type: entry.type,
    tenancy: entry.tenancy ?? 'default',
    ...(pendingUntil === undefined ? {} : { pendingUntil }),
  };
  const desired = group.desired + (place === undefined ? 1 : 0);
  setMembers(
    state,
    {
      ...group,
      desired,
      max: Math.max(group.max, desired),
      type: group.type === UNKNOWN_TYPE ? entry.type : group.type,
    },
    // In its place: the order of the members is that of the group's parts.
    place === undefined ? [...members, member] : members.map((one) => (one === place ? member : one)),
  );
}

function adoptGroup(state: AccountState, resource: Resource, more: AdoptionFacts): void {
  const { parts = [], id: name, protections } = resource;
  const staying = stayingOf(protections);
  const serving = parts.flatMap(({ type, count }) => Array.from({ length: count }, () => type));
  const isComing = resource.state === 'transitional' && serving.length === 0;
  const wanted = staying > 0 || resource.state !== 'running' ? Number(isComing) : serving.length;
  const { min = 0, desired = wanted, max = Math.max(desired, min) } = more.sizes ?? {};
  const group: MemoryGroup = {
    ...common(resource, more),
    name,
    type: parts[0]?.type ?? more.type ?? UNKNOWN_TYPE,
    min,
    desired,
    max,
    arn: resource.arn,
    owner: resource.account,
    ...groupFacts(protections),
  };
  const present = resource.state === 'running' ? membersFor(resource, serving, staying) : [];
  const counted = present.filter(({ stays }) => stays !== 'standby').length;
  const coming = Array.from({ length: Math.max(0, desired - counted) }, (_, n) => ({
    ...standIn(resource, present.length + n),
    since: state.now(),
    pendingUntil: soon(state),
  }));
  const members = [...present, ...coming];
  const { placeholders, waiting } = memoOf(state);
  for (const { id } of members) placeholders.add(id);
  setMembers(state, group, members);
  for (const [id, one] of [...waiting]) {
    if (one.tags[GROUP_TAG] !== name || one.region !== resource.region) continue;
    waiting.delete(id);
    state.touch({ kind: 'ec2-instance', region: resource.region, id });
    join(state, one);
  }
}

/** A member whose own id is not known. */
const standIn = ({ region, id: name, since, tags, protections }: Resource, n: number): MemoryMember => ({
  id: `i-0${createHash('sha256')
    .update(JSON.stringify([region, name, n]))
    .digest('hex')
    .slice(0, 16)}`,
  since,
  tags: { ...tags, ...marksOf(tags, protections) },
});

/** Those in service, the last of them launched when the group came to cost what it costs; then those that stand by. */
function membersFor(
  resource: Resource,
  serving: readonly string[],
  staying: number,
): readonly MemoryMember[] {
  const { hourly, pricedSince, since } = resource;
  const standby = Math.max(0, staying - serving.length);
  return [
    ...serving.map(
      (type, n): MemoryMember => ({
        ...standIn(resource, n),
        type,
        since: n > 0 && n === serving.length - 1 ? (pricedSince ?? since) : since,
        ...(hourly === undefined ? { tenancy: 'host' } : {}),
        ...(staying > 0 ? { stays: 'protected' } : {}),
      }),
    ),
    ...Array.from(
      { length: standby },
      (_, n): MemoryMember => ({
        ...standIn(resource, serving.length + n),
        stays: 'standby',
      }),
    ),
  ];
}

/** How many members run on at zero, from what is said of it. */
const stayingOf = (protections: readonly Protection[]): number =>
  Math.max(
    0,
    ...protections.map(({ detail }) =>
      Number(/^It is at zero already; .* run on: (\d+)\.$/.exec(detail)?.[1] ?? 0),
    ),
  );

function groupFacts(protections: readonly Protection[]): Partial<MemoryGroup> {
  const isSuspended = protections.some(({ detail }) =>
    detail.startsWith('Its process Terminate is suspended'),
  );
  const operator = protections
    .map(({ detail }) => operatorOf(detail).operator)
    .find((one) => one !== undefined);
  return {
    ...(operator === undefined ? {} : { operator }),
    ...(isSuspended ? { suspended: ['Terminate'] } : {}),
  };
}

/** A tag for each manager that the group's own tags do not name: its members carry it. */
function marksOf(tags: Resource['tags'], protections: readonly Protection[]): Member['tags'] {
  const named = new Set(managersOf(tags).map(({ name }) => name));
  return Object.fromEntries(
    protections.flatMap(({ detail }) => {
      const manager = /^It belongs to (.+), which sets its size\.$/.exec(detail)?.[1];
      if (manager === undefined || named.has(manager)) return [];
      const mark = MARKS.find(([words]) => manager.startsWith(words));
      return mark === undefined ? [] : [[mark[1], manager.slice(mark[0].length)] as const];
    }),
  );
}

/** What `managersOf` calls a manager, before its own name, and the tag that makes it say so. */
const MARKS: readonly (readonly [words: string, tag: string])[] = [
  ['Kubernetes cluster ', 'KubernetesCluster'],
  ['EKS node group ', 'eks:nodegroup-name'],
  ['a Kubernetes cluster', 'k8s.io/cluster-autoscaler/enabled'],
  ['EMR cluster ', 'aws:elasticmapreduce:job-flow-id'],
  ['AWS Batch compute environment ', 'AWSBatchServiceTag'],
  ['EC2 Fleet ', 'aws:ec2:fleet-id'],
  ['Spot Fleet ', 'aws:ec2spot:fleet-request-id'],
  ['an ECS capacity provider', 'AmazonECSManaged'],
  ['Elastic Beanstalk environment ', 'elasticbeanstalk:environment-name'],
  ['SageMaker HyperPod cluster ', 'sagemaker:cluster-name'],
];

/** `500 GiB gp3, 6000 IOPS, 250 MiB/s`. */
const VOLUME = /^(\d+) GiB (\S+?)(?:, (\d+) IOPS)?(?:, (\d+) MiB\/s)?$/;

/** @throws Error where the size is none of a volume. */
function adoptVolume(state: AccountState, resource: Resource, more: AdoptionFacts): void {
  const [, gib, type, iops, throughput] = VOLUME.exec(resource.size) ?? [];
  if (gib === undefined || type === undefined) {
    throw new Error(`The size of volume ${resource.id} cannot be read: ${resource.size}`);
  }
  const stateOf: Partial<Record<Resource['state'], NonNullable<MemoryVolume['state']>>> = {
    transitional: 'creating',
    failed: 'error',
  };
  const own = stateOf[resource.state];
  state.volumes.set(resource.id, {
    ...common(resource, more),
    id: resource.id,
    type,
    gib: Number(gib),
    ...(iops === undefined ? {} : { iops: Number(iops) }),
    ...(throughput === undefined ? {} : { throughput: Number(throughput) }),
    ...(own === undefined ? {} : { state: own }),
    ...(resource.hourly === undefined ? { outpost: outpostOf(resource) } : {}),
  });
}

const outpostOf = ({ region, account }: Resource): string =>
  arnOf('outposts', region, account, 'outpost/op-0');

function adoptGateway(state: AccountState, resource: Resource, more: AdoptionFacts): void {
  const { id, size } = resource;
  state.gateways.set(id, {
    ...common(resource, more),
    id,
    type: size.startsWith('regional') ? 'regional' : 'zonal',
    ...(resource.state === 'transitional' ? { state: 'pending' } : {}),
    ...(resource.state === 'failed' ? { state: 'failed' } : {}),
  });
}

function adoptBalancer(state: AccountState, resource: Resource, more: AdoptionFacts): void {
  const { arn, id: name, size } = resource;
  state.balancers.set(arn, {
    ...common(resource, more),
    arn,
    name,
    type: size.split(' ')[0] ?? '',
    ...(resource.state === 'transitional' ? { state: 'provisioning' } : {}),
    ...(resource.state === 'failed' ? { state: 'failed' } : {}),
    ...(resource.hourly === undefined ? { outpost: outpostOf(resource) } : {}),
  });
}
