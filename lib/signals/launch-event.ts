import * as z from 'zod';
import type { ResourceKind } from '../types/resource.ts';
import { type Creation, readCreation } from './cloudtrail.ts';
import { parseJsonDocument } from './json.ts';

/** Of every event of EventBridge. */
interface Common {
  /** The same for every delivery of one event. */
  readonly eventId: string;
  /** When it happened, by AWS; to the second. */
  readonly at: Date;
  readonly account: string;
  readonly region: string;
}

/** A resource began or ceased to cost money, or is between the two (`other`). */
export interface StateChange extends Common {
  readonly type: 'state';
  readonly kind: ResourceKind;
  readonly id: string;
  readonly arn: string;
  readonly to: 'on' | 'off' | 'other';
  /** True where it was started at that very moment; SageMaker also tells of other changes of what runs. */
  readonly starts: boolean;
}

/** CloudTrail says who made resources. */
export interface CreatedBy extends Common {
  readonly type: 'created';
  readonly who: string | undefined;
  readonly resources: Creation['resources'];
}

/** Tags of a resource have changed. */
export interface TagChange extends Common {
  readonly type: 'tagged';
  readonly kind: ResourceKind;
  readonly arn: string;
  /** As its ARN has it: SageMaker writes names in lower case there, so that `describe` may not know it. */
  readonly id: string;
  /** Keys that were set, changed or taken off. */
  readonly changed: readonly string[];
  /** All its tags after the change; `undefined` where the event does not say. */
  readonly tags: Readonly<Record<string, string>> | undefined;
}

/**
 * What an event of EventBridge tells. `elsewhere`: it is about what is not looked at here. `not-understood`: it is no
 * event, or one of another shape than AWS documents. Neither loses anything: a sweep looks at all that exists every
 * five minutes.
 */
export type LaunchEvent =
  | StateChange
  | CreatedBy
  | TagChange
  | { readonly type: 'elsewhere' }
  | { readonly type: 'not-understood'; readonly why: string };

/** Source: EventBridge user guide, "AWS service event metadata". */
const EnvelopeSchema = z.looseObject({
  id: z.string().min(1),
  'detail-type': z.string(),
  source: z.string(),
  account: z.string().regex(/^\d{12}$/),
  time: z.iso.datetime({ offset: true }),
  region: z.string().min(1),
  resources: z.array(z.string()).default([]),
  detail: z.unknown().optional(),
});
type Envelope = z.infer<typeof EnvelopeSchema>;

/** Reads the text of one event. Never throws. */
export function readLaunchEvent(text: string): LaunchEvent {
  const document = parseJsonDocument(text);
  const parsed = EnvelopeSchema.safeParse(document.json ? document.value : undefined);
  if (!parsed.success) return notUnderstood('The message is no event of EventBridge.');
  const { id: eventId, time, account, region } = parsed.data;
  const common: Common = { eventId, at: new Date(time), account, region };
  const read = READERS[`${parsed.data.source} ${parsed.data['detail-type']}`];
  if (read !== undefined) return read(parsed.data, common);
  return parsed.data['detail-type'] === 'AWS API Call via CloudTrail'
    ? readCall(parsed.data, common)
    : { type: 'elsewhere' };
}

const notUnderstood = (why: string): LaunchEvent => ({ type: 'not-understood', why });

const unlike = (event: Envelope): LaunchEvent =>
  notUnderstood(`An event "${event['detail-type']}" has another shape than AWS documents.`);

type Reader = (event: Envelope, common: Common) => LaunchEvent;

/** EC2 user guide, "State change events". It stops to cost money as soon as it is told to stop. */
const EC2_STATES: Readonly<Record<string, StateChange['to']>> = {
  running: 'on',
  stopping: 'off',
  stopped: 'off',
  'shutting-down': 'off',
  terminated: 'off',
};

const Ec2Schema = z.looseObject({ 'instance-id': z.string().min(1), state: z.string() });

const readInstance: Reader = (event, common) => {
  const parsed = Ec2Schema.safeParse(event.detail);
  const [arn] = event.resources;
  if (!parsed.success || arn === undefined) return unlike(event);
  const { 'instance-id': id, state } = parsed.data;
  const to = toOf(EC2_STATES, state);
  return { type: 'state', ...common, kind: 'ec2-instance', id, arn, to, starts: to === 'on' };
};

/** SageMaker spells the states of endpoints `IN_SERVICE` in events and `InService` elsewhere. */
const plain = (status: string): string => status.replaceAll('_', '').toLowerCase();

const ENDPOINT_STATES: Readonly<Record<string, StateChange['to']>> = {
  inservice: 'on',
  outofservice: 'off',
  deleting: 'off',
  deleted: 'off',
  failed: 'off',
};

const NOTEBOOK_STATES: Readonly<Record<string, StateChange['to']>> = {
  inservice: 'on',
  stopped: 'off',
  failed: 'off',
  deleting: 'off',
  deleted: 'off',
};

const JOB_STATES: Readonly<Record<string, StateChange['to']>> = {
  inprogress: 'on',
  completed: 'off',
  failed: 'off',
  stopped: 'off',
};

/**
 * One resource of SageMaker, whose event names it as the answer of its `Describe…` does. Several events may come for
 * one change.
 * Source: SageMaker developer guide, "Events that Amazon SageMaker AI sends to Amazon EventBridge"; notebooks by
 * captured events, since the guide lists theirs without an example.
 */
