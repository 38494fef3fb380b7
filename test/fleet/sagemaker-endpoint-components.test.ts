import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  type DescribeScalableTargetsCommandInput,
  RegisterScalableTargetCommand,
  type RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeInferenceComponentCommand,
  type DescribeInferenceComponentCommandInput,
  type InferenceComponentStatus,
  ListInferenceComponentsCommand,
  SageMakerClient,
  UpdateInferenceComponentRuntimeConfigCommand,
  type UpdateInferenceComponentRuntimeConfigCommandInput,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Restored } from '../../lib/fleet/kind.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import type { Outcome } from '../../lib/types/outcome.ts';
import { awsError, contextOf, endpoint, endpointArn, NOW, stopContextOf } from './fixtures.ts';

/*
 * Mocks: moto knows no inference components. The one below keeps copies and least copies as AWS is documented to, and
 * refuses what `refuse` names.
 */

const sagemaker = mockClient(SageMakerClient);
const autoscaling = mockClient(ApplicationAutoScalingClient);

interface Hosted {
  copies: number;
  /** `undefined` = it is not scaled. */
  least?: number;
  status?: InferenceComponentStatus;
  base?: string;
}

let hosted: Map<string, Hosted>;
/** What was changed, such as `llama copies 0`. */
let changes: string[];
/** Called before each change. */
let refuse: (change: string) => void;

const host = endpoint('host', { form: 'inference components' });
const hosts = (components: Record<string, Hosted>): void => {
  hosted = new Map(Object.entries(components).map(([name, one]) => [name, { ...one }]));
};
const gone = awsError('ValidationException', 'Could not find inference component "arn".');
const denied = awsError('AccessDeniedException', 'not authorized');
const throttled = awsError('ThrottlingException', 'Rate exceeded');

beforeEach(() => {
  sagemaker.reset();
  autoscaling.reset();
  hosts({});
  changes = [];
  refuse = () => undefined;
  const find = (name: string | undefined): Hosted => {
    const one = hosted.get(name ?? '');
    if (one === undefined) throw gone;
    return one;
  };
  const change = (text: string): void => {
    refuse(text);
    changes.push(text);
  };
  sagemaker
    .on(DescribeEndpointCommand)
    .resolves({ EndpointName: 'host', EndpointArn: endpointArn('host'), EndpointStatus: 'InService' });
  sagemaker.on(ListInferenceComponentsCommand, { EndpointNameEquals: 'host' }).callsFake(() => ({
    InferenceComponents: [...hosted.keys()].map((InferenceComponentName) => ({ InferenceComponentName })),
  }));
  sagemaker
    .on(DescribeInferenceComponentCommand)
    .callsFake(({ InferenceComponentName }: DescribeInferenceComponentCommandInput) => {
      const { copies, status = 'InService', base } = find(InferenceComponentName);
      return {
        InferenceComponentStatus: status,
        ...(status === 'Failed' ? { FailureReason: 'No capacity.' } : {}),
        Specification: base === undefined ? { ModelName: 'm' } : { BaseInferenceComponentName: base },
        RuntimeConfig: { DesiredCopyCount: copies, CurrentCopyCount: copies },
      };
    });
  sagemaker
    .on(UpdateInferenceComponentRuntimeConfigCommand)
    .callsFake(
      ({
        InferenceComponentName: name,
        DesiredRuntimeConfig,
      }: UpdateInferenceComponentRuntimeConfigCommandInput) => {
        const one = find(name);
        change(`${name} copies ${DesiredRuntimeConfig?.CopyCount}`);
        one.copies = DesiredRuntimeConfig?.CopyCount ?? 0;
        return {};
      },
    );
  autoscaling
    .on(DescribeScalableTargetsCommand)
    .callsFake(({ ResourceIds = [] }: DescribeScalableTargetsCommandInput) => ({
      ScalableTargets: ResourceIds.flatMap((ResourceId) => {
        const least = hosted.get(ResourceId.split('/')[1] ?? '')?.least;
        return least === undefined ? [] : [{ ResourceId, MinCapacity: least, MaxCapacity: 8 }];
      }),
    }));
  autoscaling
    .on(RegisterScalableTargetCommand)
    .callsFake(({ ResourceId, MinCapacity }: RegisterScalableTargetCommandInput) => {
      const name = ResourceId?.split('/')[1];
      const one = find(name);
      change(`${name} least ${MinCapacity}`);
      one.least = MinCapacity ?? 0;
      return {};
    });
});

