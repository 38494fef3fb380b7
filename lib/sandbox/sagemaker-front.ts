import { forward } from './forward.ts';
import { withAnyInstanceType } from './instance-types.ts';
import { type LoopbackAnswer, type LoopbackServer, serveLoopback } from './loopback.ts';
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
 */
export function startSageMakerFront({
  moto,
  account,
  region,
}: SageMakerFrontOptions): Promise<LoopbackServer> {
  const state = createSageMakerState(account, region, () => new Date());
  const ask = withAnyInstanceType((_, request) => forward(request, moto));
  return serveLoopback(async (request) => {
    const operation = /^SageMaker\.(\w+)$/.exec(request.headers['x-amz-target'] ?? '')?.[1];
    if (operation === undefined) return forward(request, moto);
    try {
      const answer = state(operation, parsed(request.body));
      return answer === undefined ? await ask(operation, request) : json(200, answer);
    } catch (error) {
      if (!(error instanceof SageMakerFault)) throw error;
      return json(400, { __type: error.code, message: error.message });
    }
  });
}

const parsed = (body: string): unknown => (body === '' ? {} : JSON.parse(body));

const json = (status: number, body: unknown): LoopbackAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
