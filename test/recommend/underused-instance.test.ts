import { describe, expect, it } from 'vitest';
import { instanceFacts } from '../../lib/fleet/instance-facts.ts';
import { fits, otherFamilies, smallerSizes } from '../../lib/recommend/fit.ts';
import { underusedInstance } from '../../lib/recommend/underused-instance.ts';
import { formatUsd } from '../../lib/types/money.ts';
import type { Recommendation } from '../../lib/types/recommendation.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { checkContext, NOW, REGION } from './support/context.ts';
import { clientsWith, instanceOf } from './support/fleet.ts';
import { cloudwatchOf, type TestSeries } from './support/metrics.ts';

const HOURLY = {
  'm5.large': '0.096',
  'm5.xlarge': '0.192',
  'm5.2xlarge': '0.384',
  'r5.large': '0.126',
  'r5.xlarge': '0.252',
  'g5.xlarge': '1.006',
  'g5.2xlarge': '1.212',
  'g5.12xlarge': '5.672',
  'p3.2xlarge': '3.06',
  't3.medium': '0.0416',
  't3.large': '0.0832',
};

type Value = number | ((at: Date) => number | undefined);

/** What one instance does; what is absent is not measured. */
interface Doing {
  readonly cpu?: Value;
  readonly memory?: Value;
  /** Bytes a second, each way. */
  readonly network?: number;
  readonly disk?: number;
  /** % of each GPU. */
  readonly gpus?: readonly Value[];
  /** MiB of each GPU. */
  readonly gpuMiB?: readonly number[];
}

function seriesOf(id: string, doing: Doing): readonly TestSeries[] {
  const ec2 = (metricName: string, value: Value | undefined): readonly TestSeries[] =>
    value === undefined
      ? []
      : [
          {
            namespace: 'AWS/EC2',
            metricName,
            dimensions: { InstanceId: id },
            values: { Maximum: value },
          },
        ];
  const agent = (metricName: string, value: Value, more: Record<string, string>): TestSeries => ({
    namespace: 'CWAgent',
    metricName,
    dimensions: { InstanceId: id, ...more },
    values: { Maximum: value },
  });
  const perMinute = (rate: number | undefined) => (rate === undefined ? undefined : rate * 60);
  return [
    ...ec2('CPUUtilization', doing.cpu),
    ...ec2('NetworkIn', perMinute(doing.network)),
    ...ec2('NetworkOut', perMinute(doing.network)),
    ...ec2('EBSReadBytes', perMinute(doing.disk)),
    ...ec2('EBSWriteBytes', perMinute(doing.disk)),
    ...(doing.memory === undefined ? [] : [agent('mem_used_percent', doing.memory, { ImageId: 'ami-1' })]),
    ...(doing.gpus ?? []).map((value, index) =>
      agent('nvidia_smi_utilization_gpu', value, { index: String(index), name: 'A10G', host: 'ip-1' }),
    ),
    ...(doing.gpuMiB ?? []).map((value, index) =>
      agent('nvidia_smi_memory_used', value, { index: String(index), name: 'A10G', host: 'ip-1' }),
    ),
  ];
}

async function findWith(
  doing: Doing,
  size: string,
  hourly: string,
  change: Partial<Resource> = {},
): Promise<{ readonly found: readonly Recommendation[]; readonly asked: readonly string[] }> {
  const fleet = [instanceOf('i-1', size, hourly, change)];
  const { client: cloudwatch, asked } = cloudwatchOf(seriesOf('i-1', doing));
  const clients = { ...clientsWith(fleet), cloudwatch };
  const found = await underusedInstance.find(checkContext({ clients, fleet, prices: { hourly: HOURLY } }));
  return { found, asked };
}

const short = ([one]: readonly Recommendation[]) =>
  one === undefined
    ? undefined
    : [one.title.split(' to ')[1], formatUsd(one.monthly), one.risk, one.confidence];

const quiet = { network: 1e6, disk: 1e6 };

