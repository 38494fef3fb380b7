import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { answering } from './answering.ts';
import type { AccountState, Member } from './state.ts';

/** An EC2 Auto Scaling group of instances of one type; each does what `use` says. */
export interface MemoryGroup extends Member {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

/** EC2 Auto Scaling of one region. */
export function autoScalingIn(_state: AccountState, region: string): AutoScalingClient {
  return answering(new AutoScalingClient({ region })).client;
}
