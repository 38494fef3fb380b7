import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  type Instance,
  type LifecycleState,
} from '@aws-sdk/client-auto-scaling';
import { chunks, mapLimited } from '../types/lists.ts';
import { errorCode, errorMessage } from './aws-errors.ts';
import type { FleetContext } from './kind.ts';
import { allPages } from './pages.ts';

/** The limit of AWS for the names in one call, and for the groups on one page. */
const NAMES_PER_CALL = 50;
const GROUPS_PER_PAGE = 100;

/** All groups, or those of the names; a name that is gone is absent, and so is a group that is being deleted. */
export async function readGroups(
  names: readonly string[] | 'all',
  { clients }: FleetContext,
): Promise<readonly AutoScalingGroup[]> {
  const read = (some: readonly string[] | undefined): Promise<AutoScalingGroup[]> =>
    allPages(async (NextToken) => {
      const page = await clients.groups.send(
        new DescribeAutoScalingGroupsCommand({
          MaxRecords: GROUPS_PER_PAGE,
          ...(some === undefined ? {} : { AutoScalingGroupNames: [...some] }),
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );
      return { items: page.AutoScalingGroups, next: page.NextToken };
    });
  const found =
    names === 'all'
      ? await read(undefined)
      : (await mapLimited(chunks(names, NAMES_PER_CALL), 2, read)).flat();
  // `Status` is set while a group is being deleted, and at no other time.
  return found.filter(({ Status }) => Status === undefined || Status === '');
}

/** Auto Scaling has no error of its own for a group that is gone, only a text. */
export const isGroupMissing = (error: unknown): boolean =>
  errorCode(error) === 'ValidationError' && /not found/i.test(errorMessage(error));

const SERVING: ReadonlySet<LifecycleState | undefined> = new Set<LifecycleState>([
  'InService',
  'ReplacingRootVolume',
  'ReplacingRootVolume:Wait',
  'ReplacingRootVolume:Proceed',
  'RootVolumeReplaced',
]);

const LEFT: ReadonlySet<LifecycleState | undefined> = new Set<LifecycleState>(['Terminated', 'Detached']);

/** Members that are in service; those that come up, go or stand by are not. */
export const servingMembers = ({ Instances = [] }: AutoScalingGroup): readonly Instance[] =>
  Instances.filter(({ LifecycleState: state }) => SERVING.has(state));

/** Members in any state but those that have left; what waits in a warm pool is not one. */
export const presentMembers = ({ Instances = [] }: AutoScalingGroup): readonly Instance[] =>
  Instances.filter(({ LifecycleState: state }) => !LEFT.has(state) && state?.startsWith('Warmed:') !== true);

/** True of a member that runs on when its group is scaled to zero: protected from scale-in, or standing by. */
export const outlivesZero = ({ LifecycleState: state, ProtectedFromScaleIn }: Instance): boolean =>
  state === 'Standby' || (ProtectedFromScaleIn === true && SERVING.has(state));

/** True where both sizes that start instances are zero, as a stop leaves them. */
export const isAtZero = ({ MinSize, DesiredCapacity }: AutoScalingGroup): boolean =>
  MinSize === 0 && DesiredCapacity === 0;

/** Names of the processes that are suspended, such as `Terminate`. */
export const suspendedOf = ({ SuspendedProcesses }: AutoScalingGroup): readonly string[] =>
  (SuspendedProcesses ?? []).flatMap(({ ProcessName }) => (ProcessName === undefined ? [] : [ProcessName]));

/** `min 1, desired 3, max 5`. */
export const sizesOf = ({
  MinSize,
  DesiredCapacity,
  MaxSize,
}: Pick<AutoScalingGroup, 'MinSize' | 'DesiredCapacity' | 'MaxSize'>): string =>
  `min ${MinSize ?? 0}, desired ${DesiredCapacity ?? 0}, max ${MaxSize ?? 0}`;
