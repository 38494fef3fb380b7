import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { hasNvidiaGpu } from '../../fleet/accelerators.ts';
import type { Factors, Publisher } from './cloudwatch-points.ts';
import { findMember, membersOf } from './ec2-members.ts';
import { findIn } from './sagemaker-keys.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import { sagemakerUseOf } from './sagemaker-use.ts';
import { type AccountState, type Member, REGION } from './state.ts';
import type { Use } from './use.ts';

/** What a series is named by beside its namespace and its metric. */
export type Dimensions = Readonly<Record<string, string>>;

/** One metric of one kind of thing. */
export interface Family {
  readonly namespace: string;
  readonly metricName: string;
  readonly sources: Sources;
  readonly value: Value;
}

export interface Place {
  readonly state: AccountState;
  readonly region: string;
}

/** Who publishes: an entry, and when it went out of service. */
interface Source {
  readonly member: Member;
  readonly end?: Date | undefined;
  readonly factors: Factors;
}

type Value = Publisher['value'];

/** The things that publish under the same dimensions. */
interface Sources {
  /** The dimensions, that which names the thing first: a series is found by all of them, and by no fewer. */
  readonly names: readonly string[];
  /** Costs the same however many things there are. */
  readonly find: (dimensions: Dimensions, at: Place) => Source | undefined;
  /** The names of all things of the region. */
  readonly ids: (at: Place) => Iterable<string>;
  /** The series of the thing of that name, if there is one. */
  readonly of: (id: string, at: Place) => readonly Dimensions[];
}

const ONE: Factors = { cores: 1, gpus: 1, count: 1 };

/** The keys or names of those entries of a map that are in the region. */
function* idsIn<V extends { readonly region?: string }>(
  entries: ReadonlyMap<string, V>,
  region: string,
  idOf: (one: V) => string,
): Iterable<string> {
  for (const one of entries.values()) if ((one.region ?? REGION) === region) yield idOf(one);
}

/** Those of Auto Scaling groups too. */
const instances: Sources = {
  names: ['InstanceId'],
  find: ({ InstanceId = '' }, { state, region }) => {
    const own = state.instances.get(InstanceId);
    const member = own ?? findMember(state, InstanceId);
    if (member === undefined || (member.region ?? REGION) !== region) return undefined;
    return { member, end: own?.stoppedAt, factors: ONE };
  },
  ids: function* ({ state, region }) {
    yield* idsIn(state.instances, region, ({ id }) => id);
    for (const group of state.groups.values()) {
      if ((group.region ?? REGION) !== region) continue;
      for (const { id } of membersOf(state, group)) yield id;
    }
  },
  of: (InstanceId) => [{ InstanceId }],
};

/** Whether an instance type has GPUs that the agent sees. */
const gpuTypes = new Map<string, boolean>();

function hasGpu(type: string): boolean {
  const known = gpuTypes.get(type);
  if (known !== undefined) return known;
  const has = hasNvidiaGpu(type);
  gpuTypes.set(type, has);
  return has;
}

/** The agent has one series for each GPU; here one is the busiest of all. */
const gpuInstances: Sources = {
  ...instances,
  names: ['InstanceId', 'index'],
  find: (dimensions, at) => {
    const source = dimensions.index === '0' ? instances.find(dimensions, at) : undefined;
    return source !== undefined && hasGpu(source.member.type) ? source : undefined;
  },
  of: (InstanceId) => [{ InstanceId, index: '0' }],
};

const groups: Sources = {
  names: ['AutoScalingGroupName'],
  find: ({ AutoScalingGroupName = '' }, { state, region }) => {
    const one = state.groups.get(AutoScalingGroupName);
    if (one === undefined || (one.region ?? REGION) !== region) return undefined;
    const members = membersOf(state, one);
    const [first] = members;
    if (first === undefined) return undefined;
    const since = members.reduce((before, { since }) => (since < before ? since : before), first.since);
    return { member: { ...one, since }, factors: { ...ONE, count: members.length } };
  },
  ids: ({ state, region }) => idsIn(state.groups, region, ({ name }) => name),
  of: (AutoScalingGroupName) => [{ AutoScalingGroupName }],
};

const databases: Sources = {
  names: ['DBInstanceIdentifier'],
  find: ({ DBInstanceIdentifier = '' }, { state, region }) => {
    const one = findIn(state.databases, region, DBInstanceIdentifier);
    return one === undefined ? undefined : { member: one, end: one.stoppedAt, factors: ONE };
  },
  ids: ({ state, region }) => idsIn(state.databases, region, ({ id }) => id),
  of: (DBInstanceIdentifier) => [{ DBInstanceIdentifier }],
};

