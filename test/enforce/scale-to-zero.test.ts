import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeInferenceComponentCommand,
  type DescribeInferenceComponentCommandInput,
  ListInferenceComponentsCommand,
  ListTagsCommand,
  SageMakerClient,
  UpdateInferenceComponentRuntimeConfigCommand,
  type UpdateInferenceComponentRuntimeConfigCommandInput,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import { AT, endpoint } from '../alerts/fixtures.ts';
import { awsError } from '../fleet/fixtures.ts';
import { batchOf, clockAt, enforceDeps, stopOf } from './fixtures.ts';

// Mocks: neither emulator knows inference components.
const sagemaker = mockClient(SageMakerClient);
const autoscaling = mockClient(ApplicationAutoScalingClient);
const host = endpoint('host');
let copies: Map<string, number>;

beforeEach(() => {
  sagemaker.reset();
  autoscaling.reset();
  autoscaling.onAnyCommand().resolves({});
  copies = new Map([
    ['llama', 2],
    ['small', 1],
  ]);
  const managed = { ManagedInstanceScaling: { Status: 'ENABLED' as const, MinInstanceCount: 0 } };
  sagemaker.on(DescribeEndpointCommand).resolves({
    EndpointName: 'host',
    EndpointArn: host.arn,
    EndpointConfigName: 'host-config',
    EndpointStatus: 'InService',
    LastModifiedTime: host.since,
    ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: 1 }],
  });
  sagemaker.on(DescribeEndpointConfigCommand).resolves({
    EndpointConfigName: 'host-config',
    ProductionVariants: [{ VariantName: 'main', InstanceType: 'ml.g5.xlarge', ...managed }],
  });
  sagemaker
    .on(ListTagsCommand)
    .resolves({ Tags: Object.entries(host.tags).map(([Key, Value]) => ({ Key, Value })) });
  sagemaker.on(ListInferenceComponentsCommand).callsFake(() => ({
    InferenceComponents: [...copies.keys()].map((InferenceComponentName) => ({ InferenceComponentName })),
  }));
  sagemaker
    .on(DescribeInferenceComponentCommand)
    .callsFake(({ InferenceComponentName = '' }: DescribeInferenceComponentCommandInput) => ({
      InferenceComponentStatus: 'InService',
      RuntimeConfig: { DesiredCopyCount: copies.get(InferenceComponentName) },
    }));
});

/** Lets copies change, but those of `refused` only from the second time on. */
function changeCopies(refused: string): void {
  let refusals = 0;
  sagemaker
    .on(UpdateInferenceComponentRuntimeConfigCommand)
    .callsFake((input: UpdateInferenceComponentRuntimeConfigCommandInput) => {
      const { InferenceComponentName: name = '', DesiredRuntimeConfig } = input;
      if (name === refused && refusals++ === 0) throw awsError('ThrottlingException', 'Rate exceeded');
      copies.set(name, DesiredRuntimeConfig?.CopyCount ?? 0);
      return {};
    });
}

it('a stop that broke off between two components is finished by the redelivery, and can be undone whole', async () => {
  changeCopies('small');
  const deps = enforceDeps(clockAt(AT));
  const batch = batchOf([stopOf(host)]);

  const first = await carryOut(batch, deps);
  expect(first.again).toBe(true);
  expect(copies).toEqual(
    new Map([
      ['llama', 0],
      ['small', 1],
    ]),
  );

  const second = await carryOut(batch, deps);
  expect(second.results[0]?.outcome.status).toBe('taken');
  expect((await deps.ledger.restoreRecord(host.arn))?.record).toMatchObject({
    components: [
      { name: 'llama', copies: 2 },
      { name: 'small', copies: 1 },
    ],
  });
});
