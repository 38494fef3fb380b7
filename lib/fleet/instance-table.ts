import type { Architecture } from './prices.ts';

/** A family whose sizes differ in how many vCPUs they have alone: memory goes with them, and no GPU is there. */
export interface PlainFamily {
  readonly architecture: Architecture;
  /** GiB of memory for each vCPU. */
  readonly gibPerVcpu: number;
  /** vCPUs by size. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** vCPUs, GiB of memory, GPUs, GiB of all GPUs. */
export type Row = readonly [vcpu: number, memoryGiB: number, gpus: number, gpuMemoryGiB: number];

/** A family whose sizes are each of their own. */
export interface ListedFamily {
  readonly architecture: Architecture;
  readonly rows: Readonly<Record<string, Row>>;
}

const UP_TO_24 = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
} as const;
const METAL_24 = { ...UP_TO_24, metal: 96 } as const;
/** Of Intel's sixth generation. */
const UP_TO_32 = { ...UP_TO_24, '32xlarge': 128, metal: 128 } as const;
/** Of AMD's sixth generation. */
const UP_TO_48 = { ...UP_TO_24, '32xlarge': 128, '48xlarge': 192, metal: 192 } as const;
/** Of Intel's seventh generation, which skips 32xlarge. */
const INTEL_7 = { ...UP_TO_24, '48xlarge': 192, 'metal-24xl': 96, 'metal-48xl': 192 } as const;
const AMD_7 = { medium: 1, ...UP_TO_24, '32xlarge': 128, '48xlarge': 192, 'metal-48xl': 192 } as const;
const C5 = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '9xlarge': 36,
  '12xlarge': 48,
  '18xlarge': 72,
  '24xlarge': 96,
  metal: 96,
} as const;
const GRAVITON = {
  medium: 1,
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  metal: 64,
} as const;
const GRAVITON_4 = {
  medium: 1,
  ...UP_TO_24,
  '48xlarge': 192,
  'metal-24xl': 96,
  'metal-48xl': 192,
} as const;

const x86 = (gibPerVcpu: number, sizes: PlainFamily['sizes']): PlainFamily => ({
  architecture: 'x86_64',
  gibPerVcpu,
  sizes,
});
const arm = (gibPerVcpu: number, sizes: PlainFamily['sizes']): PlainFamily => ({
  architecture: 'arm64',
  gibPerVcpu,
  sizes,
});

/**
 * Families without GPUs. Source of both tables: what EC2 DescribeInstanceTypes answers, and the Amazon EC2 Instance
 * Types guide, “Specifications for Amazon EC2 … instances” (docs.aws.amazon.com/ec2/latest/instancetypes).
 */
export const PLAIN: Readonly<Record<string, PlainFamily>> = {
  m5: x86(4, METAL_24),
  m5a: x86(4, UP_TO_24),
  m5d: x86(4, METAL_24),
  m6i: x86(4, UP_TO_32),
  m6a: x86(4, UP_TO_48),
  m6g: arm(4, GRAVITON),
  m7i: x86(4, INTEL_7),
  m7a: x86(4, AMD_7),
  m7g: arm(4, GRAVITON),
  m8g: arm(4, GRAVITON_4),
  c5: x86(2, C5),
  c5a: x86(2, UP_TO_24),
  c6i: x86(2, UP_TO_32),
  c6a: x86(2, UP_TO_48),
  c6g: arm(2, GRAVITON),
  c7i: x86(2, INTEL_7),
  c7a: x86(2, AMD_7),
  c7g: arm(2, GRAVITON),
  c8g: arm(2, GRAVITON_4),
  r5: x86(8, METAL_24),
  r5a: x86(8, UP_TO_24),
  r6i: x86(8, UP_TO_32),
  r6a: x86(8, UP_TO_48),
  r6g: arm(8, GRAVITON),
  r7i: x86(8, INTEL_7),
  r7a: x86(8, AMD_7),
  r7g: arm(8, GRAVITON),
  r8g: arm(8, GRAVITON_4),
  x2idn: x86(16, { '16xlarge': 64, '24xlarge': 96, '32xlarge': 128, metal: 128 }),
  x2iedn: x86(32, {
    xlarge: 4,
    '2xlarge': 8,
    '4xlarge': 16,
    '8xlarge': 32,
    '16xlarge': 64,
    '24xlarge': 96,
    '32xlarge': 128,
    metal: 128,
  }),
};

/** Of T3 and its like even the smallest have two vCPUs, which earn credits: they are not theirs all the time. */
const BURSTABLE: Readonly<Record<string, Row>> = {
  nano: [2, 0.5, 0, 0],
  micro: [2, 1, 0, 0],
  small: [2, 2, 0, 0],
  medium: [2, 4, 0, 0],
  large: [2, 8, 0, 0],
  xlarge: [4, 16, 0, 0],
  '2xlarge': [8, 32, 0, 0],
};

