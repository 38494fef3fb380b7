import type { DescribeInstanceTypesCommandInput, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { type InstanceFacts, instanceFacts, knownTypes } from '../../fleet/instance-facts.ts';
import { refused } from './ec2-errors.ts';
import { list } from './ec2-list.ts';

interface Known {
  readonly type: string;
  readonly facts: InstanceFacts;
}

/** The types of the table of facts, which every region offers. */
const TYPES: readonly Known[] = knownTypes().flatMap((type) => {
  const facts = instanceFacts(type);
  return facts === undefined ? [] : [{ type, facts }];
});

/** Answers DescribeInstanceTypes; one type that is not known refuses the call that names it (EC2 API reference). */
export function describeInstanceTypes(asked: DescribeInstanceTypesCommandInput) {
  const { items, next } = list<Known>(
    { ids: asked.InstanceTypes, filters: asked.Filters, size: asked.MaxResults, token: asked.NextToken },
    {
      all: () => TYPES,
      get: (type) => TYPES.find((one) => one.type === type),
      unknown: (types) =>
        refused(
          'InvalidInstanceType',
          `The following supplied instance types do not exist: [${types.join(', ')}]`,
        ),
      idFilter: 'instance-type',
      tags: () => ({}),
      fields: { 'instance-type': ({ type }) => type },
    },
  );
  return { InstanceTypes: items.map(describe), ...next };
}

function describe({ type, facts }: Known): Omit<InstanceTypeInfo, 'InstanceType'> & { InstanceType: string } {
  const { vcpu, memoryGiB, gpus, gpuMemoryGiB, architecture } = facts;
  return {
    InstanceType: type,
    VCpuInfo: { DefaultVCpus: vcpu },
    MemoryInfo: { SizeInMiB: memoryGiB * 1024 },
    ProcessorInfo: { SupportedArchitectures: [architecture] },
    ...(gpus === 0
      ? {}
      : { GpuInfo: { Gpus: [{ Count: gpus, MemoryInfo: { SizeInMiB: (gpuMemoryGiB / gpus) * 1024 } }] } }),
  };
}
