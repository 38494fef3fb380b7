import type { Instance } from '@aws-sdk/client-ec2';
import { hasAccelerator, hasNvidiaGpu } from '../fleet/accelerators.ts';
import { termsOf } from '../fleet/ec2-price.ts';
import { describeInstances } from '../fleet/ec2-read.ts';
import { type InstanceFacts, instanceFacts } from '../fleet/instance-facts.ts';
import type { Ec2System } from '../fleet/prices.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import { aboutResource } from './about.ts';
import { agentSeries, type Dimensions } from './agent-series.ts';
import { cheapestBelow, type PricedType } from './cheapest.ts';
import type { Check, CheckContext } from './check.ts';
import { hasLocalDisks } from './fit.ts';
import { higherGrade } from './grades.ts';
import { type InstanceUse, type Sizing, sizings } from './instance-use.ts';
import { monthOf, runningHours } from './month.ts';
import {
  coversAsMuch,
  figuresOf,
  type Hours,
  hoursFrom,
  LEAST_DAYS,
  readUse,
  type UseSeries,
} from './read-use.ts';
import { awsCommand, cdkChange, exactUsd } from './texts.ts';

/**
 * EC2 instances that use so little of what they have that a smaller or other size would do.
 *
 * | grade      | low                              | medium                            | high                          |
 * |------------|----------------------------------|-----------------------------------|-------------------------------|
 * | risk       | same family, and the highest CPU | another family; local disks; CPU  | another model of GPU, or none |
 * |            | of all hours fits                | above it in 1 of 100 hours        |                               |
 * | effort     | –                                | always: it is stopped and started | –                             |
 * | confidence | memory not measured (as much of  | less than 13 days; CPU by 99 of   | CPU, memory and GPU seen over |
 * |            | it is kept); another GPU model   | 100 hours; GPU memory not seen    | 13 days and more              |
 *
 * Only what it did since its last start counts, and that for seven days at least: before, it may have had another size.
 * The same family goes first; another one only where no size of the same would do. What was used at most is to fit with a
 * quarter to spare. What is not measured is kept as it is.
 *
 * Metrics: one an instance; of those whose CPU would leave room, network, volumes, memory and two a GPU as well.
 */
