import { describe, expect, it } from 'vitest';
import { describeTypes } from '../../lib/fleet/describe-types.ts';
import { instanceFacts } from '../../lib/fleet/instance-facts.ts';
import { cheapestSpot } from '../../lib/fleet/spot-cheapest.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { setSpotPrice } from '../../lib/simulate/account/ec2-spot-prices.ts';
import { NOW, usd } from '../fleet/fixtures.ts';

describe('the account in memory', () => {
  const account = createAccount(() => NOW);
  const { ec2 } = account.clientsOf('us-east-1');

  it('describes instance types as the table has them', async () => {
    const asked = ['ml.g5.12xlarge', 'm7g.large', 'p4d.24xlarge', 'g6e.xlarge', 'x9.unheard'];
    const facts = await describeTypes(asked, ec2);
    expect(facts).toEqual(new Map(asked.slice(0, 4).map((type) => [type, instanceFacts(type)])));
  });

  it('has Spot prices by zone, of which the cheapest is found', async () => {
    const market = { instanceType: 'g5.xlarge', product: 'Linux/UNIX' };
    const from = new Date(NOW.getTime() - 3_600_000);
    setSpotPrice(account, { ...market, zone: 'us-east-1a' }, { from, price: '0.5' });
    setSpotPrice(account, { ...market, zone: 'us-east-1b' }, { from, price: '0.45' });
    expect(await cheapestSpot(ec2, 'g5.xlarge', NOW)).toEqual({ zone: 'us-east-1b', hourly: usd('0.45') });
  });
});