async function stop(context = stopContextOf()): Promise<Outcome | undefined> {
  return (await sagemakerEndpoint.stop([host], context)).get(host.arn);
}

/** A stop whose record, if any, is given back; as the ledger keeps it. */
async function stopAndSave(earlier?: unknown): Promise<{ outcome: Outcome | undefined; record: unknown }> {
  const context = { ...stopContextOf(), unrestored: async () => earlier };
  const outcome = await stop(context);
  const record = context.saved.at(-1)?.record;
  return { outcome, record: record === undefined ? earlier : JSON.parse(JSON.stringify(record)) };
}

const restore = (record: unknown): Promise<Restored> => sagemakerEndpoint.restore(host, record, contextOf());

describe('a stop', () => {
  it('takes all copies away, the least number first, and deletes nothing', async () => {
    hosts({ llama: { copies: 2, least: 1 }, small: { copies: 1 } });
    const context = stopContextOf();
    expect(await stop(context)).toEqual({
      status: 'taken',
      at: NOW,
      detail:
        'Scaled to zero: the copies of llama, small are taken away and its instances leave by themselves; the endpoint stays.',
    });
    expect(changes).toEqual(['llama least 0', 'llama copies 0', 'small copies 0']);
    expect(context.saved[0]?.record).toEqual({
      endpointName: 'host',
      savedAt: NOW.toISOString(),
      components: [
        { name: 'llama', copies: 2, leastCopies: 1 },
        { name: 'small', copies: 1 },
      ],
    });
    expect(sagemaker.commandCalls(DeleteEndpointCommand)).toEqual([]);
    expect(autoscaling.commandCalls(RegisterScalableTargetCommand)[0]?.args[0].input).toEqual({
      ServiceNamespace: 'sagemaker',
      ResourceId: 'inference-component/llama',
      ScalableDimension: 'sagemaker:inference-component:DesiredCopyCount',
      MinCapacity: 0,
    });
  });

  it('leaves adapters alone: they run within the copies of their base', async () => {
    hosts({ llama: { copies: 1 }, tuned: { copies: 1, base: 'llama' } });
    await stop();
    expect(changes).toEqual(['llama copies 0']);
  });

  it('of one that has no copies is a skip that saves nothing', async () => {
    hosts({ llama: { copies: 0, least: 0 }, small: { copies: 0 } });
    const context = stopContextOf();
    expect(await stop(context)).toMatchObject({ status: 'skipped', code: 'AlreadyStopped' });
    expect(context.saved).toEqual([]);
    expect(changes).toEqual([]);
  });

  it.each<InferenceComponentStatus>(['Creating', 'Updating', 'Deleting'])(
    'waits while one of them is %s',
    async (status) => {
      hosts({ llama: { copies: 1 }, small: { copies: 1, status } });
      expect(await stop()).toMatchObject({ status: 'failed', code: 'InProgress', retry: true });
      expect(changes).toEqual([]);
    },
  );

  it('touches nothing where it could not be saved', async () => {
    hosts({ llama: { copies: 1 } });
    const outcome = await stop({
      ...stopContextOf(),
      saveRestore: async () => {
        throw new Error('the table is out');
      },
    });
    expect(outcome).toMatchObject({ status: 'failed', detail: 'the table is out' });
    expect(changes).toEqual([]);
  });

  it('that is refused for one of them gives the others back', async () => {
    hosts({ llama: { copies: 2, least: 1 }, untagged: { copies: 1 } });
    refuse = (change) => {
      if (change === 'untagged copies 0') throw denied;
    };
    expect(await stop()).toMatchObject({ status: 'failed', code: 'AccessDeniedException', retry: false });
    expect(hosted).toEqual(
      new Map([
        ['llama', { copies: 2, least: 1 }],
        ['untagged', { copies: 1 }],
      ]),
    );
  });

  it('that breaks off for now is taken up by the retry, which still knows how all of them were', async () => {
    hosts({ llama: { copies: 2, least: 1 }, small: { copies: 1 } });
    refuse = (change) => {
      if (change === 'small copies 0') throw throttled;
    };
    const first = await stopAndSave();
    expect(first.outcome).toMatchObject({ status: 'failed', retry: true });
    expect(hosted.get('llama')).toMatchObject({ copies: 0, least: 0 });

    refuse = () => undefined;
    const second = await stopAndSave(first.record);
    expect(second.outcome).toMatchObject({ status: 'taken' });
    expect(second.record).toEqual(first.record);
  });

  it('does not take what people have done since for a stop that broke off', async () => {
    hosts({ llama: { copies: 0 }, small: { copies: 1 } });
    const earlier = {
      endpointName: 'host',
      savedAt: '2026-11-25T09:00:00.000Z',
      components: [{ name: 'llama', copies: 2 }],
    };
    expect((await stopAndSave(earlier)).record).toMatchObject({
      savedAt: NOW.toISOString(),
      components: [
        { name: 'llama', copies: 0 },
        { name: 'small', copies: 1 },
      ],
    });
  });
});

