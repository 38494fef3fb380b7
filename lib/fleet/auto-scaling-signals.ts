import type { Resource } from '../types/resource.ts';
import { halfCorePercent, hasAccelerator, hasNvidiaGpu } from './accelerators.ts';
import { readGroups, servingMembers } from './auto-scaling-read.ts';
import { ec2Queries, gpuSeries } from './ec2-signals.ts';
import type { FleetContext, SignalPlan, SignalQuery } from './kind.ts';

/**
 * EC2 publishes its metrics by `AutoScalingGroupName` as well: the maximum is that of the busiest member, and the
 * network that of all together, which reads busier, never idler. GPUs are known by member alone.
 */
export async function groupSignals(
  groups: readonly Resource[],
  context: FleetContext,
): Promise<ReadonlyMap<string, SignalPlan>> {
  const gpus = await gpusOf(
    groups.filter(({ parts = [] }) => parts.some(({ type }) => hasNvidiaGpu(type))),
    context,
  );
  return new Map(groups.map((group) => [group.arn, planOf(group, gpus.get(group.id) ?? NO_GPUS)]));
}

/** The GPU metrics of a group's members, and how many of the members have none. */
interface GroupGpus {
  readonly queries: readonly SignalQuery[];
  readonly unseen: number;
}

const NO_GPUS: GroupGpus = { queries: [], unseen: 0 };

/** By group name. Members come and go, so they are asked anew: one call for 50 groups. */
async function gpusOf(
  groups: readonly Resource[],
  context: FleetContext,
): Promise<ReadonlyMap<string, GroupGpus>> {
  if (groups.length === 0) return new Map();
  const [found, series] = await Promise.all([
    readGroups(
      groups.map(({ id }) => id),
      context,
    ),
    gpuSeries(context),
  ]);
  return new Map(
    found.map((group) => {
      const members = servingMembers(group).filter(({ InstanceType: type }) => hasNvidiaGpu(type ?? ''));
      const all = members.map(({ InstanceId: id }) => series.get(id ?? '') ?? []);
      return [
        group.AutoScalingGroupName ?? '',
        { queries: all.flat(), unseen: all.filter((some) => some.length === 0).length },
      ];
    }),
  );
}

function planOf(group: Resource, gpus: GroupGpus): SignalPlan {
  const types = (group.parts ?? []).map(({ type }) => type);
  return {
    queries: [
      ...gpus.queries,
      ...ec2Queries(
        { AutoScalingGroupName: group.id },
        // Half a core of the member with the most cores is the smallest share of all.
        types.length === 0 ? undefined : Math.min(...types.map(halfCorePercent)),
      ),
    ],
    missing: missingOf(types, gpus),
  };
}

function missingOf(types: readonly string[], gpus: GroupGpus): SignalPlan['missing'] {
  const accelerated = types.filter(hasAccelerator);
  const blind = accelerated.filter((type) => !hasNvidiaGpu(type));
  if (blind.length > 0) {
    return [
      {
        signal: 'gpu',
        why: `No metric shows the use of its accelerators (${blind.join(', ')}). Set idle: off for it, or stop it by its budget.`,
      },
    ];
  }
  if (accelerated.length === 0 || (gpus.unseen === 0 && gpus.queries.length > 0)) return [];
  return [
    {
      signal: 'gpu',
      why: `No metric shows the use of the GPUs of ${gpus.queries.length === 0 ? 'its members' : `${gpus.unseen} of its members`} (${accelerated.join(', ')}). Let the CloudWatch agent collect nvidia_gpu, with append_dimensions InstanceId.`,
    },
  ];
}
