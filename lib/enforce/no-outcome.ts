import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';

/** Of what was carried out without a word of what became of it. */
export const lost = (at: Date): Outcome => ({
  status: 'failed',
  at,
  code: 'NoOutcome',
  detail: 'Its kind gave no outcome.',
  retry: true,
});

/** Of a resource that Bursar has no means to touch. */
export const outOfScope = ({ kind, region }: Resource, at: Date): Outcome => ({
  status: 'skipped',
  at,
  code: 'OutOfScope',
  detail: `No resource of kind ${kind} in ${region} is in the scope of the policy.`,
});
