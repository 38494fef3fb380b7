import type { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, vi } from 'vitest';

/*
 * Runs before every test file of those that share a process (see vitest.config.ts), so that none leaves anything to the
 * next: no variable of the environment, no clock, and no client of AWS that answers what another file made up.
 */

interface Mock {
  readonly restore: () => void;
}

declare global {
  var mocksOfClients: Set<Mock> | undefined;
}

// Of the process: this file is run anew for each test file, and the module that it wraps is not.
const mocks = vi.hoisted(() => {
  globalThis.mocksOfClients ??= new Set<Mock>();
  return globalThis.mocksOfClients;
});

vi.mock('aws-sdk-client-mock', async (original) => {
  const real = await original<{ readonly mockClient: typeof mockClient }>();
  return {
    ...real,
    mockClient: (...args: Parameters<typeof mockClient>) => {
      const mock = real.mockClient(...args);
      mocks.add(mock);
      return mock;
    },
  };
});

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const mock of mocks) mock.restore();
  mocks.clear();
});
