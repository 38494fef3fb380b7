import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  type DescribeScalableTargetsCommandInput,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  RegisterScalableTargetCommand,
  type RegisterScalableTargetCommandInput,
  type ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeInferenceComponentCommand,
  type DescribeInferenceComponentCommandInput,
  DescribeModelCommand,
  type EndpointStatus,
  ListInferenceComponentsCommand,
  SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type UpdateEndpointWeightsAndCapacitiesCommandInput,
  UpdateInferenceComponentRuntimeConfigCommand,
  type UpdateInferenceComponentRuntimeConfigCommandInput,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Restored, StopContext } from '../../lib/fleet/kind.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { EndpointRecordSchema } from '../../lib/fleet/sagemaker-record.ts';
import type { Outcome } from '../../lib/types/outcome.ts';
import { awsError, contextOf, endpoint, endpointArn, NOW } from './fixtures.ts';

/*
 * A SageMaker and an Application Auto Scaling in memory, as they are documented: an endpoint updates after each change of
 * a variant and takes no other meanwhile, and a target is registered whole or in the parts that are named.
 */

const sagemaker = mockClient(SageMakerClient);
const autoscaling = mockClient(ApplicationAutoScalingClient);

interface Variant {
  count?: number;
  provisioned?: number;
}
let status: EndpointStatus;
let failure: string | undefined;
let variants: Map<string, Variant>;
let copies: Map<string, number>;
let targets: Map<string, ScalableTarget>;
let changes: string[];
let refuse: (change: string) => void;
/** How many variants one call may change. */
let atOnce: number;
/** What the ledger keeps. */
let kept: unknown;
let state: 'stopped' | 'restored';

const ranker = endpoint('ranker');
const host = endpoint('ranker', { form: 'inference components' });
const variantId = (name: string): string => `endpoint/ranker/variant/${name}`;
const change = (text: string): void => {
  refuse(text);
  changes.push(text);
};
const scaled = (id: string, min: number, max: number, fields: Partial<ScalableTarget> = {}): void => {
  targets.set(id, {
    ServiceNamespace: 'sagemaker',
    ResourceId: id,
    ScalableDimension: id.startsWith('endpoint/')
      ? 'sagemaker:variant:DesiredInstanceCount'
      : 'sagemaker:inference-component:DesiredCopyCount',
    MinCapacity: min,
    MaxCapacity: max,
    RoleARN: 'arn:aws:iam::123456789012:role/x',
    CreationTime: NOW,
    SuspendedState: {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
    },
    ...fields,
  });
};