describe('an instance that is larger than what it does', () => {
  it('is told with the size that would fit, the dollars, what is kept and each command', async () => {
    const { found, asked } = await findWith({ ...quiet, cpu: 20, memory: 20 }, 'm5.2xlarge', '0.384');
    expect(found).toEqual([
      {
        id: `underused-instance arn:aws:ec2:${REGION}:111122223333:instance/i-1`,
        check: 'underused-instance',
        title: 'Change EC2 instance i-1 from m5.2xlarge to m5.large.',
        resource: {
          arn: `arn:aws:ec2:${REGION}:111122223333:instance/i-1`,
          id: 'i-1',
          kind: 'EC2 instance',
          region: REGION,
          project: 'recsys',
          owner: 'team-beta',
        },
        // (0.384 - 0.096) × 730 = 210.24
        monthly: 210_240_000n,
        basis: '($0.384 - $0.096) × 730 h',
        risk: 'low',
        effort: 'medium',
        confidence: 'high',
        evidence: [
          'CPU at most 20% of 8 vCPUs in 336 hours of 14 days, and at most 20% in 99 of 100 of them.',
          'Memory at most 20% of 32 GiB.',
          'Network at most 1 MB/s, volumes at most 2 MB/s.',
        ],
        // 8 × 20% × 1.25 = 2 vCPUs; 32 × 20% × 1.25 = 8 GiB
        keeps:
          'm5.large keeps its highest CPU (1.6 vCPUs) in 2 vCPUs and its highest memory (6.4 GiB) in 8 GiB, with a quarter of what was used to spare.',
        how: [
          { form: 'command', text: 'aws ec2 stop-instances --region us-east-1 --instance-ids i-1' },
          { form: 'command', text: 'aws ec2 wait instance-stopped --region us-east-1 --instance-ids i-1' },
          {
            form: 'command',
            text: 'aws ec2 modify-instance-attribute --region us-east-1 --instance-id i-1 --instance-type Value=m5.large',
          },
          { form: 'command', text: 'aws ec2 start-instances --region us-east-1 --instance-ids i-1' },
          { form: 'cdk', text: "instanceType: new ec2.InstanceType('m5.large') instead of 'm5.2xlarge'" },
        ],
      },
    ]);
    expect(asked).toEqual([
      'CPUUtilization',
      'NetworkIn',
      'NetworkOut',
      'EBSReadBytes',
      'EBSWriteBytes',
      'mem_used_percent',
    ]);
  });

  it.each([
    // A hair above what leaves a quarter to spare: the next larger one. (0.384 - 0.192) × 730 = 140.16
    ['CPU', { ...quiet, cpu: 20.1, memory: 20 }, ['m5.xlarge.', '$140.16', 'low', 'high']],
    ['memory', { ...quiet, cpu: 20, memory: 20.1 }, ['m5.xlarge.', '$140.16', 'low', 'high']],
    // 2 vCPUs carry 78 MB/s, 65 × 1.25 = 81.25.
    ['network', { ...quiet, network: 65e6, cpu: 20, memory: 20 }, ['m5.xlarge.', '$140.16', 'low', 'high']],
    // 2 × 21.8 = 43.6 MB/s, (18 + 18) × 1.25 = 45.
    ['volumes', { ...quiet, disk: 18e6, cpu: 20, memory: 20 }, ['m5.xlarge.', '$140.16', 'low', 'high']],
    ['all of it', { ...quiet, cpu: 90, memory: 20 }, undefined],
  ])('goes by its %s', async (_, doing, expected) => {
    expect(short((await findWith(doing, 'm5.2xlarge', '0.384')).found)).toEqual(expected);
  });

  it('keeps all its memory where that is not measured', async () => {
    const { found } = await findWith({ ...quiet, cpu: 20 }, 'm5.2xlarge', '0.384');
    // (0.384 - 0.252) × 730 = 96.36
    expect(short(found)).toEqual(['r5.xlarge.', '$96.36', 'medium', 'low']);
    expect(found[0]?.keeps).toBe(
      'r5.xlarge keeps its highest CPU (1.6 vCPUs) in 4 vCPUs and all 32 GiB of its memory, with a quarter of what was used to spare.',
    );
    expect(found[0]?.evidence[1]).toBe(
      'Its memory is not measured (the CloudWatch agent would tell mem_used_percent), so that as much of it is kept.',
    );
  });

  it('says in how many hours it would be slower, where the highest CPU would not fit', async () => {
    const peak = NOW.getTime() - 3 * 86_400_000;
    const cpu = (at: Date) => (at.getTime() === peak ? 100 : 20);
    const { found } = await findWith({ ...quiet, cpu, memory: 20 }, 'm5.2xlarge', '0.384');
    expect(short(found)).toEqual(['m5.large.', '$210.24', 'medium', 'medium']);
    expect(found[0]?.keeps).toBe(
      'm5.large keeps its CPU in 2 vCPUs but for 1 of 336 hours, in which it would be slower (8 vCPUs at most) and its highest memory (6.4 GiB) in 8 GiB, with a quarter of what was used to spare, of CPU in 99 of 100 hours.',
    );
  });

  it('saves for as long as it runs alone', async () => {
    // 12 of 24 hours: 168 of 336, or less by the hours before the first.
    const cpu = (at: Date) => (at.getUTCHours() < 12 ? 20 : undefined);
    const { found } = await findWith({ cpu }, 'm5.2xlarge', '0.384');
    // 168 of 336 hours: 365; (0.384 - 0.252) × 365 = 48.18
    expect(found[0]?.basis).toBe('($0.384 - $0.252) × 365 h');
    expect(found[0]?.evidence.at(-1)).toBe('It ran in 168 of the last 336 hours: 365 h a month.');
  });
});

