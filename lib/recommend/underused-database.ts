import { type DBInstance, DescribeEventsCommand, type Event } from '@aws-sdk/client-rds';
import { type InstanceFacts, instanceFacts } from '../fleet/instance-facts.ts';
import { allPages } from '../fleet/pages.ts';
import { readDatabases } from '../fleet/rds-read.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import { aboutResource } from './about.ts';
import { cheapestBelow } from './cheapest.ts';
import type { Check, CheckContext } from './check.ts';
import { type FitNeeds, HEADROOM, smallerSizes } from './fit.ts';
import { monthOf, runningHours } from './month.ts';
import {
  coversAsMuch,
  figuresOf,
  type Hours,
  hoursFrom,
  LEAST_DAYS,
  readUse,
  type UseFigures,
  type UseSeries,
} from './read-use.ts';
import { awsCommand, cdkChange, exactUsd, gibText, percentText, rateText } from './texts.ts';

/**
 * RDS instances for which a smaller class of the same family would do.
 *
 * | grade      | low                            | medium                              | high                            |
 * |------------|--------------------------------|-------------------------------------|---------------------------------|
 * | risk       | –                              | always: a cache that is smaller     | –                               |
 * |            |                                | reads more from the volume          |                                 |
 * | effort     | Multi-AZ: a failover's minute  | minutes without the database        | –                               |
 * | confidence | –                              | less than 13 days                   | all of it over 13 days and more |
 *
 * CPU, memory and connections must all be known: where one is not, nothing is said. Memory that is in use counts whole, the
 * engine's own cache with it, though that would shrink with the class. What was before a change of its class counts nothing.
 *
 * Metrics: one a database; of those whose CPU leaves room, six more.
 */