const readSageMaker =
  (prefix: string, kind: ResourceKind, states: Readonly<Record<string, StateChange['to']>>): Reader =>
  (event, common) => {
    const parsed = z.record(z.string(), z.unknown()).safeParse(event.detail);
    const [id, arn, status] = ['Name', 'Arn', 'Status'].map((field) => {
      const value = parsed.success ? parsed.data[`${prefix}${field}`] : undefined;
      return typeof value === 'string' && value !== '' ? value : undefined;
    });
    if (id === undefined || arn === undefined || status === undefined) return unlike(event);
    return { type: 'state', ...common, kind, id, arn, to: toOf(states, plain(status)), starts: false };
  };

/**
 * RDS user guide, "Amazon RDS event categories and event messages": created, started, stopped, deleted. Of the many
 * others, such as the start that AWS orders after seven days (0154), none says by itself that the state has changed.
 */
const RDS_EVENTS: Readonly<Record<string, StateChange['to']>> = {
  'RDS-EVENT-0005': 'on',
  'RDS-EVENT-0088': 'on',
  'RDS-EVENT-0087': 'off',
  'RDS-EVENT-0003': 'off',
};

const RdsSchema = z.looseObject({
  SourceIdentifier: z.string().min(1),
  SourceArn: z.string().min(1),
  EventID: z.string(),
});

const readDatabase: Reader = (event, common) => {
  const parsed = RdsSchema.safeParse(event.detail);
  if (!parsed.success) return unlike(event);
  const { SourceIdentifier: name, SourceArn: arn, EventID: code } = parsed.data;
  const id = name.split(':').at(-1) ?? name;
  const to = toOf(RDS_EVENTS, code);
  return { type: 'state', ...common, kind: 'rds-instance', id, arn, to, starts: to === 'on' };
};

const toOf = (states: Readonly<Record<string, StateChange['to']>>, state: string): StateChange['to'] =>
  (Object.hasOwn(states, state) ? states[state] : undefined) ?? 'other';

const TagsSchema = z.looseObject({
  'changed-tag-keys': z.array(z.string()),
  tags: z.record(z.string(), z.string()).optional(),
});

/** Source: Tag Editor user guide, "Monitor tag changes with serverless workflows and Amazon EventBridge". */
const readTags: Reader = (event, common) => {
  const parsed = TagsSchema.safeParse(event.detail);
  const [arn] = event.resources;
  if (!parsed.success || arn === undefined) return unlike(event);
  const named = namedBy(arn);
  if (named === undefined) return { type: 'elsewhere' };
  const { 'changed-tag-keys': changed, tags } = parsed.data;
  return { type: 'tagged', ...common, ...named, arn, changed, tags };
};

/** What ARNs of guarded resources say before the name. A Studio app's does not say whose it is, so it is left out. */
const ARN_KINDS: readonly (readonly [RegExp, ResourceKind])[] = [
  [/^arn:[^:]+:ec2:[^:]+:\d{12}:instance\/([^/]+)$/, 'ec2-instance'],
  [/^arn:[^:]+:rds:[^:]+:\d{12}:db:([^:/]+)$/, 'rds-instance'],
  [/^arn:[^:]+:sagemaker:[^:]+:\d{12}:endpoint\/([^/]+)$/, 'sagemaker-endpoint'],
  [/^arn:[^:]+:sagemaker:[^:]+:\d{12}:notebook-instance\/([^/]+)$/, 'sagemaker-notebook'],
  [/^arn:[^:]+:sagemaker:[^:]+:\d{12}:training-job\/([^/]+)$/, 'sagemaker-training-job'],
  [/^arn:[^:]+:sagemaker:[^:]+:\d{12}:processing-job\/([^/]+)$/, 'sagemaker-processing-job'],
  [
    /^arn:[^:]+:autoscaling:[^:]+:\d{12}:autoScalingGroup:[^:]+:autoScalingGroupName\/(.+)$/,
    'auto-scaling-group',
  ],
];

function namedBy(arn: string): { readonly kind: ResourceKind; readonly id: string } | undefined {
  for (const [form, kind] of ARN_KINDS) {
    const id = form.exec(arn)?.[1];
    if (id !== undefined) return { kind, id };
  }
  return undefined;
}

/** Such events come only where a trail of CloudTrail logs in the region (EventBridge user guide). */
const readCall: Reader = ({ detail }, common) => {
  const creation = readCreation(detail);
  if (creation === undefined) return { type: 'elsewhere' };
  const { who, resources, at } = creation;
  return { type: 'created', ...common, at, who, resources };
};

const READERS: Readonly<Record<string, Reader>> = {
  'aws.ec2 EC2 Instance State-change Notification': readInstance,
  'aws.sagemaker SageMaker Endpoint State Change': readSageMaker(
    'Endpoint',
    'sagemaker-endpoint',
    ENDPOINT_STATES,
  ),
  'aws.sagemaker SageMaker Notebook Instance State Change': readSageMaker(
    'NotebookInstance',
    'sagemaker-notebook',
    NOTEBOOK_STATES,
  ),
  'aws.sagemaker SageMaker Training Job State Change': readSageMaker(
    'TrainingJob',
    'sagemaker-training-job',
    JOB_STATES,
  ),
  'aws.sagemaker SageMaker Processing Job State Change': readSageMaker(
    'ProcessingJob',
    'sagemaker-processing-job',
    JOB_STATES,
  ),
  'aws.rds RDS DB Instance Event': readDatabase,
  'aws.tag Tag Change on Resource': readTags,
};
