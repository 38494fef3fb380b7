import { type CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBilledDays, readBilledMonths } from '../../lib/fleet/billing.ts';
import { createCostExplorerClient } from '../../lib/fleet/clients.ts';
import { type BilledDays, setBilled } from '../../lib/sandbox/billing.ts';
import { ACCOUNT } from '../../lib/sandbox/local-aws.ts';
import { usd } from '../fleet/fixtures.ts';
import { itIf, type Side } from './both.ts';

const SAGEMAKER = 'Amazon SageMaker';

/** The day so many days before now. */
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Sets what was billed; on the local AWS as the answer to the next new question. */
async function setBills(side: Side, days: BilledDays): Promise<void> {
  if (side.name === 'local AWS') {
    await setBilled(side.local.endpoints['cost-explorer'] ?? '', days, { account: ACCOUNT });
    return;
  }
  const bills = Object.entries(days).flatMap(([day, projects]) =>
    Object.entries(projects).flatMap(([project, services]) =>
      Object.entries(services).map(([service, amount]) => ({ day, project, service, usd: Number(amount) })),
    ),
  );
  side.account.bills.splice(0, Number.POSITIVE_INFINITY, ...bills);
}

/** All that Cost Explorer is asked. */
export function costExplorerSuite(side: () => Side, name: Side['name']): void {
  describe('Cost Explorer', () => {
    let client: CostExplorerClient;
    beforeAll(() => {
      const one = side();
      client = one.name === 'in memory' ? one.account.costExplorer : createCostExplorerClient();
    });
    afterAll(() => client?.destroy());
    const question = (from: string, to: string) => ({
      tagKey: 'project',
      from,
      to,
      request: async () => true,
    });

    it('tells what was billed of each day, by project and service', async () => {
      await setBills(side(), {
        [daysAgo(3)]: { fraud: { [SAGEMAKER]: '12.5', 'AWS Lambda': '0.25' } },
        [daysAgo(2)]: { '': { 'EC2 - Other': '-0.75' } },
      });
      expect(await readBilledDays(client, question(daysAgo(3), daysAgo(1)))).toEqual({
        state: 'read',
        billed: new Map([
          [
            daysAgo(3),
            new Map([
              [
                'fraud',
                new Map([
                  [SAGEMAKER, usd('12.5')],
                  ['AWS Lambda', usd('0.25')],
                ]),
              ],
            ]),
          ],
          [daysAgo(2), new Map([['', new Map([['EC2 - Other', usd('-0.75')]])]])],
          [daysAgo(1), new Map()],
        ]),
      });
    });

    it('tells what was billed of a month, by project', async () => {
      const month = daysAgo(40).slice(0, 7);
      // One answer for the month, as moto gives what it is told.
      await setBills(side(), { [`${month}-01`]: { fraud: { [SAGEMAKER]: '100.5', Compute: '2' } } });
      expect(await readBilledMonths(client, question(month, month))).toEqual({
        state: 'read',
        billed: new Map([[month, new Map([['fraud', usd('102.5')]])]]),
      });
    });

    it('tells of days without costs that there were none', async () => {
      await setBills(side(), {});
      expect(await readBilledDays(client, question(daysAgo(9), daysAgo(8)))).toEqual({
        state: 'read',
        billed: new Map([
          [daysAgo(9), new Map()],
          [daysAgo(8), new Map()],
        ]),
      });
    });

    const backwards = () =>
      client.send(
        new GetCostAndUsageCommand({
          TimePeriod: { Start: daysAgo(1), End: daysAgo(5) },
          Granularity: 'DAILY',
          Metrics: ['AmortizedCost'],
        }),
      );

    itIf(name === 'in memory')('refuses a span that ends before it begins', async () => {
      await expect(backwards()).rejects.toMatchObject({ name: 'ValidationException' });
    });

    itIf(name === 'local AWS')('moto looks at no parameter, AWS refuses what makes no sense', async () => {
      expect((await backwards()).ResultsByTime ?? []).toEqual([]);
    });
  });
}