export const underusedInstance: Check = {
  name: 'underused-instance',
  title: 'EC2 instances that are larger than what they do',
  scope: 'region',
  permissions: [
    {
      actions: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics', 'ec2:DescribeInstances'],
      resources: ['*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const subjects = await readSubjects(context);
    const used = await readInstanceUse(subjects, context);
    const found: Recommendation[] = [];
    for (const [subject, use] of used) {
      const made = await recommend(subject, use, context);
      if (made !== undefined) found.push(made);
    }
    return found;
  },
};

interface Subject {
  readonly resource: Resource;
  readonly hourly: Usd;
  readonly facts: InstanceFacts;
  readonly system: Ec2System;
  readonly instance: Instance;
}

/** On demand, by itself, and of a known size: what is Spot or of a group is sized by its request or launch template. */
async function readSubjects(context: CheckContext): Promise<readonly Subject[]> {
  const candidates = context.fleet.filter(
    ({ kind, state, hourly, protections, size }) =>
      kind === 'ec2-instance' &&
      state === 'running' &&
      hourly !== undefined &&
      protections.length === 0 &&
      instanceFacts(size) !== undefined,
  );
  if (candidates.length === 0) return [];
  const found = await describeInstances(
    candidates.map(({ id }) => id),
    context,
  );
  const instances = new Map(found.map(({ instance }) => [instance.InstanceId, instance]));
  return candidates.flatMap((resource) => {
    const instance = instances.get(resource.id);
    const facts = instanceFacts(resource.size);
    const terms = instance === undefined ? undefined : termsOf(instance, resource.size);
    if (instance === undefined || facts === undefined || resource.hourly === undefined) return [];
    if (terms === undefined || terms.spotZone !== undefined) return [];
    return [{ resource, hourly: resource.hourly, facts, system: terms.system, instance }];
  });
}

const ec2Series = (
  { id }: Resource,
  metricName: string,
  statistic: UseSeries['statistic'] = 'Maximum',
): UseSeries => ({ namespace: 'AWS/EC2', metricName, dimensions: { InstanceId: id }, statistic });

const agent = (metricName: string, dimensions: Dimensions): UseSeries => ({
  namespace: 'CWAgent',
  metricName,
  dimensions,
  statistic: 'Maximum',
});

/** CPU of all, and the rest of those that it leaves room for. */
async function readInstanceUse(
  subjects: readonly Subject[],
  context: CheckContext,
): Promise<readonly (readonly [Subject, InstanceUse])[]> {
  const cpus = await readUse(
    subjects.map(({ resource }) => ec2Series(resource, 'CPUUtilization')),
    context,
  );
  const roomy = subjects.flatMap((subject, index) => {
    // The type can be changed while it is stopped alone: what was before its start may be of another.
    const started = subject.resource.since;
    const cpu = hoursFrom(cpus[index], started, context.now());
    const figures = figuresOf(cpu);
    if (figures === undefined || figures.days < LEAST_DAYS) return [];
    // With a GPU that nobody uses another machine may be cheaper for the same CPU.
    const isRoomy = figures.usual <= ROOMY_PERCENT || hasNvidiaGpu(subject.resource.size);
    return isRoomy ? [{ subject, cpu, figures }] : [];
  });
  if (roomy.length === 0) return [];
  const hasGpus = roomy.some(({ subject }) => hasNvidiaGpu(subject.resource.size));
  const none: ReadonlyMap<string, readonly Dimensions[]> = new Map();
  const memories = await agentSeries('mem_used_percent', context);
  const gpus = hasGpus ? await agentSeries('nvidia_smi_utilization_gpu', context) : none;
  const gpuMemories = hasGpus ? await agentSeries('nvidia_smi_memory_used', context) : none;
  const asked: UseSeries[] = [];
  const ask = (some: readonly UseSeries[]): ((all: readonly (Hours | undefined)[]) => typeof all) => {
    const [from, to] = [asked.length, asked.length + some.length];
    asked.push(...some);
    return (all) => all.slice(from, to);
  };
  const plans = roomy.map((one) => {
    const { resource } = one.subject;
    const own = (series: typeof none) => series.get(resource.id) ?? [];
    return {
      ...one,
      network: ask(['NetworkIn', 'NetworkOut'].map((name) => ec2Series(resource, name))),
      disk: ask(['EBSReadBytes', 'EBSWriteBytes'].map((name) => ec2Series(resource, name))),
      memory: ask(own(memories).map((dimensions) => agent('mem_used_percent', dimensions))),
      gpu: ask(own(gpus).map((dimensions) => agent('nvidia_smi_utilization_gpu', dimensions))),
      gpuMemory: ask(
        own(gpus).flatMap((dimensions) =>
          own(gpuMemories)
            .filter(({ index }) => index === dimensions.index)
            .slice(0, 1)
            .map((series) => agent('nvidia_smi_memory_used', series)),
        ),
      ),
    };
  });
  const all = await readUse(asked, context);
  return plans.map(({ subject, cpu, figures, network, disk, memory, gpu, gpuMemory }) => {
    const known = (some: readonly (Hours | undefined)[]) =>
      some.flatMap((hours) => {
        const one = figuresOf(hoursFrom(hours, subject.resource.since, context.now()));
        return coversAsMuch(one, figures) ? [one.highest] : [];
      });
    // A minute's bytes at most, whether a datapoint stands for one minute or for five: never less than what it was.
    const rates = (some: readonly (Hours | undefined)[]) => known(some).map((bytes) => bytes / 60);
    const [both, disks] = [rates(network(all)), rates(disk(all))];
    return [
      subject,
      {
        cpu: figures,
        cpuHours: cpu,
        memoryPercent: known(memory(all)).at(0),
        network: both.length === 2 ? Math.max(...both) : undefined,
        disk: disks.length === 2 ? disks.reduce((sum, rate) => sum + rate, 0) : undefined,
        gpus: known(gpu(all)),
        gpuMemoriesGiB: known(gpuMemory(all)).map((mib) => mib / 1024),
      },
    ] as const;
  });
}

/** With a quarter to spare, at 80 % no smaller size has what it takes. */
const ROOMY_PERCENT = 80;

async function recommend(
  { resource, hourly, facts, system, instance }: Subject,
  use: InstanceUse,
  context: CheckContext,
): Promise<Recommendation | undefined> {
  // Of other accelerators nothing is measured.
  if (hasAccelerator(resource.size) && !hasNvidiaGpu(resource.size)) return undefined;
  const keyOf = (instanceType: string) =>
    ({ service: 'ec2', region: context.region, instanceType, system }) as const;
  for (const sizing of sizings(resource.size, facts, use)) {
    const best = await cheapestBelow(sizing.types, hourly, keyOf, context.prices);
    if (best !== undefined) return recommendation(resource, hourly, instance, use, sizing, best, context);
  }
  return undefined;
}

function recommendation(
  resource: Resource,
  hourly: Usd,
  instance: Instance,
  use: InstanceUse,
  sizing: Sizing,
  { type, hourly: then }: PricedType,
  { policy, region }: CheckContext,
): Recommendation {
  const { id, size } = resource;
  const hours = runningHours(use.cpu.hours, use.cpu.since);
  const local = hasLocalDisks(size)
    ? ['A stop loses what is on its local disks: save it before, or leave it.']
    : [];
  const address =
    instance.PublicIpAddress === undefined
      ? []
      : [`Its public address ${instance.PublicIpAddress} changes with the stop, unless it is an Elastic IP.`];
  const on = { 'instance-ids': id };
  return {
    id: `${underusedInstance.name} ${resource.arn}`,
    check: underusedInstance.name,
    title: `Change EC2 instance ${id} from ${size} to ${type}.`,
    resource: aboutResource(resource, policy),
    monthly: monthOf(microUsd(hourly - then), hours),
    basis: `(${exactUsd(hourly)} - ${exactUsd(then)}) × ${hours} h`,
    risk: local.length > 0 ? higherGrade(sizing.risk, 'medium') : sizing.risk,
    effort: 'medium',
    confidence: sizing.confidence,
    evidence: [
      ...sizing.evidence,
      ...(hours < 730
        ? [`It ran in ${use.cpu.hours} of the last ${use.cpu.since} hours: ${hours} h a month.`]
        : []),
      ...local,
      ...address,
    ],
    keeps: sizing.keepsOf(type, instanceFacts(type)),
    how: [
      awsCommand('ec2', 'stop-instances', region, on),
      { form: 'command', text: `aws ec2 wait instance-stopped --region ${region} --instance-ids ${id}` },
      awsCommand('ec2', 'modify-instance-attribute', region, {
        'instance-id': id,
        'instance-type': `Value=${type}`,
      }),
      awsCommand('ec2', 'start-instances', region, on),
      cdkChange(`instanceType: new ec2.InstanceType('${type}') instead of '${size}'`),
    ],
  };
}
