import { ACCOUNT, REGION } from './state.ts';

/** Who made a call. */
export type TrailIdentity =
  | { readonly user: string }
  | { readonly role: string; readonly session: string }
  /** Such as `autoscaling.amazonaws.com`. */
  | { readonly service: string };

/** A call that CloudTrail has recorded. */
export interface TrailRecord {
  readonly at: Date;
  /** Absent = `REGION`. */
  readonly region?: string;
  /** `ec2.amazonaws.com`. */
  readonly source: string;
  /** `StopInstances`. */
  readonly name: string;
  readonly who: TrailIdentity;
  /** What the call names. */
  readonly resources: readonly { readonly type: string; readonly name: string }[];
  /** As CloudTrail writes them, with names that begin small. */
  readonly request?: unknown;
  readonly response?: unknown;
  /** The call was refused so, and did nothing. */
  readonly errorCode?: string;
}

type Told = Pick<TrailRecord, 'at' | 'region' | 'who' | 'errorCode'>;

/** Code and name, as EC2 has them (API reference, InstanceState). */
const INSTANCE_STATES = {
  RunInstances: { currentState: { code: 0, name: 'pending' } },
  StartInstances: {
    currentState: { code: 0, name: 'pending' },
    previousState: { code: 80, name: 'stopped' },
  },
  StopInstances: {
    currentState: { code: 64, name: 'stopping' },
    previousState: { code: 16, name: 'running' },
  },
  TerminateInstances: {
    currentState: { code: 32, name: 'shutting-down' },
    previousState: { code: 16, name: 'running' },
  },
} as const;

/** The record of a call of EC2. RunInstances names the instances in its answer alone, the others in both. */
export function instancesRecord(
  name: keyof typeof INSTANCE_STATES,
  ids: readonly string[],
  told: Told,
): TrailRecord {
  const named = { instancesSet: { items: ids.map((instanceId) => ({ instanceId })) } };
  return {
    ...told,
    source: 'ec2.amazonaws.com',
    name,
    resources: ids.map((id) => ({ type: 'AWS::EC2::Instance', name: id })),
    request: name === 'RunInstances' ? {} : named,
    response: {
      instancesSet: { items: ids.map((instanceId) => ({ instanceId, ...INSTANCE_STATES[name] })) },
    },
  };
}

const DATABASE = {
  source: 'rds.amazonaws.com',
  type: 'AWS::RDS::DBInstance',
  parameter: 'dBInstanceIdentifier',
};
const NOTEBOOK = {
  source: 'sagemaker.amazonaws.com',
  type: 'AWS::SageMaker::NotebookInstance',
  parameter: 'notebookInstanceName',
};
const ENDPOINT = {
  source: 'sagemaker.amazonaws.com',
  type: 'AWS::SageMaker::Endpoint',
  parameter: 'endpointName',
};

/** Calls that name the one thing that they are about in their request. */
const CALLS = {
  CreateDBInstance: DATABASE,
  StartDBInstance: DATABASE,
  StopDBInstance: DATABASE,
  DeleteDBInstance: DATABASE,
  CreateNotebookInstance: NOTEBOOK,
  StartNotebookInstance: NOTEBOOK,
  StopNotebookInstance: NOTEBOOK,
  DeleteNotebookInstance: NOTEBOOK,
  CreateEndpoint: ENDPOINT,
  DeleteEndpoint: ENDPOINT,
  CreateTrainingJob: {
    source: 'sagemaker.amazonaws.com',
    type: 'AWS::SageMaker::TrainingJob',
    parameter: 'trainingJobName',
  },
  CreateProcessingJob: {
    source: 'sagemaker.amazonaws.com',
    type: 'AWS::SageMaker::ProcessingJob',
    parameter: 'processingJobName',
  },
  CreateAutoScalingGroup: {
    source: 'autoscaling.amazonaws.com',
    type: 'AWS::AutoScaling::AutoScalingGroup',
    parameter: 'autoScalingGroupName',
  },
} as const;

/** The record of a call that names one thing. */
export function namedRecord(name: keyof typeof CALLS, id: string, told: Told): TrailRecord {
  const { source, type, parameter } = CALLS[name];
  return { ...told, source, name, resources: [{ type, name: id }], request: { [parameter]: id } };
}

/** Calls that change nothing, by their names. */
export const isReadOnly = ({ name }: TrailRecord): boolean => /^(?:Get|List|Describe|Lookup|Head)/.test(name);

/** What the event history shows as user name. */
export function userNameOf({ who }: TrailRecord): string | undefined {
  if ('user' in who) return who.user;
  return 'role' in who ? who.session : undefined;
}

/** Source: CloudTrail user guide, "CloudTrail userIdentity element". */
function identityOf(who: TrailIdentity): object {
  if ('user' in who) {
    return {
      type: 'IAMUser',
      arn: `arn:aws:iam::${ACCOUNT}:user/${who.user}`,
      accountId: ACCOUNT,
      userName: who.user,
    };
  }
  if ('role' in who) {
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${who.role}/${who.session}`;
    return { type: 'AssumedRole', arn, accountId: ACCOUNT };
  }
  return { type: 'AWSService', invokedBy: who.service };
}

/**
 * The text of a record.
 * Source: CloudTrail user guide, "CloudTrail record contents for management, data, and network activity events".
 */
export const recordText = (record: TrailRecord, eventID: string): string =>
  JSON.stringify({
    eventVersion: '1.11',
    userIdentity: identityOf(record.who),
    // To the second.
    eventTime: `${record.at.toISOString().slice(0, 19)}Z`,
    eventSource: record.source,
    eventName: record.name,
    awsRegion: record.region ?? REGION,
    requestParameters: record.request ?? null,
    responseElements: record.errorCode === undefined ? (record.response ?? null) : null,
    ...(record.errorCode === undefined ? {} : { errorCode: record.errorCode }),
    eventID,
    readOnly: isReadOnly(record),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
  });
