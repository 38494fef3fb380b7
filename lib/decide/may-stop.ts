import type { NamedPolicy } from '../policy/policy.ts';

/** True where some rule of the policy stops: where none does (production), a slip of the finger must not either. */
export const mayStop = ({ idle, budget, launch }: NamedPolicy): boolean =>
  (idle !== 'off' && idle.do === 'stop') || budget.some((rule) => rule.do !== 'notify') || launch === 'stop';
