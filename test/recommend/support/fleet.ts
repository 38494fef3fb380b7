import { createAccount } from '../../../lib/simulate/account/account.ts';
import type { Resource } from '../../../lib/types/resource.ts';
import { usd } from '../../decide/fixtures.ts';
import { ACCOUNT, daysAgo, NOW, REGION } from './context.ts';

export const dev = { project: 'recsys', environment: 'dev', owner: 'team-beta' };

/** A running instance of the fleet, at a price. */
export const instanceOf = (
  id: string,
  size: string,
  hourly: string,
  change: Partial<Resource> = {},
): Resource => ({
  kind: 'ec2-instance',
  arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`,
  id,
  account: ACCOUNT,
  region: REGION,
  tags: dev,
  state: 'running',
  since: daysAgo(60),
  size,
  protections: [],
  hourly: usd(hourly),
  ...change,
});

/** Clients of an account in memory in which these instances are, as EC2 describes them. */
export function clientsWith(instances: readonly Resource[]) {
  const account = createAccount(() => NOW);
  for (const { id, size, tags, since } of instances) {
    account.instances.set(id, { id, type: size, tags, since, use: () => undefined });
  }
  return account.clients;
}
