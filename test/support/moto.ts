import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../../.venv/bin/moto_server', import.meta.url));
const DEADLINE_MS = 30_000;
const POLL_MS = 50;

export interface Moto {
  /** `http://127.0.0.1:<port>`, for the `endpoint` of any AWS client. */
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** A loopback port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no loopback port could be had');
  return address.port;
}

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Ends the server and waits until it is gone. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}

/**
 * Starts a moto server of its own on a free loopback port and waits until it answers.
 * @throws Error where it is not there within 30 s, with what it wrote to stderr.
 */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(SERVER, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.once('exit', () => server.kill('SIGKILL'));
  let stderr = '';
  let failure: Error | undefined;
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    // The tail alone: the server logs each request here.
    stderr = (stderr + text).slice(-4_000);
  });
  server.on('error', (error) => {
    failure = error;
  });
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  while (!(await answers(endpoint))) {
    const dead = failure !== undefined || server.exitCode !== null;
    if (dead || deadline.aborted) {
      await end(server);
      throw new Error(
        `${SERVER} ${dead ? 'ended' : `did not answer within ${DEADLINE_MS / 1_000} s`}:\n${stderr}`,
        { cause: failure },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { endpoint, stop: () => end(server) };
}