beforeEach(() => {
  sagemaker.reset();
  autoscaling.reset();
  status = 'InService';
  failure = undefined;
  variants = new Map();
  copies = new Map();
  targets = new Map();
  changes = [];
  refuse = () => undefined;
  atOnce = 1;
  kept = undefined;
  state = 'stopped';
  sagemaker.on(DescribeEndpointCommand).callsFake(() => ({
    EndpointName: 'ranker',
    EndpointArn: endpointArn('ranker'),
    EndpointConfigName: 'ranker-config',
    EndpointStatus: status,
    FailureReason: failure,
    ProductionVariants: [...variants].map(([VariantName, { count, provisioned }]) => ({
      VariantName,
      ...(count === undefined ? {} : { CurrentInstanceCount: count, DesiredInstanceCount: count }),
      ...(provisioned === undefined
        ? {}
        : {
            CurrentServerlessConfig: {
              MemorySizeInMB: 2048,
              MaxConcurrency: 20,
              ProvisionedConcurrency: provisioned,
            },
          }),
    })),
  }));
  sagemaker
    .on(UpdateEndpointWeightsAndCapacitiesCommand)
    .callsFake(({ DesiredWeightsAndCapacities = [] }: UpdateEndpointWeightsAndCapacitiesCommandInput) => {
      if (status !== 'InService') {
        throw awsError('ValidationException', 'Cannot update in-progress endpoint "arn".');
      }
      if (DesiredWeightsAndCapacities.length > atOnce) {
        throw awsError('ValidationException', 'Only one variant can be changed.');
      }
      for (const {
        VariantName = '',
        DesiredInstanceCount,
        ServerlessUpdateConfig,
      } of DesiredWeightsAndCapacities) {
        const provisioned = ServerlessUpdateConfig?.ProvisionedConcurrency;
        change(`${VariantName} ${DesiredInstanceCount ?? `provisioned ${provisioned}`}`);
        variants.set(VariantName, {
          ...(DesiredInstanceCount === undefined ? {} : { count: DesiredInstanceCount }),
          ...(provisioned === undefined ? {} : { provisioned }),
        });
      }
      status = 'Updating';
      return {};
    });
  sagemaker.on(ListInferenceComponentsCommand).callsFake(() => ({
    InferenceComponents: [...copies.keys()].map((InferenceComponentName) => ({ InferenceComponentName })),
  }));
  sagemaker
    .on(DescribeInferenceComponentCommand)
    .callsFake(({ InferenceComponentName = '' }: DescribeInferenceComponentCommandInput) => ({
      InferenceComponentStatus: 'InService',
      Specification: { ModelName: 'm' },
      RuntimeConfig: { DesiredCopyCount: copies.get(InferenceComponentName) },
    }));
  sagemaker
    .on(UpdateInferenceComponentRuntimeConfigCommand)
    .callsFake(
      ({
        InferenceComponentName = '',
        DesiredRuntimeConfig,
      }: UpdateInferenceComponentRuntimeConfigCommandInput) => {
        change(`${InferenceComponentName} ${DesiredRuntimeConfig?.CopyCount}`);
        copies.set(InferenceComponentName, DesiredRuntimeConfig?.CopyCount ?? 0);
        return {};
      },
    );
  autoscaling
    .on(DescribeScalableTargetsCommand)
    .callsFake(({ ResourceIds = [] }: DescribeScalableTargetsCommandInput) => ({
      ScalableTargets: ResourceIds.flatMap((id) => targets.get(id) ?? []),
    }));
  autoscaling.on(DescribeScalingPoliciesCommand).resolves({});
  autoscaling.on(DescribeScheduledActionsCommand).resolves({});
  autoscaling
    .on(RegisterScalableTargetCommand)
    .callsFake(({ ResourceId = '', ...fields }: RegisterScalableTargetCommandInput) => {
      const before = targets.get(ResourceId);
      if (before === undefined) throw new Error(`${ResourceId} is not registered`);
      change(`${ResourceId} least ${fields.MinCapacity}`);
      targets.set(ResourceId, {
        ...before,
        ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
      });
      return {};
    });
});

const context = (): StopContext => ({
  ...contextOf(),
  saveRestore: async (_, record) => {
    kept = JSON.parse(JSON.stringify(record));
    state = 'stopped';
  },
  unrestored: async () => (state === 'stopped' ? kept : undefined),
});

async function scaleDown(target = ranker): Promise<Outcome | undefined> {
  return (await sagemakerEndpoint.scaleDown?.([target], context()))?.get(target.arn);
}
const restore = (): Promise<Restored> => sagemakerEndpoint.restore(ranker, kept, contextOf());

/** As the sweeps do: until it is finished, with the endpoint in service in between. */
async function restoreWholly(): Promise<readonly string[]> {
  const said: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const { outcome, finished } = await restore();
    said.push(outcome.detail);
    if (finished) return said;
    status = 'InService';
  }
  throw new Error(`never finished: ${said.join(' ')}`);
}

