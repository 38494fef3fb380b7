import { vcpusOf } from '../fleet/accelerators.ts';
import { instanceFacts } from '../fleet/instance-facts.ts';
import { membersOf } from './account/auto-scaling.ts';
import { putEndpoint, putJob, putNotebook } from './account/sagemaker-put.ts';
import type { AccountState, Member } from './account/state.ts';
import type { Use } from './account/use.ts';
import type { ScenarioKind, ScenarioResource } from './scenario.ts';
import { workloadOf } from './workload.ts';

/** AWS’s answer for the id of an instance that is gone. */
const GONE = 'InvalidInstanceID.NotFound';

/** Puts a resource of a scenario in an account; what its `since` says comes later is being started until then. */
export function place(account: AccountState, resource: ScenarioResource): void {
  const { type, tags, since, region, use, gpuMetric } = resource;
  const workload = workloadOf(use, gpuMetric ? undefined : withoutGpu);
  PLACES[resource.kind](account, resource, { type, tags, since, region, ...workload });
}

const withoutGpu = ({ gpu: _unpublished, ...use }: Use): Use => use;

const PLACES: Readonly<
  Record<ScenarioKind, (account: AccountState, resource: ScenarioResource, member: Member) => void>
> = {
  'ec2-instance': ({ instances }, { id, spot, stopProtection, vanishes }, member) => {
    instances.set(id, {
      ...member,
      id,
      ...(spot === undefined ? {} : { spot: true }),
      ...(stopProtection === undefined ? {} : { isProtected: true }),
      ...(vanishes === undefined ? {} : { refusal: GONE }),
    });
  },
  'auto-scaling-group': (account, { id, region, instances }, member) => {
    const group = { ...member, name: id, min: 0, max: instances, desired: instances };
    account.groups.set(id, group);
    // Its instances come with it, and are found by themselves.
    for (const one of membersOf(account, group)) {
      account.touch({ kind: 'ec2-instance', region, id: one.id });
    }
  },
  'rds-instance': ({ databases }, { id }, member) => {
    databases.set(id, { ...member, id, engine: 'postgres' });
  },
  'sagemaker-endpoint': (account, { id, instances, type }, member) => {
    const gpus = Math.max(1, instanceFacts(type)?.gpus ?? 1);
    putEndpoint(account, { ...member, name: id, instances, cores: vcpusOf(type) ?? 1, gpus });
  },
  'sagemaker-notebook': (account, { id }, member) => {
    putNotebook(account, { ...member, name: id });
  },
  'sagemaker-training-job': (account, { id, instances, endsAt }, member) => {
    putJob(account, {
      ...member,
      kind: 'sagemaker-training-job',
      name: id,
      count: instances,
      ...(endsAt === undefined ? {} : { endsAt }),
    });
  },
};
