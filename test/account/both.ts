import { afterAll, beforeAll, describe, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { type LocalAws, startLocalAws } from '../../lib/sandbox/local-aws.ts';
import { createAccount, type MemoryAccount } from '../../lib/simulate/account/account.ts';

/*
 * One suite, two accounts: the one in memory, which simulations run on, and the local AWS. What holds of one holds of
 * the other; where the local AWS is known to answer otherwise than AWS, the test says so, and the account in memory
 * does as AWS does.
 */

/** An account to test against. */
export type Side = {
  readonly clients: (region: string) => RegionClients;
} & (
  | { readonly name: 'in memory'; readonly account: MemoryAccount }
  | { readonly name: 'local AWS'; readonly local: LocalAws }
);

/**
 * Defines the same suite for both accounts. `define` is given a way to get the account, for use within tests and hooks,
 * and which one it is, for what one of them cannot show (`itIf(name === 'in memory')`).
 * Each file starts one local AWS for all its suites of this call.
 */
export function onBoth(what: string, define: (side: () => Side, name: Side['name']) => void): void {
  describe(`${what}, in memory`, () => {
    let side: Side | undefined;
    beforeAll(() => {
      const account = createAccount(() => new Date());
      side = { name: 'in memory', account, clients: account.clientsOf };
    });
    define(() => started(side), 'in memory');
  });
  describe(`${what}, on the local AWS`, () => {
    let side: Side | undefined;
    let local: LocalAws | undefined;
    const clients = new Map<string, RegionClients>();
    const before = { ...process.env };
    beforeAll(async () => {
      local = await startLocalAws();
      Object.assign(process.env, local.env);
      side = {
        name: 'local AWS',
        local,
        clients: (region) => {
          const made = clients.get(region) ?? createRegionClients(region);
          clients.set(region, made);
          return made;
        },
      };
    }, 60_000);
    afterAll(async () => {
      for (const some of clients.values()) for (const client of Object.values(some)) client.destroy();
      for (const name of Object.keys(local?.env ?? {})) {
        const value = before[name];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await local?.stop();
    });
    define(() => started(side), 'local AWS');
  });
}

function started(side: Side | undefined): Side {
  if (side === undefined)
    throw new Error('The account is not there yet: ask for it within a test or a hook.');
  return side;
}

/** A test of one of the two: where it is not of this one there is none, since nothing is left out. */
export const itIf =
  (isHere: boolean) =>
  (what: string, test: () => Promise<void> | void, timeout?: number): void => {
    if (isHere) it(what, test, timeout);
  };

/** Tests of one of the two. */
export const describeIf =
  (isHere: boolean) =>
  (what: string, tests: () => void): void => {
    if (isHere) describe(what, tests);
  };