describe('a restore', () => {
  const RECORD = {
    endpointName: 'host',
    savedAt: NOW.toISOString(),
    components: [
      { name: 'llama', copies: 2, leastCopies: 1 },
      { name: 'small', copies: 1 },
    ],
  };

  it('gives copies and least copies back, and ends when they are in service', async () => {
    hosts({ llama: { copies: 0, least: 0 }, small: { copies: 0 } });
    expect(await restore(RECORD)).toEqual({
      finished: false,
      outcome: {
        status: 'taken',
        at: NOW,
        detail: 'Copies are being brought back: llama (2), small (1).',
      },
    });
    expect(hosted).toEqual(
      new Map([
        ['llama', { copies: 2, least: 1 }],
        ['small', { copies: 1 }],
      ]),
    );
    expect(await restore(RECORD)).toMatchObject({
      finished: true,
      outcome: { status: 'skipped', code: 'AlreadyRunning' },
    });
  });

  it('leaves those alone that people have scaled or deleted meanwhile', async () => {
    hosts({ llama: { copies: 5, least: 3 } });
    expect(await restore(RECORD)).toMatchObject({
      finished: true,
      outcome: {
        status: 'skipped',
        code: 'AlreadyRunning',
        detail: 'Its inference components have their copies. Deleted meanwhile: small.',
      },
    });
    expect(changes).toEqual([]);
  });

  it('puts the least number back where autoscaling had brought copies already', async () => {
    hosts({ llama: { copies: 1, least: 0 }, small: { copies: 1 } });
    await restore(RECORD);
    expect(changes).toEqual(['llama least 1']);
  });

  it('waits while one is changing', async () => {
    hosts({ llama: { copies: 2, least: 1, status: 'Updating' }, small: { copies: 0 } });
    expect(await restore(RECORD)).toMatchObject({
      finished: false,
      outcome: { status: 'skipped', code: 'InProgress' },
    });
    expect(changes).toEqual([]);
  });

  it('tells of one that could not be brought back', async () => {
    hosts({ llama: { copies: 2, least: 1, status: 'Failed' }, small: { copies: 1 } });
    expect(await restore(RECORD)).toMatchObject({
      finished: true,
      outcome: {
        status: 'failed',
        code: 'Failed',
        detail: 'Its inference component llama has failed: No capacity.',
        retry: false,
      },
    });
  });

  it('of an endpoint that was deleted says so', async () => {
    sagemaker
      .on(DescribeEndpointCommand)
      .rejects(awsError('ValidationException', 'Could not find endpoint "arn".'));
    expect(await restore(RECORD)).toMatchObject({
      finished: true,
      outcome: { status: 'skipped', code: 'Gone' },
    });
  });
});

const anyComponent: fc.Arbitrary<Hosted> = fc.oneof(
  fc.record({ copies: fc.nat(4) }),
  // Autoscaling keeps at least as many.
  fc.tuple(fc.nat(3), fc.nat(3)).map(([least, more]) => ({ least, copies: least + more })),
);

it('whatever they are and wherever a stop breaks off, stop and restore give them back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), anyComponent, { noNullPrototype: true }),
      fc.nat(6),
      async (components, breakAt) => {
        hosts(components);
        let calls = 0;
        refuse = () => {
          calls += 1;
          if (calls === breakAt) throw throttled;
        };
        let attempt = await stopAndSave();
        if (attempt.outcome?.status === 'failed') attempt = await stopAndSave(attempt.record);
        for (const { copies, least = 0 } of hosted.values()) {
          expect(copies).toBe(0);
          expect(least).toBe(0);
        }
        if (attempt.record === undefined) return;
        for (let more = true; more; ) more = !(await restore(attempt.record)).finished;
        expect(hosted).toEqual(new Map(Object.entries(components)));
      },
    ),
    { numRuns: 100 },
  );
});
