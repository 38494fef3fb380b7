import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerSpec {
  /** For messages: `MiniStack`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A URL that answers with a 2xx status once the server is up. */
  readonly probe: string;
}

export interface Server {
  /** The last few thousand characters that it wrote. */
  readonly log: () => string;
  /** Ends it with everything it started, and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

const UP_WITHIN_MS = 60_000;
const GONE_WITHIN_MS = 3_000;
const POLL_MS = 50;
const LOG_CHARACTERS = 20_000;

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No loopback port could be had.');
  return address.port;
}

/**
 * Starts a server and waits until it answers.
 * @throws Error with what it wrote, where it ends at once or is not up within a minute.
 */
export async function startServer({ name, command, args, env, probe }: ServerSpec): Promise<Server> {
  let log = '';
  let failure: Error | undefined;
  // A process group of its own, so that what it starts (the Lambdas' workers) ends with it.
  const child = spawn(command, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-LOG_CHARACTERS);
    });
  }
  child.on('error', (error) => {
    failure = error;
  });
  const atExit = (): void => signal(child, 'SIGKILL');
  process.once('exit', atExit);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', atExit);
    await end(child);
  };

  const deadline = Date.now() + UP_WITHIN_MS;
  while (!(await answers(probe))) {
    const ended = failure !== undefined || child.exitCode !== null;
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(
        `${name} ${ended ? 'ended at once' : `did not answer within ${UP_WITHIN_MS / 1000} s`}.\n${log.slice(-2_000)}`,
        { cause: failure },
      );
    }
    await sleep(POLL_MS);
  }
  return { log: () => log, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return ok;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    signal(child, 'SIGKILL');
    return;
  }
  const gone = once(child, 'exit');
  signal(child, 'SIGTERM');
  const killer = setTimeout(() => signal(child, 'SIGKILL'), GONE_WITHIN_MS);
  await gone;
  clearTimeout(killer);
  signal(child, 'SIGKILL');
}

/** To the whole group; one that is gone already is no error. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
