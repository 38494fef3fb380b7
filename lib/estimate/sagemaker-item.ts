import type { SageMakerUse, SageMakerVolumeUse, UnitKey } from '../fleet/prices.ts';
import { ZERO_USD } from '../types/money.ts';
import { type ChangeItem, type InstanceChoice, MONTH_HOURS, type Place, type PricePart } from './estimate.ts';
import { type Cursor, type DocumentPath, Later } from './sagemaker-cursor.ts';
import type { StatedUsage, UsageFile } from './usage-file.ts';

/** What readers of SageMaker documents are told beside the document. */
export interface SageMakerOptions {
  readonly file: string;
  /** The text that the document was parsed of; absent = places have no lines. */
  readonly text?: string;
  readonly region: string;
  /** The key of the project tag. */
  readonly projectTag: string;
  /** By the id of an item, or of a step by its name alone. */
  readonly usage?: UsageFile;
  /** Whose it is where no tag tells. */
  readonly defaultProject?: string;
}

/** What a reader knows of where it is. */
export interface ReadContext extends Omit<SageMakerOptions, 'text' | 'usage'> {
  readonly usageOf: (id: string) => StatedUsage;
  readonly placeOf: (path: DocumentPath) => Place;
  /** What stands before the path of what is read, where it is a part of a bigger document. */
  readonly base: DocumentPath;
}

/** Machines that a job runs on at the same time. */
export interface Cluster {
  readonly type: Cursor;
  /** Nothing there = 1. */
  readonly count: Cursor;
  /** GiB for each machine. */
  readonly volume: Cursor;
}

/** What the fleet and the meter will know a job by, once it runs. */
export interface JobShape {
  /** Of `lib/fleet`; `undefined` = the meter does not see such jobs. */
  readonly kind: 'sagemaker-training-job' | 'sagemaker-processing-job' | undefined;
  /** Of the job; of a tuning job what its training jobs' names begin with. `undefined` = not known yet. */
  readonly name: string | undefined;
  /** How many jobs it may become: more than one of a tuning job. */
  readonly jobs: number;
  /** As the fleet words it: `2 × ml.g5.xlarge`; `undefined` = not known. */
  readonly size: string | undefined;
  /** The longest that it may take, waiting included; `undefined` = nobody said. */
  readonly maxSeconds: number | undefined;
}

/** One thing that was read, and as what it will be seen running where it is a job. */
export interface ReadItem {
  readonly item: ChangeItem;
  readonly shape: JobShape | undefined;
}

/** A job as its request tells it. */
export interface JobRequest {
  readonly id: string;
  readonly type: string;
  readonly project: string | undefined;
  readonly path: DocumentPath;
  readonly use: SageMakerUse;
  /** What its volumes are charged as; `undefined` = it has none. */
  readonly volumeUse: SageMakerVolumeUse | undefined;
  readonly kind: JobShape['kind'];
  readonly name: string | undefined;
  readonly clusters: readonly Cluster[];
  readonly runtime: Runtime;
  /** How often that may run within one job. */
  readonly times: number | Later;
  readonly isSpot: boolean;
  /** Seconds that machines are kept warm for the next job. */
  readonly keptWarm: number;
  /** The longest that a managed Spot job may take, waiting included. */
  readonly maxWait: number | undefined;
  /** Said of each part: `in one branch of CheckQuality`. */
  readonly remarks: readonly string[];
  readonly unpriced: readonly string[];
}

/** How long one run may take. */
export type Runtime =
  /** The request, or what AWS puts in its place, says so. Seconds. */
  | { readonly known: 'stated' | 'default' | 'usage'; readonly seconds: number }
  /** It is only known when it runs. */
  | { readonly known: 'later'; readonly how: string }
  /** Nothing ends it. */
  | { readonly known: 'never' };

/**
 * `MaxRuntimeInSeconds` of training, processing and tuning jobs that state none: one day. Source: SageMaker API,
 * `StoppingCondition`.
 */
export const DEFAULT_MAX_SECONDS = 86_400;

