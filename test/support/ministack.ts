import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../lib/sandbox/local-aws.ts';
import { freePort, startServer } from '../../lib/sandbox/server.ts';

export interface MiniStack {
  /** `http://127.0.0.1:<port>`, for the `endpoint` of any AWS client. */
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a MiniStack of its own on a free loopback port, for the account of moto, and waits until it answers.
 * @throws Error with what it wrote, where it does not come up.
 */
export async function startMiniStack(): Promise<MiniStack> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const scratch = mkdtempSync(join(tmpdir(), 'bursar-ministack-'));
  const { stop } = await startServer({
    name: 'MiniStack',
    command: join(ROOT, '.venv', 'bin', 'ministack'),
    args: [],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: scratch,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_ACCOUNT_ID: '123456789012',
      MINISTACK_REGION: 'us-east-1',
      LAMBDA_EXECUTOR: 'local',
      // Its MQTT listener has one fixed port, which two of them would fight for.
      IOT_MTLS_ENABLED: 'false',
      STATE_DIR: join(scratch, 'state'),
      S3_DATA_DIR: join(scratch, 's3'),
    },
    probe: `${endpoint}/_ministack/health`,
  });
  return {
    endpoint,
    stop: async () => {
      await stop();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