describe('a scale-down', () => {
  it('leaves an instance, holds its scaling there, and comes back as it was', async () => {
    variants.set('main', { count: 3 });
    scaled(variantId('main'), 2, 5);
    const before = structuredClone(targets);
    expect(await scaleDown()).toMatchObject({
      status: 'taken',
      detail:
        'Scaled down: main from 3 to 1 instance. It still serves; what it had comes back with the restore; until then it does not scale out.',
    });
    // Scaling is held before the capacity moves: it would bring it back.
    expect(changes).toEqual([`${variantId('main')} least 1`, 'main 1']);
    expect(targets.get(variantId('main'))).toMatchObject({
      MinCapacity: 1,
      MaxCapacity: 5,
      SuspendedState: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: true,
        ScheduledScalingSuspended: true,
      },
    });
    changes = [];
    status = 'InService';
    expect(await restoreWholly()).toEqual([
      'Its variant main gets 3 back; the rest follows.',
      'It has its capacity back, and scales by itself as before.',
    ]);
    // First the capacity, and its scaling once it is in service: that would move what is not back yet.
    expect(changes).toEqual(['main 3', `${variantId('main')} least 2`]);
    expect(targets).toEqual(before);
    expect(await restore()).toMatchObject({ finished: true, outcome: { code: 'AlreadyRunning' } });
  });

  it('saves before it changes anything, and changes nothing where that fails', async () => {
    variants.set('main', { count: 3 });
    const told = await sagemakerEndpoint.scaleDown?.([ranker], {
      ...context(),
      saveRestore: async () => {
        throw new Error('the ledger is out');
      },
    });
    expect(told?.get(ranker.arn)).toMatchObject({ status: 'failed' });
    expect(changes).toEqual([]);
  });

  it('takes one variant at a time, and knows in the end how all were', async () => {
    variants.set('main', { count: 3 });
    variants.set('canary', { count: 2 });
    variants.set('small', { count: 1 });
    expect(await scaleDown()).toMatchObject({ status: 'skipped', code: 'ScalingDown' });
    expect(await scaleDown(), 'while it is updating').toMatchObject({ status: 'failed', retry: true });
    status = 'InService';
    expect(await scaleDown()).toMatchObject({ status: 'taken' });
    expect(kept).toMatchObject({
      capacities: [
        { of: 'instances', name: 'main', count: 3 },
        { of: 'instances', name: 'canary', count: 2 },
      ],
    });
    status = 'InService';
    await restoreWholly();
    expect(Object.fromEntries(variants)).toEqual({
      main: { count: 3 },
      canary: { count: 2 },
      small: { count: 1 },
    });
  });

  it('takes all variants at once where SageMaker does', async () => {
    atOnce = 10;
    variants.set('main', { count: 3 });
    variants.set('canary', { count: 2 });
    expect(await scaleDown()).toMatchObject({
      status: 'taken',
      detail: expect.stringContaining('main from 3 to 1 instance, canary from 2 to 1 instance'),
    });
    status = 'InService';
    await restoreWholly();
    expect(Object.fromEntries(variants)).toEqual({ main: { count: 3 }, canary: { count: 2 } });
  });

  it('takes components to a copy each', async () => {
    variants.set('main', { count: 4 });
    copies.set('llama', 3);
    copies.set('mistral', 1);
    scaled('inference-component/llama', 2, 8);
    expect(await scaleDown(host)).toMatchObject({ status: 'taken' });
    expect(changes).toEqual(['inference-component/llama least 1', 'llama 1']);
    await restoreWholly();
    expect(Object.fromEntries(copies)).toEqual({ llama: 3, mistral: 1 });
    expect(targets.get('inference-component/llama')).toMatchObject({ MinCapacity: 2 });
  });

  it('takes provisioned concurrency down', async () => {
    variants.set('main', { provisioned: 8 });
    expect(await scaleDown()).toMatchObject({ status: 'taken' });
    status = 'InService';
    await restoreWholly();
    expect(changes).toEqual(['main provisioned 1', 'main provisioned 8']);
  });

  it('leaves what has an instance alone, and what scales to zero by itself', async () => {
    variants.set('main', { count: 1 });
    expect(await scaleDown()).toMatchObject({ status: 'skipped', code: 'AlreadyStopped' });
    variants.set('main', { count: 4 });
    scaled(variantId('main'), 0, 5);
    expect(await scaleDown()).toMatchObject({ status: 'skipped', code: 'AlreadyStopped' });
    expect(changes).toEqual([]);
    expect(kept).toBeUndefined();
  });

  it('that is refused for good lets it scale as before', async () => {
    variants.set('main', { count: 3 });
    scaled(variantId('main'), 2, 5);
    const before = structuredClone(targets);
    refuse = (text) => {
      if (text === 'main 1') throw awsError('AccessDeniedException', 'not authorized');
    };
    expect(await scaleDown()).toMatchObject({ status: 'failed', retry: false });
    expect(targets).toEqual(before);
  });

  it('that broke off after its scaling was held knows how that was', async () => {
    variants.set('main', { count: 3 });
    scaled(variantId('main'), 2, 5);
    refuse = (text) => {
      if (text === 'main 1') throw awsError('ThrottlingException', 'Rate exceeded');
    };
    expect(await scaleDown()).toMatchObject({ status: 'failed', retry: true });
    refuse = () => undefined;
    expect(await scaleDown()).toMatchObject({ status: 'taken' });
    expect(kept).toMatchObject({ targets: [{ MinCapacity: 2, MaxCapacity: 5 }] });
  });
});