/** What SageMaker publishes of its own. */
const sagemaker = (
  names: readonly string[],
  ids: Sources['ids'],
  of: Sources['of'],
  endOf: (dimensions: Dimensions, at: Place) => Date | undefined,
  namespace = 'AWS/SageMaker',
): Sources => ({
  names,
  find: (dimensions, at) => {
    const found = sagemakerUseOf(at.state, namespace, dimensions, at.region);
    if (found === undefined) return undefined;
    const { member, cores, gpus } = found;
    return { member, end: endOf(dimensions, at), factors: { cores, gpus, count: 1 } };
  },
  ids,
  of,
});

const endpointEnd = ({ EndpointName = '' }: Dimensions, { state, region }: Place): Date | undefined =>
  findIn(state.endpoints, region, EndpointName)?.deletedAt;

const endpointIds: Sources['ids'] = ({ state, region }) => idsIn(state.endpoints, region, ({ name }) => name);

const endpoints = sagemaker(['EndpointName'], endpointIds, (EndpointName) => [{ EndpointName }], endpointEnd);

const variants = sagemaker(
  ['EndpointName', 'VariantName'],
  endpointIds,
  (EndpointName, { state, region }) => {
    const { variants: own } = findIn(state.endpoints, region, EndpointName) ?? {};
    return (own ?? [{ name: 'main' }]).map(({ name }) => ({ EndpointName, VariantName: name }));
  },
  endpointEnd,
);

const components = sagemaker(
  ['InferenceComponentName'],
  function* ({ state, region }) {
    for (const [key, { name }] of sagemakerOf(state).components) {
      if (key === `${region}/${name}`) yield name;
    }
  },
  (InferenceComponentName) => [{ InferenceComponentName }],
  ({ InferenceComponentName }, at) => {
    const one = sagemakerOf(at.state).components.get(`${at.region}/${InferenceComponentName}`);
    return one === undefined ? undefined : endpointEnd({ EndpointName: one.endpoint }, at);
  },
);

const NOTEBOOKS = 'SageMakerNotebookInstances';
const NOTEBOOK = 'notebook_instance_name';

/** One series of each notebook instance whose agent does as `docs/notebook-metrics.md` says. */
function notebooksBy(name: string, value: string): Sources {
  const sources = sagemaker(
    [NOTEBOOK, name],
    ({ state, region }) => idsIn(state.notebooks, region, (one) => one.name),
    (id) => [{ [NOTEBOOK]: id, [name]: value }],
    (dimensions, { state, region }) => findIn(state.notebooks, region, dimensions[NOTEBOOK] ?? '')?.stoppedAt,
    NOTEBOOKS,
  );
  return {
    ...sources,
    find: (dimensions, at) => (dimensions[name] === value ? sources.find(dimensions, at) : undefined),
  };
}

const notebookCpus = notebooksBy('cpu', 'cpu-total');
const notebookGpus = notebooksBy('index', '0');
const ENDPOINTS = '/aws/sagemaker/Endpoints';

/** What a service measures at the same time as the rest: an instance whose CPU is known has a network as well. */
const network = (use: Use, perMinute: number): number | undefined =>
  use.network === undefined && use.cpu === undefined && use.connections === undefined
    ? undefined
    : (use.network ?? 0) * perMinute;

const times = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;

/** Without any there is no datapoint. */
const invocations = (use: Use): number | undefined => (use.invocations === 0 ? undefined : use.invocations);

const family = (namespace: string, metricName: string, sources: Sources, value: Value): Family => ({
  namespace,
  metricName,
  sources,
  value,
});

