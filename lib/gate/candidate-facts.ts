import { instanceFacts } from '../fleet/instance-facts.ts';
import type { CandidateFacts } from '../types/gate.ts';

/** What is known of an instance type, `ml.` or not; of one that is in no table only its name. */
export const candidateFacts = (type: string): CandidateFacts => ({
  memoryGiB: undefined,
  gpus: undefined,
  ...instanceFacts(type),
  type,
});
