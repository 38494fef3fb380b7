import type { NamedPolicy } from '../policy/policy.ts';

/** True where some rule of the policy stops what runs, not only what is launched. */
export const stopsWhatRuns = ({ idle, budget }: NamedPolicy): boolean =>
  (idle !== 'off' && idle.do === 'stop') || budget.some((rule) => rule.do !== 'notify');

/** True where some rule of the policy stops: where none does (production), a slip of the finger must not either. */
export const mayStop = (matched: NamedPolicy): boolean => stopsWhatRuns(matched) || matched.launch === 'stop';
