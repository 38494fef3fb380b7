import { ASYNCHRONOUS, COMPONENTS, SERVERLESS } from '../../fleet/sagemaker-form.ts';
import { namesOf } from '../../fleet/sagemaker-studio-names.ts';
import type { Resource, ResourcePart } from '../../types/resource.ts';
import { CREATING_MS } from './sagemaker.ts';
import { type ArnType, spell } from './sagemaker-arns.ts';
import type { JobOwner, MemoryJob } from './sagemaker-kinds.ts';
import { putApp, putEndpoint, putJob, putNotebook } from './sagemaker-put.ts';
import type { LiveVariant, MemoryVariant } from './sagemaker-shape.ts';
import { sizeOf } from './sagemaker-use.ts';
import { putComponent } from './sagemaker-variants.ts';
import { type AccountState, type MemoryEndpoint, REGION } from './state.ts';
import type { SteadyUntil, UseAt } from './use.ts';

interface Doing {
  readonly use: UseAt;
  readonly steadyUntil?: SteadyUntil;
}

/** Why it is out of service is not known of a resource that was discovered. */
const UNKNOWN_FAILURE = 'It was out of service when it was read.';

/**
 * Puts a SageMaker resource that was discovered elsewhere into the account, so that it is discovered there as the same
 * one; its ARN is then of this account. What a resource does not tell is made up:
 *
 * - One between two states comes into service, or comes to its end if it is a job, within minutes from now.
 * - An endpoint's configuration is named after it, has equal weights and no more than one model, and says of each
 *   variant the number that it has now; shadow variants become ordinary ones, and each variant with instances is scaled
 *   between one and four. One that hosts inference components has a single one, with one copy.
 * - An asynchronous endpoint without an instance has one again once it is created again, and none before.
 * - Whether a job has checkpoints, and which lifecycle configuration or image a notebook or app starts with.
 * - A notebook or app that is `transitional` is taken to start, and a job to stop.
 * - Tags that an app has from its space, user profile or domain become its own.
 *
 * @throws Error for a kind that is not of SageMaker, and for the id of an app that names none.
 */
export function adoptSagemaker(state: AccountState, resource: Resource, { use, steadyUntil }: Doing): void {
  const doing: Doing = { use, ...(steadyUntil === undefined ? {} : { steadyUntil }) };
  const { kind, id, region } = resource;
  switch (kind) {
    case 'sagemaker-endpoint':
      spellAs(state, resource, 'endpoint', id);
      adoptEndpoint(state, resource, doing);
      return;
    case 'sagemaker-notebook': {
      spellAs(state, resource, 'notebook-instance', id);
      const isPending = resource.state === 'transitional';
      putNotebook(state, {
        ...memberOf(resource, doing),
        name: id,
        ...(resource.state === 'stopped' ? { stoppedAt: resource.since } : {}),
        ...(resource.state === 'failed' ? { failure: UNKNOWN_FAILURE } : {}),
        ...(isPending ? { askedAt: resource.since, since: soon(state) } : {}),
      });
      return;
    }
    case 'sagemaker-studio-app':
      adoptApp(state, resource, doing);
      return;
    case 'sagemaker-training-job':
    case 'sagemaker-processing-job':
      spellAs(state, resource, kind === 'sagemaker-training-job' ? 'training-job' : 'processing-job', id);
      adoptJob(state, resource, kind, doing);
      return;
    default:
      throw new Error(`${id} in ${region} is of the kind ${kind}, which is none of SageMaker.`);
  }
}

/** When what is between two states has come to its end. */
const soon = ({ now }: AccountState): Date => new Date(now().getTime() + CREATING_MS);

function memberOf({ tags, since, size, region }: Resource, doing: Doing) {
  return { ...doing, type: size, tags, since, ...(region === REGION ? {} : { region }) };
}

/** Its ARN spells the name as that of the resource does. */
function spellAs(state: AccountState, { arn, region }: Resource, type: ArnType, name: string): void {
  const inArn = new RegExp(`:${type}/(.+)$`).exec(arn)?.[1];
  if (inArn !== undefined) spell(state, region, type, name, inArn);
}

function adoptEndpoint(state: AccountState, resource: Resource, doing: Doing): void {
  const { id, region, started, form, parts = [], since } = resource;
  const isCreated = resource.state !== 'transitional' || parts.length > 0;
  const variants = parts.map((part) => variantOf(part, resource));
  const live: Record<string, LiveVariant> = {};
  for (const { name, count } of form === SERVERLESS ? [] : parts) {
    const isConfigured = variants.some((one) => one.name === name && one.instances === count);
    // Instances that are on their way have not come yet.
    const next = { count: 1, at: soon(state) };
    const isComing = resource.state === 'transitional' && count === 0;
    if (!isConfigured) live[name] = isComing ? { count, next } : { count };
  }
  const isUpdating = resource.state === 'transitional' && isCreated && Object.keys(live).length === 0;
  const type = parts[0]?.type ?? '';
  const one: MemoryEndpoint = {
    ...memberOf(resource, doing),
    name: id,
    type,
    ...sizeOf(type),
    createdAt: started ?? since,
    ...(isCreated ? {} : { since: soon(state) }),
    ...(variants.length === 0 ? {} : { variants }),
    ...(Object.keys(live).length === 0 ? {} : { live }),
    ...(form === ASYNCHRONOUS ? { asynchronous: true } : {}),
    ...(isUpdating ? { updatingUntil: soon(state) } : {}),
    ...(resource.state === 'failed' ? { failure: UNKNOWN_FAILURE } : {}),
    ...(isWithoutConfig(resource) ? { withoutConfig: true } : {}),
  };
  putEndpoint(state, one);
  const [first] = parts;
  if (form !== COMPONENTS || first === undefined) return;
  putComponent(state, region, {
    name: `${id}-component`,
    endpoint: id,
    variant: first.name,
    tags: resource.tags,
    copies: resource.state === 'stopped' ? 0 : 1,
  });
}

