import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { answering } from './answering.ts';
import type { AccountState, Member } from './state.ts';

/** An EBS volume; `type` is its volume type. */
export interface MemoryVolume extends Member {
  readonly id: string;
  readonly gib: number;
}

/** A NAT gateway. */
export interface MemoryGateway extends Member {
  readonly id: string;
}

/** A load balancer; `type` is `application`, `network` or `gateway`. */
export interface MemoryBalancer extends Member {
  readonly arn: string;
  readonly name: string;
}

/** Load balancers of one region. */
export function balancersIn(_state: AccountState, region: string): ElasticLoadBalancingV2Client {
  return answering(new ElasticLoadBalancingV2Client({ region })).client;
}
