import {
  AddTagsCommand,
  CreateEndpointCommand,
  type CreateEndpointCommandInput,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointsCommand,
  ListTagsCommand,
  SageMakerClient,
  SageMakerServiceException,
} from '@aws-sdk/client-sagemaker';
import { answering } from './answering.ts';
import { ACCOUNT, type AccountState, REGION } from './state.ts';

const refused = (message: string) =>
  new SageMakerServiceException({
    name: 'ValidationException',
    message,
    $fault: 'client',
    $metadata: {},
  });
const missing = (what: string) => refused(`Could not find ${what}.`);

/** From the call that creates an endpoint until it is in service. */
const CREATING_MS = 4 * 60_000;

const endpointArn = (name: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${name}`;

/** "Not found" is a ValidationException, as on AWS. */
export function sagemakerIn(
  { endpoints, effects, restored, now }: AccountState,
  region: string,
): SageMakerClient {
  const answers = answering(new SageMakerClient({ region }));
  const living = () =>
    [...endpoints.values()].filter((one) => one.deletedAt === undefined && (one.region ?? REGION) === region);
  const find = (name: string | undefined) => {
    const one = living().find((endpoint) => endpoint.name === name);
    if (one === undefined) throw missing(`endpoint "${endpointArn(name ?? '')}"`);
    return one;
  };
  answers.on(ListEndpointsCommand, () => ({
    Endpoints: living().map(({ name }) => ({ EndpointName: name })),
  }));
  answers.on(DescribeEndpointCommand, ({ EndpointName }) => {
    const { name, since } = find(EndpointName);
    const creating = since > now();
    return {
      EndpointName: name,
      EndpointArn: endpointArn(name),
      EndpointConfigName: `${name}-config`,
      EndpointStatus: creating ? 'Creating' : 'InService',
      CreationTime: since,
      LastModifiedTime: since,
      ProductionVariants: creating
        ? []
        : [{ VariantName: 'main', CurrentInstanceCount: 1, CurrentWeight: 1 }],
    };
  });
  answers.on(DescribeEndpointConfigCommand, ({ EndpointConfigName }) => {
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
  answers.on(DescribeModelCommand, ({ ModelName }) => ({
    ModelName,
    $metadata: {},
  }));
  answers.on(ListTagsCommand, ({ ResourceArn }) => {
    const one = living().find(({ name }) => endpointArn(name) === ResourceArn);
    return { Tags: Object.entries(one?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })) };
  });
  answers.on(DeleteEndpointCommand, ({ EndpointName }) => {
    const one = find(EndpointName);
    endpoints.set(one.name, { ...one, deletedAt: now() });
    effects.push({ at: now(), id: one.name });
    return {};
  });
  answers.on(CreateEndpointCommand, ({ EndpointName, Tags }) => {
    const one = endpoints.get(EndpointName ?? '');
    if (one === undefined) throw missing(`endpoint configuration "${EndpointName}-config"`);
    if (one.deletedAt === undefined)
      throw refused(`Cannot create already existing endpoint "${endpointArn(one.name)}".`);
    const { deletedAt, ...before } = one;
    const since = new Date(now().getTime() + CREATING_MS);
    endpoints.set(one.name, { ...before, tags: tagsOf(Tags), since, createdAgain: true });
    restored.push({ at: now(), id: one.name });
    return { EndpointArn: endpointArn(one.name) };
  });
  answers.on(AddTagsCommand, ({ ResourceArn, Tags }) => {
    const one = living().find(({ name }) => endpointArn(name) === ResourceArn);
    if (one === undefined) throw missing(`endpoint "${ResourceArn}"`);
    endpoints.set(one.name, { ...one, tags: { ...one.tags, ...tagsOf(Tags) } });
    return {};
  });
  return answers.client;
}

const tagsOf = (tags: CreateEndpointCommandInput['Tags']): Readonly<Record<string, string>> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
