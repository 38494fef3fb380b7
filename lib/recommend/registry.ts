import type { Check } from './check.ts';
import { endpointFit } from './endpoint-fit.ts';
import { gp2ToGp3 } from './gp2-to-gp3.ts';
import { idleCompute } from './idle-compute.ts';
import { logRetention } from './log-retention.ts';
import { oldSnapshot } from './old-snapshot.ts';
import { s3Tiering } from './s3-tiering.ts';
import { savingsPlans } from './savings-plans.ts';
import { spotForBatch } from './spot-for-batch.ts';
import { unassociatedAddress } from './unassociated-address.ts';
import { unattachedVolume } from './unattached-volume.ts';
import { underusedDatabase } from './underused-database.ts';
import { underusedInstance } from './underused-instance.ts';

/** Every check there is. A new one is one file and one line here. */
export const checks: readonly Check[] = [
  idleCompute,
  underusedInstance,
  underusedDatabase,
  endpointFit,
  spotForBatch,
  savingsPlans,
  gp2ToGp3,
  unattachedVolume,
  oldSnapshot,
  unassociatedAddress,
  s3Tiering,
  logRetention,
];
