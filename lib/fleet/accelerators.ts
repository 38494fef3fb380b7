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
 * vCPUs of an `ml.` instance type, told by its size: 4 for each `x`. The SageMaker metric
 * `CPUUtilization` is 0–100 × vCPUs, so it must be divided by them.
 * @returns `undefined` for a size that names no number of vCPUs.
 */
export function vcpusOf(type: string): number | undefined {
  const size = type.split('.').at(-1) ?? '';
  const xlarge = /^(\d*)xlarge$/.exec(size);
  if (xlarge !== null) return 4 * Number(xlarge[1] === '' ? 1 : xlarge[1]);
  return size === 'large' || size === 'medium' ? 2 : undefined;
}
