import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeInferenceComponentCommand,
  type InferenceComponentStatus,
  paginateListInferenceComponents,
  UpdateInferenceComponentRuntimeConfigCommand,
} from '@aws-sdk/client-sagemaker';
import { mapLimited } from '../types/lists.ts';
import type { FleetContext } from './kind.ts';
import { isMissing } from './sagemaker-errors.ts';
import { scalableTargets } from './sagemaker-scaling.ts';

/** An inference component that has copies of its own. */
export interface Component {
  readonly name: string;
  readonly status: InferenceComponentStatus | undefined;
  readonly failure: string | undefined;
  /** Copies that are asked for. */
  readonly copies: number;
  /** Least copies that its autoscaling keeps; `undefined` where it is not scaled. */
  readonly leastCopies: number | undefined;
}

const CALLS_AT_ONCE = 5;

/** Names of all inference components of an endpoint, adapters too: each has invocations of its own. */
export async function componentNames(
  EndpointNameEquals: string,
  { clients }: FleetContext,
): Promise<readonly string[]> {
  const names: string[] = [];
  const pages = paginateListInferenceComponents(
    { client: clients.sagemaker, pageSize: 100 },
    { EndpointNameEquals },
  );
  for await (const page of pages) {
    for (const { InferenceComponentName } of page.InferenceComponents ?? [])
      if (InferenceComponentName !== undefined) names.push(InferenceComponentName);
  }
  return names;
}

/** Those of the names that exist and have copies of their own; adapters run within those of their base. */
export async function readComponents(
  names: readonly string[],
  context: FleetContext,
): Promise<readonly Component[]> {
  const targets = await scalableTargets(names.map(resourceId), context);
  const found = await mapLimited(names, CALLS_AT_ONCE, async (name) => {
    const component = await describe(name, context);
    if (component === undefined || component.Specification?.BaseInferenceComponentName !== undefined)
      return [];
    const { DesiredCopyCount, CurrentCopyCount } = component.RuntimeConfig ?? {};
    return [
      {
        name,
        status: component.InferenceComponentStatus,
        failure: component.FailureReason,
        copies: DesiredCopyCount ?? CurrentCopyCount ?? 0,
        leastCopies: targets.find(({ ResourceId }) => ResourceId === resourceId(name))?.MinCapacity,
      },
    ];
  });
  return found.flat();
}

async function describe(InferenceComponentName: string, { clients }: FleetContext) {
  try {
    return await clients.sagemaker.send(new DescribeInferenceComponentCommand({ InferenceComponentName }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const resourceId = (name: string): string => `inference-component/${name}`;

export async function setCopies(
  InferenceComponentName: string,
  CopyCount: number,
  { clients }: FleetContext,
): Promise<void> {
  await clients.sagemaker.send(
    new UpdateInferenceComponentRuntimeConfigCommand({
      InferenceComponentName,
      DesiredRuntimeConfig: { CopyCount },
    }),
  );
}

/** Changes the least number of copies of one that is scaled; all else of its target stays. */
export async function setLeastCopies(
  name: string,
  MinCapacity: number,
  { clients }: FleetContext,
): Promise<void> {
  await clients.autoscaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'sagemaker',
      ResourceId: resourceId(name),
      ScalableDimension: 'sagemaker:inference-component:DesiredCopyCount',
      MinCapacity,
    }),
  );
}

/** Between two states: it takes no change. */
export const isChanging = ({ status }: Component): boolean =>
  status === 'Creating' || status === 'Updating' || status === 'Deleting';
