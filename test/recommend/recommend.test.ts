import { describe, expect, it } from 'vitest';
import { createS3Client } from '../../lib/bill/clients.ts';
import { createCostExplorerClient, createRegionClients } from '../../lib/fleet/clients.ts';
import { pricesOf } from '../../lib/fleet/discover.ts';
import type { Check } from '../../lib/recommend/check.ts';
import { createLogsClient } from '../../lib/recommend/clients.ts';
import { monthlyOf, recommend } from '../../lib/recommend/recommend.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Dismissal, Recommendation } from '../../lib/types/recommendation.ts';
import { policyOf } from '../decide/fixtures.ts';
import { resource } from '../savings/fixtures.ts';
import { recommendation, VOLUME } from './fixtures.ts';

const NOW = new Date('2026-11-25T12:00:00.000Z');
const usd = (dollars: number) => microUsd(BigInt(dollars) * 1_000_000n);

const check = (name: string, scope: Check['scope'], find: Check['find']): Check => ({
  name,
  title: `What ${name} looks for`,
  scope,
  permissions: [],
  find,
});
const finds = (...found: readonly Recommendation[]): Check => check('finds', 'region', async () => found);

function run(checks: readonly Check[], dismissed: readonly Dismissal[] = [], project?: string) {
  const regions = new Map(
    ['us-east-1', 'eu-west-1'].map((region) => [
      region,
      {
        account: '111122223333',
        region,
        clients: createRegionClients(region),
        prices: pricesOf(new Map()),
        now: () => NOW,
      },
    ]),
  );
  return recommend(
    {
      policy: policyOf([], { dismissed }),
      checks,
      regions,
      s3: createS3Client,
      logs: createLogsClient,
      costExplorer: createCostExplorerClient(),
      fleet: [resource('i-0here', { region: 'us-east-1' }), resource('i-0there', { region: 'eu-west-1' })],
      now: NOW,
    },
    project,
  );
}

describe('recommendations', () => {
  it('asks checks of a region in each with what is there, and those of the account once', async () => {
    const asked: string[] = [];
    const note = (name: string, scope: Check['scope']) =>
      check(name, scope, async ({ region, fleet }) => {
        asked.push(`${name} ${region} ${fleet.map(({ id }) => id)}`);
        return [];
      });
    await run([note('local', 'region'), note('whole', 'account')]);
    expect(asked.sort()).toEqual([
      'local eu-west-1 i-0there',
      'local us-east-1 i-0here',
      'whole us-east-1 i-0here',
    ]);
  });

  it('puts the dearest first, and counts of two for one resource the larger alone', async () => {
    const stop = recommendation({ check: 'idle-compute', monthly: usd(30) });
    const resize = recommendation({ check: 'underused-instance', monthly: usd(12) });
    const other = recommendation({ resource: { arn: `${VOLUME}b` }, monthly: usd(20) });
    const check = { ...finds(), scope: 'account' as const, find: async () => [resize, other, stop] };
    const { open, monthly } = await run([check]);
    expect(open.map(({ id }) => id)).toEqual([stop.id, other.id, resize.id]);
    expect(monthly).toBe(usd(50));
    expect(monthlyOf([])).toBe(0n);
  });

  it('names what could not be looked at, and goes on with the rest', async () => {
    const denied = Object.assign(new Error('not authorized to perform: ec2:DescribeVolumes'), {
      name: 'UnauthorizedOperation',
    });
    const fails = check('fails', 'region', async ({ region }) => {
      if (region === 'us-east-1') throw denied;
      return [recommendation()];
    });
    const { open, notes } = await run([fails]);
    expect(open).toHaveLength(1);
    expect(notes).toEqual([
      '“What fails looks for” could not be looked for in us-east-1: UnauthorizedOperation: not authorized to perform: ec2:DescribeVolumes',
    ]);
  });

  it('leaves out what is dismissed to the end of its last day, by its id or for the whole resource', async () => {
    const found = { ...finds(), scope: 'account' as const, find: async () => [recommendation()] };
    const dismissal = (recommendation: string, until: string): Dismissal => ({
      recommendation,
      until,
      reason: 'moves in January',
    });
    const outcome = async (one: Dismissal) => {
      const { open, dismissed, monthly } = await run([found], [one]);
      return [open.length, dismissed.map(({ dismissal }) => dismissal.reason), monthly];
    };
    const away = [0, ['moves in January'], 0n];
    expect(await outcome(dismissal(`gp2-to-gp3 ${VOLUME}`, '2026-11-25'))).toEqual(away);
    expect(await outcome(dismissal(`* ${VOLUME}`, '2027-01-31'))).toEqual(away);
    const back = [1, [], usd(10)];
    expect(await outcome(dismissal(`gp2-to-gp3 ${VOLUME}`, '2026-11-24'))).toEqual(back);
    expect(await outcome(dismissal(`idle-compute ${VOLUME}`, '2027-01-31'))).toEqual(back);
  });

  it('is about one project where it is asked so', async () => {
    const other = recommendation({ resource: { arn: `${VOLUME}b`, project: 'fraud' } });
    const check = { ...finds(), scope: 'account' as const, find: async () => [recommendation(), other] };
    expect((await run([check], [], 'fraud')).open).toEqual([other]);
  });
});
