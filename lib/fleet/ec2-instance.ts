import {
  type Instance,
  type InstanceStateName,
  paginateDescribeInstances,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { chunks, mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Protection, Resource, ResourceState } from '../types/resource.ts';
import { arnOf } from './arn.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';
import { ec2Signals } from './ec2-signals.ts';
import type { FleetContext, Kind, StopContext } from './kind.ts';
import type { Ec2System } from './prices.ts';

/** EC2 instances: stopped, with their volumes kept (EBS is billed while they are stopped). */
export const ec2Instance: Kind = {
  kind: 'ec2-instance',
  title: 'EC2 instance',
  stopped: 'stopped',
  permissions: {
    observe: [
      {
        actions: ['ec2:DescribeInstances', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
        resources: ['*'],
        taggedOnly: false,
      },
    ],
    act: [{ actions: ['ec2:StopInstances'], resources: ['ec2:*:*:instance/*'], taggedOnly: true }],
  },
  // 1,000 instances a call with all that is needed. The Resource Groups Tagging API gives 100, only their tags, and
  // nothing that was never tagged.
  discover: (context) => read(context, { Filters: [{ Name: 'instance-state-name', Values: [...LIVE] }] }),
  describe: async (ids, context) => {
    // A filter, not `InstanceIds`: one id that is gone would fail the call for all of them.
    const pages = await mapLimited(chunks(ids, 200), 2, (some) =>
      read(context, { Filters: [{ Name: 'instance-id', Values: some }] }),
    );
    return pages.flat();
  },
  signals: ec2Signals,
  undo: (ids, region) => `aws ec2 start-instances --region ${region} --instance-ids ${ids.join(' ')}`,
  stop: async (resources, context) => {
    const outcomes = await mapLimited(chunks(resources, STOP_BATCH), 1, (some) => stopSome(some, context));
    return new Map(outcomes.flat());
  },
};

const LIVE: readonly InstanceStateName[] = ['pending', 'running', 'stopping', 'stopped'];
const STOP_BATCH = 50;

async function read(
  context: FleetContext,
  input: { readonly Filters: { readonly Name: string; readonly Values: string[] }[] },
): Promise<readonly Resource[]> {
  const found: Promise<Resource | undefined>[] = [];
  const pages = paginateDescribeInstances({ client: context.clients.ec2, pageSize: 1000 }, input);
  for await (const page of pages) {
    for (const { Instances, OwnerId } of page.Reservations ?? []) {
      for (const instance of Instances ?? []) found.push(toResource(instance, OwnerId, context));
    }
  }
  return (await Promise.all(found)).filter((one): one is Resource => one !== undefined);
}

/** `undefined` for what no longer exists, or lacks what a decision needs. */
async function toResource(
  instance: Instance,
  owner: string | undefined,
  context: FleetContext,
): Promise<Resource | undefined> {
  const { InstanceId: id, InstanceType: type, LaunchTime: since } = instance;
  const state = stateOf(instance.State?.Name);
  if (id === undefined || type === undefined || since === undefined || state === undefined) return undefined;
  const system = systemOf(instance);
  const account = owner ?? context.account;
  return {
    kind: ec2Instance.kind,
    arn: arnOf('ec2', context.region, account, `instance/${id}`),
    id,
    account,
    region: context.region,
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    state,
    since,
    size: type,
    protections: protectionsOf(instance),
    hourly:
      system === undefined
        ? undefined
        : await context.prices.hourly({ service: 'ec2', region: context.region, instanceType: type, system }),
  };
}

function stateOf(name: InstanceStateName | undefined): ResourceState | undefined {
  switch (name) {
    case 'running':
    case 'stopped':
      return name;
    case 'pending':
    case 'stopping':
      return 'transitional';
    default:
      return undefined;
  }
}

/** What the price is asked by; `undefined` where on-demand, shared-tenancy prices do not apply. */
function systemOf({ PlatformDetails: details, Placement }: Instance): Ec2System | undefined {
  if ((Placement?.Tenancy ?? 'default') !== 'default') return undefined;
  switch (details) {
    case undefined:
    case 'Linux/UNIX':
      return 'Linux';
    case 'Windows':
      return 'Windows';
    case 'Red Hat Enterprise Linux':
      return 'RHEL';
    case 'SUSE Linux':
      return 'SUSE';
    default:
      return undefined;
  }
}

/** Tags that AWS services put on the instances they manage, and what manages them. */
const MANAGERS: readonly { readonly key: RegExp; readonly code: Protection['code']; readonly of: string }[] =
  [
    {
      key: /^aws:eks:cluster-name$|^eks:cluster-name$|^kubernetes\.io\/cluster\/|^karpenter\.sh\/nodepool$/,
      code: 'eks',
      of: 'Kubernetes cluster',
    },
    { key: /^aws:elasticmapreduce:job-flow-id$/, code: 'emr', of: 'EMR cluster' },
    { key: /^AWSBatchServiceTag$|^aws:batch:/, code: 'batch', of: 'AWS Batch compute environment' },
    { key: /^aws:autoscaling:groupName$/, code: 'auto-scaling-group', of: 'Auto Scaling group' },
    { key: /^aws:ec2:fleet-id$/, code: 'managed-elsewhere', of: 'EC2 Fleet' },
  ];

function protectionsOf(instance: Instance): readonly Protection[] {
  const tags = instance.Tags ?? [];
  const managed = MANAGERS.flatMap(({ key, code, of }) => {
    const tag = tags.find(({ Key = '' }) => key.test(Key));
    if (tag === undefined) return [];
    const name = tag.Key?.startsWith('kubernetes.io/cluster/') ? tag.Key.split('/')[2] : tag.Value;
    return [{ code, detail: `It is part of ${of} ${name}, which would replace it.` }];
  });
  const own: Protection[] = [];
  if (instance.Operator?.Managed === true) {
    own.push({
      code: 'managed-elsewhere',
      detail: `It is managed by ${instance.Operator.Principal ?? 'an AWS service'}.`,
    });
  }
  if (instance.RootDeviceType === 'instance-store') {
    own.push({
      code: 'instance-store-root',
      detail: 'Its root is an instance store: it cannot be stopped, only ended.',
    });
  }
  if (instance.InstanceLifecycle === 'spot') {
    own.push({ code: 'spot', detail: 'It is a Spot instance: stopping may be impossible or lose it.' });
  }
  return [...managed, ...own];
}

/** Refusals that concern single instances: the others of the batch can still be stopped. */
const ABOUT_ONE = new Set([
  'UnsupportedOperation',
  'OperationNotPermitted',
  'IncorrectInstanceState',
  'InvalidInstanceID.NotFound',
  'InvalidInstanceID.Malformed',
  'InvalidInstanceID',
  'UnauthorizedOperation',
]);

/** One bad id can make EC2 refuse the whole batch, so a refused batch is halved until the bad ids stand alone. */
async function stopSome(
  resources: readonly Resource[],
  context: StopContext,
): Promise<readonly (readonly [string, Outcome])[]> {
  const at = context.now();
  try {
    const answer = await context.clients.ec2.send(
      new StopInstancesCommand({ InstanceIds: resources.map(({ id }) => id) }),
    );
    const before = new Map(
      (answer.StoppingInstances ?? []).map((one) => [one.InstanceId, one.PreviousState?.Name]),
    );
    return resources.map(({ arn, id }) => [arn, stopOutcome(before.has(id), before.get(id), at)]);
  } catch (error) {
    const [only, second] = resources;
    if (only !== undefined && second === undefined) return [[only.arn, refusal(error, at)]];
    if (!ABOUT_ONE.has(errorCode(error))) return resources.map(({ arn }) => [arn, refusal(error, at)]);
    const half = Math.ceil(resources.length / 2);
    return [
      ...(await stopSome(resources.slice(0, half), context)),
      ...(await stopSome(resources.slice(half), context)),
    ];
  }
}

function stopOutcome(answered: boolean, before: InstanceStateName | undefined, at: Date): Outcome {
  if (!answered) {
    return {
      status: 'failed',
      at,
      code: 'NoAnswer',
      detail: 'EC2 did not say what became of it.',
      retry: true,
    };
  }
  if (before === 'stopped') {
    return { status: 'skipped', at, code: 'AlreadyStopped', detail: 'It was stopped already.' };
  }
  return { status: 'taken', at, detail: 'Stopped; its volumes are kept.' };
}

function refusal(error: unknown, at: Date): Outcome {
  const code = errorCode(error);
  switch (code) {
    case 'InvalidInstanceID.NotFound':
      return { status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' };
    case 'OperationNotPermitted':
      return {
        status: 'failed',
        at,
        code,
        detail: `Stop protection is on: ${errorMessage(error)}`,
        retry: false,
      };
    case 'IncorrectInstanceState':
      return { status: 'failed', at, code, detail: errorMessage(error), retry: true };
    default:
      return { status: 'failed', at, code, detail: errorMessage(error), retry: isTransient(error) };
  }
}