export function runtimeOf(limit: Cursor, { maxHours }: StatedUsage): Runtime {
  const stated = limit.amount;
  const usage = maxHours === undefined ? undefined : maxHours * 3_600;
  if (stated instanceof Later) {
    return usage === undefined ? { known: 'later', how: stated.how } : { known: 'usage', seconds: usage };
  }
  const allowed = stated ?? DEFAULT_MAX_SECONDS;
  if (usage !== undefined && usage < allowed) return { known: 'usage', seconds: usage };
  return { known: stated === undefined ? 'default' : 'stated', seconds: allowed };
}

/** What is stated in place of every price; `undefined` = nothing is. */
export const statedCost = ({
  monthly,
}: StatedUsage): Pick<ChangeItem, 'frequency' | 'parts' | 'unpriced'> | undefined =>
  monthly === undefined
    ? undefined
    : {
        frequency: 'month',
        parts: [{ per: 'stated', cost: monthly, what: 'as stated in the usage file' }],
        unpriced: [],
      };

/** The item of a job: what all its machines cost for as long as it may run, and their volumes. */
export function jobItem(job: JobRequest, context: ReadContext): ReadItem {
  const usage = context.usageOf(job.id);
  const unpriced = [...job.unpriced, ...runtimeUnknown(job), ...timesUnknown(job)];
  const clusters = job.clusters.map((cluster) => readCluster(cluster, job));
  const runs = usage.runsPerMonth ?? 1;
  const seconds = 'seconds' in job.runtime ? job.runtime.seconds : undefined;
  const hours = seconds === undefined ? undefined : (seconds + job.keptWarm) / 3_600;
  const times = job.times instanceof Later ? undefined : job.times;
  const parts = clusters.flatMap((one): readonly PricePart[] => {
    if (one.type === undefined || one.count === undefined || hours === undefined || times === undefined)
      return [];
    const count = one.count * times;
    const said = [wordsOf(one.count, one.type, job, usage), ...job.remarks].join('; ');
    return [
      {
        per: 'hour',
        key: { service: job.use, region: context.region, instanceType: one.type },
        count,
        hours: hours * runs,
        what: said,
      },
      ...volumePart(one, { job, count, hours: hours * runs }, context),
    ];
  });
  const choice = choiceOf(job, clusters, usage, context);
  const sizes = clusters.map(({ type, count }) =>
    type === undefined || count === undefined ? undefined : `${count} × ${type}`,
  );
  return {
    item: {
      id: job.id,
      type: job.type,
      project: job.project,
      place: context.placeOf(job.path),
      frequency: usage.runsPerMonth === undefined ? 'once' : 'month',
      parts,
      unpriced: [...unpriced, ...clusters.flatMap((one) => one.unpriced)],
      ...statedCost(usage),
      ...(choice === undefined ? {} : { choice }),
    },
    shape: {
      kind: job.kind,
      name: job.name,
      jobs: times ?? 1,
      size: sizes.includes(undefined) ? undefined : sizes.join(', '),
      maxSeconds: seconds === undefined ? undefined : Math.max(seconds + job.keptWarm, job.maxWait ?? 0),
    },
  };
}

interface ReadCluster {
  readonly type: string | undefined;
  readonly typePath: DocumentPath;
  readonly count: number | undefined;
  readonly volume: number | undefined;
  readonly unpriced: readonly string[];
}

function readCluster({ type, count, volume }: Cluster, { id, volumeUse }: JobRequest): ReadCluster {
  const found = type.text;
  const machines = count.value === undefined ? 1 : count.amount;
  const gib = volumeUse === undefined ? undefined : volume.amount;
  return {
    type: found instanceof Later ? undefined : found,
    typePath: type.path,
    count: machines instanceof Later ? undefined : machines,
    volume: gib instanceof Later ? undefined : gib,
    unpriced: [
      ...(found === undefined ? [`${id} names no instance type, so that it has no price.`] : []),
      ...(found instanceof Later ? [late(id, 'on which instance type', found)] : []),
      ...(machines instanceof Later ? [late(id, 'on how many instances', machines)] : []),
      ...(machines === undefined ? [`${id} runs on a count of instances that is no number.`] : []),
      ...(gib instanceof Later ? [late(id, 'with how large a volume', gib)] : []),
    ],
  };
}

