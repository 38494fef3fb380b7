import type { Resource } from '../types/resource.ts';
import type { MemoryAccount } from './account/account.ts';
import { ADOPTED_BY_EC2, adoptEc2 } from './account/adopt-ec2.ts';
import { adoptRds } from './account/adopt-rds.ts';
import { adoptSagemaker } from './account/adopt-sagemaker.ts';
import type { Use } from './account/use.ts';

/** What its metrics show is recorded, so that nothing need be made up. */
const RECORDED = { use: (): Use => ({}) };

/** Puts a resource that was discovered elsewhere into an account in memory, where it is discovered as the same. */
export function adopt(account: MemoryAccount, resource: Resource, isProtected = false): void {
  if (ADOPTED_BY_EC2.has(resource.kind)) adoptEc2(account, resource, { ...RECORDED, isProtected });
  else if (resource.kind === 'rds-instance') adoptRds(account, resource, RECORDED);
  else adoptSagemaker(account, resource, RECORDED);
}
