import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { RestoreRecord } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { AT, endpoint } from '../alerts/fixtures.ts';
import { batchOf, clockAt, enforceDeps, stopOf } from './fixtures.ts';

const sagemaker = mockClient(SageMakerClient);
const autoscaling = mockClient(ApplicationAutoScalingClient);
const ranker = endpoint('ranker');

beforeEach(() => {
  sagemaker.reset();
  autoscaling.reset();
  autoscaling.onAnyCommand().resolves({});
  sagemaker.on(DescribeEndpointCommand).resolves({
    EndpointName: 'ranker',
    EndpointArn: ranker.arn,
    EndpointConfigName: 'ranker-config',
    EndpointStatus: 'InService',
    LastModifiedTime: ranker.since,
    ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: 2 }],
  });
  sagemaker.on(DescribeEndpointConfigCommand).resolves({
    EndpointConfigName: 'ranker-config',
    ProductionVariants: [{ VariantName: 'main', ModelName: 'ranker', InstanceType: 'ml.g5.xlarge' }],
  });
  sagemaker.on(DescribeModelCommand).resolves({ ModelName: 'ranker' });
  sagemaker
    .on(ListTagsCommand)
    .resolves({ Tags: Object.entries(ranker.tags).map(([Key, Value]) => ({ Key, Value })) });
});

const deletions = () => sagemaker.commandCalls(DeleteEndpointCommand);

it('what a restore needs is in the ledger by the time the endpoint is deleted', async () => {
  const deps = enforceDeps(clockAt(AT));
  let kept: RestoreRecord | undefined;
  sagemaker.on(DeleteEndpointCommand).callsFake(async () => {
    kept = await deps.ledger.restoreRecord(ranker.arn);
    return {};
  });
  const { results } = await carryOut(batchOf([stopOf(ranker)]), deps);
  expect(results[0]?.outcome.status).toBe('taken');
  expect(kept).toMatchObject({
    arn: ranker.arn,
    savedAt: AT,
    resource: { id: 'ranker', tags: ranker.tags },
    record: { endpointName: 'ranker', endpointConfigName: 'ranker-config', tags: ranker.tags },
  });
});

it('nothing is deleted where the ledger cannot keep it; the outcome says so', async () => {
  const ledger = {
    ...createMemoryLedger(),
    saveRestore: async () => {
      throw new LedgerError('ledger: the restore record is 400 KB; at most 350 KB can be kept');
    },
  };
  const { results, again } = await carryOut(batchOf([stopOf(ranker)]), enforceDeps(clockAt(AT), { ledger }));
  expect(results[0]?.outcome).toMatchObject({ status: 'failed', code: 'LedgerError', retry: false });
  expect(again).toBe(false);
  expect(deletions()).toEqual([]);
});

it('a resource is only touched as it is now, not as it was when it was decided', async () => {
  const deps = enforceDeps(clockAt(AT));
  sagemaker.on(DeleteEndpointCommand).resolves({});
  await carryOut(batchOf([stopOf({ ...ranker, tags: { ...ranker.tags, owner: 'someone else' } })]), deps);
  expect((await deps.ledger.restoreRecord(ranker.arn))?.resource.tags).toEqual(ranker.tags);
});
