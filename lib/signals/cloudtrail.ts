import * as z from 'zod';
import type { ResourceKind } from '../types/resource.ts';

/** A resource as the call that made it names it; `id` is what `describe` of its kind takes. */
export interface Named {
  readonly kind: ResourceKind;
  readonly id: string;
}

/** One call that made resources, and who it was. */
export interface Creation {
  /** For people: `ana`, `ml-ci/build-42`, `root`, `autoscaling.amazonaws.com`; `undefined` = the record does not say. */
  readonly who: string | undefined;
  readonly resources: readonly Named[];
  readonly region: string;
  readonly account: string;
  readonly at: Date;
}

const IdentitySchema = z.looseObject({
  type: z.string().nullish(),
  arn: z.string().nullish(),
  userName: z.string().nullish(),
  accountId: z.string().nullish(),
  invokedBy: z.string().nullish(),
});

/**
 * What is read of a record of CloudTrail: in an event `AWS API Call via CloudTrail` its `detail`, and in an answer of
 * `LookupEvents` the text of `CloudTrailEvent`.
 * Source: CloudTrail user guide, "CloudTrail record contents for management, data, and network activity events".
 */
const RecordSchema = z.looseObject({
  eventSource: z.string(),
  eventName: z.string(),
  eventTime: z.iso.datetime({ offset: true }),
  awsRegion: z.string(),
  recipientAccountId: z.string().nullish(),
  userIdentity: IdentitySchema,
  requestParameters: z.unknown().optional(),
  responseElements: z.unknown().optional(),
  errorCode: z.unknown().optional(),
});

/**
 * What a record of CloudTrail says was made; `undefined` where it is no record, a call that failed, or one that makes
 * nothing that is known here. Never throws.
 */
export function readCreation(record: unknown): Creation | undefined {
  const parsed = RecordSchema.safeParse(record);
  if (!parsed.success) return undefined;
  const { eventSource, eventName, eventTime, awsRegion, recipientAccountId, userIdentity, errorCode } =
    parsed.data;
  if (errorCode !== undefined && errorCode !== null) return undefined;
  const account = recipientAccountId ?? userIdentity.accountId ?? undefined;
  const named = MAKERS[`${eventSource} ${eventName}`];
  if (named === undefined || account === undefined) return undefined;
  const resources = named(parsed.data.requestParameters, parsed.data.responseElements);
  if (resources.length === 0) return undefined;
  return { who: whoIs(userIdentity), resources, region: awsRegion, account, at: new Date(eventTime) };
}

type Maker = (request: unknown, response: unknown) => readonly Named[];

/** Kinds whose call names the one thing that it makes. */
const byName =
  (kind: ResourceKind, parameter: string): Maker =>
  (request) => {
    const parsed = z.looseObject({ [parameter]: z.string().min(1) }).safeParse(request);
    const id = parsed.success ? parsed.data[parameter] : undefined;
    return typeof id === 'string' ? [{ kind, id }] : [];
  };

const InstancesSchema = z.looseObject({
  instancesSet: z.looseObject({ items: z.array(z.looseObject({ instanceId: z.string().min(1) })) }),
});

const AppSchema = z.looseObject({
  domainId: z.string().min(1),
  spaceName: z.string().nullish(),
  userProfileName: z.string().nullish(),
  appType: z.string().min(1),
  appName: z.string().min(1),
});

/**
 * The calls that make what is guarded. EC2 names the instances in its answer, the others in their request. An event
 * name alone is not enough: Amplify has a `CreateApp` as well.
 */
const MAKERS: Readonly<Record<string, Maker>> = {
  'ec2.amazonaws.com RunInstances': (_, response) => {
    const parsed = InstancesSchema.safeParse(response);
    return parsed.success
      ? parsed.data.instancesSet.items.map(({ instanceId: id }) => ({ kind: 'ec2-instance', id }))
      : [];
  },
  'sagemaker.amazonaws.com CreateApp': (request) => {
    const parsed = AppSchema.safeParse(request);
    if (!parsed.success) return [];
    const { domainId, spaceName, userProfileName, appType, appName } = parsed.data;
    const [place, owner] = spaceName ? ['spaces', spaceName] : ['users', userProfileName];
    // The form of `appId` in lib/fleet/sagemaker-studio-names.ts.
    return owner
      ? [{ kind: 'sagemaker-studio-app', id: [domainId, place, owner, appType, appName].join('/') }]
      : [];
  },
  'sagemaker.amazonaws.com CreateEndpoint': byName('sagemaker-endpoint', 'endpointName'),
  'sagemaker.amazonaws.com CreateNotebookInstance': byName('sagemaker-notebook', 'notebookInstanceName'),
  'sagemaker.amazonaws.com CreateTrainingJob': byName('sagemaker-training-job', 'trainingJobName'),
  'sagemaker.amazonaws.com CreateProcessingJob': byName('sagemaker-processing-job', 'processingJobName'),
  'rds.amazonaws.com CreateDBInstance': byName('rds-instance', 'dBInstanceIdentifier'),
  'autoscaling.amazonaws.com CreateAutoScalingGroup': byName('auto-scaling-group', 'autoScalingGroupName'),
};

/**
 * A person or a machine by the name that people know: of a user its name, of a role the name of its session, which for
 * a single sign-on is the person; other roles go before it, since their sessions are often but numbers.
 * Source: CloudTrail user guide, "CloudTrail userIdentity element".
 */
function whoIs({
  type,
  arn,
  userName,
  invokedBy,
  accountId,
}: z.infer<typeof IdentitySchema>): string | undefined {
  switch (type) {
    case 'Root':
      return 'root';
    case 'IAMUser':
      return userName || undefined;
    case 'AWSService':
      return invokedBy || undefined;
    case 'AssumedRole':
      return ofRole(arn ?? '', invokedBy ?? undefined);
    case 'FederatedUser':
      return /:federated-user\/(.+)$/.exec(arn ?? '')?.[1];
    case 'AWSAccount':
      return accountId ? `account ${accountId}` : undefined;
    default:
      return userName || invokedBy || undefined;
  }
}

/** The role that IAM Identity Center makes for a permission set. */
const SINGLE_SIGN_ON = /^AWSReservedSSO_/;
/** A role that a service of AWS acts by for itself. */
const OF_A_SERVICE = /^AWSServiceRoleFor/;

function ofRole(arn: string, invokedBy: string | undefined): string | undefined {
  const [, role, session] = /:assumed-role\/([^/]+)\/(.+)$/.exec(arn) ?? [];
  if (role === undefined || session === undefined) return invokedBy;
  if (OF_A_SERVICE.test(role)) return invokedBy ?? role;
  return SINGLE_SIGN_ON.test(role) ? session : `${role}/${session}`;
}
