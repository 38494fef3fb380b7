import { createColors } from 'picocolors';
import { afterEach, vi } from 'vitest';
import type { ExitCode, Io } from '../../lib/cli/io.ts';
import { runCli } from '../../lib/cli/run.ts';
import type { FakeBursar } from './fake-bursar.ts';

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** The time that a command takes for now. */
export const NOW = new Date('2026-11-25T10:30:00.000Z');

/** What a command has of the world, without colours, and what it says: each line as it was written. */
export function recordedIo(world: Partial<Io> = {}): {
  readonly io: Io;
  readonly said: { out: string; err: string };
} {
  const said = { out: '', err: '' };
  const io: Io = {
    out: (line) => {
      said.out += `${line}\n`;
    },
    err: (line) => {
      said.err += `${line}\n`;
    },
    outColours: createColors(false),
    errColours: createColors(false),
    width: undefined,
    lively: false,
    confirm: undefined,
    now: () => NOW,
    sleep: async () => {},
    ...world,
  };
  return { io, said };
}

/** Runs a command in this process, without colours, on a clock that only its waiting moves. */
export async function run(args: readonly string[], world: Partial<Io> = {}): Promise<Ran> {
  let now = NOW.getTime();
  const { io, said } = recordedIo({
    now: () => new Date(now),
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    ...world,
  });
  return { code: await runCli(args, io), ...said };
}

/** Points the SDK at the fake and away from whatever this computer is signed in to. */
export function useFake(fake: FakeBursar): void {
  for (const [name, value] of Object.entries(fake.env)) vi.stubEnv(name, value);
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'BURSAR_STACK']) vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nowhere');
}

afterEach(() => {
  vi.unstubAllEnvs();
});
