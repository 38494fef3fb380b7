import { startSageMakerFront } from '../../lib/sandbox/sagemaker-front.ts';
import { ACCOUNT, REGION } from '../fleet/fixtures.ts';
import { startMoto } from './moto.ts';

/**
 * A moto server of its own with the sandbox's front before it, on free loopback ports.
 * @throws Error with what moto wrote, where it does not come up.
 */
export async function startSageMaker(): Promise<{
  /** For the `endpoint` of any AWS client; what is not SageMaker reaches moto as it is. */
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}> {
  const moto = await startMoto();
  const front = await startSageMakerFront({ moto: moto.endpoint, account: ACCOUNT, region: REGION });
  return {
    endpoint: front.url,
    stop: async () => {
      await front.stop();
      await moto.stop();
    },
  };
}
