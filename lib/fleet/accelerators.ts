/**
 * What an instance type carries beside its CPUs, told by its family; `ml.` types as well. Unknown new
 * families of the P and G lines count as having a GPU: without its metric they are never judged idle.
 */
export const hasNvidiaGpu = (type: string): boolean =>
  /^(?:ml\.)?(?:p\d|g\d|gr\d)/.test(type) && !isAmd(type);

/** Any accelerator: GPUs, Neuron devices (trn, inf), Gaudi and others (dl), FPGAs (f), media (vt). */
export const hasAccelerator = (type: string): boolean =>
  /^(?:ml\.)?(?:p\d|g\d|gr\d|trn\d|inf\d|dl\d|f\d|vt\d)/.test(type);

const isAmd = (type: string): boolean => /^(?:ml\.)?g\d+ad\./.test(type);

/**
 * vCPUs of an instance type, `ml.` or not, told by its size: 4 for each `x`. The SageMaker metric
 * `CPUUtilization` is 0–100 × vCPUs, so it must be divided by them.
 * @returns `undefined` for a size that names no number of vCPUs.
 */
export function vcpusOf(type: string): number | undefined {
  const size = type.split('.').at(-1) ?? '';
  const xlarge = /^(?:(\d*)xlarge|metal-(\d+)xl)$/.exec(size);
  if (xlarge !== null) return 4 * Number(xlarge[1] || xlarge[2] || 1);
  if (size === 'large' || type.endsWith('t2.medium')) return 2;
  // Of the burstable families even the smallest sizes have two vCPUs since T3; of all others one.
  return /^(?:nano|micro|small|medium)$/.test(size) ? (/^(?:ml\.)?t[34]/.test(type) ? 2 : 1) : undefined;
}

/** Of a size that names no number; most bare-metal instances have as many or fewer. */
const VCPUS_OF_UNKNOWN = 192;

/**
 * Half a vCPU in % of the whole instance. One busy core of 96 is only 1 %: a limit meant for few cores
 * would read it as idle.
 */
export const halfCorePercent = (type: string): number => 50 / (vcpusOf(type) ?? VCPUS_OF_UNKNOWN);
