import { createHash } from 'node:crypto';
import type { MemoryGroup } from './auto-scaling.ts';
import type { Ec2Entry, Ec2Facts } from './ec2-entry.ts';
import { memoOf } from './ec2-memo.ts';
import { type AccountState, type Member, REGION } from './state.ts';

/** An instance of an Auto Scaling group. */
export interface MemoryMember {
  readonly id: string;
  /** In the future: it is being launched until then. */
  readonly since: Date;
  /** Launched at `since`, and in service from then on. */
  readonly pendingUntil?: Date;
  /** Absent = that of the group. */
  readonly type?: string;
  /** Absent = `default`; all else has no list price. */
  readonly tenancy?: Ec2Facts['tenancy'];
  /** Without the one that names the group; absent = those of the group. */
  readonly tags?: Member['tags'];
  /** Why it outlives a group that is scaled to zero: it is protected from scale-in, or stands by. */
  readonly stays?: 'protected' | 'standby';
}

/** The tag by which EC2 tells of which group an instance is. */
export const GROUP_TAG = 'aws:autoscaling:groupName';

interface Members {
  readonly list: readonly MemoryMember[];
  /** As EC2 tells of them. */
  readonly entries: ReadonlyMap<string, Ec2Entry>;
}

/** By the entry as it is in the map: another entry of the same name has members of its own. */
const known = new WeakMap<MemoryGroup, Members>();

function read(state: AccountState, group: MemoryGroup): Members {
  let members = known.get(group);
  if (members === undefined) {
    const list = fitted(group, group.members ?? [], group.since);
    members = { list, entries: new Map(list.map((one) => [one.id, entryOf(group, one)])) };
    known.set(group, members);
  }
  const { groupsByMember, registered } = memoOf(state);
  if (!registered.has(group)) {
    registered.add(group);
    for (const { id } of members.list) groupsByMember.set(id, group.name);
  }
  return members;
}

/**
 * The members of a group; where its entry does not name as many as it wants, the rest was launched at its `since`. Whoever
 * changes the size of a group does it by `scaleGroup`, so that newcomers are new.
 */
export const membersOf = (state: AccountState, group: MemoryGroup): readonly MemoryMember[] =>
  read(state, group).list;

/** The group that an instance is a member of now; O(1). */
export function memberOf(state: AccountState, instanceId: string): MemoryGroup | undefined {
  const name = memoOf(state).groupsByMember.get(instanceId);
  const group = name === undefined ? undefined : state.groups.get(name);
  return group !== undefined && read(state, group).entries.has(instanceId) ? group : undefined;
}

/** A member as EC2 tells of it; `undefined` where it is of no group now. O(1). */
export function findMember(state: AccountState, instanceId: string): Ec2Entry | undefined {
  const group = memberOf(state, instanceId);
  return group === undefined ? undefined : read(state, group).entries.get(instanceId);
}

/** The members of all groups, of every region, as EC2 tells of them. */
export function* allMembers(state: AccountState): Generator<Ec2Entry> {
  for (const group of state.groups.values()) {
    yield* read(state, group).entries.values();
  }
}

const entryOf = (group: MemoryGroup, member: MemoryMember): Ec2Entry => ({
  id: member.id,
  type: member.type ?? group.type,
  since: member.since,
  tags: { ...(member.tags ?? group.tags), [GROUP_TAG]: group.name },
  use: group.use,
  region: group.region ?? REGION,
  tenancy: member.tenancy ?? 'default',
  ...(member.pendingUntil === undefined ? {} : { pendingUntil: member.pendingUntil }),
  ...(group.steadyUntil === undefined ? {} : { steadyUntil: group.steadyUntil }),
  ...(group.owner === undefined ? {} : { owner: group.owner }),
  ...(group.operator === undefined ? {} : { operator: group.operator }),
});

/**
 * As many members as the group wants: the youngest leave first, new ones were launched at `at`. Who stands by does not
 * count, and who is protected from scale-in stays; suspended processes end and launch nothing. No new one gets an id
 * that `isTaken`.
 */
export function fitted(
  group: MemoryGroup,
  members: readonly MemoryMember[],
  at: Date,
  isTaken: (id: string) => boolean = () => false,
): readonly MemoryMember[] {
  const suspended = new Set(group.suspended ?? []);
  const excess = members.filter(({ stays }) => stays !== 'standby').length - group.desired;
  if (excess > 0) {
    if (suspended.has('Terminate')) return members;
    const free = members.filter(({ stays }) => stays === undefined);
    const leaving = new Set(free.toSorted((a, b) => a.since.getTime() - b.since.getTime()).slice(-excess));
    return members.filter((one) => !leaving.has(one));
  }
  if (excess === 0 || (suspended.has('Launch') && group.members !== undefined)) return members;
  const ids = new Set(members.map(({ id }) => id));
  const launched: MemoryMember[] = [];
  for (let n = 0; launched.length < -excess; n += 1) {
    const id = memberId(group, at, n);
    if (!ids.has(id) && !isTaken(id)) launched.push({ id, since: at });
  }
  return [...members, ...launched];
}

/** The same for the same launch, and like those of AWS to look at. */
const memberId = ({ region = REGION, name }: MemoryGroup, at: Date, n: number): string =>
  `i-0${createHash('sha256')
    .update(JSON.stringify([region, name, at.getTime(), n]))
    .digest('hex')
    .slice(0, 16)}`;

/** Puts a group into the account with other members, and tells of each that came or went. */
export function setMembers(state: AccountState, group: MemoryGroup, members: readonly MemoryMember[]): void {
  const now = state.groups.get(group.name);
  const before = now === undefined ? [] : membersOf(state, now);
  const next = { ...group, members };
  state.groups.set(group.name, next);
  const after = membersOf(state, next);
  const ids = (some: readonly MemoryMember[]) => new Set(some.map(({ id }) => id));
  const [was, is] = [ids(before), ids(after)];
  for (const id of [...was, ...is]) {
    if (was.has(id) && is.has(id)) continue;
    state.touch({ kind: 'ec2-instance', region: group.region ?? REGION, id });
  }
}

/** As many members as the group wants now, from those that it has; no id is used twice. */
export const refitted = (state: AccountState, group: MemoryGroup): readonly MemoryMember[] =>
  fitted(group, group.members ?? [], state.now(), (id) => memoOf(state).groupsByMember.has(id));

/** Ends one member, and launches another in its place, as a group does with whatever is stopped or ended. */
export function replaceMember(state: AccountState, instanceId: string): void {
  const group = memberOf(state, instanceId);
  if (group === undefined) return;
  const others = membersOf(state, group).filter(({ id }) => id !== instanceId);
  setMembers(state, group, refitted(state, { ...group, members: others }));
}
