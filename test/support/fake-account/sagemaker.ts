import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  type DescribeScalableTargetsCommandInput,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DeleteEndpointCommand,
  type DeleteEndpointCommandInput,
  DescribeEndpointCommand,
  type DescribeEndpointCommandInput,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigCommandInput,
  DescribeModelCommand,
  type DescribeModelCommandInput,
  ListEndpointsCommand,
  ListTagsCommand,
  type ListTagsCommandInput,
  SageMakerClient,
  SageMakerServiceException,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { ACCOUNT, type FakeState, REGION } from './state.ts';

const missing = (what: string) =>
  new SageMakerServiceException({
    name: 'ValidationException',
    message: `Could not find ${what}.`,
    $fault: 'client',
    $metadata: {},
  });

const endpointArn = (name: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${name}`;

/** "Not found" is a ValidationException, as on AWS. */
export function fakeSagemaker({ endpoints, effects, now }: FakeState): SageMakerClient {
  const client = new SageMakerClient({ region: REGION });
  const mock = mockClient(client);
  const living = () => [...endpoints.values()].filter(({ deletedAt }) => deletedAt === undefined);
  const find = (name: string | undefined) => {
    const one = living().find((endpoint) => endpoint.name === name);
    if (one === undefined) throw missing(`endpoint "${endpointArn(name ?? '')}"`);
    return one;
  };
  mock.on(ListEndpointsCommand).callsFake(() => ({
    Endpoints: living().map(({ name }) => ({ EndpointName: name })),
  }));
  mock.on(DescribeEndpointCommand).callsFake(({ EndpointName }: DescribeEndpointCommandInput) => {
    const { name, since } = find(EndpointName);
    return {
      EndpointName: name,
      EndpointArn: endpointArn(name),
      EndpointConfigName: `${name}-config`,
      EndpointStatus: 'InService',
      CreationTime: since,
      LastModifiedTime: since,
      ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: 1, CurrentWeight: 1 }],
    };
  });
  mock
    .on(DescribeEndpointConfigCommand)
    .callsFake(({ EndpointConfigName }: DescribeEndpointConfigCommandInput) => {
      const one = [...endpoints.values()].find(({ name }) => `${name}-config` === EndpointConfigName);
      if (one === undefined) throw missing(`endpoint configuration "${EndpointConfigName}"`);
      return {
        EndpointConfigName,
        ProductionVariants: [
          {
            VariantName: 'main',
            ModelName: `${one.name}-model`,
            InstanceType: one.type,
            InitialInstanceCount: 1,
          },
        ],
        $metadata: {},
      };
    });
  mock.on(DescribeModelCommand).callsFake(({ ModelName }: DescribeModelCommandInput) => ({
    ModelName,
    $metadata: {},
  }));
  mock.on(ListTagsCommand).callsFake(({ ResourceArn }: ListTagsCommandInput) => {
    const one = living().find(({ name }) => endpointArn(name) === ResourceArn);
    return { Tags: Object.entries(one?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })) };
  });
  mock.on(DeleteEndpointCommand).callsFake(({ EndpointName }: DeleteEndpointCommandInput) => {
    const one = find(EndpointName);
    endpoints.set(one.name, { ...one, deletedAt: now() });
    effects.push({ at: now(), id: one.name });
    return {};
  });
  return client;
}

/** Each variant scales between one and four instances. */
export function fakeAutoscaling(): ApplicationAutoScalingClient {
  const client = new ApplicationAutoScalingClient({ region: REGION });
  const mock = mockClient(client);
  mock
    .on(DescribeScalableTargetsCommand)
    .callsFake(({ ResourceIds = [] }: DescribeScalableTargetsCommandInput) => ({
      ScalableTargets: ResourceIds.map((ResourceId) => ({ ResourceId, MinCapacity: 1, MaxCapacity: 4 })),
    }));
  mock.on(DescribeScalingPoliciesCommand).resolves({ ScalingPolicies: [] });
  mock.on(DescribeScheduledActionsCommand).resolves({ ScheduledActions: [] });
  return client;
}
