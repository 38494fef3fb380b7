/** What a job may need to know of an instance type. */
export interface InstanceFacts {
  readonly memoryGiB: number;
  /** Whole GPUs; 0 of a type without. */
  readonly gpus: number;
}

/**
 * Memory (GiB) and GPUs by family and size, of the families that machine learning usually runs on. Source: Amazon EC2
 * Instance Types guide, “Specifications for Amazon EC2 accelerated computing / general purpose / compute optimized /
 * memory optimized instances” (docs.aws.amazon.com/ec2/latest/instancetypes). SageMaker’s `ml.` types are the same
 * machines.
 */
const FACTS: Readonly<Record<string, Readonly<Record<string, readonly [memoryGiB: number, gpus: number]>>>> =
  {
    g4dn: {
      xlarge: [16, 1],
      '2xlarge': [32, 1],
      '4xlarge': [64, 1],
      '8xlarge': [128, 1],
      '12xlarge': [192, 4],
      '16xlarge': [256, 1],
      metal: [384, 8],
    },
    g5: {
      xlarge: [16, 1],
      '2xlarge': [32, 1],
      '4xlarge': [64, 1],
      '8xlarge': [128, 1],
      '12xlarge': [192, 4],
      '16xlarge': [256, 1],
      '24xlarge': [384, 4],
      '48xlarge': [768, 8],
    },
    g6: {
      xlarge: [16, 1],
      '2xlarge': [32, 1],
      '4xlarge': [64, 1],
      '8xlarge': [128, 1],
      '12xlarge': [192, 4],
      '16xlarge': [256, 1],
      '24xlarge': [384, 4],
      '48xlarge': [768, 8],
    },
    p3: { '2xlarge': [61, 1], '8xlarge': [244, 4], '16xlarge': [488, 8] },
    p3dn: { '24xlarge': [768, 8] },
    p4d: { '24xlarge': [1152, 8] },
    p4de: { '24xlarge': [1152, 8] },
    p5: { '4xlarge': [256, 1], '48xlarge': [2048, 8] },
    p5e: { '48xlarge': [2048, 8] },
    p5en: { '48xlarge': [2048, 8] },
    m5: {
      large: [8, 0],
      xlarge: [16, 0],
      '2xlarge': [32, 0],
      '4xlarge': [64, 0],
      '8xlarge': [128, 0],
      '12xlarge': [192, 0],
      '16xlarge': [256, 0],
      '24xlarge': [384, 0],
      metal: [384, 0],
    },
    c5: {
      large: [4, 0],
      xlarge: [8, 0],
      '2xlarge': [16, 0],
      '4xlarge': [32, 0],
      '9xlarge': [72, 0],
      '12xlarge': [96, 0],
      '18xlarge': [144, 0],
      '24xlarge': [192, 0],
      metal: [192, 0],
    },
    r5: {
      large: [16, 0],
      xlarge: [32, 0],
      '2xlarge': [64, 0],
      '4xlarge': [128, 0],
      '8xlarge': [256, 0],
      '12xlarge': [384, 0],
      '16xlarge': [512, 0],
      '24xlarge': [768, 0],
      metal: [768, 0],
    },
  };

/** What is known of an instance type, `ml.` or not; `undefined` of a type that is not in the table, never a guess. */
export function instanceFacts(type: string): InstanceFacts | undefined {
  const [family = '', size = ''] = type.replace(/^ml\./, '').split('.');
  const sizes = Object.hasOwn(FACTS, family) ? FACTS[family] : undefined;
  const found = sizes !== undefined && Object.hasOwn(sizes, size) ? sizes[size] : undefined;
  return found === undefined ? undefined : { memoryGiB: found[0], gpus: found[1] };
}
