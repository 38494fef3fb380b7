import { mapping, wholeNumber, written } from '../policy/fields.ts';
import type { InstanceNeeds } from '../types/gate.ts';

const GIB = /^(\d{1,5}(?:\.\d{1,2})?) ?GiB$/;

const gibibytes = (name: string) =>
  written(name, GIB, 'an amount of memory', 'Write it such as 16 GiB.').transform((said) =>
    Number(said.replace(/ ?GiB$/, '')),
  );

/** The keys of `needs`, as people write them. */
export const needsShape = {
  vcpu: wholeNumber('vcpu', 1, 1_000).optional().describe('vCPUs of the instance.'),
  memory: gibibytes('memory')
    .optional()
    .meta({ description: 'Memory of the instance.', examples: ['16 GiB'] }),
  gpu: wholeNumber('gpu', 0, 64).optional().describe('GPUs of the instance.'),
  gpuMemory: gibibytes('gpuMemory')
    .optional()
    .meta({ description: 'Memory of all its GPUs together.', examples: ['24 GiB'] }),
};

/** `needs: { vcpu: 4, memory: 16 GiB, gpu: 1, gpuMemory: 24 GiB }`. */
export const NeedsSchema = mapping('`needs`', needsShape).transform(needsOf);

/** Needs as the types have them, without what is not stated. */
export function needsOf({
  vcpu,
  memory,
  gpu,
  gpuMemory,
}: {
  readonly vcpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly gpu?: number | undefined;
  readonly gpuMemory?: number | undefined;
}): InstanceNeeds {
  return {
    ...(vcpu === undefined ? {} : { vcpu }),
    ...(memory === undefined ? {} : { memoryGiB: memory }),
    ...(gpu === undefined ? {} : { gpus: gpu }),
    ...(gpuMemory === undefined ? {} : { gpuMemoryGiB: gpuMemory }),
  };
}
