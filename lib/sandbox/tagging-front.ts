import { AutoScalingClient, CreateOrUpdateTagsCommand } from '@aws-sdk/client-auto-scaling';
import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AddTagsToResourceCommand, RDSClient } from '@aws-sdk/client-rds';
import { AddTagsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import * as z from 'zod';
import { forward } from './forward.ts';
import { type LoopbackAnswer, type LoopbackServer, serveLoopback } from './loopback.ts';

/** Where the services live that it tags by; `http://127.0.0.1:<port>` each. */
export interface TaggingFrontOptions {
  readonly ec2: string;
  readonly sagemaker: string;
  readonly rds: string;
  readonly groups: string;
  /** What answers everything but TagResources. */
  readonly others: string;
  readonly account: string;
}

const TagResourcesSchema = z.object({
  ResourceARNList: z.array(z.string()).min(1).max(20),
  Tags: z.record(z.string(), z.string()),
});

interface Failure {
  readonly StatusCode: number;
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/**
 * A Resource Groups Tagging API on loopback that tags by each service's own call, as AWS does: MiniStack's knows no
 * instances. What a service refuses stands in `FailedResourcesMap`. Everything else is forwarded.
 */
export function startTaggingFront(options: TaggingFrontOptions): Promise<LoopbackServer> {
  const tag = tagger(options);
  return serveLoopback(async (request) => {
    if (!(request.headers['x-amz-target'] ?? '').endsWith('.TagResources')) {
      return forward(request, options.others);
    }
    const asked = TagResourcesSchema.safeParse(JSON.parse(request.body));
    if (!asked.success) return invalid(z.prettifyError(asked.error));
    const { ResourceARNList: arns, Tags } = asked.data;
    const malformed = arns.find((arn) => partsOf(arn) === undefined);
    if (malformed !== undefined) return invalid(`Not a valid ARN: ${malformed}`);
    const failed: Record<string, Failure> = {};
    for (const arn of arns) {
      await tag(arn, Tags).catch((error: unknown) => {
        failed[arn] = failureOf(error);
      });
    }
    return json(200, { FailedResourcesMap: failed });
  });
}

const partsOf = (
  arn: string,
): { readonly service: string; readonly region: string; readonly resource: string } | undefined => {
  const [prefix, , service, region, account, ...resource] = arn.split(':');
  return prefix === 'arn' && service !== undefined && region !== undefined && account !== undefined
    ? { service, region, resource: resource.join(':') }
    : undefined;
};

const tagger =
  ({ ec2, sagemaker, rds, groups, account }: TaggingFrontOptions) =>
  async (arn: string, tags: Readonly<Record<string, string>>): Promise<void> => {
    const { service = '', region = '', resource = '' } = partsOf(arn) ?? {};
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const configOf = (endpoint: string) => ({
      region,
      endpoint,
      credentials: { accessKeyId: account, secretAccessKey: 'sandbox' },
      maxAttempts: 1,
    });
    switch (service) {
      case 'ec2': {
        const id = resource.slice(resource.lastIndexOf('/') + 1);
        return once(new EC2Client(configOf(ec2)), (client) =>
          client.send(new CreateTagsCommand({ Resources: [id], Tags })),
        );
      }
      case 'sagemaker':
        return once(new SageMakerClient(configOf(sagemaker)), (client) =>
          client.send(new AddTagsCommand({ ResourceArn: arn, Tags })),
        );
      case 'rds':
        return once(new RDSClient(configOf(rds)), (client) =>
          client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags })),
        );
      case 'autoscaling': {
        const [, ResourceId] = resource.split('autoScalingGroupName/');
        const of = { ResourceId, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false };
        return once(new AutoScalingClient(configOf(groups)), (client) =>
          client.send(new CreateOrUpdateTagsCommand({ Tags: Tags.map((one) => ({ ...one, ...of })) })),
        );
      }
      default:
        throw new Error(`The sandbox tags nothing of ${service}.`);
    }
  };

async function once<T extends { destroy(): void }>(
  client: T,
  send: (client: T) => Promise<unknown>,
): Promise<void> {
  try {
    await send(client);
  } finally {
    client.destroy();
  }
}

const failureOf = (error: unknown): Failure => ({
  StatusCode: 400,
  ErrorCode: error instanceof Error ? error.name : 'InternalServiceException',
  ErrorMessage: error instanceof Error ? error.message : String(error),
});

const invalid = (message: string): LoopbackAnswer =>
  json(400, { __type: 'InvalidParameterException', Message: message });

const json = (status: number, body: unknown): LoopbackAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