export const underusedDatabase: Check = {
  name: 'underused-database',
  title: 'RDS instances that are larger than what they do',
  scope: 'region',
  permissions: [
    {
      actions: ['cloudwatch:GetMetricData', 'rds:DescribeDBInstances', 'rds:DescribeEvents'],
      resources: ['*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const subjects = await readSubjects(context);
    const used = await readDatabaseUse(subjects, context);
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
  readonly type: string;
  readonly engine: string;
  readonly multiAz: boolean;
  readonly facts: InstanceFacts;
}

/** Highest values over the time, but for the least free memory. */
export interface DatabaseUse {
  /** Percent. */
  readonly cpu: UseFigures;
  /** GiB that were free at least. */
  readonly freeGiB: number;
  readonly connections: number;
  /** Bytes a second. */
  readonly network: number | undefined;
  readonly disk: number | undefined;
}

/** Members of Aurora clusters are left out: their class is one with that of others. */
async function readSubjects(context: CheckContext): Promise<readonly Subject[]> {
  const candidates = context.fleet.filter(
    ({ kind, state, hourly }) => kind === 'rds-instance' && state === 'running' && hourly !== undefined,
  );
  if (candidates.length === 0) return [];
  const found = await readDatabases(
    candidates.map(({ id }) => id),
    context,
  );
  const databases = new Map(found.map((one) => [one.DBInstanceIdentifier, one]));
  return candidates.flatMap((resource) => subjectOf(resource, databases.get(resource.id)) ?? []);
}

function subjectOf(resource: Resource, database: DBInstance | undefined): Subject | undefined {
  const { DBInstanceClass: type, Engine: engine, MultiAZ: multiAz = false } = database ?? {};
  if (type === undefined || engine === undefined || database?.DBClusterIdentifier) return undefined;
  const facts = instanceFacts(type);
  return facts === undefined || resource.hourly === undefined
    ? undefined
    : { resource, hourly: resource.hourly, type, engine, multiAz, facts };
}

const series = (
  { id }: Resource,
  metricName: string,
  statistic: UseSeries['statistic'] = 'Maximum',
): UseSeries => ({ namespace: 'AWS/RDS', metricName, dimensions: { DBInstanceIdentifier: id }, statistic });

/** Read of those whose CPU leaves room, beside it. */
const OTHERS = [
  ['FreeableMemory', 'Minimum'],
  ['DatabaseConnections', 'Maximum'],
  ['NetworkReceiveThroughput', 'Maximum'],
  ['NetworkTransmitThroughput', 'Maximum'],
  ['ReadThroughput', 'Maximum'],
  ['WriteThroughput', 'Maximum'],
] as const;

const GIB = 1024 ** 3;
/** With a quarter to spare, at 80 % no smaller class has what it takes. */
const ROOMY_PERCENT = 80;

async function readDatabaseUse(
  subjects: readonly Subject[],
  context: CheckContext,
): Promise<readonly (readonly [Subject, DatabaseUse])[]> {
  const cpus = await readUse(
    subjects.map(({ resource }) => series(resource, 'CPUUtilization')),
    context,
  );
  const changed = subjects.length === 0 ? new Map<string, Date>() : await readClassChanges(context);
  const sinceChange = ({ resource }: Subject, hours: Hours | undefined): UseFigures | undefined => {
    const at = changed.get(resource.id);
    return figuresOf(at === undefined ? hours : hoursFrom(hours, at, context.now()));
  };
  const roomy = subjects.flatMap((subject, index) => {
    const cpu = sinceChange(subject, cpus[index]);
    return cpu === undefined || cpu.days < LEAST_DAYS || cpu.highest > ROOMY_PERCENT
      ? []
      : [{ subject, cpu }];
  });
  const others = await readUse(
    roomy.flatMap(({ subject }) =>
      OTHERS.map(([name, statistic]) => series(subject.resource, name, statistic)),
    ),
    context,
  );
  return roomy.flatMap(({ subject, cpu }, index) => {
    const [free, connections, received, sent, read, written] = others
      .slice(index * OTHERS.length, (index + 1) * OTHERS.length)
      .map((hours) => {
        const one = sinceChange(subject, hours);
        return coversAsMuch(one, cpu) ? one : undefined;
      });
    if (free === undefined || connections === undefined) return [];
    return [
      [
        subject,
        {
          cpu,
          freeGiB: free.lowest / GIB,
          connections: connections.highest,
          network:
            received === undefined || sent === undefined
              ? undefined
              : Math.max(received.highest, sent.highest),
          disk: read === undefined || written === undefined ? undefined : read.highest + written.highest,
        },
      ] as const,
    ];
  });
}

/** Minutes of 14 days: RDS keeps events for as long. */
const EVENT_MINUTES = 14 * 24 * 60;

/** When the class of a database was changed last, where that was in the last 14 days; one call for all of the region. */
async function readClassChanges({ clients }: CheckContext): Promise<ReadonlyMap<string, Date>> {
  const events = await allPages<Event>(async (Marker) => {
    const page = await clients.rds.send(
      new DescribeEventsCommand({
        SourceType: 'db-instance',
        EventCategories: ['configuration change'],
        Duration: EVENT_MINUTES,
        ...(Marker === undefined ? {} : { Marker }),
      }),
    );
    return { items: page.Events, next: page.Marker };
  });
  const changed = new Map<string, Date>();
  for (const { SourceIdentifier: id, Date: at, Message = '' } of events) {
    if (id === undefined || at === undefined || !/instance class/i.test(Message)) continue;
    const known = changed.get(id);
    if (known === undefined || known < at) changed.set(id, at);
  }
  return changed;
}

/**
 * Connections that a class takes as RDS sets it up. Source: RDS User Guide, "Maximum number of database connections":
 * `max_connections` of the default parameter groups. `undefined` of engines that do not go by memory.
 */
export function connectionsOf(engine: string, memoryGiB: number): number | undefined {
  const bytes = memoryGiB * GIB;
  switch (engine) {
    case 'postgres':
      return Math.min(Math.floor(bytes / 9_531_392), 5_000);
    case 'mysql':
    case 'mariadb':
      return Math.floor(bytes / 12_582_880);
    default:
      return undefined;
  }
}

const usedGiB = ({ memoryGiB }: InstanceFacts, { freeGiB }: DatabaseUse): number =>
  Math.max(0, memoryGiB - freeGiB);

/** Classes that would do. Pure. */
export function smallerClasses(
  { type, facts, engine }: Pick<Subject, 'type' | 'facts' | 'engine'>,
  use: DatabaseUse,
): readonly string[] {
  const needs: FitNeeds = {
    vcpu: ((facts.vcpu * use.cpu.highest) / 100) * HEADROOM,
    steadyVcpu: ((facts.vcpu * use.cpu.usual) / 100) * HEADROOM,
    memoryGiB: usedGiB(facts, use) * HEADROOM,
    ...(use.network === undefined ? {} : { network: use.network * HEADROOM }),
    ...(use.disk === undefined ? {} : { disk: use.disk * HEADROOM }),
  };
  // RDS has no class below `micro`, and no `medium` of other families than burstable ones.
  return smallerSizes(type, needs).filter((other) => {
    const memory = instanceFacts(other)?.memoryGiB ?? 0;
    const takes = connectionsOf(engine, memory);
    return !other.endsWith('.nano') && (takes === undefined || use.connections * HEADROOM <= takes);
  });
}

async function recommend(
  subject: Subject,
  use: DatabaseUse,
  { policy, prices, region }: CheckContext,
): Promise<Recommendation | undefined> {
  const { resource, hourly, type, engine, multiAz, facts } = subject;
  const best = await cheapestBelow(
    smallerClasses(subject, use),
    hourly,
    (instanceType) => ({ service: 'rds', region, instanceType, engine, multiAz }),
    prices,
  );
  const then = best === undefined ? undefined : instanceFacts(best.type);
  if (best === undefined || then === undefined) return undefined;
  const { cpu, connections, network, disk } = use;
  const hours = runningHours(cpu.hours, cpu.since);
  const takes = connectionsOf(engine, then.memoryGiB);
  const used = usedGiB(facts, use);
  const traffic = [
    network === undefined ? 'network not measured' : `network at most ${rateText(network)}`,
    disk === undefined ? 'volume not measured' : `volume at most ${rateText(disk)}`,
  ].join(', ');
  return {
    id: `${underusedDatabase.name} ${resource.arn}`,
    check: underusedDatabase.name,
    title: `Change RDS instance ${resource.id} from ${type} to ${best.type}.`,
    resource: aboutResource(resource, policy),
    monthly: monthOf(microUsd(hourly - best.hourly), hours),
    basis: `(${exactUsd(hourly)} - ${exactUsd(best.hourly)}) × ${hours} h`,
    risk: 'medium',
    effort: multiAz ? 'low' : 'medium',
    confidence: cpu.days >= 13 ? 'high' : 'medium',
    evidence: [
      `CPU at most ${percentText(cpu.highest)} of ${facts.vcpu} vCPUs in ${cpu.hours} hours of ${cpu.days} days.`,
      `Memory: at least ${gibText(use.freeGiB)} of ${gibText(facts.memoryGiB)} were free, so ${gibText(used)} used at most.`,
      `At most ${Math.round(connections)} connections${takes === undefined ? '' : `; ${best.type} takes ${takes} by default`}.`,
      `${traffic.slice(0, 1).toUpperCase()}${traffic.slice(1)}.`,
      ...(hours < 730 ? [`It ran in ${cpu.hours} of the last ${cpu.since} hours: ${hours} h a month.`] : []),
      'Parameters of its own, such as max_connections or a buffer size in bytes, must suit the smaller memory.',
    ],
    keeps: `${best.type} keeps its highest CPU in ${then.vcpu} vCPUs, its highest memory (${gibText(used)}) in ${gibText(then.memoryGiB)}${takes === undefined ? '' : ` and its connections (${Math.round(connections)} of ${takes})`}, with a quarter of what was used to spare.`,
    how: [
      awsCommand('rds', 'modify-db-instance', region, {
        'db-instance-identifier': resource.id,
        'db-instance-class': best.type,
        'no-apply-immediately': true,
      }),
      cdkChange(
        `instanceType: new ec2.InstanceType('${best.type.replace(/^db\./, '')}') instead of '${type.replace(/^db\./, '')}'`,
      ),
    ],
  };
}