describe('a GPU', () => {
  it('that nobody used for two weeks is not needed', async () => {
    const { found } = await findWith(
      { ...quiet, cpu: 30, memory: 40, gpus: [0], gpuMiB: [3] },
      'g5.xlarge',
      '1.006',
    );
    // 4 × 30% × 1.25 = 1.5 vCPUs, 16 × 40% × 1.25 = 8 GiB: m5.large. (1.006 - 0.096) × 730 = 664.30
    expect(short(found)).toEqual(['m5.large.', '$664.30', 'high', 'medium']);
    expect(found[0]?.evidence).toContain('0 of 1 GPU used: at most 0%, at most 0 GiB of the 24 GiB of one.');
    expect(found[0]?.evidence).toContain(
      'A stop loses what is on its local disks: save it before, or leave it.',
    );
  });

  it('of which nothing is known is left alone, and so is one of many', async () => {
    const cpu = { ...quiet, cpu: 1, memory: 1 };
    expect((await findWith(cpu, 'g5.2xlarge', '1.212')).found).toEqual([]);
    expect((await findWith({ ...cpu, gpus: [0, 0, 0] }, 'g5.12xlarge', '5.672')).found).toEqual([]);
    // Its last days are missing.
    const gpu = (at: Date) => (at.getTime() < NOW.getTime() - 2 * 86_400_000 ? 0 : undefined);
    expect((await findWith({ ...cpu, gpus: [gpu] }, 'g5.2xlarge', '1.212')).found).toEqual([]);
  });

  it('that is used stays, of the same model where it is used much', async () => {
    const { found } = await findWith(
      { ...quiet, cpu: 5, memory: 5, gpus: [95, 0, 0, 0], gpuMiB: [18_000, 1, 1, 1] },
      'g5.12xlarge',
      '5.672',
    );
    // 192 × 5% × 1.25 = 12 GiB, 48 × 5% × 1.25 = 3 vCPUs, one GPU with 18,000 / 1,024 × 1.25 = 22 of 24 GiB.
    // (5.672 - 1.006) × 730 = 3,406.18
    expect(short(found)).toEqual(['g5.xlarge.', '$3,406.18', 'medium', 'high']);
  });

  it('whose memory is full stays as it is', async () => {
    // 20,000 / 1,024 × 1.25 = 24.4 GiB
    const { found } = await findWith(
      { ...quiet, cpu: 5, memory: 5, gpus: [95, 0, 0, 0], gpuMiB: [20_000, 1, 1, 1] },
      'g5.12xlarge',
      '5.672',
    );
    expect(found).toEqual([]);
  });

  it('of another model is named with little confidence, and only where it is used little', async () => {
    const doing = { ...quiet, cpu: 5, memory: 5, gpuMiB: [8_000] };
    const { found } = await findWith({ ...doing, gpus: [30] }, 'p3.2xlarge', '3.06');
    // (3.06 - 1.006) × 730 = 1,499.42
    expect(short(found)).toEqual(['g5.xlarge.', '$1,499.42', 'high', 'low']);
    expect((await findWith({ ...doing, gpus: [31] }, 'p3.2xlarge', '3.06')).found).toEqual([]);
  });
});