/** An A10G and an L4 have 24 GiB each, and the sizes of both families are the same. */
const G5_G6: Readonly<Record<string, Row>> = {
  xlarge: [4, 16, 1, 24],
  '2xlarge': [8, 32, 1, 24],
  '4xlarge': [16, 64, 1, 24],
  '8xlarge': [32, 128, 1, 24],
  '12xlarge': [48, 192, 4, 96],
  '16xlarge': [64, 256, 1, 24],
  '24xlarge': [96, 384, 4, 96],
  '48xlarge': [192, 768, 8, 192],
};

const listed = (rows: ListedFamily['rows'], architecture: Architecture = 'x86_64'): ListedFamily => ({
  architecture,
  rows,
});

/**
 * Burstable, accelerated and older families. Memory of GPUs is what one is sold with, as people state it: EC2 says
 * 22,888 MiB of an A10G, which are its 24 GB. Trainium and Inferentia devices are no GPUs.
 */
export const LISTED: Readonly<Record<string, ListedFamily>> = {
  t2: listed({
    nano: [1, 0.5, 0, 0],
    micro: [1, 1, 0, 0],
    small: [1, 2, 0, 0],
    medium: [2, 4, 0, 0],
    large: [2, 8, 0, 0],
    xlarge: [4, 16, 0, 0],
    '2xlarge': [8, 32, 0, 0],
  }),
  t3: listed(BURSTABLE),
  t3a: listed(BURSTABLE),
  t4g: listed(BURSTABLE, 'arm64'),
  m4: listed({
    large: [2, 8, 0, 0],
    xlarge: [4, 16, 0, 0],
    '2xlarge': [8, 32, 0, 0],
    '4xlarge': [16, 64, 0, 0],
    '10xlarge': [40, 160, 0, 0],
    '16xlarge': [64, 256, 0, 0],
  }),
  c4: listed({
    large: [2, 3.75, 0, 0],
    xlarge: [4, 7.5, 0, 0],
    '2xlarge': [8, 15, 0, 0],
    '4xlarge': [16, 30, 0, 0],
    '8xlarge': [36, 60, 0, 0],
  }),
  g4dn: listed({
    xlarge: [4, 16, 1, 16],
    '2xlarge': [8, 32, 1, 16],
    '4xlarge': [16, 64, 1, 16],
    '8xlarge': [32, 128, 1, 16],
    '12xlarge': [48, 192, 4, 64],
    '16xlarge': [64, 256, 1, 16],
    metal: [96, 384, 8, 128],
  }),
  g5: listed(G5_G6),
  g5g: listed(
    {
      xlarge: [4, 8, 1, 16],
      '2xlarge': [8, 16, 1, 16],
      '4xlarge': [16, 32, 1, 16],
      '8xlarge': [32, 64, 1, 16],
      '16xlarge': [64, 128, 2, 32],
      metal: [64, 128, 2, 32],
    },
    'arm64',
  ),
  g6: listed(G5_G6),
  g6e: listed({
    xlarge: [4, 32, 1, 48],
    '2xlarge': [8, 64, 1, 48],
    '4xlarge': [16, 128, 1, 48],
    '8xlarge': [32, 256, 1, 48],
    '12xlarge': [48, 384, 4, 192],
    '16xlarge': [64, 512, 1, 48],
    '24xlarge': [96, 768, 4, 192],
    '48xlarge': [192, 1536, 8, 384],
  }),
  gr6: listed({ '4xlarge': [16, 128, 1, 24], '8xlarge': [32, 256, 1, 24] }),
  p2: listed({ xlarge: [4, 61, 1, 12], '8xlarge': [32, 488, 8, 96], '16xlarge': [64, 732, 16, 192] }),
  p3: listed({ '2xlarge': [8, 61, 1, 16], '8xlarge': [32, 244, 4, 64], '16xlarge': [64, 488, 8, 128] }),
  p3dn: listed({ '24xlarge': [96, 768, 8, 256] }),
  p4d: listed({ '24xlarge': [96, 1152, 8, 320] }),
  p4de: listed({ '24xlarge': [96, 1152, 8, 640] }),
  p5: listed({ '4xlarge': [16, 256, 1, 80], '48xlarge': [192, 2048, 8, 640] }),
  p5e: listed({ '48xlarge': [192, 2048, 8, 1128] }),
  p5en: listed({ '48xlarge': [192, 2048, 8, 1128] }),
  trn1: listed({ '2xlarge': [8, 32, 0, 0], '32xlarge': [128, 512, 0, 0] }),
  trn1n: listed({ '32xlarge': [128, 512, 0, 0] }),
  inf1: listed({
    xlarge: [4, 8, 0, 0],
    '2xlarge': [8, 16, 0, 0],
    '6xlarge': [24, 48, 0, 0],
    '24xlarge': [96, 192, 0, 0],
  }),
  inf2: listed({
    xlarge: [4, 16, 0, 0],
    '8xlarge': [32, 128, 0, 0],
    '24xlarge': [96, 384, 0, 0],
    '48xlarge': [192, 768, 0, 0],
  }),
};