function variantOf({ name, type, count }: ResourcePart, resource: Resource): MemoryVariant {
  // Where it is of none now, its configuration still makes one.
  const instances = Math.max(1, count);
  switch (resource.form) {
    case SERVERLESS: {
      const provisioned = count === 0 ? {} : { provisioned: count };
      return {
        name,
        type: '',
        instances: 0,
        serverless: { concurrency: Math.max(5, count), ...provisioned },
      };
    }
    case COMPONENTS: {
      const kept = keptInstances(resource, name);
      return {
        name,
        type,
        instances: kept ?? instances,
        hostsComponents: kept === undefined ? { least: 0 } : {},
      };
    }
    default:
      return { name, type, instances };
  }
}

const details = ({ protections }: Resource): readonly string[] => protections.map(({ detail }) => detail);

const isWithoutConfig = (resource: Resource): boolean =>
  details(resource).some((detail) => /^Its endpoint configuration was deleted/.test(detail));

/** Instances of a variant that stay without any inference component; `undefined` where none do. */
function keptInstances(resource: Resource, variant: string): number | undefined {
  for (const detail of details(resource)) {
    const [, name, kept] =
      /, and its variant (\S+) keeps (\d+) instances? even without any:/.exec(detail) ?? [];
    if (name === variant) return Number(kept);
  }
  return undefined;
}

function adoptApp(state: AccountState, resource: Resource, doing: Doing): void {
  const { id, region, since } = resource;
  const names = namesOf(id);
  if (names === undefined) throw new Error(`${id} in ${region} names no Studio app.`);
  const { domainId: domain, owner, type: appType, name: app } = names;
  spellAs(state, resource, 'app', [domain, owner.name, appType, app].join('/'));
  putApp(state, id, {
    ...memberOf(resource, doing),
    domain,
    ...(owner.in === 'space' ? { space: owner.name } : { space: '', user: owner.name }),
    app,
    appType,
    createdAt: since,
    ...(resource.state === 'transitional' ? { since: soon(state) } : {}),
    ...(resource.state === 'failed' ? { failure: UNKNOWN_FAILURE } : {}),
  });
}

function adoptJob(state: AccountState, resource: Resource, kind: MemoryJob['kind'], doing: Doing): void {
  const { id, parts = [], hourly } = resource;
  const [first] = parts;
  const usual = kind === 'sagemaker-training-job' ? 'training' : 'processing';
  const isUsual = parts.length === 0 || (parts.length === 1 && first?.name === usual);
  const owner = ownerOf(resource);
  putJob(state, {
    ...memberOf(resource, doing),
    kind,
    name: id,
    type: first?.type ?? '',
    count: first?.count ?? 0,
    ...(isUsual ? {} : { groups: parts }),
    // What has no price is paid for otherwise, as Spot capacity is.
    ...(hourly === undefined && kind === 'sagemaker-training-job' ? { spot: true } : {}),
    ...(owner === undefined ? {} : { owner }),
    ...(resource.state === 'transitional' ? { isStopped: true, endsAt: soon(state) } : {}),
  });
}

/** How the protection of a job begins, by what it belongs to; the name of that follows. */
const OWNERS: readonly (readonly [RegExp, JobOwner, string])[] = [
  [/^It belongs to hyperparameter tuning job ([^,]+),/, 'TuningJobArn', 'hyper-parameter-tuning-job'],
  [/^It belongs to AutoML job ([^,]+),/, 'AutoMLJobArn', 'automl-job'],
  [/^It belongs to labeling job ([^:]+):/, 'LabelingJobArn', 'labeling-job'],
  [/^It runs in training plan ([^,]+),/, 'TrainingPlanArn', 'training-plan'],
  [/^It belongs to monitoring schedule ([^,]+),/, 'MonitoringScheduleArn', 'monitoring-schedule'],
  [/^It watches training job (\S+) and ends/, 'TrainingJobArn', 'training-job'],
];

/** Its pipeline is told by its tags. */
function ownerOf(resource: Resource): MemoryJob['owner'] {
  for (const detail of details(resource)) {
    for (const [pattern, field, type] of OWNERS) {
      const name = pattern.exec(detail)?.[1];
      if (name !== undefined) {
        return { field, arn: `arn:aws:sagemaker:${resource.region}:${resource.account}:${type}/${name}` };
      }
    }
  }
  return undefined;
}
