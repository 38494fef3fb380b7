import { join } from 'node:path';
import { ROOT } from '../../lib/sandbox/local-aws.ts';
import { freePort, startServer } from '../../lib/sandbox/server.ts';

export interface Moto {
  /** `http://127.0.0.1:<port>`, for the `endpoint` of any AWS client. */
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a moto server of its own on a free loopback port and waits until it answers.
 * @throws Error with what it wrote, where it does not come up.
 */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const { stop } = await startServer({
    name: 'moto',
    command: join(ROOT, '.venv', 'bin', 'moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(port)],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    probe: `${endpoint}/moto-api/data.json`,
  });
  return { endpoint, stop };
}
