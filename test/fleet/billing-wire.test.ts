import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBilledDays } from '../../lib/fleet/billing.ts';
import { createCostExplorerClient } from '../../lib/fleet/clients.ts';
import { setBilled } from '../../lib/sandbox/billing.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, usd, useEndpoint } from './fixtures.ts';

let moto: Moto;
let client: CostExplorerClient;
let restoreEnvironment: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restoreEnvironment = useEndpoint(moto.endpoint);
  client = createCostExplorerClient();
}, 60_000);

afterAll(async () => {
  client?.destroy();
  restoreEnvironment?.();
  await moto?.stop();
});

const read = (from: string, to: string) =>
  readBilledDays(client, { tagKey: 'project', from, to, request: async () => true });

// moto tracks no cost and looks at no parameter: it answers with what it was told, in the form of AWS.
it('what was billed is read on the wire', async () => {
  await setBilled(
    moto.endpoint,
    {
      '2026-11-24': { fraud: { 'Amazon SageMaker': '12.5', 'AWS Lambda': '1.2E-7' } },
      '2026-11-25': { '': { 'EC2 - Other': '-0.75' } },
    },
    { account: ACCOUNT },
  );
  expect(await read('2026-11-24', '2026-11-25')).toEqual({
    state: 'read',
    billed: new Map([
      ['2026-11-24', new Map([['fraud', new Map([['Amazon SageMaker', usd('12.5')]])]])],
      ['2026-11-25', new Map([['', new Map([['EC2 - Other', usd('-0.75')]])]])],
    ]),
  });
});

it('an account without costs has days without any', async () => {
  expect(await read('2026-10-01', '2026-10-02')).toEqual({
    state: 'read',
    billed: new Map([
      ['2026-10-01', new Map()],
      ['2026-10-02', new Map()],
    ]),
  });
});
