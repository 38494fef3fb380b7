import type { Instance, SpotInstanceState } from '@aws-sdk/client-ec2';
import type { KeptInstance } from './state.ts';
import { ACCOUNT, REGION } from './state.ts';

/** What an instance may be beside what most are. */
export interface Ec2Facts {
  /** The account of its reservation; absent = `ACCOUNT`. */
  readonly owner?: string;
  /** Launched at `since`, and in service from then on. */
  readonly pendingUntil?: Date;
  /** As `PlatformDetails` names it; absent = `Linux/UNIX`. */
  readonly platform?: string;
  /** Absent = `default`; all else has no list price. */
  readonly tenancy?: 'default' | 'dedicated' | 'host';
  /** Absent = the first one of its region. */
  readonly zone?: string;
  /** Absent = `ebs`. */
  readonly rootDevice?: 'instance-store';
  /** It was launched with hibernation set up. */
  readonly hibernates?: true;
  /** `disableApiTermination` is on. */
  readonly isTerminationProtected?: true;
  /** The service that manages it, such as `eks.amazonaws.com`; `''` = one that EC2 does not name. */
  readonly operator?: string;
  /** What requested it, where `spot` is set; absent = a one-time request. `unknown` = EC2 does not tell. */
  readonly request?: SpotRequest | 'unknown';
}

export interface SpotRequest {
  readonly type: 'one-time' | 'persistent';
  /** Absent = as its instance has it. */
  readonly state?: SpotInstanceState;
  readonly launchGroup?: string;
}

/** An entry of `instances`, with what may be put there beside what its map asks for. */
export type Ec2Entry = KeptInstance & Ec2Facts;

export type Ec2State = 'pending' | 'running' | 'stopped' | 'terminated';

export function ec2StateOf(one: Ec2Entry, now: Date): Ec2State {
  if (one.stoppedAt !== undefined) return one.ended === true ? 'terminated' : 'stopped';
  return inServiceAt(one) > now ? 'pending' : 'running';
}

/** From when on it is in service. */
export const inServiceAt = ({ since, pendingUntil }: Pick<Ec2Entry, 'since' | 'pendingUntil'>): Date =>
  pendingUntil !== undefined && pendingUntil > since ? pendingUntil : since;

/** EC2 tells of what was ended for about an hour (EC2 user guide, "Terminate Amazon EC2 instances"). */
const GONE_AFTER_MS = 3_600_000;

/** True where EC2 knows nothing of it any more. */
export const isForgotten = ({ stoppedAt, ended }: Ec2Entry, now: Date): boolean =>
  ended === true && stoppedAt !== undefined && stoppedAt.getTime() + GONE_AFTER_MS <= now.getTime();

/** Of its Spot request; `undefined` where it has none that EC2 tells of. */
export const requestIdOf = ({ id, spot, request }: Ec2Entry): string | undefined =>
  spot === true && request !== 'unknown' ? `sir-${id}` : undefined;

/** The id of the instance that a Spot request is of. */
export const instanceOfRequest = (id: string): string => id.replace(/^sir-/, '');

export const zoneOf = ({ zone, region = REGION }: Ec2Entry): string => zone ?? `${region}a`;

export const ownerOf = ({ owner }: Ec2Entry): string => owner ?? ACCOUNT;

/** As EC2 numbers the states (EC2 API reference, InstanceState). */
const CODES: Readonly<Record<Ec2State, number>> = { pending: 0, running: 16, terminated: 48, stopped: 80 };

export const stateAnswer = (Name: Ec2State) => ({ Code: CODES[Name], Name });

export const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

type DescribedInstance = Omit<Instance, 'InstanceType'> & { readonly InstanceType: string };

/** As DescribeInstances gives it. */
export function describeEntry(one: Ec2Entry, now: Date): DescribedInstance {
  const request = requestIdOf(one);
  return {
    InstanceId: one.id,
    InstanceType: one.type,
    LaunchTime: one.since,
    State: stateAnswer(ec2StateOf(one, now)),
    Placement: { AvailabilityZone: zoneOf(one), Tenancy: one.tenancy ?? 'default' },
    PlatformDetails: one.platform ?? 'Linux/UNIX',
    RootDeviceType: one.rootDevice ?? 'ebs',
    HibernationOptions: { Configured: one.hibernates === true },
    Tags: tagList(one.tags),
    ...(one.operator === undefined
      ? {}
      : { Operator: { Managed: true, ...(one.operator === '' ? {} : { Principal: one.operator }) } }),
    ...(one.spot === true ? { InstanceLifecycle: 'spot' as const } : {}),
    ...(request === undefined ? {} : { SpotInstanceRequestId: request }),
  };
}
