import * as z from 'zod';
import { endpointScaling } from './endpoint-scaling.ts';
import { forward } from './forward.ts';
import { withAnyInstanceType } from './instance-types.ts';
import { type LoopbackAnswer, type LoopbackRequest, type LoopbackServer, serveLoopback } from './loopback.ts';
import { createSageMakerState, SageMakerFault } from './sagemaker-state.ts';

/** Where the front stands. */
export interface SageMakerFrontOptions {
  /** What it forwards to: `http://127.0.0.1:<port>` of moto. */
  readonly moto: string;
  readonly account: string;
  readonly region: string;
}

/**
 * A SageMaker on loopback: answers itself what moto lacks or ends at once (Studio apps, inference components, jobs),
 * and forwards everything else to moto with the same headers and body, but for the instance types that moto refuses.
 * An endpoint that is deleted takes its scaling with it.
 */
export async function startSageMakerFront({
  moto,
  account,
  region,
}: SageMakerFrontOptions): Promise<LoopbackServer> {
  const state = createSageMakerState(account, region, () => new Date());
  const ask = withAnyInstanceType((_, request) => forward(request, moto));
  /** A weight that is not given stays, as on AWS; moto forgets it. */
  const withWeights = async (operation: string, request: LoopbackRequest): Promise<LoopbackRequest> => {
    if (operation !== 'UpdateEndpointWeightsAndCapacities') return request;
    const wanted = CapacitiesSchema.parse(parsed(request.body));
    const { EndpointName, DesiredWeightsAndCapacities } = wanted;
    const answer = await ask('DescribeEndpoint', {
      ...request,
      headers: { ...request.headers, 'x-amz-target': 'SageMaker.DescribeEndpoint' },
      body: JSON.stringify({ EndpointName }),
    });
    if (answer.status !== 200) return request;
    const { ProductionVariants } = WeightsSchema.parse(parsed(answer.body));
    const weights = new Map(ProductionVariants.map((one) => [one.VariantName, one.CurrentWeight]));
    const filled = DesiredWeightsAndCapacities.map((one) => ({
      DesiredWeight: weights.get(one.VariantName),
      ...one,
    }));
    return { ...request, body: JSON.stringify({ ...wanted, DesiredWeightsAndCapacities: filled }) };
  };
  const scaling = endpointScaling(moto, { account, region });
  const server = await serveLoopback(async (request) => {
    const operation = /^SageMaker\.(\w+)$/.exec(request.headers['x-amz-target'] ?? '')?.[1];
    if (operation === undefined) return forward(request, moto);
    try {
      const own = state(operation, parsed(request.body));
      const asked =
        own === undefined ? await ask(operation, await withWeights(operation, request)) : json(200, own);
      const answer = operation === 'DescribeModel' ? withoutEmptyVpc(asked) : asked;
      if (operation === 'DeleteEndpoint' && answer.status === 200) {
        await scaling.forget(EndpointSchema.parse(parsed(request.body)).EndpointName);
      }
      return answer;
    } catch (error) {
      if (!(error instanceof SageMakerFault)) throw error;
      return json(400, { __type: error.code, message: error.message });
    }
  });
  return {
    ...server,
    stop: async () => {
      scaling.stop();
      await server.stop();
    },
  };
}

/** Where a model has no network of its own, moto says that it has an empty one. */
const withoutEmptyVpc = (answer: LoopbackAnswer): LoopbackAnswer => ({
  ...answer,
  body: answer.body.replace(/, "VpcConfig": \{\}/, ''),
});

const CapacitiesSchema = z.looseObject({
  EndpointName: z.string(),
  DesiredWeightsAndCapacities: z.array(z.looseObject({ VariantName: z.string() })),
});
const WeightsSchema = z.looseObject({
  ProductionVariants: z.array(
    z.looseObject({ VariantName: z.string(), CurrentWeight: z.number().optional() }),
  ),
});
const EndpointSchema = z.object({ EndpointName: z.string() });

const parsed = (body: string): unknown => (body === '' ? {} : JSON.parse(body));

const json = (status: number, body: unknown): LoopbackAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