/** Every metric that is published here, in the units of AWS. */
const FAMILIES: readonly Family[] = [
  ...[instances, groups].flatMap((sources) => [
    // Of a group: of the busiest member; the network of all together.
    family('AWS/EC2', 'CPUUtilization', sources, ({ cpu }) => cpu),
    family('AWS/EC2', 'NetworkIn', sources, (use, { count }) => network(use, 60 * count)),
    family('AWS/EC2', 'NetworkOut', sources, (use, { count }) => network(use, 60 * count)),
  ]),
  family('CWAgent', 'nvidia_smi_utilization_gpu', gpuInstances, ({ gpu }) => gpu),
  family('AWS/RDS', 'CPUUtilization', databases, ({ cpu }) => cpu),
  family('AWS/RDS', 'DatabaseConnections', databases, ({ connections }) => connections),
  // Bytes a second.
  family('AWS/RDS', 'NetworkReceiveThroughput', databases, (use) => network(use, 1)),
  family('AWS/RDS', 'NetworkTransmitThroughput', databases, (use) => network(use, 1)),
  family('AWS/SageMaker', 'Invocations', variants, invocations),
  family('AWS/SageMaker', 'InvocationsProcessed', variants, invocations),
  family('AWS/SageMaker', 'Invocations', components, invocations),
  family('AWS/SageMaker', 'ApproximateBacklogSize', endpoints, ({ backlog }) => backlog),
  family(ENDPOINTS, 'CPUUtilization', variants, ({ cpu }, { cores }) => times(cpu, cores)),
  family(ENDPOINTS, 'GPUUtilization', variants, ({ gpu }, { gpus }) => times(gpu, gpus)),
  family(NOTEBOOKS, 'cpu_usage_active', notebookCpus, ({ cpu }) => cpu),
  family(NOTEBOOKS, 'nvidia_smi_utilization_gpu', notebookGpus, ({ gpu }, { gpus }) =>
    gpus === 0 ? undefined : gpu,
  ),
];

const byName: ReadonlyMap<string, readonly Family[]> = Map.groupBy(
  FAMILIES,
  ({ namespace, metricName }) => `${namespace} ${metricName}`,
);

const publisherOf = ({ member, end, factors }: Source, value: Value): Publisher => ({
  use: member.use,
  steadyUntil: member.steadyUntil,
  from: member.since.getTime(),
  to: end?.getTime() ?? Number.POSITIVE_INFINITY,
  value,
  factors,
});

/** Who publishes the series of exactly these dimensions; `undefined` = there is no such series. */
export function findSeries(
  namespace: string,
  metricName: string,
  dimensions: Dimensions,
  at: Place,
): Publisher | undefined {
  const given = Object.keys(dimensions).length;
  for (const { sources, value } of byName.get(`${namespace} ${metricName}`) ?? []) {
    const { names } = sources;
    if (names.length !== given || !names.every((name) => dimensions[name] !== undefined)) continue;
    const source = sources.find(dimensions, at);
    return source === undefined ? undefined : publisherOf(source, value);
  }
  return undefined;
}

export interface Series {
  readonly dimensions: Dimensions;
  readonly publisher: Publisher;
}

/** The series of one metric: of the thing of that name, or of all. */
export function* seriesOf({ sources, value }: Family, id: string | undefined, at: Place): Iterable<Series> {
  for (const one of id === undefined ? sources.ids(at) : [id]) {
    for (const dimensions of sources.of(one, at)) {
      const source = sources.find(dimensions, at);
      if (source !== undefined) yield { dimensions, publisher: publisherOf(source, value) };
    }
  }
}

/** Whose dimensions tell what a series speaks of, however many more it has. */
const THINGS: readonly Sources[] = [instances, groups, databases, endpoints, components];

/**
 * Since when, and until when, what a series speaks of is in service, in epoch milliseconds: by the dimension that names
 * it, whatever other dimensions there are. All of the time where nothing has that name.
 */
export function spellOf(dimensions: Dimensions, at: Place): { readonly from: number; readonly to: number } {
  const source = sourceOf(dimensions, at);
  return source === undefined
    ? { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
    : { from: source.member.since.getTime(), to: source.end?.getTime() ?? Number.POSITIVE_INFINITY };
}

function sourceOf(dimensions: Dimensions, at: Place): Source | undefined {
  const notebook = dimensions[NOTEBOOK];
  if (notebook !== undefined) return notebookCpus.find({ [NOTEBOOK]: notebook, cpu: 'cpu-total' }, at);
  const sources = THINGS.find(({ names: [name = ''] }) => dimensions[name] !== undefined);
  return sources?.find(dimensions, at);
}

/** The metrics of a namespace, or of all; of one name, or of all. */
export const familiesOf = (
  namespace: string | undefined,
  metricName: string | undefined,
): readonly Family[] =>
  FAMILIES.filter(
    (one) =>
      (namespace === undefined || one.namespace === namespace) &&
      (metricName === undefined || one.metricName === metricName),
  );

/** `undefined` where a name comes twice, or a value is missing: no series is named so. */
export function dimensionsOf(dimensions: readonly Dimension[] | undefined): Dimensions | undefined {
  const named: Record<string, string> = {};
  for (const { Name, Value } of dimensions ?? []) {
    if (Name === undefined || Value === undefined || Object.hasOwn(named, Name)) return undefined;
    named[Name] = Value;
  }
  return named;
}
