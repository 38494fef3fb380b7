import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type DescribeEndpointOutput,
  DescribeModelCommand,
} from '@aws-sdk/client-sagemaker';
import { mapLimited } from '../types/lists.ts';
import type { FleetContext } from './kind.ts';
import { isMissing, PartMissing } from './sagemaker-errors.ts';

export type EndpointConfig = Omit<DescribeEndpointConfigOutput, '$metadata'>;

const CALLS_AT_ONCE = 5;

/** The endpoint of that name; `undefined` where there is none. */
export async function findEndpoint(
  EndpointName: string,
  { clients }: FleetContext,
): Promise<DescribeEndpointOutput | undefined> {
  try {
    return await clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** `undefined` where the configuration was deleted under its endpoint: the endpoint runs on without. */
export async function findConfig(
  EndpointConfigName: string,
  { clients }: FleetContext,
): Promise<EndpointConfig | undefined> {
  try {
    const { $metadata, ...config } = await clients.sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName }),
    );
    return config;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * A model may be deleted under its endpoint as well: the endpoint runs on, but cannot be created again.
 * @throws PartMissing for the first that is gone.
 */
export async function requireModels(models: readonly string[], { clients }: FleetContext): Promise<void> {
  await mapLimited(models, CALLS_AT_ONCE, async (ModelName) => {
    try {
      await clients.sagemaker.send(new DescribeModelCommand({ ModelName }));
    } catch (error) {
      if (!isMissing(error)) throw error;
      const message = `Its model ${ModelName} was deleted, so it could not be created again.`;
      throw new PartMissing('ModelMissing', message, { cause: error });
    }
  });
}
