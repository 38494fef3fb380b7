import type { ChangeItem } from '../estimate.ts';
import { atTimes } from './at-times.ts';
import { autoScalingGroup } from './auto-scaling-group.ts';
import { byUse } from './by-use.ts';
import { ebsVolume } from './ebs-volume.ts';
import { ec2Instance } from './ec2-instance.ts';
import { elasticIp } from './elastic-ip.ts';
import { isFree } from './free-types.ts';
import { lambdaFunction } from './lambda-function.ts';
import { loadBalancer } from './load-balancer.ts';
import { logGroup } from './log-group.ts';
import { natGateway } from './nat-gateway.ts';
import { nestedTemplate } from './nested-template.ts';
import { NotKnown } from './not-known.ts';
import { rdsCluster, rdsInstance } from './rds-instance.ts';
import { type TemplateResource, unpriced } from './resource.ts';
import { s3Bucket } from './s3-bucket.ts';
import { sagemakerApp } from './sagemaker-app.ts';
import { sagemakerEndpoint, sagemakerEndpointConfig } from './sagemaker-endpoint.ts';
import { sagemakerNotebook } from './sagemaker-notebook.ts';
import { sagemakerPipeline } from './sagemaker-pipeline.ts';
import { stateMachine } from './state-machine.ts';
import type { TypeReader } from './type-reader.ts';

/** Every reader; no type has two. */
export const READERS: readonly TypeReader[] = [
  autoScalingGroup,
  ebsVolume,
  ec2Instance,
  elasticIp,
  lambdaFunction,
  atTimes,
  loadBalancer,
  logGroup,
  natGateway,
  nestedTemplate,
  rdsCluster,
  rdsInstance,
  s3Bucket,
  sagemakerApp,
  sagemakerEndpoint,
  sagemakerEndpointConfig,
  sagemakerNotebook,
  sagemakerPipeline,
  stateMachine,
  byUse,
];

const BY_TYPE: ReadonlyMap<string, TypeReader> = new Map(
  READERS.flatMap((reader) => reader.types.map((type) => [type, reader] as const)),
);

/** What a resource costs by; empty where it costs nothing by itself. What nothing is known of is named, never free. */
export function readResource(resource: TemplateResource): readonly ChangeItem[] {
  const reader = BY_TYPE.get(resource.type);
  try {
    if (reader !== undefined) return reader.read(resource);
  } catch (error) {
    if (error instanceof NotKnown) return [resource.item(unpriced(error.message))];
    throw error;
  }
  if (isFree(resource.type)) return [];
  const what = /^(?:Custom::|AWS::CloudFormation::CustomResource$)/.test(resource.type)
    ? 'A custom resource may make anything.'
    : `What ${resource.type} costs is not known.`;
  return [resource.item(unpriced(`${what} State it: monthly: 120 USD.`))];
}