const late = (id: string, what: string, { how }: Pick<Later, 'how'>): string =>
  `${what.charAt(0).toUpperCase()}${what.slice(1)} ${id} runs is only known then (${how}): give it a default, or state it.`;

function runtimeUnknown({ id, runtime }: JobRequest): readonly string[] {
  switch (runtime.known) {
    case 'later':
      return [late(id, 'for how long', runtime)];
    case 'never':
      return [`Nothing limits how long ${id} runs: state its maxHours in the usage file.`];
    default:
      return [];
  }
}

const timesUnknown = ({ id, times }: JobRequest): readonly string[] =>
  times instanceof Later ? [late(id, 'how often', times)] : [];

/** `2 × ml.p3.2xlarge for 24 h (AWS's default, as no maximum runtime is stated)`. */
function wordsOf(count: number, type: string, job: JobRequest, { runsPerMonth }: StatedUsage): string {
  const { runtime, times, isSpot, keptWarm } = job;
  const seconds = 'seconds' in runtime ? runtime.seconds : 0;
  const why =
    runtime.known === 'default'
      ? ' (AWS’s default, as no maximum runtime is stated)'
      : runtime.known === 'usage'
        ? ' (as stated)'
        : '';
  return [
    `${count} × ${type} for ${hoursText(seconds)}${why}`,
    ...(typeof times === 'number' && times !== 1 ? [`${times} times`] : []),
    ...(runsPerMonth === undefined ? [] : [`${runsPerMonth} times a month`]),
    ...(keptWarm > 0 ? [`and kept warm for ${hoursText(keptWarm)}`] : []),
    ...(isSpot ? ['managed Spot, counted at the price on demand that it does not exceed'] : []),
  ].join(', ');
}

const hoursText = (seconds: number): string =>
  seconds < 3_600 ? `${round(seconds / 60, 1)} min` : `${round(seconds / 3_600, 2)} h`;

const round = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/**
 * Types with disks of their own are given no volume, whatever the request asks for. Source: SageMaker API, `ResourceConfig`,
 * `VolumeSizeInGB`.
 */
const OWN_DISKS =
  /^ml\.(?:g4dn|g5|g6|g6e|gr6|g7e|p3dn|p4d|p4de|p5|p5e|p5en|p6|p6-b\d+|trn1n?|trn2|[a-z]+\d+[a-z]*d[a-z]*)\./;

function volumePart(
  { type, volume }: ReadCluster,
  { job, count, hours }: { readonly job: JobRequest; readonly count: number; readonly hours: number },
  { region }: ReadContext,
): readonly PricePart[] {
  if (volume === undefined || volume === 0 || type === undefined || job.volumeUse === undefined) return [];
  if (OWN_DISKS.test(type)) return [];
  const key: UnitKey = { service: 'sagemaker-volume', region, use: job.volumeUse };
  return [gibMonths(key, volume * count, hours, `${count} × ${volume} GiB of volume`)];
}

/** A share of a month of so many GiB. */
export const gibMonths = (key: UnitKey, gib: number, hours: number, what: string): PricePart => ({
  per: 'unit',
  key,
  quantity: round((gib * hours) / MONTH_HOURS, 6),
  what,
});

function choiceOf(
  { isSpot, use }: JobRequest,
  clusters: readonly ReadCluster[],
  usage: StatedUsage,
  { file, base }: ReadContext,
): InstanceChoice | undefined {
  const [only, ...others] = clusters;
  if (only?.type === undefined || others.length > 0) return undefined;
  return {
    instanceType: only.type,
    service: use,
    at: { file, path: [...base, ...only.typePath] },
    interruptible: isSpot || usage.interruptible === true,
    ...(usage.needs === undefined ? {} : { needs: usage.needs }),
  };
}

/** What costs nothing by itself because it is paid for elsewhere. */
export const paidElsewhere = (what: string): PricePart => ({ per: 'stated', cost: ZERO_USD, what });

/** The value of the project tag of `Tags: [{ Key, Value }]`. */
export function projectOfTags(tags: Cursor, { projectTag, defaultProject }: ReadContext): string | undefined {
  const own = tags.items.find((tag) => tag.get('Key').text === projectTag)?.get('Value').text;
  return typeof own === 'string' ? own : defaultProject;
}