describe('what comes back after a scale-down', () => {
  it('is not what people have changed since', async () => {
    variants.set('main', { count: 3 });
    scaled(variantId('main'), 2, 5);
    await scaleDown();
    status = 'InService';
    variants.set('main', { count: 2 });
    scaled(variantId('main'), 1, 9);
    changes = [];
    expect(await restore()).toMatchObject({ finished: true, outcome: { code: 'AlreadyRunning' } });
    expect(changes).toEqual([]);
  });

  it('waits for an endpoint that updates, and gives up on one that has failed or whose update was taken back', async () => {
    variants.set('main', { count: 3 });
    failure = 'An update of last week was taken back.';
    await scaleDown();
    expect(await restore()).toMatchObject({ finished: false, outcome: { code: 'InProgress' } });
    status = 'InService';
    expect(await restore(), 'what failed before says nothing').toMatchObject({
      outcome: { status: 'taken' },
    });
    variants.set('main', { count: 1 });
    status = 'InService';
    failure = 'No capacity.';
    expect(await restore()).toMatchObject({
      finished: true,
      outcome: { status: 'failed', code: 'UpdateTakenBack', retry: false },
    });
    status = 'Failed';
    expect(await restore()).toMatchObject({ outcome: { status: 'failed', code: 'Failed' } });
  });

  it('is nothing where the endpoint was deleted', async () => {
    variants.set('main', { count: 3 });
    await scaleDown();
    sagemaker
      .on(DescribeEndpointCommand)
      .rejects(awsError('ValidationException', 'Could not find endpoint "arn".'));
    expect(await restore()).toMatchObject({ finished: true, outcome: { code: 'Gone' } });
  });
});

describe('what is stopped while it is scaled down', () => {
  it('is saved as it was before that', async () => {
    variants.set('main', { count: 3 });
    scaled(variantId('main'), 2, 5, { SuspendedState: { ScheduledScalingSuspended: true } });
    await scaleDown();
    status = 'InService';
    sagemaker.on(DescribeEndpointConfigCommand).resolves({
      EndpointConfigName: 'ranker-config',
      ProductionVariants: [{ VariantName: 'main', ModelName: 'ranker', InstanceType: 'ml.m5.xlarge' }],
    });
    sagemaker.on(DescribeModelCommand).resolves({});
    sagemaker.on(DeleteEndpointCommand).resolves({});
    await sagemakerEndpoint.stop([ranker], context());
    expect(EndpointRecordSchema.parse(kept)).toMatchObject({
      variants: [{ VariantName: 'main', DesiredInstanceCount: 3 }],
      scalableTargets: [
        { MinCapacity: 2, MaxCapacity: 5, SuspendedState: { ScheduledScalingSuspended: true } },
      ],
    });
  });

  it('has the copies of its components saved, and their scaling goes on', async () => {
    copies.set('llama', 3);
    scaled('inference-component/llama', 2, 8);
    await scaleDown(host);
    await sagemakerEndpoint.stop([host], context());
    expect(kept).toMatchObject({ components: [{ name: 'llama', copies: 3, leastCopies: 2 }] });
    expect(copies.get('llama')).toBe(0);
    expect(targets.get('inference-component/llama')).toMatchObject({
      MinCapacity: 0,
      SuspendedState: { DynamicScalingOutSuspended: false, ScheduledScalingSuspended: false },
    });
  });
});
