import { hasNvidiaGpu } from '../fleet/accelerators.ts';
import type { InstanceFacts } from '../fleet/instance-facts.ts';
import type { Grade } from '../types/recommendation.ts';
import { type FitNeeds, HEADROOM, otherFamilies, smallerSizes } from './fit.ts';
import { lowerGrade } from './grades.ts';
import { type Hours, hoursAbove, type UseFigures } from './read-use.ts';
import { gibText, percentText, rateText } from './texts.ts';

/** What an instance used of what it has; `undefined` and absent GPUs were not measured over the whole time. */
export interface InstanceUse {
  /** Percent of all vCPUs. */
  readonly cpu: UseFigures;
  readonly cpuHours: Hours | undefined;
  /** The highest of all hours. */
  readonly memoryPercent: number | undefined;
  /** Bytes a second, each way. */
  readonly network: number | undefined;
  /** Bytes a second to and from volumes. */
  readonly disk: number | undefined;
  /** The highest % of each GPU that is measured. */
  readonly gpus: readonly number[];
  /** GiB at most of each GPU that is measured. */
  readonly gpuMemoriesGiB: readonly number[];
}

/** Sizes that would do, and on what grounds. */
export interface Sizing {
  /** Any of these. */
  readonly types: readonly string[];
  readonly risk: Grade;
  readonly confidence: Grade;
  readonly evidence: readonly string[];
  /** What a type keeps. */
  readonly keepsOf: (type: string, facts: InstanceFacts | undefined) => string;
}

/** Days from which on two weeks are taken for seen in whole. */
const WHOLE_DAYS = 13;
/** A GPU that does anything at all is above it in some hour. */
const UNUSED_GPU_PERCENT = 1;
/** What a driver, or a desktop, keeps of a GPU that nobody uses. */
const UNUSED_GPU_GIB = 1;
/** Below it another model of GPU has enough to spare to be worth a try. */
const LIGHT_GPU_PERCENT = 30;

/**
 * The ways to another size, the best first: the same family by the highest CPU, the same by what 99 of 100 hours need, and
 * other families. None where a GPU is there that nothing is known of. Pure.
 */
export function sizings(type: string, facts: InstanceFacts, use: InstanceUse): readonly Sizing[] {
  const gpu = hasNvidiaGpu(type) ? gpuUse(facts, use) : NO_GPU;
  if (gpu === undefined) return [];
  const at = (cpuPercent: number): FitNeeds => ({
    vcpu: vcpusUsed(facts, cpuPercent) * HEADROOM,
    steadyVcpu: vcpusUsed(facts, use.cpu.usual) * HEADROOM,
    // What is not measured is kept.
    memoryGiB:
      use.memoryPercent === undefined
        ? facts.memoryGiB
        : facts.memoryGiB * (use.memoryPercent / 100) * HEADROOM,
    ...(use.network === undefined ? {} : { network: use.network * HEADROOM }),
    ...(use.disk === undefined ? {} : { disk: use.disk * HEADROOM }),
    ...gpu.needs,
  });
  const days = use.cpu.days >= WHOLE_DAYS ? 'high' : 'medium';
  const known: Grade = use.memoryPercent === undefined ? 'low' : gpu.isSure ? days : 'medium';
  const highest = at(use.cpu.highest);
  const usual = at(use.cpu.usual);
  const ways: readonly Omit<Sizing, 'evidence' | 'keepsOf'>[] =
    gpu.state === 'unused'
      ? [
          {
            types: otherFamilies(type, { ...highest, gpus: 0 }),
            risk: 'high',
            confidence: lowerGrade(known, 'medium'),
          },
        ]
      : [
          { types: smallerSizes(type, highest), risk: 'low', confidence: known },
          { types: smallerSizes(type, usual), risk: 'medium', confidence: lowerGrade(known, 'medium') },
          ...(gpu.state === 'none'
            ? [{ types: otherFamilies(type, highest), risk: 'medium', confidence: known } as const]
            : []),
          ...(gpu.state === 'light'
            ? [{ types: otherFamilies(type, highest), risk: 'high', confidence: 'low' } as const]
            : []),
        ];
  return ways
    .filter(({ types }) => types.length > 0)
    .map((way) => ({
      ...way,
      evidence: evidenceOf(facts, use, gpu),
      keepsOf: (other, others) => keepsOf(other, others, facts, use, gpu),
    }));
}

interface GpuUse {
  readonly state: 'none' | 'unused' | 'light' | 'used';
  readonly needs: Pick<FitNeeds, 'gpus' | 'gpuMemoryGiB' | 'eachGpuGiB'>;
  /** GPUs of which anything was used. */
  readonly used: number;
  readonly isSure: boolean;
}

const NO_GPU: GpuUse = { state: 'none', needs: {}, used: 0, isSure: true };

