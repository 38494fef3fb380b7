import { type Policy, tagOf } from '../policy/policy.ts';

/** Why something is taken for work that may be broken off and done again. */
export interface Interruptible {
  /** `stated` by a tag, or only `named` so. */
  readonly by: 'stated' | 'named';
  /** One sentence. */
  readonly why: string;
}

const YES = new Set(['true', 'yes', '1']);
/** Whole words of a name; a `worker` may serve people. */
const NAMES = /(?:^|[-_. /])(batch|jobs?|etl|transcod(?:e|er|ing)|render(?:er|ing)?)(?:$|[-_. /0-9])/i;

/** True where somebody has said that it must not be broken off, whatever it is called. */
export function saysNo(tags: Readonly<Record<string, string>>): boolean {
  const stated = tagOf(tags, 'interruptible');
  return stated !== undefined && !YES.has(stated.toLowerCase());
}

/** By its tags `interruptible: true` and `workload: batch`, or by its name. `undefined` where nothing says so. */
export function interruptible(
  name: string | undefined,
  tags: Readonly<Record<string, string>>,
): Interruptible | undefined {
  if (saysNo(tags)) return undefined;
  const stated = tagOf(tags, 'interruptible')?.toLowerCase();
  if (stated !== undefined) return { by: 'stated', why: `Its tag interruptible says ${stated}.` };
  if (tagOf(tags, 'workload')?.toLowerCase() === 'batch') {
    return { by: 'stated', why: 'Its tag workload says batch.' };
  }
  return name !== undefined && NAMES.test(name) ? { by: 'named', why: `It is named ${name}.` } : undefined;
}

/** True of what its environment says people depend on; only a tag of its own makes that interruptible. */
export const isProduction = (tags: Readonly<Record<string, string>>, policy: Policy): boolean =>
  /^(?:prod|production|live)$/i.test(tagOf(tags, policy.tags.environment) ?? '');
