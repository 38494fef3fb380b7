import {
  type ArchitectureType,
  DescribeInstanceTypesCommand,
  type EC2Client,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import type { InstanceFacts } from './instance-facts.ts';
import type { Permission } from './kind.ts';
import { allPages } from './pages.ts';
import type { Architecture } from './prices.ts';

/** What `describeTypes` needs; the action takes no resource (Service Authorization Reference, Amazon EC2). */
export const DESCRIBE_TYPES_PERMISSION: Permission = {
  actions: ['ec2:DescribeInstanceTypes'],
  resources: ['*'],
  taggedOnly: false,
};

/**
 * Facts of instance types, asked of EC2 by their EC2 names, `ml.` and `db.` alike; for types that `instanceFacts` does
 * not know. A type that the region does not offer, or of which EC2 says too little, is absent. All pages; they are read
 * by a filter, since a name that does not exist fails a call that names it (EC2 API reference, DescribeInstanceTypes).
 * @returns by the names as they were given
 * @throws what EC2 answers
 */
export async function describeTypes(
  types: readonly string[],
  ec2: EC2Client,
): Promise<ReadonlyMap<string, InstanceFacts>> {
  const found = new Map<string, InstanceFacts>();
  const names = [...new Set(types.map(machineOf))];
  for (let start = 0; start < names.length; start += MAX_VALUES) {
    const asked = names.slice(start, start + MAX_VALUES);
    const described = await allPages<InstanceTypeInfo>(async (NextToken) => {
      const page = await ec2.send(
        new DescribeInstanceTypesCommand({
          Filters: [{ Name: 'instance-type', Values: asked }],
          MaxResults: 100,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );
      return { items: page.InstanceTypes, next: page.NextToken };
    });
    for (const one of described) {
      const facts = factsOf(one);
      if (one.InstanceType !== undefined && facts !== undefined) found.set(one.InstanceType, facts);
    }
  }
  return new Map(
    types.flatMap((type) => {
      const facts = found.get(machineOf(type));
      return facts === undefined ? [] : [[type, facts] as const];
    }),
  );
}

/** So many values a filter may have (EC2 User Guide, “List and filter your resources”). */
const MAX_VALUES = 200;

const machineOf = (type: string): string => type.replace(/^(?:ml|db)\./, '');

function factsOf({
  VCpuInfo,
  MemoryInfo,
  GpuInfo,
  ProcessorInfo,
}: InstanceTypeInfo): InstanceFacts | undefined {
  const [vcpu, memory] = [VCpuInfo?.DefaultVCpus, MemoryInfo?.SizeInMiB];
  const architecture = architectureOf(ProcessorInfo?.SupportedArchitectures ?? []);
  if (vcpu === undefined || memory === undefined || architecture === undefined) return undefined;
  const gpus = GpuInfo?.Gpus ?? [];
  return {
    vcpu,
    memoryGiB: memory / 1024,
    gpus: gpus.reduce((sum, { Count = 0 }) => sum + Count, 0),
    gpuMemoryGiB: gpus.reduce(
      (sum, { Count = 0, MemoryInfo: own }) => sum + Count * asSold(own?.SizeInMiB ?? 0),
      0,
    ),
    architecture,
  };
}

/** Older types answer `i386` beside `x86_64`. */
function architectureOf(supported: readonly ArchitectureType[]): Architecture | undefined {
  if (supported.includes('x86_64')) return 'x86_64';
  return supported.includes('arm64') ? 'arm64' : undefined;
}

/**
 * Memory of one GPU as it is sold, which is how the table and people state it: EC2 says 40,960 MiB of an A100 with 40 GB
 * and 22,888 MiB of an A10G with 24 GB, which are 24,000,000,000 bytes.
 */
const asSold = (mib: number): number =>
  mib % 1024 === 0 ? mib / 1024 : Math.round((mib * 1_048_576) / 1_000_000_000);