describe('nothing is said', () => {
  const busy = { ...quiet, cpu: 20, memory: 20 };

  it('of days that are fewer than seven, or of no metric', async () => {
    const since = (days: number) => (at: Date) =>
      at.getTime() >= NOW.getTime() - days * 86_400_000 ? 20 : undefined;
    expect((await findWith({ ...busy, cpu: since(6) }, 'm5.2xlarge', '0.384')).found).toEqual([]);
    expect(short((await findWith({ ...busy, cpu: since(7) }, 'm5.2xlarge', '0.384')).found)).toEqual([
      'm5.large.',
      '$210.24',
      'low',
      'medium',
    ]);
    expect((await findWith({}, 'm5.2xlarge', '0.384')).found).toEqual([]);
  });

  it('of what was started less than a week ago: it may have had another size before', async () => {
    const started = (days: number) =>
      findWith(busy, 'm5.2xlarge', '0.384', { since: new Date(NOW.getTime() - days * 86_400_000) });
    expect((await started(6)).found).toEqual([]);
    expect(short((await started(7)).found)).toEqual(['m5.large.', '$210.24', 'low', 'medium']);
  });

  it('of what is stopped, managed, unpriced, unknown or the smallest', async () => {
    const none = async (size: string, hourly: string, change: Partial<Resource> = {}) =>
      expect((await findWith(busy, size, hourly, change)).found).toEqual([]);
    await none('m5.2xlarge', '0.384', { state: 'stopped' });
    await none('m5.2xlarge', '0.384', {
      protections: [{ code: 'auto-scaling-group', detail: 'It belongs to a group.' }],
    });
    await none('m5.2xlarge', '0.384', { hourly: undefined });
    await none('z1d.large', '0.186');
    await none('m5.large', '0.096');
    await none('inf2.8xlarge', '1.968');
  });

  it('of an empty fleet, for which nothing is asked', async () => {
    const { client: cloudwatch, asked } = cloudwatchOf([]);
    const clients = { ...clientsWith([]), cloudwatch };
    expect(await underusedInstance.find(checkContext({ clients }))).toEqual([]);
    expect(asked).toEqual([]);
  });
});

describe('a size that fits', () => {
  const needs = { vcpu: 1, steadyVcpu: 0.4, memoryGiB: 4 };

  it('of a burstable family has what is used all the time', async () => {
    const facts = instanceFacts('t3.medium');
    if (facts === undefined) throw new Error('t3.medium is known.');
    // 2 vCPUs × 20%.
    expect(fits('t3.medium', facts, needs)).toBe(true);
    expect(fits('t3.medium', facts, { ...needs, steadyVcpu: 0.41 })).toBe(false);
    expect(fits('t3.medium', facts, { ...needs, network: 33e6 })).toBe(false);
    expect(smallerSizes('t3.large', needs)).toEqual(['t3.medium']);
    // 2 × 16% × 1.25 = 0.4; 8 × 40% × 1.25 = 4. (0.0832 - 0.0416) × 730 = 30.368
    const { found } = await findWith({ ...quiet, cpu: 16, memory: 40 }, 't3.large', '0.0832');
    expect(short(found)).toEqual(['t3.medium.', '$30.37', 'low', 'high']);
  });

  it('keeps the names of its service', () => {
    expect(smallerSizes('ml.m5.xlarge', needs)).toEqual(['ml.m5.large']);
    expect(smallerSizes('db.m5.xlarge', needs)).toEqual(['db.m5.large']);
  });

  it('is of no older generation, of the same architecture and maker', () => {
    const others = otherFamilies('m6i.2xlarge', needs);
    expect(others).toContain('c6i.large');
    expect(others).toContain('c7i.large');
    for (const wrong of ['c5.large', 'c6a.large', 'c7g.large', 'c6g.large', 't3.medium']) {
      expect(others).not.toContain(wrong);
    }
  });
});
