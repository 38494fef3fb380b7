import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { lambda } from '../../lambdas/lambda.ts';
import { context, quietConsole } from './fixtures.ts';

const EnvironmentSchema = z.object({
  LEDGER_TABLE: z.string().min(1),
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
});
type Environment = z.infer<typeof EnvironmentSchema>;

let quiet: ReturnType<typeof quietConsole>;
beforeEach(() => {
  quiet = quietConsole();
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('LEDGER_TABLE', 'ledger');
  vi.stubEnv('ACCOUNT_ID', '391613010373');
});
afterEach(() => {
  vi.unstubAllEnvs();
  quiet.restore();
});

/** A handler that answers with its environment, and how often it was built. */
function echo(
  build: (environment: Environment) => Promise<Environment> = async (environment) => environment,
) {
  const built = vi.fn(build);
  const handler = lambda<Environment, Environment, unknown>({
    name: 'echo',
    environment: EnvironmentSchema,
    build: built,
    handle: async (event, deps) => ({ event, deps }),
  });
  return { built, call: (event: unknown = {}) => handler(event, context) };
}

describe('a handler', () => {
  it('is given its event and what was built of its environment', async () => {
    expect(await echo().call({ hello: 1 })).toEqual({
      event: { hello: 1 },
      deps: { LEDGER_TABLE: 'ledger', ACCOUNT_ID: '391613010373' },
    });
  });

  it('is built once, also for calls at the same time', async () => {
    const { built, call } = echo();
    await Promise.all([call(), call()]);
    await call();
    expect(built).toHaveBeenCalledTimes(1);
  });

  it('is not built before the first call', () => {
    expect(echo().built).not.toHaveBeenCalled();
  });
});

describe('a wrong environment', () => {
  it('is one error that names the handler and each mistake, and no secret', async () => {
    vi.stubEnv('LEDGER_TABLE', undefined);
    vi.stubEnv('ACCOUNT_ID', '391-613-010373');
    const { built, call } = echo();
    const error = await call().then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    expect(error).toMatch(/^echo: the environment is wrong\.\n/);
    expect(error).toContain('LEDGER_TABLE');
    expect(error).toContain('ACCOUNT_ID');
    expect(error).not.toContain('391-613-010373');
    expect(built).not.toHaveBeenCalled();
  });

  it('that is mended is good at the next call', async () => {
    vi.stubEnv('LEDGER_TABLE', '');
    const { call } = echo();
    await expect(call()).rejects.toThrow('the environment is wrong');
    await expect(call()).rejects.toThrow('the environment is wrong');
    vi.stubEnv('LEDGER_TABLE', 'ledger');
    expect(await call()).toMatchObject({ deps: { LEDGER_TABLE: 'ledger' } });
  });
});

it('a dependency that is out for a moment is tried again at the next call', async () => {
  const { built, call } = echo(
    vi
      .fn<(environment: Environment) => Promise<Environment>>()
      .mockRejectedValueOnce(new Error('S3 is out'))
      .mockImplementation(async (environment) => environment),
  );
  await expect(call()).rejects.toThrow('S3 is out');
  await expect(call()).resolves.toBeDefined();
  expect(built).toHaveBeenCalledTimes(2);
});
