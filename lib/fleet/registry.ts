import type { ResourceKind } from '../types/resource.ts';
import { autoScalingGroup } from './auto-scaling-group.ts';
import { ec2Instance } from './ec2-instance.ts';
import type { Kind } from './kind.ts';
import { rdsInstance } from './rds-instance.ts';
import { sagemakerEndpoint } from './sagemaker-endpoint.ts';
import { sagemakerProcessingJob } from './sagemaker-job-processing.ts';
import { sagemakerTrainingJob } from './sagemaker-job-training.ts';
import { sagemakerNotebook } from './sagemaker-notebook.ts';
import { sagemakerStudioApp } from './sagemaker-studio-app.ts';

/** Every kind of resource that Bursar knows. A new kind is one file and one line here. */
export const kinds: readonly Kind[] = [
  ec2Instance,
  autoScalingGroup,
  rdsInstance,
  sagemakerEndpoint,
  sagemakerNotebook,
  sagemakerStudioApp,
  sagemakerTrainingJob,
  sagemakerProcessingJob,
];

const byName: ReadonlyMap<ResourceKind, Kind> = new Map(kinds.map((kind) => [kind.kind, kind]));

/** The kind of that name; `undefined` where this version knows none. */
export const kindOf = (name: ResourceKind): Kind | undefined => byName.get(name);