/** `undefined` where not every GPU is measured. */
function gpuUse({ gpus, gpuMemoryGiB }: InstanceFacts, use: InstanceUse): GpuUse | undefined {
  if (gpus === 0 || use.gpus.length < gpus) return undefined;
  const isMemoryKnown = use.gpuMemoriesGiB.length >= gpus;
  const memories = isMemoryKnown ? use.gpuMemoriesGiB : [];
  const used = use.gpus.filter(
    (percent, index) => percent >= UNUSED_GPU_PERCENT || (memories[index] ?? 0) >= UNUSED_GPU_GIB,
  ).length;
  if (used === 0) return { state: 'unused', needs: {}, used, isSure: isMemoryKnown };
  const each = isMemoryKnown ? Math.max(...memories) * HEADROOM : gpuMemoryGiB / gpus;
  return {
    state: isMemoryKnown && Math.max(...use.gpus) <= LIGHT_GPU_PERCENT ? 'light' : 'used',
    needs: { gpus: used, gpuMemoryGiB: each * used, eachGpuGiB: each },
    used,
    isSure: isMemoryKnown,
  };
}

const vcpusUsed = ({ vcpu }: InstanceFacts, percent: number): number => (vcpu * percent) / 100;

const vcpuText = (count: number): string => `${Number(count.toFixed(2))} ${count === 1 ? 'vCPU' : 'vCPUs'}`;

function evidenceOf(facts: InstanceFacts, use: InstanceUse, gpu: GpuUse): readonly string[] {
  const { cpu } = use;
  const cpuText = `CPU at most ${percentText(cpu.highest)} of ${vcpuText(facts.vcpu)} in ${cpu.hours} hours of ${cpu.days} days, and at most ${percentText(cpu.usual)} in 99 of 100 of them.`;
  const memory =
    use.memoryPercent === undefined
      ? 'Its memory is not measured (the CloudWatch agent would tell mem_used_percent), so that as much of it is kept.'
      : `Memory at most ${percentText(use.memoryPercent)} of ${gibText(facts.memoryGiB)}.`;
  const rates = [
    use.network === undefined ? undefined : `network at most ${rateText(use.network)}`,
    use.disk === undefined ? undefined : `volumes at most ${rateText(use.disk)}`,
  ].filter((one) => one !== undefined);
  const gaps = [
    use.network === undefined ? 'network' : undefined,
    use.disk === undefined ? 'volumes' : undefined,
  ].filter((one) => one !== undefined);
  return [
    cpuText,
    memory,
    ...(rates.length === 0 ? [] : [`${capital(rates.join(', '))}.`]),
    ...(gaps.length === 0 ? [] : [`Not measured: traffic of ${gaps.join(' and ')}.`]),
    ...gpuText(facts, use, gpu),
  ];
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function gpuText({ gpus, gpuMemoryGiB }: InstanceFacts, use: InstanceUse, gpu: GpuUse): readonly string[] {
  if (gpu.state === 'none') return [];
  const of = `${gpu.used} of ${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'} used`;
  const busiest = `at most ${percentText(Math.max(...use.gpus))}`;
  const memory =
    use.gpuMemoriesGiB.length < gpus
      ? 'GPU memory is not measured'
      : `at most ${gibText(Math.max(...use.gpuMemoriesGiB))} of the ${gibText(gpuMemoryGiB / gpus)} of one`;
  return [`${of}: ${busiest}, ${memory}.`];
}

function keepsOf(
  type: string,
  other: InstanceFacts | undefined,
  facts: InstanceFacts,
  use: InstanceUse,
  gpu: GpuUse,
): string {
  if (other === undefined) return `${type} keeps what was measured.`;
  const highest = vcpusUsed(facts, use.cpu.highest);
  const slower = hoursAbove(use.cpuHours, (other.vcpu / facts.vcpu) * 100);
  const inside = vcpuText(other.vcpu);
  const cpu =
    slower > 0
      ? `its CPU in ${inside} but for ${slower} of ${use.cpu.hours} hours, in which it would be slower (${vcpuText(highest)} at most)`
      : `its highest CPU (${vcpuText(highest)}) in ${inside}`;
  const room =
    highest * HEADROOM <= other.vcpu
      ? 'with a quarter of what was used to spare'
      : `with a quarter of what was used to spare, of CPU in 99 of 100 hours`;
  const memory =
    use.memoryPercent === undefined
      ? `all ${gibText(facts.memoryGiB)} of its memory`
      : `its highest memory (${gibText((facts.memoryGiB * use.memoryPercent) / 100)}) in ${gibText(other.memoryGiB)}`;
  const gpus =
    gpu.state === 'none'
      ? ''
      : gpu.state === 'unused'
        ? '; it has no GPU, which nothing used'
        : `, and ${gpu.used} of its GPUs, each with ${gibText(other.gpuMemoryGiB / Math.max(1, other.gpus))}${gpu.state === 'light' ? '; where it is another model of GPU, try it before' : ''}`;
  return `${type} keeps ${cpu} and ${memory}${gpus}, ${room}.`;
}
