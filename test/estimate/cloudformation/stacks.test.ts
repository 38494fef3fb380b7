import { describe, expect, it } from 'vitest';
import { readCdkOut } from '../../../lib/estimate/cloudformation/read-cdk-out.ts';
import { readTemplate } from '../../../lib/estimate/cloudformation/read-template.ts';
import type { Estimate } from '../../../lib/estimate/estimate.ts';
import { parseUsage } from '../../../lib/estimate/usage-file.ts';
import { formatUsd, sumUsd } from '../../../lib/types/money.ts';
import { costsOf, OPTIONS, priced, readStack, stackPath, stackText } from './prices.ts';

const total = ({ items }: Estimate): string => formatUsd(sumUsd(items.map(({ cost }) => cost)));

const unpricedOf = ({ items }: Estimate): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(items.filter((one) => one.unpriced.length > 0).map((one) => [one.id, one.unpriced]));

describe('what stacks cost, worked by hand', () => {
  it('a web tier in two zones', async () => {
    const usage = parseUsage(
      `version: 1
resources:
  NatA: { dataGb: 500 }
  NatB: { dataGb: 100 }
  Balancer: { lcus: 2 }
`,
      'usage.yaml',
    );
    const estimate = await priced(await readStack('web-vpc.yaml', { usage }));
    expect(costsOf(estimate)).toEqual({
      // 730 h × $0.005
      'App/AddressA': '3.65',
      'App/AddressB': '3.65',
      // 730 h × $0.045 = 32.85; 500 GB × $0.045 = 22.50
      'App/NatA': '55.35',
      // 32.85; 100 GB × $0.045 = 4.50
      'App/NatB': '37.35',
      // 730 h × $0.0225 = 16.425; 2 LCUs × 730 h × $0.008 = 11.68; 2 addresses × 730 h × $0.005 = 7.30
      'App/Balancer': '35.405',
      // 3 × 730 h × $0.096 = 210.24; 3 × 30 GiB × $0.08 = 7.20
      'App/Group': '217.44',
    });
    // 3.65 + 3.65 + 55.35 + 37.35 + 35.405 + 217.44 = 352.845
    expect(total(estimate)).toBe('$352.85');
    expect(unpricedOf(estimate)).toEqual({});
    // VPC, internet gateway, 2 subnets, target group, listener, launch template; Rollback is of the other environment.
    expect(estimate.free).toBe(7);
    expect(estimate.items.at(-1)).toMatchObject({
      project: 'storefront',
      place: { file: 'web-vpc.yaml', line: 74 },
      parts: [
        { what: '3 × m5.large (DesiredCapacity of the group; at MaxSize 9 it costs 3 times as much)' },
        {},
      ],
      choice: {
        instanceType: 'm5.large',
        at: { file: 'web-vpc.yaml', path: ['Parameters', 'InstanceType', 'Default'] },
        interruptible: false,
      },
    });
  });

  it('the same for development: one zone, one instance, and what is there alone', async () => {
    const estimate = await priced(
      await readStack('web-vpc.yaml', { parameters: { Environment: 'dev', InstanceType: 'g5.xlarge' } }),
    );
    expect(costsOf(estimate)).toEqual({
      'App/AddressA': '3.65',
      'App/NatA': '32.85',
      // 16.425 + 7.30, its capacity units not being stated
      'App/Balancer': '23.725',
      // 730 h × $1.006 = 734.38; 30 GiB × $0.08 = 2.40
      'App/Group': '736.78',
      // No price of an m5.24xlarge is in the book: told below, never free
      'App/Rollback': '0',
    });
    expect(unpricedOf(estimate)).toEqual({
      'App/NatA': ['Data through it is charged by the GB. State it: dataGb: 500.'],
      'App/Balancer': [
        'Its capacity units are charged by use. State how many are in use on average: lcus: 2.',
      ],
      'App/Rollback': [
        'The root volume is as large as its image says: name it in `BlockDeviceMappings` to have it counted.',
        expect.stringMatching(/^1 × m5\.24xlarge: no price of /),
      ],
    });
    // A stated type stands nowhere in the template, so nothing can be written there.
    expect(estimate.items.find(({ id }) => id === 'App/Group')?.choice).toBeUndefined();
  });

  it('GPU workers of which most are Spot', async () => {
    const estimate = await priced(await readStack('gpu-training-asg.yaml'));
    // On demand 1 + 25 % of 4 = 2: 2 × 730 h × $1.006 = 1,468.76. Spot 3: 3 × 730 h × $0.4501 = 985.719.
    // 5 × 200 GiB × $0.08 = 80. 5 × 3,000 IOPS above 3,000 × $0.005 = 75.
    // 5 × 375 MiB/s above 125 = 1,875 MiB/s = 1.831055 GiB/s × $40.96 = 75.000013.
    expect(costsOf(estimate)).toEqual({ 'App/Workers': '2684.479013' });
    expect(total(estimate)).toBe('$2,684.48');
    expect(estimate.items[0]?.choice).toEqual({
      instanceType: 'g5.xlarge',
      service: 'ec2',
      at: {
        file: 'gpu-training-asg.yaml',
        path: [
          'Resources',
          'Workers',
          'Properties',
          'MixedInstancesPolicy',
          'LaunchTemplate',
          'Overrides',
          0,
          'InstanceType',
        ],
      },
      interruptible: true,
      needs: { vcpu: 4, memoryGiB: 16, gpus: 1, gpuMemoryGiB: 24 },
    });
  });

  it('an endpoint that scales with its traffic', async () => {
    const change = await readStack('endpoint-autoscaling.yaml');
    const estimate = await priced(change);
    expect(costsOf(estimate)).toEqual({
      // At least 2, whatever it starts with: 2 × 730 h × $1.408
      'App/Endpoint/champion': '2055.68',
      // 730 h × $0.23 = 167.90; 50 GiB × $0.14 = 7.00
      'App/Endpoint/challenger': '174.9',
    });
    expect(total(estimate)).toBe('$2,230.58');
    expect(change.items.map(({ parts: [first] }) => first?.what)).toEqual([
      '2 × ml.g5.xlarge (the least that autoscaling keeps; at MaxCapacity 6 it costs 3 times as much)',
      '1 × ml.m5.xlarge',
    ]);
    expect(change.items.map(({ project, place }) => [project, place.line])).toEqual([
      ['recsys', 16],
      ['recsys', 21],
    ]);
    // Model, configuration, scalable target, policy.
    expect(change.free).toBe(4);
  });

  it('a serverless endpoint with its logs', async () => {
    const estimate = await priced(await readStack('serverless-endpoint.json'));
    expect(costsOf(estimate)).toEqual({
      // 2,000,000 × 0.3 s = 0.6 million seconds × $40 = 24.00; 50 GB × $0.016 = 0.80
      'App/Endpoint/AllTraffic': '24.8',
      // 10 GB × $0.50 = 5.00; 30 GB × $0.03 = 0.90
      'App/Logs': '5.9',
    });
    expect(total(estimate)).toBe('$30.70');
  });

  it('an asynchronous endpoint that scales to nothing', async () => {
    const idle = await priced(await readStack('async-endpoint.yaml'));
    expect(unpricedOf(idle)['App/Endpoint/AllTraffic']).toEqual([
      'Autoscaling takes it down to no instances. State how long one runs in a month: hours: 200.',
    ]);
    const usage = parseUsage(
      'version: 1\nresources: { Endpoint/AllTraffic: { hours: 120 } }\n',
      'usage.yaml',
    );
    const estimate = await priced(await readStack('async-endpoint.yaml', { usage }));
    expect(costsOf(estimate)).toEqual({
      // 200 GB × $0.023
      'App/Results': '4.6',
      // 120 h × $1.515
      'App/Endpoint/AllTraffic': '181.8',
    });
    expect(total(estimate)).toBe('$186.40');
    expect(estimate.items[1]?.costs[0]?.what).toBe(
      '1 × ml.g5.2xlarge, 120 h (asynchronous; one is counted for the hours that are stated; at MaxCapacity 4 it costs 4 times as much)',
    );
  });

  it('notebooks that a loop makes', async () => {
    const usage = parseUsage('version: 1\nresources: { Shared: { hours: 160 } }\n', 'usage.yaml');
    const estimate = await priced(await readStack('notebook-fleet.yaml', { usage }));
    expect(costsOf(estimate)).toEqual({
      // 730 h × $0.05 = 36.50; 20 GiB × $0.14 = 2.80
      'App/Notebookana': '39.3',
      'App/Notebookben': '39.3',
      'App/Notebookcho': '39.3',
      // 160 h × $3.825 = 612.00; 100 GiB × $0.14 = 14.00, kept while it is stopped
      'App/Shared': '626',
    });
    // 3 × 39.30 + 626.00
    expect(total(estimate)).toBe('$743.90');
  });

  it('a training pipeline and a state machine that trains', async () => {
    const estimate = await priced(await readStack('training-pipeline.yaml'));
    expect(costsOf(estimate)).toEqual({
      // 2 × 4 h × $1.408; an ml.g5 has disks of its own, and no volume beside them
      'App/Weekly/Train': '11.264',
      // 2 h × $3.825 = 7.65; 50 GiB × 2/730 of a month = 0.136986 × $0.14 = 0.019178
      'App/Backfill/Train': '7.669178',
    });
    expect(estimate.items.map(({ id, frequency, project }) => [id, frequency, project])).toEqual([
      ['App/Weekly/Train', 'once', 'recsys'],
      ['App/Backfill', 'month', 'recsys'],
      ['App/Backfill/Train', 'once', 'recsys'],
    ]);
    const unread = await readStack('training-pipeline.yaml', { readPipeline: () => [] });
    expect(unread.items.map(({ id }) => id)).toEqual(['App/Backfill']);
  });

  it('a database in several zones with a replica', async () => {
    const estimate = await priced(await readStack('rds-multi-az.json'));
    expect(costsOf(estimate)).toEqual({
      // 730 h × $0.45 = 328.50; 500 GiB × $0.23 = 115.00
      'App/Database': '443.5',
      // In one zone, as large as its source: 730 h × $0.225 = 164.25; 500 GiB × $0.115 = 57.50
      'App/Replica': '221.75',
    });
    expect(total(estimate)).toBe('$665.25');
    expect(estimate.items[0]?.place).toEqual({ file: 'rds-multi-az.json', line: 14, col: 28 });
    expect(estimate.items[0]?.choice?.at.path).toEqual(['Parameters', 'Class', 'Default']);
  });

  it('functions with stated use', async () => {
    const usage = parseUsage(await stackText('lambda-api.usage.yaml'), 'lambda-api.usage.yaml');
    const estimate = await priced(await readStack('lambda-api.yaml', { usage }));
    expect(costsOf(estimate)).toEqual({
      // 10 million × $0.20 = 2.00; 10,000,000 × 0.12 s × 0.5 GB = 0.6 million GB-s × $13.3334 = 8.00004
      'App/Reader': '10.00004',
      // 1 million × $0.20 = 0.20; 1,000,000 × 0.8 s × 1 GB = 0.8 million GB-s × $16.6667 = 13.33336
      'App/Writer': '13.53336',
    });
    expect(total(estimate)).toBe('$23.53');
    expect(Object.keys(unpricedOf(estimate))).toEqual(['App/Api', 'App/Table']);
    expect(estimate.items.map(({ project }) => project)).toEqual([undefined, undefined, 'api', 'api']);
  });

  it('a data node with disks for each use, and a Windows host', async () => {
    const estimate = await priced(await readStack('data-node.yaml'));
    expect(costsOf(estimate)).toEqual({
      // 730 h × $0.504 = 367.92; 20 GiB of gp2, as no type is named, × $0.10 = 2.00
      'App/Node': '369.92',
      // 1,000 GiB × $0.125 = 125; 32,000 IOPS × $0.065 = 2,080; 8,000 above × $0.0455 = 364
      'App/Journal': '2569',
      // 2,000 GiB × $0.045
      'App/Archive': '90',
      // 730 h × $0.376 = 274.48; 50 GiB × $0.08 = 4.00; an address, 730 h × $0.005 = 3.65
      'App/Jump': '282.13',
    });
    // 369.92 + 2,569.00 + 90.00 + 282.13
    expect(total(estimate)).toBe('$3,311.05');
    expect(unpricedOf(estimate)).toEqual({});
  });

  it('what cdk synth writes: stages, nested stacks, exports', async () => {
    const change = await readCdkOut(stackPath('cdk-app'), OPTIONS);
    const estimate = await priced(change);
    const nested = 'Prod/Serving/GatewayNestedStackGatewayNestedStackResource9F8E7D6C';
    expect(costsOf(estimate)).toEqual({
      // The configuration is of the other stack: 730 h × $1.408
      'Prod/Serving/Endpoint/AllTraffic': '1027.84',
      // 730 h × $0.096 = 70.08; 8 GiB × $0.08 = 0.64
      [`${nested}/Instance0A1B2C3D`]: '70.72',
    });
    expect(total(estimate)).toBe('$1,098.56');
    expect(change.items.map(({ project }) => project)).toEqual(['serving', 'serving']);
    expect(change.items[0]?.choice?.at).toEqual({
      file: stackPath('cdk-app/Models.template.json'),
      path: ['Resources', 'Config4D2E8F0B', 'Properties', 'ProductionVariants', 0, 'InstanceType'],
    });
    // The size of the nested stack's instance stands in the template around it.
    expect(change.items[1]?.choice?.at).toMatchObject({
      file: stackPath('cdk-app/assembly-Prod/ProdServing5B6C7D8E.template.json'),
      path: ['Resources', nested.split('/').at(-1), 'Properties', 'Parameters', 'referencetoSize'],
    });
    // The configuration, metadata of the CDK, and the nested stack itself.
    expect(change.free).toBe(3);
  });

  it.each([
    // Acceptance: $7.09, $1.515 and $1.408 an hour × 730 h
    ['ml.g5.12xlarge', '$5,175.70'],
    ['ml.g5.2xlarge', '$1,105.95'],
    ['ml.g5.xlarge', '$1,027.84'],
  ])('an endpoint on %s', async (type, expected) => {
    const text = (await stackText('async-endpoint.yaml')).replace('ml.g5.2xlarge', type);

    const withoutScaling = text.slice(0, text.indexOf('  Scaling:'));
    const { items } = await priced(readTemplate(withoutScaling, 'app.yaml', OPTIONS));
    expect(formatUsd(items[1]?.cost ?? sumUsd([]))).toBe(expected);
  });
});
