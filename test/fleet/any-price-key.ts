import * as fc from 'fast-check';
import type { AnyPriceKey } from '../../lib/fleet/price-names.ts';

const region = fc.constantFrom('us-east-1', 'eu-west-1', 'ap-northeast-2');
const machine = fc.constantFrom('g5.xlarge', 'm7i-flex.2xlarge', 'm7i.metal-24xl', 'x9.unheard');

const hour = fc.oneof(
  fc.record({
    service: fc.constant('ec2' as const),
    region,
    instanceType: machine,
    system: fc.constantFrom('Linux' as const, 'Windows' as const, 'RHEL' as const, 'SUSE' as const),
  }),
  fc.record({
    service: fc.constantFrom(
      'sagemaker-hosting' as const,
      'sagemaker-notebook' as const,
      'sagemaker-studio-jupyterlab' as const,
      'sagemaker-studio-codeeditor' as const,
      'sagemaker-studio-kernelgateway' as const,
      'sagemaker-training' as const,
      'sagemaker-processing' as const,
      'sagemaker-transform' as const,
    ),
    region,
    instanceType: machine.map((type) => `ml.${type}`),
  }),
  fc.record({
    service: fc.constant('rds' as const),
    region,
    instanceType: machine.map((type) => `db.${type}`),
    engine: fc.constantFrom('postgres', 'aurora-postgresql'),
    multiAz: fc.boolean(),
  }),
);

const balancer = fc.constantFrom('application' as const, 'network' as const, 'gateway' as const);

const unit = fc.oneof(
  fc.record({
    service: fc.constant('ebs' as const),
    region,
    volumeType: fc.constantFrom('gp2' as const, 'gp3' as const, 'io2' as const, 'standard' as const),
    unit: fc.constantFrom('gib' as const, 'iops' as const, 'iops-tier2' as const, 'gibps' as const),
  }),
  fc.record({
    service: fc.constant('ebs-snapshot' as const),
    region,
    tier: fc.constantFrom('standard' as const, 'archive' as const),
  }),
  fc.record({
    service: fc.constantFrom(
      'nat-gateway' as const,
      'nat-gateway-data' as const,
      's3-monitoring' as const,
      'sagemaker-serverless-data' as const,
    ),
    region,
  }),
  fc.record({
    service: fc.constantFrom('load-balancer' as const, 'load-balancer-lcu' as const),
    region,
    type: balancer,
  }),
  fc.record({
    service: fc.constant('public-ipv4' as const),
    region,
    state: fc.constantFrom('in-use' as const, 'idle' as const),
  }),
  fc.record({
    service: fc.constant('s3' as const),
    region,
    storageClass: fc.constantFrom(
      'STANDARD' as const,
      'ONEZONE_IA' as const,
      'INTELLIGENT_TIERING_FREQUENT' as const,
      'DEEP_ARCHIVE' as const,
    ),
  }),
  fc.record({
    service: fc.constant('logs' as const),
    region,
    unit: fc.constantFrom('stored' as const, 'ingested' as const),
  }),
  fc.record({
    service: fc.constant('lambda' as const),
    region,
    architecture: fc.constantFrom('x86_64' as const, 'arm64' as const),
    unit: fc.constantFrom('requests' as const, 'gb-seconds' as const),
  }),
  fc.record({
    service: fc.constant('rds-storage' as const),
    region,
    storageType: fc.constantFrom('gp2' as const, 'gp3' as const, 'io1' as const, 'standard' as const),
    unit: fc.constantFrom('gib' as const, 'iops' as const),
    multiAz: fc.boolean(),
  }),
  fc.record({
    service: fc.constant('sagemaker-volume' as const),
    region,
    use: fc.constantFrom('hosting' as const, 'notebook' as const, 'training' as const, 'studio' as const),
  }),
  fc.record({
    service: fc.constant('sagemaker-serverless' as const),
    region,
    memoryMiB: fc.constantFrom(1024 as const, 4096 as const, 6144 as const),
  }),
);

/** Any key that a price may be asked by. */
export const anyPriceKey: fc.Arbitrary<AnyPriceKey> = fc.oneof(
  hour.map((key): AnyPriceKey => ({ per: 'hour', key })),
  unit.map((key): AnyPriceKey => ({ per: 'unit', key })),
);
