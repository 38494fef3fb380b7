/** Events of EventBridge as AWS documents them, or as they were captured. */

export const ACCOUNT = '391613010373';
export const REGION = 'us-east-1';
export const TIME = '2026-11-25T10:30:00Z';

/** The envelope of any event. */
export const event = (
  source: string,
  detailType: string,
  detail: unknown,
  change: Readonly<Record<string, unknown>> = {},
) => ({
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': detailType,
  source,
  account: ACCOUNT,
  time: TIME,
  region: REGION,
  resources: [],
  detail,
  ...change,
});

export const instanceArn = (id: string): string => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;

/** EC2 user guide, "State change events". */
export const instanceEvent = (id: string, state: string, change: Readonly<Record<string, unknown>> = {}) =>
  event(
    'aws.ec2',
    'EC2 Instance State-change Notification',
    { 'instance-id': id, state },
    { resources: [instanceArn(id)], ...change },
  );

/** SageMaker developer guide: the state as `IN_SERVICE`, times in milliseconds, `Tags` a map. */
export const endpointEvent = (name: string, EndpointStatus: string) => {
  const EndpointArn = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${name}`;
  return event(
    'aws.sagemaker',
    'SageMaker Endpoint State Change',
    {
      EndpointName: name,
      EndpointArn,
      EndpointConfigName: `${name}-config`,
      EndpointStatus,
      CreationTime: 1_583_831_889_050,
      LastModifiedTime: 1_583_831_889_050,
      Tags: { project: 'recsys' },
    },
    { resources: [EndpointArn] },
  );
};

/** As captured: the name keeps its capitals, the ARN does not. */
export const notebookEvent = (name: string, NotebookInstanceStatus: string) => {
  const NotebookInstanceArn = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:notebook-instance/${name.toLowerCase()}`;
  return event(
    'aws.sagemaker',
    'SageMaker Notebook Instance State Change',
    {
      NotebookInstanceArn,
      NotebookInstanceName: name,
      NotebookInstanceStatus,
      InstanceType: 'ml.t3.medium',
    },
    { resources: [NotebookInstanceArn] },
  );
};

export const jobEvent = (type: 'Training' | 'Processing', name: string, status: string) => {
  const arn = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${type.toLowerCase()}-job/${name}`;
  return event(
    'aws.sagemaker',
    `SageMaker ${type} Job State Change`,
    { [`${type}JobName`]: name, [`${type}JobArn`]: arn, [`${type}JobStatus`]: status },
    { resources: [arn] },
  );
};

/** EventBridge user guide, RDS user guide: "Tutorial: log DB instance state changes". */
export const databaseEvent = (id: string, EventID: string) => {
  const SourceArn = `arn:aws:rds:${REGION}:${ACCOUNT}:db:${id}`;
  return event(
    'aws.rds',
    'RDS DB Instance Event',
    {
      EventCategories: ['notification'],
      SourceType: 'DB_INSTANCE',
      SourceArn,
      Date: TIME,
      Message: 'DB instance started',
      SourceIdentifier: id,
      EventID,
    },
    { resources: [SourceArn] },
  );
};

/** Tag Editor user guide, "Monitor tag changes". */
export const tagEvent = (
  arn: string,
  tags: Readonly<Record<string, string>>,
  changed: readonly string[] = Object.keys(tags),
  change: Readonly<Record<string, unknown>> = {},
) =>
  event(
    'aws.tag',
    'Tag Change on Resource',
    { 'changed-tag-keys': changed, service: 'ec2', 'resource-type': 'instance', version: 3, tags },
    { resources: [arn], ...change },
  );

/** Of IAM Identity Center: the session is the person. */
export const singleSignOn = {
  type: 'AssumedRole',
  principalId: 'AROAEXAMPLE:ana',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/ana`,
  accountId: ACCOUNT,
  accessKeyId: 'ASIAEXAMPLE',
  sessionContext: { attributes: { mfaAuthenticated: 'false' } },
};

/** A record of CloudTrail: the `detail` of its event, and the text of an answer of LookupEvents. */
export const record = (
  service: string,
  eventName: string,
  change: Readonly<Record<string, unknown>> = {},
) => ({
  eventVersion: '1.10',
  userIdentity: singleSignOn,
  eventTime: '2026-11-25T10:29:30Z',
  eventSource: `${service}.amazonaws.com`,
  eventName,
  awsRegion: REGION,
  sourceIPAddress: '203.0.113.7',
  requestParameters: {},
  responseElements: {},
  eventID: '11111111-2222-3333-4444-555555555555',
  readOnly: false,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: ACCOUNT,
  ...change,
});

export const runInstances = (ids: readonly string[], change: Readonly<Record<string, unknown>> = {}) =>
  record('ec2', 'RunInstances', {
    requestParameters: { instancesSet: { items: [{ minCount: ids.length, maxCount: ids.length }] } },
    responseElements: { instancesSet: { items: ids.map((instanceId) => ({ instanceId })) } },
    ...change,
  });

export const callEvent = (detail: ReturnType<typeof record>) =>
  event(`aws.${detail.eventSource.split('.')[0]}`, 'AWS API Call via CloudTrail', detail);
