import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LaunchEvent, readLaunchEvent } from '../../lib/signals/launch-event.ts';
import {
  ACCOUNT,
  callEvent,
  databaseEvent,
  endpointEvent,
  event,
  instanceArn,
  instanceEvent,
  jobEvent,
  notebookEvent,
  REGION,
  record,
  runInstances,
  singleSignOn,
  TIME,
  tagEvent,
} from './launch-events.ts';

const read = (one: unknown): LaunchEvent => readLaunchEvent(JSON.stringify(one));

const toOf = (one: unknown): string => {
  const found = read(one);
  return found.type === 'state' ? found.to : found.type;
};

const common = { eventId: '7bf73129-1428-4cd3-a780-95db273d1602', account: ACCOUNT, region: REGION };

describe('a change of state', () => {
  it('names the resource as its kind does, and the time that AWS gives', () => {
    expect(read(instanceEvent('i-1', 'running'))).toEqual({
      type: 'state',
      ...common,
      at: new Date(TIME),
      kind: 'ec2-instance',
      id: 'i-1',
      arn: instanceArn('i-1'),
      to: 'on',
      starts: true,
    });
    expect(read(notebookEvent('Anas-Notebook', 'InService'))).toMatchObject({
      kind: 'sagemaker-notebook',
      id: 'Anas-Notebook',
      arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:notebook-instance/anas-notebook`,
      to: 'on',
      starts: false,
    });
    expect(read(endpointEvent('ranker', 'IN_SERVICE'))).toMatchObject({
      kind: 'sagemaker-endpoint',
      id: 'ranker',
      to: 'on',
    });
    expect(read(jobEvent('Training', 'job-1', 'InProgress'))).toMatchObject({
      kind: 'sagemaker-training-job',
      id: 'job-1',
      to: 'on',
    });
    expect(read(jobEvent('Processing', 'job-2', 'Completed'))).toMatchObject({
      kind: 'sagemaker-processing-job',
      id: 'job-2',
      to: 'off',
    });
    expect(read(databaseEvent('db-1', 'RDS-EVENT-0088'))).toMatchObject({
      kind: 'rds-instance',
      id: 'db-1',
      arn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:db-1`,
      to: 'on',
      starts: true,
    });
  });

  it.each([
    [instanceEvent('i-1', 'pending'), 'other'],
    [instanceEvent('i-1', 'stopping'), 'off'],
    [instanceEvent('i-1', 'stopped'), 'off'],
    [instanceEvent('i-1', 'shutting-down'), 'off'],
    [instanceEvent('i-1', 'terminated'), 'off'],
    [instanceEvent('i-1', 'constructor'), 'other'],
    [endpointEvent('e', 'CREATING'), 'other'],
    [endpointEvent('e', 'UPDATING'), 'other'],
    [endpointEvent('e', 'InService'), 'on'],
    [endpointEvent('e', 'OUT_OF_SERVICE'), 'off'],
    [endpointEvent('e', 'DELETING'), 'off'],
    [endpointEvent('e', 'FAILED'), 'off'],
    [endpointEvent('e', 'A_STATE_OF_TOMORROW'), 'other'],
    [notebookEvent('n', 'Pending'), 'other'],
    [notebookEvent('n', 'Stopping'), 'other'],
    [notebookEvent('n', 'Stopped'), 'off'],
    [notebookEvent('n', 'Failed'), 'off'],
    [jobEvent('Training', 'j', 'Stopping'), 'other'],
    [jobEvent('Training', 'j', 'Stopped'), 'off'],
    [jobEvent('Processing', 'j', 'Failed'), 'off'],
    [databaseEvent('d', 'RDS-EVENT-0005'), 'on'],
    [databaseEvent('d', 'RDS-EVENT-0087'), 'off'],
    [databaseEvent('d', 'RDS-EVENT-0003'), 'off'],
    [databaseEvent('d', 'RDS-EVENT-0154'), 'other'],
  ])('%# is read as it costs money', (one, to) => {
    expect(toOf(one)).toBe(to);
  });

  it.each([
    ['without a state', event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': 'i-1' })],
    ['without its ARN', instanceEvent('i-1', 'running', { resources: [] })],
    [
      'without a name',
      event('aws.sagemaker', 'SageMaker Endpoint State Change', { EndpointStatus: 'FAILED' }),
    ],
    ['without details', event('aws.rds', 'RDS DB Instance Event', null)],
  ])('%s is not understood', (_, one) => {
    expect(read(one).type).toBe('not-understood');
  });
});

describe('a change of tags', () => {
  it('says which keys, and all tags that are left', () => {
    expect(read(tagEvent(instanceArn('i-1'), { project: 'fraud' }, ['project', 'old']))).toEqual({
      type: 'tagged',
      ...common,
      at: new Date(TIME),
      kind: 'ec2-instance',
      id: 'i-1',
      arn: instanceArn('i-1'),
      changed: ['project', 'old'],
      tags: { project: 'fraud' },
    });
  });

  it.each([
    [`arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/ranker`, 'sagemaker-endpoint'],
    [`arn:aws:rds:${REGION}:${ACCOUNT}:db:db-1`, 'rds-instance'],
    [
      `arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:1234:autoScalingGroupName/my/group`,
      'auto-scaling-group',
    ],
  ])('of %s is one of its kind', (arn, kind) => {
    expect(read(tagEvent(arn, {}))).toMatchObject({ type: 'tagged', kind });
  });

  it.each([
    'arn:aws:s3:::bucket',
    `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/vol-1`,
    `arn:aws:rds:${REGION}:${ACCOUNT}:snapshot:db-1`,
    // It does not say whether `ana` is a space or a user profile.
    `arn:aws:sagemaker:${REGION}:${ACCOUNT}:app/d-1/ana/jupyterlab/default`,
  ])('of %s is none of ours', (arn) => {
    expect(read(tagEvent(arn, {})).type).toBe('elsewhere');
  });
});

describe('a call that CloudTrail tells of', () => {
  const named = (parameters: Readonly<Record<string, unknown>>, service: string, name: string) =>
    read(callEvent(record(service, name, { requestParameters: parameters })));

  it('names who made what, at the time of the call', () => {
    expect(read(callEvent(runInstances(['i-1', 'i-2'])))).toEqual({
      type: 'created',
      ...common,
      at: new Date('2026-11-25T10:29:30Z'),
      who: 'ana',
      resources: [
        { kind: 'ec2-instance', id: 'i-1' },
        { kind: 'ec2-instance', id: 'i-2' },
      ],
    });
  });

  it.each([
    ['sagemaker', 'CreateEndpoint', { endpointName: 'x' }, 'sagemaker-endpoint', 'x'],
    ['sagemaker', 'CreateNotebookInstance', { notebookInstanceName: 'x' }, 'sagemaker-notebook', 'x'],
    ['sagemaker', 'CreateTrainingJob', { trainingJobName: 'x' }, 'sagemaker-training-job', 'x'],
    ['sagemaker', 'CreateProcessingJob', { processingJobName: 'x' }, 'sagemaker-processing-job', 'x'],
    ['rds', 'CreateDBInstance', { dBInstanceIdentifier: 'x' }, 'rds-instance', 'x'],
    ['autoscaling', 'CreateAutoScalingGroup', { autoScalingGroupName: 'x' }, 'auto-scaling-group', 'x'],
    [
      'sagemaker',
      'CreateApp',
      { domainId: 'd-1', spaceName: 'anas', appType: 'JupyterLab', appName: 'default' },
      'sagemaker-studio-app',
      'd-1/spaces/anas/JupyterLab/default',
    ],
    [
      'sagemaker',
      'CreateApp',
      { domainId: 'd-1', userProfileName: 'ana', appType: 'KernelGateway', appName: 'k' },
      'sagemaker-studio-app',
      'd-1/users/ana/KernelGateway/k',
    ],
  ])('%s %s %o', (service, name, parameters, kind, id) => {
    expect(named(parameters, service, name)).toMatchObject({ resources: [{ kind, id }] });
  });

  it.each([
    ['failed', callEvent(runInstances(['i-1'], { errorCode: 'Client.UnauthorizedOperation' }))],
    ['of another service', callEvent(record('amplify', 'CreateApp', { requestParameters: { name: 'x' } }))],
    ['that makes nothing', callEvent(record('ec2', 'DescribeInstances'))],
    ['that names nothing', callEvent(record('sagemaker', 'CreateEndpoint', { requestParameters: null }))],
  ])('%s is none of ours', (_, one) => {
    expect(read(one).type).toBe('elsewhere');
  });

  it.each([
    ['ana', singleSignOn],
    [
      'ana',
      { type: 'IAMUser', userName: 'ana', arn: `arn:aws:iam::${ACCOUNT}:user/ana`, accountId: ACCOUNT },
    ],
    ['root', { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT }],
    [
      'ml-ci/build-42',
      { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ml-ci/build-42`, accountId: ACCOUNT },
    ],
    ['ana', { type: 'FederatedUser', arn: `arn:aws:sts::${ACCOUNT}:federated-user/ana`, accountId: ACCOUNT }],
    ['autoscaling.amazonaws.com', { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }],
    [
      'autoscaling.amazonaws.com',
      {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling`,
        invokedBy: 'autoscaling.amazonaws.com',
      },
    ],
    ['account 999988887777', { type: 'AWSAccount', accountId: '999988887777' }],
    [undefined, { type: 'A type of tomorrow' }],
  ])('was made by %s', (who, userIdentity) => {
    expect(read(callEvent(runInstances(['i-1'], { userIdentity })))).toMatchObject({ who });
  });
});

describe('what is no event of ours', () => {
  it.each(['', 'Hello', '[]', '{}', 'null', '{"source":"aws.ec2"}'])('%j is not understood', (text) => {
    expect(readLaunchEvent(text).type).toBe('not-understood');
  });

  it('of another sort is left alone', () => {
    expect(read(event('aws.s3', 'Object Created', {})).type).toBe('elsewhere');
  });

  it('never makes it throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readLaunchEvent(text)));
    const sorts = [
      instanceEvent('i-1', 'running'),
      endpointEvent('e', 'IN_SERVICE'),
      databaseEvent('d', 'RDS-EVENT-0088'),
      tagEvent(instanceArn('i-1'), {}),
      callEvent(runInstances(['i-1'])),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...sorts), fc.jsonValue(), (one, detail) => {
        void read({ ...one, detail });
      }),
    );
  });
});
