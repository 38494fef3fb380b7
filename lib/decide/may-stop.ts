import { matchPolicy, type NamedPolicy, type Policy } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import { stopsAtClosing } from './hours.ts';

/** True where some rule of the policy stops what runs, not only what is launched. */
export const stopsWhatRuns = ({ idle, budget, hours, maxRuntime }: NamedPolicy): boolean =>
  (idle !== 'off' && idle.do === 'stop') ||
  budget.some((rule) => rule.do !== 'notify') ||
  hours?.some(stopsAtClosing) === true ||
  maxRuntime?.do === 'stop';

/** True where some rule of the policy stops: where none does (production), a slip of the finger must not either. */
export const mayStop = (matched: NamedPolicy): boolean => stopsWhatRuns(matched) || matched.launch === 'stop';

/**
 * Why the rule for what has no project spares this one, one sentence; `undefined` = it does not. What its other tags put
 * under a policy that stops nothing, such as production, must not be lost by a tag that was forgotten.
 */
export function sparedUntagged(
  { tags, consent }: Pick<Resource, 'tags' | 'consent'>,
  policy: Policy,
): string | undefined {
  if (consent !== undefined) {
    return 'It is not stopped: what cannot be brought back as it was needs a project whose policy allows that.';
  }
  const matched = matchPolicy(policy, tags);
  return matched !== undefined && spares(matched)
    ? `It is not stopped: policy ${matched.name} names it, and stops nothing.`
    : undefined;
}

/** True of a policy that names resources by their tags and stops none that runs; one for all the rest names nothing. */
const spares = (matched: NamedPolicy): boolean =>
  Object.keys(matched.match).length > 0 && !stopsWhatRuns(matched);
